"""Steps that bring a stick into the house's network, for both kinds of flow."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryBaseFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .const import CONF_DTS_PORT, DEFAULT_DTS_PORT
from .control.commissioning import (
    PATIENCE,
    AccessPointChange,
    Change,
    Commissioning,
    CommissioningError,
    Patience,
    SettingsState,
    WifiChange,
    is_name,
    is_password,
)
from .links.dts.identify import serial_text
from .reach_probe import open_session
from .scan import async_find_stick

CONF_WIFI_NAME: Final = "wifi_name"
CONF_WIFI_PASSWORD: Final = "wifi_password"  # noqa: S105
CONF_OLD_PASSWORD: Final = "old_password"  # noqa: S105
CONF_NEW_PASSWORD: Final = "new_password"  # noqa: S105
CONF_NEXT: Final = "next"

_SECRET: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
_WIFI: Final[dict[vol.Marker, Any]] = {
    vol.Required(CONF_WIFI_NAME): TextSelector(),
    vol.Required(CONF_WIFI_PASSWORD): _SECRET,
}
_ACCESS_POINT: Final[dict[vol.Marker, Any]] = {
    vol.Required(CONF_OLD_PASSWORD): _SECRET,
    vol.Required(CONF_NEW_PASSWORD): _SECRET,
}
_NEXT_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NEXT, default="look_again"): SelectSelector(
            SelectSelectorConfig(
                options=["look_again", "enter_again", "undo"],
                translation_key="after_commissioning",
            )
        )
    }
)

type _Stage = tuple[str, Callable[[], Awaitable[None]]]
"""What is shown, and what is done meanwhile."""


class CommissioningSteps(ConfigEntryBaseFlow):
    """Enter, send, watch, and when something fails: say what the stick has now.

    Nothing typed in here is stored or logged; the old settings live as long as the flow.
    """

    patience: Patience = PATIENCE
    _asked: str = "wifi"
    """The step that asked for the change under way."""

    _place: Mapping[str, Any] = MappingProxyType({})
    """Host and port of the stick."""

    _own_entry: ConfigEntry | None = None
    commissioning: Commissioning
    """Made with the first form; belongs to ``_place``."""
    _undoing = False
    _failure: CommissioningError | None = None
    _typed_name: str | None = None
    _stages: tuple[_Stage, ...] = ()
    _stage_task: asyncio.Task[None] | None = None

    # ---- what the flows fill in ----

    def place_schema(self) -> dict[vol.Marker, Any]:
        """Return the fields that ask where the stick is; none when it is known."""
        return {}

    def take_place(self, user_input: dict[str, Any]) -> dict[str, Any]:
        """Return host and port of the stick."""
        raise NotImplementedError

    async def async_prepare(self) -> None:
        """Make sure that nobody else of us talks to the stick."""

    async def async_step_commissioned(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on once the stick has its new settings."""
        raise NotImplementedError

    # ---- the forms ----

    async def async_step_wifi(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the network that the stick shall join (manual 2.1, 2.4)."""
        errors = self._take_failure()
        if user_input is not None:
            name, password = user_input[CONF_WIFI_NAME], user_input[CONF_WIFI_PASSWORD]
            self._typed_name = name
            if not is_name(name):
                errors[CONF_WIFI_NAME] = "invalid_name"
            if not is_password(password):
                errors[CONF_WIFI_PASSWORD] = "invalid_password"
            if not errors:
                change = WifiChange(name=name, password=password)
                return await self._async_begin("wifi", change, user_input)
        return self._show_form("wifi", _WIFI, errors)

    async def async_step_access_point(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the password of the stick's own network (manual 2.2)."""
        errors = self._take_failure()
        if user_input is not None:
            old, new = user_input[CONF_OLD_PASSWORD], user_input[CONF_NEW_PASSWORD]
            for key, text in ((CONF_OLD_PASSWORD, old), (CONF_NEW_PASSWORD, new)):
                if not is_password(text):
                    errors[key] = "invalid_password"
            if not errors:
                change = AccessPointChange(old=old, new=new)
                return await self._async_begin("access_point", change, user_input)
        return self._show_form("access_point", _ACCESS_POINT, errors)

    def _show_form(
        self, step: str, fields: dict[vol.Marker, Any], errors: dict[str, str]
    ) -> ConfigFlowResult:
        schema = vol.Schema({**self.place_schema(), **fields})
        typed = {CONF_WIFI_NAME: self._typed_name} if self._typed_name else {}
        if host := self._place.get(CONF_HOST):
            typed[CONF_HOST] = host
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(schema, typed),
            errors=errors,
        )

    def _take_failure(self) -> dict[str, str]:
        """Return what went wrong last, once."""
        failure, self._failure = self._failure, None
        return {"base": failure.reason} if failure else {}

    # ---- the work ----

    async def _async_begin(
        self, asked: str, change: Change, user_input: dict[str, Any]
    ) -> ConfigFlowResult:
        """Start with a stick that was not touched yet, else go on with its change."""
        place = self.take_place(user_input)
        if place != self._place:
            self.commissioning = self._make(place)
        self._asked, self._place, self._undoing = asked, place, False
        work = self.commissioning
        self._stages = (
            ("read_settings", work.read),
            ("write_settings", partial(work.write, change)),
            *self._stages_after(work),
        )
        return await self.async_step_commissioning()

    def _make(self, place: Mapping[str, Any]) -> Commissioning:
        port = place.get(CONF_DTS_PORT, DEFAULT_DTS_PORT)

        async def search(serial: int) -> str | None:
            text = serial_text(serial)
            return await async_find_stick(self.hass, text, port, self._own_entry)

        return Commissioning(
            lambda host: open_session(host, port),
            place[CONF_HOST],
            serial=int(place.get("serial", "0"), 16),
            search=search,
            patience=self.patience,
        )

    def _stages_after(self, work: Commissioning) -> tuple[_Stage, ...]:
        return (("join_network", work.connect),) if self._asked == "wifi" else ()

    async def async_step_commissioning(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show each stage until it is over."""
        while self._stages:
            action, work = self._stages[0]
            if self._stage_task is None:
                self._stage_task = self.hass.async_create_task(
                    self._async_work(work), eager_start=False
                )
            if not self._stage_task.done():
                return self.async_show_progress(
                    step_id="commissioning",
                    progress_action=action,
                    progress_task=self._stage_task,
                )
            self._stage_task.result()
            self._stage_task = None
            self._stages = () if self._failure else self._stages[1:]
        return self.async_show_progress_done(next_step_id=self._next_step())

    async def _async_work(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await self.async_prepare()
            await work()
        except CommissioningError as error:
            self._failure = error

    def _next_step(self) -> str:
        """Choose by what the stick has now."""
        if self._failure is None:
            return "settings_restored" if self._undoing else "commissioned"
        return {
            SettingsState.OLD: self._asked,
            SettingsState.NEW: "new_settings",
            SettingsState.UNKNOWN: "unknown_settings",
        }[self._failure.settings]

    # ---- the way back ----

    async def async_step_new_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what to do about a stick that took its settings but does not join."""
        if user_input is not None:
            return await self._async_go_on(user_input[CONF_NEXT])
        return self.async_show_form(
            step_id="new_settings",
            data_schema=_NEXT_SCHEMA,
            errors=self._take_failure(),
        )

    async def async_step_unknown_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what to do about a stick of which nobody knows what it has now."""
        if user_input is not None:
            return await self._async_go_on(user_input[CONF_NEXT])
        return self.async_show_form(
            step_id="unknown_settings",
            data_schema=_NEXT_SCHEMA,
            errors=self._take_failure(),
        )

    async def _async_go_on(self, choice: str) -> ConfigFlowResult:
        work = self.commissioning
        if choice == "undo":
            self._undoing = True
            self._stages = (("restore_settings", work.undo),)
        elif choice == "look_again":
            after = () if self._undoing else self._stages_after(work)
            self._stages = (("verify_settings", work.verify), *after)
        elif self._asked == "wifi":
            return await self.async_step_wifi()
        else:
            return await self.async_step_access_point()
        return await self.async_step_commissioning()

    async def async_step_settings_restored(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """End where it began: the stick has its old settings."""
        return self.async_abort(reason="settings_restored")

    def stop_commissioning(self) -> None:
        """Stop what still runs when the flow is closed."""
        if self._stage_task is not None:
            self._stage_task.cancel()
