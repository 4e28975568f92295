"""Our rules beside the simulated device's own: where the facts define both, they agree.

Both look at the same moments. Where they may differ is named here, each with its reason;
such moments are kept out of the way on purpose, and have tests of their own.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import os
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from custom_components.instagen.control.contact import ContactMemory, step
from custom_components.instagen.control.contact_inputs import Assumed, Inputs, Sample
from custom_components.instagen.plant.contact_settings import settings_of
from custom_components.instagen.plant.dry_contact import (
    ContactFunction,
    GeneratorMode,
    LoadMode,
)
from custom_components.instagen.plant.settings import SettingValues
from custom_components.instagen.simulated.contact import DryContact, Surrounding
from custom_components.instagen.simulated.relay import (
    GeneratorSettings,
    Intelligent,
    RelaySettings,
    WeekGroup,
)
from custom_components.instagen.simulated.tariff import ALL_DAYS, Window

SEED: Final = int(os.environ["INSTAGEN_SEED"])
ZONE: Final = ZoneInfo("Europe/London")
START: Final = datetime(2026, 10, 24, 1, tzinfo=UTC)
"""A day before the clocks change."""

POLL: Final = 10
MOMENTS: Final = 2 * 86_400 // POLL

WEEK: Final = "mon,tue,wed,thu,fri,sat,sun"
WINDOWS: Final = (
    WeekGroup(weekdays=ALL_DAYS, windows=(Window(1320, 360), Window(720, 780))),
)
LOAD: Final = RelaySettings(
    function=ContactFunction.LOAD_CONTROL, protect_soc=30, breaker_size=40
)
OURS: Final[SettingValues] = {"dry_contact_function": "load_control"}

CASES: Final[dict[str, tuple[SettingValues, RelaySettings]]] = {
    "time": (
        {
            **OURS,
            "load_mode": "time",
            "load_weekdays_1": WEEK,
            "load_window_1": "22:00-06:00",
            "load_window_2": "12:00-13:00",
        },
        replace(LOAD, load_mode=LoadMode.TIME, times=WINDOWS),
    ),
    "intelligent": (
        {
            **OURS,
            "load_mode": "intelligent",
            "load_nominal_power": 2000,
            "load_min_run_time": 20,
            "surplus_weekdays_1": WEEK,
            "surplus_window_1": "01:30-20:00",
        },
        replace(
            LOAD,
            load_mode=LoadMode.INTELLIGENT,
            intelligent=Intelligent(
                groups=(WeekGroup(weekdays=ALL_DAYS, windows=(Window(90, 1200),)),),
                min_runtime=20,
                rated_power=2000,
            ),
        ),
    ),
    "backup_load": (
        {**OURS, "load_mode": "backup_load", "load_protection_soc": 30},
        replace(LOAD, load_mode=LoadMode.BACKUP_LOAD),
    ),
    "ev_charger": (
        {
            **OURS,
            "load_mode": "ev_charger",
            "entrance_breaker_size": 40,
            "ev_charger_size": 32,
        },
        replace(LOAD, load_mode=LoadMode.EV_CHARGER),
    ),
    "earth_fault_alarm": (
        {"dry_contact_function": "earth_fault_alarm"},
        RelaySettings(function=ContactFunction.EARTH_FAULT_ALARM),
    ),
    "generator": (
        {
            "dry_contact_function": "generator_control",
            "generator_mode": "auto",
            "generator_start_soc": 30,
            "generator_stop_soc": 60,
            "generator_quiet_time": True,
            "generator_quiet_1": "23:00-01:30",
        },
        RelaySettings(
            function=ContactFunction.GENERATOR_CONTROL,
            generator=GeneratorSettings(
                mode=GeneratorMode.AUTO,
                start_soc=30,
                stop_soc=60,
                quiet_on=True,
                quiet_windows=(Window(1380, 90),),
            ),
        ),
    ),
}


class Weather:
    """A random world, whose changes last a while."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.pv, self.load, self.soc = 3000, 500, 50.0
        self.grid, self.fault = True, False
        self.current = 5.0

    def happen(self) -> None:
        """Change something now and then."""
        chance, choose = self.random.random, self.random.choice
        if chance() < 0.02:
            self.pv = choose((0, 1000, 2300, 2499, 2500, 2501, 4000))
        if chance() < 0.01:
            self.load = choose((300, 500, 700))
        if chance() < 0.01:
            self.grid = not self.grid
        if chance() < 0.02:
            self.soc = choose((20.0, 29.9, 30.0, 35.0, 60.0, 60.1, 70.0))
        if chance() < 0.01:
            self.fault = not self.fault
        if chance() < 0.008:
            self.current = choose((-40.1, -20.0, 7.9, 8.0, 39.0, 40.0, 40.1))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", [SEED])
def test_ours_and_the_device_do_the_same(seed: int, name: str) -> None:
    values, relay = CASES[name]
    settings, device = settings_of(values), DryContact()
    weather, running_for = Weather(Random(seed)), 0
    memory: ContactMemory | None = None
    # Ours alone caps the starts of a day, and lets a starting engine be while the SOC
    # moves by a few points (C6).
    assumed = Assumed(sun_starts=10_000, soc_hysteresis=0)
    closed, moves = False, 0
    for moment in range(MOMENTS):
        weather.happen()
        now = START + timedelta(seconds=moment * POLL)
        running_for = running_for + POLL if closed and name == "generator" else 0
        confirmed = running_for > 12
        load = weather.load + 2000 * (closed and name == "intelligent")
        device.look(
            relay,
            Surrounding(
                now=moment * POLL * 1000,
                local=now.astimezone(ZONE),
                powered=True,
                islanded=not weather.grid,
                grid=weather.grid,
                soc=weather.soc,
                pv=weather.pv,
                load=load,
                charging=0,
                currents=(weather.current,),
                earth_fault=weather.fault,
                unsafe=False,
                generator_confirmed=confirmed,
            ),
        )
        inputs = Inputs(
            now=now,
            zone=ZONE,
            **_samples(weather, now, load=float(load), confirmed=confirmed),
        )
        done = step(settings, inputs, memory, assumed)
        memory = done.memory
        assert done.closed is device.closed, (now, done.state, device.state)
        moves += done.closed is not closed
        closed = done.closed
    assert moves > 2


def _samples(weather: Weather, now: datetime, **more: Any) -> dict[str, Any]:
    found = {
        "pv": float(weather.pv),
        "soc": weather.soc,
        "grid": weather.grid,
        "currents": (weather.current,),
        "earth_fault": weather.fault,
        **more,
    }
    return {name: Sample(value, now) for name, value in found.items()}
