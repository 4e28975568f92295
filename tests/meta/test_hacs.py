"""What HACS can be told from a file tree."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from awesomeversion import AwesomeVersion
import pytest

from . import INTEGRATION, ROOT, load_json

KEYS = frozenset(
    {
        "content_in_root",
        "country",
        "filename",
        "hacs",
        "hide_default_branch",
        "homeassistant",
        "name",
        "persistent_directory",
        "render_readme",
        "zip_release",
    }
)

MINIMUM = AwesomeVersion("2026.10.0")
"""The first release with what we use: shared Modbus units and child devices."""


def problems(hacs: Mapping[str, Any]) -> list[str]:
    """Check hacs.json."""
    found = [f"unknown key {key}" for key in hacs.keys() - KEYS]
    if not hacs.get("name"):
        found.append("no name")
    if hacs.get("zip_release") and "filename" not in hacs:
        found.append("zip_release needs a filename")
    if AwesomeVersion(hacs.get("homeassistant", "0")) < MINIMUM:
        found.append(f"homeassistant is older than {MINIMUM}")
    return found


def tree_problems(root: Path) -> list[str]:
    """Check the files that HACS looks for."""
    wanted = ["README.md", "LICENSE", "hacs.json"]
    found = [f"no {name}" for name in wanted if not (root / name).exists()]
    folders = [
        path.name
        for path in (root / "custom_components").iterdir()
        if path.is_dir() and path.name != "__pycache__"
    ]
    if len(folders) != 1:
        return [*found, f"HACS wants one integration, not {sorted(folders)}"]
    integration = root / "custom_components" / folders[0]
    if load_json(integration / "manifest.json")["domain"] != integration.name:
        found.append("the folder is not named like the domain")
    if not (integration / "brand" / "icon.png").exists():
        found.append("no brand/icon.png")
    return found


def test_ours() -> None:
    hacs = load_json(ROOT / "hacs.json")
    assert problems(hacs) == []
    assert hacs["name"] == load_json(INTEGRATION / "manifest.json")["name"]


def test_our_tree() -> None:
    assert tree_problems(ROOT) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"nam": "x"}, "unknown key nam"),
        ({"name": ""}, "no name"),
        ({"zip_release": True}, "zip_release needs a filename"),
        ({"homeassistant": "2026.9.0"}, "homeassistant is older than 2026.10.0"),
    ],
)
def test_a_mistake_is_found(change: dict[str, Any], problem: str) -> None:
    good = {"name": "Instagen", "homeassistant": "2026.10.0"}
    assert problems(good) == []
    assert problems({**good, **change}) == [problem]


def test_a_second_integration_is_found(tmp_path: Path) -> None:
    for name in ("README.md", "LICENSE", "hacs.json"):
        (tmp_path / name).touch()
    one = tmp_path / "custom_components" / "one"
    (one / "brand").mkdir(parents=True)
    (one / "manifest.json").write_text('{"domain": "one"}')
    assert tree_problems(tmp_path) == ["no brand/icon.png"]
    (one / "brand" / "icon.png").touch()
    assert tree_problems(tmp_path) == []
    (tmp_path / "README.md").unlink()
    (tmp_path / "custom_components" / "two").mkdir()
    assert tree_problems(tmp_path) == [
        "no README.md",
        "HACS wants one integration, not ['one', 'two']",
    ]
