"""The fault words say what the published bit lists say, and lose nothing."""

import json
from pathlib import Path

from hypothesis import given, strategies as st
import pytest

from custom_components.instagen.plant.alarms import (
    ALARMS,
    EARTH_FAULTS,
    Alarm,
    Family,
    FaultWords,
    Remedy,
    Severity,
    alarm_by_code,
    alarms_of,
    format_faults,
    parse_faults,
)
from custom_components.instagen.simulated.alarms import FAULT_BITS, AlarmFamily

INTEGRATION = Path(__file__).parents[2] / "custom_components" / "instagen"

fault_words = st.builds(
    FaultWords,
    battery=st.integers(0, 2**32 - 1),
    power_stage=st.integers(0, 2**32 - 1),
    grid_safety=st.integers(0, 2**32 - 1),
    internal_link=st.integers(0, 2**16 - 1),
    attached_device=st.integers(0, 2**16 - 1),
    system=st.integers(0, 2**16 - 1),
)


def _codes(**words: int) -> set[str]:
    return {alarm.code for alarm in alarms_of(FaultWords(**words))}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"battery": 1 << 0}, "battery_voltage_low"),
        ({"battery": 1 << 8}, "battery_input_voltage_high"),
        ({"power_stage": 1 << 13}, "power_fan"),
        ({"power_stage": 1 << 30}, "grid_voltage"),
        ({"grid_safety": 1 << 7}, "grid_lost"),
        ({"grid_safety": 1 << 15}, "insulation_low"),
        ({"grid_safety": 1 << 17}, "residual_current_high"),
        ({"grid_safety": 1 << 31}, "safety_fan"),
        ({"internal_link": 1 << 5}, "power_controller_lost"),
        ({"attached_device": 1 << 3}, "battery_management_lost"),
        ({"attached_device": 1 << 4}, "dtu_firmware_old"),
        ({"attached_device": 1 << 13}, "dtu_5_lost"),
        ({"system": 1 << 2}, "load_power_negative"),
        ({"battery": 1 << 31}, "battery_unknown_31"),
        ({"attached_device": 1 << 1}, "pv_meter_lost"),
        ({"attached_device": 1 << 2}, "grid_meter_lost"),
        ({"attached_device": 1 << 0}, "attached_device_unknown_0"),
        ({"internal_link": 1 << 0}, "internal_link_unknown_0"),
    ],
)
def test_a_bit_is_its_alarm(words: dict[str, int], code: str) -> None:
    assert _codes(**words) == {code}


def test_the_simulator_was_written_from_the_same_facts() -> None:
    """Compare with a list that somebody else made; a slip on one side shows."""
    ours = {
        (family, alarm.bit)
        for family in Family
        for alarm in ALARMS.values()
        if alarm.family is family
    }
    theirs = {
        (family, bit)
        for family, word in zip(Family, AlarmFamily, strict=True)
        for bit in FAULT_BITS[word]
    }
    assert ours == theirs


def test_earth_faults_are_the_two_of_the_manual() -> None:
    assert {(alarm.family, alarm.bit) for alarm in EARTH_FAULTS} == {
        (Family.GRID_SAFETY, 15),
        (Family.GRID_SAFETY, 17),
    }
    assert all(alarm.severity is Severity.DANGER for alarm in EARTH_FAULTS)


@given(fault_words)
def test_words_survive_their_text_and_no_bit_is_lost(words: FaultWords) -> None:
    assert parse_faults(format_faults(words)) == words
    alarms = alarms_of(words)
    for family in Family:
        bits = [alarm.bit for alarm in alarms if alarm.family is family]
        assert sum(1 << bit for bit in bits) == words.of(family)
    assert {alarm_by_code(alarm.code) for alarm in alarms} == alarms


def test_the_text_has_its_fixed_form() -> None:
    words = FaultWords(battery=0x0102, grid_safety=1 << 15, attached_device=0xABC)
    assert format_faults(words) == "00000102-00000000-00008000-0000-0ABC-0000"


@pytest.mark.parametrize(
    "text", ["", "0-0-0-0-0-0", "0000000G-00000000-00000000-0000-0000-0000"]
)
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text itself is the message
        parse_faults(text)


def test_a_word_that_no_register_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="system"):
        FaultWords(system=0x10000)


@pytest.mark.parametrize("code", ["", "nonsense", "battery_unknown_x", "x_unknown_1"])
def test_a_code_that_is_none_is_no_alarm(code: str) -> None:
    assert alarm_by_code(code) is None


def test_every_code_and_remedy_has_a_text() -> None:
    texts = json.loads((INTEGRATION / "translations" / "en.json").read_text())
    attributes = texts["entity"]["event"]["alarm"]["state_attributes"]
    unnamed = {f"{family}_unknown" for family in Family}
    assert set(attributes["code"]["state"]) == set(ALARMS) | unnamed
    assert set(attributes["remedy"]["state"]) == set(Remedy)
    assert set(attributes["severity"]["state"]) == set(Severity)
    assert set(attributes["event_type"]["state"]) == set(Family)


def test_alarms_sort_by_family_and_bit() -> None:
    alarms: list[Alarm] = sorted(alarms_of(FaultWords(battery=6, system=1)))
    assert [alarm.bit for alarm in alarms if alarm.family is Family.BATTERY] == [1, 2]
