"""Bringing a stick into the house's network (manual 2.1, 2.2 and 2.4).

Read all settings, change a few, write all back, read them again, and for a change of the
Wi-Fi watch until the stick has joined and is found by its serial. Whatever happens on the
way ends in an error that says why, and whether the stick now has its old settings, the
new ones, or nobody knows. The old ones stay in memory, and there only, for the way back.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
import re
from typing import Final

from ..links.dts.errors import DtsError, NotSupportedError, verdict_of
from ..links.dts.gateway_settings import (
    GatewaySettings,
    SetState,
    is_connected,
    read_settings,
    write_settings,
)
from ..links.dts.session import DtsSession

ACCESS_POINT_HOST: Final = "10.10.100.254"
"""Where a stick is in its own network (facts/local-protocol.md section 3)."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_PASSWORD: Final = re.compile(r"[A-Za-z0-9_-]{8,63}")

type OpenSession = Callable[[str], DtsSession]
"""Makes a session with whoever is at an address; it opens with the first question."""

type Search = Callable[[int], Awaitable[str | None]]
"""Looks through the local network for a stick by its serial."""


class SettingsState(StrEnum):
    """Which settings the stick has, as far as anybody can tell."""

    OLD = "old"
    NEW = "new"
    UNKNOWN = "unknown"


class Failure(StrEnum):
    """Why it went wrong, beside the verdicts of the link."""

    NOT_SUPPORTED = "not_supported"
    UNREADABLE = "settings_unreadable"
    WRONG_OLD_PASSWORD = "wrong_old_password"  # noqa: S105
    REFUSED = "settings_refused"
    NOT_TAKEN = "settings_not_taken"
    HALF_WRITTEN = "settings_half_written"
    NOT_VERIFIED = "settings_not_verified"
    WRONG_WIFI_PASSWORD = "wrong_wifi_password"  # noqa: S105
    NO_SUCH_NETWORK = "no_such_network"
    NOT_CONNECTED = "not_connected"
    NOT_FOUND = "stick_not_found"


_REASONS: Final[Mapping[int, Failure]] = {
    SetState.WRONG_PASSWORD: Failure.WRONG_WIFI_PASSWORD,
    SetState.NO_SUCH_NETWORK: Failure.NO_SUCH_NETWORK,
}


class CommissioningError(Exception):
    """A step failed; ``reason`` is a ``Failure`` or a verdict of the link."""

    def __init__(self, reason: str, settings: SettingsState) -> None:
        """Remember why, and what the stick has now."""
        super().__init__(reason)
        self.reason = reason
        self.settings = settings


@dataclass(frozen=True, kw_only=True)
class WifiChange:
    """Another network for the stick to join."""

    name: str = field(repr=False)
    password: str = field(repr=False)

    @property
    def settings(self) -> Mapping[str, bytes]:
        """What changes."""
        return {
            "wifi_name": self.name.encode(),
            "wifi_password": self.password.encode(),
        }


@dataclass(frozen=True, kw_only=True)
class AccessPointChange:
    """Another password for the stick's own network."""

    old: str = field(repr=False)
    new: str = field(repr=False)

    @property
    def settings(self) -> Mapping[str, bytes]:
        """What changes."""
        return {"access_point_password": self.new.encode()}


type Change = WifiChange | AccessPointChange


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait for what, in seconds."""

    pause: float = 2.0
    """Between two connections (facts/local-protocol.md section 5)."""

    verify: float = 60.0
    connect: float = 120.0
    tries: int = 3
    """In vain at a known address before the network is searched."""


PATIENCE: Final = Patience()


def is_name(text: str) -> bool:
    """Tell whether a stick takes a network's name (manual 2.2)."""
    return _NAME.fullmatch(text) is not None


def is_password(text: str) -> bool:
    """Tell whether a stick takes a password: no spaces, nothing special (manual 2.2)."""
    return _PASSWORD.fullmatch(text) is not None


