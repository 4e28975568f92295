"""Adding a plant: by its address, by a scan, as DHCP saw it, or out of its box."""

import asyncio
from collections.abc import Coroutine
from itertools import count
import re
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import CONF_HOST, CONF_MAC, CONF_MODEL, CONF_PORT
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.device_registry import format_mac
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
)
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.uuid import random_uuid_hex
import voluptuous as vol

from .address_form import (
    ADDRESS_SCHEMA,
    DTS_PORT_FIELDS,
    LABEL_SCHEMA,
    MANUAL_SCHEMA,
    address_form,
    flat,
    folded,
)
from .cloud.account_options import AccountOptionsFlow
from .cloud.account_steps import AccountSteps
from .cloud.covering import is_account
from .cloud.plant_flow import FollowPlantFlow
from .commissioning_steps import CommissioningSteps
from .connection_test import IN_USE, ConnectionTest, shares_place, stick_of
from .const import (
    CONF_DTS_PORT,
    CONF_LINKS,
    CONF_SERIAL,
    CONF_SIMULATED,
    CONF_STICK_SERIAL,
    CONF_UNIT_ID,
    DOMAIN,
    MANUFACTURER,
    SUBENTRY_PLANT,
)
from .control.commissioning import ACCESS_POINT_HOST
from .links.dts.identify import serial_text
from .options_flow import InstagenOptionsFlow
from .plant.identity import normalize_serial, stick_model
from .plant.states import LinkName
from .reach_probe import HostAnswer
from .scan import NetworkScan, async_resolve, delivered
from .simulated.config import PlantConfig

INVALID_SERIAL: Final = "invalid_serial"

_STICK_NAME = re.compile(r"dts-(\d{8})")


def _identity_or_error(text: str | None) -> tuple[str | None, dict[str, str]]:
    """Return the plant's id from what stands on the label, or a form error.

    Without a label the plant gets an id of its own, which stays in the entry.
    """
    if not text or text.isspace():
        return random_uuid_hex(), {}
    if serial := normalize_serial(text):
        return serial, {}
    return None, {CONF_SERIAL: INVALID_SERIAL}


