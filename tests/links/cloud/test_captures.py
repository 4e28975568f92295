"""Recordings of real accounts decode to the values their owners stated.

The recordings are not part of this repository; the tests run where they lie beside it.
"""

from datetime import UTC, date, datetime, timedelta
import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.instagen.links import LinkError, Verdict
from custom_components.instagen.links.cloud import CloudLink, CloudPlant
from custom_components.instagen.links.cloud.brands import Digest
from custom_components.instagen.links.cloud.client import CloudClient
from custom_components.instagen.links.cloud.devices import devices_of
from custom_components.instagen.links.cloud.live import (
    CloudData,
    Indicator,
    Indicators,
)
from custom_components.instagen.links.cloud.passwords import digest
from custom_components.instagen.links.cloud.rows import ROWS
from custom_components.instagen.links.cloud.settings import CloudSettings
from custom_components.instagen.links.cloud.values import number
from custom_components.instagen.plant.readings import Value
from custom_components.instagen.plant.states import BatteryMode

from .server import SmallCloud

CAPTURES = Path(__file__).parents[4] / "shared" / "captures" / "cloud"

pytestmark = pytest.mark.skipif(
    not CAPTURES.is_dir(), reason="the recordings lie outside the repository"
)


def capture(name: str) -> Any:
    return json.loads((CAPTURES / f"{name}.json").read_text())


def made(data: CloudData) -> dict[str, Value]:
    return {key: row.make(data) for key, row in ROWS.items()}


def test_login():
    told = capture("login-c-exchange")
    clear, sent = told["clear_password"], told["request"]["body"]["password"]
    assert digest(clear, Digest.MD5_SHA256) == sent
    assert digest(clear, Digest.MD5) == told["expected"]["md5hex"]


def test_device_trees():
    old = devices_of(capture("hys46-device-tree")["data"])
    assert [(one.kind, one.model) for one in old] == [
        (1, "DTS-WIFI-G1"),
        (6, "HYS-4.6LV-EUG1"),
        (10, ""),
    ]
    assert old[0].dtu_serial == "430100000000"
    assert [one.online for one in old] == [False, False, None]
    assert old[2].capacity is None
    new = devices_of(capture("hat6-device-tree")["data"])
    assert [one.software for one in new] == ["", "V02.07.07", "V00.00.00.29"]
    assert new[2].capacity == 15.3
    assert new[0].dtu_serial is None  # a made-up one


def test_a_hybrid_that_told_nothing_yet():
    """Zeros for everything, and no icon: nothing is known."""
    told = made(CloudData(live=capture("hys46-real-data-empty")["data"]))
    assert told["pv_power"] is None
    for key in ("battery_soc", "grid_power", "load_power", "grid_import_energy"):
        assert told[key] is None, key
    assert told["pv_energy"] == 0


def test_a_plant_without_a_meter():
    told = made(CloudData(live=capture("pv-real-data-no-meter")["data"]))
    assert (told["pv_power"], told["pv_energy"]) == (0, 4600.364)
    assert told["pv_energy_today"] == 0
    assert told["load_power"] is None


def test_indicators_beside_the_inverter():
    told = capture("hat6-indicators-side")
    data = CloudData(
        live={"reflux_station_data": {"icon_pvi": 1, "icon_gen": 1, "icon_load": 1}}
    )
    for point, name in (
        (Indicator.PV, "IND_PV"),
        (Indicator.LOAD, "IND_LOAD"),
        (Indicator.AC_PV, "IND_PVI"),
        (Indicator.GENERATOR, "IND_GEN"),
    ):
        data.indicators[point] = Indicators(told[name])
    expected = told["expected"]
    assert data.of(Indicator.LOAD).phases("p_") == expected["load l1/l2/l3 W"]
    assert sum(data.of(Indicator.LOAD).phases("p_")) == expected["load sum W"]
    values = made(data)
    assert values["pv1_power"] == values["pv2_voltage"] == expected["pv W"]
    assert values["pv3_voltage"] is None
    assert values["ac_pv_power"] == expected["pv meter W"]
    assert values["generator_power"] == 0
    assert values["generator_running"] is None


