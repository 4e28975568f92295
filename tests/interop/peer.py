"""Public clients of the same devices, each in an environment of its own.

They are written by others and run as processes, so neither their libraries nor their
mistakes meet ours. They are installed once, where the machine's own configuration finds
packages.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
import os
from pathlib import Path
import shutil
import subprocess
import sys
from typing import Final, Self

import pytest

_HERE: Final = Path(__file__).parent
_FOLDER: Final = _HERE.parents[1] / ".dev" / "peers"


@dataclass(frozen=True)
class Peer:
    """An installed client."""

    python: Path

    @classmethod
    def install(cls, name: str) -> Self:
        """Make the environment, unless it is there; skip or fail when it cannot be made."""
        folder, requirements = _FOLDER / name, _HERE / f"{name}.txt"
        peer = cls(folder / "bin" / "python")
        with _alone(name):
            peer._install(name, folder, requirements)
        return peer

    def _install(self, name: str, folder: Path, requirements: Path) -> None:
        installed = folder / "installed.txt"
        wanted = requirements.read_text()
        if installed.exists() and installed.read_text() == wanted:
            return
        if os.environ.get("INSTAGEN_OFFLINE") == "1":
            pytest.skip(f"INSTAGEN_OFFLINE is set and {name} is not installed")
        python = shutil.which("python3") or sys.executable
        _do(name, python, "-m", "venv", "--clear", str(folder))
        pip = (str(self.python), "-m", "pip", "install", "--quiet")
        _do(name, *pip, "--require-hashes", "--requirement", str(requirements))
        installed.write_text(wanted)

    async def run(self, *arguments: str, **environment: str) -> tuple[str, str]:
        """Run its Python; return what it prints and what it logs."""
        process = await asyncio.create_subprocess_exec(
            self.python,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **environment},
        )
        async with asyncio.timeout(60):
            out, err = await process.communicate()
        assert process.returncode == 0, f"{out.decode()}\n{err.decode()}"
        return out.decode(), err.decode()


@contextmanager
def _alone(name: str) -> Generator[None]:
    """Let no other worker of the tests install the same client meanwhile."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / f"{name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)  # ends with the file
        yield


def _do(name: str, *command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{name} cannot be installed:\n{done.stderr}", pytrace=False)
