"""icons.json is well formed, and every icon belongs to something that exists."""

from copy import deepcopy
from typing import Any

import pytest

from . import INTEGRATION, core_files, load_json
from .icon_rules import SHAPE, problems, strict_problems

GOOD: dict[str, Any] = {
    "entity": {"sensor": {"mode": {"default": "mdi:a", "state": {"on": "mdi:b"}}}},
    "services": {"do_it": {"service": "mdi:c"}},
}


@pytest.fixture(scope="module")
def icons() -> dict[str, Any]:
    return load_json(INTEGRATION / "icons.json")


def test_ours_are_well_formed(icons: dict[str, Any]) -> None:
    assert strict_problems(icons) == []


def test_every_icon_belongs_to_a_text(icons: dict[str, Any]) -> None:
    texts = load_json(INTEGRATION / "translations" / "en.json")
    for platform, entities in icons.get("entity", {}).items():
        assert entities.keys() <= texts["entity"][platform].keys()
        for key, entity in entities.items():
            states = texts["entity"][platform][key].get("state", {}).keys()
            unknown = entity.get("state", {}).keys() - states - {"on", "off"}
            assert not unknown, f"{platform}.{key}"
    for section in ("services", "triggers", "conditions"):
        assert icons.get(section, {}).keys() == texts.get(section, {}).keys(), section


def test_the_rules_hold_for_core() -> None:
    files = core_files("icons.json")
    assert len(files) > 500
    found = {}
    for domain, data in files.items():
        ours = {key: value for key, value in data.items() if key in SHAPE}
        if wrong := problems(ours):
            found[domain] = wrong
    assert found == {}


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("surprise", {}, "surprise: unknown key"),
        ("entity.sensor.mode.icon", "mdi:x", "entity.sensor.mode.icon: unknown key"),
        ("entity.sensor.mode.default", "hass:x", "hass:x is no mdi: icon"),
        ("entity.sensor.mode.state.on", "mdi:a", "state.on: equal to the default"),
        ("entity.sensor.other.state.on", "mdi:a", "states without a default"),
        ("services.do_it.default", "mdi:a", "services.do_it.default: unknown key"),
    ],
)
def test_a_mistake_is_found(path: str, value: object, problem: str) -> None:
    assert strict_problems(GOOD) == []
    bad = deepcopy(GOOD)
    *parents, last = path.split(".")
    place = bad
    for name in parents:
        place = place.setdefault(name, {})
    place[last] = value
    assert problem in "\n".join(strict_problems(bad))
