"""What is kept of an account over a restart: the copy of it, and when not to log in.

A copy of thousands of plants is packed in portions: Home Assistant reads a file in one go,
and a large one would hold the event loop for too long.
"""

import asyncio
from base64 import b64decode, b64encode
import json
from typing import Any, Final
import zlib

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..account.snapshot import Kept
from ..account.sync import AccountMirror
from ..const import DOMAIN
from ..links.cloud.session import CloudSession

SAVE_DELAY: Final = 60
"""Seconds that what was fetched may stay unsaved."""

_VERSION: Final = 1


def _store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    return Store(hass, _VERSION, f"{DOMAIN}.{entry_id}.account", private=True)


class MirrorStore:
    """Keeps the copy of one account."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        mirror: AccountMirror,
        session: CloudSession,
    ) -> None:
        """Keep a mirror and a session; nothing is read or written yet."""
        self._hass = hass
        self._store = _store(hass, entry_id)
        self._mirror = mirror
        self._session = session
        self._task: asyncio.TimerHandle | None = None
        self._saving = asyncio.Lock()
        self._closed = False

    async def async_load(self, *, with_session: bool) -> None:
        """Fill the mirror, and the session if asked, with what was kept."""
        kept = await self._store.async_load()
        if not kept:
            return
        if with_session:
            age = max(0.0, dt_util.utcnow().timestamp() - kept["time"])
            self._session.restore(kept["session"], age=age)
        for portion in kept["mirror"]:
            step = await self._hass.async_add_executor_job(_unpacked, portion)
            self._mirror.restore(step)
            await asyncio.sleep(0)

    @callback
    def async_remember(self) -> None:
        """See to it that the copy is written before long."""
        if self._task is None and not self._closed:
            self._task = self._hass.loop.call_later(SAVE_DELAY, self._save_soon)

    @callback
    def _save_soon(self) -> None:
        self._task = None
        self._hass.async_create_task(self.async_save(), f"{DOMAIN} account copy")

    async def async_close(self) -> None:
        """Write the copy for the last time."""
        self._closed = True
        await self.async_save()

    async def async_save(self) -> None:
        """Write the copy now."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        async with self._saving:
            portions = []
            for step in self._mirror.dump():
                packed = await self._hass.async_add_executor_job(_packed, step)
                portions.append(packed)
            await self._store.async_save(
                {
                    "time": dt_util.utcnow().timestamp(),
                    "session": self._session.snapshot(),
                    "mirror": portions,
                }
            )


async def async_forget_account(hass: HomeAssistant, entry_id: str) -> None:
    """Forget an account that was removed."""
    await _store(hass, entry_id).async_remove()


def _packed(step: Kept) -> str:
    return b64encode(zlib.compress(json.dumps(step).encode())).decode()


def _unpacked(portion: str) -> Kept:
    kept: Kept = json.loads(zlib.decompress(b64decode(portion)))
    return kept
