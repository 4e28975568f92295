"""Rules for manifest.json."""

from collections.abc import Iterator, Mapping
import re
from typing import Any
from urllib.parse import urlparse

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from packaging.requirements import InvalidRequirement, Requirement

from . import CORE, core_domains, load_json

type Manifest = Mapping[str, Any]

KEYS = frozenset(
    {
        "after_dependencies",
        "bluetooth",
        "categories",
        "codeowners",
        "config_flow",
        "connectivity",
        "dependencies",
        "dhcp",
        "disabled",
        "documentation",
        "domain",
        "homekit",
        "import_executor",
        "integration_type",
        "iot_class",
        "iot_standards",
        "issue_tracker",
        "loggers",
        "lorawan",
        "mqtt",
        "name",
        "preview_features",
        "quality_scale",
        "requirements",
        "single_config_entry",
        "ssdp",
        "supported_by",
        "usb",
        "version",
        "zeroconf",
    }
)
REQUIRED = frozenset({"domain", "name"})
REQUIRED_OF_CUSTOM = REQUIRED | {
    "codeowners",
    "documentation",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "version",
}
INTEGRATION_TYPES = frozenset(
    {
        "device",
        "entity",
        "hardware",
        "helper",
        "hub",
        "service",
        "system",
        "virtual",
    }
)
IOT_CLASSES = frozenset(
    {
        "assumed_state",
        "calculated",
        "cloud_polling",
        "cloud_push",
        "local_polling",
        "local_push",
    }
)
TIERS = ("bronze", "silver", "gold", "platinum")
OTHER_SCALES = frozenset({"custom", "internal", "legacy", "no_score", "saved"})
VERSION_STRATEGIES = [
    AwesomeVersionStrategy.CALVER,
    AwesomeVersionStrategy.SEMVER,
    AwesomeVersionStrategy.SIMPLEVER,
    AwesomeVersionStrategy.BUILDVER,
    AwesomeVersionStrategy.PEP440,
]


def problems(manifest: Manifest, folder: str) -> list[str]:
    """Check what holds for every integration."""
    return [
        *(f"unknown key {key}" for key in manifest.keys() - KEYS),
        *(f"no {key}" for key in REQUIRED - manifest.keys()),
        *_identity(manifest, folder),
        *_choices(manifest),
        *_needs(manifest),
        *_matchers(manifest),
    ]


def custom_problems(manifest: Manifest, folder: str) -> list[str]:
    """Check what holds for a custom integration, HACS's wishes included."""
    return [
        *problems(manifest, folder),
        *(f"no {key}" for key in REQUIRED_OF_CUSTOM - manifest.keys()),
        *_version(manifest.get("version", "")),
        *_addresses(manifest),
    ]


def _identity(manifest: Manifest, folder: str) -> Iterator[str]:
    domain = manifest.get("domain", "")
    if domain != folder:
        yield f"domain {domain} in a folder {folder}"
    if not re.fullmatch(r"[a-z0-9_]+", domain):
        yield f"domain {domain} has other characters than a-z, 0-9 and _"
    rest = [key for key in manifest if key not in {"domain", "name"}]
    if list(manifest)[:2] != ["domain", "name"] or rest != sorted(rest):
        yield "keys are not in order: domain, name, the others by the alphabet"
    owners = manifest.get("codeowners", [])
    if any(not re.fullmatch(r"@[\w/-]+", owner) for owner in owners):
        yield "a code owner without @"
    if manifest.get("quality_scale") in TIERS[1:] and not owners:
        yield "silver and above need a code owner"


def _choices(manifest: Manifest) -> Iterator[str]:
    allowed = {
        "integration_type": INTEGRATION_TYPES,
        "iot_class": IOT_CLASSES,
        "quality_scale": {*TIERS, *OTHER_SCALES},
    }
    for key, choices in allowed.items():
        if key in manifest and manifest[key] not in choices:
            yield f"{key} is {manifest[key]}"
    for key, file in (
        ("categories", "integration_categories.json"),
        ("connectivity", "integration_connectivity.json"),
    ):
        # The older supported release has neither these keys nor the lists.
        if key in manifest and (path := CORE / "generated" / file).exists():
            unknown = set(manifest[key]) - set(_slugs(load_json(path)))
            yield from (f"{key}: {slug} does not exist" for slug in unknown)


def _slugs(rows: list[dict[str, Any]], prefix: str = "") -> Iterator[str]:
    for row in rows:
        slug = f"{prefix}{row['slug']}"
        yield slug
        yield from _slugs(row.get("subcategories", []), f"{slug}.")


def _needs(manifest: Manifest) -> Iterator[str]:
    for key in ("dependencies", "after_dependencies"):
        unknown = set(manifest.get(key, [])) - core_domains()
        yield from (f"{key}: there is no {domain}" for domain in unknown)
    for requirement in manifest.get("requirements", []):
        try:
            Requirement(requirement)
        except InvalidRequirement:
            yield f"requirement {requirement} cannot be read"
        if " " in requirement:
            yield f"requirement {requirement} has a space"


def _matchers(manifest: Manifest) -> Iterator[str]:
    for matcher in manifest.get("dhcp", []):
        if matcher.get("macaddress", "").upper() != matcher.get("macaddress", ""):
            yield "dhcp: a MAC address is matched in upper case"
        if matcher.get("hostname", "").lower() != matcher.get("hostname", ""):
            yield "dhcp: a host name is matched in lower case"
        unknown = matcher.keys() - {"hostname", "macaddress", "registered_devices"}
        yield from (f"dhcp: unknown key {key}" for key in unknown)


def _version(version: str) -> Iterator[str]:
    if AwesomeVersion(version).strategy not in VERSION_STRATEGIES:
        yield f"version {version!r} cannot be read"


def _addresses(manifest: Manifest) -> Iterator[str]:
    for key in ("documentation", "issue_tracker"):
        address = urlparse(manifest.get(key, ""))
        if address.scheme != "https" or not address.netloc:
            yield f"{key} is no https address"
        if address.netloc == "www.home-assistant.io":
            yield f"{key} is core's, not ours"
