"""Adding a plant: by its address, by a scan of the network, or as DHCP saw it."""

import asyncio
from collections.abc import Coroutine, Mapping
import re
from typing import Any, Final, override

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_MAC, CONF_MODEL, CONF_PORT
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.device_registry import format_mac
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
)
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.util.uuid import random_uuid_hex
from modbus_connection import ModbusTcpParams
import voluptuous as vol

from .const import (
    CONF_SERIAL,
    CONF_UNIT_ID,
    DEFAULT_MODBUS_PORT,
    DEFAULT_UNIT_ID,
    DOMAIN,
    MANUFACTURER,
)
from .links import LinkError
from .links.modbus.probe import probe
from .plant.identity import PlantIdentity, normalize_serial
from .scan import TIMEOUT, NetworkScan, async_greet, async_resolve

IN_USE: Final = "in_use"
DIFFERENT_MODEL: Final = "different_model"
INVALID_SERIAL: Final = "invalid_serial"

_STICK_NAME = re.compile(r"dts-(\d{8})")


def _box(highest: int) -> vol.All:
    """Return a whole number field from 1."""
    config = NumberSelectorConfig(
        min=1, max=highest, step=1, mode=NumberSelectorMode.BOX
    )
    return vol.All(NumberSelector(config), vol.Coerce(int))


ADDRESS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_HOST): vol.All(TextSelector(), vol.Strip, vol.Lower),
        vol.Required(CONF_PORT, default=DEFAULT_MODBUS_PORT): _box(65535),
        vol.Required(CONF_UNIT_ID, default=DEFAULT_UNIT_ID): _box(247),
    }
)
LABEL_SCHEMA: Final = vol.Schema({vol.Optional(CONF_SERIAL): TextSelector()})
MANUAL_SCHEMA: Final = ADDRESS_SCHEMA.extend(LABEL_SCHEMA.schema)


def _address(host: str) -> dict[str, Any]:
    """Return where a stick answers as delivered."""
    return {
        CONF_HOST: host,
        CONF_PORT: DEFAULT_MODBUS_PORT,
        CONF_UNIT_ID: DEFAULT_UNIT_ID,
    }


def _identity_or_error(text: str | None) -> tuple[str | None, dict[str, str]]:
    """Return the plant's id from what stands on the label, or a form error.

    Without a label the plant gets an id of its own, which stays in the entry.
    """
    if not text or text.isspace():
        return random_uuid_hex(), {}
    if serial := normalize_serial(text):
        return serial, {}
    return None, {CONF_SERIAL: INVALID_SERIAL}


