"""The tariff is set, told, merged, kept and refused, over each link."""

from dataclasses import replace
import json
from typing import Any, Final

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest

from custom_components.instagen.plant.tariff_data import FORMAT, VERSION
from tests.steering.world import World

from .tables import GO, LINKS, WINTER, device_has, table


@pytest.fixture(params=LINKS.values(), ids=list(LINKS))
def links(request: pytest.FixtureRequest) -> list[str]:
    found: list[str] = request.param
    return found


RATE: Final = {"buy": 0.25, "sell": 0.1}

pytestmark = pytest.mark.parametrize("steered", ["mode_read"], indirect=True)


async def set_tariff(world: World, **data: Any) -> dict[str, Any]:
    """Set a tariff, and wait for the entities that come with the first."""
    answer = await world.act("set_tariff", **data)
    await world.settle()
    return answer


async def test_nothing_is_known_at_first(world: World) -> None:
    await world.set_up(["modbus"])
    told = await world.act("get_tariff")
    assert told["tariff"] is told["source"] is told["device"] is None
    assert world.find("tariff_period") is None


async def test_a_table_is_set_and_told(world: World, links: list[str]) -> None:
    """It is told as it was set, whatever the wire makes of its prices."""
    await world.set_up(links)
    answer = await set_tariff(world, tariff=GO)
    carried = "dts" in links
    assert answer["state"] == ("remembered" if carried else "kept_here")
    assert "{" not in answer["message"]
    told = await world.act("get_tariff")
    assert told["tariff"] == {**GO, "clock": "wall"}
    assert told["source"] == "kept_here"
    assert told["waits"] is carried
    assert world.shown("buy_price") != "unknown"
    assert world.shown("battery_mode") in {"self_consumption", "unknown"}
    assert world.device("battery_mode") == "self_consumption"


@pytest.mark.parametrize("links", [LINKS["dts"], LINKS["both"]], ids=["dts", "both"])
async def test_it_arrives_when_its_mode_is_chosen(
    world: World, links: list[str]
) -> None:
    await world.set_up(links)
    await set_tariff(world, tariff=GO)
    assert not device_has(world.sim, GO)
    await world.choose("economical")
    assert device_has(world.sim, GO)
    await world.poll()
    told = await world.act("get_tariff")
    assert (told["source"], told["waits"]) == ("set_here", False)
    assert told["tariff"] == {**GO, "clock": "wall"}
    assert told["confirmed"] is True
    assert world.device("battery_mode") == "economical"


@pytest.mark.parametrize("links", [LINKS["dts"], LINKS["both"]], ids=["dts", "both"])
async def test_in_its_mode_it_is_written_at_once_and_once(
    world: World, links: list[str]
) -> None:
    await world.set_up(links)
    await set_tariff(world, tariff=GO)
    await world.choose("economical")
    writes = int(world.shown("writes_today"))
    other = table(peak__start="17:00")
    answer = await set_tariff(world, tariff=other)
    assert answer["state"] == "verified"
    assert answer["changes"] == [
        {
            "where": "seasons[0].group_a.peak.start",
            "before": "16:00",
            "after": "17:00",
        }
    ]
    assert device_has(world.sim, other)
    assert world.shown("battery_mode") == "economical"
    again = await set_tariff(world, tariff=other)
    assert (again["state"], again["changes"]) == ("unchanged", [])
    assert int(world.shown("writes_today")) == writes + 1


async def test_a_dry_run_changes_nothing(world: World, links: list[str]) -> None:
    await world.set_up(links)
    await set_tariff(world, tariff=GO)
    other = table(peak__buy=0.4)
    answer = await set_tariff(world, tariff=other, dry_run=True)
    assert (answer["state"], answer["valid"]) == ("dry_run", True)
    (change,) = answer["changes"]
    assert (change["before"], change["after"]) == (0.3852, 0.4)
    rounded = [one for one in answer["findings"] if one["problem"] == "price_rounded"]
    if "dts" in links:
        assert [one["where"] for one in rounded] == [
            "seasons[0].group_a.off_peak.buy",
            "seasons[0].group_a.partial.buy",
        ]
        assert "0.0905 becomes 0.09" in rounded[0]["text"]
        assert answer["arrives"]["seasons"][0]["group_a"]["off_peak"]["buy"] == 0.09
    else:
        assert rounded == []
        assert answer["arrives"] is None
    assert (await world.act("get_tariff"))["tariff"] == {**GO, "clock": "wall"}


