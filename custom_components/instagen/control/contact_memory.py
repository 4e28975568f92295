"""What is remembered of a contact as plain data, and back."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from .contact import ContactMemory
from .contact_inputs import Reason
from .earth_fault import FaultMemory, FaultState
from .generator import GeneratorMemory, GeneratorState
from .loads import LoadMemory, LoadState


def snapshot(memory: ContactMemory) -> dict[str, Any]:
    """Return it as plain data."""
    found: dict[str, Any] = _plain(memory)
    return found


def restore(stored: object) -> ContactMemory | None:
    """Return what ``snapshot`` wrote down; None when it cannot be read.

    Then the switch is taken as it stands, which is right after a first start, too.
    """
    try:
        return _contact(_object(stored))
    except KeyError, TypeError, ValueError:
        return None


def _plain(value: object) -> Any:
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _object(stored: object) -> Mapping[str, Any]:
    if not isinstance(stored, Mapping):
        raise TypeError("not an object")
    return stored


def _moment(text: object) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment


def _known(text: object) -> datetime:
    if (moment := _moment(text)) is None:
        raise ValueError("no moment")
    return moment


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not a flag")
    return value


def _contact(stored: Mapping[str, Any]) -> ContactMemory:
    return ContactMemory(
        use=str(stored["use"]),
        at=_known(stored["at"]),
        closed=_flag(stored["closed"]),
        rest_until=_moment(stored["rest_until"]),
        behind_since=_moment(stored["behind_since"]),
        load=_load(_object(stored["load"])),
        generator=_generator(_object(stored["generator"])),
        fault=_fault(_object(stored["fault"])),
    )


def _load(stored: Mapping[str, Any]) -> LoadMemory:
    day = stored["day"]
    return LoadMemory(
        state=LoadState(stored["state"]),
        since=_moment(stored["since"]),
        closed_at=_moment(stored["closed_at"]),
        opened_at=_moment(stored["opened_at"]),
        blind_since=_moment(stored["blind_since"]),
        grid_since=_moment(stored["grid_since"]),
        room_since=_moment(stored["room_since"]),
        trips=tuple(_known(one) for one in stored["trips"]),
        day=None if day is None else date.fromisoformat(day),
        starts=int(stored["starts"]),
    )


def _generator(stored: Mapping[str, Any]) -> GeneratorMemory:
    fault = stored["fault"]
    return GeneratorMemory(
        state=GeneratorState(stored["state"]),
        since=_moment(stored["since"]),
        reasons=frozenset(Reason(one) for one in stored["reasons"]),
        attempt=int(stored["attempt"]),
        off_at=_moment(stored["off_at"]),
        ran_since=_moment(stored["ran_since"]),
        low_since=_moment(stored["low_since"]),
        back_since=_moment(stored["back_since"]),
        unsure_since=_moment(stored["unsure_since"]),
        fault=None if fault is None else Reason(fault),
    )


def _fault(stored: Mapping[str, Any]) -> FaultMemory:
    return FaultMemory(
        state=FaultState(stored["state"]),
        event_at=_moment(stored["event_at"]),
        told=_flag(stored["told"]),
    )
