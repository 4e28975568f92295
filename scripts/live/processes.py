"""Child processes that never outlive the demo."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
import os
from pathlib import Path
import signal

from . import LiveError

STOP_TIMEOUT = 30.0
"""Home Assistant writes its stores on the way out; 3 s is usual."""

LAST_LINES = 15


class Child:
    """A program in a session of its own, with its output in a log file."""

    def __init__(self, name: str, process: Process, log: Path) -> None:
        """Take a process that was started."""
        self.name = name
        self.log = log
        self.exit_code: int | None = None
        self._process = process

    async def first_line(self, timeout: float) -> str:
        """Read the first line of its standard output, if that was asked for."""
        assert self._process.stdout is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                if line := await self._process.stdout.readline():
                    return line.decode()
        raise LiveError(f"{self.name} did not report in {timeout:.0f} s{self.tail()}")

    def check_alive(self) -> None:
        """Raise when the program has ended by itself."""
        if (code := self._process.returncode) is not None:
            raise LiveError(f"{self.name} ended with {code}{self.tail()}")

    async def wait(self) -> int:
        """Wait for the program's own end."""
        return await self._process.wait()

    def tail(self) -> str:
        """Quote the end of the log, for messages."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "".join(f"\n  {line}" for line in ["", *lines[-LAST_LINES:]])

    async def kill(self) -> None:
        """End it without a warning, as a power cut does."""
        self._kill_session()
        self.exit_code = await self._process.wait()

    async def stop(self) -> None:
        """Ask it to stop, insist when it does not, and leave nothing of its session."""
        if self._process.returncode is None:
            self._process.terminate()
        try:
            async with asyncio.timeout(STOP_TIMEOUT):
                self.exit_code = await self._process.wait()
        except TimeoutError:
            self._kill_session()
            self.exit_code = await self._process.wait()
        self._kill_session()

    def _kill_session(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


@asynccontextmanager
async def running(
    name: str,
    command: Sequence[str],
    *,
    cwd: Path,
    log: Path,
    env: Mapping[str, str],
    read_output: bool = False,
) -> AsyncIterator[Child]:
    """Run a program for as long as the context lasts.

    A session of its own keeps Ctrl-C away from it: the demo stops it in its own order.
    """
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env={**os.environ, **env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE if read_output else output,
            stderr=output,
            start_new_session=True,
        )
    child = Child(name, process, log)
    try:
        yield child
    finally:
        await asyncio.shield(child.stop())
