"""The guard: what it refuses, what it believes, and how long it takes."""

from hypothesis import given, strategies as st
import pytest

from custom_components.instagen.plant.guard import AGREEMENT, Guard, Judgement
from custom_components.instagen.plant.readings import READINGS, Value

ACCEPT, DOUBT, REFUSE = Judgement.ACCEPT, Judgement.DOUBT, Judgement.REFUSE


def poll(guard: Guard, key: str, value: Value, now: float) -> Judgement:
    """Judge as a link does: ask again in the same poll when in doubt."""
    first = guard.judge(READINGS[key], value, now, last=False)
    if first is not DOUBT:
        return first
    return guard.judge(READINGS[key], value, now + 0.3, last=True)


def test_a_state_of_charge_of_2005_is_never_believed():
    """Seen live at register 1909 (captures/modbus/hit15-zhongfu.json)."""
    guard = Guard(15_000)
    assert poll(guard, "battery_soc", 62, 0) is ACCEPT
    answers = [poll(guard, "battery_soc", 2005, 10.0 * n) for n in range(1, 8)]
    assert ACCEPT not in answers
    assert answers[-1] is REFUSE
    assert poll(guard, "battery_soc", 61, 90) is ACCEPT


def test_one_absurd_value_is_dropped_and_the_second_read_counts():
    guard = Guard(15_000)
    reading = READINGS["load_power"]
    assert guard.judge(reading, 3_000_000, 0, last=False) is DOUBT
    assert guard.judge(reading, 640, 0.3, last=True) is ACCEPT


def test_a_power_beyond_the_plant_needs_a_second_read():
    """All ones, 65535, are not impossible for a large site, only unlikely."""
    guard = Guard(15_000)
    reading = READINGS["load_power"]
    assert guard.judge(reading, 640, 0, last=False) is ACCEPT
    assert guard.judge(reading, 65_535, 10, last=False) is DOUBT
    assert guard.judge(reading, 650, 10.3, last=True) is ACCEPT
    assert poll(guard, "load_power", 41_000, 20) is ACCEPT
    assert guard.judge(reading, 42_000, 30, last=False) is ACCEPT


def test_soc_does_not_fall_from_92_to_0_in_20_seconds():
    guard = Guard()
    assert poll(guard, "battery_soc", 92, 0) is ACCEPT
    assert poll(guard, "battery_soc", 0, 20) is DOUBT
    assert poll(guard, "battery_soc", 92, 30) is ACCEPT


def test_soc_may_move_far_in_a_long_silence():
    guard = Guard()
    poll(guard, "battery_soc", 92, 0)
    assert poll(guard, "battery_soc", 20, 3_600) is ACCEPT


def test_a_counter_does_not_dip():
    guard = Guard(15_000)
    assert poll(guard, "pv_energy", 4_321.5, 0) is ACCEPT
    assert poll(guard, "pv_energy", 4_280.0, 60) is DOUBT
    assert poll(guard, "pv_energy", 4_321.6, 120) is ACCEPT


def test_a_counter_that_rose_as_expected_does_not_dip_to_where_it_was():
    guard = Guard(15_000)
    assert poll(guard, "pv_energy", 100.0, 0) is ACCEPT
    assert guard.expects("pv_energy", 100.3)
    assert not guard.expects("pv_energy", 100.4)
    guard.follow({"pv_energy": 100.2}, ["pv_energy"], 10)
    assert not guard.expects("pv_energy", 100.1)
    assert poll(guard, "pv_energy", 100.1, 20) is DOUBT
    assert not guard.expects("pv_energy", 100.2)
    assert poll(guard, "pv_energy", 100.2, 30) is ACCEPT


def test_an_expected_counter_does_not_earn_time_to_leap():
    guard = Guard(15_000)
    poll(guard, "pv_energy", 100.0, 0)
    guard.follow({"pv_energy": 100.1}, ["pv_energy"], 3_600)
    assert poll(guard, "pv_energy", 101.0, 3_610) is DOUBT


