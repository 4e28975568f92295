"""All blueprints at once on one plant, for fourteen days of lost links and restarts."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
import os
from pathlib import Path
from random import Random
from typing import Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_test_home_assistant

from custom_components.instagen.const import DEFAULT_WRITES_REFUSED
from custom_components.instagen.control.journal import JournalEntry
from custom_components.instagen.control.leases import EndReason, Lease
from custom_components.instagen.plant.settings import PARAMETERS
from custom_components.instagen.plant.states import BatteryMode

from .fortnight import HELPERS, RESERVE, Fortnight, blueprints
from .house import House, living

SEED: Final = int(os.environ.get("INSTAGEN_FORTNIGHT_SEED", "1"))
"""Always the same, so that a failure is one of the change; another lives other days."""

DAYS: Final = 14
START: Final = datetime(2026, 10, 13, 11, tzinfo=UTC)
"""Two days before winter's profile; the clock goes back on the 25th."""

EVENTFUL: Final = 10
"""Whose first day has two restarts and a link that is lost."""

BUSY, QUIET = timedelta(minutes=5), timedelta(minutes=60)
"""Steps of time while something goes on, and while nothing does."""

BUSY_FOR: Final = timedelta(minutes=15)

DWELL: Final = timedelta(minutes=10)
COMING_BACK: Final = timedelta(minutes=10)
"""Within which the plant is as it ought to be once it can be reached again."""

SLACK: Final = 0.3
"""Percent that the battery may lie below what is kept back: the plant looks at it every
ten seconds, and within a minute of a write the mode before still acts."""


class Watch:
    """Looks at the house after each step, and remembers what was not as promised."""

    def __init__(self, house: House) -> None:
        """Begin with what the plant does by itself."""
        self.house = house
        self.wrong: list[str] = []
        self.written: list[JournalEntry] = []
        """All that was sent to the plant, over all restarts."""

        self.most_writes = 0
        self._ended: dict[str, Lease] = {}
        self._was_away = False
        self._away_until = dt_util.utcnow()
        self._soc = self._level()
        self._reserve = self._kept_back()

    def _read_on(self) -> None:
        """Read what the journal and the history of leases have had no look at."""
        sent = [
            one for one in self.house.desk.journal.entries if one.result and one.link
        ]
        known = self.written[-1:]
        last = max((n for n, one in enumerate(sent, 1) if [one] == known), default=0)
        self.written += sent[last:]
        self._ended |= {lease.id: lease for lease in self.house.desk.history}

    def look(self) -> None:
        """Compare what there is with what was promised."""
        self._look_at_reserve()
        now = dt_util.utcnow()
        loaded = self.house.entry.state is ConfigEntryState.LOADED
        away = self.house.troubled is not None or not loaded
        # What was away comes back at a look, so the time counts from that one. The look
        # before may be half an hour old, and the plant was still out of reach since then.
        if away or self._was_away:
            self._away_until = now
        self._was_away = away
        if not loaded:
            return
        self._read_on()
        desk = self.house.desk
        self.most_writes = max(self.most_writes, desk.writes_today)
        for lease in desk.leases:
            if lease.until < now:
                self._say(f"the lease of {lease.owner} should have ended {lease.until}")
        if now - self._away_until > COMING_BACK:
            self._look_at_mode()

    def _look_at_mode(self) -> None:
        lease = self.house.desk.current
        mode = lease.mode.battery_mode if lease else BatteryMode.SELF_CONSUMPTION
        if self.house.device("battery_mode") is not mode:
            self._say(f"is in {self.house.device('battery_mode')}, wanted is {mode}")
        reserve = self.house.device("self_consumption_reserve_soc")
        if lease is None and reserve != RESERVE:
            self._say(f"its reserve was left at {reserve} %")

    def _look_at_reserve(self) -> None:
        soc, kept = self._level(), self._kept_back()
        least = max(min(kept, self._reserve, self._soc), RESERVE)
        if soc < least - SLACK:
            self._say(f"from {self._soc} to {soc} %, kept back are {self._reserve} %")
        self._soc, self._reserve = soc, kept

    def _level(self) -> float:
        """Return how full the battery is, finer than the plant tells it."""
        assert self.house.sim.plant.store
        return self.house.sim.plant.store.soc

    def _kept_back(self) -> float:
        """Return the SOC above which the mode of now may discharge."""
        mode = self.house.device("battery_mode")
        key = next(key for key in PARAMETERS[mode] if key.endswith("_soc"))
        if mode is BatteryMode.FORCE_CHARGE:
            return 100
        return float(self.house.device(key))

    def _say(self, what: str) -> None:
        self.wrong.append(f"{dt_util.now():%d %H:%M} {what}")

    def hasty(self) -> list[str]:
        """Return the writes of the mode block that came too soon after another (C6).

        Soon may follow only what ends a state that somebody may no longer have: his
        lease ended meanwhile, and not because he wished for something else.
        """
        found = []
        for before, after in pairwise(self.written):
            lasted = after.at - before.at
            if lasted >= DWELL or self._has_let_go(before, after.at):
                continue
            names = f"{before.asker.name}, then {after.asker.name}"
            found.append(f"{before.at} {names} after {lasted}: {dict(after.changes)}")
        return found

    def _has_let_go(self, written: JournalEntry, by: datetime) -> bool:
        return any(
            lease.owner == written.asker.name
            and lease.ended is not EndReason.REPLACED
            and lease.ended_at is not None
            and written.at <= lease.ended_at <= by
            for lease in self._ended.values()
        )


