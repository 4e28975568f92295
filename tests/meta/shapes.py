"""Closed shapes of nested JSON, for files in which an unknown key does nothing."""

from collections.abc import Iterator, Mapping
from typing import Final

type Shape = str | Mapping[str, Shape] | tuple[Shape, ...]
"""A text, or the shapes of the keys, ``*`` for any key, or a choice of shapes."""

TEXT: Final = "text"
TEXTS: Final[Shape] = {"*": TEXT}


def misfits(value: object, shape: Shape, where: str = "") -> Iterator[str]:
    """Name every place at which a value does not have its shape."""
    if isinstance(shape, tuple):
        if all(any(misfits(value, one)) for one in shape):
            yield f"{where}: fits no shape"
    elif isinstance(shape, str):
        if not isinstance(value, str) or not value:
            yield f"{where}: expected a text"
    elif not isinstance(value, Mapping):
        yield f"{where or 'the file'}: expected keys"
    else:
        for key, inner in value.items():
            place = f"{where}.{key}" if where else key
            if (expected := shape.get(key, shape.get("*"))) is None:
                yield f"{place}: unknown key"
            else:
                yield from misfits(inner, expected, place)


def texts(value: object, where: str = "") -> Iterator[tuple[str, str]]:
    """Walk through all texts with their places."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from texts(inner, f"{where}.{key}" if where else key)
