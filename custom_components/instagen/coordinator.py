"""Polling of one plant, and who hears about what changed."""

import asyncio
from collections.abc import Callable, Set as AbstractSet
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from .const import CONF_SERIAL, DOMAIN, LOGGER
from .control.maintenance import Maintenance
from .links import Link, LinkError
from .links.cloud.errors import CloudLinkError
from .plant.board import PlantBoard
from .plant.identity import Feature, PlantIdentity
from .plant.readings import READINGS, Kind, Part

if TYPE_CHECKING:
    from .contact.panel import ContactPanel
    from .steering import Steering
    from .tariff.book import TariffBook

SLOW_SECONDS: Final = 60
"""Counters, voltages and temperatures are read and published once a minute."""

ACTIVE_LINK: Final = "active_link"
LAST_UPDATE: Final = "last_update"
LINK_STATE: Final = "link_state"
"""Listening contexts of what the coordinator itself knows."""

ALWAYS_WANTED: Final = frozenset(
    {"battery_power", "battery_soc", "cloud_connected", "faults", "off_grid"}
)
"""Leases, repairs and the alarm action look at these, also when no entity shows them."""

_BATCH: Final = 20
"""Entities written before the event loop gets a turn: about 1 ms."""

type InstagenConfigEntry = ConfigEntry[InstagenRuntime]


def unique_id(entry: ConfigEntry, key: str) -> str:
    """Return an entity's unique id: the DTU's serial and the key of the contract."""
    return f"{entry.data[CONF_SERIAL]}_{key}"


