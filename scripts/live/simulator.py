"""The simulated plant as a process of its own."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
import json
from pathlib import Path
import sys
from typing import Any

from aiohttp import ClientSession, ClientTimeout

from . import ROOT
from .processes import Child, running

START_TIMEOUT = 60.0
LOG_NAME = "simulator.log"

LINKS = {"dts": ("dts",), "modbus": ("modbus",), "both": ("dts", "modbus")}
"""What a plant can be asked to speak, by the names of the command line."""


@dataclass(frozen=True)
class Simulator:
    """A running simulator and where it listens."""

    child: Child
    ports: dict[str, int]

    @property
    def links(self) -> dict[str, int]:
        """Return the port of each link it speaks."""
        return {link: port for link, port in self.ports.items() if link != "control"}

    async def truth(self) -> dict[str, Any]:
        """Ask the model for its own values, by key."""
        return await self._ask("GET", "state")

    async def set(self, **parts: object) -> None:
        """Change weather, house or settings, as if it were done in the app."""
        await self._ask("POST", "set", parts)

    async def _ask(self, method: str, path: str, data: object = None) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.ports['control']}/{path}"
        async with (
            ClientSession(timeout=ClientTimeout(total=20)) as session,
            session.request(method, url, json=data, raise_for_status=True) as response,
        ):
            state: dict[str, Any] = await response.json()
        return state


@asynccontextmanager
async def simulator(
    folder: Path, ports: Mapping[str, int], options: Sequence[str]
) -> AsyncIterator[Simulator]:
    """Run the simulator with these links; port 0 takes any free one."""
    command = [sys.executable, "-m", "simulator", "--control", "0", *options]
    for link, port in ports.items():
        command += [f"--{link}", str(port)]
    async with running(
        "the simulator",
        command,
        cwd=ROOT,
        log=folder / LOG_NAME,
        env={},
        read_output=True,
    ) as child:
        opened = json.loads(await child.first_line(START_TIMEOUT))
        yield Simulator(child, opened)
