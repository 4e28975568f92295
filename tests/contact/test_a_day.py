"""A day and a night of a contact of ours in a real Home Assistant: its rules hold.

The sun comes and goes, the grid as well, and a car is plugged in. ``tests/long`` has ten
days of the rules alone.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
import os
from random import Random
from typing import Any, Final

from homeassistant.util import dt as dt_util
import pytest

from custom_components.instagen.const import CONF_CONTACT_RUNNING
from custom_components.instagen.simulated.measure import grid_currents

from .house import ENGINE, House

SEED: Final = int(os.environ["INSTAGEN_SEED"])
STEP: Final = 120
BREAKER: Final = 50
CAR: Final = 3 * 7360
NOMINAL: Final = 2000
MIN_RUN: Final = 20

DAY: Final[dict[str, Any]] = {
    "function": "load_control",
    "load_mode": "intelligent",
    "load_nominal_power": NOMINAL,
    "load_min_run_time": MIN_RUN,
    "surplus_times": {"group_a": {"windows": [{"start": "00:00", "end": "23:59"}]}},
}
EVENING: Final[dict[str, Any]] = {
    "load_mode": "ev_charger",
    "entrance_breaker_size": BREAKER,
    "ev_charger_size": 32,
}
NIGHT: Final[dict[str, Any]] = {
    "function": "generator_control",
    "generator": {
        "mode": "auto",
        "start_soc": 30,
        "stop_soc": 80,
        "quiet_time": True,
        "quiet_windows": [{"start": "23:00", "end": "05:00"}],
        "charge_window": {"start": "04:00", "end": "06:00"},
    },
}


class Day:
    """What happens around the switch, and what was seen of it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.world = house.world
        self.plant = house.world.sim.plant
        self.chance = Random(SEED)
        self.load = 500
        self.over: list[bool] = []
        """Whether each poll found the car drawing above the breaker."""

    @property
    def closed(self) -> bool:
        return self.house.relay == "on"

    async def live(self, minutes: int, own: int = 0, **happens: float) -> None:
        """Let time go by; what hangs on the switch draws as long as it is closed."""
        for _ in range(minutes * 60 // STEP):
            for part, chance in happens.items():
                if self.chance.random() < chance:
                    self.happen(part)
            drew = self.closed
            self.world.sim.set({"load": self.load + own * drew})
            moves = len(self.house.moves)
            await self.house.tick(STEP)
            measured = max(map(abs, grid_currents(self.plant) or ()), default=0)
            self.over.append(drew and measured > BREAKER)
            if self.house.moves[moves:] == ["on"]:
                self.starts()
            # An engine that starts at once.
            await self.house.flip(ENGINE, "turn_on" if self.closed else "turn_off")

    def happen(self, part: str) -> None:
        match part:
            case "sun":
                self.world.sim.set({"sun": self.chance.choice((0.0, 0.1, 0.5, 1.0))})
            case "household":
                self.load = self.chance.choice((200, 900, 5000, 9000, 16_000))
            case _:
                on = not self.plant.overrides.grid
                self.world.sim.set({"grid": on, "soc": self.chance.randint(15, 60)})

    def starts(self) -> None:
        """Look at the clock and the grid when the switch was closed for a generator."""
        if self.house.world.shown("dry_contact_function") == "generator_control":
            assert not self.plant.overrides.grid
            assert 5 <= dt_util.now().hour < 23

    def runs(self) -> Iterator[tuple[bool, timedelta]]:
        """Return for how long the switch stayed as it was put."""
        for (since, until), move in zip(
            pairwise(self.house.moved_at), self.house.moves, strict=False
        ):
            yield move == "on", until - since


@pytest.mark.parametrize("seed", [SEED])  # so that the test's name tells it
async def test_a_day_and_a_night(
    house: House, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.live_in("Europe/London")
    await house.set_up(**{CONF_CONTACT_RUNNING: ENGINE})
    # A reading every two minutes, as a slow stick has: more of them tell nothing more.
    monkeypatch.setattr(house.world.coordinator.link, "poll_seconds", STEP)
    day = Day(house)

    # 13:00 to 19:30: the surplus load.
    await house.world.act("set_dry_contact", contact=DAY)
    house.world.sim.set({"sun": 1.0})
    await day.live(16, NOMINAL)
    assert day.closed
    house.world.sim.set({"sun": 0.0})
    await day.live(60, NOMINAL)
    assert house.moves == ["on", "off"]
    await day.live(5 * 60 + 14, NOMINAL, sun=0.1)
    for on, lasted in day.runs():
        assert lasted >= timedelta(minutes=MIN_RUN if on else 5)

    # To 23:00: the charger, behind the breaker.
    await house.world.act("set_dry_contact", contact=EVENING)
    house.world.sim.set({"sun": 0.0, "soc": 12})
    await day.live(16, CAR)
    assert day.closed
    day.load = 16_000
    await day.live(6, CAR)
    assert not day.closed
    await day.live(3 * 60 + 8, CAR, household=0.1)
    assert sum(day.over) > 0
    assert not any(one and other for one, other in pairwise(day.over))

    # To 13:00: the generator; the first and the last outage have to be.
    day.load = 500
    await house.world.act("set_dry_contact", contact=NIGHT)
    house.world.sim.set({"sun": 0.5})
    house.world.sim.set({"grid": False, "soc": 25})
    await day.live(30)
    assert not day.closed
    assert house.reason == "quiet"
    await day.live(12 * 60 + 30, grid=0.03)
    house.world.sim.set({"grid": True, "soc": 12, "sun": 0.0})
    await day.live(30)
    assert not day.closed
    house.world.sim.set({"grid": False, "soc": 25})
    await day.live(16)
    assert day.closed
    house.world.sim.set({"grid": True})
    await day.live(16)
    assert not day.closed
    assert not [one for one in house.events if "generator" in one]
