"""Following a plant of an account: a subentry for each."""

from typing import Any, Final, cast

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from ..account.model import Plant
from ..const import CONF_PLANT_ID, CONF_SERIAL
from ..links.cloud.errors import CloudError
from .covering import followed_elsewhere
from .login_form import async_dtu_of
from .runtime import AccountEntry

CONF_SEARCH: Final = "search"
MOST_SHOWN: Final = 100
"""Plants in one list; who has more searches by name first."""


class FollowPlantFlow(ConfigSubentryFlow):
    """Choose one of the account's plants."""

    def __init__(self) -> None:
        """Start without a search."""
        self._search = ""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the plants, or ask for a part of the name where they are many."""
        if self._get_entry().state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="account_not_loaded")
        errors: dict[str, str] = {}
        if user_input is not None:
            self._search = user_input[CONF_SEARCH].strip().casefold()
            if not (found := self._plants()):
                errors[CONF_SEARCH] = "no_plant_found"
            elif len(found) > MOST_SHOWN:
                errors[CONF_SEARCH] = "too_many_plants"
            else:
                return await self.async_step_pick()
        elif not (found := self._plants()):
            return self.async_abort(reason="no_plants_left")
        elif len(found) <= MOST_SHOWN:
            return await self.async_step_pick()
        return self.async_show_form(
            step_id="user",
            data_schema=vol.Schema({vol.Required(CONF_SEARCH): TextSelector()}),
            errors=errors,
            description_placeholders={"count": str(len(self._all()))},
        )

    async def async_step_pick(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Let the user pick a plant, and see what kind it is."""
        errors: dict[str, str] = {}
        places: dict[str, str] = {}
        if user_input is not None:
            plant = int(user_input[CONF_PLANT_ID])
            client = self._entry_of_account().runtime_data.client
            try:
                serial = await async_dtu_of(client, plant)
            except CloudError as err:
                errors = {"base": f"cloud_{err.trouble}"}
                places = dict(err.placeholders)
            else:
                if serial is None:
                    errors["base"] = "no_hybrid_plant"
                elif followed_elsewhere(self.hass, serial, self._get_entry()):
                    errors["base"] = "followed_elsewhere"
                else:
                    return self._follow(plant, serial)
        return self.async_show_form(
            step_id="pick",
            data_schema=vol.Schema({vol.Required(CONF_PLANT_ID): self._selector()}),
            errors=errors,
            description_placeholders=places,
        )

    def _follow(self, plant: int, serial: str) -> SubentryFlowResult:
        known = self._all().get(plant)
        return self.async_create_entry(
            title=(known.name if known else None) or str(plant),
            data={CONF_PLANT_ID: plant, CONF_SERIAL: serial},
            unique_id=str(plant),
        )

    def _selector(self) -> SelectSelector:
        options = [
            SelectOptionDict(value=str(plant.id), label=_label(plant))
            for plant in self._plants()
        ]
        return SelectSelector(
            SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
        )

    def _plants(self) -> list[Plant]:
        """Return the plants that match and are not followed yet, by name."""
        followed = {one.unique_id for one in self._get_entry().subentries.values()}
        matching = (
            plant
            for plant in self._all().values()
            if str(plant.id) not in followed
            and self._search in _label(plant).casefold()
        )
        return sorted(matching, key=_label)

    def _all(self) -> dict[int, Plant]:
        return dict(self._entry_of_account().runtime_data.mirror.view.plants)

    def _entry_of_account(self) -> AccountEntry:
        return cast("AccountEntry", self._get_entry())


def _label(plant: Plant) -> str:
    """Name a plant so that two of one name can be told apart."""
    return f"{plant.name or plant.id} ({plant.organisation_name or plant.id})"
