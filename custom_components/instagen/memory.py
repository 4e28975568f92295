"""What is remembered of a plant across restarts, so that nothing is lost or doubled."""

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfEnergy
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.restore_state import async_get as async_get_restored
from homeassistant.util import dt as dt_util

from .coordinator import InstagenCoordinator
from .plant.readings import READINGS, Kind


def recall(coordinator: InstagenCoordinator) -> None:
    """Recall the parts seen before and the counters believed before.

    A part that is in the registry was fitted once, and silence is no proof that it is
    gone. A counter's last state keeps the first answer after a restart honest.
    """
    registry = er.async_get(coordinator.hass)
    restored = async_get_restored(coordinator.hass).last_states
    now = coordinator.clock()
    for key, reading in READINGS.items():
        if (entity := coordinator.registered(registry, key)) is None:
            continue
        coordinator.features |= reading.requires
        stored = restored.get(entity.entity_id)
        if reading.kind is not Kind.ENERGY_TOTAL or stored is None:
            continue
        state = stored.state
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        if unit == UnitOfEnergy.KILO_WATT_HOUR and (value := _number(state.state)):
            age = (dt_util.utcnow() - stored.last_seen).total_seconds()
            coordinator.link.guard.seed(key, value, now - max(age, 0))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
