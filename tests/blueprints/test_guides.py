"""The README and docs/: whatever of ours they name is there."""

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any

from homeassistant.components.automation.config import async_validate_config_item
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
import pytest

from custom_components.instagen.cloud.asking import EVENT_PROGRESS
from custom_components.instagen.const import DOMAIN

from .house import House
from .world import BLUEPRINTS, ROOT

DOCS = ROOT / "docs"
GUIDES = [
    *sorted((DOCS / "tariffs").glob("*.md")),
    *(DOCS / f"{name}.md" for name in ("predbat", "emhass-evcc", "power-flow-card")),
]
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
INTEGRATION = ROOT / "custom_components" / DOMAIN

PLAN = "sensor.p_batt_forecast"
"""The battery's power that EMHASS plans."""

OURS = re.compile(r"\b[a-z_]+\.hit_15l_g3_\w+")
LINK = re.compile(r"\]\((\S+?)\)")
YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
NAME = re.compile(r"(?:name|label): (.+)")
ITALIC = re.compile(r"(?<!\w)\*([A-Z][^*]+)\*")
WORD = re.compile(r"`([a-z]+(?:_[a-z]+)*)`")
WRITTEN = re.compile(r"""["'](\w+)["']|^ *(?:- )?(\w+)(?::|$)|: (\w+)$""", re.MULTILINE)
"""Names as Python and JSON write them, and as YAML does: text, key, item, value."""

OTHERS = {
    "all": "Home Assistant's own choice of behavior",
    "each": "Home Assistant's own choice of behavior",
    "first": "Home Assistant's own choice of behavior",
    "value_inc_vat": "Octopus Energy's name of a rate's price",
}
CHOSEN = re.compile(r"## \[.+?\]\(\S+/(\w+)\.yaml\)\n\n((?:\|.*\n)+)")