def test_fragments_of_settings():
    fragments = capture("battery-settings-fragments")["fragments"]
    assert [number(told) for told in fragments[1]["values"]] == [12, None, 12.5, 1]


async def test_settings_over_the_wire(client: CloudClient, cloud: SmallCloud):
    """The whole recorded exchange, question by question."""
    steps = [step["json"] for step in capture("hyt-battery-settings-flow")["exchange"]]
    asked_read, started, asked_status = steps[4:7]
    left = [steps[7]["data"], steps[8]["data"]]
    cloud.answers["read_setting"] = started["data"]
    cloud.answers["setting_status"] = lambda _: left.pop(0)
    plant = CloudPlant(client, asked_read["data"]["sid"])
    told = await CloudSettings(plant).read_battery()
    assert cloud.asked[0] == ("read_setting", asked_read)
    assert cloud.asked[1] == ("setting_status", asked_status)
    assert told.modes == frozenset(BatteryMode) - {BatteryMode.AI}
    # Nobody has set its tariff: one period without windows, at zero prices.
    assert told.values == {
        "battery_mode": "self_consumption",
        "self_consumption_reserve_soc": 10,
        "economical_reserve_soc": 10,
        "full_backup_reserve_soc": 100,
        "force_charge_target_soc": 70,
        "force_charge_power": 50,
        "force_discharge_target_soc": 30,
        "force_discharge_power": 50,
        "peak_shaving_reserve_soc": 35,
        "peak_shaving_soc": 70,
        "peak_shaving_power": 11000,
        "time_of_use_reserve_soc": 10,
    }
    rules = steps[1]
    cloud.answers["plant_capabilities"] = rules["data"]
    assert await client.call("plant_capabilities", steps[0]) == rules["data"]


async def test_zones(client: CloudClient, cloud: SmallCloud):
    plant = CloudPlant(client, 1)
    for name, hours in (("hys46-station-find", 2), ("micro-station-find-br", -3)):
        cloud.answers["plant"] = capture(name)["data"]
        detail = await plant.detail()
        assert detail["id"]
        zone = await plant.zone()
        noon = datetime(2026, 7, 1, 12, tzinfo=zone)
        assert noon.utcoffset() == timedelta(hours=hours)


async def test_a_power_report_of_a_sister_brand(client: CloudClient, cloud: SmallCloud):
    told = capture("solenso-power-by-station")
    cloud.answers["power_report"] = told["json"]
    cloud.answers["plant"] = capture("hys46-station-find")["data"]
    plant = CloudPlant(client, told["json"][0]["sid"])
    samples = await plant.power_report(date(2026, 5, 14), date(2026, 5, 14))
    read = [[f"{one.at:%H:%M}", one.pv] for one in samples]
    assert read == told["expected"]


async def test_a_plant_that_went_away(client: CloudClient, cloud: SmallCloud):
    """Its energies are still told, six days on; nothing of that is alive."""
    told = capture("stale-real-data-182")
    live = told["json"]["data"]
    values = made(CloudData(live=live))
    assert values["pv_energy"] == told["expected"]["total_kwh"]
    assert number(live["month_eq"]) == told["expected"]["month_kwh"] * 1000
    cloud.answers |= {
        "live_data": live,
        "device_tree": capture("hys46-device-tree")["data"],
        "plant": {"timezone": {"name": "Europe/Warsaw"}},
        "indicators": {"list": []},
    }
    plant = CloudPlant(client, 1)
    link = CloudLink(plant)
    with pytest.raises(LinkError) as failure:
        await anext(link.poll({"pv_energy"}, slow=True))
    assert failure.value.verdict is Verdict.STALE
    zone = await plant.zone()
    at = datetime.fromisoformat(live["data_time"]).replace(tzinfo=zone)
    stated = datetime.fromisoformat(told["expected"]["data_time_utc_plus_2"])
    assert at.astimezone(UTC) == stated.astimezone(UTC)


def test_an_alarm_of_one_device():
    """Recorded in Chinese: codes and times are what can be read."""
    (warn,) = capture("pv-find-details-alarm")["data"]["warn_list"]
    assert (warn["err_code"], warn["end_at"]) == (148, "-")
    assert number(warn["end_at"]) is None
