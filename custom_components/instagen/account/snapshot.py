"""The account model as JSON and back, for what is kept over a restart."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final

from .home import Generation
from .model import Device, Organisation, Owner, Plant, PlantFlag, User

type Kept = dict[str, Any]
"""JSON of our own making."""

type Thing = Device | Generation | Organisation | Owner | Plant | User

_READERS: Final[Mapping[tuple[type, str], Callable[[Any], object]]] = {
    (Plant, "flags"): lambda value: frozenset(map(PlantFlag, value)),
    (Plant, "owners"): frozenset,
    (Plant, "created"): datetime.fromisoformat,
    (Owner, "plants"): frozenset,
    (User, "role_ids"): tuple,
    (User, "roles"): tuple,
    (User, "ancestry"): tuple,
    (Device, "since"): date.fromisoformat,
}

_NAMES: Final[Mapping[type, tuple[str, ...]]] = {
    kind: tuple(field.name for field in fields(kind) if field.name != "kind")
    for kind in (Device, Generation, Organisation, Owner, Plant, User)
}
"""Fields to keep. A kind is found out anew: the meaning of codes may have been corrected."""


def _plain(value: object) -> object:
    match value:
        case date():
            return value.isoformat()
        case frozenset():
            return sorted(value)
        case tuple():
            return list(value)
    return value


def encode(thing: Thing) -> Kept:
    """Return a thing as JSON, without what is not known."""
    return {
        name: _plain(value)
        for name in _NAMES[type(thing)]
        if (value := getattr(thing, name)) is not None and value != ()
    }


def decode[T: Thing](kind: type[T], kept: Kept) -> T:
    """Return what ``encode`` made JSON of."""
    values: dict[str, Any] = {
        name: _READERS[kind, name](value) if (kind, name) in _READERS else value
        for name, value in kept.items()
        if name in _NAMES[kind]
    }
    return kind(**values)
