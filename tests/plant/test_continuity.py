"""Counters go on where they stood, whoever tells them."""

from hypothesis import given, strategies as st

from custom_components.instagen.plant.continuity import Continuity

steps = st.lists(
    st.tuples(st.sampled_from(["modbus", "dts"]), st.floats(0, 5)), max_size=40
)


def test_a_link_that_takes_over_goes_on_where_the_other_stood():
    continuity = Continuity()
    assert continuity.follow("modbus", {"pv_energy": 4321.5}) == {"pv_energy": 4321.5}
    assert continuity.follow("dts", {"pv_energy": 12.0}) == {"pv_energy": 4321.5}
    assert continuity.follow("dts", {"pv_energy": 12.4}) == {"pv_energy": 4321.9}
    assert continuity.follow("modbus", {"pv_energy": 4321.8}) == {"pv_energy": 4321.9}


def test_it_goes_on_after_a_restart():
    before = Continuity()
    before.follow("modbus", {"pv_energy": 100.0})
    before.follow("dts", {"pv_energy": 5.0})
    after = Continuity.restore(before.snapshot())
    assert after.follow("dts", {"pv_energy": 6.0}) == {"pv_energy": 101.0}
    assert Continuity.restore(None).snapshot() == Continuity().snapshot()


def test_what_is_no_counter_passes_as_it_is():
    continuity = Continuity()
    values = {"pv_power": 7, "pv_energy": None, "pv_energy_today": 3.0}
    continuity.follow("modbus", {"pv_energy": 4.0})
    assert continuity.follow("dts", values) == values


@given(steps)
def test_it_never_falls_and_never_gains_more_than_the_links_told(moves):
    """Whoever tells, the shown counter rises by what that link gained since it took over."""
    continuity = Continuity()
    told = {"modbus": 5_000.0, "dts": 0.0}
    shown, gained, teller = None, 0.0, None
    for name, gain in moves:
        told[name] += gain
        now = continuity.follow(name, {"pv_energy": told[name]})["pv_energy"]
        assert isinstance(now, float)
        if shown is not None:
            step = gain if name == teller else 0.0
            gained += step
            assert abs(now - shown - step) < 0.01
        shown, teller = now, name
