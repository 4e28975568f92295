"""Reading a plant over the cloud: what it tells, how old it is, what it costs."""

from collections import Counter
from collections.abc import AsyncGenerator, Set as AbstractSet
from datetime import UTC, datetime, timedelta
import json

from aiohttp import web
import pytest

from custom_components.instagen.links import Answer, Link, LinkError, Verdict
from custom_components.instagen.links.cloud import CloudLink, CloudPlant
from custom_components.instagen.links.cloud.auth import Credentials
from custom_components.instagen.links.cloud.client import CloudClient
from custom_components.instagen.links.cloud.rows import ROWS
from custom_components.instagen.plant.evidence import Evidence
from custom_components.instagen.plant.identity import Feature
from custom_components.instagen.plant.readings import Kind, Value
from custom_components.instagen.plant.states import LinkName

from .hybrid import DTU, INVERTER, SID, Hybrid
from .server import ACCOUNT, Clock, SmallCloud, account, refusal

FLOW = frozenset({"pv_power", "load_power", "grid_power", "battery_power"})


@pytest.fixture
def hybrid(cloud: SmallCloud) -> Hybrid:
    """Put a plant into the cloud."""
    plant = Hybrid()
    plant.fill(cloud)
    return plant


@pytest.fixture
async def link(client: CloudClient, hybrid: Hybrid) -> AsyncGenerator[CloudLink]:
    """Follow it."""
    link = CloudLink(CloudPlant(client, SID))
    yield link
    await link.close()


async def read(
    link: CloudLink, keys: AbstractSet[str] | None = None, *, slow: bool = True
) -> tuple[dict[str, Value], list[Answer]]:
    answers = [one async for one in link.poll(keys or link.served, slow=slow)]
    values = {key: value for one in answers for key, value in one.values.items()}
    return values, answers


async def refused(link: CloudLink) -> Verdict:
    with pytest.raises(LinkError) as failure:
        await read(link)
    return failure.value.verdict


async def test_it_is_a_link(link: CloudLink):
    same: Link = link
    assert same.name is LinkName.CLOUD
    assert same.served == ROWS.keys()
    assert same.features == frozenset()
    assert same.snapshot() == {}


def test_its_pace_has_bounds(client: CloudClient):
    plant = CloudPlant(client, SID)
    paces = {
        given: CloudLink(plant, poll_seconds=given).poll_seconds
        for given in (1, 60, 200, 9999)
    }
    assert paces == {1: 60, 60: 60, 200: 200, 9999: 300}


async def test_identify(link: CloudLink):
    identity = await link.identify()
    assert identity.model == "HYS-4.6LV-EUG1"
    assert identity.serial == DTU
    assert identity.features == {
        Feature.BATTERY,
        Feature.GRID_METER,
        Feature.PV_1,
        Feature.PV_2,
    }
    assert identity.firmware == {
        "main": "V00.02.21",
        "stick": "V01.00.01",
        "stick_hardware": "H11.01.01",
    }
    assert link.guard.rated_power == 4600


