"""A day in the life of an installation that is reached over its stick's own link.

The stick counts the energy of its day in whole steps and keeps no other counter, so what
passed between the last look and its midnight cannot be known (``plant/totals.py``); here
that is worked out by the plant itself, and nothing else may be missing.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
import logging
from random import Random
from typing import Any, Final, override

from homeassistant.const import CONF_HOST
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.const import (
    CONF_DTS_PORT,
    CONF_LINKS,
    CONF_SERIAL,
    CONF_STICK_SERIAL,
    DOMAIN,
)
from custom_components.instagen.links.dts import link
from custom_components.instagen.links.dts.rows import TOTALS
from custom_components.instagen.links.dts.stream import Timing
from custom_components.instagen.plant.guard import AGREEMENT
from custom_components.instagen.plant.readings import READINGS
from custom_components.instagen.simulated.counters import KWH
from custom_components.instagen.simulated.stick import Manners
from custom_components.instagen.simulated.stick.trouble import GARBAGE
from simulator import Simulator, serve

from ..conftest import NOON, SERIAL
from .test_a_day import AGREED, BEFORE_MIDNIGHT, SEED, Events, end_well, live
from .trouble import Trouble
from .truth import Truth, shows, truth_of
from .witness import NOTHING, Witness
from .world import NOT_MEASURED, World

POLL: Final = 30
"""Seconds of the plant between two polls."""

DAY: Final = (24 * 3600 + 900) // POLL
"""Polls of 24 hours and a quarter: from five to midnight there are two midnights."""

SETTLE: Final = AGREED
"""Slow polls after any trouble: every second poll is one, and a counter that stood still
and leapt has to be seen by four."""

STICK: Final = "430122480680"

HASTY: Final = Timing(
    spacing=0, answer=0.025, connect=1, backoff=0, longest_backoff=0, close=0.1
)

_PHASES: Final = ("grid_import", "grid_export", "load", "ac_pv", "generator")
_STRINGS: Final = ("pv1", "pv2")

COUNTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "pv": _STRINGS,
    "battery_charge": ("battery_charge",),
    "battery_discharge": ("battery_discharge",),
    **{name: tuple(f"{name}_l{phase}" for phase in (1, 2, 3)) for name in _PHASES},
}
"""What the stick counts in parts; each part is told in whole steps of its own."""

_STEP: Final = KWH // 10

_LASTING: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    ("drop", {}),
    ("stall", {}),
    ("freeze", {}),
    ("reset", {}),
    ("reboot", {}),
    ("wrong_transaction_id", {}),
    ("wrong_clock", {}),
    ("wrong_clock", {}),
    *(("garbage", {"kind": kind}) for kind in GARBAGE),
)

EVERY_KIND: Final = {":".join((name, *given.values())) for name, given in _LASTING}

_WRONG_BY: Final = (-90_000, -7200, -1800, 600, 3600, 18_000, 90_000)
"""Seconds."""

LYING: Final = "garbage:negative"
"""The one fault whose answers are whole, possible and untrue."""

type Begin = Callable[[datetime], Awaitable[StickWorld]]


class StickTrouble(Trouble):
    """Everything that can happen on the stick's own wire."""

    @override
    async def before_poll(self, world: World) -> None:
        await super().before_poll(world)
        world.witness.deceived = world.witness.during == LYING

    @override
    async def _begin(self, world: World) -> None:
        self._name, given = self._random.choice(_LASTING)
        self._left = self._random.randint(1, 25)
        label = ":".join((self._name, *given.values()))
        self.history.append(label)
        if self._name == "reboot":
            given = {"seconds": self._left * POLL - POLL / 2}
        if self._name == "wrong_clock":
            given = {"seconds": self._random.choice(_WRONG_BY)}
        self.calm = False
        world.witness.during = label
        await self._switch(world, on=True, **given)


