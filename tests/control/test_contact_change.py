"""Another use of the device's contact: open, rest, write, verify (automation.md 4.8)."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest

from custom_components.instagen.control.contact_change import (
    OBEYS,
    REST,
    carry_out,
    stages,
)
from custom_components.instagen.control.wishes import (
    Outcome,
    Refusal,
    Result,
    WishError,
)
from custom_components.instagen.links.dts import DtsLink
from custom_components.instagen.plant.dry_contact import ContactFunction, LoadMode
from custom_components.instagen.plant.settings import Block, SettingValues
from custom_components.instagen.simulated.settings import WriteFault, WriteTrouble
from simulator import Simulator, serve

from ..conftest import NOON
from ..links.dts.test_settings_dts import TIMING
from .paper import Bench

RUNS: SettingValues = {
    "dry_contact_function": "load_control",
    "load_mode": "manual",
    "load_contact": True,
    "generator": False,
}
AUTO: SettingValues = {
    "dry_contact_function": "generator_control",
    "generator_mode": "auto",
}
OPEN: SettingValues = {
    "dry_contact_function": "off",
    "load_contact": False,
    "generator": False,
}


def test_a_parameter_is_one_write() -> None:
    (only,) = stages(RUNS, {"load_contact": False})
    assert (only.changes, only.rest) == ({"load_contact": False}, 0)


@pytest.mark.parametrize("changes", [AUTO, {"load_mode": "time"}])
def test_another_use_opens_rests_and_writes(changes: SettingValues) -> None:
    opened, chosen = stages(RUNS, changes)
    assert (opened.changes, opened.rest) == (OPEN, 0)
    assert chosen.rest == OBEYS + REST >= 5
    function = changes.get("dry_contact_function", "load_control")
    assert chosen.changes == {**OPEN, **changes, "dry_contact_function": function}


def test_a_load_mode_that_is_not_in_use_is_one_write() -> None:
    before = {**RUNS, "dry_contact_function": "off"}
    assert len(stages(before, {"load_mode": "time"})) == 1


def test_from_off_there_is_nothing_to_open() -> None:
    (only,) = stages({**RUNS, "dry_contact_function": "off"}, AUTO)
    assert only.changes == {**OPEN, **AUTO}


def test_switching_off_is_one_write() -> None:
    (only,) = stages(RUNS, {"dry_contact_function": "off"})
    assert only.changes == OPEN


def test_a_use_that_nobody_can_name_is_opened_as_well() -> None:
    assert len(stages({**RUNS, "dry_contact_function": "other"}, AUTO)) == 2
    assert len(stages({}, AUTO)) == 2


@dataclass
class Site:
    """A plant, and whoever changes its contact."""

    sim: Simulator
    bench: Bench
    slept: list[float]
    closed: list[bool]

    async def write(self, changes: SettingValues) -> Outcome:
        return await self.bench.wish(changes)

    async def sleep(self, seconds: float) -> None:
        """Let the plant live through the rest, and look at its contact at its end."""
        self.slept.append(seconds)
        await self.sim.advance(seconds - REST)
        for _ in range(int(REST)):
            self.closed.append(self.sim.plant.contact.closed)
            await self.sim.advance(1)

    async def change(self, changes: SettingValues) -> Outcome:
        before = (await self.bench.writer.read(Block.CONTACT)).values
        return await carry_out(before, changes, write=self.write, sleep=self.sleep)


@pytest.fixture
async def site(socket_enabled: None) -> AsyncGenerator[Site]:
    """Serve a plant whose contact runs a load."""
    async with serve("mode_read", start=NOON, modbus=None, dts=0) as sim:
        link = DtsLink(
            lambda: asyncio.open_connection("127.0.0.1", sim.dts_port), timing=TIMING
        )
        await link.identify(patient=True)
        bench = Bench((), unproven=True)
        bench.writer = bench.over([link.settings, link.contact])
        sim.plant.set("relay", {"function": "load_control", "switched_on": True})
        try:
            yield Site(sim, bench, [], [])
        finally:
            await link.close()


async def test_the_writer_carries_the_contact_as_any_other_block(site: Site) -> None:
    outcome = await site.change({"entrance_breaker_size": 80})
    assert outcome.result is Result.VERIFIED
    assert site.sim.plant.programs.relay.breaker_size == 80
    assert site.slept == []
    again = await site.change({"entrance_breaker_size": 80})
    assert again.result is Result.UNCHANGED
    with pytest.raises(WishError) as caught:
        await site.change({"entrance_breaker_size": 0})
    assert caught.value.refusal is Refusal.OUT_OF_RANGE


async def test_without_consent_it_is_read_and_not_written(site: Site) -> None:
    site.bench.unproven = False
    with pytest.raises(WishError) as caught:
        await site.change({"entrance_breaker_size": 80})
    assert caught.value.refusal is Refusal.NEEDS_OPT_IN


async def test_the_contact_is_open_between_two_uses(site: Site) -> None:
    assert site.sim.plant.contact.closed
    outcome = await site.change(
        {**AUTO, "generator_start_soc": 20, "generator_stop_soc": 80}
    )
    assert outcome.result is Result.VERIFIED
    assert outcome.before["dry_contact_function"] == "load_control"
    assert site.closed == [False] * int(REST)
    relay = site.sim.plant.programs.relay
    assert relay.function is ContactFunction.GENERATOR_CONTROL
    assert not relay.switched_on


async def test_a_crash_in_between_leaves_the_contact_open(site: Site) -> None:
    async def crash(_: float) -> None:
        raise asyncio.CancelledError

    before = (await site.bench.writer.read(Block.CONTACT)).values
    with pytest.raises(asyncio.CancelledError):
        await carry_out(
            before, {"load_mode": "backup_load"}, write=site.write, sleep=crash
        )
    await site.sim.advance(OBEYS)
    assert not site.sim.plant.contact.closed
    assert site.sim.plant.programs.relay.function is ContactFunction.OFF
    # Whoever comes next begins with an open contact: one write.
    outcome = await site.change(
        {"dry_contact_function": "load_control", "load_mode": "backup_load"}
    )
    assert outcome.result is Result.VERIFIED
    assert site.slept == []
    assert site.sim.plant.programs.relay.load_mode is LoadMode.BACKUP_LOAD


async def test_what_did_not_open_is_not_used_for_something_else(site: Site) -> None:
    site.sim.plant.write_trouble = WriteTrouble(WriteFault.IGNORED)
    with pytest.raises(WishError) as caught:
        await site.change(AUTO)
    assert caught.value.refusal is Refusal.NOT_APPLIED
    assert site.slept == []
    assert site.sim.plant.programs.relay.function is ContactFunction.LOAD_CONTROL
