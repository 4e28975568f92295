"""One plant at the reference cloud: what it tells is what the plant does."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from custom_components.instagen.links import LinkError, Verdict
from custom_components.instagen.links.cloud import CloudLink, CloudPlant
from custom_components.instagen.links.cloud.client import CloudClient
from custom_components.instagen.links.cloud.devices import DeviceKind
from custom_components.instagen.links.cloud.errors import CloudError, Trouble
from custom_components.instagen.links.cloud.functions import FUNCTIONS
from custom_components.instagen.links.cloud.plant import Span, SplitKind
from custom_components.instagen.links.cloud.road import CloudRoad
from custom_components.instagen.links.cloud.settings import (
    BatteryChange,
    CloudSettings,
)
from custom_components.instagen.links.cloud.transport import Limits
from custom_components.instagen.links.combined import CombinedLink
from custom_components.instagen.links.dts import DtsLink
from custom_components.instagen.links.dts.schedules import tariff_text
from custom_components.instagen.links.dts.stream import Timing
from custom_components.instagen.links.dts.tariff import carried
from custom_components.instagen.links.settings import SettingsError
from custom_components.instagen.links.tariff_form import table_text
from custom_components.instagen.plant.readings import READINGS, Kind, Value
from custom_components.instagen.plant.settings import Block
from custom_components.instagen.plant.states import BatteryMode, LinkName
from custom_components.instagen.plant.tariff import Tariff
from custom_components.instagen.simulated import SimulatedPlant
from custom_components.instagen.simulated.stick.dates import dates_of as stick_dates
from custom_components.instagen.simulated.tariff import DEFAULT_TARIFF
from simulator import serve
from simulator.cloud import FOREIGN, HOME, Cloud, serve_cloud
from simulator.cloud.live_plant import LivePlant
from tests.plant.tariffs import ALL_SORTS, WEEKENDS

from .reference import account
from .server import Clock

HASTY = Timing(spacing=0, answer=1, connect=1, backoff=0, longest_backoff=0)


@pytest.fixture
def plant(home: CloudClient) -> CloudPlant:
    """Look at the household's plant."""
    return CloudPlant(home, HOME)


async def read(
    link: CloudLink | CombinedLink, *, slow: bool = True
) -> dict[str, Value]:
    values: dict[str, Value] = {}
    async for answer in link.poll(link.served, slow=slow):
        values |= answer.values
    return values


def serving(link: CombinedLink) -> LinkName:
    return link.name


async def refused(work: Any) -> Trouble:
    with pytest.raises(CloudError) as failure:
        await work
    return failure.value.trouble


def live_plant(reference: Cloud) -> SimulatedPlant:
    """Return the plant behind the household."""
    source = reference.world.sources[HOME]
    assert isinstance(source, LivePlant)
    return source.plant


# ---- readings ----


async def test_it_reads_the_truth(plant: CloudPlant, reference: Cloud):
    link = CloudLink(plant)
    identity = await link.identify()
    core = live_plant(reference)
    assert identity.model == core.config.model
    assert identity.serial == core.config.serial
    values = await read(link)
    truth = core.state()
    compared = 0
    for key, value in values.items():
        if key not in truth or value is None:
            continue
        if READINGS[key].kind is Kind.ENERGY_TOTAL:
            continue
        compared += 1
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert value == pytest.approx(truth[key], rel=0.02, abs=0.11), key
        else:
            assert value == truth[key], key
    assert compared > 30


async def test_a_plant_that_no_longer_uploads(
    plant: CloudPlant, reference: Cloud, clock: Clock
):
    link = CloudLink(plant)
    assert (await read(link))["battery_soc"] is not None
    reference.world.sources[HOME].close()
    stuck = await plant.live()
    plant.live = lambda: _later(stuck)  # type: ignore[method-assign]
    clock.seconds += 600
    reference.advance(600)
    await read(link)
    clock.seconds += 900
    reference.advance(900)
    await plant.client.call("who_am_i")  # hears the cloud's clock
    with pytest.raises(LinkError) as failure:
        await read(link)
    assert failure.value.verdict is Verdict.STALE


async def _later(told: Any) -> Any:
    return told


@pytest.mark.parametrize("seconds", [-7200, 7200])
async def test_a_cloud_whose_clock_is_wrong(
    plant: CloudPlant, reference: Cloud, seconds: float
):
    reference.fault("clock_skew", seconds=seconds)
    assert (await read(CloudLink(plant)))["battery_soc"] is not None