async def live(house: House, plan: Fortnight, watch: Watch) -> None:
    """Let the days pass; stop at whatever changes, and at each lease's end.

    For a while after anything happened the steps are as short as a blueprint's tick;
    while nothing does, most ticks are left out to save the tests' own time.
    """
    end, restarts = plan.start + timedelta(days=plan.days), sorted(plan.restarts)
    busy_until = plan.start + BUSY_FOR
    holder = None
    while (now := dt_util.utcnow()) < end:
        if plan.begins_or_ends(now):
            busy_until = now + BUSY_FOR
        await house.trouble(plan.trouble_at(now))
        await house.show_all(plan.states(now))
        if restarts and restarts[0][0] <= now:
            await house.restart(away=restarts.pop(0)[1])
            busy_until = dt_util.utcnow() + BUSY_FOR
        watch.look()
        now, leases = dt_util.utcnow(), house.leases()
        if leases[:1] != holder:
            holder, busy_until = leases[:1], now + BUSY_FOR
        pace = BUSY if now < busy_until else QUIET
        stops = [now + pace - (now - START) % pace, *(one.until for one in leases)]
        until = min(stop for stop in (*stops, *plan.edges(now)) if stop > now)
        await house.step((until - now).total_seconds())


async def move_in(house: House, plan: Fortnight) -> Watch:
    """Begin to live in a house that uses everything."""
    assert await async_setup_component(house.hass, "homeassistant", {})
    for domain, config in HELPERS.items():
        assert await async_setup_component(house.hass, domain, {domain: dict(config)})
    house.sim.set({"soc": 60})
    await house.show_all(plan.states(START))
    await house.use(blueprints(house))
    return Watch(house)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("house", [START], indirect=True)
@pytest.mark.parametrize("seed", [SEED])
async def test_nothing_is_left_behind(house: House, seed: int) -> None:
    plan = Fortnight(Random(seed), START, DAYS)
    watch = await move_in(house, plan)
    await live(house, plan, watch)
    assert watch.wrong == []
    assert watch.hasty() == []
    assert 0 < watch.most_writes < DEFAULT_WRITES_REFUSED
    owners = {entry.asker.name for entry in watch.written}
    assert {"cheap-rate charge", "season", "peak export"} <= owners
    synced = [told for told in house.messages if "The tariff is kept" in told]
    assert len(synced) > DAYS / 2, "what a season keeps is in no tariff's way"


async def test_the_same_seed_is_the_same_life(
    freezer: FrozenDateTimeFactory,
    tmp_path: Path,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Lived twice from nothing: what was wished, sent and told is the same."""
    lives = []
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
        plan = Fortnight(Random(EVENTFUL), START, 1)
        assert len(plan.restarts) == 2
        assert plan.lost
        assert min(at for at, _ in plan.restarts) > START
        async with async_test_home_assistant(config_dir=str(tmp_path / name)) as hass:
            hass.data.pop(DATA_CUSTOM_COMPONENTS)
            folder = tmp_path / name
            async with living(hass, freezer, folder, monkeypatch, START) as house:
                watch = await move_in(house, plan)
                await live(house, plan, watch)
                journal = house.desk.journal.snapshot()
            await hass.async_stop(force=True)
        assert watch.wrong == []
        assert watch.written
        lives.append((journal, house.messages))
    assert lives[0] == lives[1]
