"""The plant's entities, by the keys of the contract."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .client import Client, Socket

NO_VALUE = frozenset({"unknown", "unavailable"})

SAID_OF_THE_LINK = frozenset({"active_link", "alarm", "dtu_connected", "last_update"})
"""Entities that no link reads: they tell about the link, or follow from the faults."""

SHOWN_AS_ALARM = "faults"
"""The one reading without an entity of its own; it becomes the alarm event."""

SILENT_UNTIL_NEEDED = frozenset({"alarm"})
"""An event has no value before it happened for the first time."""


TOLD_BY_NEWER_STICKS = frozenset({"inverter_temperature"})
"""Readings of the stick's own link that the simulated one is too old for."""


def expected_keys(
    truth: Mapping[str, object], links: Collection[str]
) -> frozenset[str]:
    """List every key that a plant shows over its links.

    A part is fitted when the model has a value for any reading that requires it; the
    readings of other parts have no entity.
    """
    # Late, so that the rest of the demo works on without the integration's code.
    from custom_components.instagen.links.dts import rows as dts  # noqa: PLC0415
    from custom_components.instagen.links.dts.link import (  # noqa: PLC0415
        CLOUD_CONNECTED,
    )
    from custom_components.instagen.links.modbus import rows as modbus  # noqa: PLC0415
    from custom_components.instagen.plant.readings import READINGS  # noqa: PLC0415

    known = [READINGS[key] for key in READINGS if truth.get(key) is not None]
    fitted = frozenset().union(*(reading.requires for reading in known))
    tables = {
        "dts": (dts.ROWS.keys() | dts.TOTALS.keys() | {CLOUD_CONNECTED})
        - TOLD_BY_NEWER_STICKS,
        "modbus": modbus.ROWS.keys(),
    }
    served = frozenset().union(*(tables[link] for link in links))
    shown = {key for key in served if READINGS[key].requires <= fitted}
    said = SAID_OF_THE_LINK if SHOWN_AS_ALARM in shown else SAID_OF_THE_LINK - {"alarm"}
    return said | shown - {SHOWN_AS_ALARM}


@dataclass(frozen=True)
class Entity:
    """What the entity registry says about one entity of ours."""

    key: str
    entity_id: str
    disabled: bool


async def list_entities(socket: Socket, entry_id: str) -> dict[str, Entity]:
    """List the entities of the plant's config entry by key."""
    listed = await socket.call("config/entity_registry/list")
    entities = [_entity(row) for row in listed if row["config_entry_id"] == entry_id]
    return {entity.key: entity for entity in entities}


def _entity(row: Mapping[str, Any]) -> Entity:
    # The unique id is the serial, an underscore and the key.
    return Entity(
        key=row["unique_id"].partition("_")[2],
        entity_id=row["entity_id"],
        disabled=row["disabled_by"] is not None,
    )


async def enable_all(client: Client, entry_id: str) -> None:
    """Enable what is disabled by default, and reload so that it gets its value now."""
    async with client.socket() as socket:
        entities = await list_entities(socket, entry_id)
        disabled = [entity for entity in entities.values() if entity.disabled]
        for entity in disabled:
            await socket.call(
                "config/entity_registry/update",
                entity_id=entity.entity_id,
                disabled_by=None,
            )
    if disabled:
        await client.post(f"config/config_entries/entry/{entry_id}/reload", {})


async def read_values(
    client: Client, entities: Iterable[Entity]
) -> dict[str, dict[str, str | None]]:
    """Read state and unit of entities, by key."""
    states = {state["entity_id"]: state for state in await client.get("states")}
    values = {}
    for entity in entities:
        if state := states.get(entity.entity_id):
            unit = state["attributes"].get("unit_of_measurement")
            values[entity.key] = {"value": state["state"], "unit": unit}
    return values


def without_value(
    values: Mapping[str, Mapping[str, str | None]], expected: Iterable[str]
) -> list[str]:
    """Name the expected keys that have no entity, or one that says nothing."""
    return sorted(
        key
        for key in expected
        if (found := values.get(key)) is None
        or found["value"] == "unavailable"
        or (found["value"] in NO_VALUE and key not in SILENT_UNTIL_NEEDED)
    )
