"""Every blueprint has its cell for every case, and every cell a test that there is."""

import importlib
import inspect
from typing import Any

import pytest

from .matrix import MATRIX, Case, Cell, Why
from .world import BLUEPRINTS

NAMES = {path.stem for path in BLUEPRINTS.glob("*/*/*.yaml")}


def named(cell: Cell) -> tuple[str, ...]:
    """Return the tests of a cell."""
    if isinstance(cell, Why):
        return ()
    return cell if isinstance(cell, tuple) else (cell,)


def cases_of(test: Any) -> set[str]:
    """Return by what names a test is gone over: blueprints, or their cases."""
    asked = list(inspect.signature(test).parameters)
    marks = [one.args[1] for one in getattr(test, "pytestmark", []) if one.args]
    fixtures = vars(inspect.getmodule(test)).get("case") if "case" in asked else None
    if fixtures is not None:
        marks.append(fixtures._fixture_function_marker.params)
    return {getattr(one, "name", one) for mark in marks for one in mark}


def test_no_blueprint_is_without_a_row() -> None:
    assert MATRIX.keys() == NAMES


@pytest.mark.parametrize("name", MATRIX)
def test_every_cell_is_filled(name: str) -> None:
    assert MATRIX[name].keys() == set(Case)


@pytest.mark.parametrize("name", MATRIX)
def test_every_test_is_there_and_goes_over_it(name: str) -> None:
    for case, cell in MATRIX[name].items():
        for told in named(cell):
            place, _, test = told.partition(":")
            test, _, over = test.partition("@")
            folder = "" if "/" in place else "blueprints."
            module = importlib.import_module(f"tests.{folder}{place.replace('/', '.')}")
            function = getattr(module, test, None)
            assert function is not None, f"{case}: {told}"
            if over:
                assert over == name
                assert over in cases_of(function), f"{case}: {told}"


def test_a_reason_is_used() -> None:
    used = {cell for row in MATRIX.values() for cell in row.values()}
    assert used >= set(Why)
