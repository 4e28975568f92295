"""The blueprints that there are, and those that docs/blueprints.md tells of."""

from pathlib import Path
import re
from typing import Any

from homeassistant.util import yaml as yaml_util
import pytest

from .world import BLUEPRINTS, ROOT

DOCS = ROOT / "docs" / "blueprints.md"
FILES = sorted(BLUEPRINTS.glob("*/*/*.yaml"))
ROW = re.compile(
    r"\| \[(.+?)\]\(\.\./(blueprints/.+?)\) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|"
)


def rows() -> dict[Path, tuple[str, ...]]:
    """Return the documented name, purpose, inputs, owner and priority of each file."""
    return {
        ROOT / path: (name, *rest)
        for name, path, *rest in ROW.findall(DOCS.read_text())
    }


def test_each_is_documented_and_each_documented_exists() -> None:
    assert sorted(rows()) == FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_table_says_what_the_file_says(path: Path) -> None:
    name, purpose, needed, owner, priority = rows()[path]
    loaded: Any = yaml_util.load_yaml(path)
    head = loaded["blueprint"]
    inputs = {
        key: given
        for section in head["input"].values()
        for key, given in section["input"].items()
    }
    assert head["name"] == f"Instagen: {name}"
    assert head["description"].startswith(purpose.removesuffix("."))
    names = [given["name"] for given in inputs.values() if "default" not in given]
    assert needed == ", ".join(names)
    if "owner" in inputs:
        assert owner == inputs["owner"]["default"]
        assert priority == str(inputs["priority"]["default"])
    elif "owner: " in path.read_text():
        assert f"owner: {owner}\n" in path.read_text()
        assert priority == "90"
    else:
        assert (owner, priority) == ("none", "none")
