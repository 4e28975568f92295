"""quality_scale.yaml is complete, and what it calls done can be seen.

Home Assistant's tooling skips this file for custom integrations, so nobody else looks.
"""

import ast
from collections.abc import Callable, Mapping
from pathlib import Path
import re
from typing import Any

from homeassistant.const import Platform
from homeassistant.util.yaml import load_yaml_dict
import pytest

from . import CORE_COMPONENTS, INTEGRATION, ROOT, load_json
from .manifest_rules import TIERS

type Rules = Mapping[str, Any]

TIER_SIZES = {"bronze": 20, "silver": 10, "gold": 21, "platinum": 3}
STATUSES = frozenset({"done", "exempt", "todo"})


def load(path: Path) -> dict[str, Any]:
    rules: dict[str, Any] = load_yaml_dict(str(path))["rules"]
    return rules


def core_rules() -> list[str]:
    """List all rules in the order of the tiers, as a complete file of core has them."""
    return list(load(CORE_COMPONENTS / "solaredge_modbus" / "quality_scale.yaml"))


def tier_rules(tier: str) -> list[str]:
    """List the rules of a tier; within the file the tiers follow each other."""
    before = sum(TIER_SIZES[name] for name in TIERS[: TIERS.index(tier)])
    return core_rules()[before : before + TIER_SIZES[tier]]


def status_of(rule: Any) -> str:
    return rule if isinstance(rule, str) else str(rule.get("status"))


def problems(rules: Rules, known: list[str]) -> list[str]:
    """Check the form of the file."""
    found = [f"{name}: missing" for name in known if name not in rules]
    found += [f"{name}: unknown" for name in rules if name not in known]
    for name, rule in rules.items():
        if status_of(rule) not in STATUSES:
            found.append(f"{name}: {status_of(rule)} is no status")
        if status_of(rule) == "exempt" and not _comment(rule):
            found.append(f"{name}: exempt without a comment")
    return found


def _comment(rule: Any) -> str:
    return "" if isinstance(rule, str) else str(rule.get("comment") or "").strip()


def claim_problems(rules: Rules, tier: str) -> list[str]:
    """Check that nothing up to a claimed tier is left to do."""
    return [
        f"{name}: todo, and {tier} is claimed"
        for below in TIERS[: TIERS.index(tier) + 1]
        for name in tier_rules(below)
        if status_of(rules[name]) == "todo"
    ]


# ---- what can be seen of a rule that is done ----


def exists(*names: str) -> Callable[[], bool]:
    return lambda: all((INTEGRATION / name).exists() for name in names)


def written(pattern: str, *names: str) -> Callable[[], bool]:
    """Tell whether something stands in each of the modules, or in one of all."""

    def look() -> bool:
        paths = [INTEGRATION / name for name in names] or [*INTEGRATION.rglob("*.py")]
        found = [bool(re.search(pattern, path.read_text())) for path in paths]
        return all(found) if names else any(found)

    return look


def told(heading: str) -> Callable[[], bool]:
    """Tell whether the README has a section about it."""
    return lambda: bool(
        re.search(rf"(?im)^#+ .*({heading})", (ROOT / "README.md").read_text())
    )


def platform_doors() -> list[Path]:
    return [path for name in Platform if (path := INTEGRATION / f"{name}.py").exists()]


def parallel_updates_everywhere() -> bool:
    return all("PARALLEL_UPDATES" in path.read_text() for path in platform_doors())


def fields_are_described() -> bool:
    steps = load_json(INTEGRATION / "translations/en.json")["config"]["step"].values()
    return all(
        step.get("data", {}).keys() == step.get("data_description", {}).keys()
        for step in steps
    )


def every_icon_that_is_needed() -> bool:
    icons = load_json(INTEGRATION / "icons.json")
    texts = load_json(INTEGRATION / "translations/en.json")
    return texts.get("services", {}).keys() == icons.get("services", {}).keys()


def errors_are_translated() -> bool:
    """Tell whether every error shown to a user has a translation key."""
    return not [
        path
        for path in INTEGRATION.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Raise) and _is_untranslated(node.exc)
    ]


SHOWN_ERRORS = frozenset(
    {
        "ConfigEntryAuthFailed",
        "ConfigEntryError",
        "ConfigEntryNotReady",
        "HomeAssistantError",
        "ServiceValidationError",
        "UpdateFailed",
    }
)


def _is_untranslated(raised: ast.expr | None) -> bool:
    match raised:
        case ast.Call(func=ast.Name(id=name), keywords=keywords):
            arguments = {keyword.arg for keyword in keywords}
            return name in SHOWN_ERRORS and "translation_key" not in arguments
    return False


