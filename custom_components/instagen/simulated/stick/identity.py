"""Who a simulated stick is, and who is behind it."""

from dataclasses import dataclass
from typing import Final

from ..config import PlantConfig
from .packing import version

ENCRYPTED: Final = 1 << 25
"""Bit of the flags that says so (facts/protobuf-10081.md section 10)."""

KIND_INVERTER: Final = 6
"""Device type of a hybrid inverter (facts/local-protocol.md section 1)."""

_FLEET: Final = 0x10000
"""Between the serials of neighbours in a plant with several inverters."""


@dataclass(frozen=True, kw_only=True)
class StickConfig:
    """A stick before it runs. The default is that of issue #88: a DTS-WIFI-G1."""

    software: int = version(1, 0, 9)
    hardware: int = version(11, 1, 1)
    wifi_version: str = "2.3.0.0-dev"
    region: int = 21
    encrypted: bool = False
    """Whether the stick flags that it wants encryption; nobody knows how to answer."""

    tells_packs: bool = False
    """Whether storage data lists every battery pack, as newer sticks do."""

    newer: bool = False
    """Whether storage data has the temperatures and rails that newer sticks add."""

    answers_mode_read: bool = False
    """Whether 0xC307 is answered; on a branch only, so silent unless asked for."""


@dataclass(frozen=True, slots=True)
class InverterIdentity:
    """One inverter of a plant."""

    serial: int
    address: int
    """1 is the master."""

    @property
    def master(self) -> bool:
        """Whether the meter and the house hang on this one."""
        return self.address == 1


def inverters_of(config: PlantConfig) -> tuple[InverterIdentity, ...]:
    """Return the inverters of a plant, the master first."""
    first = int(config.inverter_serial, 16)
    return tuple(
        InverterIdentity(first + index * _FLEET, index + 1)
        for index in range(config.inverters)
    )


def meter_serial(config: PlantConfig) -> str:
    """Return the grid meter's serial; 37FF is a DTSU666, 10C0 a DDSU666."""
    if not config.meter:
        return ""
    return f"{'37FF' if config.phases == 3 else '10C0'}22480681"


def pv_meter_serial(config: PlantConfig) -> str:
    """Return the serial of the meter on the AC-coupled PV."""
    return "10C022480682" if config.ac_pv else ""


def battery_serial(config: PlantConfig, inverter: InverterIdentity) -> str:
    """Return the serial of an inverter's battery; empty when there is none."""
    return f"BAT2248068{inverter.address}" if config.battery else ""


def pack_serial(inverter: InverterIdentity, number: int) -> int:
    """Return the serial of a battery pack."""
    return 0x600100000000 + (inverter.serial & 0xFFFF0000) + number
