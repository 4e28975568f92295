"""What is known of a plant stays known: over restarts, and without its damage."""

import json

import pytest

from custom_components.instagen.control.known import Memory
from custom_components.instagen.plant.settings import (
    BATTERY_MODE,
    Block,
)

from .paper import DTS, MODBUS, RESERVE, Bench


@pytest.fixture
def bench() -> Bench:
    """Return a plant behind Modbus."""
    return Bench()


@pytest.fixture
def both() -> Bench:
    """Return a plant behind both links."""
    return Bench((MODBUS, DTS))


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {"mode": 5},
        {"mode": {"values": "x", "kept": 3, "link": "pigeon", "at": "noon"}},
        {"attic": {"values": {RESERVE: 10}}},
        {
            "mode": {
                "values": {RESERVE: "ten", BATTERY_MODE: "party", "kettle": 1},
                "kept": [RESERVE, 7],
                "link": 3,
                "at": 3,
            }
        },
    ],
)
def test_damaged_memory_is_no_memory(stored: object) -> None:
    memory = Memory()
    memory.restore(stored)
    for block in Block:
        known = memory.get(block)
        assert (dict(known.values), known.kept) == ({}, frozenset())
        assert (known.link, known.at) == (None, None)


async def test_memory_survives_a_restart(both: Bench) -> None:
    for block in Block:
        await both.writer.read(block)
    await both.wish({"economical_reserve_soc": 35})
    again = Memory()
    again.restore(json.loads(json.dumps(both.memory.snapshot())))
    assert again.snapshot() == both.memory.snapshot()
    assert [again.get(block) for block in Block] == [
        both.memory.get(block) for block in Block
    ]


async def test_damage_costs_only_what_is_damaged(bench: Bench) -> None:
    await bench.writer.read(Block.MODE)
    stored = bench.memory.snapshot()
    stored["mode"]["values"][RESERVE] = None
    stored["mode"]["at"] = "noon"
    again = Memory()
    again.restore(stored)
    known = again.get(Block.MODE)
    assert RESERVE not in known.values
    assert known.values["force_charge_power"] == 100
    assert (known.link, known.at) == (MODBUS, None)
