"""A public client of the same devices, in an environment of its own.

It is written by others and runs as a process, so neither its libraries nor its mistakes
meet ours. It is installed once, where the machine's own configuration finds packages.
"""

import asyncio
from dataclasses import dataclass
import json
import os
from pathlib import Path
import shutil
import subprocess
import sys
from typing import Any, Final

import pytest

NAME: Final = "hoymiles-g3-modbus-tcp"
_REQUIREMENTS: Final = Path(__file__).with_name(f"{NAME}.txt")
_FOLDER: Final = Path(__file__).parents[2] / ".dev" / "peers" / NAME

_ASK: Final = """
import asyncio, dataclasses, json, sys
from hoymiles_g3_modbus_tcp import Inverter, InverterConfig

async def main(port, *change):
    client = Inverter(
        InverterConfig(host="127.0.0.1", port=int(port), allow_writes=bool(change))
    )
    await client.connect()
    try:
        if change:
            key, value = change[0], json.loads(change[1])
            print(json.dumps(await client.write(key, value)))
            return
        info = dataclasses.asdict(await client.detect())
        await client.poll()
        values = await client.poll()  # it believes a counter when two reads agree
        print(json.dumps({"info": info, "values": values}))
    finally:
        await client.close()

asyncio.run(main(*sys.argv[1:]))
"""


@dataclass(frozen=True)
class Peer:
    """The installed client."""

    python: Path

    async def read(self, port: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what it detects and every value it reads."""
        told = json.loads(await self._run("-c", _ASK, str(port)))
        return told["info"], told["values"]

    async def write(self, port: int, key: str, value: object) -> object:
        """Let it write a setting; return what it reads back."""
        change = (key, json.dumps(value))
        written: object = json.loads(await self._run("-c", _ASK, str(port), *change))
        return written

    async def command(self, port: int) -> list[str]:
        """Run its command-line program; return the lines it prints."""
        module = NAME.replace("-", "_")
        options = ("--host", "127.0.0.1", "--port", str(port), "--unit", "1")
        return (await self._run("-m", module, *options)).splitlines()

    async def _run(self, *arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            self.python,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()


def install() -> Peer:
    """Make the environment, unless it is there; skip or fail when it cannot be made."""
    peer = Peer(_FOLDER / "bin" / "python")
    installed = _FOLDER / "installed.txt"
    wanted = _REQUIREMENTS.read_text()
    if installed.exists() and installed.read_text() == wanted:
        return peer
    if os.environ.get("INSTAGEN_OFFLINE") == "1":
        pytest.skip(f"INSTAGEN_OFFLINE is set and {NAME} is not installed")
    python = shutil.which("python3") or sys.executable
    _do(python, "-m", "venv", "--clear", str(_FOLDER))
    pip = (str(peer.python), "-m", "pip", "install", "--quiet")
    _do(*pip, "--require-hashes", "--requirement", str(_REQUIREMENTS))
    installed.write_text(wanted)
    return peer


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{NAME} cannot be installed:\n{done.stderr}", pytrace=False)
