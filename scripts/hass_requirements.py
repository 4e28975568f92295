"""Print what a real Home Assistant process needs besides its own package.

Home Assistant installs the requirements of an integration when it loads it. Our
environments hold them from the start instead, so that nothing is installed at run time.
Run by scripts/lock with the Python of an environment that holds the release in question.
"""

from collections.abc import Iterator
import json
from pathlib import Path
import re
import sys

from homeassistant import bootstrap, const

DEMO_INTEGRATIONS = frozenset(
    {"config", "energy", "history", "logbook", "modbus", "my", "recorder", "sun"}
)
"""What the demo's configuration and our manifest name."""

LEFT_OUT = frozenset({"isal", "pymicro-vad", "pyspeex-noise", "sentry-sdk"})
"""Optional, or without a wheel for this Python; scripts/standins stands in for two."""

IMPORTED_INTEGRATIONS = frozenset({"hassio"})
"""Not set up without a Supervisor, yet onboarding and backup import their modules."""

OUR_MANIFEST = Path(__file__).parents[1] / "custom_components/instagen/manifest.json"
CONSTRAINTS = Path(const.__file__).parent / "package_constraints.txt"


def _manifest(path: Path) -> dict[str, list[str]]:
    manifest: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def _own_requirements() -> Iterator[str]:
    """Pin what our manifest asks for as Home Assistant would when it installs it."""
    pins = {
        line.partition("==")[0].lower(): line
        for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    }
    for line in _manifest(OUR_MANIFEST).get("requirements", []):
        name = re.split(r"[^\w.-]", line, maxsplit=1)[0].lower()
        yield pins.get(name, line)


def requirements() -> set[str]:
    """Walk the manifests that a start of the demo loads and collect what they ask for."""
    components = Path(const.__file__).parent / "components"
    waiting = {
        *bootstrap.CORE_INTEGRATIONS,
        *bootstrap.DEFAULT_INTEGRATIONS,
        *bootstrap.LOGGING_AND_HTTP_DEPS_INTEGRATIONS,
        *DEMO_INTEGRATIONS,
        *_manifest(OUR_MANIFEST).get("dependencies", []),
    }
    seen: set[str] = set()
    found = set(_own_requirements())
    for domain in IMPORTED_INTEGRATIONS:
        found.update(_manifest(components / domain / "manifest.json")["requirements"])
    while waiting:
        domain = waiting.pop()
        seen.add(domain)
        manifest = _manifest(components / domain / "manifest.json")
        found.update(manifest.get("requirements", []))
        waiting.update(set(manifest.get("dependencies", [])) - seen)
    return {line for line in found if line.partition("==")[0] not in LEFT_OUT}


def main() -> int:
    """Print one requirement a line."""
    print(*sorted(requirements(), key=str.lower), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
