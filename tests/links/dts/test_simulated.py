"""The link in front of the simulated stick: what it reads is what the plant does."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from custom_components.instagen.links import LinkError, Verdict
from custom_components.instagen.links.dts import DtsLink
from custom_components.instagen.plant.readings import READINGS, Kind
from simulator import Simulator, serve

from .stick import QUICK

TIMING = replace(QUICK, answer=1, idle=60)
METERED = ("grid_import_energy", "grid_export_energy")
"""Counted by phase on the wire, balanced over the phases in the plant's state."""

STRINGS = ("pv1", "pv2", "pv3", "pv4")
"""Numbered inverter by inverter by the link, dealt out in turn by the simulation."""

READABLE = ["hybrid", "single_phase", "high_voltage", "big", "night", "no_meter"]


@asynccontextmanager
async def link_to(sim: Simulator) -> AsyncGenerator[DtsLink]:
    link = DtsLink(
        lambda: asyncio.open_connection("127.0.0.1", sim.dts_port),
        clock=lambda: sim.plant.now / 1000,
        timing=TIMING,
    )
    try:
        yield link
    finally:
        await link.close()


async def read(link: DtsLink) -> dict[str, Any]:
    values: dict[str, Any] = {}
    async for answer in link.poll(link.served, slow=True):
        assert not answer.silent
        values |= answer.values
    return values


@pytest.mark.parametrize("scenario", READABLE)
async def test_it_reads_the_truth(scenario: str, socket_enabled: None):
    async with serve(scenario, modbus=None, dts=0) as sim:
        await sim.advance(6 * 3600)
        async with link_to(sim) as link:
            identity = await link.identify()
            assert identity.model == sim.plant.config.model
            values = await read(link)
            truth: dict[str, Any] = sim.state()
            for key, value in values.items():
                reading = READINGS[key]
                if key not in truth or reading.kind is Kind.ENERGY_TOTAL:
                    continue
                if sim.plant.config.phases > 1 and key.startswith(METERED):
                    continue
                if sim.plant.config.inverters > 1 and key.startswith(STRINGS):
                    continue
                if value is None or not reading.requires <= identity.features:
                    continue
                if isinstance(value, bool | str):
                    assert value == truth[key], key
                else:
                    assert value == pytest.approx(truth[key], rel=0.02, abs=0.6), key


async def test_everything_fitted_has_a_value(socket_enabled: None):
    async with serve("hybrid", modbus=None, dts=0) as sim, link_to(sim) as link:
        identity = await link.identify()
        values = await read(link)
        unknown = {
            key
            for key in link.served
            if READINGS[key].requires <= identity.features and values.get(key) is None
        }
        assert unknown == set()


async def test_totals_follow_the_plant_over_midnight(socket_enabled: None):
    async with serve("hybrid", modbus=None, dts=0) as sim, link_to(sim) as link:
        await link.identify()
        first = await read(link)
        began: dict[str, Any] = sim.state()
        told = dict(first)
        for _ in range(26 * 4):
            for _ in range(6):
                await sim.advance(150)
                told |= await read(link)
        truth: dict[str, Any] = sim.state()

        def gained(key: str) -> tuple[float, float]:
            return told[key] - first[key], truth[key] - began[key]

        for key in ("load_energy", "pv_energy", "battery_charge_energy"):
            counted, used = gained(key)
            assert used > 1
            assert counted == pytest.approx(used, abs=0.6), key
        (imported, took), (exported, gave) = map(gained, METERED)
        assert exported - imported == pytest.approx(gave - took, abs=1)


async def test_an_encrypted_stick(socket_enabled: None):
    async with serve("encrypted", modbus=None, dts=0) as sim, link_to(sim) as link:
        with pytest.raises(LinkError) as failure:
            await link.identify()
        assert failure.value.verdict is Verdict.ENCRYPTED


@pytest.mark.parametrize("fault", ["drop", "stall", "reset", "garbage", "reboot"])
async def test_a_fault_ends_in_a_verdict_and_in_a_return(
    fault: str, socket_enabled: None
):
    async with serve("hybrid", modbus=None, dts=0) as sim, link_to(sim) as link:
        await link.identify()
        await read(link)
        await sim.fault(fault)
        verdicts = set()
        for _ in range(3):
            await sim.advance(1)
            try:
                await read(link)
            except LinkError as err:
                verdicts.add(err.verdict)
            await asyncio.sleep(QUICK.longest_backoff)
        await sim.fault(fault, on=False)
        await asyncio.sleep(QUICK.longest_backoff)
        async with asyncio.timeout(10):
            while True:
                try:
                    await read(link)
                    break
                except LinkError:
                    await asyncio.sleep(QUICK.longest_backoff)
        assert verdicts <= set(Verdict)
        if fault in {"drop", "stall", "garbage"}:
            assert verdicts