EVIDENCE: Mapping[str, Callable[[], bool]] = {
    "action-setup": written(r"async def async_setup\(", "__init__.py"),
    "brands": exists("brand/icon.png", "brand/logo.png"),
    "common-modules": exists("coordinator.py", "entity.py"),
    "config-flow": lambda: exists("config_flow.py")() and fields_are_described(),
    "config-flow-test-coverage": lambda: any(
        ROOT.glob("tests/**/test_config_flow*.py")
    ),
    # Open source, on the package index, built in public: what else comes is looked at.
    "dependency-transparency": lambda: all(
        requirement.startswith("protobuf>")
        for requirement in load_json(INTEGRATION / "manifest.json")["requirements"]
    ),
    "diagnostics": written(r"async_redact_data", "diagnostics.py"),
    "discovery": lambda: bool(load_json(INTEGRATION / "manifest.json").get("dhcp")),
    "docs-actions": told("action"),
    "docs-conditions": told("condition"),
    "docs-data-update": told("update"),
    "docs-examples": told("example"),
    "docs-high-level-description": (ROOT / "README.md").exists,
    "docs-installation-instructions": told("install"),
    "docs-installation-parameters": told("parameter|set-up|setting|add"),
    "docs-known-limitations": told("limit"),
    "docs-removal-instructions": told("remov"),
    "docs-supported-devices": told("support"),
    "docs-supported-functions": told("function|entit|what you get"),
    "docs-triggers": told("trigger"),
    "docs-troubleshooting": told("trouble|problem|wrong"),
    "docs-use-cases": told("use|for"),
    "entity-disabled-by-default": written(r"entity_registry_enabled_default"),
    "entity-translations": written(r"translation_key"),
    "entity-unique-id": written(r"_attr_unique_id", "entity.py"),
    "exception-translations": errors_are_translated,
    "has-entity-name": written(r"_attr_has_entity_name = True", "entity.py"),
    "icon-translations": every_icon_that_is_needed,
    "integration-owner": lambda: bool(
        load_json(INTEGRATION / "manifest.json")["codeowners"]
    ),
    "parallel-updates": parallel_updates_everywhere,
    "reconfiguration-flow": written(r"async_step_reconfigure", "config_flow.py"),
    "repair-issues": written(r"async_create_issue"),
    "runtime-data": written(r"type \w+ConfigEntry = ConfigEntry\["),
    "stale-devices": written(
        r"async_remove_config_entry_device|async_remove_device", "__init__.py"
    ),
    "strict-typing": exists("py.typed"),
    "test-before-setup": written(r"ConfigEntryNotReady|first_refresh"),
    "unique-config-entry": written(
        r"_abort_if_unique_id_configured|_async_abort_entries_match", "config_flow.py"
    ),
}


@pytest.fixture(scope="module")
def rules() -> dict[str, Any]:
    return load(INTEGRATION / "quality_scale.yaml")


def test_the_list_is_the_one_we_know() -> None:
    assert len(core_rules()) == sum(TIER_SIZES.values()) == 54
    assert tier_rules("bronze")[0] == "action-setup"
    assert tier_rules("silver")[0] == "action-exceptions"
    assert "devices" in tier_rules("gold")
    assert set(tier_rules("platinum")) == {
        "async-dependency",
        "inject-websession",
        "strict-typing",
    }


def test_our_file(rules: dict[str, Any]) -> None:
    assert problems(rules, core_rules()) == []


def test_the_rules_hold_for_core() -> None:
    known = core_rules()
    files = list(CORE_COMPONENTS.glob("*/quality_scale.yaml"))
    assert len(files) > 300
    found = {path.parent.name: problems(load(path), known) for path in files}
    assert {domain: wrong for domain, wrong in found.items() if wrong} == {}


def test_the_claimed_tier_is_reached(rules: dict[str, Any]) -> None:
    tier = load_json(INTEGRATION / "manifest.json").get("quality_scale")
    if tier is not None:
        assert claim_problems(rules, tier) == []


@pytest.mark.parametrize("name", EVIDENCE)
def test_what_is_done_can_be_seen(rules: dict[str, Any], name: str) -> None:
    if status_of(rules[name]) == "done":
        assert EVIDENCE[name]()


@pytest.mark.parametrize(
    ("name", "rule", "problem"),
    [
        ("brands", None, "brands: missing"),
        ("brands", "nearly", "brands: nearly is no status"),
        ("brands", "exempt", "brands: exempt without a comment"),
        ("brands", {"status": "exempt"}, "brands: exempt without a comment"),
        ("branding", "done", "branding: unknown"),
    ],
)
def test_a_mistake_is_found(name: str, rule: Any, problem: str) -> None:
    good = dict.fromkeys(core_rules(), "done")
    assert problems(good, core_rules()) == []
    bad = {**good, name: rule}
    if rule is None:
        del bad[name]
    assert problem in problems(bad, core_rules())


def test_an_empty_claim_is_found() -> None:
    rules = {**dict.fromkeys(core_rules(), "done"), "brands": {"status": "todo"}}
    assert claim_problems(rules, "bronze") == ["brands: todo, and bronze is claimed"]
    rules = {**dict.fromkeys(core_rules(), "done"), "devices": "todo"}
    assert claim_problems(rules, "silver") == []
    assert claim_problems(rules, "gold") == ["devices: todo, and gold is claimed"]


def test_an_untranslated_error_is_found() -> None:
    def raised(code: str) -> ast.expr | None:
        statement = ast.parse(code).body[0]
        assert isinstance(statement, ast.Raise)
        return statement.exc

    assert _is_untranslated(raised("raise UpdateFailed('no answer')"))
    assert not _is_untranslated(raised("raise UpdateFailed(translation_key='lost')"))
    assert not _is_untranslated(raised("raise ValueError('no number')"))
