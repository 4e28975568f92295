"""The lock files belong to pyproject.toml and to the releases we say we run on."""

from importlib.metadata import version
import re
import tomllib
from typing import Any

from packaging.requirements import Requirement
import pytest

from . import CORE_COMPONENTS, ROOT, load_json

OLDEST = "2026.10.4"
NEWEST = "2026.11.0"
NEWEST_LOCK = ROOT / "scripts" / "requirements" / f"home-assistant-{NEWEST}.txt"


@pytest.fixture(scope="module")
def lock() -> dict[str, Any]:
    return tomllib.loads((ROOT / "uv.lock").read_text())


@pytest.fixture(scope="module")
def wanted() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [Requirement(line) for line in project["dependency-groups"]["dev"]]


def pins(text: str) -> dict[str, str]:
    """Read name and version of each line of a requirements file."""
    return dict(re.findall(r"(?m)^([\w.-]+)==([^ ;\\]+)", text))


def test_this_runs_on_a_supported_release() -> None:
    assert version("homeassistant") in {OLDEST, NEWEST}


def test_the_lock_holds_what_is_wanted(
    lock: dict[str, Any], wanted: list[Requirement]
) -> None:
    locked = {package["name"]: package.get("version") for package in lock["package"]}
    for requirement in wanted:
        assert requirement.specifier.contains(locked[requirement.name]), requirement
    assert locked["homeassistant"] == OLDEST


def test_the_project_wants_what_the_lock_was_made_for(
    lock: dict[str, Any], wanted: list[Requirement]
) -> None:
    ours = next(row for row in lock["package"] if row["name"] == "instagen")
    made_for = ours["metadata"]["requires-dev"]["dev"]
    assert {row["name"]: row["specifier"] for row in made_for} == {
        requirement.name: str(requirement.specifier) for requirement in wanted
    }


def test_the_newest_release_is_locked_with_the_same_test_tools(
    wanted: list[Requirement],
) -> None:
    locked = pins(NEWEST_LOCK.read_text())
    assert locked["homeassistant"] == NEWEST
    for requirement in wanted:
        if requirement.name.startswith(("pytest", "hypothesis")):
            assert requirement.specifier.contains(locked[requirement.name])


def test_every_line_has_a_hash() -> None:
    text = NEWEST_LOCK.read_text()
    lines = re.split(r"(?m)^(?=[\w.-]+==)", text)[1:]
    assert len(lines) > 100
    assert [line for line in lines if "--hash=sha256:" not in line] == []


def test_modbus_is_the_one_of_the_installed_release() -> None:
    for line in load_json(CORE_COMPONENTS / "modbus" / "manifest.json")["requirements"]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(version(requirement.name)), line