async def test_a_season_is_merged_into_what_is_there(
    world: World, links: list[str]
) -> None:
    await world.set_up(links)
    with pytest.raises(ServiceValidationError) as raised:
        await set_tariff(world, season=WINTER)
    assert raised.value.translation_key == "tariff_nothing_to_merge"
    await set_tariff(world, tariff=GO)
    tried = await set_tariff(world, season=WINTER, dry_run=True)
    answer = await set_tariff(world, season=WINTER)
    assert answer["changes"] == tried["changes"]
    seasons = (await world.act("get_tariff"))["tariff"]["seasons"]
    assert [(one["from"], one["to"]) for one in seasons] == [
        ("03-01", "10-31"),
        ("11-01", "02-29"),
    ]
    assert seasons[1]["group_a"]["peak"]["end"] == "20:00"


async def test_export_and_import(world: World, links: list[str]) -> None:
    await world.set_up(links)
    await set_tariff(world, tariff=GO)
    text = (await world.act("get_tariff"))["json"]
    assert json.loads(text)["format"] == "instagen-tariff"
    await set_tariff(world, tariff=table(peak__start="17:00"))
    await set_tariff(world, json=text)
    assert (await world.act("get_tariff"))["tariff"] == {**GO, "clock": "wall"}


# ---- what is wrong ----


def halves(*dates: str) -> dict[str, Any]:
    """Return the table with its season in pieces."""
    season = GO["seasons"][0]
    pieces = [dict(zip(("from", "to"), one.split(), strict=True)) for one in dates]
    return table(tariff__seasons=[{**season, **one} for one in pieces])


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "overlap": ({"tariff": table(peak__start="04:00")}, "windows_overlap"),
    "gap": ({"tariff": table(season__to="12-30")}, "year_gap"),
    "30 February": ({"tariff": table(season__to="02-30")}, "not_a_date"),
    "24:00": ({"tariff": table(peak__end="24:00")}, "not_a_time"),
    "a time without quotes": ({"tariff": table(peak__end=1140)}, "not_a_time"),
    "five seasons": (
        {
            "tariff": halves(
                "01-01 01-31",
                "02-01 02-29",
                "03-01 03-31",
                "04-01 04-30",
                "05-01 12-31",
            )
        },
        "too_many_seasons",
    ),
    "pence for pounds": ({"tariff": table(peak__buy=38.52)}, "price_in_pence"),
    "29 February in no season": (
        {"tariff": table(season__from="03-01", season__to="02-28")},
        "year_gap",
    ),
    "29 February in two": (
        {"tariff": halves("02-29 12-31", "01-01 02-28")},
        "seasons_overlap",
    ),
    "a text for a number": ({"tariff": table(peak__buy="0.38")}, "not_a_number"),
    "no windows": (
        {"tariff": table(group__peak=None, group__off_peak=None)},
        "no_window",
    ),
    "a typing mistake": ({"tariff": table(tariff__curency="GBP")}, "key_unknown"),
    "no table": ({"tariff": "cheap at night"}, "not_a_table"),
    "too little reserve": (
        {"tariff": table(tariff__reserve=130)},
        "reserve_out_of_range",
    ),
    "no JSON": ({"json": "{"}, "not_json"),
    "other JSON": ({"json": "{}"}, "wrong_format"),
    "a season without a group": (
        {"season": {"from": "11-01", "to": "02-28"}},
        "group_missing",
    ),
}


def as_json(given: dict[str, Any]) -> dict[str, Any]:
    """Return the same table as the text of a file."""
    return {
        "json": json.dumps({"format": FORMAT, "version": VERSION, **given["tariff"]})
    }


async def test_wrong_input_has_its_finding_and_the_old_table_stays(
    world: World,
) -> None:
    """As data, and where it is a whole table as a file, too."""
    await world.set_up(["dts"])
    await set_tariff(world, tariff=GO)
    await world.choose("economical")
    writes = world.shown("writes_today")
    for name, (given, problem) in WRONG.items():
        whole = isinstance(given.get("tariff"), dict)
        for form in (given, as_json(given)) if whole else (given,):
            with pytest.raises(ServiceValidationError) as raised:
                await set_tariff(world, **form)
            assert raised.value.translation_key == f"tariff_{problem}", name
            assert "{" not in str(raised.value).replace("{, ", ""), name
            tried = await set_tariff(world, **form, dry_run=True)
            assert tried["valid"] is False, name
            assert problem in [one["problem"] for one in tried["findings"]], name
            assert all("{" not in one["text"] for one in tried["findings"]), name
        told = await world.act("get_tariff")
        assert told["tariff"] == {**GO, "clock": "wall"}, name
        assert device_has(world.sim, GO), name
        assert world.shown("writes_today") == writes, name


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (table(season__to="02-29", season__from="03-01"), "leap_day"),
        (
            table(
                group__off_peak={
                    "start": "00:30",
                    "end": "01:30",
                    "buy": 0.5,
                    "sell": 0,
                }
            ),
            "prices_inverted",
        ),
    ],
    ids=["29 February", "dear nights"],
)
async def test_doubtful_input_is_taken_with_a_warning(
    world: World, data: dict[str, Any], problem: str
) -> None:
    await world.set_up(["dts"])
    answer = await set_tariff(world, tariff=data)
    (found,) = [one for one in answer["findings"] if one["problem"] == problem]
    assert found["severity"] == "warning"
    assert "{" not in found["text"]
    assert answer["state"] == "remembered"


