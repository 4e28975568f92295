"""Every blueprint of the box is well formed, and the same hand wrote them all."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
import re
from typing import Any

from homeassistant.components.automation.config import (
    AUTOMATION_BLUEPRINT_SCHEMA,
    async_validate_config_item as async_validate_automation,
)
from homeassistant.components.blueprint import BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.script.config import (
    async_validate_config_item as async_validate_script,
)
from homeassistant.core import HomeAssistant
from homeassistant.util import yaml as yaml_util
import pytest

from custom_components.instagen.const import DOMAIN

from .world import BLUEPRINTS

FILES = sorted(BLUEPRINTS.glob("*/*/*.yaml"))
AUTOMATIONS = [path for path in FILES if path.parts[-3] == "automation"]
SECTIONS = ["what", "when", "limits", "messages"]
SCHEMAS: dict[str, Callable[[Any], Any]] = {
    "automation": AUTOMATION_BLUEPRINT_SCHEMA,
    "script": BLUEPRINT_SCHEMA,
}


def name_of(path: Path) -> str:
    return path.stem


@cache
def load(path: Path) -> dict[str, Any]:
    loaded = yaml_util.load_yaml(path)
    assert isinstance(loaded, dict)
    return loaded


def blueprint(path: Path) -> Blueprint:
    domain = path.parts[-3]
    return Blueprint(
        deepcopy(load(path)),
        path=str(path),
        expected_domain=domain,
        schema=SCHEMAS[domain],
    )


def inputs_of(path: Path) -> dict[str, dict[str, Any]]:
    return {
        key: given
        for section in load(path)["blueprint"]["input"].values()
        for key, given in section["input"].items()
    }


def strings_of(node: Any) -> list[str]:
    """Return all strings below a node of the YAML."""
    if isinstance(node, dict):
        return [text for value in node.values() for text in strings_of(value)]
    if isinstance(node, list):
        return [text for value in node for text in strings_of(value)]
    return [node] if isinstance(node, str) else []


def test_there_are_22() -> None:
    assert len(AUTOMATIONS) == 17
    assert len(FILES) - len(AUTOMATIONS) == 5
    assert {path.parts[-2] for path in FILES} == {DOMAIN}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_home_assistant_takes_it(path: Path) -> None:
    found = blueprint(path)
    assert found.validate() is None  # nothing says that it is too old
    assert found.name.startswith("Instagen: ")
    head = load(path)["blueprint"]
    assert head["homeassistant"] == {"min_version": "2026.10.0"}
    assert head["author"] == "Instagen"
    assert head["description"].strip().endswith(".")
    assert "source_url" not in head


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_inputs_stand_in_sections_and_say_what_they_are(path: Path) -> None:
    sections = load(path)["blueprint"]["input"]
    assert [key for key in SECTIONS if key in sections] == list(sections)
    assert {"what", "messages"} <= set(sections)
    for key, section in sections.items():
        assert section["name"] == key.capitalize()
        assert section["icon"].startswith("mdi:")
        collapsed = section.get("collapsed", False)
        assert collapsed is (key in {"limits", "messages"}), key
        for name, given in section["input"].items():
            assert {"name", "description", "selector"} <= set(given), name
            assert given["description"].strip()[-1] == ".", name
            assert "default" in given or not collapsed, name
    given = inputs_of(path)
    assert given["dry_run"]["default"] is False
    assert given["on_message"]["default"] == []
    if "plant" in given:
        assert given["plant"]["selector"] == {"config_entry": {"integration": DOMAIN}}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_defaults_fit_their_selectors(path: Path) -> None:
    for name, given in inputs_of(path).items():
        ((kind, options),) = given["selector"].items()
        default = given.get("default")
        if default is None or default == []:
            continue
        match kind:
            case "number":
                assert options["min"] <= default <= options["max"], name
            case "select":
                values = {one["value"] for one in options["options"]}
                wished = default if options.get("multiple") else [default]
                assert set(wished) <= values, name
            case "time":
                assert re.fullmatch(r"\d\d:\d\d:\d\d", default), name
            case "boolean":
                # Leave to export is given, never assumed.
                assert isinstance(default, bool), name
                assert default is False or name == "precharge", name


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_input_is_used_and_none_is_missing(path: Path) -> None:
    found = blueprint(path)
    used = yaml_util.extract_inputs(
        {key: value for key, value in found.data.items() if key != "blueprint"}
    )
    assert used == set(inputs_of(path))


@pytest.mark.parametrize("path", AUTOMATIONS, ids=name_of)
def test_it_reconciles_and_keeps_no_safety_in_a_wait(path: Path) -> None:
    loaded = load(path)
    assert loaded["mode"] == "queued"
    assert loaded["max_exceeded"] == "silent"
    assert loaded["trace"] == {"stored_traces": 20}, "the tick pushes five out too soon"
    kinds = [one["trigger"] for one in loaded["triggers"]]
    assert "homeassistant" in kinds
    assert "time_pattern" in kinds or path.stem == "daily_report"
    assert all(one.get("id") for one in loaded["triggers"])
    text = path.read_text()
    for forbidden in ("delay:", "wait_template", "wait_for_trigger", "repeat:"):
        assert forbidden not in text
    waits = [one["for"] for one in loaded["triggers"] if "for" in one]
    assert all(set(one) == {"minutes"} for one in waits)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_it_names_no_entity_and_writes_no_mode(path: Path) -> None:
    loaded = load(path)
    body = {key: value for key, value in loaded.items() if key != "blueprint"}
    domains = "sensor|binary_sensor|switch|number|select|event|calendar|input_[a-z]+"
    for text in strings_of(body):
        named = re.findall(rf"\b(?:{domains})\.[a-z_0-9]+", text)
        actions = {"input_text.set_value", "input_datetime.set_datetime"}
        actions |= {"number.set_value", "calendar.get_events"}
        assert set(named) <= actions, text
    text = path.read_text()
    assert "select.select_option" not in text
    assert "set_battery_mode" not in text
    assert "octopus_energy" not in text


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_templates_answer_with_values(path: Path) -> None:
    """A bare word is a text, and a text is true: ``{{ false }}`` is what is meant."""
    for line in path.read_text().splitlines():
        assert line.strip() not in {"true", "false", "none ", "True", "False"}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_lines_are_short_and_clean(path: Path) -> None:
    text = path.read_text()
    assert text.endswith("\n")
    for line in text.splitlines():
        assert line == line.rstrip()
        assert len(line) <= 96, line


def test_what_is_the_same_is_written_the_same() -> None:
    """The same input has the same selector and text, wherever it stands."""
    shared = ["plant", "owner", "priority", "dwell", "grace", "dry_run", "on_message"]
    for key in shared:
        found = [inputs_of(path)[key] for path in FILES if key in inputs_of(path)]
        plain = [{**one, "default": None} for one in found]
        assert all(one == plain[0] for one in plain), key
    variables = [load(path).get("variables", {}) for path in AUTOMATIONS]
    for key in ("lease", "mine", "paused", "same", "act_of_lease", "rested_for"):
        texts = {one[key] for one in variables if key in one}
        assert len(texts) <= 1, key


def test_owners_are_unique() -> None:
    """Two blueprints with one owner would take each other's lease."""
    owners = [
        inputs_of(path)["owner"]["default"]
        for path in AUTOMATIONS
        if "owner" in inputs_of(path)
    ]
    assert len(owners) == len(set(owners))


@pytest.mark.parametrize("path", FILES, ids=name_of)
async def test_its_triggers_conditions_and_actions_are_valid(
    hass: HomeAssistant, path: Path
) -> None:
    """Fill every input with something, and let Home Assistant look at the whole."""
    filled = {
        key: given.get("default", example(given["selector"]))
        for key, given in inputs_of(path).items()
    }
    found = blueprint(path)
    config = yaml_util.substitute(
        {key: value for key, value in found.data.items() if key != "blueprint"}, filled
    )
    validate = {
        "automation": async_validate_automation,
        "script": async_validate_script,
    }[path.parts[-3]]
    checked = await validate(hass, path.stem, config)
    assert checked is not None
    assert checked.validation_status == "ok", checked.validation_error


def example(selector: dict[str, Any]) -> Any:
    """Return something that a selector could have answered."""
    ((kind, options),) = selector.items()
    options = options or {}
    if kind == "entity":
        return ["sensor.a"] if options.get("multiple") else "sensor.a"
    return "x"