def calls(part: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the actions of ours that an example calls, with their data."""
    if isinstance(part, dict):
        name = str(part.get("action", ""))
        if name.startswith(f"{DOMAIN}."):
            yield name.removeprefix(f"{DOMAIN}."), part.get("data", {})
    inner = part.values() if isinstance(part, dict) else part
    for one in inner if isinstance(part, dict | list) else ():
        yield from calls(one)


def examples() -> Iterator[tuple[str, Any]]:
    """Return every YAML example with the name of its page."""
    for path in PAGES:
        for example in YAML.findall(path.read_text()):
            yield path.name, parse_yaml(example)


def test_there_is_one_for_each_tariff() -> None:
    names = {path.stem for path in GUIDES}
    assert {"agile", "cosy", "economy-7", "flux", "go", "intelligent-go"} <= names


async def test_the_entities_that_they_name_exist(house: House) -> None:
    registry = er.async_get(house.hass)
    entries = er.async_entries_for_config_entry(registry, house.entry.entry_id)
    there = {entry.entity_id for entry in entries}
    named = {one for path in PAGES for one in OURS.findall(path.read_text())}
    assert len(named) > 10
    assert named - there == set()


async def test_the_actions_that_they_call_take_what_they_give(house: House) -> None:
    actions = house.hass.services.async_services_for_domain(DOMAIN)
    made = [call for _, example in examples() for call in calls(example)]
    assert {name for name, _ in made} >= {"force_charge", "hold", "sync_tariff"}
    for name, data in made:
        plain = {
            key: 50 if "{{" in str(given) else given for key, given in data.items()
        }
        schema = actions[name].schema
        assert schema is not None
        schema(plain)


async def test_every_action_is_in_the_readme(house: House) -> None:
    actions = house.hass.services.async_services_for_domain(DOMAIN)
    told = set(re.findall(rf"`(?:{DOMAIN}\.)?(\w+)`", (ROOT / "README.md").read_text()))
    assert actions.keys() - told == set()


async def test_home_assistant_takes_the_automations_that_they_show(
    house: House,
) -> None:
    """Triggers and conditions of ours with their options, too."""
    shown = 0
    for page, example in examples():
        if "triggers" not in example and "conditions" not in example:
            continue
        shown += 1
        made = {"triggers": [], "actions": [], **example}
        checked = await async_validate_config_item(house.hass, "an_example", made)
        assert checked is not None
        assert checked.validation_error is None, page
    assert shown > 6


def with_the_plant(page: str, number: int, house: House) -> Any:
    """Return an example of a page as it is once somebody put in their plant."""
    example = YAML.findall((DOCS / page).read_text())[number]
    return parse_yaml(example.replace("YOUR_PLANT", house.entry.entry_id))


async def test_emhass_has_the_battery_as_long_as_its_plan_is_fresh(
    house: House,
) -> None:
    house.sim.set({"soc": 40})
    await house.pass_time(3)
    await house.show(PLAN, "2000")
    automation = {"id": "emhass", **with_the_plant("emhass-evcc.md", 0, house)}
    assert await async_setup_component(
        house.hass, "automation", {"automation": [automation]}
    )
    await house.settle()
    await house.show(PLAN, "-4100")
    assert house.device("battery_mode") == "force_charge"
    assert house.device("force_charge_power") == 30
    await house.show(PLAN, "-4200")
    assert house.desk.writes_today == 1
    await house.show(PLAN, "0")
    assert house.shown("current_lease") == "hold"
    await house.show(PLAN, "-4100")
    await house.pass_time(35)
    assert house.lease()["owner"] == "emhass"
    await house.pass_time(15)
    assert house.shown("current_lease") == "none"
    assert house.device("battery_mode") == "self_consumption"
    await house.hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )


@pytest.mark.parametrize(
    ("page", "number", "owner", "charge", "hold", "stop"),
    [
        (
            "predbat.md",
            0,
            "predbat",
            "predbat_charge",
            "predbat_freeze",
            "predbat_stop",
        ),
        ("emhass-evcc.md", 1, "evcc", "evcc_charge", "evcc_hold", "evcc_normal"),
    ],
)
async def test_scripts_of_the_guides_have_leases(
    house: House, page: str, number: int, owner: str, charge: str, hold: str, stop: str
) -> None:
    house.sim.set({"soc": 40})
    await house.pass_time(3)
    scripts = with_the_plant(page, number, house)
    assert await async_setup_component(house.hass, "script", {"script": scripts})

    async def run(name: str) -> str:
        await house.hass.services.async_call(
            "script", name, {"target_soc": 80}, blocking=True
        )
        await house.settle()
        return house.shown("current_lease")

    assert await run(charge) == "force_charge"
    assert house.lease()["owner"] == owner
    assert await run(hold) == "hold"
    assert await run(stop) == "none"
    assert house.device("battery_mode") == "self_consumption"


@pytest.mark.parametrize(
    "page", ["README", "docs/blueprints", "docs/tariff", "docs/triggers"]
)
def test_names_in_the_text_are_names_in_the_code(page: str) -> None:
    """Actions, fields, answers, options: whatever stands between backticks."""
    text = re.sub(r"```.*?```", "", (ROOT / f"{page}.md").read_text(), flags=re.DOTALL)
    named = set(WORD.findall(text))
    files = [
        path
        for folder in (INTEGRATION, BLUEPRINTS)
        for path in folder.rglob("*")
        if path.suffix in {".py", ".yaml", ".json"}
    ]
    written = {
        name
        for path in files
        for groups in WRITTEN.findall(path.read_text())
        for name in groups
    }
    assert len(named) > 2
    assert named - written - OTHERS.keys() - {EVENT_PROGRESS} == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_links_lead_somewhere(path: Path) -> None:
    for link in LINK.findall(path.read_text()):
        if "://" in link:
            continue
        file, _, section = link.partition("#")
        target = path.parent / file if file else path
        assert target.exists(), link
        if section:
            headings = re.findall(r"(?m)^#+ (.+)$", target.read_text())
            assert section in {
                re.sub(r"[^\w-]", "", one.lower().replace(" ", "-")) for one in headings
            }


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
