"""The action that puts a plant on the Energy dashboard."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util.json import JsonValueType

from ..const import ATTR_DRY_RUN, CONF_SERIAL, DOMAIN
from ..coordinator import InstagenConfigEntry
from .called import called_entry

if TYPE_CHECKING:
    from homeassistant.components.energy.data import (
        EnergyManager,
        EnergyPreferencesUpdate,
    )

type Source = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """One source of the Energy dashboard and the readings it is made of."""

    type: str
    counters: Mapping[str, str]
    """Energy statistics of the source by their reading; all have to be there."""

    extras: Mapping[str, str]
    """Statistics that make it richer; those that are missing are left out."""

    constants: Mapping[str, Any]
    prices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By the reading of a price: where it goes, unless something stands in one of these
    places already, and last the energy that it is the price of."""


_SOLAR: Final[Mapping[str, Any]] = {"config_entry_solar_forecast": None}

SOURCE_ROWS: Final = (
    SourceRow(
        type="grid",
        counters={
            "stat_energy_from": "grid_import_energy",
            "stat_energy_to": "grid_export_energy",
        },
        extras={"stat_rate": "grid_power"},
        constants={
            "stat_cost": None,
            "entity_energy_price": None,
            "number_energy_price": None,
            "stat_compensation": None,
            "entity_energy_price_export": None,
            "number_energy_price_export": None,
            "cost_adjustment_day": 0,
        },
        prices={
            "buy_price": (
                "entity_energy_price",
                "number_energy_price",
                "stat_cost",
                "stat_energy_from",
            ),
            "sell_price": (
                "entity_energy_price_export",
                "number_energy_price_export",
                "stat_compensation",
                "stat_energy_to",
            ),
        },
    ),
    SourceRow(
        type="solar",
        counters={"stat_energy_from": "pv_energy"},
        extras={"stat_rate": "pv_power"},
        constants=_SOLAR,
    ),
    SourceRow(
        type="solar",
        counters={"stat_energy_from": "ac_pv_energy"},
        extras={"stat_rate": "ac_pv_power"},
        constants=_SOLAR,
    ),
    SourceRow(
        type="battery",
        counters={
            "stat_energy_from": "battery_discharge_energy",
            "stat_energy_to": "battery_charge_energy",
        },
        extras={"stat_rate": "battery_power", "stat_soc": "battery_soc"},
        constants={},
    ),
)


async def async_set_up_energy_dashboard(call: ServiceCall) -> ServiceResponse:
    """Add the plant's sources to the Energy dashboard; leave all others alone."""
    entry = called_entry(call)
    manager = await _async_energy_manager(call.hass)
    wanted = _wanted_sources(call.hass, entry)
    preferences = manager.data or manager.default_preferences()
    merge = _Merge(cast("list[Source]", preferences["energy_sources"]))
    for source in wanted:
        merge.take(source)
    if merge.changed and not call.data[ATTR_DRY_RUN]:
        await manager.async_update(
            cast("EnergyPreferencesUpdate", {"energy_sources": merge.sources})
        )
    if not call.return_response:
        return None
    return {
        "added": _names(merge.added),
        "completed": _names(merge.completed),
        "kept": _names(merge.kept),
    }


async def _async_energy_manager(hass: HomeAssistant) -> EnergyManager:
    """Return the keeper of the Energy dashboard's preferences."""
    if "energy" not in hass.config.components:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="energy_not_set_up"
        )
    # Imported late: it brings the recorder along, which not everybody runs.
    from homeassistant.components.energy.data import (  # noqa: PLC0415
        async_get_manager,
    )

    return await async_get_manager(hass)


