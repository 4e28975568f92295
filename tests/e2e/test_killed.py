"""Home Assistant dies in the middle of leases, and every plant is back in time.

One Home Assistant has several plants, each in another state of its lease, is killed
with SIGKILL, and started again. The plants run in this process and can be looked into.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from aiohttp import ClientError
import pytest

from scripts.live import LiveError
from scripts.live.__main__ import choose_port
from scripts.live.client import Client
from scripts.live.config_flow import add_plant
from scripts.live.home_assistant import home_assistant, wait_until_running
from simulator import Simulator, serve

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

STATES = (
    "requested",
    "queued",
    "applying",
    "sent",
    "active",
    "satisfied",
    "restoring",
    "expired_meanwhile",
)
"""Where the leases are when Home Assistant dies; one plant for each."""

LASTS = 32
"""Seconds of a lease: longer than a restart takes."""

IN_TIME = 60
"""Seconds of link time after its end by which a lease has let go."""


@dataclass
class House:
    """One plant, its entry in Home Assistant, and its lease."""

    sim: Simulator
    entry_id: str
    ends: float = 0.0
    """On this process's clock."""

    @property
    def mode(self) -> str:
        return str(self.sim.plant.settings.battery_mode)

    async def force_charge(
        self, client: Client, seconds: int = LASTS, **data: object
    ) -> None:
        """Ask for charging; the answer dies with Home Assistant if need be."""
        self.ends = max(self.ends, monotonic() + seconds)
        asked = {
            "config_entry_id": self.entry_id,
            "duration": {"seconds": seconds},
            "target_soc": 95,
            **data,
        }
        with suppress(ClientError, LiveError):
            await client.post("services/instagen/force_charge?return_response", asked)

    async def until(self, mode: str, by: float) -> None:
        """Wait until the plant is in a mode."""
        while self.mode != mode:
            assert monotonic() < by, f"still {self.mode}, not {mode}"
            await asyncio.sleep(0.05)


async def requested(house: House, client: Client) -> None:
    """Let the plant be silent, so that nothing was sent yet."""
    await house.sim.fault("stall")


async def queued(house: House, client: Client) -> None:
    """Give the battery to somebody else first."""
    await house.force_charge(client, owner="first", priority=95)
    await house.force_charge(client, owner="second", priority=30)


async def applying(house: House, client: Client) -> None:
    """Refuse, so that it is tried again."""
    await house.sim.fault("writes", kind="refused")
    await house.force_charge(client)


async def active(house: House, client: Client) -> None:
    """Let all be well."""
    await house.force_charge(client)
    assert house.mode == "force_charge"


async def satisfied(house: House, client: Client) -> None:
    """Ask for less than there is."""
    house.sim.set({"soc": 97})
    await house.force_charge(client, at_target="hold")


async def restoring(house: House, client: Client) -> None:
    """Let its time be up, and do not take the old mode."""
    asking = asyncio.create_task(house.force_charge(client, 8))
    await house.until("force_charge", monotonic() + 8)
    await house.sim.fault("writes", kind="refused")
    await asking
    await asyncio.sleep(max(house.ends + 1 - monotonic(), 0))
    assert house.mode == "force_charge"


PREPARE: dict[str, Callable[[House, Client], Awaitable[None]]] = {
    "requested": requested,
    "queued": queued,
    "applying": applying,
    "active": active,
    "satisfied": satisfied,
    "restoring": restoring,
}

LAST: dict[str, int] = {"requested": LASTS, "sent": LASTS, "expired_meanwhile": 8}
"""Those that ask last, and for how many seconds."""


async def add(client: Client, number: int, sim: Simulator) -> House:
    """Add a plant by its address."""
    answers: dict[str, object] = {
        "host": "127.0.0.1",
        "port": sim.modbus_port,
        "dts_port": choose_port(0, check_only=True),
        "unit_id": 1,
        "serial": f"43052026{number:04d}",
    }
    return House(sim, await add_plant(client, answers))


async def die(folder: Path, port: int, sims: dict[str, Simulator]) -> dict[str, House]:
    """Bring every plant into its state, and kill."""
    async with home_assistant(folder, port) as (child, client):
        await client.onboard()
        await wait_until_running(child, client)
        added = await asyncio.gather(
            *(add(client, number, sim) for number, sim in enumerate(sims.values()))
        )
        houses = dict(zip(sims, added, strict=True))
        await asyncio.gather(
            *(prepare(houses[state], client) for state, prepare in PREPARE.items())
        )
        asking = [
            asyncio.create_task(houses[state].force_charge(client, seconds))
            for state, seconds in LAST.items()
        ]
        # The devices took it, and the answers or the proofs are still on the way.
        for state in ("sent", "expired_meanwhile"):
            await houses[state].until("force_charge", monotonic() + 8)
        await child.kill()
        await asyncio.gather(*asking)
        return houses


async def check(folder: Path, port: int, houses: dict[str, House]) -> None:
    """Start again and see every plant back in its mode in time."""
    forced = {state for state, house in houses.items() if house.mode == "force_charge"}
    assert forced == set(STATES) - {"requested", "applying"}
    for house in houses.values():
        for fault in house.sim.active_faults():
            await house.sim.fault(fault, on=False)
    async with home_assistant(folder, port) as (child, _):
        up = monotonic()
        await houses["expired_meanwhile"].until("self_consumption", up + IN_TIME)
        await houses["restoring"].until("self_consumption", up + IN_TIME)
        for state in ("active", "satisfied", "queued"):
            house = houses[state]
            if monotonic() < house.ends - 3:
                assert house.mode == "force_charge", f"{state}: let go too early"
        for house in houses.values():
            await house.until("self_consumption", max(up, house.ends) + IN_TIME)
            assert house.sim.plant.settings.force_charge_target_soc == 90
        # Nobody starts again what has ended.
        await asyncio.sleep(3)
        assert {house.mode for house in houses.values()} == {"self_consumption"}
        child.check_alive()


async def live_and_die(folder: Path) -> None:
    """Live, die, and live again."""
    port = choose_port(0, check_only=True)
    async with AsyncExitStack() as stack:
        sims = {
            state: await stack.enter_async_context(serve("hybrid", speed=1))
            for state in STATES
        }
        for sim in sims.values():
            sim.set({"soc": 40})
        houses = await die(folder, port, sims)
        await check(folder, port, houses)


def test_every_plant_is_let_go(tmp_path: Path, socket_enabled: None) -> None:
    asyncio.run(live_and_die(tmp_path))