async def test_history(plant: CloudPlant, reference: Cloud):
    reference.advance(4 * 3600)
    today = reference.world.clock.true.date()
    devices = await plant.devices()
    (inverter,) = [one for one in devices if one.kind == DeviceKind.INVERTER]
    curves = {one.name: one for one in await plant.power_of_day(today)}
    assert {"pv_power", "grid_power", "load_power", "bms_power"} <= curves.keys()
    assert max(one or 0 for one in curves["pv_power"].values) > 100
    (soc,) = await plant.indicator_curves(
        inverter, today, ["bms_soc"], kind=DeviceKind.BATTERY
    )
    assert soc.indicator == "bms_soc"
    assert all(0 <= value <= 100 for _, value in soc.points)
    assert len(soc.points) > 10
    for span in Span:
        chart = {one.name: one for one in await plant.energy_chart(span, today)}
        assert sum(one or 0 for one in chart["pv_eq"].values) > 0, span
        split = await plant.energy_split(span, today, SplitKind.FLOWS)
        assert {"p2l", "p2b", "p2g", "lfp", "lfb", "lfg"} <= split.keys()
    samples = await plant.power_report(today, today)
    assert len(samples) > 10
    assert samples[0].at.date() == today
    assert samples[1].at - samples[0].at in {
        timedelta(minutes=5),
        timedelta(minutes=15),
    }
    longer = await plant.power_report(today - timedelta(days=1), today)
    assert longer == samples  # the plant is of today, and only the dates are longer
    totals = await plant.energy_totals(today, today)
    assert totals.pv is not None
    assert totals.pv > 0
    rows = await plant.energy_report(today - timedelta(days=2), today)
    assert len(rows) == 3


async def test_alarms(plant: CloudPlant, reference: Cloud):
    devices = await plant.devices()
    assert await plant.alarms(devices) == []
    live_plant(reference).set_many({"alarms": {"safety_dsp": ["insulation"]}})
    reference.advance(600)
    (found,) = await plant.alarms(devices)
    assert found.kind is DeviceKind.INVERTER
    assert found.code.isdigit()
    assert found.since is not None
    assert found.since <= reference.world.clock.true


async def test_a_plant_of_somebody_else(home: CloudClient):
    plant = CloudPlant(home, FOREIGN)
    assert await refused(plant.live()) is Trouble.NO_PERMISSION
    with pytest.raises(LinkError) as failure:
        await CloudLink(plant).identify()
    assert failure.value.verdict is Verdict.ACCESS_DENIED


async def test_an_owner_sees_his_own(reference: Cloud, clock: Clock):
    async with account(reference, clock, name="demo-owner") as client:
        plants = [row["id"] async for row in client.rows("plants")]
        assert plants == [HOME]
        assert (await read(CloudLink(CloudPlant(client, HOME))))["pv_power"]
        pair = {"dev_sn": "200300000001", "dtu_sn": "430100000001"}
        body = {**pair, "action": 27, "dev_type": 1, "data": {}}
        assert await refused(client.run("command", body)) is Trouble.NO_PERMISSION


# ---- settings ----


@pytest.mark.parametrize(
    ("mode", "values"),
    [
        (BatteryMode.SELF_CONSUMPTION, {"self_consumption_reserve_soc": 25}),
        (BatteryMode.ECONOMICAL, {"economical_reserve_soc": 30}),
        (BatteryMode.FULL_BACKUP, {"full_backup_reserve_soc": 90}),
        (BatteryMode.OFF_GRID, {}),
        (
            BatteryMode.FORCE_CHARGE,
            {"force_charge_target_soc": 80, "force_charge_power": 40},
        ),
        (
            BatteryMode.FORCE_DISCHARGE,
            {"force_discharge_target_soc": 30, "force_discharge_power": 35.5},
        ),
        (
            BatteryMode.PEAK_SHAVING,
            {"peak_shaving_reserve_soc": 20, "peak_shaving_power": 4000},
        ),
        (BatteryMode.TIME_OF_USE, {"time_of_use_reserve_soc": 15}),
    ],
)
async def test_every_mode_is_set(
    plant: CloudPlant, reference: Cloud, mode: BatteryMode, values: dict[str, Any]
):
    settings = CloudSettings(plant)
    times_of_use = live_plant(reference).programs.times_of_use
    before = await settings.read_battery()
    assert mode in before.modes
    after = await settings.write_battery(BatteryChange(mode=mode, values=values))
    assert after.values["battery_mode"] == mode.value
    assert values.items() <= after.values.items()
    kept = before.values.keys() - {"battery_mode", *values}
    assert {key: after.values.get(key) for key in kept} == {
        key: before.values[key] for key in kept
    }
    assert live_plant(reference).programs.times_of_use == times_of_use


