"""No rule of the account's model is left without a test (cloud_rules.md)."""

import ast
from functools import cache
from itertools import groupby
from pathlib import Path
import re
from typing import Final

import pytest

from . import ROOT

LINES: Final = {
    1: 8,
    2: 5,
    3: 9,
    4: 20,
    5: 5,
    6: 19,
    7: 10,
    8: 7,
    9: 4,
    10: 22,
    11: 14,
    12: 9,
    13: 24,
    14: 25,
    15: 4,
    16: 7,
}
"""How many lines each section of facts/cloud-model.md has."""

_ROW: Final = re.compile(r"\| (\d+)\.(\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|")
_REASON: Final = "nothing to prove: "
_PUBLIC: Final = re.compile(r", [ABC][-+/ABC]*$")
"""How a function ends that has evidence."""


def rows() -> list[tuple[int, int, str, str]]:
    """Return section, line, rule and what proves it."""
    told = (Path(__file__).parent / "cloud_rules.md").read_text()
    lines = [line for line in told.splitlines() if re.match(r"\| \d", line)]
    found = []
    for line in lines:
        row = _ROW.fullmatch(line)
        assert row is not None, line
        section, number, _, rule, proof = row.groups()
        found.append((int(section), int(number), rule, proof))
    return found


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / path).read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(one.name for one in tree.body if isinstance(one, kinds))


def test_no_line_is_left_out() -> None:
    found = {
        section: [number for _, number, *_ in some]
        for section, some in groupby(rows(), key=lambda row: row[0])
    }
    assert found == {
        section: list(range(1, count + 1)) for section, count in LINES.items()
    }


@pytest.mark.parametrize(
    ("rule", "proof"),
    [row[2:] for row in rows()],
    ids=[f"{row[0]}.{row[1]}" for row in rows()],
)
def test_it_is_proven(rule: str, proof: str) -> None:
    if proof.startswith(_REASON):
        assert not _PUBLIC.search(rule), "what is public is proven"
        return
    for name in proof.split(", "):
        path, _, test = name.partition("::")
        assert test in names_in(path), name
