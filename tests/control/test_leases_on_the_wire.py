"""Leases over the real road, through a real socket, on the simulated plant.

The simulated plant keeps the time: whoever waits lets it pass.
"""

from collections.abc import AsyncGenerator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
import os
from random import Random
from typing import Any, Final

from modbus_connection import ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection
import pytest

from custom_components.instagen.control.budget import WriteBudget
from custom_components.instagen.control.desk import ControlDesk
from custom_components.instagen.control.guards import Surroundings
from custom_components.instagen.control.journal import Journal
from custom_components.instagen.control.known import Memory
from custom_components.instagen.control.leases import (
    Conditions,
    LeaseEventKind as Kind,
    LeaseMode,
    LeaseWish,
    Policy,
)
from custom_components.instagen.control.wishes import WishError
from custom_components.instagen.control.writer import Writer
from custom_components.instagen.links.modbus.settings import ModbusSettings
from custom_components.instagen.plant.states import BatteryMode
from simulator import Simulator, serve

from ..conftest import NOON
from .lease_world import AUTOMATION, USER

SEED: Final = int(os.environ["INSTAGEN_SEED"])
LIVES: Final = 6
STEPS: Final = 12


class House:
    """A desk in front of a simulated plant."""

    def __init__(self, sim: Simulator, connection: ModbusConnection) -> None:
        self.sim = sim
        self.unit = connection.for_unit(1)
        self.disk: dict[str, Any] | None = None
        self.events: list[Kind] = []
        self.start()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.sim.plant.now / 1000, UTC)

    def start(self) -> None:
        """Start anew with what was saved last."""
        writer = Writer(
            [ModbusSettings(self.unit)],
            journal=Journal(),
            budget=WriteBudget(now=self.now, refuse_at=10_000),
            memory=Memory(),
            now=self.now,
            sleep=self.sim.advance,
            allows_unproven=lambda: False,
            surroundings=lambda: Surroundings(soc=80, grid_present=True),
        )
        self.desk = ControlDesk(
            writer,
            save=self.save,
            conditions=self.look,
            policy=Policy,
            now=self.now,
            sleep=self.sim.advance,
        )
        self.desk.restore(self.disk)
        self.desk.audience.add_event_listener(
            lambda event: self.events.append(event.kind)
        )

    async def save(self, stored: dict[str, Any]) -> None:
        self.disk = stored

    def look(self) -> Conditions:
        state = self.sim.state()
        soc, power = state["battery_soc"], state["battery_power"]
        assert isinstance(soc, int | float)
        assert isinstance(power, int | float)
        return Conditions(
            soc=soc, battery_power=power, rated_power=15_000, off_grid=False
        )

    async def live(self, minutes: int) -> None:
        """Let time pass, with a slow poll each minute."""
        for _ in range(minutes):
            await self.sim.advance(60)
            await self.desk.refresh({"battery_mode"})

    async def ask(self, mode: LeaseMode, minutes: int, **kwargs: Any) -> None:
        until = self.now() + timedelta(minutes=minutes)
        wish = LeaseWish(mode=mode, until=until, **{"owner": "a", **kwargs})
        await self.desk.request(wish, AUTOMATION)

    @property
    def settings(self) -> dict[str, object]:
        return asdict(self.sim.plant.settings)

    @property
    def mode(self) -> BatteryMode:
        return self.sim.plant.settings.battery_mode


@pytest.fixture
async def house() -> AsyncGenerator[House]:
    async with serve("hybrid", start=NOON) as sim:
        params = ModbusTcpParams(host="127.0.0.1", port=sim.modbus_port)
        connection = ModbusConnection(params, timeout=0.05)
        yield House(sim, connection)
        await connection.close()


async def test_a_lease_is_applied_followed_and_put_back(house: House) -> None:
    before = house.settings
    await house.ask(LeaseMode.FORCE_CHARGE, 20, power=33.3, target_soc=95)
    assert house.mode is BatteryMode.FORCE_CHARGE
    assert house.settings["force_charge_power"] == 33.3
    await house.live(10)
    assert Kind.NO_EFFECT not in house.events
    assert house.sim.plant.acting.battery_mode is BatteryMode.FORCE_CHARGE
    await house.live(11)
    assert house.settings == before


async def test_a_device_that_takes_it_and_does_nothing(house: House) -> None:
    before = house.settings
    await house.sim.fault("writes", kind="inert")
    await house.ask(LeaseMode.FORCE_DISCHARGE, 20, target_soc=20)
    await house.live(6)
    assert Kind.NO_EFFECT in house.events
    assert house.settings == before


async def test_random_lives(house: House) -> None:
    for life in range(LIVES):
        random = Random(SEED + life)
        rest = house.settings
        for step in range(STEPS):
            match random.choice(
                ("ask", "ask", "live", "kill", "cancel", "human", "stall")
            ):
                case "ask":
                    mode = random.choice([*LeaseMode][:4])
                    owner = random.choice("abc")
                    try:
                        await house.ask(mode, random.randint(1, 15), owner=owner)
                    except WishError:
                        continue
                case "live":
                    await house.live(random.randint(1, 5))
                case "kill":
                    house.start()
                    await house.desk.refresh({"battery_mode"})
                case "cancel":
                    await house.desk.cancel(USER)
                case "human":
                    reserve = 21 + step + 12 * life
                    house.sim.plant.write(
                        {
                            "battery_mode": BatteryMode.SELF_CONSUMPTION,
                            "self_consumption_reserve_soc": reserve,
                        }
                    )
                    rest = house.settings
                case "stall":
                    await house.sim.fault("stall")
                    await house.desk.cancel(USER)
                    await house.sim.fault("stall", on=False)
        await house.live(20)
        assert house.settings == rest, f"life {life} of seed {SEED}"
        assert not house.desk.leases
        assert house.desk.before is None
        await house.desk.cancel(USER)