def told_by_a_stick(reference: Cloud) -> str:
    """Return the plant's table as a stick's own protocol tells it."""
    return tariff_text(stick_dates(live_plant(reference).programs.tariff))


@pytest.mark.parametrize("tariff", [WEEKENDS, ALL_SORTS])
async def test_a_tariff_goes_out_with_its_mode(
    plant: CloudPlant, reference: Cloud, tariff: Tariff
):
    """And is read back in the words of a stick; what stands in it is obeyed."""
    road = CloudRoad(plant)
    before = await road.read(Block.MODE)
    text = table_text(carried(tariff)[0])
    assert before["tariff"] != text
    wished = {**before, "battery_mode": "economical", "tariff": text}
    await road.write(Block.MODE, wished)
    assert await CloudRoad(plant).read(Block.MODE) == wished
    assert told_by_a_stick(reference) == text
    now, acting = (
        live_plant(reference).local_time,
        live_plant(reference).acting_programs,
    )
    minute = now.hour * 60 + now.minute
    (here,) = [
        one.band
        for one in tariff.day(now.date())
        if one.start <= minute < one.end and one.band is not None
    ]
    assert acting.tariff.band(now) == here.value
    writes = reference.requests["write_setting"]
    await road.write(Block.MODE, wished)
    assert reference.requests["write_setting"] == writes, "nothing is sent twice"
    with pytest.raises(ValueError, match="no tariff"):
        await road.write(Block.MODE, {**wished, "tariff": "dts:0a"})
    assert reference.requests["write_setting"] == writes


async def test_a_table_that_is_there_stays_to_the_last_bit(
    plant: CloudPlant, reference: Cloud
):
    """Somebody set finer prices than a stick's message has; so did the money's name."""
    road, core = CloudRoad(plant), live_plant(reference)
    stood = core.programs.tariff
    assert stood == DEFAULT_TARIFF
    for mode in ("economical", "full_backup", "economical"):
        values = await road.read(Block.MODE)
        await road.write(
            Block.MODE, {**values, "battery_mode": mode, "economical_reserve_soc": 33}
        )
        assert core.programs.tariff == stood
    assert core.settings.economical_reserve_soc == 33


async def test_a_tariff_that_does_not_show_was_not_taken(
    plant: CloudPlant, reference: Cloud
):
    road = CloudRoad(plant)
    values = await road.read(Block.MODE)
    text = table_text(carried(WEEKENDS)[0])
    reference.fault("no_effect")
    with pytest.raises(SettingsError):
        await road.write(
            Block.MODE, {**values, "battery_mode": "economical", "tariff": text}
        )


async def test_what_is_of_another_mode(plant: CloudPlant):
    settings = CloudSettings(plant)
    for mode in (BatteryMode.FULL_BACKUP, BatteryMode.OFF_GRID):
        with pytest.raises(ValueError, match="another mode"):
            await settings.write_battery(
                BatteryChange(mode=mode, values={"force_charge_power": 10})
            )


async def test_the_dry_contact(plant: CloudPlant):
    settings = CloudSettings(plant)
    before = await settings.read_contact()
    for on in (True, False, True):
        after = await settings.switch_contact(on=on)
        assert after.active is on
        assert after.functions == before.functions


async def test_success_without_effect_is_found_out(
    plant: CloudPlant, reference: Cloud, clock: Clock
):
    settings = CloudSettings(plant)
    reference.fault("no_effect")
    change = BatteryChange(mode=BatteryMode.FULL_BACKUP)
    assert await refused(settings.write_battery(change)) is Trouble.NOT_APPLIED
    assert clock.slept.count(5) == 2
    assert reference.requests["write_setting"] == 1


@pytest.mark.parametrize(
    ("fault", "given", "expected"),
    [
        ("failing_job", {}, Trouble.JOB_FAILED),
        ("failing_job", {"code": "00002"}, Trouble.NOT_SUPPORTED),
        ("endless_job", {}, Trouble.JOB_TIMEOUT),
    ],
)
async def test_jobs_that_go_wrong(
    plant: CloudPlant,
    reference: Cloud,
    fault: str,
    given: dict[str, Any],
    expected: Trouble,
):
    reference.fault(fault, **given)
    assert await refused(CloudSettings(plant).read_battery()) is expected


async def test_one_job_at_a_time(plant: CloudPlant, reference: Cloud):
    reference.fault("endless_job")
    body = {"action": 1013, "data": {"sid": HOME}}
    await plant.client.call("read_setting", body)
    assert await refused(CloudSettings(plant).read_battery()) is Trouble.BUSY


