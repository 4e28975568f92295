"""Changing a stick's Wi-Fi, with trouble at every step of the way."""

import asyncio
from collections.abc import AsyncGenerator
import logging
from typing import Any

import pytest

from custom_components.instagen.control.commissioning import (
    AccessPointChange,
    Change,
    Commissioning,
    CommissioningError,
    Patience,
    SettingsState,
    WifiChange,
    is_name,
    is_password,
)
from custom_components.instagen.links.dts.frame import Command
from custom_components.instagen.links.dts.session import DtsSession
from custom_components.instagen.links.dts.stream import DtsStream
from custom_components.instagen.simulated.stick.numbering import WriteError
from tests.stick_world import (
    NETWORK,
    PASSWORD,
    QUICK,
    SERIAL,
    StickWorld,
    stick_world,
)

PATIENCE = Patience(pause=0.02, verify=1.5, connect=1.5, tries=2)
SHORT = Patience(pause=0.01, verify=0.3, connect=0.3, tries=2)
HOUSE = "192.168.1.80"
"""Where the simulated stick says that it is, once in a network."""

WIFI = WifiChange(name=NETWORK, password=PASSWORD)
ACCESS_POINT = AccessPointChange(old="ESS12345", new="Solar2026")

GATEWAY = Command.GATEWAY_INFORMATION
READ = Command.READ_GATEWAY_SETTINGS
WRITE = Command.WRITE_GATEWAY_SETTINGS
NETWORK_INFORMATION = Command.NETWORK_INFORMATION


@pytest.fixture
async def world() -> AsyncGenerator[StickWorld]:
    async with stick_world() as world:
        yield world


def commissioning(
    world: StickWorld, patience: Patience = PATIENCE, **options: Any
) -> Commissioning:
    def open_session(host: str) -> DtsSession:
        async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            if host == HOUSE and not world.in_house:
                raise ConnectionRefusedError
            where = "127.0.0.5" if host == HOUSE else host
            return await asyncio.open_connection(where, world.server.port)

        return DtsSession(DtsStream(connect, timing=QUICK))

    return Commissioning(open_session, "127.0.0.1", patience=patience, **options)


async def run(work: Commissioning, change: Change = WIFI) -> None:
    await work.read()
    await work.write(change)
    if isinstance(change, WifiChange):
        await work.connect()


async def fail(work: Commissioning, change: Change = WIFI) -> CommissioningError:
    with pytest.raises(CommissioningError) as caught:
        await run(work, change)
    assert caught.value.settings is work.state
    return caught.value


def check_state(world: StickWorld, before: dict, wanted: dict, state: str) -> None:
    """Make sure that what is said about the settings is true, or nothing is said."""
    match state:
        case SettingsState.OLD:
            assert world.settings == before
        case SettingsState.NEW:
            assert world.settings == wanted


# ---- the good end ----


async def test_the_stick_joins_and_keeps_all_else(world: StickWorld) -> None:
    before = world.settings
    work = commissioning(world)
    await run(work)
    assert world.settings == before | {
        "wifi_name": NETWORK.encode(),
        "wifi_password": PASSWORD.encode(),
    }
    assert world.stick.network.connected == NETWORK
    assert work.state is SettingsState.NEW
    assert world.asked.count(WRITE) == 1


async def test_the_access_point_gets_another_password(world: StickWorld) -> None:
    before = world.settings
    work = commissioning(world)
    await run(work, ACCESS_POINT)
    assert world.settings == before | {"access_point_password": b"Solar2026"}
    assert world.stick.network.connected == "Home"
    await work.undo()
    assert world.settings == before
    assert work.state is SettingsState.OLD


async def test_what_is_there_already_is_not_written(world: StickWorld) -> None:
    work = commissioning(world)
    await run(work, WifiChange(name="Home", password="sunny-side-up"))
    assert WRITE not in world.asked
    assert work.state is SettingsState.OLD


async def test_the_stick_tells_its_new_address() -> None:
    async with stick_world(moves=True) as world:
        world.in_house = True
        work = commissioning(world)
        await run(work)
        assert work.host == HOUSE


