"""Requests of the account administration as actions: a table, and what carries it out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.const import (
    ATTR_CONFIG_ENTRY_ID,
    ATTR_LATITUDE,
    ATTR_LONGITUDE,
    CONF_EMAIL,
    CONF_PASSWORD,
)
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..account.commands import MaintenanceCommand
from ..account.model import AccountKind, Device, OrganisationKind
from ..account.requests import (
    ActivatePlant,
    AddDtu,
    BindOwner,
    ChangeEmail,
    ChangePassword,
    CreateOrganisation,
    CreateOwner,
    CreateUser,
    DeleteDevice,
    DeleteOrganisation,
    DeleteOwner,
    DeletePlant,
    DeleteUser,
    EditOrganisation,
    EditOwner,
    EditPlant,
    FavouritePlant,
    Maintain,
    NewAccount,
    ReadGridProfile,
    ReplaceDtu,
    Request,
    ResetOwnerPassword,
    SaveRegulation,
    TransferOrganisation,
    TransferPlant,
    UnbindOwner,
)
from ..cloud.asking import async_ask
from ..cloud.runtime import AccountRuntime
from ..const import CONF_PLANT_ID, CONF_SERIAL, DOMAIN
from .account_called import called_account, translated_cloud

type Given = Mapping[str, Any]

ORGANISATION_ID: Final = "organisation_id"
OWNER_ID: Final = "owner_id"
ID: Final = vol.All(vol.Coerce(int), vol.Range(min=1, max=2**53))
"""A number at the cloud; no larger one is sure to survive JSON."""

_TEXT: Final = vol.All(cv.string, vol.Length(0, 200))
_NUMBER: Final = vol.Coerce(float)
PLANT: Final = {vol.Required(CONF_PLANT_ID): ID}
_ORGANISATION: Final = {vol.Required(ORGANISATION_ID): ID}
_OWNER: Final = {vol.Required(OWNER_ID): ID}
DEVICE: Final = {**PLANT, vol.Required(CONF_SERIAL): cv.string}
_NEW_SERIAL: Final = "new_serial"

PLACE: Final = {
    vol.Optional("address"): _TEXT,
    vol.Optional(ATTR_LATITUDE): _NUMBER,
    vol.Optional(ATTR_LONGITUDE): _NUMBER,
    vol.Optional("time_zone"): cv.time_zone,
}
_PERSON: Final = {
    vol.Required("login"): _TEXT,
    vol.Required(CONF_PASSWORD): cv.string,
    vol.Required("full_name"): _TEXT,
    vol.Optional("phone"): _TEXT,
    vol.Optional(CONF_EMAIL): _TEXT,
}
_DETAILS: Final = {
    vol.Optional("name"): _TEXT,
    vol.Optional("contact"): _TEXT,
    vol.Optional("contact_phone"): _TEXT,
    vol.Optional("area"): _TEXT,
}
_ROLES: Final = (AccountKind.NORMAL_INSTALLER, AccountKind.SUB_INSTALLER)


@dataclass(frozen=True, kw_only=True)
class AccountAction:
    """An action: what it takes, and the request that it makes of it."""

    fields: Mapping[vol.Marker, Any]
    make: Callable[[Given, Callable[[], Device]], Request]

    @property
    def schema(self) -> vol.Schema:
        """What a call may hold."""
        return vol.Schema({vol.Required(ATTR_CONFIG_ENTRY_ID): str, **self.fields})


def _action(
    *fields: Mapping[vol.Marker, Any], make: Callable[[Given], Request]
) -> AccountAction:
    joined = {key: value for some in fields for key, value in some.items()}
    return AccountAction(fields=joined, make=lambda given, _: make(given))


def _device_action(
    *fields: Mapping[vol.Marker, Any], make: Callable[[Given, Device], Request]
) -> AccountAction:
    joined = {key: value for some in (DEVICE, *fields) for key, value in some.items()}
    return AccountAction(fields=joined, make=lambda given, find: make(given, find()))


def person(given: Given) -> NewAccount:
    """Return the account that a call describes."""
    return NewAccount(
        login=given["login"],
        password=given[CONF_PASSWORD],
        full_name=given["full_name"],
        phone=given.get("phone"),
        email=given.get(CONF_EMAIL),
    )


def place(given: Given) -> dict[str, Any]:
    """Return where a plant is."""
    names = ("address", ATTR_LATITUDE, ATTR_LONGITUDE, "time_zone")
    return {name: given.get(name) for name in names}


def _details(given: Given) -> dict[str, Any]:
    return {
        "contact": given.get("contact"),
        "phone": given.get("contact_phone"),
        "area": given.get("area"),
    }


ACCOUNT_ACTIONS: Final[Mapping[str, AccountAction]] = {
    # ---- plants (4.2) ----
    "edit_plant": _action(
        PLANT,
        {vol.Optional("name"): _TEXT, vol.Optional("capacity"): _NUMBER},
        PLACE,
        make=lambda given: EditPlant(
            plant=given[CONF_PLANT_ID],
            title=given.get("name"),
            capacity=given.get("capacity"),
            **place(given),
        ),
    ),
    "set_plant_regulation": _action(
        PLANT,
        {vol.Required("grid_code"): _TEXT},
        make=lambda given: SaveRegulation(
            plant=given[CONF_PLANT_ID], grid_code=given["grid_code"]
        ),
    ),
    "activate_plant": _action(
        PLANT, make=lambda given: ActivatePlant(plant=given[CONF_PLANT_ID])
    ),
    "transfer_plant": _action(
        PLANT,
        _ORGANISATION,
        make=lambda given: TransferPlant(
            plant=given[CONF_PLANT_ID], organisation=given[ORGANISATION_ID]
        ),
    ),
    "delete_plant": _action(
        PLANT, make=lambda given: DeletePlant(plant=given[CONF_PLANT_ID])
    ),
    "set_plant_favourite": _action(
        PLANT,
        {vol.Required("favourite"): cv.boolean},
        make=lambda given: FavouritePlant(
            plant=given[CONF_PLANT_ID], favourite=given["favourite"]
        ),
    ),
    "bind_owner": _action(
        PLANT,
        _OWNER,
        make=lambda given: BindOwner(plant=given[CONF_PLANT_ID], owner=given[OWNER_ID]),
    ),
    "unbind_owner": _action(
        PLANT,
        _OWNER,
        make=lambda given: UnbindOwner(
            plant=given[CONF_PLANT_ID], owner=given[OWNER_ID]
        ),
    ),
    # ---- devices (4.3) ----
    "add_dtu": _action(
        PLANT,
        {vol.Required(_NEW_SERIAL): cv.string},
        make=lambda given: AddDtu(
            plant=given[CONF_PLANT_ID], serial=given[_NEW_SERIAL]
        ),
    ),
    "replace_dtu": _device_action(
        {vol.Required(_NEW_SERIAL): cv.string},
        make=lambda given, device: ReplaceDtu(
            plant=given[CONF_PLANT_ID], device=device, serial=given[_NEW_SERIAL]
        ),
    ),
    "delete_device": _device_action(
        make=lambda given, device: DeleteDevice(
            plant=given[CONF_PLANT_ID], device=device
        ),
    ),
    "maintain_device": _device_action(
        {
            vol.Required("command"): vol.Coerce(MaintenanceCommand),
            vol.Optional("battery_type"): vol.Coerce(int),
            # A row of the packages on offer, which tells more.
            vol.Optional("package"): vol.Schema(
                {vol.Required(key): cv.string for key in ("id", "path", "name", "crc")},
                extra=vol.REMOVE_EXTRA,
            ),
        },
        make=lambda given, device: Maintain(
            plant=given[CONF_PLANT_ID],
            device=device,
            command=given["command"],
            battery_type=given.get("battery_type"),
            package=given.get("package"),
        ),
    ),
    "get_grid_profile": _device_action(
        make=lambda given, device: ReadGridProfile(
            plant=given[CONF_PLANT_ID], device=device
        ),
    ),
    # ---- organisations and their users (4.4.1, 4.4.2) ----
    "create_organisation": _action(
        {
            **_ORGANISATION,
            vol.Required("kind"): vol.Coerce(OrganisationKind),
            vol.Required("name"): _TEXT,
        },
        {key: value for key, value in _DETAILS.items() if key != "name"},
        _PERSON,
        make=lambda given: CreateOrganisation(
            parent=given[ORGANISATION_ID],
            kind=given["kind"],
            title=given["name"],
            account=person(given),
            **_details(given),
        ),
    ),
    "edit_organisation": _action(
        _ORGANISATION,
        _DETAILS,
        make=lambda given: EditOrganisation(
            organisation=given[ORGANISATION_ID],
            title=given.get("name"),
            **_details(given),
        ),
    ),
    "transfer_organisation": _action(
        _ORGANISATION,
        {vol.Required("parent_id"): ID},
        make=lambda given: TransferOrganisation(
            organisation=given[ORGANISATION_ID], parent=given["parent_id"]
        ),
    ),
    "delete_organisation": _action(
        _ORGANISATION,
        make=lambda given: DeleteOrganisation(organisation=given[ORGANISATION_ID]),
    ),
    "create_organisation_user": _action(
        _ORGANISATION,
        {vol.Required("role"): vol.All(vol.Coerce(AccountKind), vol.In(_ROLES))},
        _PERSON,
        make=lambda given: CreateUser(
            organisation=given[ORGANISATION_ID],
            role=given["role"],
            account=person(given),
        ),
    ),
    "delete_organisation_user": _action(
        _ORGANISATION,
        {vol.Required("user_id"): ID},
        make=lambda given: DeleteUser(
            organisation=given[ORGANISATION_ID], user=given["user_id"]
        ),
    ),
    # ---- owners (4.4.3) ----
    "create_owner": _action(
        _ORGANISATION,
        {vol.Optional(CONF_PLANT_ID): ID},
        _PERSON,
        make=lambda given: CreateOwner(
            organisation=given[ORGANISATION_ID],
            account=person(given),
            plant=given.get(CONF_PLANT_ID),
        ),
    ),
    "edit_owner": _action(
        _OWNER,
        {
            vol.Optional("full_name"): _TEXT,
            vol.Optional("phone"): _TEXT,
            vol.Optional(CONF_EMAIL): _TEXT,
        },
        make=lambda given: EditOwner(
            owner=given[OWNER_ID],
            full_name=given.get("full_name"),
            phone=given.get("phone"),
            email=given.get(CONF_EMAIL),
        ),
    ),
    "reset_owner_password": _action(
        _OWNER,
        {vol.Required(CONF_PASSWORD): cv.string},
        make=lambda given: ResetOwnerPassword(
            owner=given[OWNER_ID], password=given[CONF_PASSWORD]
        ),
    ),
    "delete_owner": _action(
        _ORGANISATION,
        _OWNER,
        make=lambda given: DeleteOwner(
            organisation=given[ORGANISATION_ID], owner=given[OWNER_ID]
        ),
    ),
    # ---- own account (3.3) ----
    "change_account_email": _action(
        {vol.Required(CONF_EMAIL): _TEXT},
        make=lambda given: ChangeEmail(email=given[CONF_EMAIL]),
    ),
    "change_account_password": _action(
        {
            vol.Required("old_password"): cv.string,
            vol.Required(CONF_PASSWORD): cv.string,
        },
        make=lambda given: ChangePassword(
            old=given["old_password"], new=given[CONF_PASSWORD]
        ),
    ),
}
"""All but creating a plant, which takes several requests."""


def device_of(account: AccountRuntime, given: Given) -> Device:
    """Return the device that a call names by its serial."""
    devices = account.mirror.view.devices.get(given[CONF_PLANT_ID], ())
    serial = given[CONF_SERIAL].strip().upper()
    for device in devices:
        if device.serial is not None and device.serial.upper() == serial:
            return device
    raise ServiceValidationError(
        translation_domain=DOMAIN, translation_key="no_such_device"
    )


async def async_run_account_action(call: ServiceCall) -> ServiceResponse:
    """Check a request against the manual, ask the cloud for it, and return what it says."""
    action = ACCOUNT_ACTIONS[call.service]
    entry = called_account(call)
    account = entry.runtime_data
    with translated_cloud():
        if CONF_SERIAL in call.data:
            await account.coordinator.mirroring.read_devices(call.data[CONF_PLANT_ID])
        request = action.make(call.data, lambda: device_of(account, call.data))
        told = await async_ask(call.hass, entry, request)
    return answer_of(told)


def answer_of(told: object) -> ServiceResponse:
    """Return what the cloud said as an action's answer: an id, a list, or nothing."""
    if isinstance(told, bool) or told is None:
        return {}
    if isinstance(told, int):
        return {"id": told}
    if isinstance(told, dict):
        return dict(told)
    return {"items": told} if isinstance(told, list) else {"answer": str(told)}
