"""A dashboard of built-in cards for whatever entities the plant turns out to have."""

from collections.abc import Iterable, Mapping
import re
from typing import Any

from . import DOMAIN
from .automations import Show
from .client import Client, Socket
from .entities import Entity, list_entities
from .house import BRIGHT_SUN, CHEAP_RATE, EARTH_FAULT, HEATER

URL_PATH = f"{DOMAIN}-plant"
TITLE = "Plant"

type Card = dict[str, Any]
type EntityIds = Mapping[str, str]
"""Entity ids by key."""

POWER_FLOW = ("pv_power", "load_power", "battery_power", "grid_power")
POWER_DETAIL = ("inverter_power", "backup_power", "ac_pv_power", "generator_power")
BATTERY = (
    "battery_state",
    "battery_charge_power",
    "battery_discharge_power",
    "battery_voltage",
    "battery_current",
    "battery_temperature",
    "battery_soh",
    "battery_capacity",
)
TODAY = (
    "pv_energy_today",
    "load_energy_today",
    "grid_import_energy_today",
    "grid_export_energy_today",
    "battery_charge_energy_today",
    "battery_discharge_energy_today",
    "backup_energy_today",
    "ac_pv_energy_today",
    "generator_energy_today",
)
CONDITION = (
    "work_status",
    "off_grid",
    "problem",
    "earth_fault",
    "meter_connected",
    "generator_running",
    "inverter_temperature",
    "dtu_connected",
    "active_link",
    "last_update",
    "alarm",
)
GRID = re.compile(r"grid_(voltage|current)_l\d|grid_frequency")
STRINGS = re.compile(r"pv\d_(power|voltage|current)")
SPELLINGS = {
    "ac": "AC",
    "dtu": "DTU",
    **{f"l{number}": f"L{number}" for number in range(1, 4)},
    "pv": "PV",
    **{f"pv{number}": f"PV {number}" for number in range(1, 5)},
    "soc": "state of charge",
    "soh": "state of health",
}
HISTORY_HOURS = 1
WHOLE_ROW = 4
"""Columns of sections on a wide screen; a narrow one has fewer."""

WHOLE_WIDTH = {"columns": "full"}


async def build(client: Client, entry_id: str, shows: Iterable[Show]) -> None:
    """Save the dashboard in the sidebar, over the one of an earlier run."""
    async with client.socket() as socket:
        entities = await list_entities(socket, entry_id)
        existing = await socket.call("lovelace/dashboards/list")
        if not any(dashboard["url_path"] == URL_PATH for dashboard in existing):
            await _create(socket)
        await socket.call(
            "lovelace/config/save",
            url_path=URL_PATH,
            config=layout(entities.values(), shows),
        )


async def _create(socket: Socket) -> None:
    await socket.call(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title=TITLE,
        icon="mdi:solar-power-variant",
        mode="storage",
        require_admin=False,
        show_in_sidebar=True,
    )


def layout(entities: Iterable[Entity], shows: Iterable[Show]) -> Card:
    """Lay out the cards; a key without an enabled entity leaves no gap."""
    ids = {entity.key: entity.entity_id for entity in entities if not entity.disabled}
    sections = [
        _section("Now", _tiles(ids, (*POWER_FLOW, *POWER_DETAIL))),
        _section("Power", _history(ids, POWER_FLOW)),
        _section("Energy today", [{"type": "energy-distribution"}]),
        _section("Automations at work", _at_work(ids, shows), WHOLE_ROW),
        _section(
            "Battery", [*_gauge(ids, "battery_soc"), *_tiles(ids, BATTERY, "^battery_")]
        ),
        _section("Today", _tiles(ids, TODAY, "_energy_today$")),
        _section("PV strings", _rows(ids, sorted(filter(STRINGS.fullmatch, ids)))),
        _section("Grid", _rows(ids, sorted(filter(GRID.fullmatch, ids)))),
        _section("Condition", _rows(ids, CONDITION)),
    ]
    view = {
        "title": TITLE,
        "path": "plant",
        "type": "sections",
        "max_columns": WHOLE_ROW,
        "sections": [section for section in sections if section],
    }
    return {"views": [view]}


def _at_work(ids: EntityIds, shows: Iterable[Show]) -> list[Card]:
    """Show switches to play with, what they start, and what comes of it and is said."""
    automations = [show.entity_id for show in shows]
    if not automations:
        return []
    states = [
        {"type": "tile", "entity": entity, "state_content": "last_triggered"}
        for entity in automations
    ]
    causes = [_switch(entity) for entity in (CHEAP_RATE, BRIGHT_SUN, EARTH_FAULT)]
    leases = _tiles(ids, ("current_lease", "lease_ends"))
    log = {
        "type": "logbook",
        "target": {"entity_id": automations},
        "hours_to_show": HISTORY_HOURS,
        "grid_options": {**WHOLE_WIDTH, "rows": 6},
    }
    third = {"grid_options": {"columns": 12}}
    tiles = [*causes, *states, *leases, _switch(HEATER)]
    return [*({**tile, **third} for tile in tiles), log]


def _switch(entity_id: str) -> Card:
    toggle = {"features": [{"type": "toggle"}], "features_position": "inline"}
    return {"type": "tile", "entity": entity_id, **toggle}


def _section(title: str, cards: list[Card], width: int = 1) -> Card | None:
    if not cards:
        return None
    heading = {"type": "heading", "heading": title}
    return {"type": "grid", "column_span": width, "cards": [heading, *cards]}


def _label(key: str, said: str = "") -> str:
    """Name a key shortly: without the device, and without what the heading says."""
    words = re.sub(said, "", key).replace("_", " ")
    for short, spelled in SPELLINGS.items():
        words = re.sub(rf"\b{short}\b", spelled, words)
    return words[0].upper() + words[1:]


def _row(ids: EntityIds, key: str, said: str = "") -> Card:
    return {"entity": ids[key], "name": _label(key, said)}


def _tiles(ids: EntityIds, keys: Iterable[str], said: str = "") -> list[Card]:
    return [{"type": "tile", **_row(ids, key, said)} for key in keys if key in ids]


def _gauge(ids: EntityIds, key: str) -> list[Card]:
    if key not in ids:
        return []
    severity = {"green": 30, "yellow": 15, "red": 0}
    gauge = {"type": "gauge", **_row(ids, key), "needle": True, "severity": severity}
    return [{**gauge, "grid_options": WHOLE_WIDTH}]


def _history(ids: EntityIds, keys: Iterable[str]) -> list[Card]:
    rows = [_row(ids, key) for key in keys if key in ids]
    graph = {"type": "history-graph", "hours_to_show": HISTORY_HOURS, "entities": rows}
    return [{**graph, "grid_options": WHOLE_WIDTH}] if rows else []


def _rows(ids: EntityIds, keys: Iterable[str]) -> list[Card]:
    rows = [_row(ids, key) for key in keys if key in ids]
    return [{"type": "entities", "entities": rows}] if rows else []