@pytest.mark.parametrize("face", ["100", "1"])
async def test_the_token_expires_in_the_middle_of_a_job(
    plant: CloudPlant, reference: Cloud, clock: Clock, face: str
):
    await plant.client.call("who_am_i")
    clock.seconds += 3600
    job = await plant.client.call(
        "read_setting", {"action": 1013, "data": {"sid": HOME}}
    )
    reference.fault("token_expired", face=face)
    told = await plant.client.follow(FUNCTIONS["setting_status"], str(job))
    assert told["mode"] == 1
    assert reference.requests["read_setting"] == 1


# ---- faults ----


@pytest.mark.parametrize(
    ("fault", "given", "expected"),
    [
        ("bad_gateway", {}, Trouble.SERVER_ERROR),
        ("too_many_requests", {}, Trouble.THROTTLED),
        ("half_json", {}, Trouble.GARBLED),
        ("huge", {"megabytes": 200}, Trouble.TOO_LARGE),
        ("redirect", {}, Trouble.REDIRECTED),
        ("wrong_type", {}, Trouble.GARBLED),
        ("gone", {}, Trouble.UNREACHABLE),
        ("empty", {}, Trouble.THROTTLED),
    ],
)
async def test_every_fault_has_its_name_and_an_end(
    plant: CloudPlant,
    reference: Cloud,
    fault: str,
    given: dict[str, Any],
    expected: Trouble,
):
    link = CloudLink(plant)
    before = await read(link)
    reference.fault(fault, function="live", **given)
    assert await refused(plant.live()) is expected
    reference.fault(fault, on=False)
    link.forget_told()
    assert (await read(link)).keys() == before.keys()
    assert reference.requests["login_v0"] == 1


async def test_json_by_another_name_is_json(plant: CloudPlant, reference: Cloud):
    reference.fault("wrong_label")
    assert await plant.live()


async def test_a_cloud_that_stalls(reference: Cloud, clock: Clock):
    limits = Limits(timeout=0.2, tries=1)
    async with account(reference, clock, limits=limits) as client:
        await client.call("who_am_i")
        reference.fault("stall", times=1)
        assert await refused(CloudPlant(client, HOME).live()) is Trouble.TIMEOUT


async def test_a_day_without_a_cloud(plant: CloudPlant, reference: Cloud, clock: Clock):
    """No storm of logins, and the first answer afterwards is good."""
    link = CloudLink(plant)
    await read(link)
    reference.fault("bad_gateway", times=100_000)
    for _ in range(24 * 4):
        clock.seconds += 900
        with pytest.raises(LinkError):
            await read(link)
    reference.advance(900)
    reference.fault("bad_gateway", on=False)
    assert (await read(link))["battery_soc"] is not None
    assert reference.requests["login_v0"] <= 2


# ---- together with a link of its own ----


async def test_the_cloud_stands_in_for_a_link_that_was_cut(
    clock: Clock, socket_enabled: None
):
    """Within two polls the cloud serves the same readings; afterwards it steps back."""
    async with (
        serve("hybrid", modbus=None, dts=0) as sim,
        serve_cloud("home", plant=sim) as cloud,
        account(cloud, clock) as client,
    ):
        sim.set({"sun": 0.4, "load": 900})
        await sim.advance(1800)
        local = DtsLink(
            lambda: asyncio.open_connection("127.0.0.1", sim.dts_port),
            clock=clock,
            timing=HASTY,
        )
        both = CombinedLink([local, CloudLink(CloudPlant(client, HOME))])
        identity = await both.identify()
        assert identity.serial == sim.plant.config.serial
        first = await read(both)
        assert serving(both) is LinkName.DTS
        port = sim.dts_port
        await sim.dts.stop()
        told: dict[str, Value] = {}
        for _ in range(2):
            clock.seconds += 30
            await sim.advance(30)
            try:
                told |= await read(both)
            except LinkError:
                continue
        assert serving(both) is LinkName.CLOUD
        truth: dict[str, Any] = sim.state()
        for key in ("load_power", "pv_power", "battery_power", "grid_power"):
            assert told[key] == pytest.approx(truth[key], abs=200), key
        assert told["battery_soc"] == first["battery_soc"]
        for key in ("pv_energy", "grid_import_energy", "battery_charge_energy"):
            assert told[key] == pytest.approx(first[key], abs=0.3), key
        await sim.dts.start("127.0.0.1", port)
        clock.seconds += 61
        await sim.advance(61)
        told = await read(both)
        assert serving(both) is LinkName.DTS
        assert told["load_power"] == sim.state()["load_power"]
        assert told["pv_energy"] == pytest.approx(first["pv_energy"], abs=0.3)
        await both.close()
