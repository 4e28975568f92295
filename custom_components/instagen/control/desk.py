"""The one door through which a plant is changed."""

from collections.abc import Awaitable, Callable, Mapping, Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ..links.settings import Capability
from ..plant.evidence import Evidence
from ..plant.settings import SettingValue, SettingValues
from ..plant.states import BatteryMode, LinkName
from .leases import Conditions, Grant, Lease, LeaseEvent, LeaseWish, Policy
from .wishes import Asker, Outcome, Wish


class ShownState(StrEnum):
    """How sure a shown value is."""

    CONFIRMED = "confirmed"
    """The device told it."""

    UNCONFIRMED = "unconfirmed"
    """Last written or known; no link can read it back."""

    PENDING = "pending"
    """Wished; on its way to the device."""

    REFUSED = "refused"
    """The device's value; a wish for another was refused."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a control shows."""

    value: SettingValue | None
    state: ShownState
    link: LinkName | None = None
    at: datetime | None = None
    """When the value was read or written last."""


class ControlDesk:
    """Takes every wish to change one plant, and looks after its leases."""

    def __init__(
        self,
        writer: Any,
        *,
        save: Callable[[dict[str, Any]], Awaitable[None]],
        conditions: Callable[[], Conditions],
        policy: Callable[[], Policy],
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        """Take a writer. ``now`` is aware, ``sleep`` waits seconds of the same clock."""

    # ---- its life ----

    def restore(self, stored: Mapping[str, Any] | None) -> None:
        """Take over what ``save`` was given last; before ``start``."""
        raise NotImplementedError

    def start(self) -> None:
        """Begin to look after leases; nothing is written before a fresh read."""
        raise NotImplementedError

    async def close(self, *, release: bool) -> None:
        """End. ``release`` puts the plant back first, within 15 s; leases stay stored
        and go on with the next start."""
        raise NotImplementedError

    async def refresh(self, wanted: AbstractSet[str] = frozenset()) -> None:
        """Read the blocks of the wanted settings anew, and see to the leases."""
        raise NotImplementedError

    # ---- wishes; all raise WishError ----

    async def change(self, wish: Wish) -> Outcome:
        """Change settings of one block."""
        raise NotImplementedError

    async def set_mode(
        self,
        mode: BatteryMode,
        parameters: SettingValues,
        asker: Asker,
        *,
        until: datetime | None = None,
        confirmed: bool = False,
    ) -> Outcome | Grant:
        """Choose a battery mode for a human; a forced one becomes a lease."""
        raise NotImplementedError

    async def request(self, wish: LeaseWish, asker: Asker) -> Grant:
        """Ask for a lease."""
        raise NotImplementedError

    async def cancel(
        self, asker: Asker, lease_id: str | None = None, *, resume: bool = True
    ) -> tuple[Lease, ...]:
        """End one lease or all, put the plant back, and tell which ended.

        ``resume``: owners that wait since a human changed the mode need wait no longer.
        """
        raise NotImplementedError

    # ---- what is shown ----

    def shown(self, key: str) -> Shown:
        """Return what a control of a setting shows."""
        raise NotImplementedError

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """The settings that can be changed, by their keys, with their ranges."""
        raise NotImplementedError

    @property
    def modes(self) -> Mapping[BatteryMode, Evidence]:
        """The battery modes that can be chosen."""
        raise NotImplementedError

    @property
    def leases(self) -> tuple[Lease, ...]:
        """All leases that have not ended, the highest first."""
        raise NotImplementedError

    @property
    def current(self) -> Lease | None:
        """The lease that holds the battery."""
        raise NotImplementedError

    @property
    def history(self) -> tuple[Lease, ...]:
        """Leases that ended, the oldest first; at most 50."""
        raise NotImplementedError

    @property
    def writes_today(self) -> int:
        """Messages that changed settings today."""
        raise NotImplementedError

    def add_listener(
        self, listener: Callable[[frozenset[str]], None]
    ) -> Callable[[], None]:
        """Call with the keys of settings whose shown value changed, ``leases`` or
        ``writes_today``; return what ends it."""
        raise NotImplementedError

    def add_event_listener(
        self, listener: Callable[[LeaseEvent], None]
    ) -> Callable[[], None]:
        """Call with what happens to leases; return what ends it."""
        raise NotImplementedError
