"""The powers balance to the watt, whatever is asked of them."""

from hypothesis import given, settings, strategies as st

from custom_components.instagen.simulated.flows import (
    Converter,
    Flows,
    Sources,
    curtail,
    dark,
    off_grid,
    on_grid,
    stopped,
)
from custom_components.instagen.simulated.modes import Action, ControlState, Order

WATTS = st.integers(0, 20_000)
CONVERTERS = st.builds(
    Converter, st.integers(1000, 20_000), st.integers(0, 120), st.integers(0, 80)
)
SOURCES = st.builds(
    Sources,
    st.lists(WATTS, max_size=4).map(tuple),
    st.integers(0, 6000),
    WATTS,
    st.integers(0, 8000),
)
ORDERS = st.builds(
    Order, st.just(ControlState.STORE), st.sampled_from(Action), WATTS, WATTS
)


def surplus(flows: Flows) -> int:
    """Return what goes in but does not come out, in W."""
    made = sum(flows.strings) + flows.battery + flows.grid
    made += flows.generator + flows.ac_pv
    return made - flows.house - flows.losses


@given(converter=CONVERTERS, ac=st.integers(-20_000, 20_000))
def test_the_converter_is_inverted_exactly(converter: Converter, ac: int) -> None:
    dc = converter.dc(ac)
    assert converter.ac(dc) >= ac > converter.ac(dc - 1)


@settings(max_examples=300)
@given(
    converter=CONVERTERS,
    sources=SOURCES,
    order=ORDERS,
    cap=st.none() | st.integers(-1500, 20_000),
)
def test_on_grid_balances(
    converter: Converter, sources: Sources, order: Order, cap: int | None
) -> None:
    flows = on_grid(converter, sources, order, cap)
    assert surplus(flows) == 0
    assert flows.losses >= 0
    pairs = zip(flows.strings, sources.strings, strict=True)
    assert all(0 <= got <= had for got, had in pairs)
    assert -order.charge <= flows.battery <= max(order.discharge, 0)
    assert flows.inverter <= converter.rated


@given(converter=CONVERTERS, sources=SOURCES, cap=st.integers(0, 5000))
def test_export_stays_under_its_cap(
    converter: Converter, sources: Sources, cap: int
) -> None:
    order = Order(ControlState.FORCE_DISCHARGE, Action.DISCHARGE, 0, 20_000)
    flows = on_grid(converter, sources, order, cap)
    spilled = max(0, sources.ac_pv - sources.house)
    assert -flows.grid <= max(cap, spilled)


@settings(max_examples=300)
@given(converter=CONVERTERS, sources=SOURCES, charge=WATTS, discharge=WATTS)
def test_off_grid_balances_without_the_grid(
    converter: Converter, sources: Sources, charge: int, discharge: int
) -> None:
    flows = off_grid(converter, sources, charge, discharge)
    if flows is None:
        return
    assert surplus(flows) == 0
    assert flows.grid == 0
    assert flows.losses >= 0
    assert flows.house == sources.house
    assert -charge <= flows.battery <= discharge
    assert 0 <= flows.generator <= sources.generator
    assert 0 <= flows.ac_pv <= sources.ac_pv


@given(converter=CONVERTERS, sources=SOURCES, charge=WATTS)
def test_the_dark_and_the_stopped_plant_balance(
    converter: Converter, sources: Sources, charge: int
) -> None:
    for flows in (
        dark(converter, sources, charge),
        stopped(sources, grid=True),
        stopped(sources, grid=False),
    ):
        assert surplus(flows) == 0
        assert flows.losses >= 0


def test_too_much_load_cannot_be_carried_off_grid() -> None:
    converter = Converter(5000, 40, 24)
    assert off_grid(converter, Sources((), 0, 4000), 3000, 3000) is None
    assert off_grid(converter, Sources((), 0, 6000), 9000, 9000) is None


def test_the_generator_serves_loads_and_charges_the_battery() -> None:
    converter = Converter(8000, 40, 24)
    flows = off_grid(converter, Sources((0,), 0, 1000, 5000), 3000, 3000)
    assert flows is not None
    assert flows.battery == -3000
    assert 4000 < flows.generator < 4300


@given(strings=st.lists(WATTS, max_size=4).map(tuple), total=WATTS)
def test_curtailing_keeps_the_sum_and_asks_no_string_for_more(
    strings: tuple[int, ...], total: int
) -> None:
    kept = curtail(strings, total)
    assert sum(kept) == min(total, sum(strings))
    assert all(0 <= k <= had for k, had in zip(kept, strings, strict=True))
