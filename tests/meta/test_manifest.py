"""manifest.json is what Home Assistant's and HACS's tooling accept."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_integration
import pytest

from . import CORE_COMPONENTS, INTEGRATION, core_files, load_json
from .manifest_rules import custom_problems, problems

GOOD: dict[str, Any] = {
    "domain": "instagen",
    "name": "Instagen",
    "codeowners": ["@somebody"],
    "config_flow": True,
    "dependencies": ["modbus"],
    "dhcp": [{"hostname": "dts-*", "macaddress": "AABBCC*"}],
    "documentation": "https://example.com/instagen",
    "integration_type": "hub",
    "iot_class": "local_polling",
    "issue_tracker": "https://example.com/instagen/issues",
    "requirements": ["some-library>=1,<2"],
    "version": "0.1.0",
}


@pytest.fixture
def manifest() -> dict[str, Any]:
    return load_json(INTEGRATION / "manifest.json")


def test_our_manifest(manifest: dict[str, Any]) -> None:
    assert not custom_problems(manifest, INTEGRATION.name)


async def test_home_assistant_loads_it(hass: HomeAssistant) -> None:
    integration = await async_get_integration(hass, INTEGRATION.name)
    assert integration.file_path == INTEGRATION
    assert integration.version is not None
    assert integration.config_flow == (INTEGRATION / "config_flow.py").exists()


def test_the_rules_hold_for_core() -> None:
    manifests = core_files("manifest.json")
    assert len(manifests) > 1000
    found = {domain: problems(data, domain) for domain, data in manifests.items()}
    assert {domain: wrong for domain, wrong in found.items() if wrong} == {}


def test_the_example_is_good() -> None:
    assert not custom_problems(GOOD, "instagen")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"surprise": 1}, "unknown key surprise"),
        ({"domain": "other"}, "domain other in a folder instagen"),
        ({"domain": "Instagen"}, "domain Instagen has other characters"),
        ({"codeowners": ["somebody"]}, "a code owner without @"),
        ({"codeowners": [], "quality_scale": "gold"}, "need a code owner"),
        ({"iot_class": "psychic"}, "iot_class is psychic"),
        ({"integration_type": "toy"}, "integration_type is toy"),
        ({"quality_scale": "tin"}, "quality_scale is tin"),
        ({"dependencies": ["modbuzz"]}, "dependencies: there is no modbuzz"),
        ({"requirements": ["a == 1"]}, "requirement a == 1 has a space"),
        ({"requirements": ["=="]}, "requirement == cannot be read"),
        ({"dhcp": [{"macaddress": "aabbcc*"}]}, "upper case"),
        ({"dhcp": [{"hostname": "DTS-*"}]}, "lower case"),
        ({"dhcp": [{"host": "x"}]}, "dhcp: unknown key host"),
        ({"version": "newest"}, "version 'newest' cannot be read"),
        ({"documentation": "http://example.com"}, "documentation is no https"),
        ({"issue_tracker": "nowhere"}, "issue_tracker is no https"),
        (
            {"documentation": "https://www.home-assistant.io/integrations/instagen"},
            "documentation is core's",
        ),
    ],
)
def test_a_mistake_is_found(change: dict[str, Any], problem: str) -> None:
    assert problem in "\n".join(custom_problems({**GOOD, **change}, "instagen"))


@pytest.mark.skipif(
    not (CORE_COMPONENTS.parent / "generated/integration_categories.json").exists(),
    reason="this release of Home Assistant has no list of categories",
)
@pytest.mark.parametrize("key", ["categories", "connectivity"])
def test_an_unknown_slug_is_found(key: str) -> None:
    assert f"{key}: magic does not exist" in custom_problems(
        {**GOOD, key: ["magic"]}, "instagen"
    )


@pytest.mark.parametrize("key", ["version", "issue_tracker", "iot_class", "name"])
def test_a_missing_key_is_found(key: str) -> None:
    assert f"no {key}" in custom_problems(
        {name: value for name, value in GOOD.items() if name != key}, "instagen"
    )


def test_disorder_is_found() -> None:
    assert "keys are not in order" in "\n".join(
        custom_problems(dict(reversed(GOOD.items())), "instagen")
    )
