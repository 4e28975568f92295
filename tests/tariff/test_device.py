"""The inverter's own table: shown as it is, whoever set it, and never lost."""

from dataclasses import replace
from typing import Any, Final

import pytest

from custom_components.instagen.control_texts import ControlTexts
from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links.dts.schedules import tariff_text
from custom_components.instagen.links.dts.tariff import dates_of
from custom_components.instagen.plant.states import BatteryMode
from custom_components.instagen.simulated.stick.dates import tariff_of
from tests.steering.world import World

from .tables import GO, LINKS, device_has, table, tariff

pytestmark = pytest.mark.parametrize("steered", ["mode_read"], indirect=True)

CARRIED: Final = pytest.mark.parametrize(
    "links", [LINKS["dts"], LINKS["both"]], ids=["dts", "both"]
)
LATER: Final = table(group__peak__start="17:00")


def somebody_writes(world: World, data: dict[str, Any]) -> None:
    """Let somebody else set a table and choose its mode, as the app does."""
    plant = world.sim.plant
    found = tariff_of(dates_of(tariff(data)))
    plant.write(
        {"battery_mode": BatteryMode.ECONOMICAL},
        replace(plant.programs, tariff=found),
    )


def rounded(data: dict[str, Any]) -> dict[str, Any]:
    """Return a table as it arrives."""
    made = table(
        group__off_peak__buy=0.09, group__partial__buy=0.25, group__peak__buy=0.39
    )
    made["seasons"][0]["group_a"]["peak"]["start"] = data["seasons"][0]["group_a"][
        "peak"
    ]["start"]
    return made


@CARRIED
async def test_a_table_of_somebody_else_is_shown_within_a_poll(
    world: World, links: list[str]
) -> None:
    await world.set_up(links)
    somebody_writes(world, LATER)
    await world.poll()
    told = await world.act("get_tariff")
    assert (told["source"], told["confirmed"]) == ("inverter", True)
    assert told["tariff"] == {**rounded(LATER), "currency": None, "clock": "wall"}
    # Nobody told the currency: Home Assistant's own is the likeliest.
    unit = world.state("buy_price").attributes["unit_of_measurement"]
    assert unit == "GBP/kWh"


@CARRIED
async def test_it_takes_the_place_of_ours_and_gives_it_back(
    world: World, links: list[str]
) -> None:
    """The currency that was known last stays: a stick does not tell it."""
    await world.set_up(links)
    await world.act("set_tariff", tariff={**GO, "currency": "EUR"})
    await world.choose("economical")
    assert world.state("tariff_period").attributes["source"] == "set_here"
    somebody_writes(world, LATER)
    await world.poll()
    told = await world.act("get_tariff")
    assert told["source"] == "inverter"
    assert told["tariff"] == {**rounded(LATER), "currency": "EUR", "clock": "wall"}
    assert world.state("tariff_period").attributes["source"] == "inverter"
    somebody_writes(world, GO)
    await world.poll()
    told = await world.act("get_tariff")
    assert told["source"] == "set_here"
    assert told["tariff"] == {**GO, "currency": "EUR", "clock": "wall"}


@CARRIED
async def test_a_reserve_that_is_moved_is_the_tariff_s(
    world: World, links: list[str]
) -> None:
    await world.set_up(links)
    await world.act("set_tariff", tariff=GO)
    await world.choose("economical")
    await world.set_number("economical_reserve_soc", 44)
    assert (await world.act("get_tariff"))["tariff"]["reserve"] == 44
    assert device_has(world.sim, GO)


OVERLAP: Final = pb.TariffDates(
    dates=0x01011F0C,
    week_1=pb.TariffWeek(weekdays=127, peak_time=0x0A000C00, valley_time=0x0B000D00),
)
HALF_A_YEAR: Final = pb.TariffDates(
    dates=0x01011E06, week_1=pb.TariffWeek(weekdays=127, peak_time=0x0A000C00)
)