class InstagenConfigFlow(AccountSteps, CommissioningSteps, ConfigFlow, domain=DOMAIN):
    """Add a plant or an account, or tell Home Assistant what has become of it."""

    VERSION = 1

    def __init__(self) -> None:
        """Start without an address, a test or a scan."""
        self._data: dict[str, Any] = {}
        self._serial: str | None = None
        self._typed: dict[str, Any] | None = None
        self._answer = HostAnswer()
        self._test: ConnectionTest | None = None
        self._scan: NetworkScan | None = None
        self._stage: asyncio.Task[Any] | None = None
        self._task: asyncio.Task[None] | None = None

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the flow behind a plant's settings, or an account's."""
        if is_account(config_entry):
            return AccountOptionsFlow()
        return InstagenOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what can be added to an entry: to an account, plants to follow."""
        return {SUBENTRY_PLANT: FollowPlantFlow} if is_account(config_entry) else {}

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the user choose how the plant is found."""
        return self.async_show_menu(
            step_id="user",
            menu_options=["manual", "scan", "commission", "account", "simulated"],
        )

    async def async_step_manual(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the address, then test it."""
        errors = self._take_error()
        if user_input is not None:
            self._typed = user_input
            self._data = flat(user_input)
            text = self._data.pop(CONF_SERIAL, "")
            if text and not text.isspace():
                self._serial, errors = _identity_or_error(text)
            else:
                self._serial = None
            if not errors:
                await self._async_abort_if_known()
                return await self.async_step_test()
        return self.async_show_form(
            step_id="manual",
            data_schema=self.add_suggested_values_to_schema(MANUAL_SCHEMA, self._typed),
            errors=errors,
        )

    async def async_step_test(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show each stage of the test until it is over."""
        if self._test is None or self._task is None:
            reconfigured = self.source == SOURCE_RECONFIGURE
            entry = self._get_reconfigure_entry() if reconfigured else None
            self._test = ConnectionTest(
                self.hass, self._data, entry, serial=self._serial
            )
            self._task = self._start(self._test.async_run())
            self._stage = self._start(self._test.greeted.wait())
        if not self._test.greeted.is_set():
            return self._show_stage("connect", self._stage)
        if not self._task.done():
            return self._show_stage("identify", self._task)
        self._task.result()
        self._task = None
        self._answer = self._test.answer or self._test.another or HostAnswer()
        return self.async_show_progress_done(next_step_id=self._step_after(self._test))

    def _step_after(self, test: ConnectionTest) -> str:
        """Choose by what the test found."""
        if test.another is not None:
            return "another_stick"
        if test.answer is not None:
            return "finish" if self._is_known(test.answer) else "label"
        return "reconfigure" if self.source == SOURCE_RECONFIGURE else "manual"

    def _is_known(self, answer: HostAnswer) -> bool:
        """Tell whether the plant needs no label to be recognised."""
        return bool(self.source == SOURCE_RECONFIGURE or answer.serial or self._serial)

    async def async_step_scan(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Scan the local network and show how far it is."""
        if self._scan is None:
            self._scan = NetworkScan(self.hass)
        if self._task is None:
            self._task = self._start(self._scan.async_run(self.async_update_progress))
        if not self._task.done():
            return self.async_show_progress(
                step_id="scan", progress_action="scan", progress_task=self._task
            )
        self._task.result()
        self._task = None
        return self.async_show_progress_done(
            next_step_id="pick" if self._scan.found else "nothing_found"
        )

    async def async_step_nothing_found(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer what is left when no plant answered the scan."""
        return self.async_show_menu(
            step_id="nothing_found", menu_options=["scan", "manual"]
        )

    async def async_step_pick(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the user pick one of the plants that answered the scan."""
        found = self._scan.found if self._scan else {}
        if user_input is not None:
            self._data = delivered(user_input[CONF_HOST])
            self._answer = found[user_input[CONF_HOST]]
            if self._answer.serial:
                return await self.async_step_finish()
            return await self.async_step_label()
        options = [
            SelectOptionDict(value=host, label=f"{_name_of(answer)} ({host})")
            for host, answer in found.items()
        ]
        selector = SelectSelector(SelectSelectorConfig(options=options))
        return self.async_show_form(
            step_id="pick",
            data_schema=vol.Schema({vol.Required(CONF_HOST): selector}),
        )

    async def async_step_label(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the serial of a plant that was found rather than typed in."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._serial, errors = _identity_or_error(user_input.get(CONF_SERIAL))
            if self._serial is not None:
                return await self.async_step_finish()
        return self.async_show_form(
            step_id="label",
            data_schema=self.add_suggested_values_to_schema(LABEL_SCHEMA, user_input),
            description_placeholders={
                "model": self._title,
                "host": self._data[CONF_HOST],
            },
            errors=errors,
        )

    async def async_step_finish(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Store what the test proved."""
        data = self._proven(self._answer)
        if self.source == SOURCE_RECONFIGURE:
            return self._update(self._get_reconfigure_entry(), data)
        self._serial = self._answer.serial or self._serial
        await self._async_abort_if_known()
        return self.async_create_entry(
            title=self._title, data={**data, CONF_SERIAL: self._serial}
        )

    def _proven(self, answer: HostAnswer) -> dict[str, Any]:
        """Return what to keep of the address: the links that answered."""
        left_out = set()
        if answer.dts is None:
            left_out.add(CONF_DTS_PORT)
        if answer.modbus is None:
            left_out |= {CONF_PORT, CONF_UNIT_ID}
        data = {key: val for key, val in self._data.items() if key not in left_out}
        if answer.dts is not None or self.source == SOURCE_RECONFIGURE:
            data[CONF_LINKS] = answer.links
        if answer.model:
            data[CONF_MODEL] = answer.model
        return data

    def _update(self, entry: ConfigEntry, data: dict[str, Any]) -> ConfigFlowResult:
        """Store a plant's new address; its identity stays, whichever stick answers."""
        serial = self._answer.serial
        renamed = CONF_STICK_SERIAL in entry.data or serial != entry.data[CONF_SERIAL]
        if serial and renamed:
            data[CONF_STICK_SERIAL] = serial
        return self.async_update_reload_and_abort(entry, data_updates=data)

    async def async_step_another_stick(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether the stick that answers takes over from the plant's own."""
        serial = self._answer.serial
        own = self._get_reconfigure_entry().entry_id
        for entry in self._async_current_entries(include_ignore=False):
            if entry.entry_id != own and serial == stick_of(entry):
                self._test = None
                return self._show_reconfigure({"base": IN_USE})
        return self.async_show_menu(
            step_id="another_stick",
            menu_options=["replace", "reconfigure"],
            description_placeholders={
                "title": self._get_reconfigure_entry().title,
                "host": self._data[CONF_HOST],
            },
        )

    async def async_step_replace(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let a new stick take over (manual 4.3.2.5); entities and history stay."""
        return await self.async_step_finish()

    async def async_step_simulated(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add a plant that is not there."""
        if user_input is None:
            return self.async_show_form(step_id="simulated", data_schema=vol.Schema({}))
        serial = self._free_serial()
        await self.async_set_unique_id(serial)
        language = self.hass.config.language
        texts = await async_get_translations(self.hass, language, "config", [DOMAIN])
        title = texts.get(f"component.{DOMAIN}.config.step.simulated.title")
        model = PlantConfig().model
        return self.async_create_entry(
            title=title or model,
            data={
                CONF_SIMULATED: True,
                CONF_LINKS: [LinkName.DTS.value],
                CONF_SERIAL: serial,
                CONF_MODEL: model,
            },
        )

    def _free_serial(self) -> str:
        """Make up a serial that no plant has."""
        taken = {entry.unique_id for entry in self._async_current_entries()}
        serials = (f"43012026{number:04}" for number in count(42))
        return next(serial for serial in serials if serial not in taken)

    # ---- out of the box ----

    async def async_step_commission(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what to change about a stick in its own network."""
        return self.async_show_menu(
            step_id="commission", menu_options=["wifi", "access_point"]
        )

    @override
    def place_schema(self) -> dict[vol.Marker, Any]:
        """Ask where the stick is; as delivered it is in a network of its own."""
        return dict(address_form(DTS_PORT_FIELDS, ACCESS_POINT_HOST).schema)

    @override
    def take_place(self, user_input: dict[str, Any]) -> dict[str, Any]:
        """Return where the stick is. A plant that is set up has its own steps for it."""
        typed = flat(user_input)
        place = {CONF_HOST: typed[CONF_HOST], CONF_DTS_PORT: typed[CONF_DTS_PORT]}
        self._async_abort_entries_match(place)
        return place

    @override
    async def async_step_commissioned(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on with the stick at its new address."""
        if self._asked == "access_point":
            return self.async_abort(reason="access_point_changed")
        host = self.commissioning.host
        if owner := self._owner_of(serial_text(self.commissioning.serial)):
            return self.async_update_reload_and_abort(
                owner, data_updates={CONF_HOST: host}, reason="wifi_changed"
            )
        self._data = {**delivered(host), **self._place, CONF_HOST: host}
        self._typed = folded(self._data)
        self._serial = None
        return await self.async_step_test()

    # ---- an entry that is there ----

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the plant's new address, then test it."""
        entry = self._get_reconfigure_entry()
        if is_account(entry):
            return await self.async_step_reconfigure_account()
        if entry.data.get(CONF_SIMULATED):
            return self.async_abort(reason="nothing_to_reconfigure")
        errors = self._take_error()
        if user_input is not None:
            self._typed, self._data = user_input, flat(user_input)
            if not self._held_by_another(entry):
                return await self.async_step_test()
            errors = {"base": IN_USE}
        return self._show_reconfigure(errors)

    def _show_reconfigure(self, errors: dict[str, str]) -> ConfigFlowResult:
        entry = self._get_reconfigure_entry()
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                ADDRESS_SCHEMA, self._typed or folded(entry.data)
            ),
            description_placeholders={
                "title": entry.title,
                "model": entry.data.get(CONF_MODEL) or MANUFACTURER,
            },
            errors=errors,
        )

    @override
    async def async_step_dhcp(
        self, discovery_info: DhcpServiceInfo
    ) -> ConfigFlowResult:
        """Follow a plant that is set up, or offer one that is not."""
        mac = format_mac(discovery_info.macaddress)
        for entry in self._async_current_entries(include_ignore=False):
            if _is_plant(entry, mac, discovery_info):
                return await self._async_follow(entry, mac, discovery_info.ip)
        await self.async_set_unique_id(mac)
        self._abort_if_unique_id_configured()
        self._async_abort_entries_match({CONF_HOST: discovery_info.ip})
        self._data = {**delivered(discovery_info.ip), CONF_MAC: mac}
        test = ConnectionTest(self.hass, self._data)
        await test.async_run()
        if test.answer is None:
            return self.async_abort(reason="no_plant")
        self._answer = test.answer
        if owner := self._owner_of(test.answer.serial):
            return self._store_move(owner, mac, discovery_info.ip)
        self.context["title_placeholders"] = {
            "name": self._title,
            "host": discovery_info.ip,
        }
        if test.answer.serial:
            return await self.async_step_discovered()
        return await self.async_step_label()

    async def async_step_discovered(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether to add a plant that said by itself who it is."""
        if user_input is not None:
            return await self.async_step_finish()
        return self.async_show_form(
            step_id="discovered",
            data_schema=vol.Schema({}),
            description_placeholders={
                "model": self._title,
                "host": self._data[CONF_HOST],
            },
        )

    def _owner_of(self, serial: str | None) -> ConfigEntry | None:
        """Return the plant that a stick belongs to."""
        if serial is None:
            return None
        entries = self._async_current_entries(include_ignore=False)
        return next((one for one in entries if stick_of(one) == serial), None)

    async def _async_follow(
        self, entry: ConfigEntry, mac: str, host: str
    ) -> ConfigFlowResult:
        """Remember a plant's network card, and its new address once it answers there."""
        if host in await async_resolve(entry.data[CONF_HOST]):
            return self._store_move(entry, mac, None)
        address = {**delivered(host), **entry.data, CONF_HOST: host}
        test = ConnectionTest(self.hass, address, entry)
        await test.async_run()
        if test.answer is None:
            return self.async_abort(reason="no_plant")
        return self._store_move(entry, mac, host)

    def _store_move(
        self, entry: ConfigEntry, mac: str, host: str | None
    ) -> ConfigFlowResult:
        updates = {CONF_MAC: mac} if host is None else {CONF_MAC: mac, CONF_HOST: host}
        return self.async_update_reload_and_abort(
            entry,
            data_updates=updates,
            reason="already_configured",
            reload_even_if_entry_is_unchanged=False,
        )

    @property
    def _title(self) -> str:
        """Return what to call the plant."""
        return self._answer.model or MANUFACTURER

    def _start[Result](self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Start work in the background.

        Never at once: a step that was answered with a form has to show progress
        before it may say that the work is done.
        """
        return self.hass.async_create_task(work, eager_start=False)

    def _show_stage(
        self, stage: str, task: asyncio.Task[Any] | None
    ) -> ConfigFlowResult:
        """Show one stage of the test."""
        return self.async_show_progress(
            step_id="test",
            progress_action=stage,
            progress_task=task,
            description_placeholders={"host": self._data[CONF_HOST]},
        )

    def _take_error(self) -> dict[str, str]:
        """Return what the last test found wrong, once."""
        test, self._test = self._test, None
        return {"base": test.error} if test and test.error else {}

    def _held_by_another(self, entry: ConfigEntry) -> bool:
        """Tell whether another plant is set up at the address."""
        return any(
            other.entry_id != entry.entry_id and shares_place(self._data, other)
            for other in self._async_current_entries(include_ignore=False)
        )

    async def _async_abort_if_known(self) -> None:
        """Abort if the plant, or another one at its address, is set up."""
        if self._serial is not None:
            await self.async_set_unique_id(self._serial, raise_on_progress=False)
            self._abort_if_unique_id_configured()
        for entry in self._async_current_entries(include_ignore=False):
            if shares_place(self._data, entry) or (
                self._serial is not None and stick_of(entry) == self._serial
            ):
                raise AbortFlow("already_configured")

    @callback
    @override
    def async_remove(self) -> None:
        """Stop what still runs when the flow is closed; sockets close with it."""
        self.stop_commissioning()
        for task in (self._task, self._stage):
            if task is not None:
                task.cancel()


def _name_of(answer: HostAnswer) -> str:
    """Name a plant by its inverter and its stick, as far as they told."""
    stick = stick_model(answer.serial) if answer.serial else None
    return ", ".join(part for part in (answer.model, stick) if part) or MANUFACTURER


def _is_plant(entry: ConfigEntry, mac: str, info: DhcpServiceInfo) -> bool:
    """Tell whether the host that DHCP saw is the stick of an entry.

    Its network card proves it. Before that is known, its name does, which ends
    like the serial (facts/local-protocol.md section 1), or for a plant without a
    serial the address it is used at.
    """
    if known := entry.data.get(CONF_MAC):
        return bool(known == mac)
    serial = stick_of(entry)
    if serial is None:
        return bool(entry.data.get(CONF_HOST) == info.ip)
    name = _STICK_NAME.match(info.hostname.lower())
    return name is not None and serial.endswith(name[1])
