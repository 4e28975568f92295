"""The dry contact at the control port: how it is told and how it is changed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ..plant.dry_contact import ContactFunction, GeneratorMode, LoadMode
from .errors import WrongValueError
from .relay import RelaySettings, WeekGroup
from .tariff import ALL_DAYS, Window

if TYPE_CHECKING:
    from .plant import SimulatedPlant, Value


def describe_relay(plant: SimulatedPlant) -> dict[str, Value]:
    """Return the dry contact by the keys of design/mission.md section 3, and beyond."""
    contact, relay = plant.contact, plant.programs.relay
    generator, function = relay.generator, relay.function
    values: dict[str, Value] = {
        "dry_contact_function": function.value,
        "earth_fault_alarm": function is ContactFunction.EARTH_FAULT_ALARM,
        "load_mode": relay.load_mode.value,
        "load_contact": relay.switched_on,
        "load_nominal_power": relay.intelligent.rated_power,
        "load_min_run_time": relay.intelligent.min_runtime,
        "load_protection_soc": relay.protect_soc,
        "entrance_breaker_size": relay.breaker_size,
        "ev_charger_size": relay.ev_charger_size,
        "contact_state": contact.state.value,
        "contact_load_runs": contact.load_runs,
        "earth_fault_events": contact.alarm.events,
        **_told_window("load_window_1", _window_of(relay, 0)),
        **_told_window("load_window_2", _window_of(relay, 1)),
    }
    if plant.config.generator_power is None:
        return values
    quiet = generator.quiet_windows
    return values | {
        "generator": relay.switched_on,
        "generator_mode": generator.mode.value,
        "generator_state": contact.generator.state.value,
        "generator_start_soc": generator.start_soc,
        "generator_stop_soc": generator.stop_soc,
        "generator_quiet_time": generator.quiet_on,
        **_told_window("generator_quiet", quiet[0] if quiet else None),
        **_told_window("generator_charge", generator.charge_window),
    }


def _window_of(relay: RelaySettings, index: int) -> Window | None:
    """Return a window of the first weekday group of the load mode in force."""
    intelligent = relay.load_mode is LoadMode.INTELLIGENT
    groups = relay.intelligent.groups if intelligent else relay.times
    windows = groups[0].windows if groups else ()
    return windows[index] if index < len(windows) else None


def _told_window(key: str, window: Window | None) -> dict[str, Value]:
    start = end = None
    if window:
        start, end = _clock(window.start), _clock(window.end)
    return {f"{key}_start": start, f"{key}_end": end}


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def parse_relay(relay: RelaySettings, part: str, value: object) -> RelaySettings:
    """Return the settings with those changed that an object names.

    Raises:
        ValueError: for an unknown name or a wrong value.
    """
    if not isinstance(value, Mapping):
        raise WrongValueError(f"{part}: an object of settings")
    for name, given in value.items():
        change = _CHANGES.get(str(name))
        if change is None:
            raise WrongValueError(f"{part}.{name}: one of {', '.join(_CHANGES)}")
        relay = change(relay, f"{part}.{name}", given)
    return relay


def _whole(name: str, value: object, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= high:
        raise WrongValueError(f"{name}: 0 to {high}")
    return value


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongValueError(f"{name}: true or false")
    return value


def _one_of[E: StrEnum](kind: type[E], name: str, value: object) -> E:
    try:
        return kind(str(value))
    except ValueError:
        raise WrongValueError(f"{name}: one of {', '.join(kind)}") from None


def parse_windows(name: str, value: object) -> tuple[Window, ...]:
    """Return windows from texts such as 22:30-06:00.

    Raises:
        ValueError: when they are none.
    """
    if not isinstance(value, list):
        raise WrongValueError(f'{name}: a list such as ["22:30-06:00"]')
    return tuple(_parse_window(name, text) for text in value)


def _parse_window(name: str, text: object) -> Window:
    try:
        start, end = str(text).split("-")
        return Window(_minute(start), _minute(end))
    except ValueError:
        raise WrongValueError(f"{name}: windows such as 22:30-06:00") from None


def _minute(text: str) -> int:
    hour, minute = (int(part) for part in text.split(":"))
    if not 0 <= hour < 24 or not 0 <= minute < 60:
        raise ValueError
    return hour * 60 + minute


def _every_day(name: str, value: object) -> tuple[WeekGroup, ...]:
    windows = parse_windows(name, value)
    return (WeekGroup(weekdays=ALL_DAYS, windows=windows),) if windows else ()


type _Change = Callable[[RelaySettings, str, object], RelaySettings]


def _of_intelligent(relay: RelaySettings, **changes: object) -> RelaySettings:
    return replace(relay, intelligent=replace(relay.intelligent, **changes))  # type: ignore[arg-type]


def _of_generator(relay: RelaySettings, **changes: object) -> RelaySettings:
    return replace(relay, generator=replace(relay.generator, **changes))  # type: ignore[arg-type]


def _charge_window(name: str, value: object) -> Window | None:
    return None if value is None else _parse_window(name, value)


_CHANGES: Final[Mapping[str, _Change]] = {
    "function": lambda r, n, v: replace(r, function=_one_of(ContactFunction, n, v)),
    "switched_on": lambda r, n, v: replace(r, switched_on=_flag(n, v)),
    "load_mode": lambda r, n, v: replace(r, load_mode=_one_of(LoadMode, n, v)),
    "windows": lambda r, n, v: _of_intelligent(
        replace(r, times=_every_day(n, v)), groups=_every_day(n, v)
    ),
    "rated_power": lambda r, n, v: _of_intelligent(
        r, rated_power=_whole(n, v, 100_000)
    ),
    "min_runtime": lambda r, n, v: _of_intelligent(r, min_runtime=_whole(n, v, 1440)),
    "protect_soc": lambda r, n, v: replace(r, protect_soc=_whole(n, v, 100)),
    "breaker_size": lambda r, n, v: replace(r, breaker_size=_whole(n, v, 1000)),
    "ev_charger_size": lambda r, n, v: replace(r, ev_charger_size=_whole(n, v, 1000)),
    "generator_mode": lambda r, n, v: _of_generator(
        r, mode=_one_of(GeneratorMode, n, v)
    ),
    "start_soc": lambda r, n, v: _of_generator(r, start_soc=_whole(n, v, 100)),
    "stop_soc": lambda r, n, v: _of_generator(r, stop_soc=_whole(n, v, 100)),
    "quiet_on": lambda r, n, v: _of_generator(r, quiet_on=_flag(n, v)),
    "quiet_windows": lambda r, n, v: _of_generator(
        r, quiet_windows=parse_windows(n, v)
    ),
    "charge_window": lambda r, n, v: _of_generator(
        r, charge_window=_charge_window(n, v)
    ),
}

RELAY_NAMES: Final = tuple(_CHANGES)
"""What can be changed about the dry contact."""
