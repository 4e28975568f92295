"""Asking the cloud for something on somebody's behalf: rules first, then consent, then once."""

from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..account.requests import Maintain, ReplaceDtu, Request
from ..account.view import Needs
from ..const import DOMAIN
from ..links.cloud.errors import CloudError, Trouble
from ..links.cloud.functions import FUNCTIONS
from ..plant.evidence import Evidence
from .runtime import AccountEntry, AccountRuntime

EVENT_PROGRESS: Final = f"{DOMAIN}_account_progress"
"""Fired while a device carries out a job, with how many percent are done."""

_ROUNDS: Final = 2
"""An answer may show that more is needed, once (account/requests/base.py)."""

_PROVEN: Final = frozenset({Evidence.CONFIRMED, Evidence.DOCUMENTED})


async def async_ask(hass: HomeAssistant, entry: AccountEntry, request: Request) -> Any:
    """Ask for something; raise ``RuleError`` before and ``CloudError`` after sending."""
    account = entry.runtime_data
    await async_check(account, request)
    function = FUNCTIONS[request.function]
    body = request.body(account.dialect)
    if function.job is None:
        told = await account.client.call(function, body)
    else:
        told = await account.client.run(
            function, body, progress=_progress(hass, entry, request)
        )
    if function.writes:
        await _look_again(account, request)
    return told


async def async_check(account: AccountRuntime, request: Request) -> None:
    """Raise when the manual forbids a request, or nobody has consented to it."""
    fetched = Needs()
    for _ in range(_ROUNDS):
        needs = request.needs(account.mirror.view)
        details = needs.details - fetched.details
        devices = needs.devices - fetched.devices
        if not (details or devices):
            break
        await account.coordinator.mirroring.fetch(details, devices)
        fetched = needs
    request.check(account.mirror.view)
    function = FUNCTIONS[request.function]
    proven = request.evidence in _PROVEN or not function.writes
    if not (proven or account.client.opt_in or account.client.brand.reference):
        raise CloudError(Trouble.NEEDS_OPT_IN)


def _progress(hass: HomeAssistant, entry: AccountEntry, request: Request) -> Any:
    def tell(percent: int) -> None:
        data = {
            "config_entry_id": entry.entry_id,
            "plant_id": getattr(request, "plant", None),
            "request": request.command.value
            if isinstance(request, Maintain)
            else request.function,
            "percent": percent,
        }
        hass.bus.async_fire(EVENT_PROGRESS, data)

    return tell


async def _look_again(account: AccountRuntime, request: Request) -> None:
    """See what a request has changed; that it was done is known already."""
    plant = getattr(request, "plant", None)
    try:
        if isinstance(plant, int) and plant in account.mirror.view.plants:
            devices = (plant,) if not isinstance(request, Maintain) else ()
            await account.coordinator.mirroring.fetch((plant,), devices)
    except CloudError:
        pass  # the next sync tells
    if not isinstance(request, Maintain | ReplaceDtu):
        await account.coordinator.async_refresh()
