"""Who a plant is and what is fitted to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
import re

_RATING = re.compile(r"-(\d{1,3}(?:\.\d)?)[LH]")
_SERIAL = re.compile(r"[0-9A-F]{12}")


class Feature(StrEnum):
    """A part that a plant may have. No entity exists for a part that is not fitted."""

    PV_1 = "pv_1"
    PV_2 = "pv_2"
    PV_3 = "pv_3"
    PV_4 = "pv_4"
    PHASE_2 = "phase_2"
    PHASE_3 = "phase_3"
    BATTERY = "battery"
    GRID_METER = "grid_meter"
    GENERATOR = "generator"
    AC_PV = "ac_pv"


class StickModel(StrEnum):
    """DTU models by serial prefix (facts/local-protocol.md section 1)."""

    DTS_WIFI_G1 = "DTS-WIFI-G1"
    DTS_WL_G3 = "DTS-WL-G3"


_STICKS: Mapping[str, StickModel] = {
    "4301": StickModel.DTS_WIFI_G1,
    "4305": StickModel.DTS_WL_G3,
}


@dataclass(frozen=True, kw_only=True)
class PlantIdentity:
    """What a link found out about a plant when it was asked who it is."""

    model: str | None
    """Inverter model as the device tells it, e.g. ``HIT-15L-G3``."""

    features: frozenset[Feature] = frozenset()
    firmware: Mapping[str, str] = field(default_factory=dict)
    """Version text by part (``power_dsp``, ``safety_dsp``, ``stick``...)."""

    serial: str | None = None
    """DTU serial, where the link tells it. Modbus does not."""

    inverters: int = 1
    """How many take a command together, where the link tells it. Modbus commands none
    of several."""

    @property
    def rated_power(self) -> int | None:
        """Rated power of one inverter in W, read from the model name; None when it has none."""
        match = _RATING.search(self.model or "")
        return round(float(match.group(1)) * 1000) if match else None


def normalize_serial(text: str) -> str | None:
    """Return a DTU serial in its printed form, or None when it is not one.

    Twelve digits as on the label (facts/local-protocol.md section 1); the digits are
    hexadecimal on the wire. Blanks and dashes between them are forgiven.
    """
    serial = re.sub(r"[\s-]", "", text).upper()
    return serial if _SERIAL.fullmatch(serial) else None


def stick_model(serial: str) -> StickModel | None:
    """Name the stick's model by the first four digits of its serial."""
    return _STICKS.get(serial[:4])
