"""Trouble on the link, drawn at random from everything the simulator can do."""

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any, Final

from .world import World

CALM: Final = (10, 140)
"""Polls from the end of one fault to the next."""

LENGTH: Final = (1, 30)

SECOND_CLIENT: Final = "second_client"

_LASTING: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    ("drop", {}),
    ("freeze", {}),
    ("stall", {}),
    ("garbage", {"kind": "words"}),
    ("garbage", {"kind": "frame"}),
    ("garbage", {"kind": "short_frame"}),
    ("wrong_transaction_id", {}),
    ("reset", {}),
    ("reboot", {}),
    ("spike", {}),
    ("spike", {}),
    ("night", {}),
    (SECOND_CLIENT, {}),
)


def _label(name: str, given: Mapping[str, Any]) -> str:
    return ":".join((name, *given.values()))


EVERY_KIND: Final = {_label(*fault) for fault in _LASTING}
_SPIKES: Final = (0xFFF5, 0xFFFF, 0x7FFF, 0x8000, 2005)


class Trouble:
    """Begins one fault after another and ends each after its time."""

    def __init__(self, random: Random, *, calm: tuple[int, int] = CALM) -> None:
        """Take the source of chance, and how many polls it leaves in peace."""
        self.history: list[str] = []
        self.calm = True
        self._pause = calm
        self._random = random
        self._name = ""
        self._left = random.randint(*calm)

    @property
    def begun(self) -> Counter[str]:
        """How often each kind of fault began."""
        return Counter(self.history)

    async def before_poll(self, world: World) -> None:
        """Begin or end a fault if it is time to."""
        self._left -= 1
        world.witness.deceived = world.sim.modbus.device.spike is not None
        if self._left > 0:
            return
        await (self._begin(world) if self.calm else self.end(world))
        world.witness.deceived = world.sim.modbus.device.spike is not None

    async def end(self, world: World) -> None:
        """End the fault that acts."""
        if not self.calm:
            await self._switch(world, on=False)
        self.calm = True
        world.witness.during = "calm"
        self._left = self._random.randint(*self._pause)

    async def _begin(self, world: World) -> None:
        self._name, given = self._random.choice(_LASTING)
        self._left = self._random.randint(*LENGTH)
        label = _label(self._name, given)
        self.history.append(label)
        if self._name == "reboot":
            given = {"seconds": self._left * 10 - 5}
        if self._name == "spike":
            given = {"word": self._random.choice(_SPIKES)}
        self.calm = False
        world.witness.during = label
        await self._switch(world, on=True, **given)

    async def _switch(self, world: World, *, on: bool, **given: object) -> None:
        if self._name == SECOND_CLIENT:
            await world.second_client(on=on)
        else:
            await world.fault(self._name, on=on, **given)
