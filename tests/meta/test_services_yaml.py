"""services.yaml passes core's schema; every action has its texts and is registered."""

from pathlib import Path
from typing import Any

from homeassistant.helpers.service import _SERVICES_SCHEMA
from homeassistant.util.yaml import load_yaml_dict
import pytest
import voluptuous as vol

from . import CORE_COMPONENTS, INTEGRATION, load_json
from .source import our_source

type Actions = dict[str, Any]


def load(path: Path) -> Actions:
    actions: Actions = _SERVICES_SCHEMA(load_yaml_dict(str(path)))
    return actions


def fields_of(action: dict[str, Any]) -> dict[str, Any]:
    """Collect an action's fields, those in sections too."""
    found: dict[str, Any] = {}
    for name, field in (action.get("fields") or {}).items():
        inner = field.get("fields", {name: field})
        assert not found.keys() & inner.keys(), f"{name}: twice"
        found |= inner
    return found


def problems(
    actions: Actions, texts: dict[str, Any], section: str = "services"
) -> list[str]:
    """Compare actions and their fields with the texts for them."""
    found = []
    described = texts.get(section, {})
    found += [f"{name}: no text" for name in actions.keys() - described.keys()]
    found += [f"{name}: no such action" for name in described.keys() - actions.keys()]
    for name in actions.keys() & described.keys():
        fields = fields_of(actions[name] or {})
        named = described[name].get("fields", {})
        found += [f"{name}.{key}: no text" for key in fields.keys() - named.keys()]
        found += [
            f"{name}.{key}: no such field" for key in named.keys() - fields.keys()
        ]
        found += _incomplete(name, described[name])
        for key, field in fields.items():
            found += _untranslated_options(f"{name}.{key}", field, texts)
    return sorted(found)


def _incomplete(name: str, described: dict[str, Any]) -> list[str]:
    rows = {name: described}
    rows |= {f"{name}.{key}": row for key, row in described.get("fields", {}).items()}
    return [
        f"{place}: no {kind}"
        for place, row in rows.items()
        for kind in ("name", "description")
        if not row.get(kind)
    ]


def _untranslated_options(
    place: str, field: dict[str, Any], texts: dict[str, Any]
) -> list[str]:
    select = (field.get("selector") or {}).get("select") or {}
    if (key := select.get("translation_key")) is None:
        return []
    options = texts.get("selector", {}).get(key, {}).get("options", {})
    return [
        f"{place}: option {option} has no text"
        for option in select.get("options", [])
        if not isinstance(option, dict) and option not in options
    ]


def test_ours() -> None:
    texts = load_json(INTEGRATION / "translations" / "en.json")
    actions = load(INTEGRATION / "services.yaml")
    assert problems(actions, texts) == []
    written = our_source()
    assert [name for name in actions if not written.names(name)] == []


CORE_SLIPS = frozenset({"homeassistant", "matter"})
"""Texts left behind by actions and fields that are gone."""


def test_the_rules_hold_for_core() -> None:
    found = {}
    checked = 0
    for file in CORE_COMPONENTS.glob("*/services.yaml"):
        domain = file.parent.name
        if not (file.parent / "translations").exists():
            continue
        try:
            actions = load(file)
        except ImportError, vol.Invalid:
            # Its selectors name features of a platform that cannot be imported here.
            continue
        checked += 1
        texts = load_json(file.parent / "translations" / "en.json")
        if domain not in CORE_SLIPS and (wrong := problems(actions, texts)):
            found[domain] = wrong
    assert checked > 300
    assert found == {}


TEXTS: dict[str, Any] = {
    "services": {
        "charge": {
            "name": "Charge",
            "description": "Charges.",
            "fields": {"pace": {"name": "Pace", "description": "How fast."}},
        }
    },
    "selector": {"pace": {"options": {"slow": "Slow"}}},
}
ACTIONS = """\
charge:
  fields:
    pace:
      selector:
        select:
          translation_key: pace
          options: [slow]
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[slow]", "[slow, fast]", "charge.pace: option fast has no text"),
        ("    pace:\n", "    speed:\n", "charge.speed: no text"),
        ("    pace:\n", "    speed:\n", "charge.pace: no such field"),
        ("charge:\n", "discharge:\n", "discharge: no text"),
        ("charge:\n", "discharge:\n", "charge: no such action"),
    ],
)
def test_a_mistake_is_found(tmp_path: Path, old: str, new: str, problem: str) -> None:
    file = tmp_path / "services.yaml"
    file.write_text(ACTIONS)
    assert problems(load(file), TEXTS) == []
    file.write_text(ACTIONS.replace(old, new))
    assert problem in problems(load(file), TEXTS)


def test_a_missing_description_is_found(tmp_path: Path) -> None:
    file = tmp_path / "services.yaml"
    file.write_text("stop:\n")
    texts = {"services": {"stop": {"name": "Stop"}}}
    assert problems(load(file), texts) == ["stop: no description"]


def test_an_unknown_selector_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "services.yaml"
    file.write_text(ACTIONS.replace("select:", "dowsing_rod:"))
    with pytest.raises(vol.Invalid):
        load(file)
