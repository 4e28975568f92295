"""Devices of thousands of plants, kept as bare values.

The garbage collector walks through every object that may hold others, and the event loop
waits for it. Tuples of plain values it soon leaves alone; a ``Device`` it never does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, override

from .model import Device

_NAMES: Final = tuple(field.name for field in fields(Device))
_values: Final = attrgetter(*_NAMES)

type _Bare = tuple[tuple[Any, ...], ...]


class DeviceShelf(Mapping[int, tuple[Device, ...]]):
    """Devices by the id of their plant, those put in longest ago first."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._bare: dict[int, _Bare] = {}

    def put(self, plant: int, devices: tuple[Device, ...]) -> None:
        """Keep a plant's devices, as the latest."""
        self._bare.pop(plant, None)
        self._bare[plant] = tuple(_values(device) for device in devices)

    def remove(self, plant: int) -> None:
        """Forget a plant's devices, if there are any."""
        self._bare.pop(plant, None)

    @override
    def __getitem__(self, plant: int) -> tuple[Device, ...]:
        """Return a plant's devices; raise ``KeyError`` where none are known."""
        return tuple(
            Device(**dict(zip(_NAMES, bare, strict=True))) for bare in self._bare[plant]
        )

    @override
    def __contains__(self, plant: object) -> bool:
        """Return whether a plant's devices are known."""
        return plant in self._bare

    @override
    def __iter__(self) -> Iterator[int]:
        """Yield the plants, those put in longest ago first."""
        return iter(self._bare)

    @override
    def __len__(self) -> int:
        """Return how many plants' devices are known."""
        return len(self._bare)
