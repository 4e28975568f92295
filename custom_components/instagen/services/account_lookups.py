"""Look-ups that are one question to the cloud: a table, and what carries it out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..account.model import Device, DeviceKind
from ..account.permissions import Right
from ..account.rules import Rule, need, need_kind, permit
from ..const import CONF_PLANT_ID, CONF_SERIAL
from .account_called import called_account, translated_cloud
from .account_requests import DEVICE, PLANT, device_of

type _Body = dict[str, object]
type _Given = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class LookUp:
    """A question: what a call of it takes, and what of the answer is told."""

    function: str
    fields: Mapping[vol.Marker, Any]
    body: Callable[[_Given, Device | None], _Body]
    right: Right = Right.VIEW
    rows: str | None = None
    """Under what name a list is told; None where the answer is one thing."""

    paged: bool = False
    kind: DeviceKind | None = None
    """What the device has to be, where only one kind has the answer."""

    section: str = ""
    """Of the manual, for that."""

    @property
    def schema(self) -> vol.Schema:
        """What a call may hold."""
        return vol.Schema({vol.Required(ATTR_CONFIG_ENTRY_ID): str, **self.fields})


def _of_plant(given: _Given, _: Device | None) -> _Body:
    return {"sid": given[CONF_PLANT_ID]}


def _of_device(_: _Given, device: Device | None) -> _Body:
    return {"id": device.id} if device else {}


def _of_serial(_: _Given, device: Device | None) -> _Body:
    return {"dev_type": device.code, "dev_sn": device.serial} if device else {}


LOOK_UPS: Final[Mapping[str, LookUp]] = {
    "get_income": LookUp(function="income", fields=PLANT, body=_of_plant),
    "get_plant_capabilities": LookUp(
        function="plant_capabilities", fields=PLANT, body=_of_plant
    ),
    "get_dtu": LookUp(
        function="dtu",
        fields=DEVICE,
        body=_of_device,
        kind=DeviceKind.DTU,
        section="4.3.1",
    ),
    "check_firmware": LookUp(function="firmware_check", fields=PLANT, body=_of_plant),
    "get_firmware_packages": LookUp(
        function="firmware_packages",
        fields=DEVICE,
        body=_of_serial,
        right=Right.MAINTENANCE,
        rows="packages",
        section="4.3.2.4",
    ),
    "get_grid_profiles": LookUp(
        function="grid_profiles",
        fields={vol.Optional("search", default=""): cv.string},
        body=lambda given, _: {"name": given["search"]} if given["search"] else {},
        right=Right.GRID_PROFILE,
        rows="profiles",
        paged=True,
    ),
}


async def async_look_up(call: ServiceCall) -> ServiceResponse:
    """Ask the cloud for something, and return what it says."""
    row = LOOK_UPS[call.service]
    account = called_account(call).runtime_data
    with translated_cloud():
        permit(account.mirror.view.kind, row.right)
        device = None
        if CONF_SERIAL in call.data:
            await account.coordinator.mirroring.read_devices(call.data[CONF_PLANT_ID])
            device = device_of(account, call.data)
            need(device.serial, Rule.SERIAL_MISSING, row.section)
            if row.kind is not None:
                need_kind(device, row.kind, row.section)
        body = row.body(call.data, device)
        told: Any
        if row.paged:
            told = [one async for one in account.client.rows(row.function, body)]
        else:
            told = await account.client.call(row.function, body)
    if row.rows is not None:
        return {row.rows: told if isinstance(told, list) else []}
    return dict(told) if isinstance(told, Mapping) else {}
