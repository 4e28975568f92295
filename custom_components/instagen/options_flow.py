"""What can be changed about a plant that is set up."""

from typing import Any, Final, override

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.const import CONF_HOST
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
import voluptuous as vol

from .blueprint_delivery import BLUEPRINTS
from .commissioning_steps import CommissioningSteps
from .const import (
    CONF_ALLOW_OFF_GRID,
    CONF_CONTACT_CURRENTS,
    CONF_CONTACT_RUNNING,
    CONF_CONTACT_SURPLUS,
    CONF_CONTACT_SWITCH,
    CONF_DTS_PORT,
    CONF_FORCED_HOURS,
    CONF_LINKS,
    CONF_POLL_SECONDS,
    CONF_SERIAL,
    CONF_SIMULATED,
    CONF_STICK_SERIAL,
    CONF_UNPROVEN_WRITES,
    CONF_WRITES_REFUSED,
    CONF_WRITES_WARNED,
    DEFAULT_DTS_PORT,
    DEFAULT_FORCED_HOURS,
    DEFAULT_POLL_SECONDS,
    DEFAULT_WRITES_REFUSED,
    DEFAULT_WRITES_WARNED,
)
from .plant.identity import normalize_serial
from .plant.states import LinkName


def _box(low: float, high: float, step: float = 1) -> NumberSelectorConfig:
    """Describe a field for a number."""
    return NumberSelectorConfig(
        min=low, max=high, step=step, mode=NumberSelectorMode.BOX
    )


_PACE: Final = vol.All(
    NumberSelector({**_box(10, 300), "unit_of_measurement": "s"}), vol.Coerce(int)
)
_WRITES: Final = vol.All(NumberSelector(_box(1, 500)), vol.Coerce(int))
_HOURS: Final = NumberSelector(
    {**_box(0.25, 24, step=0.25), "unit_of_measurement": "h"}
)

_SENSORS: Final = ("binary_sensor", "sensor", "input_boolean")
_CONTACT: Final = vol.Schema(
    {
        vol.Optional(CONF_CONTACT_SWITCH): EntitySelector(
            EntitySelectorConfig(domain=["switch", "input_boolean"])
        ),
        vol.Optional(CONF_CONTACT_RUNNING): EntitySelector(
            EntitySelectorConfig(domain=list(_SENSORS))
        ),
        vol.Optional(CONF_CONTACT_CURRENTS): EntitySelector(
            EntitySelectorConfig(domain="sensor", device_class="current", multiple=True)
        ),
        vol.Optional(CONF_CONTACT_SURPLUS): EntitySelector(
            EntitySelectorConfig(domain="sensor", device_class="power")
        ),
    }
)


class InstagenOptionsFlow(CommissioningSteps, OptionsFlowWithReload):
    """Change how a plant is read, or its stick's Wi-Fi.

    While the stick's settings are changed the plant is taken off it: it serves one
    client well. It comes back when the flow ends, however that is.
    """

    _released = False

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer what there is, and what the plant's stick can do."""
        links = self.config_entry.data.get(CONF_LINKS, ())
        if LinkName.DTS not in links or self.config_entry.data.get(CONF_SIMULATED):
            return self.async_show_menu(
                step_id="init", menu_options=["settings", "contact", "blueprints"]
            )
        return self.async_show_menu(
            step_id="init",
            menu_options=[
                "settings",
                "contact",
                "wifi",
                "access_point",
                "blueprints",
            ],
        )

    async def async_step_blueprints(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether to install the blueprints, and tell what came of it."""
        delivery = self.hass.data[BLUEPRINTS]
        try:
            if user_input is not None:
                return self.async_abort(
                    reason="blueprints_installed",
                    description_placeholders={
                        fate: str(len(paths))
                        for fate, paths in (await delivery.async_install()).items()
                    },
                )
            count, new = await delivery.async_missing()
        except HomeAssistantError as err:
            return self.async_abort(
                reason="blueprints_impossible",
                description_placeholders={"error": str(err)},
            )
        return self.async_show_form(
            step_id="blueprints",
            data_schema=vol.Schema({}),
            description_placeholders={"count": str(count), "new": str(new)},
        )

    async def async_step_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how often to read, and how much may be written."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if user_input[CONF_WRITES_WARNED] <= user_input[CONF_WRITES_REFUSED]:
                return self.async_create_entry(
                    data={**self.config_entry.options, **user_input}
                )
            errors[CONF_WRITES_WARNED] = "warned_too_late"
        schema: dict[vol.Marker, Any] = {
            vol.Required(CONF_WRITES_WARNED, default=DEFAULT_WRITES_WARNED): _WRITES,
            vol.Required(CONF_WRITES_REFUSED, default=DEFAULT_WRITES_REFUSED): _WRITES,
            vol.Required(CONF_FORCED_HOURS, default=DEFAULT_FORCED_HOURS): _HOURS,
            vol.Required(CONF_ALLOW_OFF_GRID, default=False): BooleanSelector(),
            vol.Required(CONF_UNPROVEN_WRITES, default=False): BooleanSelector(),
        }
        if LinkName.DTS in self.config_entry.data.get(CONF_LINKS, ()):
            pace = vol.Required(CONF_POLL_SECONDS, default=DEFAULT_POLL_SECONDS)
            schema = {pace: _PACE, **schema}
        return self.async_show_form(
            step_id="settings",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema(schema), user_input or self.config_entry.options
            ),
            errors=errors,
        )

    async def async_step_contact(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which switch stands in for a dry contact, and what tells about it."""
        options = self.config_entry.options
        if user_input is not None:
            others = {
                key: one for key, one in options.items() if key not in _CONTACT.schema
            }
            return self.async_create_entry(data={**others, **user_input})
        return self.async_show_form(
            step_id="contact",
            data_schema=self.add_suggested_values_to_schema(_CONTACT, options),
        )

    @override
    def take_place(self, user_input: dict[str, Any]) -> dict[str, Any]:
        """Return where the plant's stick is, and which it is."""
        data = self.config_entry.data
        self._own_entry = self.config_entry
        serial = normalize_serial(data.get(CONF_STICK_SERIAL, data[CONF_SERIAL]))
        return {
            CONF_HOST: data[CONF_HOST],
            CONF_DTS_PORT: data.get(CONF_DTS_PORT, DEFAULT_DTS_PORT),
            CONF_SERIAL: serial or "0",
        }

    @override
    async def async_prepare(self) -> None:
        """Take the plant off its stick."""
        if self.config_entry.state in {
            ConfigEntryState.LOADED,
            ConfigEntryState.SETUP_RETRY,
        }:
            self._released = True
            await self.hass.config_entries.async_unload(self.config_entry.entry_id)

    @override
    async def async_step_commissioned(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Remember where the stick is now."""
        if self._asked == "access_point":
            return self.async_abort(reason="access_point_changed")
        self.hass.config_entries.async_update_entry(
            self.config_entry,
            data={**self.config_entry.data, CONF_HOST: self.commissioning.host},
        )
        return self.async_abort(reason="wifi_changed")

    @callback
    @override
    def async_remove(self) -> None:
        """Stop what still runs, and bring the plant back."""
        self.stop_commissioning()
        if self._released:
            self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)
