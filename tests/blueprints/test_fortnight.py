"""All blueprints at once on one plant, for fourteen days of lost links and restarts."""

from datetime import UTC, datetime, timedelta
import os
from random import Random
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest

from custom_components.instagen.const import DEFAULT_WRITES_REFUSED, DOMAIN
from custom_components.instagen.control.desk import RESTORER
from custom_components.instagen.control.journal import JournalEntry
from custom_components.instagen.plant.settings import PARAMETERS
from custom_components.instagen.plant.states import BatteryMode

from .fortnight import HELPERS, RESERVE, Fortnight, blueprints
from .house import House

SEED: Final = int(os.environ.get("INSTAGEN_FORTNIGHT_SEED", "1"))
"""Always the same, so that a failure is one of the change; another lives other days."""

DAYS: Final = 14
START: Final = datetime(2026, 10, 13, 11, tzinfo=UTC)
"""Two days before winter's profile; the clock goes back on the 25th."""

BUSY, QUIET = timedelta(minutes=5), timedelta(minutes=30)
"""Steps of time while something goes on, and while nothing does."""

BUSY_FOR: Final = timedelta(minutes=20)

DWELL: Final = timedelta(minutes=10)
COMING_BACK: Final = timedelta(minutes=10)
"""Within which the plant is as it ought to be once it can be reached again."""

SLACK: Final = 1.5
"""Percent by which a level told in whole percent may be off after a step."""


class Watch:
    """Looks at the house after each step, and remembers what was not as promised."""

    def __init__(self, house: House) -> None:
        """Begin with what the plant does by itself."""
        self.house = house
        self.wrong: list[str] = []
        self.written: list[JournalEntry] = []
        self.most_writes = 0
        self._journal: object = None
        self._was_away = False
        self._away_until = dt_util.utcnow()
        self._soc = self._level()
        self._reserve = self._kept_back()

    def _attach(self) -> None:
        """Read along in the journal; each start of the plant has another one."""
        journal = self.house.entry.runtime_data.steering.journal
        if self._journal is not journal:
            self._journal = journal
            journal.add_listener(self._note)

    def _note(self, entry: JournalEntry) -> None:
        if entry.result is not None and entry.link is not None:
            self.written.append(entry)

    def look(self) -> None:
        """Compare what there is with what was promised."""
        self._look_at_reserve()
        now = dt_util.utcnow()
        loaded = self.house.entry.state is ConfigEntryState.LOADED
        away = self.house.sim.dropped or not loaded
        # What was away comes back at a look, so the time counts from that one. The look
        # before may be half an hour old, and the plant was still out of reach since then.
        if away or self._was_away:
            self._away_until = now
        self._was_away = away
        if not loaded:
            return
        self._attach()
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
        least = min(kept, self._reserve, self._soc) - SLACK
        if soc < max(least, RESERVE - SLACK):
            self._say(f"from {self._soc} to {soc} %, kept back are {self._reserve} %")
        self._soc, self._reserve = soc, kept

    def _level(self) -> float:
        return float(self.house.sim.plant.state()["battery_soc"] or 0)

    def _kept_back(self) -> float:
        """Return the SOC above which the mode of now may discharge."""
        mode = self.house.device("battery_mode")
        key = next(key for key in PARAMETERS[mode] if key.endswith("_soc"))
        return 0 if mode is BatteryMode.FORCE_CHARGE else float(self.house.device(key))

    def _say(self, what: str) -> None:
        self.wrong.append(f"{dt_util.now():%d %H:%M} {what}")

    def hasty(self) -> list[str]:
        """Return the owners' writes that followed another of their own too soon."""
        last: dict[str, datetime] = {}
        found = []
        for entry in self.written:
            owner = entry.asker.name
            if owner != RESTORER and entry.at - last.get(owner, START - DWELL) < DWELL:
                found.append(f"{entry.at} {owner} {dict(entry.changes)}")
            last[owner] = entry.at
        return found


async def live(house: House, plan: Fortnight, watch: Watch) -> None:
    """Let the days pass; stop at whatever changes, and at each lease's end.

    For a while after anything happened the steps are as short as a blueprint's tick;
    while nothing does, five of six ticks are left out to save the tests' own time.
    """
    end, restarts = plan.start + timedelta(days=plan.days), sorted(plan.restarts)
    busy_until = plan.start + BUSY_FOR
    holder = None
    while (now := dt_util.utcnow()) < end:
        if plan.begins_or_ends(now):
            busy_until = now + BUSY_FOR
        await house.lose_link(lost=plan.is_lost(now))
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


def sync_tariff(call: ServiceCall) -> ServiceResponse:
    """Answer as the action does where no link carries a table."""
    return {"fidelity": 97, "state": "kept_here", "valid": True}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("house", [START], indirect=True)
@pytest.mark.parametrize("seed", [SEED])
async def test_nothing_is_left_behind(house: House, seed: int) -> None:
    hass = house.hass
    assert await async_setup_component(hass, "homeassistant", {})
    for domain, config in HELPERS.items():
        assert await async_setup_component(hass, domain, {domain: dict(config)})
    hass.services.async_register(
        DOMAIN, "sync_tariff", sync_tariff, supports_response=SupportsResponse.OPTIONAL
    )
    house.sim.set({"soc": 60})
    plan = Fortnight(Random(seed), START, DAYS)
    await house.show_all(plan.states(START))
    await house.use(blueprints(house))
    watch = Watch(house)
    await live(house, plan, watch)
    assert watch.wrong == []
    assert watch.hasty() == []
    assert 0 < watch.most_writes < DEFAULT_WRITES_REFUSED
    owners = {entry.asker.name for entry in watch.written}
    assert {"cheap-rate charge", "season", "peak export"} <= owners
