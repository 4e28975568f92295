"""One platform for both kinds of entries: a plant of its own, and the plants of an account."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import cast

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..coordinator import InstagenConfigEntry
from .covering import is_account
from .followed import FollowedPlant
from .runtime import AccountEntry

type SetUp = Callable[
    [HomeAssistant, InstagenConfigEntry, AddConfigEntryEntitiesCallback],
    Awaitable[None],
]
type SetUpAccount = Callable[
    [HomeAssistant, AccountEntry, AddConfigEntryEntitiesCallback], Awaitable[None]
]

type SetUpFollowed = Callable[
    [FollowedPlant, AddConfigEntryEntitiesCallback], Awaitable[None]
]


def for_each_plant(
    set_up: SetUp,
    account: SetUpAccount | None = None,
    followed: SetUpFollowed | None = None,
) -> SetUp:
    """Make a plant's platform one that also sets up each followed plant.

    ``account`` sets up what belongs to the account itself, ``followed`` what only the
    cloud tells of a plant.
    """

    async def async_setup_entry(
        hass: HomeAssistant,
        entry: InstagenConfigEntry,
        async_add_entities: AddConfigEntryEntitiesCallback,
    ) -> None:
        if not is_account(entry):
            await set_up(hass, entry, async_add_entities)
            return
        account_entry = cast("AccountEntry", entry)
        if account is not None:
            await account(hass, account_entry, async_add_entities)

        async def show(plant: FollowedPlant) -> None:
            add = partial(async_add_entities, config_subentry_id=plant.subentry_id)
            await set_up(hass, plant.entry, add)
            if followed is not None:
                await followed(plant, async_add_entities)

        await account_entry.runtime_data.async_show_plants(show)

    return async_setup_entry