async def test_what_it_reads(link: CloudLink):
    await link.identify()
    values, _ = await read(link)
    told = {key: value for key, value in values.items() if value is not None}
    assert told == {
        "backup_power": 12,
        "battery_capacity": 10.2,
        "battery_charge_energy": 210,
        "battery_charge_energy_today": 2.1,
        "battery_charge_power": 1200,
        "battery_current": -23.4,
        "battery_discharge_energy": 190,
        "battery_discharge_energy_today": 1.7,
        "battery_discharge_power": 0,
        "battery_power": -1200,
        "battery_soc": 64,
        "battery_soh": 98,
        "battery_state": "charging",
        "battery_temperature": 24.5,
        "battery_voltage": 51.3,
        "grid_current_l1": 0.9,
        "grid_export_energy": 41,
        "grid_export_energy_today": 0.3,
        "grid_export_power": 0,
        "grid_frequency": 50.02,
        "grid_import_energy": 90,
        "grid_import_energy_today": 0.9,
        "grid_import_power": 0,
        "grid_power": 0,
        "grid_voltage_l1": 236.1,
        "inverter_power": 640,
        "inverter_temperature": 41.5,
        "load_energy": 812,
        "load_energy_today": 4.1,
        "load_power": 650,
        "meter_connected": True,
        "off_grid": False,
        "problem": False,
        "pv1_current": 2.2,
        "pv1_power": 903,
        "pv1_voltage": 410.5,
        "pv_energy": 512,
        "pv_energy_today": 4.2,
        "pv_power": 1850,
        "work_status": "on_grid",
    }
    assert set(told) == set(values) - {
        "ac_pv_power",
        "battery_cell_temperature_min",
        "generator_frequency",
        "generator_power",
        "generator_running",
        "generator_voltage",
        *(f"grid_{what}_l{n}" for what in ("current", "voltage") for n in (2, 3)),
        *(f"pv2_{what}" for what in ("voltage", "current", "power")),
        *(f"pv{n}_{w}" for n in (3, 4) for w in ("voltage", "current", "power")),
    }
    assert values.keys() == link.served


IMPORT = [{"out": 2, "in": 1}]
EXPORT = [{"out": 4, "in": 2}]


@pytest.mark.parametrize(
    ("flows", "told", "expected"),
    [
        (IMPORT, "-800", 800),
        (IMPORT, "800", 800),
        (EXPORT, "800", -800),
        (EXPORT, "-800", -800),
        ([], "-800", 800),
        ([], "800", -800),
        ([*IMPORT, *EXPORT], "-800", 800),
        (None, "-800", 800),
        ("?", "0.0", 0),
        (IMPORT, "-", None),
        (IMPORT, None, None),
    ],
)
async def test_the_grid_has_the_direction_of_the_flow(
    link: CloudLink, hybrid: Hybrid, flows: object, told: object, expected: int | None
):
    hybrid.flow |= {"flows": flows, "grid_power": told}
    values, _ = await read(link)
    assert values["grid_power"] == expected
    if expected is not None:
        assert values["grid_import_power"] == max(expected, 0)
        assert values["grid_export_power"] == max(-expected, 0)


@pytest.mark.parametrize(
    ("flows", "told", "expected", "state"),
    [
        ([{"out": 10, "in": 1}], "500", 500, "discharging"),
        ([{"out": 10, "in": 1}], "-500", 500, "discharging"),
        ([{"out": 2, "in": 10}], "500", -500, "charging"),
        ([], "500", 500, "discharging"),
        ([], "-500", -500, "charging"),
        ([], "0", 0, "standby"),
        ([], "", None, None),
    ],
)
async def test_so_has_the_battery(
    link: CloudLink,
    hybrid: Hybrid,
    flows: object,
    told: str,
    expected: Value,
    state: str | None,
):
    hybrid.flow |= {"flows": flows, "bms_power": told}
    values, _ = await read(link)
    assert values["battery_power"] == expected
    assert values["battery_state"] == state


async def test_what_is_not_fitted_has_no_value(
    link: CloudLink, hybrid: Hybrid, cloud: SmallCloud
):
    """Zeros come for it all the same, so it is not even asked for."""
    hybrid.flow |= {"icon_bms": 0, "icon_grid": 0, "icon_load": 0, "bms_soc": "0"}
    values, answers = await read(link)
    for key in (
        "battery_soc",
        "grid_power",
        "load_power",
        "battery_soh",
        "load_energy",
    ):
        assert values[key] is None, key
    assert not any(one.silent for one in answers)
    asked = [body["type"] for name, body in cloud.asked if name == "indicators"]
    assert asked == [4, 6]
    assert Feature.BATTERY not in link.features


async def test_one_inverter_of_several_is_not_the_plant(
    link: CloudLink, hybrid: Hybrid
):
    other = {"id": 602, "sn": "200300000002", "type": 6, "model_no": "X"}
    hybrid.extra_devices.append(other)
    values, _ = await read(link)
    assert values["inverter_power"] is None
    assert values["backup_power"] is None
    assert values["pv_power"] == 1850


