"""The DTS link on a real socket, without Home Assistant."""

import asyncio
from collections.abc import AsyncGenerator, Set as AbstractSet
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links import Answer, Link, LinkError, Verdict
from custom_components.instagen.links.dts import DtsLink
from custom_components.instagen.links.dts.frame import Command, Frame
from custom_components.instagen.links.dts.link import CLOUD_CONNECTED
from custom_components.instagen.links.dts.rows import ROWS, TOTALS
from custom_components.instagen.plant.identity import StickModel, stick_model
from custom_components.instagen.plant.readings import READINGS, Pace, Value
from custom_components.instagen.plant.states import LinkName

from .stick import (
    INVERTER,
    QUICK,
    SERIAL,
    FakeStick,
    gateway,
    good_stick,
    registry,
    serve,
    storage,
)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.began = datetime(2025, 6, 15, 15, 6, 40, tzinfo=UTC)

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.began + timedelta(seconds=self.seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def of_storage(link: DtsLink) -> frozenset[str]:
    """Return the readings that the storage data bring; the cloud has its own question."""
    return link.served - {CLOUD_CONNECTED}


@pytest.fixture
async def link(stick: FakeStick, clock: Clock) -> AsyncGenerator[DtsLink]:
    link = DtsLink(stick.connect, now=clock.now, clock=clock, timing=QUICK)
    yield link
    await link.close()


async def poll(
    link: DtsLink, *, slow: bool = True, keys: AbstractSet[str] | None = None
) -> Answer:
    if isinstance(link.clock, Clock):
        link.clock.seconds += link.poll_seconds
    wanted = of_storage(link) if keys is None else keys
    (answer,) = [one async for one in link.poll(wanted, slow=slow)]
    return answer


async def refused(link: DtsLink) -> Verdict:
    with pytest.raises(LinkError) as failure:
        await poll(link)
    return failure.value.verdict


async def test_it_is_a_link(link: DtsLink):
    same: Link = link
    assert same.name is LinkName.DTS
    assert same.poll_seconds == 30
    assert link.features == frozenset()
    assert of_storage(link) == ROWS.keys() | TOTALS.keys()
    assert link.served - of_storage(link) == {CLOUD_CONNECTED}


async def test_identify(link: DtsLink, stick: FakeStick):
    identity = await link.identify()
    assert identity.model == "HYS-6.0LV-EUG1"
    assert identity.serial is not None
    assert stick_model(identity.serial) is StickModel.DTS_WIFI_G1
    assert identity.features == link.features
    assert stick.commands() == [0xDB01, 0xC302, 0xC303]
    assert link.guard.rated_power == 6000
    assert "inverter_temperature" not in link.served


async def test_a_newer_stick_has_a_temperature(link: DtsLink, stick: FakeStick):
    stick.data[INVERTER].inverter.state.inverter_temperature = 300
    await link.identify()
    assert "inverter_temperature" in link.served


async def test_a_poll_is_one_request_per_inverter(link: DtsLink, stick: FakeStick):
    await link.identify()
    stick.asked.clear()
    answer = await poll(link)
    assert stick.commands() == [0xC303]
    assert answer.served == of_storage(link)
    assert not answer.silent
    assert answer.values["battery_power"] == 500
    assert answer.values["grid_import_energy"] == 0.7
    assert (await poll(link)).values == {}


async def test_the_first_poll_uses_what_identify_read(
    link: DtsLink, stick: FakeStick, clock: Clock
):
    await link.identify()
    (answer,) = [one async for one in link.poll(of_storage(link), slow=True)]
    assert answer.values["battery_soc"] == 67
    assert len(stick.asked) == 3
    await link.identify()
    clock.seconds += link.poll_seconds
    _ = [one async for one in link.poll(of_storage(link), slow=True)]
    assert len(stick.asked) == 7


async def test_a_fast_poll_tells_what_is_fast(link: DtsLink):
    await link.identify()
    answer = await poll(link, slow=False)
    assert answer.served
    assert {READINGS[key].pace for key in answer.served} == {Pace.FAST}
    assert answer.values.keys() <= answer.served
    answer = await poll(link)
    assert answer.values["load_energy"] == 5.2


async def test_only_what_is_wanted(link: DtsLink):
    await link.identify()
    keys = {"battery_soc", "faults", "load_energy"}
    answer = await poll(link, keys=keys)
    assert answer.values == {"battery_soc": 67, "load_energy": 5.2}
    assert answer.served == {"battery_soc", "load_energy"}


async def test_a_change_is_told(link: DtsLink, stick: FakeStick):
    await link.identify()
    await poll(link)
    stick.data[INVERTER].battery.soc = 68
    assert (await poll(link, slow=False)).values == {"battery_soc": 68}


# ---- the guard ----


async def test_a_doubtful_value_waits_for_the_next_poll(
    link: DtsLink, stick: FakeStick
):
    await link.identify()
    await poll(link)
    stick.data[INVERTER].inverter.state.power_fault = 4
    stick.asked.clear()
    assert "problem" not in (await poll(link)).values
    assert stick.commands() == [0xC303]
    assert (await poll(link)).values == {"problem": True}
    assert link.statistics.rejected == 1


async def test_a_spike_is_never_shown(link: DtsLink, stick: FakeStick):
    await link.identify()
    await poll(link)
    battery = stick.data[INVERTER].battery
    battery.soc, battery.voltage = 2005, 65535
    assert (await poll(link)).values == {}
    battery.soc, battery.voltage = 67, 535
    assert (await poll(link)).values == {}


async def test_what_stays_impossible_is_unknown(link: DtsLink, stick: FakeStick):
    await link.identify()
    await poll(link)
    stick.data[INVERTER].battery.soc = 2005
    told = [(await poll(link)).values for _ in range(5)]
    assert {"battery_soc": None} in told


# ---- totals ----


async def test_totals_survive_midnight(link: DtsLink, stick: FakeStick):
    await link.identify()
    before = (await poll(link)).values
    assert (before["load_energy"], before["load_energy_today"]) == (5.2, 5.2)
    phase = stick.data[INVERTER].load.phases[0]
    phase.energy_today = 0
    changes: dict[str, Value] = {}
    for _ in range(4):
        changes |= (await poll(link)).values
    assert changes == {"load_energy_today": 0.0}
    phase.energy_today = 3
    assert (await poll(link)).values == {"load_energy_today": 0.3, "load_energy": 5.5}


async def test_totals_are_followed_whoever_wants_them(link: DtsLink, stick: FakeStick):
    await link.identify()
    await poll(link, keys={"battery_soc"}, slow=False)
    stick.data[INVERTER].load.phases[0].energy_today = 54
    await poll(link, keys={"battery_soc"}, slow=False)
    assert link.totals.get("load_energy_today") == 5.4


async def test_a_restart(link: DtsLink, stick: FakeStick, clock: Clock):
    await link.identify()
    await poll(link)
    stored = json.loads(json.dumps(link.snapshot()))
    stored["totals"]["counters"]["load_energy_today"]["total"] = 1000
    assert f"{SERIAL:X}" not in json.dumps(stored)
    clock.seconds += 3600
    again = DtsLink(stick.connect, now=clock.now, clock=clock, timing=QUICK)
    again.restore(stored, age=3600)
    phase = stick.data[INVERTER].load.phases[0]
    phase.energy_today = 40_000  # a spike in the first answer after a restart
    await again.identify()
    assert (await poll(again)).values["load_energy"] == 1000
    phase.energy_today = 55
    assert (await poll(again)).values["load_energy"] == 1000.3
    await again.close()


async def test_nothing_stored_is_nothing_lost(link: DtsLink):
    link.restore({}, age=0)
    await link.identify()
    assert (await poll(link)).values["load_energy"] == 5.2


# ---- several inverters ----


async def test_a_master_and_a_slave(clock: Clock, socket_enabled: None):
    async with serve(good_stick(2)) as stick:
        link = DtsLink(stick.connect, now=clock.now, clock=clock, timing=QUICK)
        assert (await link.identify()).inverters == 2
        assert [frame.target for frame in stick.asked[2:]] == [1, 2]
        assert (await poll(link)).values["battery_power"] == 1000
        assert link.guard.rated_power == 12_000
        del stick.data[INVERTER + 1]
        answer = await poll(link)
        assert {"battery_power", "load_energy", "pv1_power"} <= answer.silent
        assert {"grid_power", "work_status", "battery_voltage"} <= answer.served
        assert answer.values == {}
        assert link.totals.get("load_energy_today") == 10.4
        stick.data[INVERTER + 1] = storage(INVERTER + 1)
        assert (await poll(link)).silent == frozenset()
        master = stick.data.pop(INVERTER)
        answer = await poll(link)
        assert answer.silent == of_storage(link)
        stick.data[INVERTER] = master
        await link.close()


# ---- what goes wrong ----


async def test_no_stick_is_there(clock: Clock):
    async def fail() -> None:
        raise ConnectionRefusedError

    link = DtsLink(fail, clock=clock, timing=QUICK)  # type: ignore[arg-type]
    with pytest.raises(LinkError) as failure:
        await link.identify()
    assert failure.value.verdict is Verdict.PORT_CLOSED


async def test_an_encrypted_stick(link: DtsLink, stick: FakeStick):
    stick.answers[Command.GATEWAY_INFORMATION] = gateway(flags=1 << 25)
    with pytest.raises(LinkError) as failure:
        await link.identify()
    assert failure.value.verdict is Verdict.ENCRYPTED


# ---- its clock ----


@pytest.mark.parametrize("seconds", [0, -5, 7200])
async def test_the_sticks_clock_is_held_against_ours(
    link: DtsLink, stick: FakeStick, clock: Clock, seconds: int
):
    answer = gateway()
    answer.time = int(clock.now().timestamp()) + seconds
    stick.answers[Command.GATEWAY_INFORMATION] = answer
    assert await link.clock_ahead() == timedelta(seconds=seconds)


async def test_a_stick_that_does_not_tell_its_clock_is_not_judged(
    link: DtsLink, stick: FakeStick
):
    answer = gateway()
    answer.time = 0
    stick.answers[Command.GATEWAY_INFORMATION] = answer
    assert await link.clock_ahead() is None
    del stick.answers[Command.GATEWAY_INFORMATION]
    assert await link.clock_ahead() is None


async def test_a_stick_of_microinverters(link: DtsLink, stick: FakeStick):
    del stick.answers[Command.REGISTRY]
    with pytest.raises(LinkError) as failure:
        await link.identify()
    assert failure.value.verdict is Verdict.NOT_INSTAGEN
    assert stick.commands() == [0xDB01, 0xC302, 0xDB01, 0xC302]


async def test_a_lost_registry_is_no_stick_of_microinverters(
    link: DtsLink, stick: FakeStick
):
    stick.twist = lambda frame: None if len(stick.asked) == 2 else stick.answer(frame)
    assert (await link.identify()).model == "HYS-6.0LV-EUG1"


@pytest.mark.parametrize("inverters", [0, 11])
async def test_a_registry_of_nonsense(link: DtsLink, stick: FakeStick, inverters: int):
    stick.answers[Command.REGISTRY] = registry(inverters)
    with pytest.raises(LinkError) as failure:
        await link.identify()
    assert failure.value.verdict is Verdict.NOT_INSTAGEN


async def test_a_known_plant_is_asked_twice(link: DtsLink, stick: FakeStick):
    def every_other(frame: Frame) -> bytes | None:
        return stick.answer(frame) if len(stick.asked) % 2 == 0 else None

    stick.twist = every_other
    assert (await link.identify(patient=True)).model == "HYS-6.0LV-EUG1"
    assert stick.commands() == [
        *[0xDB01, 0xDB01],
        *[0xC302, 0xDB01, 0xC302, 0xC302],
        *[0xC303, 0xC303],
    ]


async def test_patience_changes_no_verdict(link: DtsLink, stick: FakeStick):
    stick.answers[Command.REGISTRY] = registry(flags=1 << 25)
    with pytest.raises(LinkError) as failure:
        await link.identify(patient=True)
    assert failure.value.verdict is Verdict.ENCRYPTED
    assert stick.commands() == [0xDB01, 0xC302]


async def test_what_was_told_is_told_again_when_asked_for(link: DtsLink):
    await link.identify()
    first = (await poll(link)).values
    link.forget_told()
    assert (await poll(link)).values == first


async def test_an_inverter_that_is_silent(link: DtsLink, stick: FakeStick):
    stick.data.clear()
    with pytest.raises(LinkError) as failure:
        await link.identify()
    assert failure.value.verdict is Verdict.NO_ANSWER


async def test_another_stick_at_the_address(stick: FakeStick):
    link = DtsLink(stick.connect, serial="430122480999", timing=QUICK)
    with pytest.raises(LinkError):
        await link.identify()
    await link.close()


async def test_trouble_makes_it_ask_who_is_there(link: DtsLink, stick: FakeStick):
    await link.identify()
    await poll(link)
    answer = stick.data.pop(INVERTER)
    assert await refused(link) is Verdict.NO_ANSWER
    stick.data[INVERTER] = answer
    stick.asked.clear()
    await poll(link)
    assert stick.commands() == [0xDB01, 0xC303]
    await poll(link)
    assert stick.commands() == [0xDB01, 0xC303, 0xC303]


async def test_a_stick_that_encrypts_after_an_update(link: DtsLink, stick: FakeStick):
    await link.identify()
    stick.data.clear()
    await refused(link)
    stick.answers[Command.GATEWAY_INFORMATION] = gateway(flags=1 << 25)
    assert await refused(link) is Verdict.ENCRYPTED


async def test_garbled_data(link: DtsLink, stick: FakeStick):
    await link.identify()
    stick.twist = lambda frame: Frame(
        command=0xC203, sequence=frame.sequence, payload=b"\xff"
    ).encode()
    assert await refused(link) is Verdict.BUSY
    stick.twist = None
    assert (await poll(link)).values["battery_soc"] == 67


async def test_the_link_is_lost_and_comes_back(link: DtsLink, stick: FakeStick):
    await link.identify()
    stick.drop_after = 0
    assert await refused(link) is Verdict.BUSY
    stick.drop_after = None
    async with asyncio.timeout(5):
        while True:
            try:
                answer = await poll(link)
            except LinkError:
                continue
            break
    assert answer.values["battery_soc"] == 67


# ---- diagnostics ----


async def test_diagnostics_tell_nobody_whose_plant_it_is(
    link: DtsLink, stick: FakeStick
):
    told = stick.answers[Command.REGISTRY]
    assert isinstance(told, pb.RegistryAnswer)
    told.inverters[0].battery_serial = b"BAT-SECRET"
    told.inverters[0].packs.add(serial=SERIAL, number=1, capacity=51)
    stick.data[INVERTER].packs.add(serial=SERIAL, soc=67)
    stick.answers[Command.GATEWAY_INFORMATION] = gateway(sv=3)
    await link.identify()
    await poll(link)
    data: dict[str, Any] = link.diagnostics()
    text = json.dumps(data)
    for secret in (
        str(SERIAL),
        f"{SERIAL:X}",
        str(INVERTER),
        f"{INVERTER:X}",
        "BAT-SECRET",
        "37FF",
    ):
        assert secret not in text
    assert '"software": 4105' in text
    assert "HYS-6.0LV-EUG1" in text
    assert data["battery_sign"] == {"sign": 1, "proven": True}
    assert data["answers"][0]["age"] == 0.0
