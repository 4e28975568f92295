"""A running reference cloud."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from custom_components.instagen.simulated import PlantClock, SimulatedPlant

from ..session import Simulator, build_plant
from . import scenarios
from .clock import CloudClock
from .faults import Faults
from .jobs import Jobs
from .live_plant import LivePlant, plant_time
from .log_in import LogIn
from .policy import Policy
from .scenarios import CLOUD_SCENARIOS, HOME
from .server import CloudServer
from .world import World

START: Final = datetime(2026, 6, 15, 11, tzinfo=UTC)
"""When the cloud begins unless told otherwise, as the simulated plant does."""


class Cloud:
    """What a test or a person holds in hand."""

    def __init__(self, world: World, server: CloudServer) -> None:
        """Take what is served and what serves it."""
        self.world = world
        self._server = server
        self.plant_clock: PlantClock | None = None
        """The clock of the live plant, None when a simulator outside drives it."""

    @property
    def base_url(self) -> str:
        """Address of data centre 0, and of the gateway."""
        return self.world.hosts[0]

    @property
    def region_url(self) -> str:
        """Address of data centre 1."""
        return self.world.hosts[1]

    @property
    def port(self) -> int:
        """Port of data centre 0."""
        return int(self.base_url.rpartition(":")[2])

    @property
    def region_port(self) -> int:
        """Port of data centre 1."""
        return int(self.region_url.rpartition(":")[2])

    @property
    def faults(self) -> Faults:
        """The faults that act."""
        return self._server.faults

    @property
    def policy(self) -> Policy:
        """The server's limits, to be changed at will."""
        return self.world.policy

    @property
    def requests(self) -> dict[str, int]:
        """How often each function was asked for, by its key."""
        return dict(self.world.requests)

    def fault(self, name: str, *, on: bool = True, **parameters: Any) -> None:
        """Switch a fault of ``CLOUD_FAULTS``.

        Raises:
            ValueError: when there is none or it does not take a parameter.
        """
        self.faults.switch(name, on=on, **parameters)

    def advance(self, seconds: float) -> None:
        """Let time pass, for the live plant, too.

        Raises:
            ValueError: when asked to go back, or a simulator outside has the clock.
        """
        if self.plant_clock:
            self.plant_clock.advance(seconds)
        elif self.world.clock.plant_time:
            raise ValueError("the simulator that was handed in has the clock")
        else:
            self.world.clock.advance(seconds)

    def attach(self, sid: int, plant: Simulator | SimulatedPlant) -> LivePlant:
        """Put a live plant behind a plant of the cloud, whose clock is the cloud's then."""
        sim = plant if isinstance(plant, Simulator) else None
        core = plant.plant if isinstance(plant, Simulator) else plant
        sync = sim.clock.sync if sim else None
        if sim is None:
            self.plant_clock = self.plant_clock or PlantClock(core, 0)
            sync = self.plant_clock.sync
        self.world.clock.plant_time = lambda: plant_time(core, sync)
        row = self.world.one(
            "SELECT sn FROM devices WHERE sid = ? AND type = 6 ORDER BY id", sid
        )
        live = LivePlant(
            core,
            sid=sid,
            serial=row["sn"] if row else "",
            connected=(lambda: _stick_is_there(sim)) if sim else None,
        )
        self.world.sources[sid] = live
        return live


def _stick_is_there(sim: Simulator) -> bool:
    """Tell whether a simulator's stick has power and is not restarting."""
    return sim.return_at is None and not sim.stick.away


@asynccontextmanager
async def serve_cloud(
    scenario: str = "home",
    *,
    plant: Simulator | SimulatedPlant | None = None,
    plants: int = 20,
    start: datetime = START,
    speed: float = 0,
    brand: str = "instagen",
    host: str = "127.0.0.1",
    port: int = 0,
    region_port: int = 0,
    file: Path | None = None,
    latency: float = 0,
) -> AsyncIterator[Cloud]:
    """Run a reference cloud for the length of a ``with`` block.

    ``plant`` is the live one of the scenario "home": a simulator that runs already, so
    that a local link and the cloud show the same, or a plant alone; without it one is
    built, with the serial that ``simulator.serve`` uses. ``plants`` counts those of the
    scenario "installer". ``speed`` as in ``simulator.serve``, ``latency`` in seconds.
    A ``file`` keeps accounts and plants; one that has them is taken as it is.

    Raises:
        KeyError: when there is no such scenario.
        OSError: when a port is taken.
    """
    if scenario not in CLOUD_SCENARIOS:
        raise KeyError(scenario)
    world = World(
        CloudClock(start, speed), brand=brand, file=str(file) if file else ":memory:"
    )
    world.log_in, world.jobs = LogIn(world), Jobs(world)
    server = CloudServer(world)
    cloud = Cloud(world, server)
    try:
        _fill(cloud, scenario, plant, plants, start=start, speed=speed)
        if latency:
            cloud.fault("latency", seconds=latency)
        await server.start(host, port, region_port)
        yield cloud
    finally:
        await server.stop()
        for source in world.sources.values():
            source.close()
        world.close()


def _fill(
    cloud: Cloud,
    scenario: str,
    plant: Simulator | SimulatedPlant | None,
    plants: int,
    *,
    start: datetime,
    speed: float,
) -> None:
    world = cloud.world
    fresh = world.number("SELECT COUNT(*) FROM groups") == 0
    if scenario == "installer":
        if fresh:
            scenarios.installer(world, plants)
        return
    if plant is None:
        built = build_plant("hybrid", seed=1, start=start)
        cloud.plant_clock, plant = PlantClock(built, speed), built
    if fresh:
        core = plant.plant if isinstance(plant, Simulator) else plant
        world.clock.plant_time = lambda: plant_time(core, None)
        scenarios.home(world, core.config)
    cloud.attach(HOME, plant)