class Commissioning:
    """One change of a stick's settings, step by step; each may be done again.

    The order is ``read``, ``write``, and ``connect`` for a change of the Wi-Fi. After a
    failure ``verify`` looks again, and ``undo`` writes the old settings. All of them
    raise ``CommissioningError``.
    """

    def __init__(
        self,
        open_session: OpenSession,
        host: str,
        *,
        serial: int = 0,
        search: Search | None = None,
        patience: Patience = PATIENCE,
    ) -> None:
        """Take a way to the stick; ``serial`` is the one that must answer, 0 for any."""
        self.host = host
        """Where the stick was seen last."""
        self.serial = serial
        self.state = SettingsState.OLD
        self._open = open_session
        self._search = search
        self._patience = patience
        self._before: GatewaySettings | None = None
        self._now: GatewaySettings | None = None
        self._wanted: GatewaySettings | None = None
        self._refused = False
        self._quiet_until = float("-inf")

    # ---- the steps ----

    async def read(self) -> None:
        """Read the settings: those to go back to, unless the stick has new ones."""
        if self.state is not SettingsState.OLD:
            await self._locate()
        try:
            async with self._session() as session:
                now = await read_settings(session)
                self.serial = session.serial
        except NotSupportedError as err:
            raise self._error(Failure.NOT_SUPPORTED) from err
        except DtsError as err:
            raise self._error(verdict_of(err)) from err
        if not now.whole:
            raise self._error(Failure.UNREADABLE)
        self._now = now
        if self._before is None or self.state is SettingsState.OLD:
            self._before = now

    async def write(self, change: Change) -> None:
        """Write the settings with a change in them, and make sure that they are there."""
        before, now = self._known()
        password = None
        if isinstance(change, AccessPointChange):
            password = change.old.encode()
            if now.access_point_password not in {b"", password}:
                raise self._error(Failure.WRONG_OLD_PASSWORD)
        await self._put(before.changed(change.settings), password)

    async def verify(self) -> None:
        """Read until the stick shows what was written, or time is up."""
        self._known()
        seen: GatewaySettings | None = None

        async def look(session: DtsSession) -> bool:
            nonlocal seen
            seen = self._now = await read_settings(session)
            return self._refused or seen == self._wanted

        await self._until(self._patience.verify, look)
        self.state = SettingsState.UNKNOWN if seen is None else self._state_of(seen)
        if seen is None:
            raise self._error(Failure.NOT_VERIFIED)
        if seen != self._wanted:
            raise self._error(self._why_not())

    async def connect(self) -> None:
        """Watch the stick join its new network, and find it there."""
        answered = False

        async def look(session: DtsSession) -> bool:
            nonlocal answered
            await session.gateway_information()
            told = await session.network_information()
            answered = True
            if (reason := _REASONS.get(told.set_state)) is not None:
                raise self._error(reason)
            return is_connected(told)

        if await self._until(self._patience.connect, look):
            await self._follow()
        else:
            why = Failure.NOT_CONNECTED if answered else Failure.NOT_FOUND
            raise self._error(why)

    async def undo(self) -> None:
        """Write the settings that the stick had at first."""
        before, _ = self._known()
        await self.read()
        _, now = self._known()
        same = now.access_point_password == before.access_point_password
        await self._put(before, None if same else now.access_point_password)

    # ---- writing ----

    def _known(self) -> tuple[GatewaySettings, GatewaySettings]:
        """Return the settings from before and those read last."""
        if self._before is None or self._now is None:
            raise self._error(Failure.UNREADABLE)
        return self._before, self._now

    async def _put(self, wanted: GatewaySettings, old_password: bytes | None) -> None:
        """Write, unless it is there already; then see what became of it."""
        self._wanted, self._refused = wanted, False
        if self._now == wanted:
            self.state = self._state_of(wanted)
            return
        sent = False
        try:
            async with self._session() as session:
                await session.gateway_information()
                sent, self.state = True, SettingsState.UNKNOWN
                taken = await write_settings(session, wanted, old_password=old_password)
                self._refused = not taken
        except DtsError as err:
            # Once it was sent, silence proves nothing: only reading tells.
            if not sent:
                raise self._error(verdict_of(err)) from err
        await self.verify()

    def _state_of(self, seen: GatewaySettings) -> SettingsState:
        if seen == self._before:
            return SettingsState.OLD
        return SettingsState.NEW if seen == self._wanted else SettingsState.UNKNOWN

    def _why_not(self) -> Failure:
        """Name why the stick does not show what was written."""
        if self.state is SettingsState.UNKNOWN:
            return Failure.HALF_WRITTEN
        return Failure.REFUSED if self._refused else Failure.NOT_TAKEN

    def _error(self, reason: str) -> CommissioningError:
        return CommissioningError(str(reason), self.state)

    # ---- reaching the stick, wherever it is now ----

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[DtsSession]:
        """Talk to the stick, at a distance from the last time."""
        clock = asyncio.get_running_loop().time
        if (wait := self._quiet_until - clock()) > 0:
            await asyncio.sleep(wait)
        session = self._open(self.host)
        session.serial = self.serial
        try:
            yield session
        finally:
            await session.stream.close()
            self._quiet_until = clock() + self._patience.pause

    async def _until(
        self, seconds: float, ask: Callable[[DtsSession], Awaitable[bool]]
    ) -> bool:
        """Ask again and again until the answer is yes; return False when time is up."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + seconds
        in_vain = 0
        while True:
            try:
                async with self._session() as session:
                    if await ask(session):
                        return True
                in_vain = 0
            except DtsError:
                in_vain += 1
            if in_vain and in_vain % self._patience.tries == 0:
                await self._look_elsewhere()
            if clock() >= deadline:
                return False

    async def _look_elsewhere(self) -> None:
        """Search the network for the stick, which may have another address now."""
        if self._search is not None:
            self.host = await self._search(self.serial) or self.host

    async def _follow(self) -> None:
        """Go where the stick says that it is now, if it can be reached there."""
        here = self.host
        try:
            async with self._session() as session:
                told = (await read_settings(session)).address
            if told in {None, here}:
                return
            self.host = told or here
            async with self._session() as session:
                await session.gateway_information()
        except DtsError:
            self.host = here
            await self._look_elsewhere()

    async def _locate(self) -> None:
        """Search for the stick when it is not where it was."""
        try:
            async with self._session() as session:
                await session.gateway_information()
        except DtsError:
            await self._look_elsewhere()