class InstagenCoordinator(DataUpdateCoordinator[PlantBoard]):
    """Polls one plant and tells each entity only about its own reading.

    ``data`` is one board for the coordinator's whole life, so a poll without news
    writes no state at all; loss and return of the link still reach every entity.
    """

    config_entry: InstagenConfigEntry
    plant_device_id: str
    """Registry id of the plant's own device, under which its parts hang."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: InstagenConfigEntry,
        link: Link,
        identity: PlantIdentity,
    ) -> None:
        """Prepare polling over a link that answered."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=timedelta(seconds=link.poll_seconds),
            always_update=False,
        )
        self.clock = link.clock
        self.data = PlantBoard()
        self.link = link
        self.active_link = link.name
        self.identity = identity
        self.features = identity.features
        """Parts known to be fitted. Silence takes none away."""
        self.last_update: datetime | None = None
        self._next_slow = float("-inf")
        self._slow_keys: AbstractSet[str] = frozenset()
        self._by_context: dict[str, list[CALLBACK_TYPE]] = {}
        self._contexts: frozenset[str] | None = None
        self.hurried = False
        """Whether slow readings are read with every poll, while something guards by them."""
        self._on_poll: list[Callable[[bool], None]] = []
        self._on_slow_poll: list[CALLBACK_TYPE] = []
        self._on_new_parts: list[CALLBACK_TYPE] = []
        self._sighted: AbstractSet[Feature] = frozenset()

    @callback
    @override
    def async_add_listener(
        self, update_callback: CALLBACK_TYPE, context: Any = None
    ) -> Callable[[], None]:
        """Listen for one reading (``context`` is its key) and for loss and return."""
        remove = super().async_add_listener(update_callback, context)
        listeners = self._by_context.setdefault(context, [])
        listeners.append(update_callback)
        self._contexts = None

        def stop() -> None:
            listeners.remove(update_callback)
            self._contexts = None
            remove()

        return stop

    @callback
    def async_on_poll(self, action: Callable[[bool], None]) -> Callable[[], None]:
        """Run an action after each poll, told whether slow readings were in it."""
        self._on_poll.append(action)
        return lambda: self._on_poll.remove(action)

    @callback
    def async_on_slow_poll(self, action: CALLBACK_TYPE) -> Callable[[], None]:
        """Run an action after each slow poll; returns what ends it."""
        self._on_slow_poll.append(action)
        return lambda: self._on_slow_poll.remove(action)

    @callback
    def async_on_new_parts(self, action: CALLBACK_TYPE) -> Callable[[], None]:
        """Run an action when a part turned up later; returns what ends it."""
        self._on_new_parts.append(action)
        return lambda: self._on_new_parts.remove(action)

    @override
    async def _async_update_data(self) -> PlantBoard:
        """Read what the enabled entities need; publish after each answer.

        Raises ``UpdateFailed`` when the plant did not answer at all.
        """
        wanted = self._wanted()
        slow = self.clock() >= self._next_slow or not wanted <= self._slow_keys
        all_read = slow or self.hurried
        try:
            async with aclosing(self.link.poll(wanted, slow=all_read)) as answers:
                async for answer in answers:
                    changed = self.data.apply(
                        answer.values, served=answer.served, silent=answer.silent
                    )
                    if changed:
                        await self._publish(changed)
        except CloudLinkError as err:
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key=f"cloud_{err.trouble}",
                translation_placeholders=dict(err.placeholders),
            ) from err
        except LinkError as err:
            raise UpdateFailed(
                translation_domain=DOMAIN, translation_key=f"link_{err.verdict}"
            ) from err
        await self._stamp()
        await self._follow_link()
        for told in tuple(self._on_poll):
            told(all_read)
        if slow:
            self._next_slow = self.clock() + SLOW_SECONDS - self.link.poll_seconds / 2
            self._slow_keys = wanted
            await asyncio.sleep(0)  # the last answer held the loop long enough
            self._look_for_new_parts()
            for action in tuple(self._on_slow_poll):
                action()
        return self.data

    def _wanted(self) -> frozenset[str]:
        """Return the readings to ask for: what enabled entities show."""
        if self._contexts is None:
            used = (key for key, listeners in self._by_context.items() if listeners)
            self._contexts = self.link.served & {*used, *ALWAYS_WANTED}
        return self._contexts if self._by_context else self.enabled_keys()

    def possible_keys(self) -> frozenset[str]:
        """Return the readings that this plant can have over its link."""
        return frozenset(
            key for key in self.link.served if READINGS[key].requires <= self.features
        )

    def enabled_keys(self) -> frozenset[str]:
        """Return the readings whose entity is enabled, or would be once it is added."""
        registry = er.async_get(self.hass)
        return frozenset(
            key
            for key in self.possible_keys()
            if (
                entry.disabled_by is None
                if (entry := self.registered(registry, key))
                else not READINGS[key].rare or key in ALWAYS_WANTED
            )
        )

    def registered(
        self, registry: er.EntityRegistry, key: str
    ) -> er.RegistryEntry | None:
        """Return the registered entity of a reading, None when there is none yet."""
        platform = (
            Platform.BINARY_SENSOR
            if READINGS[key].kind is Kind.FLAG
            else Platform.SENSOR
        )
        entity_id = registry.async_get_entity_id(
            platform, DOMAIN, unique_id(self.config_entry, key)
        )
        return registry.async_get(entity_id) if entity_id else None

    def forget_parts(self, parts: AbstractSet[Part]) -> bool:
        """Forget parts that were taken out; False when the link still shows one."""
        needs = [
            reading.requires for reading in READINGS.values() if reading.part in parts
        ]
        seen = self.link.features
        if not needs or any(need <= seen for need in needs):
            return False
        self.features -= frozenset().union(*needs) - seen
        return True

    def _look_for_new_parts(self) -> None:
        """Announce parts that turned up later; two slow polls must agree on them."""
        found = self.link.features - self.features
        fitted = found & self._sighted
        self._sighted = found
        if fitted:
            self.features |= fitted
            for action in tuple(self._on_new_parts):
                action()

    async def _stamp(self) -> None:
        """Tell when the plant last answered, to the minute: finer would fill the recorder."""
        now = dt_util.utcnow().replace(second=0, microsecond=0)
        if now != self.last_update:
            self.last_update = now
            await self._publish({LAST_UPDATE})

    async def _follow_link(self) -> None:
        """Keep the pace of the link that serves now, and tell when it is another one."""
        if self.link.name != self.active_link:
            self.active_link = self.link.name
            self.update_interval = timedelta(seconds=self.link.poll_seconds)
            await self._publish({ACTIVE_LINK})

    async def _publish(self, keys: AbstractSet[str]) -> None:
        """Let the entities of these readings write their state."""
        written = 0
        for key in keys:
            for update in tuple(self._by_context.get(key, ())):
                update()
                written += 1
                if written % _BATCH == 0:
                    await asyncio.sleep(0)


@dataclass
class InstagenRuntime:
    """What a loaded entry holds."""

    coordinator: InstagenCoordinator
    steering: Steering
    """The desk that takes wishes to change the plant, and what it needs of us."""

    tariff: TariffBook
    """What a kWh costs, and when."""

    contact: ContactPanel | None = None
    """None while neither a link carries the dry contact nor the owner named a switch."""

    maintenance: Maintenance | None = None
    """None while no link of the plant carries commands."""
