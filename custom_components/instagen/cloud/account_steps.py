"""Steps of the Add dialogue that are about an account of the cloud."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryData,
)
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
import voluptuous as vol

from ..const import (
    CONF_BRAND,
    CONF_KIND,
    CONF_PLANT_ID,
    CONF_SERIAL,
    KIND_ACCOUNT,
    SUBENTRY_PLANT,
)
from ..links.cloud.errors import CloudError
from ..links.cloud.values import whole
from .clients import REFERENCE, async_clients, brand_of
from .covering import followed_elsewhere
from .login_form import (
    ACCOUNT_SCHEMA,
    CREDENTIALS_SCHEMA,
    HOST_INVALID,
    PASSWORD_SCHEMA,
    LoginTrial,
    async_dtu_of,
    async_only_plant,
    async_try_login,
)


class AccountSteps(ConfigFlow):
    """Log in, log in again, or log in as somebody with a new name."""

    async def async_step_account(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the account, then try it."""
        trial = LoginTrial()
        if user_input is not None:
            data = {CONF_KIND: KIND_ACCOUNT, **_stripped(user_input)}
            if data[CONF_BRAND] == REFERENCE and not data.get(CONF_HOST):
                trial = LoginTrial(error=HOST_INVALID)
            else:
                self._async_abort_entries_match(
                    {key: data[key] for key in (CONF_BRAND, CONF_USERNAME)}
                )
                trial = await async_try_login(self.hass, data)
            if trial.client is not None:
                await self.async_set_unique_id(_unique_id(data, trial))
                self._abort_if_unique_id_configured()
                async_clients(self.hass).keep(data, trial.client)
                return self.async_create_entry(
                    title=f"{brand_of(data).name}: {data[CONF_USERNAME]}",
                    data=data,
                    subentries=await _only_plant(self.hass, trial),
                )
        return self._show("account", ACCOUNT_SCHEMA, user_input, trial)

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Begin to ask for the password again."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the password that is valid now."""
        entry = self._get_reauth_entry()
        trial = LoginTrial()
        if user_input is not None:
            data = {**entry.data, CONF_PASSWORD: user_input[CONF_PASSWORD]}
            trial = await async_try_login(self.hass, data)
            if trial.client is not None:
                return await self._async_renew(entry, data, trial)
        return self._show(
            "reauth_confirm",
            PASSWORD_SCHEMA,
            None,
            trial,
            {"account": entry.data[CONF_USERNAME]},
        )

    async def async_step_reconfigure_account(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the name and the password that are valid now."""
        entry = self._get_reconfigure_entry()
        trial = LoginTrial()
        if user_input is not None:
            data = {**entry.data, **_stripped(user_input)}
            trial = await async_try_login(self.hass, data)
            if trial.client is not None:
                return await self._async_renew(entry, data, trial)
        shown = user_input or {
            key: entry.data[key]
            for key in (CONF_USERNAME, CONF_HOST)
            if key in entry.data
        }
        return self._show("reconfigure_account", CREDENTIALS_SCHEMA, shown, trial)

    async def _async_renew(
        self, entry: ConfigEntry, data: Mapping[str, Any], trial: LoginTrial
    ) -> ConfigFlowResult:
        """Store new credentials of the same account."""
        await self.async_set_unique_id(_unique_id(data, trial))
        self._abort_if_unique_id_mismatch(reason="another_account")
        if trial.client is not None:
            async_clients(self.hass).keep(data, trial.client)
        title = f"{brand_of(data).name}: {data[CONF_USERNAME]}"
        own_title = self.source != SOURCE_RECONFIGURE
        return self.async_update_reload_and_abort(
            entry, data=data, title=entry.title if own_title else title
        )

    def _show(
        self,
        step_id: str,
        schema: vol.Schema,
        shown: Mapping[str, Any] | None,
        trial: LoginTrial,
        placeholders: Mapping[str, str] | None = None,
    ) -> ConfigFlowResult:
        """Show a form with what went wrong; a password is never shown again."""
        kept = {key: val for key, val in (shown or {}).items() if key != CONF_PASSWORD}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, kept),
            errors=trial.errors,
            description_placeholders={
                **(placeholders or {}),
                **(trial.placeholders or {}),
            },
        )


def _stripped(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed in, without the blanks that copying brings along."""
    return {
        key: value if key == CONF_PASSWORD else value.strip()
        for key, value in user_input.items()
    }


def _unique_id(data: Mapping[str, Any], trial: LoginTrial) -> str:
    return f"{data[CONF_BRAND]}_{trial.user_id}"


async def _only_plant(
    hass: HomeAssistant, trial: LoginTrial
) -> list[ConfigSubentryData]:
    """Follow the plant of an account that has only one, as a household's."""
    if trial.client is None or (row := await async_only_plant(trial.client)) is None:
        return []
    if (plant := whole(row.get("id"))) is None:
        return []
    try:
        serial = await async_dtu_of(trial.client, plant)
    except CloudError:
        serial = None
    if serial is None or followed_elsewhere(hass, serial):
        return []
    return [
        ConfigSubentryData(
            data={CONF_PLANT_ID: plant, CONF_SERIAL: serial},
            subentry_type=SUBENTRY_PLANT,
            title=str(row.get("name") or plant),
            unique_id=str(plant),
        )
    ]
