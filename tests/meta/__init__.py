"""Tests of the repository itself: its files, its layout, its promises.

The checks that Home Assistant's own tooling makes of an integration cannot be run from
its package, so they are written here as rules: functions that return sentences, one for
each problem. Every rule is seen failing on a bad example and passing on core's files.
"""

from functools import cache
import json
from pathlib import Path
from typing import Any

import homeassistant

ROOT = Path(__file__).parents[2]
INTEGRATION = ROOT / "custom_components" / "instagen"
CORE = Path(homeassistant.__file__).parent
CORE_COMPONENTS = CORE / "components"


def load_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def core_domains() -> frozenset[str]:
    return frozenset(
        path.parent.name for path in CORE_COMPONENTS.glob("*/manifest.json")
    )


def core_files(name: str) -> dict[str, Any]:
    """Load a JSON file of every core integration that has it, by domain."""
    return {
        path.relative_to(CORE_COMPONENTS).parts[0]: load_json(path)
        for path in CORE_COMPONENTS.glob(f"*/{name}")
    }


def python_files() -> list[Path]:
    """List the integration's own modules."""
    return sorted(
        path for path in INTEGRATION.rglob("*.py") if not path.stem.endswith("_pb2")
    )
