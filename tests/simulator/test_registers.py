"""Register encodings, against the published table and against the plant."""

from collections.abc import Iterator
import csv
from pathlib import Path
from typing import Any

import pytest

from custom_components.instagen.simulated import SimulatedPlant
from simulator import SCENARIOS
from simulator.modbus.holding import holding_words
from simulator.modbus.rows import Kind, Row, encode, encode_text
from simulator.modbus.telemetry import INPUT_ROWS, input_words
from simulator.session import build_plant

TABLE = Path(__file__).parents[3] / "shared" / "facts" / "modbus-registers.csv"
needs_table = pytest.mark.skipif(
    not TABLE.exists(), reason="the facts lie beside the repository, not in it"
)

SERVED = (
    *(range(2181), range(30000, 30030)),
    *(range(base, base + 16) for base in (22235, 22535, 22835, 23135)),
)
NOT_ON_G3 = "G1-G2"
SCALES = {"0.001": 1000, "0.01": 100, "0.1": 10, "1": 1}
PLACEHOLDERS = (26, 45, 73, 77, 87, 91, 112, 153, 154, 155, 156)


def published() -> Iterator[dict[str, str]]:
    """Yield the rows of the table that the simulator promises to serve."""
    with TABLE.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            address = int(row["address_dec"])
            if row["area"] != "input" or row["models"].startswith(NOT_ON_G3):
                continue
            if any(address in block for block in SERVED):
                yield row


@needs_table
def test_every_published_input_register_is_served() -> None:
    words = input_words(build_plant("hybrid", seed=1, start=None))
    missing = [
        f"{row['address_dec']} {row['key']}"
        for row in published()
        for offset in range(int(row["length"]))
        if int(row["address_dec"]) + offset not in words
    ]
    assert not missing


@needs_table
def test_scale_length_and_word_order_are_the_published_ones() -> None:
    table = {int(row["address_dec"]): row for row in published()}
    checked = 0
    for row in INPUT_ROWS:
        fact = table[row.address]
        if row.address in PLACEHOLDERS:
            continue
        assert row.kind.words == int(fact["length"]), fact["key"]
        assert abs(row.per_unit) == SCALES[fact["scale"]], fact["key"]
        swapped = fact["word_order"].startswith("little")
        assert (row.kind is Kind.SWAPPED) is swapped, fact["key"]
        checked += 1
    assert checked > 300


@needs_table
def test_every_published_setting_is_served_with_its_scale() -> None:
    plant = build_plant("hybrid", seed=1, start=None)
    plant.set_many({"export_limit": -10.0, "force_charge_power": 12.3})
    words = holding_words(plant)
    assert words[259] == 0x10000 - 100
    assert words[4304] == 123
    promised = (258, 259, 303, *range(306, 312), 323, 324, 3001, 3016)
    promised += (4100, 4101, 4102, *range(4300, 4307), 6048, 6049)
    assert set(promised) <= set(words)


@needs_table
def test_names_of_the_registers_mean_what_the_table_means() -> None:
    """Compare the plant's key with the published one where they are spelt alike."""
    table = {int(row["address_dec"]): row["key"] for row in published()}
    served = {row.address: row.key for row in INPUT_ROWS}
    pairs = {
        27: ("pv1_voltage", "pv1_voltage"),
        50: ("battery_power", "battery_power_inverter"),
        74: ("inverter_power_l1", "inverter_active_power_l1"),
        1814: ("meter_power", "grid_meter_active_power_total"),
        1864: ("pv_meter_power", "pv_meter_active_power_total"),
        1909: ("battery_soc", "battery_soc"),
        1914: ("battery_power", "battery_power"),
        2028: ("battery_charge_energy", "battery_charge_energy_total"),
        2030: ("battery_discharge_energy", "battery_discharge_energy_total"),
        2040: ("grid_import_energy", "grid_import_energy_total"),
        2048: ("grid_export_energy", "grid_export_energy_total"),
        2056: ("load_energy", "load_energy_total"),
        2120: ("grid_import_energy_today", "grid_import_energy_today"),
        2124: ("grid_export_energy_today", "grid_export_energy_today"),
        2162: ("battery_power", "battery_power_flow"),
        2169: ("load_power", "load_power_total"),
        30003: ("pv_power", "overview_internal_pv_power"),
        30011: ("grid_power", "overview_grid_power"),
        30023: ("alarm_power_dsp", "power_dsp_faults"),
    }
    for address, pair in pairs.items():
        assert (served[address], table[address]) == pair


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_word_is_a_word_in_every_scenario(scenario: str) -> None:
    plant = build_plant(scenario, seed=3, start=None)
    plant.advance(7200)
    for words in (input_words(plant), holding_words(plant)):
        assert all(0 <= word <= 0xFFFF for word in words.values())


def words_of(**parts: Any) -> tuple[SimulatedPlant, dict[int, int]]:
    """Return the default plant after some changes, and its input words."""
    plant = build_plant("hybrid", seed=1, start=None)
    plant.set_many(parts)
    return plant, input_words(plant)