class ConnectionTest:
    """Reaches a plant in stages, which the flow shows while they last.

    An entry that uses the plant is taken off the link first, because the stick
    mixes up the answers of two connections. It comes back unless the test
    succeeds: then the flow reloads it with what it found.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        address: Mapping[str, Any],
        entry: ConfigEntry | None = None,
    ) -> None:
        """Prepare a test of one address, perhaps for an existing entry."""
        self._hass = hass
        self._address = address
        self._entry = entry
        self.identity: PlantIdentity | None = None
        self.error: str | None = None
        self.greeted = asyncio.Event()

    async def async_run(self) -> None:
        """Run all stages; afterwards there is an identity or an error."""
        released = await self._async_release()
        try:
            await self._async_test()
        finally:
            self.greeted.set()
            if released and self.identity is None:
                await self._hass.config_entries.async_setup(released)

    async def _async_test(self) -> None:
        """Connect, ask who is there, and put a name to what goes wrong."""
        params = ModbusTcpParams(
            host=self._address[CONF_HOST], port=self._address[CONF_PORT]
        )
        try:
            async with async_get_temporary_unit(
                self._hass, params, self._address[CONF_UNIT_ID]
            ) as unit:
                unit.require_timeout(TIMEOUT)
                await async_greet(unit)
                self.greeted.set()
                self._accept(await probe(unit))
        except LinkError as error:
            self.error = error.verdict.value
        except HomeAssistantError:
            self.error = IN_USE

    def _accept(self, identity: PlantIdentity) -> None:
        """Take a plant for the right one unless its model says otherwise."""
        expected = self._entry.data.get(CONF_MODEL) if self._entry else None
        if expected and identity.model and expected != identity.model:
            self.error = DIFFERENT_MODEL
        else:
            self.identity = identity

    async def _async_release(self) -> str | None:
        """Take the entry off the link; return its id if it has to come back."""
        if self._entry is None or self._entry.state not in (
            ConfigEntryState.LOADED,
            ConfigEntryState.SETUP_RETRY,
        ):
            return None
        entry_id = self._entry.entry_id
        unloaded = await self._hass.config_entries.async_unload(entry_id)
        return entry_id if unloaded else None


class InstagenConfigFlow(ConfigFlow, domain=DOMAIN):
    """Add a plant, or tell Home Assistant where it is now."""

    VERSION = 1

    def __init__(self) -> None:
        """Start without an address, a test or a scan."""
        self._data: dict[str, Any] = {}
        self._serial: str | None = None
        self._typed: dict[str, Any] | None = None
        self._identity: PlantIdentity | None = None
        self._test: ConnectionTest | None = None
        self._scan: NetworkScan | None = None
        self._stage: asyncio.Task[Any] | None = None
        self._task: asyncio.Task[None] | None = None

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the user choose how the plant is found."""
        return self.async_show_menu(step_id="user", menu_options=["manual", "scan"])

    async def async_step_manual(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the address, then test it."""
        errors = self._take_error()
        if user_input is not None:
            self._typed = user_input
            text = user_input.get(CONF_SERIAL)
            self._serial, errors = _identity_or_error(text)
            if self._serial is not None:
                self._data = {
                    key: value
                    for key, value in user_input.items()
                    if key != CONF_SERIAL
                }
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
            self._test = ConnectionTest(self.hass, self._data, entry)
            self._task = self._start(self._test.async_run())
            self._stage = self._start(self._test.greeted.wait())
        if not self._test.greeted.is_set():
            return self._show_stage("connect", self._stage)
        if not self._task.done():
            return self._show_stage("identify", self._task)
        self._task.result()
        self._task = None
        self._identity = self._test.identity
        failed = "reconfigure" if self.source == SOURCE_RECONFIGURE else "manual"
        return self.async_show_progress_done(
            next_step_id=failed if self._identity is None else "finish"
        )

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
            self._data = _address(user_input[CONF_HOST])
            self._identity = found[user_input[CONF_HOST]]
            return await self.async_step_label()
        options = [
            SelectOptionDict(
                value=host, label=f"{identity.model or MANUFACTURER} ({host})"
            )
            for host, identity in found.items()
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
                await self._async_abort_if_known()
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
        data = dict(self._data)
        if self._identity and self._identity.model:
            data[CONF_MODEL] = self._identity.model
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_reload_and_abort(
                self._get_reconfigure_entry(), data_updates=data
            )
        return self.async_create_entry(
            title=self._title, data={**data, CONF_SERIAL: self._serial}
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the plant's new address, then test it."""
        entry = self._get_reconfigure_entry()
        errors = self._take_error()
        if user_input is not None:
            self._typed = self._data = user_input
            if not self._held_by_another(entry):
                return await self.async_step_test()
            errors = {"base": IN_USE}
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                ADDRESS_SCHEMA, self._typed or entry.data
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
        self._data = {**_address(discovery_info.ip), CONF_MAC: mac}
        test = ConnectionTest(self.hass, self._data)
        await test.async_run()
        if test.identity is None:
            return self.async_abort(reason="no_plant")
        self._identity = test.identity
        self.context["title_placeholders"] = {
            "name": self._title,
            "host": discovery_info.ip,
        }
        return await self.async_step_label()

    async def _async_follow(
        self, entry: ConfigEntry, mac: str, host: str
    ) -> ConfigFlowResult:
        """Remember a plant's network card, and its new address once it answers there."""
        updates = {CONF_MAC: mac}
        if host not in await async_resolve(entry.data[CONF_HOST]):
            test = ConnectionTest(self.hass, {**entry.data, CONF_HOST: host}, entry)
            await test.async_run()
            if test.identity is None:
                return self.async_abort(reason="no_plant")
            updates[CONF_HOST] = host
        return self.async_update_reload_and_abort(
            entry,
            data_updates=updates,
            reason="already_configured",
            reload_even_if_entry_is_unchanged=False,
        )

    @property
    def _title(self) -> str:
        """Return what to call the plant."""
        return (self._identity and self._identity.model) or MANUFACTURER

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
            other.entry_id != entry.entry_id
            and self._data.items() <= dict(other.data).items()
            for other in self._async_current_entries(include_ignore=False)
        )

    async def _async_abort_if_known(self) -> None:
        """Abort if the plant, or another one at its address, is set up."""
        await self.async_set_unique_id(self._serial, raise_on_progress=False)
        self._abort_if_unique_id_configured()
        address = {key: self._data[key] for key in (CONF_HOST, CONF_PORT, CONF_UNIT_ID)}
        self._async_abort_entries_match(address)

    @callback
    @override
    def async_remove(self) -> None:
        """Stop what still runs when the flow is closed; sockets close with it."""
        for task in (self._task, self._stage):
            if task is not None:
                task.cancel()


def _is_plant(entry: ConfigEntry, mac: str, info: DhcpServiceInfo) -> bool:
    """Tell whether the host that DHCP saw is the stick of an entry.

    Its network card proves it. Before that is known, its name does, which ends
    like the serial (facts/local-protocol.md section 1), or for a plant without a
    serial the address it is used at.
    """
    if known := entry.data.get(CONF_MAC):
        return bool(known == mac)
    serial = str(entry.data[CONF_SERIAL])
    if normalize_serial(serial) is None:
        return bool(entry.data[CONF_HOST] == info.ip)
    name = _STICK_NAME.match(info.hostname.lower())
    return name is not None and serial.endswith(name[1])
