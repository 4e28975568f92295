"""What the benchmark prints."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
import os
from pathlib import Path
import platform
from statistics import median, quantiles
from typing import Any, Final

_PACKAGES: Final = ("homeassistant", "modbus-connection", "tmodbus", "pymodbus")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One quantity against its floor and its target."""

    name: str
    unit: str
    ours: float
    floor: float | None
    ratio: float | None
    target: str
    met: bool
    how: str
    detail: dict[str, Any] = field(default_factory=dict)


def spread(samples: Sequence[float], digits: int = 1) -> dict[str, float]:
    """Describe samples by what a busy machine moves least, and by their extremes."""
    return {
        "min": round(min(samples), digits),
        "median": round(median(samples), digits),
        "p95": round(quantiles(samples, n=20)[-1], digits),
        "max": round(max(samples), digits),
        "samples": len(samples),
    }


def document(figures: Sequence[Figure], mode: str, seconds: float) -> dict[str, Any]:
    """Put the whole report together."""
    return {
        "benchmark": "instagen",
        "mode": mode,
        "seconds": round(seconds, 1),
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "cpu": _cpu(),
            "cores": os.cpu_count(),
            "load": [round(load, 2) for load in os.getloadavg()],
        },
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
        "met": all(figure.met for figure in figures),
        "missed": [figure.name for figure in figures if not figure.met],
        "quantities": {figure.name: asdict(figure) for figure in figures},
    }


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = (line.split(":", 1)[1].strip() for line in lines if "model name" in line)
    return next(names, platform.processor() or "unknown")