def signed(word: int) -> int:
    """Return the signed value of a word."""
    return word - 0x10000 if word & 0x8000 else word


def signed_pair(words: dict[int, int], address: int) -> int:
    """Return the signed value of two words, high first."""
    value = words[address] << 16 | words[address + 1]
    return value - 0x1_0000_0000 if value & 0x8000_0000 else value


def test_importing_is_negative_and_discharging_positive_on_the_wire() -> None:
    plant, words = words_of(sun=0, load=20_000, soc=50)
    assert plant.flows.grid > 0
    assert plant.flows.battery == 8000
    assert signed_pair(words, 1814) == signed_pair(words, 30011) == -plant.flows.grid
    assert sum(signed_pair(words, 1808 + n * 2) for n in range(3)) == -plant.flows.grid
    assert signed(words[2165]) == sum(signed(words[n]) for n in (2166, 2167, 2168)) < 0
    for address in (193, 2162):
        assert signed(words[address]) == 8000
    for address in (50, 1914, 30009):
        assert signed_pair(words, address) == 8000
    assert words[1904] == words[30019] == 2


def test_charging_is_negative_in_one_word_and_in_two() -> None:
    plant, words = words_of(sun=1, load=0, soc=50)
    assert plant.flows.battery == -8000
    assert words[193] == 57536  # as recorded: charging with 8000 W
    assert signed_pair(words, 1914) == -8000
    assert signed_pair(words, 48) < 0
    assert words[1904] == 1


def test_texts_have_their_low_byte_first_as_recorded() -> None:
    recorded = [18760, 11604, 13617, 11596, 13127]
    assert encode_text("HIT-15L-G3", 5) == recorded
    assert [words_of()[1][address] for address in range(1000, 1005)] == recorded
    assert encode_text("HAT-8.0HV-EUG1", 5)[4] == ord("V") | ord("-") << 8


def test_only_the_smart_load_has_its_low_word_first() -> None:
    _, words = words_of(load=90_000, smart_load=70_000)
    assert (words[30017], words[30018]) == (70_000 & 0xFFFF, 1)
    swapped = [row.address for row in INPUT_ROWS if row.kind is Kind.SWAPPED]
    assert swapped == [30017]


def test_placeholders_and_constants_are_what_hardware_shows() -> None:
    _, words = words_of(sun=1)
    assert all(words[address] == 5 for address in PLACEHOLDERS)
    assert words[2151] == 0


def test_counters_count_whole_tenths_of_a_kwh() -> None:
    row = Row(2000, "x", Kind.PAIR, 10, counter=True)
    assert encode(row, 6553.59) == [0, 65_535]
    assert encode(row, 6553.69) == [1, 0]
    assert encode(row, 0.3) == [0, 3]


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        (
            "single_phase",
            {
                63: 0,
                1061: 0,
                1802: 0x2490,
                30: 0,
                103: 0x2490,
                1850: 0,
                1864: 0x2490,
                2070: 0,
            },
        ),
        (
            "no_battery",
            {1900: 0, 1901: 0, 1905: 0x2490, 1906: 0x2490, 1909: 0x2490, 1922: 0x7FFF}
            | {1923: 0x7FFF, 114: 0x7FFF, 46: 0, 2162: 0, 180: 0x2490, 22235: 0x2490},
        ),
        ("no_meter", {1800: 0, 1814: 0x2490, 1815: 0x2490, 1046: 0}),
        ("night", {27: 0, 28: 0, 29: 0, 2150: 0}),
        ("outage", {0: 5, 30000: 5, 62: 0, 66: 0, 2165: 0, 30025: 0, 30026: 1 << 7}),
        ("alarms", {0: 4, 30022: 1, 30024: 1 << 13, 30026: 1 << 15, 30027: 1 << 6}),
        ("alarms", {30028: 1 << 1, 30029: 1 << 3, 242: 12}),
        ("high_voltage", {1000: 0x4148}),
    ],
)
def test_scenarios_show_on_the_wire(scenario: str, expected: dict[int, int]) -> None:
    plant = build_plant(scenario, seed=1, start=None)
    words = input_words(plant)
    assert {address: words[address] for address in expected} == expected


def test_a_high_voltage_pack_reads_hundreds_of_volts() -> None:
    words = input_words(build_plant("high_voltage", seed=1, start=None))
    assert 2300 <= words[1911] <= 4000


def test_modules_have_eight_cells_and_eight_temperatures() -> None:
    plant, words = words_of(soc=50)
    for base in (22235, 22535, 22835, 23135):
        cells = [words[base + n] for n in range(8)]
        assert all(2500 <= cell <= 3800 for cell in cells)
        assert all(100 <= words[base + 8 + n] <= 600 for n in range(8))
        pack = float(plant.state()["battery_voltage"] or 0)
        assert sum(cells) / 1000 == pytest.approx(pack / 2, abs=0.1)


def test_the_same_seed_and_moment_give_the_same_words() -> None:
    pictures = []
    for _ in range(2):
        plant = build_plant("hybrid", seed=9, start=None)
        plant.advance(12_345.678)
        pictures.append(input_words(plant))
    assert pictures[0] == pictures[1]
