"""The inverter's configuration as a flat list, and how it is written back (4.10)."""

from collections.abc import Mapping, Sequence
import json
from typing import TYPE_CHECKING, Any, Final

from .errors import JobFailed

if TYPE_CHECKING:
    from .world import World

ADVANCED, SAFETY = 138, 136
ESS_GROUPS: Final = {ADVANCED: "ESS Advanced Config", SAFETY: "ESS Safety Config"}
_SIZES: Final = {ADVANCED: 41, SAFETY: 64}
"""Items of each group, as recorded from one inverter."""

_OTHERS: Final = 145
GRID_CODE: Final = 15_700
"""Which rules the grid has; made up. Empty until somebody chose (manual 4.2.4)."""

DISCHARGE_POWER: Final = 15_828
"""Maximum discharging power, 20 to 100 % (recorded)."""

_START: Final = {ADVANCED: 15_800, SAFETY: GRID_CODE, 0: 14_000}
_NAMES: Final = {
    GRID_CODE: "Grid code",
    GRID_CODE + 1: "Rated voltage (V)",
    GRID_CODE + 2: "Overvoltage level 1 (V)",
    GRID_CODE + 3: "Overvoltage level 1 time (s)",
    GRID_CODE + 4: "Undervoltage level 1 (V)",
    DISCHARGE_POWER: "Maximum discharging power (%)",
    DISCHARGE_POWER - 1: "Maximum charging power (%)",
}
_FIRST: Final = {
    GRID_CODE: "",
    GRID_CODE + 1: "230.0",
    GRID_CODE + 2: "264.5",
    GRID_CODE + 3: "0.10",
    GRID_CODE + 4: "195.5",
    DISCHARGE_POWER: "100",
    DISCHARGE_POWER - 1: "100",
}


def group_of(number: int) -> int:
    """Return the group of an item, 0 for those that are only shown."""
    for group, size in _SIZES.items():
        if _START[group] <= number < _START[group] + size:
            return group
    return 0


def _item(number: int, contents: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": number,
        "type": 2 if number == GRID_CODE else 1,
        "name": _NAMES.get(number, f"Parameter {number}"),
        "content": contents.get(str(number), _FIRST.get(number, "0")),
        "change": 0,
        "stc_id": number - 10_000,
    }


def _contents(world: World, sid: int) -> dict[str, str]:
    row = world.one("SELECT value FROM settings WHERE sid = ? AND name = 'config'", sid)
    return dict(json.loads(row["value"])) if row else {}


def items(world: World, sid: int) -> list[dict[str, Any]]:
    """Return every item of a plant's inverter."""
    contents = _contents(world, sid)
    numbers = [
        number
        for group, size in {**_SIZES, 0: _OTHERS}.items()
        for number in range(_START[group], _START[group] + size)
    ]
    return [_item(number, contents) for number in numbers]


def changed(world: World, sid: int, groups: Sequence[Mapping[str, Any]]) -> None:
    """Write the contents of groups.

    Raises:
        JobFailed: when an item is not the group's, a value does not fit, or safety is
            touched before a grid code was chosen.
    """
    contents = _contents(world, sid)
    known = {item["id"]: item for item in items(world, sid)}
    for group in groups:
        for item in group["list"]:
            number, content = item.get("id"), str(item.get("content"))
            if number not in known or group_of(number) != group["id"]:
                raise JobFailed("01001")
            if number == DISCHARGE_POWER and not 20 <= float(content) <= 100:
                raise JobFailed("01004")
            if content != known[number]["content"]:
                contents[str(number)] = content
    touched = [n for n in contents if group_of(int(n)) == SAFETY]
    if touched and not contents.get(str(GRID_CODE)):
        raise JobFailed("01004")
    world.run(
        "INSERT OR REPLACE INTO settings VALUES (?, 'config', ?)",
        sid,
        json.dumps(contents),
    )
