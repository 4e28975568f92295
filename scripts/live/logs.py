"""What Home Assistant's log says about the integration."""

from collections.abc import Iterator
import re

from . import DOMAIN

_START = re.compile(r"^\d{4}-\d\d-\d\d \S+ (?P<level>[A-Z]+) \(")
_OURS = re.compile(rf"custom_components[./]{DOMAIN}|custom integration '{DOMAIN}'")
_NOT_TESTED = "has not been tested by Home Assistant"
"""Said of every custom integration."""


def _records(log: str) -> Iterator[tuple[str, str]]:
    """Split a log into records, each with its level and the traceback that follows it."""
    level, lines = "", list[str]()
    for line in log.splitlines():
        if start := _START.match(line):
            if lines:
                yield level, "\n".join(lines)
            level, lines = start["level"], []
        lines.append(line)
    if lines:
        yield level, "\n".join(lines)


def complaints(log: str) -> list[str]:
    """Return the warnings, errors and tracebacks that concern the integration."""
    return [
        record
        for level, record in _records(log)
        if _OURS.search(record)
        and _NOT_TESTED not in record
        and (level in {"WARNING", "ERROR", "CRITICAL"} or "Traceback" in record)
    ]