class _Merge:
    """Puts a plant's sources beside those that are there, without doubling any."""

    def __init__(self, sources: Iterable[Source]) -> None:
        """Start from the sources as they are."""
        self.sources = list(sources)
        self.added: list[Source] = []
        self.completed: list[Source] = []
        self.kept: list[Source] = []

    @property
    def changed(self) -> bool:
        """Tell whether there is anything to store."""
        return bool(self.added or self.completed)

    def take(self, source: Source) -> None:
        """Add a source, or complete the one that counts the same energy."""
        source = self._without_doubled_rate(source)
        for index, existing in enumerate(self.sources):
            if not _same(existing, source):
                continue
            completed = {
                **_extras(source, existing),
                **existing,
                **_prices(source, existing),
            }
            if completed == existing:
                self.kept.append(existing)
            else:
                self.sources[index] = completed
                self.completed.append(completed)
            return
        self.sources.append(source)
        self.added.append(source)

    def _without_doubled_rate(self, source: Source) -> Source:
        """Leave out a power that another source shows; the dashboard refuses two."""
        if not any(
            existing.get("stat_rate") == source.get("stat_rate")
            and not _same(existing, source)
            for existing in self.sources
        ):
            return source
        return {key: value for key, value in source.items() if key != "stat_rate"}


def _same(one: Source, other: Source) -> bool:
    """Tell whether two sources count the same energy."""
    return one["type"] == other["type"] and any(
        one.get(key) is not None and one.get(key) == other.get(key)
        for key in ("stat_energy_from", "stat_energy_to")
    )


def _extras(source: Source, existing: Source) -> Source:
    """Return what may be added to a source that the user already has."""
    keys = {"stat_soc", "capacity"}
    if "power_config" not in existing:
        keys.add("stat_rate")
    return {key: value for key, value in source.items() if key in keys}


def _prices(source: Source, existing: Source) -> Source:
    """Return the prices for a source that has none, and counts the same energy."""
    found: Source = {}
    for row in SOURCE_ROWS:
        for entity, *others, energy in row.prices.values():
            taken = (existing.get(place) for place in (entity, *others))
            if (
                source["type"] == row.type
                and source.get(entity) is not None
                and source.get(energy) == existing.get(energy)
                and all(place is None for place in taken)
            ):
                found[entity] = source[entity]
    return found


def _names(sources: Iterable[Source]) -> list[JsonValueType]:
    """Name sources by their type and the energy they count."""
    return [
        {
            "type": source["type"],
            "energy": source.get("stat_energy_from") or source.get("stat_energy_to"),
        }
        for source in sources
    ]


def _wanted_sources(hass: HomeAssistant, entry: InstagenConfigEntry) -> list[Source]:
    """Return the sources that the plant's own entities make."""
    entities = _Entities(hass, entry)
    sources = [source for row in SOURCE_ROWS if (source := _source(row, entities))]
    if entities.disabled:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="entities_disabled",
            translation_placeholders={"entities": ", ".join(entities.disabled)},
        )
    if not sources:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="no_energy_entities",
            translation_placeholders={"title": entry.title},
        )
    capacity = entry.runtime_data.coordinator.data.get("battery_capacity")
    if isinstance(capacity, int | float) and capacity > 0:
        for source in sources:
            if source["type"] == "battery":
                source["capacity"] = float(capacity)
    return sources


class _Entities:
    """Finds a plant's sensors by their readings."""

    def __init__(self, hass: HomeAssistant, entry: InstagenConfigEntry) -> None:
        """Look in the entity registry, under the plant's serial."""
        self._registry = er.async_get(hass)
        self._serial = entry.data[CONF_SERIAL]
        self.disabled: list[str] = []

    def find(self, key: str, *, needed: bool) -> str | None:
        """Return the entity of a reading; note a needed one that is disabled."""
        entity_id = self._registry.async_get_entity_id(
            Platform.SENSOR, DOMAIN, f"{self._serial}_{key}"
        )
        found = self._registry.async_get(entity_id) if entity_id else None
        if found is None:
            return None
        if found.disabled:
            if needed:
                self.disabled.append(found.entity_id)
            return None
        return found.entity_id


def _source(row: SourceRow, entities: _Entities) -> Source | None:
    """Return a source, or None for a part that the plant does not have."""
    counters = {
        name: entities.find(key, needed=True) for name, key in row.counters.items()
    }
    if None in counters.values():
        return None
    extras = {
        name: entity_id
        for name, key in row.extras.items()
        if (entity_id := entities.find(key, needed=False))
    }
    prices = {
        places[0]: entity_id
        for key, places in row.prices.items()
        if (entity_id := entities.find(key, needed=False))
    }
    return {"type": row.type, **counters, **extras, **row.constants, **prices}