@pytest.mark.parametrize("stays", [True, False])
async def test_the_stick_is_searched_for(stays: bool) -> None:
    searched: list[int] = []

    async def search(serial: int) -> str | None:
        searched.append(serial)
        found = moving.stick.network.connected == NETWORK
        return "127.0.0.5" if found else None

    async with stick_world(moves=True, stays=stays) as moving:
        work = commissioning(moving, search=search)
        await run(work)
        assert work.host == "127.0.0.5"
        assert set(searched) == {int(SERIAL, 16)}


# ---- trouble at every step ----

STEPS = [
    pytest.param(GATEWAY, 1, False, id="greeting"),
    pytest.param(READ, 1, False, id="reading"),
    pytest.param(WRITE, 1, False, id="writing"),
    pytest.param(WRITE, 1, True, id="written"),
    pytest.param(READ, 2, False, id="verifying"),
    pytest.param(NETWORK_INFORMATION, 1, False, id="watching"),
    pytest.param(NETWORK_INFORMATION, 2, False, id="joining"),
    pytest.param(READ, 3, False, id="following"),
]


@pytest.mark.parametrize("trouble", ["kill", "stall", "garble"])
@pytest.mark.parametrize(("command", "nth", "after"), STEPS)
async def test_trouble_that_stays_is_named_and_there_is_a_way_back(
    world: StickWorld, trouble: str, command: Command, nth: int, after: bool
) -> None:
    before = world.settings
    wanted = before | dict(WIFI.settings)
    world.at(command, getattr(world, trouble), nth=nth, after=after)
    work = commissioning(world, SHORT)
    if command is READ and nth == 3:
        await run(work)  # it has joined; where it is then need not be told
    else:
        error = await fail(work)
        assert error.reason
        check_state(world, before, wanted, error.settings)
        early = command is GATEWAY or (command is READ and nth == 1)
        assert (error.settings is SettingsState.OLD) is early
    world.heal()
    await world.server.settle()
    if work.state is not SettingsState.OLD:
        work._patience = PATIENCE
        await _undo(work)
    assert work.state is SettingsState.OLD
    assert world.settings == before


async def _undo(work: Commissioning) -> None:
    """Go back, as somebody does who tries again when it did not work at once."""
    for _ in range(10):
        try:
            return await work.undo()
        except CommissioningError:
            await asyncio.sleep(0.05)
    return await work.undo()


@pytest.mark.parametrize(("command", "nth", "after"), STEPS)
async def test_a_reboot_ends_well_or_is_named(
    world: StickWorld, command: Command, nth: int, after: bool
) -> None:
    before = world.settings
    wanted = before | dict(WIFI.settings)
    world.at(command, world.reboot, nth=nth, after=after)
    work = commissioning(world)
    lost = command is GATEWAY or (command, nth, after) in {
        (READ, 1, False),
        (WRITE, 1, False),
    }
    if lost:
        error = await fail(work)
        assert error.settings is SettingsState.OLD
        assert world.settings == before
        await asyncio.sleep(0.5)
    await run(work)
    assert world.settings == wanted
    assert world.stick.network.connected == NETWORK


async def test_looking_again_after_silence(world: StickWorld) -> None:
    world.at(WRITE, world.stall, after=True)
    work = commissioning(world, SHORT)
    error = await fail(work)
    assert (error.reason, error.settings) == ("settings_not_verified", "unknown")
    world.heal()
    work._patience = PATIENCE
    await work.verify()
    await work.connect()
    assert work.state is SettingsState.NEW


# ---- named reasons ----


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (WifiChange(name=NETWORK, password="not-that-one"), "wrong_wifi_password"),
        (WifiChange(name="Nowhere", password=PASSWORD), "no_such_network"),
    ],
)
async def test_a_network_that_cannot_be_joined(
    world: StickWorld, change: WifiChange, reason: str
) -> None:
    before = world.settings
    work = commissioning(world)
    error = await fail(work, change)
    assert (error.reason, error.settings) == (reason, SettingsState.NEW)
    await run(work)  # with the right ones, from the same flow
    assert world.stick.network.connected == NETWORK
    await work.undo()
    assert world.settings == before
    await asyncio.sleep(0.3)
    assert world.stick.network.connected == "Home"


