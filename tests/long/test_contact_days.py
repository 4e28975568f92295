"""Ten simulated days with clouds, outages and a car: the contact's rules hold.

Three switches of one house: a surplus load, an EV charger, and a generator, each with a
controller of ours, on a plant whose physics answer them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import os
from random import Random
from typing import Any, Final

import pytest

from custom_components.instagen.control.contact import ContactMemory, ContactStep, step
from custom_components.instagen.control.contact_inputs import Assumed, Inputs, Sample
from custom_components.instagen.plant.contact_settings import settings_of
from custom_components.instagen.simulated import PlantConfig, SimulatedPlant
from custom_components.instagen.simulated.measure import grid_currents

SEED: Final = int(os.environ["INSTAGEN_SEED"])
POLL: Final = 30
POLLS: Final = 10 * 86_400 // POLL
ASSUMED: Final = Assumed()

BREAKER: Final = 40
NOMINAL: Final = 2000
CAR: Final = 7360
MIN_RUN: Final = 20
START: Final = 30

EV: Final = settings_of(
    {
        "dry_contact_function": "load_control",
        "load_mode": "ev_charger",
        "entrance_breaker_size": BREAKER,
        "ev_charger_size": 32,
    }
)
SUN: Final = settings_of(
    {
        "dry_contact_function": "load_control",
        "load_mode": "intelligent",
        "load_nominal_power": NOMINAL,
        "load_min_run_time": MIN_RUN,
        "surplus_weekdays_1": "mon,tue,wed,thu,fri,sat,sun",
        "surplus_window_1": "08:00-20:00",
    }
)
GENERATOR: Final = settings_of(
    {
        "dry_contact_function": "generator_control",
        "generator_mode": "auto",
        "generator_start_soc": START,
        "generator_stop_soc": 80,
        "generator_quiet_time": True,
        "generator_quiet_1": "22:00-07:00",
        "generator_charge": "06:00-09:00",
    }
)


@dataclass
class Switch:
    """One controller with its switch, and when it moved."""

    settings: Any
    memory: ContactMemory | None = None
    moves: list[tuple[datetime, bool]] = field(default_factory=list)
    done: ContactStep | None = None

    @property
    def closed(self) -> bool:
        return self.memory is not None and self.memory.closed

    def look(self, inputs: Inputs) -> bool:
        before = self.closed
        self.done = step(self.settings, inputs, self.memory, ASSUMED)
        self.memory = self.done.memory
        if self.closed is not before:
            self.moves.append((inputs.now, self.closed))
        return self.closed


@dataclass
class World:
    """The plant, what happens to it, and what was seen."""

    random: Random
    plant: SimulatedPlant = field(
        default_factory=lambda: SimulatedPlant(
            PlantConfig(phases=1, ac_pv=None),
            datetime(2026, 6, 12, 23, tzinfo=UTC),
        )
    )
    ev: Switch = field(default_factory=lambda: Switch(EV))
    sun: Switch = field(default_factory=lambda: Switch(SUN))
    generator: Switch = field(default_factory=lambda: Switch(GENERATOR))
    plugged: bool = False
    house: int = 500
    changes: dict[str, Any] = field(default_factory=dict)
    over: list[bool] = field(default_factory=list)
    """Whether each poll found the car drawing above the breaker."""

    def happen(self, number: int) -> None:
        """Let weather, household, grid and car do as they like."""
        chance = self.random.random
        if chance() < 0.02:
            self.changes["sun"] = self.random.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        if chance() < 0.03:
            self.house = self.random.choice((200, 500, 900, 2500, 5500, 9000))
        if chance() < 0.003:
            self.plugged = not self.plugged
        if chance() < (0.001 if self.plant.overrides.grid else 0.005):
            on = not self.plant.overrides.grid
            self.changes["grid"] = on
            if not on:
                self.changes["soc"] = self.random.randint(20, 60)
        if self.plant.overrides.grid and number % 2880 == 0:
            self.changes["soc"] = 11

    def inputs(self) -> Inputs:
        """Read the plant; now and then a reading is lost."""
        plant = self.plant
        now = datetime.fromtimestamp(plant.now / 1000, UTC)
        state = plant.state()

        def told(value: Any) -> Sample[Any]:
            return Sample() if self.random.random() < 0.002 else Sample(value, now)

        return Inputs(
            now=now,
            zone=plant.zone,
            pv=told(float(state["pv_power"] or 0)),
            load=told(float(state["load_power"] or 0)),
            soc=told(float(state["battery_soc"] or 0)),
            grid=told(not state["off_grid"]),
            currents=told(grid_currents(plant)),
            confirmed=told(plant.generator_running),
            reset=now.hour == 5,
        )

    def live(self) -> Iterator[Inputs]:
        """Go from poll to poll; the switches act at once."""
        self.plant.set("relay", {"function": "generator_control"})
        for number in range(POLLS):
            self.plant.advance(POLL)
            inputs = self.inputs()
            measured = grid_currents(self.plant) or ()
            drew = self.ev.closed and self.plugged
            self.over.append(drew and max(map(abs, measured)) > BREAKER)
            self.happen(number)
            started = self.generator.closed
            for switch in (self.ev, self.sun, self.generator):
                switch.look(inputs)
            yield inputs
            load = self.house + NOMINAL * self.sun.closed
            load += CAR * (self.plugged and self.ev.closed)
            if load != self.plant.overrides.load:
                self.changes["load"] = load
            if started is not self.generator.closed:
                self.changes["relay"] = {"switched_on": self.generator.closed}
            if self.changes:
                self.plant.set_many(self.changes)
            self.changes = {}


def runs(moves: list[tuple[datetime, bool]]) -> Iterator[tuple[bool, timedelta]]:
    """Return for how long the switch stayed as it was put."""
    for (since, closed), (until, _) in pairwise(moves):
        yield closed, until - since


@pytest.mark.parametrize("seed", [SEED])  # so that the test's name tells it
def test_ten_days_with_clouds_outages_and_a_car(seed: int) -> None:
    world = World(Random(seed))
    starts = 0
    for inputs in world.live():
        assert not (world.over[-1] and world.ev.closed), "the car goes on"
        done = world.generator.done
        assert done
        if world.generator.moves and world.generator.moves[-1] == (inputs.now, True):
            starts += 1
            assert inputs.grid.value is False
            assert not world.plant.overrides.grid
            assert 7 <= inputs.local.hour < 22
        if inputs.local.hour >= 22 or inputs.local.hour < 7:
            assert done.state in {"off", "cool", "fault"}

    # Never over the breaker for more than one poll; and that it came to it at all.
    assert not any(one and other for one, other in pairwise(world.over))
    assert sum(world.over) > 0
    assert len(world.ev.moves) > 4

    kept = list(runs(world.sun.moves))
    assert len(kept) > 10
    shortest = timedelta(minutes=MIN_RUN)
    assert all(lasted >= shortest for closed, lasted in kept if closed)
    rest = timedelta(seconds=ASSUMED.sun_min_off)
    assert all(lasted >= rest for closed, lasted in kept if not closed)

    assert starts > 0
