"""An account in Home Assistant: its numbers, and the plants of it that are followed."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from ..account.home import Home
from ..account.requests import Dialect
from ..const import DOMAIN, LOGGER
from ..links.cloud import CloudClient
from ..links.cloud.brands import Digest
from ..links.cloud.errors import ACCOUNT, CloudError
from ..links.cloud.passwords import digest
from .clients import async_clients
from .mirroring import Mirroring
from .storage import MirrorStore

if TYPE_CHECKING:
    from .followed import FollowedPlant

SYNC_MINUTES: Final = 15
NEW_DAYS: Final = 30
"""For how long a plant or a device counts as new; the manual does not say (4.1)."""

WHOLE_LIST_HOURS: Final = 24
"""After which the whole list is read, whatever the server says of changes."""

_SHOWN: Final = 30
"""Seconds between two looks at a first pass that is under way."""

type AccountEntry = ConfigEntry[AccountRuntime]
type ShowPlant = Callable[[FollowedPlant], Awaitable[None]]


class AccountCoordinator(DataUpdateCoordinator[Home]):
    """Syncs the account, and tells the numbers of its home page (manual 4.1)."""

    config_entry: AccountEntry

    def __init__(
        self, hass: HomeAssistant, entry: AccountEntry, client: CloudClient
    ) -> None:
        """Prepare; nothing is asked yet."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=timedelta(minutes=SYNC_MINUTES),
            always_update=False,
        )
        self.client = client
        self.mirroring = Mirroring(client, today=lambda: dt_util.now().date())
        self.store = MirrorStore(
            hass, entry.entry_id, self.mirroring.mirror, client.session
        )
        entry.async_on_unload(self.store.async_close)
        self._fetching: asyncio.Task[None] | None = None
        self._whole_list_at = float("-inf")
        self._shown_at = float("-inf")
        self.busy = asyncio.Lock()
        """Held by a pass through the list."""

    async def async_recall(self) -> None:
        """Recall what was known of the account, and when not to log in."""
        first = async_clients(self.hass).wants_memory(self.config_entry)
        await self.store.async_load(with_session=first)

    @override
    async def _async_update_data(self) -> Home:
        """Bring the list up to date; details and devices follow in the background."""
        now = self.client.transport.clock()
        whole_list = now - self._whole_list_at >= WHOLE_LIST_HOURS * 3600
        taken_up = self.mirroring.mirror.next_page is not None
        try:
            async with self.busy:
                await self.mirroring.read_list(whole_list=whole_list)
        except CloudError as err:
            self._pass_on(err)
        finally:
            self.store.async_remember()
        if taken_up:
            # Its first pages are of before: what changed on them since is still to be read.
            self._whole_list_at = float("-inf")
        elif whole_list:
            self._whole_list_at = now
        self._fetch_wanted()
        return self.home()

    def _pass_on(self, error: CloudError) -> None:
        """Raise a failure as Home Assistant wants it, with its own text."""
        raised = ConfigEntryAuthFailed if error.trouble in ACCOUNT else UpdateFailed
        raise raised(
            translation_domain=DOMAIN,
            translation_key=f"cloud_{error.trouble}",
            translation_placeholders=dict(error.placeholders),
        ) from error

    def home(self) -> Home:
        """Return the numbers of the home page as they are known now."""
        since = dt_util.now().date() - timedelta(days=NEW_DAYS)
        return self.mirroring.mirror.home(since)

    # ---- details and devices ----

    def _fetch_wanted(self) -> None:
        if self._shutdown_requested:
            return  # the entry was unloaded meanwhile, and would not stop it
        if self._fetching is not None and not self._fetching.done():
            return
        if self.mirroring.mirror.outstanding:
            self._fetching = self.config_entry.async_create_background_task(
                self.hass, self._async_fetch_wanted(), f"{DOMAIN} account details"
            )

    async def _async_fetch_wanted(self) -> None:
        try:
            await self.mirroring.fetch_wanted(self._show_progress)
        except CloudError as err:
            LOGGER.debug("Fetching details stopped: %s; it goes on later", err)
        finally:
            self.store.async_remember()
        self._show(self.home())

    @callback
    def _show_progress(self) -> None:
        now = self.client.transport.clock()
        if now - self._shown_at >= _SHOWN:
            self._shown_at = now
            self.store.async_remember()
            self._show(self.home())

    def _show(self, home: Home) -> None:
        """Tell the sensors; the next sync comes when it was due anyhow."""
        if home != self.data:
            self.data = home
            self.async_update_listeners()

    async def async_fetched(self) -> None:
        """Wait until nothing is being fetched."""
        if self._fetching is not None:
            await asyncio.wait([self._fetching])


class AccountRuntime:
    """What a loaded account holds."""

    def __init__(self, coordinator: AccountCoordinator) -> None:
        """Begin without plants."""
        self.coordinator = coordinator
        self.client = coordinator.client
        self.mirror = coordinator.mirroring.mirror
        self.dialect = Dialect(
            codes=coordinator.mirroring.codes,
            digest=lambda password: digest(password, Digest.MD5_SHA256),
        )
        self.plants: dict[int, FollowedPlant] = {}
        """Followed plants that are shown, by their numbers at the cloud."""

        self._showing: list[ShowPlant] = []
        self._started = False

    async def async_show_plants(self, show: ShowPlant) -> None:
        """Show the plants that are there, and each that comes later."""
        self._showing.append(show)
        for plant in tuple(self.plants.values()):
            await show(plant)

    async def async_add_plant(self, plant: FollowedPlant) -> None:
        """Take a plant in that could be reached."""
        self.plants[plant.sid] = plant
        for show in tuple(self._showing):
            await show(plant)
        if self._started:
            plant.async_start(self.coordinator.hass)

    @callback
    def async_start(self) -> None:
        """Let the plants that are shown begin, and each that comes later."""
        self._started = True
        for plant in self.plants.values():
            plant.async_start(self.coordinator.hass)
