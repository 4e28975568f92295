"""triggers.yaml and conditions.yaml pass core's schema, and each entry has its texts.

The code, the descriptions, the texts and the README name the same ones.
"""

from importlib import import_module
from pathlib import Path
import re
from typing import Any

from homeassistant.helpers.trigger.descriptions import _TRIGGERS_DESCRIPTION_SCHEMA
from homeassistant.util.yaml import load_yaml_dict
import pytest
import voluptuous as vol

from custom_components.instagen.condition import CONDITIONS
from custom_components.instagen.trigger import TRIGGERS

from . import CORE_COMPONENTS, INTEGRATION, ROOT, load_json
from .test_services_yaml import fields_of, problems

OURS: dict[str, dict[str, Any]] = {"triggers": TRIGGERS, "conditions": CONDITIONS}
SCHEMA: vol.Schema = _TRIGGERS_DESCRIPTION_SCHEMA
"""That of conditions is the same, and lies elsewhere in each release."""


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = SCHEMA(load_yaml_dict(str(path)))
    return loaded


@pytest.mark.parametrize("section", OURS)
def test_ours(section: str) -> None:
    described = load(INTEGRATION / f"{section}.yaml")
    texts = load_json(INTEGRATION / "translations" / "en.json")
    assert problems(described, texts, section) == []
    assert described.keys() == OURS[section].keys()


@pytest.mark.parametrize("section", OURS)
def test_all_of_ours_are_in_the_documentation(section: str) -> None:
    told = set(re.findall(rf"(?m)^\| `(\w+)` \|.*\| {section[:-1]}$", _documentation()))
    assert told == OURS[section].keys()


def _documentation() -> str:
    """Return the tables, each row marked with the kind of its table."""
    text = (ROOT / "docs" / "triggers.md").read_text(encoding="utf-8")
    kind, lines = "", []
    for line in text.splitlines():
        if line.startswith("## "):
            kind = line.removeprefix("## ").rstrip("s").lower()
        lines.append(f"{line} {kind}")
    return "\n".join(lines)


@pytest.mark.parametrize("section", OURS)
def test_fields_are_what_the_code_takes(section: str) -> None:
    """What the editor offers has to pass, and what it leaves out too."""
    described = load(INTEGRATION / f"{section}.yaml")
    for name, made in OURS[section].items():
        offered = set(fields_of(described[name]))
        (options,) = (
            inner for key, inner in made._schema.schema.items() if key == "options"
        )
        inner = options.schema if isinstance(options, vol.Schema) else options
        assert {str(key) for key in inner} == offered, name


@pytest.mark.parametrize("section", OURS)
def test_the_rules_hold_for_core(section: str) -> None:
    checked, found = 0, {}
    for file in CORE_COMPONENTS.glob(f"*/{section}.yaml"):
        try:
            import_module(f"homeassistant.components.{file.parent.name}")
            described = load(file)
        except ImportError, vol.Invalid:
            continue
        checked += 1
        texts = load_json(file.parent / "translations" / "en.json")
        wrong = problems(described, texts, section)
        # Core describes no field that is the same everywhere.
        if wrong := [one for one in wrong if "no description" not in one]:
            found[file.parent.name] = wrong
    assert checked > 20
    assert found == {}
