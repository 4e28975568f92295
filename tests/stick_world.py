"""A simulated stick on a real socket, whose trouble begins at a chosen question."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from unittest.mock import patch

from custom_components.instagen.links.dts.frame import Command
from custom_components.instagen.links.dts.stream import Timing
from custom_components.instagen.simulated import SimulatedPlant
from custom_components.instagen.simulated.clock import PlantClock
from custom_components.instagen.simulated.config import PlantConfig
from custom_components.instagen.simulated.stick import (
    KnownNetwork,
    Manners,
    SimulatedStick,
    StickConfig,
    StickServer,
    Surroundings,
    serve_stick,
)
from custom_components.instagen.simulated.stick.frame import Frame

STICK = "custom_components.instagen.simulated.stick"
SERIAL = "430122480680"
NETWORK = "Upstairs"
PASSWORD = "mild-breeze-8"
QUICK = Timing(
    spacing=0, answer=0.15, connect=0.3, idle=5, backoff=0.05, longest_backoff=0.1
)


class StickWorld:
    """A stick, what is around it, and what goes wrong."""

    def __init__(self, stick: SimulatedStick, server: StickServer) -> None:
        self.stick = stick
        self.server = server
        self.asked: list[int] = []
        self.away = False
        self.in_house = False
        """Whether whoever looks is in the network that the stick joins."""
        self._answer = stick.answer
        self._plan: tuple[int, int, bool, Callable[[], None]] | None = None
        stick.answer = self._hear  # type: ignore[method-assign]

    @property
    def settings(self) -> dict[str, int | bytes]:
        return dict(self.stick.network.settings)

    def at(
        self,
        command: Command,
        trouble: Callable[[], None],
        *,
        nth: int = 1,
        after: bool = False,
    ) -> None:
        """Let trouble begin with a question, before or after the stick acts on it."""
        self._plan = (command, nth, after, trouble)

    def _hear(self, frame: Frame) -> Frame | None:
        self.asked.append(frame.command)
        if self._plan is not None:
            command, nth, after, trouble = self._plan
            due = frame.command == command and self.asked.count(command) >= nth
            if due and not after:
                trouble()
            answer = None if self._lost() else self._answer(frame)
            if due and after:
                trouble()
                answer = None if self._lost() else answer
            return answer
        return self._answer(frame)

    def _lost(self) -> bool:
        return self.away or self.server.trouble.stall or self.server.gone

    # ---- troubles ----

    def kill(self) -> None:
        """Let the stick vanish."""
        self.server.gone = self.away = True

    def stall(self) -> None:
        """Let the stick take questions and say nothing."""
        self.server.trouble.stall = self.away = True

    def garble(self) -> None:
        """Let every answer be broken."""
        self.server.trouble.garbage = "payload"

    def reboot(self) -> None:
        """Let the stick restart: gone for a while, back by itself."""
        self._plan = None
        self.stick.leave(0.4)

    def heal(self) -> None:
        """End all trouble."""
        self._plan = None
        self.away = self.server.gone = self.server.trouble.stall = False
        self.server.trouble.garbage = None


@asynccontextmanager
async def stick_world(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    serial: str = SERIAL,
    moves: bool = False,
    stays: bool = True,
    config: StickConfig | None = None,
    connected: str | None = "Home",
) -> AsyncGenerator[StickWorld]:
    """Serve a stick near a second network, in which it may have another address."""
    plant = SimulatedPlant(PlantConfig(serial=serial))
    around = Surroundings(
        networks={
            "Home": KnownNetwork("sunny-side-up"),
            NETWORK: KnownNetwork(PASSWORD),
        },
        connected=connected,
        access_point_stays=stays,
    )
    stick = SimulatedStick(plant, config, around=around)
    clock = PlantClock(plant, 1)

    def sync() -> None:
        """Let the stick look at once; the plant itself looks every few seconds."""
        clock.sync()
        stick.look()

    manners = Manners(crowd_delay=0)
    serving = serve_stick(stick, host, port, sync=sync, manners=manners)
    with (
        patch(f"{STICK}.server._TICK", 0.02),
        patch(
            "custom_components.instagen.simulated.assumptions.WIFI_CHANGE_AWAY", 0.05
        ),
        patch("custom_components.instagen.simulated.assumptions.WIFI_CONNECT", 0.1),
    ):
        async with serving as server:
            if moves:
                moved = KnownNetwork(PASSWORD, ("127.0.0.5", server.port))
                networks = {**around.networks, NETWORK: moved}
                stick.network.around = replace(around, networks=networks)
            yield StickWorld(stick, server)
