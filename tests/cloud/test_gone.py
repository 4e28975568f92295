"""A cloud that is gone for a day, through Home Assistant's own timers."""

from datetime import timedelta
import logging

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.instagen.plant.readings import READINGS
from simulator import Simulator
from simulator.cloud import Cloud

from .conftest import Clock
from .test_followed import coordinator_of, follow, shown, states_of

MINUTE = 60
HOUR = 3600


class Time:
    """Time that passes for everybody: Home Assistant, client, plant and cloud."""

    def __init__(
        self, hass: HomeAssistant, clock: Clock, freezer: FrozenDateTimeFactory
    ) -> None:
        self._hass = hass
        self._clock = clock
        self._freezer = freezer

    async def passes(self, seconds: float, step: float) -> int:
        """Let timers fire after each step; return how many steps that were."""
        steps = int(seconds // step)
        for _ in range(steps):
            await self._clock.sleep(step)
            self._freezer.tick(step)
            async_fire_time_changed(self._hass, dt_util.utcnow() + timedelta(seconds=1))
            await self._hass.async_block_till_done(wait_background_tasks=True)
        return steps


async def test_a_cloud_that_is_gone_for_a_day_comes_back_by_itself(
    hass: HomeAssistant,
    home_cloud: Cloud,
    sim: Simulator,
    clock: Clock,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
):
    entry = await follow(hass, home_cloud)
    time = Time(hass, clock, freezer)
    await time.passes(2 * MINUTE, MINUTE)
    before = states_of(hass, entry)
    entities = set(er.async_get(hass).entities)
    account, plant = entry.runtime_data.coordinator, coordinator_of(entry)
    statistics = account.client.transport.statistics
    asked, logins = statistics.requests, home_cloud.requests["login_v0"]
    caplog.clear()

    home_cloud.fault("gone")
    steps = await time.passes(20 * MINUTE, 2 * MINUTE)
    readings = before.keys() & READINGS.keys()
    assert len(readings) > 30
    for key in readings - {"dtu_connected"}:
        assert shown(hass, key) == STATE_UNAVAILABLE, key
    steps += await time.passes(23 * HOUR + 40 * MINUTE, HOUR)
    # In a step the account, the plant and its alarms have one timer each.
    assert statistics.requests - asked <= 4 * steps
    for one in (account, plant):
        assert getattr(one.last_exception, "translation_key", "") == "cloud_unreachable"
    errors = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert len(errors) == 2, "each is told once, not with every try"
    assert "stick" not in caplog.text

    home_cloud.fault("gone", on=False)
    await time.passes(20 * MINUTE, 5 * MINUTE)
    assert home_cloud.requests["login_v0"] - logins <= 1, "nothing that could lock it"
    assert account.last_update_success
    after = states_of(hass, entry)
    assert after.keys() == before.keys(), "nothing was lost"
    assert set(er.async_get(hass).entities) == entities
    assert float(after["pv_energy"]) > float(before["pv_energy"]) + 5, "a day's sun"
    assert float(after["pv_energy"]) == pytest.approx(
        float(sim.state()["pv_energy"] or 0), abs=0.5
    )
