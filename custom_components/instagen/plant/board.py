"""The latest of everything a plant told: what entities read from."""

from collections.abc import Mapping, Set as AbstractSet
from types import MappingProxyType

from .readings import Value


class PlantBoard:
    """The newest value of each reading, and which readings went silent.

    A key that is missing was never told; a value of None is unknown.
    """

    def __init__(self) -> None:
        """Start empty: nothing is known."""
        self._values: dict[str, Value] = {}
        self._silent: set[str] = set()

    @property
    def values(self) -> Mapping[str, Value]:
        """The latest values by key; a view that stays current."""
        return MappingProxyType(self._values)

    def get(self, key: str) -> Value:
        """Return the latest value of a reading, None when it is unknown."""
        return self._values.get(key)

    def is_silent(self, key: str) -> bool:
        """Return whether the part of the plant behind a reading did not answer."""
        return key in self._silent

    def apply(
        self,
        values: Mapping[str, Value],
        *,
        served: AbstractSet[str],
        silent: AbstractSet[str],
    ) -> set[str]:
        """Take an answer over; return the keys whose entity has something new to show."""
        self._values.update(values)
        if not silent and not self._silent:
            return set(values)
        woken = self._silent & served
        hushed = silent - self._silent
        self._silent -= woken
        self._silent |= hushed
        return set(values) | woken | hushed
