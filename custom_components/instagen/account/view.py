"""What is known of an account, as the rules look at it."""

from collections.abc import Iterator, Mapping, Set as AbstractSet
from dataclasses import dataclass, field

from .model import AccountKind, Device, Organisation, Owner, Plant, User


@dataclass(frozen=True, kw_only=True)
class View:
    """Everything by its id. What is absent is unknown and decides nothing."""

    me: User | None = None
    organisations: Mapping[int, Organisation] = field(default_factory=dict)
    users: Mapping[int, User] = field(default_factory=dict)
    owners: Mapping[int, Owner] = field(default_factory=dict)
    plants: Mapping[int, Plant] = field(default_factory=dict)
    devices: Mapping[int, tuple[Device, ...]] = field(default_factory=dict)
    """Devices by the id of their plant."""

    plants_of_owner: Mapping[int, AbstractSet[int]] = field(default_factory=dict)

    @property
    def kind(self) -> AccountKind | None:
        """Kind of the account that asks."""
        return None if self.me is None else self.me.kind

    def owners_of(self, plant: int) -> frozenset[int]:
        """Return the owners that a plant is known to have."""
        known = self.plants.get(plant)
        return frozenset() if known is None else known.owners or frozenset()

    def plants_with(self, owner: int) -> frozenset[int]:
        """Return the plants that an owner is known to have.

        A plant's own detail counts more than the list of owners, which may be older.
        """
        row = self.owners.get(owner)
        listed = frozenset() if row is None else row.plants or frozenset()
        unread = {
            plant
            for plant in listed
            if (known := self.plants.get(plant)) is None or known.owners is None
        }
        return frozenset(self.plants_of_owner.get(owner, ())) | unread

    def ancestors(self, organisation: int) -> Iterator[int]:
        """Yield an organisation and those above it, as far as they are known."""
        seen: set[int] = set()
        here: int | None = organisation
        while here is not None and here not in seen:
            yield here
            seen.add(here)
            node = self.organisations.get(here)
            here = None if node is None else node.parent


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What has to be fetched anew before a request is checked."""

    details: frozenset[int] = frozenset()
    """Plants whose detail is needed."""

    devices: frozenset[int] = frozenset()
    """Plants whose devices are needed."""
