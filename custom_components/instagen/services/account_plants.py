"""Creating a plant: several requests in a row, all checked before the first is sent."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, CONF_PASSWORD
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..account.requests import (
    ActivatePlant,
    AddDtu,
    BindOwner,
    CreateOwner,
    CreatePlant,
    Request,
    SaveRegulation,
)
from ..cloud.asking import async_ask, async_check
from ..cloud.runtime import AccountRuntime
from ..const import DOMAIN
from ..links.cloud.errors import CloudError, Trouble
from ..links.cloud.values import whole
from .account_called import called_account, translated_cloud
from .account_cover import ATTR_COVER, async_cover, async_upload
from .account_requests import ID, ORGANISATION_ID, OWNER_ID, PLACE, person, place

_RESIDENTIAL: Final = 1
"""The only plant type that is known (facts/cloud-model.md 6.1)."""

_UNBORN: Final = 0
"""Stands for the plant's number in requests that are checked before it has one."""

CREATE_PLANT_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_CONFIG_ENTRY_ID): str,
        vol.Required("name"): cv.string,
        vol.Required("capacity"): vol.Coerce(float),
        **PLACE,
        vol.Optional(ORGANISATION_ID): ID,
        vol.Exclusive(OWNER_ID, "owner"): ID,
        vol.Exclusive("login", "owner"): cv.string,
        vol.Optional(CONF_PASSWORD, default=""): cv.string,
        vol.Optional("full_name", default=""): cv.string,
        vol.Optional("email"): cv.string,
        vol.Optional("phone"): cv.string,
        vol.Optional("dtu_serials", default=list): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional("grid_code"): cv.string,
        vol.Optional(ATTR_COVER): cv.string,
    }
)


async def async_create_plant(call: ServiceCall) -> ServiceResponse:
    """Create a plant with what the call tells; activate it with its regulation."""
    entry = called_account(call)
    account = entry.runtime_data
    given = call.data
    create = CreatePlant(
        title=given["name"],
        code=_RESIDENTIAL,
        capacity=given["capacity"],
        organisation=given.get(ORGANISATION_ID),
        **place(given),
    )
    steps = _steps(account, given)
    with translated_cloud():
        for request in (create, *steps):
            await async_check(account, request)
        if ATTR_COVER in given:
            cover = await async_cover(call.hass, given[ATTR_COVER])
            create = replace(create, cover=await async_upload(account, cover))
        plant = whole(await async_ask(call.hass, entry, create))
        if plant is None:
            raise CloudError(Trouble.GARBLED)
    done = [create.function]
    for step in steps:
        try:
            with translated_cloud():
                await async_ask(call.hass, entry, replace(step, plant=plant))
        except HomeAssistantError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="plant_half_created",
                translation_placeholders={
                    "plant": str(plant),
                    "step": step.function,
                    "reason": str(err),
                },
            ) from err
        done.append(step.function)
    return {"id": plant, "steps": [*done]}


def _steps(account: AccountRuntime, given: Mapping[str, Any]) -> list[Any]:
    """Return the requests that follow, in the manual's order (4.2.1)."""
    steps: list[Request] = []
    me = account.mirror.me
    if OWNER_ID in given:
        steps.append(BindOwner(plant=_UNBORN, owner=given[OWNER_ID]))
    elif "login" in given:
        home = given.get(ORGANISATION_ID) or (me.organisation if me else None)
        steps.append(
            CreateOwner(organisation=home, account=person(given), plant=_UNBORN)
        )
    steps += [AddDtu(plant=_UNBORN, serial=serial) for serial in given["dtu_serials"]]
    if "grid_code" in given:
        steps += [
            SaveRegulation(plant=_UNBORN, grid_code=given["grid_code"]),
            ActivatePlant(plant=_UNBORN),
        ]
    return steps
