"""Followed plants: read over the cloud, and shown with all the entities of a plant."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..account.permissions import Right, offered
from ..connection_test import stick_of
from ..const import (
    CONF_PLANT_ID,
    CONF_POLL_SECONDS,
    DOMAIN,
    LOGGER,
    SUBENTRY_PLANT,
)
from ..control_reports import async_report_control
from ..coordinator import InstagenConfigEntry, InstagenCoordinator, InstagenRuntime
from ..links import LinkError
from ..links.cloud import CloudLink, CloudPlant
from ..links.cloud.link import POLL_SECONDS
from ..links.cloud.road import CloudRoad
from ..memory import PlantMemory
from ..plant_device import async_register_plant
from ..repairs import async_check_issues
from ..steering import Steering
from ..tariff.book import TariffBook
from ..tariff.keeper import TariffKeeper
from .covering import async_note_stick, claimed_serials
from .plant_entry import PlantEntry, as_entry
from .runtime import AccountEntry, AccountRuntime

RETRY_SECONDS: Final = 300
"""After which a plant is tried again that could not be set up."""


@dataclass
class FollowedPlant:
    """A followed plant that is shown."""

    sid: int
    subentry_id: str
    entry: InstagenConfigEntry
    cloud: CloudPlant

    @callback
    def async_start(self, hass: HomeAssistant) -> None:
        """Begin to look after its battery, once its entities can listen."""
        runtime = self.entry.runtime_data
        steering = runtime.steering
        TariffKeeper(hass, self.entry, runtime.tariff, steering).async_start()
        steering.async_start()
        async_report_control(hass, self.entry, steering)


class FollowedPlants:
    """Sets up the followed plants of an account; one that fails does so alone."""

    def __init__(
        self, hass: HomeAssistant, entry: AccountEntry, account: AccountRuntime
    ) -> None:
        """Prepare; nothing is asked yet."""
        self._hass = hass
        self._entry = entry
        self._account = account

    async def async_start(self) -> None:
        """Set up every plant that no local entry covers and no account before this one."""
        covered = claimed_serials(self._hass, self._entry)
        alone = [
            subentry
            for subentry in self._entry.subentries.values()
            if subentry.subentry_type == SUBENTRY_PLANT
            and stick_of(subentry) not in covered
        ]
        await asyncio.gather(*map(self._async_try, alone))

    async def _async_try(self, subentry: ConfigSubentry) -> None:
        """Set a plant up, or see to it that it is tried again."""
        try:
            plant = await self._async_set_up(subentry)
        except LinkError as err:
            LOGGER.debug("A followed plant is not there yet: %s", err)

            @callback
            def try_again(_: object) -> None:
                self._entry.async_create_background_task(
                    self._hass,
                    self._async_try(subentry),
                    f"{DOMAIN} followed plant",
                )

            self._entry.async_on_unload(
                async_call_later(self._hass, RETRY_SECONDS, try_again)
            )
        else:
            if plant is not None:
                await self._account.async_add_plant(plant)

    async def _async_set_up(self, subentry: ConfigSubentry) -> FollowedPlant | None:
        """Set a plant up; None when its DTU turns out to be another entry's."""
        hass = self._hass
        entry = as_entry(PlantEntry(self._entry, subentry))
        sid = int(subentry.data[CONF_PLANT_ID])
        cloud = CloudPlant(self._account.client, sid)
        pace = self._entry.options.get(CONF_POLL_SECONDS, POLL_SECONDS)
        link = CloudLink(cloud, poll_seconds=int(pace))
        identity = await link.identify(patient=True)
        async_note_stick(hass, self._entry, subentry, link.dtu_serial)
        if stick_of(subentry) in claimed_serials(hass, self._entry):
            return None
        coordinator = InstagenCoordinator(hass, entry, link, identity)
        memory = PlantMemory(coordinator)
        await memory.async_recall()
        # A plant that is silent now is known and shown; its entities are unavailable.
        await coordinator.async_refresh()
        coordinator.plant_device_id = async_register_plant(
            hass,
            entry,
            identity,
            config_entry_id=self._entry.entry_id,
            subentry_id=subentry.subentry_id,
        )
        kind = self._account.mirror.view.kind
        roads = [CloudRoad(cloud)] if offered(kind, Right.SMART_CONTROL) else []
        steering = Steering(coordinator, roads)
        await steering.async_recall()
        book = TariffBook(coordinator, steering)
        await book.async_recall()
        entry.runtime_data = InstagenRuntime(coordinator, steering, book)
        book.async_start()
        check_issues = partial(async_check_issues, hass, entry, coordinator)
        entry.async_on_unload(coordinator.async_on_slow_poll(check_issues))
        entry.async_on_unload(
            coordinator.async_on_slow_poll(
                lambda: async_note_stick(hass, self._entry, subentry, link.dtu_serial)
            )
        )
        entry.async_on_unload(coordinator.async_on_slow_poll(memory.async_remember))
        entry.async_on_unload(memory.async_save)
        return FollowedPlant(sid, subentry.subentry_id, entry, cloud)
