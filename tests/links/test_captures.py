"""Recordings of real devices decode to the values their owners stated.

The recordings are not part of this repository; the tests run where they lie beside it.
"""

from collections.abc import Iterator
import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.instagen.links.modbus import components
from custom_components.instagen.links.modbus.identify import MODEL_BLOCK, model_of
from custom_components.instagen.links.modbus.plan import Source
from custom_components.instagen.links.modbus.registers import ModbusRegister
from custom_components.instagen.plant.guard import Guard, Judgement
from custom_components.instagen.plant.readings import READINGS

CAPTURES = Path(__file__).parents[3] / "shared" / "captures" / "modbus"

pytestmark = pytest.mark.skipif(
    not CAPTURES.is_dir(), reason="the recordings lie outside the repository"
)


def capture(name: str) -> dict[str, Any]:
    """Load one recording."""
    data: dict[str, Any] = json.loads((CAPTURES / name).read_text())
    return data


def registers(node: object) -> Iterator[dict[str, Any]]:
    """Find every stated register in a recording."""
    if isinstance(node, dict):
        if "fc" in node and isinstance(node.get("raw"), int) and "value" in node:
            yield node
        for child in node.values():
            yield from registers(child)
    elif isinstance(node, list):
        for child in node:
            yield from registers(child)


def decode(stated: dict[str, Any]) -> float | None:
    """Decode a stated word with the register of our map at its address."""
    for component in vars(components).values():
        for field in getattr(component, "declared_fields", {}).values():
            if isinstance(field, ModbusRegister) and field.address == stated["address"]:
                source = Source.of(field)
                words = [0] * source.block.count
                words[source.offset] = stated["raw"]
                return source.decode(words)
    raise AssertionError(f"no register of the map at {stated['address']}")


def test_battery_states_of_a_hione():
    stated = list(registers(capture("hione-battery-states.json")))
    assert len(stated) >= 8
    for register in stated:
        assert decode(register) == register["value"], register["name"]
        assert decode(register) == register["cloud"]


def test_the_no_data_word_is_unknown_and_not_6553_volts():
    case = capture("hione-bad-answers.json")["cases"][0]
    assert [decode(register) for register in case["registers"]] == [None]


def test_the_jump_of_the_state_of_charge_is_rejected():
    cases = capture("hione-bad-answers.json")["cases"]
    sequence = next(c for c in cases if c["name"] == "soc jump")["sequence"]
    guard = Guard()
    judged = [
        guard.judge(
            READINGS["battery_soc"], decode(step["register"]), step["t"], last=True
        )
        for step in sequence
    ]
    assert judged == [Judgement.ACCEPT, Judgement.DOUBT]


def test_the_model_text_has_its_low_byte_first():
    recording = capture("hit15-zhongfu.json")
    words = [0] * MODEL_BLOCK.count
    for register in recording["registers"]:
        words[register["address"] - MODEL_BLOCK.start] = register["raw"]
    assert (
        model_of({MODEL_BLOCK: words})
        == recording["expected"]["model at 1000-1004, low byte first"]
    )


def test_placeholders_are_read_by_nobody():
    """Registers that hold the constant 5 on real hardware make no reading."""
    facts = capture("hit15-zhongfu.json")["live_facts"]
    placeholders = {*facts["constant 5"], *facts["constant 0"]}
    used = {
        field.address
        for component in vars(components).values()
        for field in getattr(component, "declared_fields", {}).values()
        if getattr(field, "space", None) == "input"
    }
    assert not placeholders & used


def test_load_power_follows_the_energy_balance():
    load = capture("hione-dusk-pv-load.json")["load_total"]
    for raw in load["samples_raw"]:
        assert decode({"address": load["address"], "raw": raw}) == raw
