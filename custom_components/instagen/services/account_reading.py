"""Actions that look things up in an account."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..account.model import Device, Organisation, Owner, Plant, User
from ..account.permissions import Right
from ..account.rules import permit
from ..account.wire import owners_in
from ..cloud.runtime import AccountRuntime
from ..const import CONF_PLANT_ID
from ..links.cloud import CloudPlant
from ..links.cloud.errors import CloudError, Trouble
from ..links.cloud.values import mapping, whole
from .account_called import called_account, translated_cloud
from .account_requests import ID, ORGANISATION_ID

_ACCOUNT: Final = {vol.Required(ATTR_CONFIG_ENTRY_ID): str}
MOST: Final = 1_000

GET_PLANTS_SCHEMA: Final = vol.Schema(
    {
        **_ACCOUNT,
        vol.Optional("search", default=""): cv.string,
        vol.Optional("offset", default=0): vol.All(vol.Coerce(int), vol.Range(min=0)),
        vol.Optional("limit", default=100): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=MOST)
        ),
    }
)
PLANT_SCHEMA: Final = vol.Schema({**_ACCOUNT, vol.Required(CONF_PLANT_ID): ID})
ORGANISATION_SCHEMA: Final = vol.Schema({**_ACCOUNT, vol.Required(ORGANISATION_ID): ID})
ACCOUNT_SCHEMA: Final = vol.Schema(_ACCOUNT)

_HIDDEN: Final = frozenset({"access_key"})


def told(thing: Device | Organisation | Owner | Plant | User) -> dict[str, Any]:
    """Return all that is known of a thing."""
    values = {
        field.name: getattr(thing, field.name)
        for field in fields(thing)
        if field.name not in _HIDDEN
    }
    return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [*value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return getattr(value, "value", value)


async def async_get_account(call: ServiceCall) -> ServiceResponse:
    """Return who is logged in, as the cloud says now (manual 3.3)."""
    account = called_account(call).runtime_data
    with translated_cloud():
        permit(account.mirror.view.kind, Right.OWN_ACCOUNT)
        row = await account.client.call("who_am_i")
    if isinstance(row, Mapping):
        account.mirror.put_me(row)
    me = account.mirror.me
    return {} if me is None else told(me)


async def async_get_plant(call: ServiceCall) -> ServiceResponse:
    """Return all that the cloud keeps about a plant, and who owns it."""
    account = called_account(call).runtime_data
    with translated_cloud():
        row = await CloudPlant(account.client, call.data[CONF_PLANT_ID]).detail()
        plant = account.mirror.put_detail(row)
        if plant is None:
            raise CloudError(Trouble.GARBLED)
    owners = [told(owner) for owner in owners_in(row)]
    state = plant.state and plant.state.value
    return told(plant) | {"state": state, "owners": owners}


async def async_get_plants(call: ServiceCall) -> ServiceResponse:
    """Return the plants whose name, place or devices hold a text, by name (manual 4.2.2)."""
    view = called_account(call).runtime_data.mirror.view
    search = call.data["search"].strip().casefold()
    with_device = {
        plant
        for plant, devices in view.devices.items()
        if search and any(search in (one.serial or "").casefold() for one in devices)
    }
    found = [
        plant
        for plant in view.plants.values()
        if plant.id in with_device
        or search in f"{plant.name} {plant.address} {plant.id}".casefold()
    ]
    found.sort(key=lambda plant: (plant.name or "", plant.id))
    first = call.data["offset"]
    page = found[first : first + call.data["limit"]]
    rows = [told(one) | {"state": one.state and one.state.value} for one in page]
    return {"total": len(found), "plants": [*rows]}


async def async_get_devices(call: ServiceCall) -> ServiceResponse:
    """Return a plant's devices as they are now."""
    account = called_account(call).runtime_data
    plant = call.data[CONF_PLANT_ID]
    with translated_cloud():
        await account.coordinator.mirroring.read_devices(plant)
    devices = account.mirror.view.devices.get(plant, ())
    kinds = (one.kind for one in devices)
    rows = [
        told(one) | {"kind": kind.name.lower() if kind else None}
        for one, kind in zip(devices, kinds, strict=True)
    ]
    return {"devices": [*rows]}


async def async_get_organisations(call: ServiceCall) -> ServiceResponse:
    """Return the organisations that the account sees."""
    account = called_account(call).runtime_data
    with translated_cloud():
        permit(account.mirror.view.kind, Right.EDIT_ORGANISATION)
        rows = await _rows(account, "organisations", {})
    mirror = account.mirror
    mirror.put_organisations(rows)
    # What the list names no more is gone; it need not name who stands above the account.
    listed = {
        number for row in rows if (number := whole(mapping(row).get("id"))) is not None
    }
    me = mirror.view.me
    above = mirror.view.ancestors(me.organisation) if me and me.organisation else ()
    mirror.keep_organisations({*listed, *above})
    found = sorted(mirror.view.organisations.values(), key=lambda one: one.id)
    return {"organisations": [told(one) for one in found]}


async def async_get_users(call: ServiceCall) -> ServiceResponse:
    """Return the users of an organisation."""
    account = called_account(call).runtime_data
    gid = call.data[ORGANISATION_ID]
    with translated_cloud():
        permit(account.mirror.view.kind, Right.ORGANISATION_USERS)
        rows = await _rows(account, "users", {"gid": gid})
    account.mirror.put_users(gid, rows)
    users = account.mirror.view.users.values()
    return {"users": [told(one) for one in users if one.organisation == gid]}


async def async_get_owners(call: ServiceCall) -> ServiceResponse:
    """Return the owners of an organisation."""
    account = called_account(call).runtime_data
    gid = call.data[ORGANISATION_ID]
    with translated_cloud():
        permit(account.mirror.view.kind, Right.OWNERS)
        rows = await _rows(account, "owners", {"gid": gid})
    account.mirror.put_owners(gid, rows)
    owners = account.mirror.view.owners.values()
    return {"owners": [told(one) for one in owners if one.organisation == gid]}


async def _rows(
    account: AccountRuntime, function: str, body: Mapping[str, object]
) -> list[dict[str, Any]]:
    return [row async for row in account.client.rows(function, body)]