@CARRIED
@pytest.mark.parametrize(
    ("odd", "problem"),
    [(OVERLAP, "windows_overlap"), (HALF_A_YEAR, "year_gap")],
    ids=["overlap", "half a year"],
)
async def test_a_table_that_breaks_our_rules_is_shown_and_put_back_unchanged(
    world: World, links: list[str], odd: pb.TariffDates, problem: str
) -> None:
    plant = world.sim.plant
    plant.write(
        {"battery_mode": BatteryMode.ECONOMICAL},
        replace(plant.programs, tariff=tariff_of([odd])),
    )
    stood = plant.programs.tariff
    await world.set_up(links)
    told = await world.act("get_tariff")
    assert told["source"] == "inverter"
    assert problem in [one["problem"] for one in told["findings"]]
    assert told["json"] is not None
    lease = await world.act(
        "force_charge", target_soc=100, power=50, duration={"minutes": 30}
    )
    assert world.device("battery_mode") == "force_charge"
    await world.act("cancel_override", lease_id=lease["lease_id"])
    assert world.device("battery_mode") == "economical"
    assert plant.programs.tariff == stood


async def test_what_cannot_be_shown_is_named_and_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A date that no year has: the text of the message is all that there is."""
    odd = pb.TariffDates(dates=0x01011F02)
    somebody_writes(world, GO)
    monkeypatch.setattr(
        "custom_components.instagen.simulated.stick.user_settings.dates_of",
        lambda _: [odd],
    )
    await world.set_up(["dts"])
    told = await world.act("get_tariff")
    assert told["tariff"] is told["source"] is None
    assert told["device"] == tariff_text([odd])


# ---- a restart ----


@pytest.mark.parametrize("links", LINKS.values(), ids=LINKS)
async def test_a_restart_keeps_it(world: World, links: list[str]) -> None:
    await world.set_up(links)
    await world.act("set_tariff", tariff=GO)
    await world.settle()
    before = await world.act("get_tariff")
    await world.stop()
    await world.start()
    assert await world.act("get_tariff") == before
    assert world.shown("buy_price") != "unavailable"
    if "dts" not in links:
        return
    await world.choose("economical")
    assert device_has(world.sim, GO)
    await world.stop()
    await world.start()
    after = await world.act("get_tariff")
    assert (after["source"], after["tariff"]) == ("set_here", before["tariff"])


async def test_what_waits_survives_a_crash(world: World) -> None:
    """Nobody could say goodbye: all that there is was written down before."""
    await world.set_up(["dts"])
    await world.act("set_tariff", tariff=GO)
    desk = world.steering.desk
    stored = dict(desk._writer.memory.snapshot())

    async def forget(_: object) -> None:
        """Power fails before anything is written."""

    desk._save = forget
    await world.stop()
    await world.start()
    assert world.steering.memory.snapshot() == stored
    await world.choose("economical")
    assert device_has(world.sim, GO)


async def test_a_plant_that_is_removed_leaves_nothing(
    world: World, hass_storage: dict[str, Any]
) -> None:
    await world.set_up(["modbus"])
    await world.act("set_tariff", tariff=GO)
    key = f"instagen.{world.entry.entry_id}.tariff"
    assert key in hass_storage
    await world.hass.config_entries.async_remove(world.entry.entry_id)
    assert key not in hass_storage


# ---- leases ----


@CARRIED
async def test_a_lease_puts_the_new_table_back(world: World, links: list[str]) -> None:
    """A table that is set while somebody has the battery stands when it is let go."""
    await world.set_up(links)
    await world.act("set_tariff", tariff=GO)
    await world.choose("economical")
    lease = await world.act(
        "force_charge", target_soc=100, power=50, duration={"minutes": 30}
    )
    answer = await world.act("set_tariff", tariff=LATER)
    assert answer["state"] == "remembered"
    assert world.device("battery_mode") == "force_charge"
    await world.act("cancel_override", lease_id=lease["lease_id"])
    assert world.device("battery_mode") == "economical"
    assert device_has(world.sim, LATER)
    assert (await world.act("get_tariff"))["source"] == "set_here"


async def test_the_logbook_names_no_table_in_full(world: World) -> None:
    await world.set_up(["dts"])
    await world.act("set_tariff", tariff=GO)
    texts = ControlTexts(world.hass)
    (text,) = [texts.told(event.data) for event in world.told]
    assert "Tariff: another table" in text
    assert "seasons" not in text
