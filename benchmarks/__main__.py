"""``python -m benchmarks``: run all measurements and print one JSON document."""

from contextlib import suppress

with suppress(ImportError):
    # On a release newer than the pytest plug-in's own, this has to come first.
    import newer_home_assistant  # type: ignore[import-not-found]  # noqa: F401

from argparse import ArgumentParser, RawDescriptionHelpFormatter
import asyncio
from collections.abc import Callable
import json
import logging
import sys
from time import perf_counter
from typing import Final
from unittest.mock import patch

import benchmarks
from custom_components.instagen.links.modbus import ModbusLink

from .changing import look_at_settings, writes_of_a_day
from .cloud import account_sync
from .floor import add_floor
from .house import (
    MIDDAY,
    MIDNIGHT,
    MORNING,
    Clock,
    add_plants,
    make_plant,
    open_house,
    open_stick,
    set_up,
)
from .polling import (
    Bench,
    Crowd,
    cpu_changed,
    cpu_unchanged,
    longest_block,
    requests_per_poll,
    state_writes,
)
from .report import Figure, document
from .timing import poll_time, recorder_rows, set_up_requests

_CROWD: Final = 5
"""Plants polled at once: more than 250 entities change."""

_POLLS_A_DAY: Final = 8640
_POLLS_AN_HOUR: Final = 360

type Say = Callable[[str], None]


async def _one_plant(say: Say, rounds: int) -> list[Figure]:
    clock = Clock()
    async with open_stick(MORNING) as stick, open_house(clock) as hass:
        [plant] = await add_plants(hass, stick.ports, clock)
        floor = await add_floor(hass, plant.port)
        bench = Bench(hass, stick, clock, plant, floor, rounds)
        figures = []
        for measure in (requests_per_poll, state_writes, cpu_unchanged, cpu_changed):
            say(measure.__name__.replace("_", " "))
            figures.append(await measure(bench))
        return figures


async def _many_plants(say: Say, rounds: int) -> list[Figure]:
    say(f"longest block, {_CROWD} plants")
    clock = Clock()
    async with open_stick(MORNING, _CROWD) as stick, open_house(clock) as hass:
        plants = await add_plants(hass, stick.ports, clock, rare=True)
        floors = [await add_floor(hass, port) for port in stick.ports]
        crowd = Crowd(hass, stick, clock, plants, floors, rounds)
        return [await longest_block(crowd)]


async def _on_the_clock(say: Say, polls: int) -> list[Figure]:
    say("poll time and set-up")
    clock = Clock()
    async with open_stick(MORNING) as stick, open_house(clock) as hass:
        plant = make_plant(hass, stick.ports[0])
        await set_up(hass, plant)
        setting_up = await set_up_requests(hass, plant, stick)
        link = plant.coordinator.link
        assert isinstance(link, ModbusLink)
        plant.coordinator.clock = link.clock = clock
        return [await poll_time(plant, stick, clock, polls), setting_up]


async def _a_day(say: Say, start: str, polls: int) -> list[Figure]:
    say(f"recorder rows, {polls} polls")
    clock = Clock()
    async with open_stick(start) as stick, open_house(clock) as hass:
        [plant] = await add_plants(hass, stick.ports, clock)
        return [await recorder_rows(hass, plant, stick, clock, polls)]


async def _changing(say: Say) -> list[Figure]:
    say("settings, and a day of wishes")
    clock = Clock()
    async with open_stick(MIDNIGHT) as stick, open_house(clock) as hass:
        [plant] = await add_plants(hass, stick.ports, clock)
        return [
            await look_at_settings(plant, stick),
            await writes_of_a_day(hass, plant, stick, clock),
        ]


async def _run(say: Say, *, quick: bool) -> list[Figure]:
    with patch("custom_components.instagen.links.modbus.link.MESSAGE_SPACING", 0.0):
        figures = await _one_plant(say, 60 if quick else 600)
        figures += await _many_plants(say, 12 if quick else 100)
    figures += await _on_the_clock(say, 4 if quick else 12)
    with patch("custom_components.instagen.links.modbus.link.MESSAGE_SPACING", 0.0):
        start, polls = (MIDDAY, _POLLS_AN_HOUR) if quick else (MIDNIGHT, _POLLS_A_DAY)
        figures += await _a_day(say, start, polls)
        figures += await _changing(say)
    return figures if quick else figures + await account_sync(say)


def main() -> int:
    """Measure and print."""
    parser = ArgumentParser(
        prog="scripts/benchmark",
        description=benchmarks.__doc__,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="fewer samples, one hour instead of a day, and no account",
    )
    parser.add_argument(
        "--account", action="store_true", help="only the account of the cloud"
    )
    given = parser.parse_args()

    def say(what: str) -> None:
        print(f"benchmark: {what}", file=sys.stderr, flush=True)

    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    begun = perf_counter()
    work = account_sync(say) if given.account else _run(say, quick=given.quick)
    figures = asyncio.run(work)
    mode = "quick" if given.quick else "full"
    print(json.dumps(document(figures, mode, perf_counter() - begun), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
