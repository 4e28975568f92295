"""Which plants stand on both sides: set up locally, and followed in an account.

Such a plant is one plant with one more link. The local entry takes the cloud as its last
link and its last road; the account shows no second set of entities.
"""

from collections.abc import Iterator
from itertools import takewhile
from typing import Final

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigSubentry,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..connection_test import stick_of
from ..const import (
    CONF_KIND,
    CONF_PLANT_ID,
    CONF_STICK_SERIAL,
    DOMAIN,
    KIND_ACCOUNT,
    SUBENTRY_PLANT,
)
from ..links.cloud import CloudPlant
from ..plant.identity import normalize_serial
from .clients import async_clients

_LEFT_OUT: Final = {"include_ignore": False, "include_disabled": False}


def is_account(entry: ConfigEntry) -> bool:
    """Tell whether an entry is an account and no plant."""
    return entry.data.get(CONF_KIND) == KIND_ACCOUNT


def local_serials(hass: HomeAssistant) -> frozenset[str]:
    """Return the serials of the DTUs that local entries reach."""
    entries = hass.config_entries.async_entries(DOMAIN, **_LEFT_OUT)
    serials = (stick_of(entry) for entry in entries if not is_account(entry))
    return frozenset(serial for serial in serials if serial)


def claimed_serials(hass: HomeAssistant, account: ConfigEntry) -> frozenset[str]:
    """Return the serials of the DTUs that an account must leave to others.

    Those are the local entries', and those of the accounts before it: two that steer one
    battery would undo each other's work.
    """
    before = takewhile(lambda one: one[0].entry_id != account.entry_id, _followed(hass))
    serials = (serial for _, serial, _ in before)
    return local_serials(hass) | {serial for serial in serials if serial}


def followed_elsewhere(
    hass: HomeAssistant, serial: str, account: ConfigEntry | None = None
) -> bool:
    """Tell whether an account other than this one follows the plant of a DTU."""
    return any(
        known == serial and (account is None or entry.entry_id != account.entry_id)
        for entry, known, _ in _followed(hass)
    )


@callback
def async_note_stick(
    hass: HomeAssistant, account: ConfigEntry, plant: ConfigSubentry, serial: str | None
) -> None:
    """Keep which DTU a followed plant has now: the portal can replace it.

    The plant's entities keep the name of the first one.
    """
    known = normalize_serial(serial or "")
    if known is not None and known != stick_of(plant):
        data = {**plant.data, CONF_STICK_SERIAL: known}
        hass.config_entries.async_update_subentry(account, plant, data=data)


def _followed(hass: HomeAssistant) -> Iterator[tuple[ConfigEntry, str | None, int]]:
    """Walk through all followed plants: account, serial of the DTU, number."""
    for entry in hass.config_entries.async_entries(DOMAIN, **_LEFT_OUT):
        if is_account(entry):
            for subentry in entry.subentries.values():
                if subentry.subentry_type == SUBENTRY_PLANT:
                    yield entry, stick_of(subentry), int(subentry.data[CONF_PLANT_ID])


def cloud_plant_of(hass: HomeAssistant, entry: ConfigEntry) -> CloudPlant | None:
    """Return a local plant as an account follows it, None when none does."""
    own = stick_of(entry)
    for account, serial, sid in _followed(hass):
        if serial == own:
            return CloudPlant(async_clients(hass).of(account), sid)
    return None


def _outlook(hass: HomeAssistant, entry: ConfigEntry) -> object:
    """Return all that an entry has to be loaded anew for when it changes."""
    if is_account(entry):
        plants = entry.subentries.values()
        followed = {one.subentry_id: dict(one.data) for one in plants}
        return followed, claimed_serials(hass, entry) & {
            stick_of(one) for one in plants
        }
    own = stick_of(entry)
    return [
        (account.entry_id, sid, dict(account.data))
        for account, serial, sid in _followed(hass)
        if serial == own
    ]


@callback
def async_watch_covering(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Load an entry anew when what it covers, or is covered by, becomes another."""
    before = _outlook(hass, entry)

    @callback
    def look(change: ConfigEntryChange, changed: ConfigEntry) -> None:
        nonlocal before
        if changed.domain != DOMAIN or (
            change is ConfigEntryChange.REMOVED and changed.entry_id == entry.entry_id
        ):
            return
        if (now := _outlook(hass, entry)) != before:
            before = now
            hass.config_entries.async_schedule_reload(entry.entry_id)

    entry.async_on_unload(
        async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, look)
    )
