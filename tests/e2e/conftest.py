"""The demo as a child process, in a folder of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import os
from pathlib import Path
import signal
import subprocess
import sys
from uuid import uuid4

import psutil
import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent

RUN_MARK = "INSTAGEN_DEMO_RUN"
"""A variable that every process of a run inherits, so that it can be found again."""

STOP_TIMEOUT = 90


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Collect these only when they are asked for by path; they want an environment."""
    asked = any(Path(name).resolve().is_relative_to(HERE) for name in config.args)
    return None if asked else True


@pytest.fixture
def enable_custom_integrations() -> None:
    """Take the place of a fixture that starts a Home Assistant inside the test."""


@dataclass
class Run:
    """A run of the demo."""

    process: subprocess.Popen[str]
    mark: str
    folder: Path

    def left_over(self) -> list[str]:
        """Name the processes of the run that still live."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(RUN_MARK) == self.mark:
                    found.append(" ".join(process.cmdline()))
            except psutil.Error:
                continue
        return found


@contextmanager
def demo(folder: Path, *options: str) -> Iterator[Run]:
    """Start the demo and make sure that it ends."""
    mark = uuid4().hex
    errors = folder.with_suffix(".err").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.live", "--folder", str(folder), *options],
        cwd=ROOT,
        env={**os.environ, RUN_MARK: mark, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )
    try:
        yield Run(process, mark, folder)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=STOP_TIMEOUT)
        errors.close()
