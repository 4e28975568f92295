"""The dry contact is set and told as a whole, by each of the two ways to run its rules."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
import pytest

from custom_components.instagen.const import CONF_CONTACT_SWITCH, CONF_UNPROVEN_WRITES
from tests.steering.world import World

OPT_IN = {CONF_UNPROVEN_WRITES: True}
RELAY = "input_boolean.relay"

FORM: dict[str, Any] = {
    "function": "load_control",
    "load_mode": "time",
    "load_nominal_power": 1800,
    "load_min_run_time": 20,
    "load_protection_soc": 35,
    "entrance_breaker_size": 80,
    "ev_charger_size": 16,
    "load_times": {
        "group_a": {
            "weekdays": ["mon", "tue", "wed", "thu", "fri"],
            "windows": [
                {"start": "22:30", "end": "06:00"},
                {"start": "12:00", "end": "13:00"},
            ],
        },
        "group_b": {
            "weekdays": ["sat", "sun"],
            "windows": [
                {"start": "00:00", "end": "09:00"},
                {"start": "14:00", "end": "16:00"},
            ],
        },
    },
    "surplus_times": {
        "group_a": {
            "weekdays": ["mon", "tue"],
            "windows": [{"start": "09:00", "end": "16:00"}],
        },
        "group_b": {
            "weekdays": ["sun"],
            "windows": [{"start": "00:00", "end": "23:59"}],
        },
    },
    "generator": {
        "mode": "auto",
        "start_soc": 25,
        "stop_soc": 75,
        "quiet_time": True,
        "quiet_windows": [
            {"start": "22:00", "end": "07:00"},
            {"start": "12:00", "end": "14:00"},
        ],
        "charge_window": {"start": "06:00", "end": "08:00"},
    },
}

both_ways = pytest.mark.parametrize(
    ("world", "way"),
    [("mode_read", "device"), ("mode_read", "home_assistant")],
    indirect=["world"],
    ids=["device", "home_assistant"],
)


@pytest.fixture
def way(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
async def plant(
    hass: HomeAssistant, world: World, way: str, rests: list[float]
) -> World:
    """Set the plant up so that its rules run in the device, or here."""
    if way == "device":
        await world.set_up(["dts"], **OPT_IN)
        return world
    relay: dict[str, Any] = {"input_boolean": {"relay": {}}}
    assert await async_setup_component(hass, "input_boolean", relay)
    await world.set_up(["modbus"], **{CONF_CONTACT_SWITCH: RELAY})
    return world


async def told(world: World) -> dict[str, Any]:
    answer = await world.act("get_dry_contact")
    found: dict[str, Any] = answer["contact"]
    return found


@both_ways
async def test_all_of_it_is_set_at_once_told_and_set_again(
    plant: World, way: str
) -> None:
    answer = await plant.act("set_dry_contact", contact=FORM)
    here = way == "home_assistant"
    assert answer["state"] == ("kept_here" if here else "verified")
    assert "{" not in answer["message"]
    found = await told(plant)
    assert found == FORM | {"generator": FORM["generator"] | found["generator"]}
    assert found["generator"].pop("exercise", None) is None
    assert found["generator"] == FORM["generator"]
    assert (await plant.act("get_dry_contact"))["rules_run_in"] == way
    again = await plant.act("set_dry_contact", contact=await told(plant))
    assert again["changes"] == []
    if way == "device":
        assert again["state"] == "unchanged"
        relay = plant.sim.plant.programs.relay
        assert [len(group.windows) for group in relay.times] == [2, 2]
        assert len(relay.generator.quiet_windows) == 2


@both_ways
async def test_what_is_named_is_merged_and_windows_go(plant: World, way: str) -> None:
    await plant.act("set_dry_contact", contact=FORM)
    change: dict[str, Any] = {
        "load_times": {
            "group_a": {"windows": FORM["load_times"]["group_a"]["windows"][1:]},
            "group_b": None,
        },
        "generator": {"quiet_windows": [], "charge_window": None},
    }
    answer = await plant.act("set_dry_contact", contact=change)
    assert {one["where"] for one in answer["changes"]} == {
        "generator.charge_window",
        "load_times.group_a.windows[0]",
        "load_times.group_a.windows[1]",
        "load_times.group_b.weekdays",
        "load_times.group_b.windows[0]",
        "load_times.group_b.windows[1]",
        "generator.quiet_windows[0]",
        "generator.quiet_windows[1]",
    }
    found = await told(plant)
    assert (
        found["load_times"]["group_a"]["windows"]
        == change["load_times"]["group_a"]["windows"]
    )
    assert found["load_times"]["group_b"] == {"weekdays": [], "windows": []}
    assert found["generator"]["quiet_windows"] == []
    assert found["generator"]["charge_window"] is None
    assert found["surplus_times"] == FORM["surplus_times"]
    assert plant.shown("load_window_2_start") == "unknown"


@both_ways
async def test_a_dry_run_tells_the_change_and_what_is_doubtful(
    plant: World, way: str
) -> None:
    before = await told(plant)
    auto = {"function": "generator_control", "generator": FORM["generator"]}
    answer = await plant.act("set_dry_contact", contact=auto, dry_run=True)
    assert (answer["state"], answer["valid"]) == ("dry_run", True)
    assert {"where": "function", "before": "off", "after": "generator_control"} in (
        answer["changes"]
    )
    (warning,) = answer["findings"]
    assert (warning["problem"], warning["severity"]) == (
        "charge_partly_quiet",
        "warning",
    )
    assert "60 of its 120 minutes" in warning["text"]
    wrong = FORM | {"load_times": {"group_a": {"windows": [{"start": "1"}]}}}
    answer = await plant.act("set_dry_contact", contact=wrong, dry_run=True)
    assert (answer["state"], answer["valid"], answer["changes"]) == (
        "dry_run",
        False,
        [],
    )
    assert answer["findings"][0]["where"] == "load_times.group_a.windows[0]"
    assert await told(plant) == before


OVERLAP = {
    "function": "load_control",
    "load_mode": "time",
    "load_times": {
        "group_a": {
            "windows": [
                {"start": "22:00", "end": "06:00"},
                {"start": "05:00", "end": "07:00"},
            ]
        }
    },
}


@both_ways
async def test_what_is_wrong_is_named_and_nothing_changes(
    plant: World, way: str
) -> None:
    before = await told(plant)
    auto = {"mode": "auto", "start_soc": 75, "stop_soc": 75}
    charger = {"entrance_breaker_size": 32, "ev_charger_size": 32}
    for contact, key in (
        (OVERLAP, "contact_windows_overlap"),
        (
            {"function": "generator_control", "generator": auto},
            "contact_start_not_below_stop",
        ),
        (
            {"function": "load_control", "load_mode": "ev_charger", **charger},
            "contact_charger_not_below_breaker",
        ),
        ({"ev_charger_size": "many"}, "contact_not_a_number"),
        (
            {
                "load_times": {
                    "group_a": {"windows": [{"start": "24:00", "end": "01:00"}]}
                }
            },
            "contact_not_a_time",
        ),
    ):
        with pytest.raises(ServiceValidationError) as err:
            await plant.act("set_dry_contact", contact=contact)
        assert err.value.translation_key == key
        assert str(err.value) != key
    assert await told(plant) == before


@both_ways
async def test_a_breaker_above_the_fuse_is_set_by_asking_twice(
    plant: World, way: str
) -> None:
    charger = {
        "function": "load_control",
        "load_mode": "ev_charger",
        "entrance_breaker_size": 125,
        "ev_charger_size": 32,
    }
    answer = await plant.act("set_dry_contact", contact=charger, dry_run=True)
    assert [one["severity"] for one in answer["findings"]] == ["confirm"]
    with pytest.raises(ServiceValidationError, match="within a minute"):
        await plant.act("set_dry_contact", contact=charger)
    await plant.act("set_dry_contact", contact=charger)
    assert (await told(plant))["entrance_breaker_size"] == 125


async def test_a_plant_without_a_contact_says_so(world: World) -> None:
    await world.set_up(["modbus"])
    for change in (
        world.act("get_dry_contact"),
        world.act("set_dry_contact", contact={}),
    ):
        with pytest.raises(ServiceValidationError) as err:
            await change
        assert err.value.translation_key == "no_dry_contact"


async def test_a_stick_that_does_not_tell_its_settings_says_so(
    world: World, rests: list[float]
) -> None:
    await world.set_up(["dts"], **OPT_IN)
    assert await told(world) is None
    select = ("select", "select_option", "dry_contact_function")
    for change in (
        world.act("set_dry_contact", contact={"function": "load_control"}),
        world.operate(*select, option="load_control"),
    ):
        with pytest.raises(HomeAssistantError, match="this stick does not tell") as err:
            await change
        assert err.value.translation_key == "contact_not_told"