async def test_who_means_high_prices_says_so(world: World) -> None:
    await world.set_up(["dts"])
    dear = table(peak__buy=3.85)
    answer = await set_tariff(world, tariff=dear, accept_high_prices=True)
    assert answer["state"] == "remembered"
    assert "price_in_pence" in [one["problem"] for one in answer["findings"]]


@pytest.mark.parametrize("seconds", [-3600, -125, 125])
async def test_a_device_whose_clock_is_wrong_is_refused(
    world: World, seconds: float
) -> None:
    """V21, by what the stick tells when it is asked just before."""
    await world.set_up(["dts"])
    await set_tariff(world, tariff=GO)
    world.sim.stick.day.offset = seconds
    later = table(peak__start="17:00")
    synced: dict[str, Any] = {
        "source": "preset",
        "preset": "flat",
        "prices": {"peak": RATE},
    }
    for action, given in (("set_tariff", {"tariff": later}), ("sync_tariff", synced)):
        with pytest.raises(ServiceValidationError) as raised:
            await world.act(action, **given)
        assert raised.value.translation_key == "tariff_device_clock_wrong"
    assert (await world.act("get_tariff"))["tariff"] == {**GO, "clock": "wall"}
    world.sim.stick.day.offset = seconds / abs(seconds) * 110
    assert (await set_tariff(world, tariff=later))["state"] == "remembered"


async def test_a_table_that_stays_here_asks_no_clock(world: World) -> None:
    await world.set_up(["modbus"])
    world.sim.stick.day.offset = 3600
    assert (await set_tariff(world, tariff=GO))["state"] == "kept_here"


async def test_a_reserve_that_nobody_knows_is_named_and_may_be_given(
    world: World,
) -> None:
    """A stick that does not tell its settings takes a table with its reserve only."""
    stick = world.sim.stick
    stick.config = replace(stick.config, answers_mode_read=False)
    await world.set_up(["dts"])
    bare = table(tariff__reserve=None)
    answer = await set_tariff(world, tariff=bare)
    (found,) = [one for one in answer["findings"] if one["rule"] == "V18"]
    assert (found["problem"], found["severity"]) == ("reserve_unknown", "warning")
    with pytest.raises(HomeAssistantError) as raised:
        await world.choose("economical")
    assert "Economical reserve" in str(raised.value)
    synced: dict[str, Any] = {
        "source": "preset",
        "preset": "flat",
        "prices": {"peak": RATE},
    }
    answer = await world.act("sync_tariff", **synced, reserve=30)
    assert [one for one in answer["findings"] if one["rule"] == "V18"] == []
    await world.choose("economical")
    assert world.device("battery_mode") == "economical"
    assert world.device("economical_reserve_soc") == 30


async def test_the_plant_is_away(world: World) -> None:
    await world.set_up(["dts"])
    await set_tariff(world, tariff=GO)
    await world.sim.fault("drop")
    await world.poll()
    with pytest.raises(HomeAssistantError):
        await set_tariff(world, tariff=table(peak__start="17:00"))
    told = await world.act("get_tariff")
    assert told["tariff"] == {**GO, "clock": "wall"}
    assert world.shown("tariff_period") in {"off_peak", "partial_peak", "peak"}


@pytest.mark.parametrize("kind", ["refused", "ignored", "unheard"])
async def test_what_the_device_does_not_take_is_not_the_plant_s(
    world: World, kind: str
) -> None:
    await world.set_up(["dts"])
    await set_tariff(world, tariff=GO)
    await world.choose("economical")
    await world.sim.fault("writes", kind=kind)
    with pytest.raises(HomeAssistantError):
        await set_tariff(world, tariff=table(peak__start="17:00"))
    await world.poll()
    told = await world.act("get_tariff")
    assert told["tariff"] == {**GO, "clock": "wall"}
    assert told["source"] == "set_here"


async def test_what_was_taken_in_silence_is_found(world: World) -> None:
    """The device shows it; so does the plant, at the prices that were set."""
    await world.set_up(["dts"])
    await set_tariff(world, tariff=GO)
    await world.choose("economical")
    other = table(peak__start="17:00")
    await world.sim.fault("writes", kind="unanswered")
    answer = await set_tariff(world, tariff=other)
    assert answer["state"] == "verified"
    assert (await world.act("get_tariff"))["tariff"] == {**other, "clock": "wall"}