async def test_a_network_that_is_never_joined(world: StickWorld) -> None:
    world.stick.network.look = lambda: None  # type: ignore[method-assign]
    error = await fail(commissioning(world))
    assert (error.reason, error.settings) == ("not_connected", SettingsState.NEW)


async def test_an_old_password_that_is_wrong(world: StickWorld) -> None:
    before = world.settings
    change = AccessPointChange(old="ESS54321", new="Solar2026")
    error = await fail(commissioning(world), change)
    assert (error.reason, error.settings) == ("wrong_old_password", SettingsState.OLD)
    assert WRITE not in world.asked
    assert world.settings == before


async def test_a_stick_that_keeps_its_password_to_itself_refuses_a_wrong_one(
    world: StickWorld,
) -> None:
    hidden = world.stick.network.settings.pop("access_point_password")
    world.stick.network.settings["access_point_password"] = hidden
    read = world.stick.network.read

    def silent(offset: int) -> Any:
        answer = read(offset)
        answer.ClearField("access_point_password")
        return answer

    world.stick.network.read = silent  # type: ignore[method-assign]
    before = world.settings
    change = AccessPointChange(old="ESS54321", new="Solar2026")
    error = await fail(commissioning(world), change)
    assert (error.reason, error.settings) == ("settings_refused", SettingsState.OLD)
    assert world.settings == before


async def test_a_stick_that_accepts_and_does_nothing(world: StickWorld) -> None:
    world.stick.network.write = lambda request: WriteError.NONE  # type: ignore[method-assign]
    error = await fail(commissioning(world, SHORT))
    assert (error.reason, error.settings) == ("settings_not_taken", SettingsState.OLD)


async def test_a_stick_that_takes_a_part(world: StickWorld) -> None:
    before = world.settings
    write = world.stick.network.write

    def half(request: Any) -> Any:
        request.ClearField("wifi_password")
        return write(request)

    world.stick.network.write = half  # type: ignore[method-assign]
    work = commissioning(world, SHORT)
    error = await fail(work)
    assert error.reason == "settings_half_written"
    assert error.settings is SettingsState.UNKNOWN
    world.stick.network.write = write  # type: ignore[method-assign]
    work._patience = PATIENCE
    await work.undo()
    assert world.settings == before


async def test_settings_that_are_not_all_there_are_not_written(
    world: StickWorld,
) -> None:
    del world.stick.network.settings["server_name"]
    error = await fail(commissioning(world))
    assert (error.reason, error.settings) == ("settings_unreadable", SettingsState.OLD)
    assert WRITE not in world.asked


async def test_a_stick_that_does_not_know_the_question(world: StickWorld) -> None:
    del world.stick._handlers[READ]
    error = await fail(commissioning(world))
    assert (error.reason, error.settings) == ("not_supported", SettingsState.OLD)


async def test_another_stick_is_left_alone(world: StickWorld) -> None:
    error = await fail(commissioning(world, serial=0x430122480699))
    assert error.settings is SettingsState.OLD
    assert world.asked == [GATEWAY]


# ---- what a stick takes ----


@pytest.mark.parametrize("name", ["Home", "FRITZ-Box_7590", "a" * 32])
def test_a_good_name(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "My Home", "Café", "a" * 33, "Home!", "Home\n"])
def test_a_bad_name(name: str) -> None:
    assert not is_name(name)


@pytest.mark.parametrize("password", ["ESS12345", "a" * 63, "mild-breeze_8"])
def test_a_good_password(password: str) -> None:
    assert is_password(password)


@pytest.mark.parametrize(
    "password", ["", "short12", "a" * 64, "with space", "pässword1", "p@ssword1"]
)
def test_a_bad_password(password: str) -> None:
    assert not is_password(password)


# ---- nothing leaks ----


async def test_nothing_is_logged(
    world: StickWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    work = commissioning(world)
    await run(work)
    await work.undo()
    error = await fail(work, WifiChange(name="Nowhere", password=PASSWORD))
    told = f"{caplog.text} {error!r} {WIFI!r} {ACCESS_POINT!r} {work._now!r}"
    for secret in (NETWORK, PASSWORD, "sunny-side-up", SERIAL, "ESS12345", "Nowhere"):
        assert secret not in told