def test_a_counter_does_not_gain_more_than_the_inverter_can_make():
    guard = Guard(15_000)
    poll(guard, "pv_energy", 100.0, 0)
    assert poll(guard, "pv_energy", 100.8, 60) is ACCEPT
    assert poll(guard, "pv_energy", 103.0, 120) is DOUBT


def test_a_real_reset_is_believed_after_agreement():
    guard = Guard(15_000)
    poll(guard, "pv_energy", 4_321.5, 0)
    answers = [poll(guard, "pv_energy", 0.1 * n, 60.0 * n) for n in range(1, 4)]
    assert answers == [DOUBT] * (AGREEMENT - 1) + [ACCEPT]


def test_a_huge_leap_needs_far_more_patience():
    guard = Guard(15_000)
    poll(guard, "pv_energy", 100.0, 0)
    answers = [poll(guard, "pv_energy", 900_000.0, 60.0 * n) for n in range(1, 10)]
    assert set(answers) == {DOUBT}


def test_a_counter_that_stood_still_while_the_link_was_gone_may_catch_up():
    guard = Guard(15_000)
    poll(guard, "grid_import_energy", 100.0, 0)
    assert poll(guard, "grid_import_energy", 180.0, 6 * 3_600) is ACCEPT


def test_what_was_believed_before_a_restart_still_counts():
    guard = Guard(15_000)
    guard.seed("pv_energy", 4_321.5, 0)
    assert poll(guard, "pv_energy", 9_999_999.0, 300) is DOUBT
    assert poll(guard, "pv_energy", 4_322.0, 310) is ACCEPT


def test_an_alarm_needs_a_second_read_and_no_more():
    guard = Guard()
    reading = READINGS["earth_fault"]
    assert guard.judge(reading, False, 0, last=False) is ACCEPT
    assert guard.judge(reading, True, 10, last=False) is DOUBT
    assert guard.judge(reading, True, 10.3, last=True) is ACCEPT


def test_an_alarm_that_the_second_read_does_not_show_is_not_raised():
    guard = Guard()
    reading = READINGS["problem"]
    guard.judge(reading, False, 0, last=False)
    assert guard.judge(reading, True, 10, last=False) is DOUBT
    assert guard.judge(reading, False, 10.3, last=True) is ACCEPT


@pytest.mark.parametrize(
    ("cutoff", "volts", "judgement"),
    [
        (57.6, 52.4, ACCEPT),
        (57.6, 238.6, DOUBT),
        (259.2, 238.6, ACCEPT),
        (None, 238.6, ACCEPT),
        (None, 6_553.5, DOUBT),
    ],
)
def test_pack_voltage_is_judged_by_the_pack_at_hand(cutoff, volts, judgement):
    """A high-voltage pack read 238.6 V (facts/local-protocol.md 4.3)."""
    guard = Guard()
    guard.set_pack_cutoff(cutoff)
    assert poll(guard, "battery_voltage", volts, 0) is judgement


def test_power_above_the_rating_is_real():
    """15.2 kW were seen on a 15 kW unit (captures/modbus/hit15-zhongfu.json)."""
    assert poll(Guard(15_000), "inverter_power", 15_200, 0) is ACCEPT


def test_a_meter_without_grid_shows_0_hertz():
    assert poll(Guard(), "grid_frequency", 0, 0) is ACCEPT
    assert poll(Guard(), "grid_frequency", 12.0, 0) is DOUBT


def test_unknown_is_always_allowed():
    guard = Guard()
    for key in READINGS:
        assert poll(guard, key, None, 0) is ACCEPT


@given(
    st.lists(
        st.tuples(st.floats(0, 10_000_000), st.floats(1, 600)), min_size=1, max_size=40
    )
)
def test_believed_counters_only_rise_unless_three_polls_agree(steps):
    """Whatever a stick answers, a dip is believed only after the third poll in a row."""
    guard, now = Guard(15_000), 0.0
    believed, doubts = 0.0, 0
    for value, wait in steps:
        now += wait
        if poll(guard, "pv_energy", value, now) is ACCEPT:
            assert value >= believed or doubts >= AGREEMENT - 1
            believed, doubts = value, 0
        else:
            doubts += 1