async def test_an_hour_costs_this_much(
    link: CloudLink, cloud: SmallCloud, clock: Clock
):
    """Power once a minute, details when the plant uploads, the rest rarely."""
    await link.identify()
    for _ in range(60):
        await read(link)
        clock.seconds += 60
    assert Counter(cloud.names()) == {
        "device_tree": 1,
        "plant": 1,
        "live_data": 60,
        "indicators": 4 * 12,
        "energy_split": 4,
    }
    assert len(cloud.logins) == 1


async def test_who_asks_too_often_gets_what_is_there(
    link: CloudLink, cloud: SmallCloud, clock: Clock
):
    for _ in range(6):
        await read(link, FLOW, slow=False)
        clock.seconds += 10
    assert cloud.names().count("live_data") == 2
    assert "indicators" not in cloud.names()


async def test_only_news_is_told(link: CloudLink, hybrid: Hybrid, clock: Clock):
    await read(link)
    clock.seconds += 60
    hybrid.flow["load_power"] = "700"
    values, answers = await read(link)
    assert values == {"load_power": 700}
    assert frozenset().union(*(one.served for one in answers)) == link.served
    link.forget_told()
    values, _ = await read(link)
    assert values.keys() == link.served


# ---- how old it is ----


async def test_a_frozen_plant_is_unknown(link: CloudLink, hybrid: Hybrid, clock: Clock):
    await read(link)
    hybrid.age = 19 * 60
    clock.seconds += 1300
    assert (await read(link, FLOW))[1][0].served == FLOW
    hybrid.age = 21 * 60
    clock.seconds += 1300
    assert await refused(link) is Verdict.STALE
    hybrid.age = 10
    clock.seconds += 60
    assert (await read(link, FLOW))[1][0].served == FLOW


async def test_a_plant_that_stops_is_unknown_after_twenty_minutes(
    link: CloudLink, hybrid: Hybrid, clock: Clock
):
    """It told something a minute ago, and then nothing more."""
    begin = datetime.now(UTC)
    hybrid.at = begin - timedelta(seconds=60)
    link._transport.now = lambda: begin + timedelta(seconds=clock.seconds - 1000)  # type: ignore[method-assign]
    for _ in range(19):
        await read(link, FLOW)
        clock.seconds += 60
    assert await refused(link) is Verdict.STALE


async def test_a_plant_whose_clock_is_wrong_is_alive_while_it_moves(
    link: CloudLink, hybrid: Hybrid, clock: Clock
):
    hybrid.at = datetime(2024, 1, 1, tzinfo=UTC)
    assert await refused(link) is Verdict.STALE
    for _ in range(3):
        clock.seconds += 300
        hybrid.at += timedelta(seconds=300)
        assert (await read(link, FLOW))[1][0].served == FLOW
    clock.seconds += 1000
    assert (await read(link, FLOW))[1]
    clock.seconds += 300
    assert await refused(link) is Verdict.STALE


async def test_what_moved_while_nobody_looked_proves_nothing(
    link: CloudLink, hybrid: Hybrid, clock: Clock
):
    hybrid.at = datetime(2024, 1, 1, tzinfo=UTC)
    assert await refused(link) is Verdict.STALE
    clock.seconds += 86_400
    hybrid.at += timedelta(minutes=5)
    assert await refused(link) is Verdict.STALE


@pytest.mark.parametrize("days", [-400, 400])
async def test_our_clock_may_be_wrong(
    link: CloudLink, hybrid: Hybrid, cloud: SmallCloud, days: int
):
    """The cloud's clock and the plant's agree; ours is years off."""
    theirs = datetime.now(UTC) + timedelta(days=days)
    hybrid.at = theirs - timedelta(seconds=200)

    cloud.date = theirs.strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert (await read(link, FLOW))[1][0].served == FLOW


