"""The guides in docs/: whatever of ours they name is there."""

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any

from homeassistant.helpers import entity_registry as er
from homeassistant.util.yaml import parse_yaml
import pytest

from custom_components.instagen.const import DOMAIN

from .house import House
from .world import BLUEPRINTS, ROOT

DOCS = ROOT / "docs"
GUIDES = [
    *sorted((DOCS / "tariffs").glob("*.md")),
    *(DOCS / f"{name}.md" for name in ("predbat", "emhass-evcc", "power-flow-card")),
]
OURS = re.compile(r"\b[a-z_]+\.hit_15l_g3_\w+")
LINK = re.compile(r"\]\((\S+?)\)")
YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
NAME = re.compile(r"(?:name|label): (.+)")
ITALIC = re.compile(r"(?<!\w)\*([A-Z][^*]+)\*")
CHOSEN = re.compile(r"## \[.+?\]\(\S+/(\w+)\.yaml\)\n\n((?:\|.*\n)+)")


def calls(part: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the actions of ours that an example calls, with their data."""
    if isinstance(part, dict):
        name = str(part.get("action", ""))
        if name.startswith(f"{DOMAIN}."):
            yield name.removeprefix(f"{DOMAIN}."), part["data"]
    inner = part.values() if isinstance(part, dict) else part
    for one in inner if isinstance(part, dict | list) else ():
        yield from calls(one)


def test_there_is_one_for_each_tariff() -> None:
    names = {path.stem for path in GUIDES}
    assert {"agile", "cosy", "economy-7", "flux", "go", "intelligent-go"} <= names


async def test_the_entities_that_they_name_exist(house: House) -> None:
    registry = er.async_get(house.hass)
    entries = er.async_entries_for_config_entry(registry, house.entry.entry_id)
    there = {entry.entity_id for entry in entries}
    named = {one for path in GUIDES for one in OURS.findall(path.read_text())}
    assert len(named) > 10
    assert named - there == set()


async def test_the_actions_that_they_call_take_what_they_give(house: House) -> None:
    actions = house.hass.services.async_services_for_domain(DOMAIN)
    made = [
        call
        for path in GUIDES
        for example in YAML.findall(path.read_text())
        for call in calls(parse_yaml(example))
    ]
    assert {name for name, _ in made} >= {"force_charge", "force_discharge", "hold"}
    for name, data in made:
        plain = {
            key: 50 if "{{" in str(given) else given for key, given in data.items()
        }
        schema = actions[name].schema
        assert schema is not None
        schema(plain)


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_links_lead_somewhere(path: Path) -> None:
    for link in LINK.findall(path.read_text()):
        assert (path.parent / link).exists(), link


@pytest.mark.parametrize(
    "path", sorted((DOCS / "tariffs").glob("*.md")), ids=lambda path: path.stem
)
def test_inputs_are_called_as_in_the_blueprints(path: Path) -> None:
    """In the tables, and in the limits, where they stand in italics."""
    guide = path.read_text()
    known: set[str] = set()
    for name, table in CHOSEN.findall(guide):
        file = BLUEPRINTS / "automation" / DOMAIN / f"{name}.yaml"
        names = set(NAME.findall(file.read_text()))
        known |= names
        assert {row.split("|")[1].strip() for row in table.splitlines()[2:]} <= names
    named = set(ITALIC.findall(guide.partition("## Limits")[2]))
    assert named
    assert named - known == set()
