"""What can be changed about an account that is set up."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
import voluptuous as vol

from ..const import CONF_POLL_SECONDS, CONF_UNPROVEN_WRITES
from ..links.cloud.link import POLL_SECONDS, SLOWEST_SECONDS

_PACE: Final = vol.All(
    NumberSelector(
        NumberSelectorConfig(
            min=POLL_SECONDS,
            max=SLOWEST_SECONDS,
            mode=NumberSelectorMode.BOX,
            unit_of_measurement="s",
        )
    ),
    vol.Coerce(int),
)
_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_POLL_SECONDS, default=POLL_SECONDS): _PACE,
        vol.Required(CONF_UNPROVEN_WRITES, default=False): BooleanSelector(),
    }
)


class AccountOptionsFlow(OptionsFlowWithReload):
    """Change how often followed plants are read, and what is allowed."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Begin with the only form."""
        return await self.async_step_account(user_input)

    async def async_step_account(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for pace and consent."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="account",
            data_schema=self.add_suggested_values_to_schema(
                _SCHEMA, self.config_entry.options
            ),
        )