@pytest.mark.parametrize("told", [None, "", "-", "yesterday"])
async def test_no_time_is_no_life(link: CloudLink, cloud: SmallCloud, told: object):
    live = Hybrid().live() | {"data_time": told}
    cloud.answers["live_data"] = live
    assert await refused(link) is Verdict.STALE


# ---- when it is not answered ----


@pytest.mark.parametrize("empty", [None, {}, []])
async def test_an_empty_reply_is_a_request_for_patience(
    link: CloudLink, hybrid: Hybrid, cloud: SmallCloud, clock: Clock, empty: object
):
    await read(link)
    cloud.answers["live_data"] = empty
    clock.seconds += 60
    values, answers = await read(link)
    assert values == {}
    assert not any(one.silent for one in answers)
    clock.seconds += 1200
    assert await refused(link) is Verdict.STALE
    fresh = CloudLink(link.plant)
    assert await refused(fresh) is Verdict.BUSY


async def test_what_an_account_may_not_see_is_silent(
    link: CloudLink, cloud: SmallCloud, clock: Clock
):
    cloud.answers["indicators"] = lambda _: refusal("3")
    identity = await link.identify()
    assert Feature.BATTERY in identity.features
    _, answers = await read(link)
    silent = frozenset().union(*(one.silent for one in answers))
    assert {"pv1_voltage", "inverter_power", "battery_soh"} <= silent
    assert not silent & {"pv_power", "battery_soc", "load_energy"}


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (lambda _: web.Response(status=502), Verdict.BUSY),
        (lambda _: refusal("3"), Verdict.ACCESS_DENIED),
        (lambda _: refusal("100"), Verdict.ACCESS_DENIED),
        (b"half", Verdict.BUSY),
        ("text", Verdict.BUSY),
    ],
)
async def test_verdicts(
    link: CloudLink, cloud: SmallCloud, answer: object, verdict: Verdict
):
    cloud.answers["live_data"] = answer
    assert await refused(link) is verdict
    with pytest.raises(LinkError) as failure:
        await CloudLink(link.plant).identify()
    assert failure.value.verdict is verdict


async def test_a_wrong_password(cloud: SmallCloud, hybrid: Hybrid, clock: Clock):
    who = Credentials(ACCOUNT, "wrong")
    async with account(cloud.address, clock=clock, who=who) as client:
        link = CloudLink(CloudPlant(client, SID))
        for _ in range(5):
            assert await refused(link) is Verdict.ACCESS_DENIED
            clock.seconds += 3600
    assert len(cloud.logins) == 1


async def test_a_plant_of_microinverters_is_none_of_ours(
    link: CloudLink, cloud: SmallCloud
):
    cloud.answers["device_tree"] = [{"id": 1, "sn": "1", "type": 1, "children": []}]
    with pytest.raises(LinkError) as failure:
        await link.identify()
    assert failure.value.verdict is Verdict.NOT_INSTAGEN


async def test_a_value_that_cannot_be_is_kept_away(
    link: CloudLink, hybrid: Hybrid, clock: Clock
):
    await read(link)
    hybrid.flow["bms_soc"] = "6400"
    clock.seconds += 60
    values, _ = await read(link)
    assert "battery_soc" not in values
    assert link.statistics.rejected == 1


async def test_diagnostics_tell_nobody_whose_it_is(link: CloudLink):
    await link.identify()
    await read(link)
    told = json.dumps(link.diagnostics(), default=str)
    for secret in (DTU, INVERTER, str(SID), ACCOUNT, "token0", "127.0.0.1"):
        assert secret not in told
    assert '"bms_soc": "64"' in told
    assert '"inverter"' in told


def test_every_row_says_how_well_it_is_known():
    for key, row in ROWS.items():
        assert row.reading.key == key
        assert row.source
        assert row.evidence in {Evidence.DOCUMENTED, Evidence.INFERRED}
    assert ROWS["generator_power"].evidence is Evidence.INFERRED
    assert not any(row.reading.kind is Kind.FAULTS for row in ROWS.values())
