"""Rules of the house: who may import whom, and how big a thing may be."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from homeassistant.const import Platform

PACKAGE = "custom_components.instagen"
INTEGRATION = "custom_components/instagen"

PURE = frozenset(
    {"account", "cloud_messages", "dts_messages", "links", "plant", "simulated"}
)
"""Rooms that do not know Home Assistant."""

IMPURE_CONTROL = frozenset[str]()
"""The parts of control, as ``control/name.py``, that need Home Assistant."""

ROOMS_SEEN_FROM: Mapping[str, frozenset[str]] = {
    "plant": frozenset(),
    "dts_messages": frozenset(),
    "cloud_messages": frozenset(),
    "links": frozenset({"plant", "dts_messages", "cloud_messages"}),
    "control": frozenset({"plant", "links", "dts_messages"}),
    "account": frozenset({"plant", "links"}),
    "simulated": frozenset({"plant", "dts_messages"}),
}
"""Of our own, a room imports itself and these."""

FORBIDDEN_NAMES = frozenset({"common", "misc", "util", "utils"})
DOOR_LINES = 10
FILE_LINES = 600
FUNCTION_LINES = 80

type Function = ast.FunctionDef | ast.AsyncFunctionDef


def problems(root: Path) -> list[str]:
    """Check all Python of a repository."""
    found: list[str] = []
    for folder in ("custom_components", "simulator", "scripts", "benchmarks", "tests"):
        for path in sorted((root / folder).rglob("*.py")):
            if path.stem.endswith("_pb2") or "__pycache__" in path.parts:
                continue
            place = path.relative_to(root)
            text = path.read_text(encoding="utf-8")
            tree = ast.parse(text)
            found += [
                f"{place}: {wrong}"
                for wrong in (
                    *_import_problems(place, tree),
                    *_sizes(place, text, tree),
                )
            ]
    return found


# ---- who imports whom ----


def _imports(place: Path, tree: ast.Module) -> Iterator[str]:
    """Name everything a module imports in full."""
    package = place.parts[:-1]
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                parents = package[: len(package) - level + 1] if level else ()
                start = ".".join([*parents, *([module] if module else [])])
                # A name may be a module or something in it; either way it is enough.
                yield from (f"{start}.{alias.name}" for alias in names)


def _import_problems(place: Path, tree: ast.Module) -> Iterator[str]:
    names = list(_imports(place, tree))
    if place.is_relative_to(INTEGRATION):
        yield from _integration_imports(place.relative_to(INTEGRATION), names)
    if place.parts[0] == "simulator":
        for name in names:
            if name.startswith(f"{PACKAGE}.links"):
                yield f"imports {name}; one mistake would cancel the other"
    if place.parts[0] == "custom_components":
        for name in names:
            if name.split(".")[0] in {"benchmarks", "scripts", "simulator", "tests"}:
                yield f"imports {name}, which is not shipped"


def _integration_imports(place: Path, names: list[str]) -> Iterator[str]:
    room = place.parts[0] if len(place.parts) > 1 else ""
    pure = room in PURE or (
        room == "control" and place.as_posix() not in IMPURE_CONTROL
    )
    for name in names:
        if pure and name.split(".")[0] == "homeassistant":
            yield f"imports {name}; {room} does not know Home Assistant"
        if not name.startswith(f"{PACKAGE}."):
            continue
        inner = name.removeprefix(f"{PACKAGE}.").split(".")[0]
        if room in ROOMS_SEEN_FROM and inner not in {room, *ROOMS_SEEN_FROM[room]}:
            yield f"imports {inner}; {room} must not"
        if inner == "platforms" and room != "platforms" and not _is_door(place):
            yield "imports platforms; only their doors may"


def _is_door(place: Path) -> bool:
    return len(place.parts) == 1 and place.stem in set(Platform)


# ---- names and sizes ----


def _sizes(place: Path, text: str, tree: ast.Module) -> Iterator[str]:
    lines = len(text.splitlines())
    if place.stem in FORBIDDEN_NAMES:
        yield "a name that says nothing"
    ours = place.is_relative_to(INTEGRATION)
    if ours and _is_door(place.relative_to(INTEGRATION)) and lines > DOOR_LINES:
        yield f"a door of {lines} lines; the code belongs into platforms"
    if lines > FILE_LINES and not _is_table(tree):
        yield f"{lines} lines"
    for node in ast.walk(tree):
        if isinstance(node, Function.__value__):
            assert node.end_lineno is not None
            if (length := node.end_lineno - node.lineno + 1) > FUNCTION_LINES:
                yield f"{node.name} has {length} lines"


def _is_table(tree: ast.Module) -> bool:
    """Tell whether a module holds data and next to no code."""
    code = sum(
        node.end_lineno - node.lineno + 1
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and node.end_lineno is not None
    )
    whole = max((node.end_lineno or 0 for node in tree.body), default=0)
    return code < whole / 4
