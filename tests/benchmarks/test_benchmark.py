"""The benchmark runs and tells every figure."""

import json
from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).parents[2]
QUANTITIES = {
    "requests_per_poll",
    "state_writes",
    "cpu_unchanged",
    "cpu_changed",
    "longest_block",
    "poll_time",
    "set_up",
    "recorder_rows",
    "settings",
    "writes",
}
STEADY = (
    "requests_per_poll",
    "state_writes",
    "set_up",
    "recorder_rows",
    "settings",
    "writes",
)
"""What does not depend on how busy the machine is."""


@pytest.mark.timeout(180)
def test_quick_run():
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=170,
    )
    report = json.loads(run.stdout)
    figures = report["quantities"]
    assert figures.keys() == QUANTITIES
    assert all(
        figure.keys() >= {"ours", "floor", "ratio", "target", "met", "how"}
        for figure in figures.values()
    )
    assert all(figures[name]["met"] for name in STEADY), report["missed"]
    assert "custom integration" not in run.stderr
