"""Simulated plants in a process of their own, told what to do line by line.

Each line on standard input is a JSON object; each is answered by one on standard output.
``advance`` lets seconds pass, ``stir`` moves every measured value by one step of its
register (so that a poll finds all of them changed), ``latency`` sets the ms until an
answer. Every answer tells how many requests each plant has served.
"""

from argparse import ArgumentParser
import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import datetime
import json
import sys
from typing import Any, Final, override

from custom_components.instagen.simulated import SimulatedPlant
from simulator import Simulator, serve
from simulator.modbus.device import Device
from simulator.modbus.rows import Kind, Row
from simulator.modbus.telemetry import INPUT_ROWS

_STEADY: Final = frozenset(
    {
        "work_status_code",
        "battery_fitted",
        "battery_charge_cutoff",
        "meter_link",
        "pv_meter_link",
    }
)
_NOT_FITTED: Final = ("pv3", "pv4", "alarm_")
_SHARES: Final = frozenset({"battery_soc", "battery_soh"})
_STATES: Final = frozenset({"battery_state_code"})


class StirredDevice(Device):
    """A device whose measured values can all be moved at once."""

    def __init__(self, plant: SimulatedPlant) -> None:
        """Serve a plant as the stick does."""
        super().__init__(plant, strict=True)
        self.stirred = 0
        self._made: tuple[int, int, Mapping[int, int]] | None = None

    @override
    def _input(self) -> Mapping[int, int]:
        if self.stirred == 0:
            return super()._input()
        made = self._made
        if made is None or made[:2] != (self.plant.revision, self.stirred):
            words = dict(super()._input())
            for row in INPUT_ROWS:
                self._move(row, words)
            made = self._made = (self.plant.revision, self.stirred, words)
        return made[2]

    def _move(self, row: Row, words: dict[int, int]) -> None:
        """Move one value: counters only up, the others there and back."""
        size = row.kind.words
        old = [words[row.address + offset] for offset in range(size)]
        if row.key in _STEADY or row.key.startswith(_NOT_FITTED):
            return
        if old == [row.absent] * size and row.absent != 0:
            return
        step = self.stirred if row.counter else self.stirred % 2
        if row.key in _SHARES:
            step = -step
        elif row.key in _STATES:
            step = 1 - old[0] if step else 0
        if row.kind is Kind.SWAPPED:
            old.reverse()
        value = int.from_bytes(b"".join(word.to_bytes(2) for word in old)) + step
        new = (value % (1 << 16 * size)).to_bytes(2 * size)
        parts = [int.from_bytes(new[i : i + 2]) for i in range(0, 2 * size, 2)]
        if row.kind is Kind.SWAPPED:
            parts.reverse()
        words.update(enumerate(parts, row.address))


async def _obey(order: Mapping[str, Any], plants: list[Simulator]) -> None:
    for sim in plants:
        if seconds := order.get("advance"):
            await sim.advance(seconds)
        if steps := order.get("stir"):
            device = sim.modbus.device
            assert isinstance(device, StirredDevice)
            device.stirred += steps
        if (latency := order.get("latency")) is not None:
            sim.modbus.quirks.latency = (latency, latency)


async def _run(count: int, start: datetime) -> None:
    async with AsyncExitStack() as stack:
        plants = [
            await stack.enter_async_context(
                serve("hybrid", seed=seed, start=start, from_midnight=True)
            )
            for seed in range(1, count + 1)
        ]
        for sim in plants:
            sim.modbus.device = StirredDevice(sim.plant)
        print(json.dumps({"ports": [sim.modbus_port for sim in plants]}), flush=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            await _obey(json.loads(line), plants)
            served = [sim.modbus.requests for sim in plants]
            print(json.dumps({"requests": served}), flush=True)


def main() -> None:
    """Serve plants until standard input ends."""
    parser = ArgumentParser(prog="python -m benchmarks.stick")
    parser.add_argument("--plants", type=int, default=1)
    parser.add_argument("--start", type=datetime.fromisoformat, required=True)
    given = parser.parse_args()
    asyncio.run(_run(given.plants, given.start))


if __name__ == "__main__":
    main()
