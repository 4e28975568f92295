"""A plant of an account, for those who know a plant by its config entry."""

from collections.abc import Callable
from typing import Any, cast

from homeassistant.config_entries import ConfigEntry, ConfigSubentry

from ..const import CONF_LINKS
from ..coordinator import InstagenConfigEntry, InstagenRuntime
from ..plant.states import LinkName


class PlantEntry:
    """Looks like the config entry of one plant, and is a subentry of an account.

    So coordinator, steering, entities and actions need not know that there are accounts.
    What it does not have of its own, such as tasks and clean-up, is the account's.
    """

    def __init__(self, account: ConfigEntry, subentry: ConfigSubentry) -> None:
        """Take the account and the subentry of the plant."""
        self._account = account
        self.entry_id = subentry.subentry_id
        self.unique_id = subentry.unique_id
        self.title = subentry.title
        self.data = {**subentry.data, CONF_LINKS: [LinkName.CLOUD.value]}
        self.runtime_data: InstagenRuntime

    def __getattr__(self, name: str) -> Any:
        """Return what is the account's."""
        return getattr(self._account, name)

    def async_on_unload(self, action: Callable[[], Any]) -> None:
        """Run something when the account is unloaded."""
        self._account.async_on_unload(action)


def as_entry(plant: PlantEntry) -> InstagenConfigEntry:
    """Return the plant in the type of an entry, whose part it plays."""
    return cast("InstagenConfigEntry", plant)
