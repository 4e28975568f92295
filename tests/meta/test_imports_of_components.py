"""What is imported from an integration of core is declared in the manifest."""

import ast
from collections.abc import Iterator
from pathlib import Path

from homeassistant.const import Platform
import pytest

from . import INTEGRATION, load_json, python_files

ALWAYS_ALLOWED = frozenset(
    {
        "alert",
        "automation",
        "conversation",
        "default_config",
        "device_automation",
        "frontend",
        "group",
        "homeassistant",
        "input_boolean",
        "input_button",
        "input_datetime",
        "input_number",
        "input_select",
        "input_text",
        "onboarding",
        "persistent_notification",
        "person",
        "script",
        "shopping_list",
        "sun",
        "system_health",
        "system_log",
        "timer",
        "websocket_api",
        "zone",
    }
)
"""Integrations that are part of every instance, or whose helpers are everybody's."""

PREFIX = "homeassistant.components."


def imported(code: str) -> Iterator[str]:
    """Name the integrations of core that a module imports."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.ImportFrom(module="homeassistant.components", names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module)) if module.startswith(PREFIX):
                yield module.removeprefix(PREFIX).partition(".")[0]
            case ast.Import(names=names):
                for alias in names:
                    if alias.name.startswith(PREFIX):
                        yield alias.name.removeprefix(PREFIX).partition(".")[0]


def undeclared(folder: Path, modules: list[Path]) -> list[str]:
    """Name what a module imports although the manifest does not say so."""
    manifest = load_json(folder / "manifest.json")
    declared = {
        *manifest.get("dependencies", []),
        *manifest.get("after_dependencies", []),
        *ALWAYS_ALLOWED,
        *Platform,
        # A file by that name is only loaded by the integration it is made for.
        *(path.stem for path in folder.glob("*.py")),
    }
    return [
        f"{path.relative_to(folder)}: {name}"
        for path in modules
        for name in imported(path.read_text())
        if name not in declared
    ]


def test_ours() -> None:
    assert undeclared(INTEGRATION, python_files()) == []


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("from homeassistant.components.recorder import get_instance", "recorder"),
        ("from homeassistant.components.recorder.models import X", "recorder"),
        ("from homeassistant.components import recorder", "recorder"),
        ("import homeassistant.components.recorder as r", "recorder"),
        ("def f():\n    from homeassistant.components.energy import data", "energy"),
    ],
)
def test_a_mistake_is_found(tmp_path: Path, code: str, name: str) -> None:
    (tmp_path / "manifest.json").write_text('{"dependencies": ["modbus"]}')
    module = tmp_path / "thing.py"
    module.write_text(f"from homeassistant.components.modbus import x\n{code}\n")
    assert undeclared(tmp_path, [module]) == [f"thing.py: {name}"]
    (tmp_path / "manifest.json").write_text(
        f'{{"dependencies": ["modbus"], "after_dependencies": ["{name}"]}}'
    )
    assert undeclared(tmp_path, [module]) == []