class StickWitness(Witness):
    """Hears totals, too; they began when the plant was added."""

    @callback
    @override
    def _hear(self, event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        key = self._key(event.data["entity_id"])
        if key not in TOTALS:
            super()._hear(event)
        elif new is not None and new.state not in NOTHING:
            self._count(key, float(new.state))


class StickWorld(World):
    """A plant behind its stick, and what of it can be known."""

    def __init__(
        self, hass: HomeAssistant, sim: Simulator, caplog: pytest.LogCaptureFixture
    ) -> None:
        super().__init__(hass, sim, caplog)
        self.witness.stop()
        self.witness = StickWitness(hass, self.truth)
        self.midnights = 0
        self.unknowable = dict.fromkeys(COUNTERS, 0.0)
        """kWh of each counter between a last look and the end of that day."""

        self.undecidable = dict.fromkeys(COUNTERS, 0.0)
        """kWh of days whose end cannot be told from their counters: those of the new day
        had overtaken them, or it ended before it was believed to have begun."""

        self._looks = AGREEMENT + 1
        """Since the stick's day began; a counter that fell is believed after so many."""

        self._before = dict.fromkeys(COUNTERS, 0.0)
        """What was seen of the day before, while it may still be overtaken."""

        self._seen = self._today()
        self._began = self._days()
        self._hidden_before = self.hidden()

    async def add(self) -> None:
        """Add the plant; from then on only ``poll`` polls."""
        self._entry = entry = MockConfigEntry(
            domain=DOMAIN,
            title="HIT-15L-G3",
            unique_id=SERIAL,
            pref_disable_polling=True,
            data={
                CONF_HOST: "127.0.0.1",
                CONF_DTS_PORT: self.sim.dts_port,
                CONF_LINKS: ["dts"],
                CONF_SERIAL: SERIAL,
                CONF_STICK_SERIAL: STICK,
            },
        )
        entry.add_to_hass(self.hass)
        await self.hass.config_entries.async_setup(entry.entry_id)
        await self.reload()

    @override
    async def poll(self, times: int = 1) -> None:
        for _ in range(times):
            await self.sim.advance(POLL)
            before = self.coordinator.last_update_success
            await self.coordinator.async_refresh()
            after = self.coordinator.last_update_success
            self.losses += before and not after
            self.returns += after and not before
            self.polls += 1
            self._keep_books(looked=after)

    @override
    async def fault(self, name: str, *, on: bool = True, **parameters: object) -> None:
        await self.sim.fault(name, on=on, **parameters)
        if name == "freeze":
            self._frozen = self._true() if on else None

    # -- what can be known ----------------------------------------------------------

    def _keep_books(self, *, looked: bool) -> None:
        """Note what a look tells, and what ended unseen since the last one."""
        days = self._days()
        if days != self._began:
            self.midnights += 1
            for name, parts in COUNTERS.items():
                passed = sum(days[part] - self._began[part] for part in parts)
                self.unknowable[name] += passed / KWH - self._seen[name]
                self.undecidable[name] += self._before[name]
            self._began = days
            self._looks = 0
            self._before, self._seen = self._seen, dict.fromkeys(COUNTERS, 0.0)
        if looked and self._frozen is None and self.witness.during != LYING:
            self._seen = self._today()
            self._looks += 1
            self._compare_with_day_before()

    def _compare_with_day_before(self) -> None:
        """Note the counters that overtook those of the day before unseen."""
        for name, before in self._before.items():
            if self._seen[name] >= before:
                self.undecidable[name] += before
                self._before[name] = 0.0
        if self._looks > AGREEMENT:
            self._before = dict.fromkeys(COUNTERS, 0.0)

    def _days(self) -> dict[str, int]:
        """Return where each counter stood when the stick's day began."""
        counters, day = self.sim.plant.counters, self.sim.stick.day.number
        return {
            part: counters.total(part) - counters.today(part, day)
            for parts in COUNTERS.values()
            for part in parts
        }

    def _today(self) -> dict[str, float]:
        """Return what the stick tells of its day."""
        counters, day = self.sim.plant.counters, self.sim.stick.day.number
        return {
            name: sum(counters.today(part, day) // _STEP for part in parts) / 10
            for name, parts in COUNTERS.items()
        }

    def hidden(self) -> dict[str, float]:
        """Return the kWh of today that fill no whole step yet."""
        counters, day = self.sim.plant.counters, self.sim.stick.day.number
        return {
            name: sum(counters.today(part, day) % _STEP for part in parts) / KWH
            for name, parts in COUNTERS.items()
        }

    def knowable(self, name: str) -> float:
        """Return the kWh that a total must have gained since the world began."""
        true = self.energies()[f"{name}_energy"] + self._hidden_before[name]
        return true - self.hidden()[name] - self.unknowable[name]

    @override
    def _counted(self) -> dict[str, float]:
        counters = self.sim.plant.counters
        return {
            f"{name}_energy": sum(counters.total(part) for part in parts) / KWH
            for name, parts in COUNTERS.items()
        }

    # -- what is seen ---------------------------------------------------------------

    @override
    def truth(self) -> Truth:
        return self._frozen if self._frozen is not None else self._true()

    def _true(self) -> Truth:
        revision = self.sim.plant.revision
        if self._truth[0] != revision:
            detail = self.sim.plant.detail()
            today = self._today()
            true: dict[str, Any] = {
                **truth_of(self.sim),
                **{f"{name}_energy_today": value for name, value in today.items()},
                "battery_cell_temperature_min": detail["cell_temperature_min"],
                "insulation_resistance": detail["insulation_resistance"],
                "residual_current": detail["residual_current"],
            }
            self._truth = (revision, true)
        return self._truth[1]

    @override
    def unavailable(self) -> set[str]:
        return super().unavailable() & READINGS.keys()  # a button has no state to show

    @override
    def wrong(self) -> dict[str, str]:
        truth = self.truth()
        return {
            key: f"shows {state.state}, true is {truth.get(key)}"
            for key, state in self.states().items()
            if key not in NOT_MEASURED | TOTALS.keys() and key in READINGS
            if key not in truth or not shows(key, state.state, truth[key])
        }


@pytest.fixture
async def begin(
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> AsyncGenerator[Begin]:
    """Begin a world at some moment; it ends with the test."""
    caplog.set_level(logging.WARNING)
    caplog.set_level(logging.INFO, logger="custom_components.instagen")
    hass.loop.set_debug(False)  # it reports each slow moment of a busy machine
    async with AsyncExitStack() as stack:

        async def run(moment: datetime) -> StickWorld:
            sim = await stack.enter_async_context(
                serve("hybrid", start=moment, from_midnight=True, modbus=None, dts=0)
            )
            # Of every connection that was given up one more would have to be waited for.
            sim.dts.manners = Manners(crowd_delay=0)
            original = link.DtsLink.__init__

            def seconds() -> float:
                return sim.plant.now / 1000

            def hasty(self: link.DtsLink, *given: Any, **named: Any) -> None:
                ours = {
                    "timing": HASTY,
                    "clock": seconds,
                    "now": lambda: datetime.fromtimestamp(seconds(), UTC),
                }
                original(self, *given, **(named | ours))

            monkeypatch.setattr(link.DtsLink, "__init__", hasty)
            monkeypatch.setattr(
                dt_util, "utcnow", lambda: datetime.fromtimestamp(seconds(), UTC)
            )
            world = StickWorld(hass, sim, caplog)
            stack.callback(world.witness.stop)
            await world.add()
            return world

        yield run


def check_totals(world: StickWorld) -> dict[str, tuple[float, float]]:
    """See that every total grew by what can be known; return both."""
    found = {}
    for key in TOTALS:
        name = key.removesuffix("_energy")
        shown, true = world.witness.energies[key], world.energies()[key]
        found[key] = (shown, true)
        missing = world.knowable(name) - shown
        allowed = 0.005 * true + 0.2
        assert -allowed <= missing <= allowed + world.undecidable[name], key
    assert not TOTALS.keys() & set(world.witness.resets)
    return found


@pytest.mark.timeout(200)
async def test_a_day_of_faults_over_the_stick(
    begin: Begin, record_property: Callable[[str, object], None]
):
    world = await begin(BEFORE_MIDNIGHT)
    world.sim.set({"soc": 22})  # not enough for the night: the grid has its part, too
    trouble = StickTrouble(Random(2026), calm=(4, 40))
    events: Events = {500: World.reload, 1500: World.reload, 2300: World.reload}
    seen = await live(world, DAY, trouble, events, settle=SETTLE)
    await end_well(world, trouble)

    record_property("troubles", dict(trouble.begun))
    assert set(trouble.begun) == EVERY_KIND
    assert world.losses > 20
    assert world.midnights >= 2
    assert seen > 200
    energies = check_totals(world)
    record_property("energies", energies)
    assert len(energies) == len(COUNTERS)
    assert energies["grid_import_energy"][1] > 1


@pytest.mark.parametrize("seed", [SEED])
async def test_hours_of_other_faults_over_the_stick(begin: Begin, seed: int):
    world = await begin(NOON)
    trouble = StickTrouble(Random(seed), calm=(1, 15))
    await live(world, 3 * 3600 // POLL, trouble, {100: World.reload}, settle=SETTLE)
    await end_well(world, trouble)
    check_totals(world)
