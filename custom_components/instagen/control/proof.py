"""Reading back: whether a device shows what it was sent."""

from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from typing import Final

from ..links.settings import SettingsError, SettingsRoad, Trouble
from ..plant.settings import SettingValues
from .change import same

PAUSES: Final = (0.0, 1.0, 2.0, 4.0)
"""Seconds before each try. A stick acts after 17-19 s, but shows what was written at
once; now and then a device shows old words for a moment."""


class Verdict(Enum):
    """What reading back came to."""

    SHOWN = "shown"
    OTHER = "other"
    """A device shows something else."""

    UNTOLD = "untold"
    """No road can tell, or not all of it."""

    LOST = "lost"
    """No road that could tell does."""


class Proof:
    """Looks for a proof over several roads, a few times."""

    def __init__(
        self,
        *,
        expected: SettingValues,
        roads: Sequence[SettingsRoad],
        ask: Callable[[SettingsRoad], Awaitable[SettingValues]],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        """Take what is to be shown, and the roads in the order they are believed."""
        self._expected = expected
        self._roads = roads
        self._ask = ask
        self._sleep = sleep
        self.wrong = ""
        """The setting that showed something else last."""

    async def find(self) -> Verdict:
        """Read until the device shows it, or patience ends."""
        verdict = Verdict.UNTOLD
        for pause in PAUSES:
            if pause:
                await self._sleep(pause)
            verdict = await self._round(last=pause == PAUSES[-1])
            if verdict in {Verdict.SHOWN, Verdict.UNTOLD}:
                return verdict
        return verdict

    async def _round(self, *, last: bool) -> Verdict:
        """Ask the roads in turn until one has the say.

        A road that shows something else has it until the last try: it may show old words
        for longer than the others.
        """
        shown: set[str] = set()
        lost = other = False
        for road in self._roads:
            try:
                values = await self._ask(road)
            except SettingsError as err:
                lost |= err.trouble is not Trouble.NOT_READABLE
                continue
            told = [key for key in self._expected if key in values]
            wrong = [key for key in told if not same(values[key], self._expected[key])]
            if wrong:
                other, self.wrong = True, wrong[0]
                if not last:
                    return Verdict.OTHER
                continue
            shown.update(told)
            if shown >= self._expected.keys():
                return Verdict.SHOWN
        if other:
            return Verdict.OTHER
        return Verdict.LOST if lost else Verdict.UNTOLD
