"""What is remembered of a plant across restarts, so that nothing is lost or doubled."""

from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import InstagenCoordinator
from .plant.readings import READINGS

SAVE_DELAY: Final = 900
"""Seconds that counters may stay unsaved; Home Assistant's own states use the same."""

_VERSION: Final = 1


def _store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    return Store(hass, _VERSION, f"{DOMAIN}.{entry_id}")


class PlantMemory:
    """The counters and parts of one plant, as they were believed last."""

    def __init__(self, coordinator: InstagenCoordinator) -> None:
        """Remember for a coordinator; nothing is read yet."""
        self._coordinator = coordinator
        self._store = _store(coordinator.hass, coordinator.config_entry.entry_id)
        self._pending = False

    async def async_recall(self) -> None:
        """Recall the parts seen before and the counters believed before.

        A part that is in the registry was fitted once, and silence is no proof that it
        is gone. A counter's last value keeps the first answer after a restart honest.
        """
        coordinator = self._coordinator
        registry = er.async_get(coordinator.hass)
        for key, reading in READINGS.items():
            if coordinator.registered(registry, key):
                coordinator.features |= reading.requires
        if not (stored := await self._store.async_load()):
            return
        age = max(dt_util.utcnow().timestamp() - stored["time"], 0)
        coordinator.link.restore(stored["link"], age=age)

    @callback
    def async_remember(self) -> None:
        """See to it that the counters are written within ``SAVE_DELAY``, or at the end.

        A save that is under way is left alone: asking again would put it off, and who
        asks each minute would put it off until Home Assistant stops, or crashes.
        """
        if not self._pending:
            self._pending = True
            self._store.async_delay_save(self._to_store, SAVE_DELAY)

    async def async_save(self) -> None:
        """Write the counters down now."""
        await self._store.async_save(self._to_store())

    def _to_store(self) -> dict[str, Any]:
        self._pending = False
        return {
            "time": dt_util.utcnow().timestamp(),
            "link": self._coordinator.link.snapshot(),
        }


async def async_forget(hass: HomeAssistant, entry_id: str) -> None:
    """Forget a plant that was removed."""
    await _store(hass, entry_id).async_remove()
