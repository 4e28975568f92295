"""The one road of every change: judged, read, merged, sent once, and read back."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..links.settings import Capability, SettingsRoad
from ..plant.evidence import Evidence
from ..plant.settings import Block, SettingValues
from ..plant.states import BatteryMode, LinkName
from .budget import WriteBudget
from .guards import Surroundings
from .journal import Journal
from .known import Memory
from .wishes import Outcome, Wish


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A block as it stands, as far as anybody knows."""

    values: SettingValues
    told: frozenset[str] = frozenset()
    """What the device told just now; the rest is remembered."""

    link: LinkName | None = None
    at: datetime | None = None

    @property
    def confirmed(self) -> bool:
        """Whether the device told this now; else it is what was known last."""
        return bool(self.told)


class Writer:
    """Carries out one wish at a time over the best of a plant's roads."""

    def __init__(
        self,
        roads: Sequence[SettingsRoad],
        *,
        journal: Journal,
        budget: WriteBudget,
        memory: Memory,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        allows_unproven: Callable[[], bool],
        surroundings: Callable[[], Surroundings],
        patience: float = 30.0,
    ) -> None:
        """Take the roads in the order of preference.

        ``allows_unproven`` is the owner's consent to what nobody published a proof of;
        ``patience`` the seconds that a wish waits for another to end.
        """

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """The settings that can be changed, each as its best road carries it."""
        raise NotImplementedError

    @property
    def modes(self) -> Mapping[BatteryMode, Evidence]:
        """The battery modes that can be chosen."""
        raise NotImplementedError

    async def read(self, block: Block) -> Reading:
        """Read a block from the best road that answers, else tell what was known last."""
        raise NotImplementedError

    async def carry_out(self, wish: Wish) -> Outcome:
        """Change the plant as wished and tell how it ended; raise ``WishError``."""
        raise NotImplementedError
