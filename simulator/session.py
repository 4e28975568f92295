"""A running simulator: the plant, its clock and the links in front of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, Final

from custom_components.instagen.simulated import PlantClock, SimulatedPlant, Value
from custom_components.instagen.simulated.counters import KWH
from custom_components.instagen.simulated.stick import (
    Manners,
    SimulatedStick,
    StickServer,
    Surroundings,
)

from .control import ControlPort
from .faults import FAULTS, check_fault
from .modbus import ModbusServer, Quirks
from .modbus.device import Device
from .scenarios import SCENARIOS, plant_config, stick_config

_TICK: Final = 1.0
"""Seconds between looks at the clock while nobody asks."""


class Simulator:
    """What a test or a person holds in hand."""

    def __init__(
        self,
        plant: SimulatedPlant,
        *,
        scenario: str = "hybrid",
        speed: float = 1.0,
        quirks: Quirks | None = None,
        stick: SimulatedStick | None = None,
    ) -> None:
        """Put both links and a clock around a plant; nothing is opened yet."""
        self.plant = plant
        self.scenario = scenario
        self.clock = PlantClock(plant, speed)
        device = Device(plant, strict=(quirks := quirks or Quirks()).strict)
        self.modbus = ModbusServer(
            device, quirks=quirks, seed=plant.config.seed, sync=self.clock.sync
        )
        self.stick = stick or SimulatedStick(plant)
        self.dts = StickServer(
            self.stick,
            manners=Manners(latency=quirks.latency),
            sync=self.clock.sync,
            seed=plant.config.seed,
        )
        self.control = ControlPort(self)
        self.dropped = False
        self.return_at: int | None = None
        """The plant's time in ms at which a reboot is over."""

        self._active: dict[str, dict[str, Any]] = {}

    @property
    def modbus_port(self) -> int:
        """Port of the Modbus link."""
        return self.modbus.port

    @property
    def dts_port(self) -> int:
        """Port at which the stick's own link was opened."""
        return self.dts.port

    @property
    def control_port(self) -> int:
        """Port of the control link."""
        return self.control.port

    def state(self) -> dict[str, Value]:
        """Return the plant's state now, with its local time and the scenario."""
        self.clock.sync()
        time = self.plant.local_time.isoformat(timespec="milliseconds")
        return {
            "time": time,
            "scenario": self.scenario,
            "stick_time": self.stick.day.local_time.isoformat(timespec="milliseconds"),
            "wifi_network": self.stick.network.connected,
            "wifi_change": self.stick.network.set_state.name.lower(),
            **self._by_phase(),
            **self.plant.state(),
        }

    def _by_phase(self) -> dict[str, Value]:
        """Return energies summed over phases, of which one may import as another exports.

        The stick's own link has no others; the totals of the plant are of the net power.
        """
        plant, phases = self.plant, range(1, self.plant.config.phases + 1)
        return {
            f"phases_{name}_energy_today": sum(
                plant.counters.today(f"{name}_l{phase}", self.stick.day.number)
                for phase in phases
            )
            / KWH
            for name in ("grid_import", "grid_export")
        }

    def set(self, changes: Mapping[str, object]) -> None:
        """Change parts and settings of the plant at once, all or none.

        Raises:
            ValueError: when one of them is unknown or wrong.
        """
        self.clock.sync()
        self.plant.set_many(changes)

    async def advance(self, seconds: float) -> None:
        """Let time of the plant pass, and end what was to end meanwhile.

        Raises:
            ValueError: when asked to go back.
        """
        self.clock.advance(seconds)
        await self.settle()

    async def settle(self) -> None:
        """Bring the plant up to now, and the stick back from a reboot that is over."""
        self.clock.sync()
        if self.return_at is not None and self.plant.now >= self.return_at:
            await self.fault("reboot", on=False)
        await self.dts.settle()

    async def fault(
        self, name: str, /, *, on: bool = True, **parameters: object
    ) -> None:
        """Switch a fault.

        Raises:
            ValueError: when there is no such fault or a parameter is wrong.
        """
        given = check_fault(name, parameters)
        self.clock.sync()
        kind = FAULTS[name]
        await kind.switch(self, on, given)
        if on and kind.lasting:
            self._active[name] = given
        else:
            self._active.pop(name, None)

    def active_faults(self) -> dict[str, dict[str, Any]]:
        """Return the faults that act now and their parameters."""
        if self.modbus.device.spike is None:
            self._active.pop("spike", None)
        return dict(self._active)

    async def run(self) -> None:
        """Look at the clock now and then, so that no look has much to make up for."""
        while True:
            await asyncio.sleep(_TICK)
            await self.settle()

    async def stop(self) -> None:
        """Close every port and connection."""
        await self.modbus.stop()
        await self.dts.stop()
        await self.control.stop()


def build_plant(
    scenario: str, *, seed: int, start: datetime | None, from_midnight: bool = False
) -> SimulatedPlant:
    """Return the plant of a scenario at a moment, with its parts set.

    ``from_midnight`` lives the day up to that moment first, so that the counters of the
    day have something to tell.

    Raises:
        KeyError: when there is no such scenario.
    """
    config = plant_config(scenario, seed)
    plant = SimulatedPlant(config, start)
    if from_midnight:
        now = plant.local_time
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        plant = SimulatedPlant(config, midnight)
        plant.advance(now.timestamp() - midnight.timestamp())
    plant.set_many(SCENARIOS[scenario]["set"])
    return plant


@asynccontextmanager
async def serve(
    scenario: str = "hybrid",
    *,
    seed: int = 1,
    speed: float = 0,
    start: datetime | None = None,
    latency: tuple[float, float] = (0, 0),
    late: float = 0,
    strict: bool = True,
    host: str = "127.0.0.1",
    modbus: int | None = 0,
    dts: int | None = None,
    control: int | None = None,
    from_midnight: bool = False,
    clock_offset: float = 0,
    around: Surroundings | None = None,
) -> AsyncIterator[Simulator]:
    """Run a simulator for the length of a ``with`` block.

    Ports: 0 is any free one, None leaves the link out. ``speed`` is seconds of the
    plant in one second; 0 holds its clock for ``advance``. ``latency`` in ms, ``late``
    and ``strict`` as in ``Quirks``. The control port always listens on 127.0.0.1.
    ``clock_offset`` is by how many seconds the stick's clock is ahead of the plant's,
    ``around`` the Wi-Fi networks that it finds.

    Raises:
        KeyError: when there is no such scenario.
        OSError: when a port is taken.
    """
    plant = build_plant(scenario, seed=seed, start=start, from_midnight=from_midnight)
    quirks = Quirks(latency=latency, late=late, strict=strict)
    stick = SimulatedStick(
        plant, stick_config(scenario), clock_offset=clock_offset, around=around
    )
    sim = Simulator(plant, scenario=scenario, speed=speed, quirks=quirks, stick=stick)
    ticking: asyncio.Task[None] | None = None
    try:
        if modbus is not None:
            await sim.modbus.start(host, modbus)
        if dts is not None:
            await sim.dts.start(host, dts)
        if control is not None:
            await sim.control.start(control)
        if speed > 0:
            ticking = asyncio.create_task(sim.run())
        yield sim
    finally:
        if ticking:
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking
        await sim.stop()
