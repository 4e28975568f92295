"""Add up what several pytest runs counted and print it as pytest itself would.

Usage: summarise_tests.py SECONDS REPORT.xml...
"""

from collections import Counter
from pathlib import Path
import sys
from xml.etree import ElementTree as ET


def count(report: Path) -> Counter[str]:
    """Count the outcomes in one JUnit report."""
    outcomes: Counter[str] = Counter()
    for suite in ET.parse(report).getroot().iter("testsuite"):
        numbers = {
            name: int(suite.get(name, "0"))
            for name in ("tests", "failures", "errors", "skipped")
        }
        outcomes["failed"] += numbers["failures"]
        outcomes["errors"] += numbers["errors"]
        outcomes["skipped"] += numbers["skipped"]
        outcomes["passed"] += 2 * numbers["tests"] - sum(numbers.values())
    return outcomes


def main(seconds: str, *reports: str) -> int:
    """Print one line a run and one for all of them."""
    total: Counter[str] = Counter()
    for report in map(Path, reports):
        outcomes = count(report)
        total += outcomes
        print(f"{report.stem}: {_sentence(outcomes)}")
    print(f"===== {_sentence(total)} in {seconds}s =====")
    return 0


def _sentence(outcomes: Counter[str]) -> str:
    parts = [
        f"{outcomes[name]} {name}"
        for name in ("failed", "passed", "skipped", "errors")
        if outcomes[name] or name == "passed"
    ]
    return ", ".join(parts)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
