"""What can be done to a plant from outside, and the check of every such wish."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Final

from .alarms import AlarmFamily, parse_word
from .errors import WrongValueError
from .relay import RelaySettings
from .relay_parts import parse_relay
from .settings import NAMES, parse_setting

if TYPE_CHECKING:
    from .plant import SimulatedPlant


@dataclass(slots=True)
class Overrides:
    """The world around the plant, where somebody took it in hand."""

    sun: float | None = None
    """Part of the peak power; None leaves it to the sky."""

    irradiance: float | None = None
    """W/m² on every panel; None leaves it to the sky."""

    night: bool = False
    load: int | None = None
    """Power of the house in W; None leaves it to the household."""

    grid: bool = True
    generator: bool = False
    meter: bool = True
    cloud: bool = True
    """Whether the stick's connection to the cloud lives."""

    dry_contact: bool = False
    contact_load: int | None = None
    """W that hang on the dry contact; None is what the plant was built with."""

    fuel: bool = True
    """Whether the generator starts when asked to."""

    smart_load: int = 0
    """W of the house that a smart load on the GEN port draws."""

    alarms: Mapping[AlarmFamily, int] = field(default_factory=dict)


def parse_part(plant: SimulatedPlant, part: str, value: object) -> object:
    """Return the value of a part in its own type.

    Raises:
        ValueError: when the part is unknown, not fitted or the value wrong.
    """
    if part in NAMES:
        return parse_setting(part, value)
    parser = _PARSERS.get(part)
    if parser is None:
        known = ", ".join((*_PARSERS, *NAMES))
        raise WrongValueError(f"{part}: no such part; known are {known}")
    if not _fitted(plant, part):
        raise WrongValueError(f"{part}: not fitted to this plant")
    return parser(plant, part, value)


def _fitted(plant: SimulatedPlant, part: str) -> bool:
    config = plant.config
    needed = {
        "soc": config.battery,
        "generator": config.generator_power,
        "fuel": config.generator_power,
        "meter": config.meter,
    }
    return bool(needed.get(part, True))


def _number(part: str, value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongValueError(f"{part}: a number")
    if not isfinite(value) or not low <= value <= high:
        raise WrongValueError(f"{part}: {low:g} to {high:g}")
    return float(value)


def _sun(_: SimulatedPlant, part: str, value: object) -> float | None:
    return None if value is None else _number(part, value, 0, 1.3)


def _irradiance(_: SimulatedPlant, part: str, value: object) -> float | None:
    return None if value is None else _number(part, value, 0, 1400)


def _load(_: SimulatedPlant, part: str, value: object) -> int | None:
    return None if value is None else round(_number(part, value, 0, 100_000))


def _contact_load(_: SimulatedPlant, part: str, value: object) -> int | None:
    return None if value is None else round(_number(part, value, 0, 100_000))


def _contactor(_: SimulatedPlant, part: str, value: object) -> bool:
    if value is not True:
        raise WrongValueError(f"{part}: true, for a hand that closes it")
    return True


def _relay(plant: SimulatedPlant, part: str, value: object) -> RelaySettings:
    return parse_relay(plant.programs.relay, part, value)


def _smart_load(_: SimulatedPlant, part: str, value: object) -> int:
    return round(_number(part, value, 0, 100_000))


def _soc(_: SimulatedPlant, part: str, value: object) -> float:
    return _number(part, value, 0, 100)


def _switch(_: SimulatedPlant, part: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongValueError(f"{part}: true or false")
    return value


def _time(plant: SimulatedPlant, part: str, value: object) -> datetime:
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
    if not isinstance(moment, datetime):
        raise WrongValueError(f"{part}: a date and time such as 2026-06-15T12:00:00")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=plant.zone)
    if not 2000 <= moment.year < 2100:
        raise WrongValueError(f"{part}: a year from 2000 to 2099")
    return moment


def _alarms(_: SimulatedPlant, part: str, value: object) -> dict[AlarmFamily, int]:
    if not isinstance(value, Mapping):
        raise WrongValueError(f"{part}: an object of fault family and faults")
    words: dict[AlarmFamily, int] = {}
    for name, faults in value.items():
        try:
            family = AlarmFamily(str(name))
        except ValueError:
            known = ", ".join(AlarmFamily)
            raise WrongValueError(f"{part}: {name!r} is none of {known}") from None
        words[family] = parse_word(family, faults)
    return words


_PARSERS: Final[Mapping[str, Callable[[SimulatedPlant, str, object], object]]] = {
    "sun": _sun,
    "irradiance": _irradiance,
    "night": _switch,
    "load": _load,
    "grid": _switch,
    "soc": _soc,
    "time": _time,
    "generator": _switch,
    "meter": _switch,
    "cloud": _switch,
    "dry_contact": _switch,
    "contact_load": _contact_load,
    "contactor": _contactor,
    "fuel": _switch,
    "relay": _relay,
    "smart_load": _smart_load,
    "alarms": _alarms,
}

PARTS: Final = tuple(_PARSERS)
"""Names of the parts that are not settings."""
