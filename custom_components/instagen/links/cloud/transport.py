"""Posting to the cloud, with a bound on everything: time, size, depth, requests at once.

The session is the caller's and verifies certificates. It must keep no cookies: two
accounts of one brand would get each other's (facts/cloud-api.md 1.1).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
import json
import re
from time import monotonic
from typing import Any, Final, override
import zlib

from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    DummyCookieJar,
    FormData,
    hdrs,
)
from yarl import URL

from .. import LinkStatistics
from .errors import AWAY, TRANSIENT, CloudError, Trouble, http_trouble

type Sleep = Callable[[float], Any]
"""Waits some seconds, as ``asyncio.sleep`` does."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much of what is too much. Times in seconds, sizes in bytes."""

    timeout: float = 20.0
    """For one request with its answer (facts/cloud-api.md section 9)."""

    size: int = 8_000_000
    depth: int = 24
    """The deepest answer known is a device tree of 10."""

    parallel: int = 5
    tries: int = 3
    """For a read; a write is sent once."""

    backoff: float = 1.0
    """Before a second try; doubled before a third."""


LIMITS: Final = Limits()

_CHUNK: Final = 65_536
_AT_ONCE: Final = 32_768
"""Bytes that are decoded where we stand: below 5 ms. More goes to a thread."""

_LATEST_YEAR: Final = 9000
"""Of a clock that is believed: time goes on from there."""

_GZIP: Final = b"\x1f\x8b"
_WINDOW: Final = zlib.MAX_WBITS | 16
"""Tells the unpacker that it is gzip."""

_HALVES: Final = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")
"""Surrogates, which are letters only in pairs."""

_BRACKETS: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)


@dataclass(frozen=True)
class File:
    """A file to be uploaded."""

    name: str
    content: bytes = field(repr=False)
    kind: str
    """Its media type, such as ``image/png``."""


@dataclass(frozen=True)
class Post:
    """One request. Its headers hold the token, so it tells nobody what is in it."""

    url: URL
    body: object
    headers: Mapping[str, str]
    write: bool = False
    """Whether it changes something; then it is sent once, whatever happens."""

    file: File | None = None
    """Sent in place of a body."""

    @override
    def __repr__(self) -> str:
        return f"Post({self.url.path})"


@dataclass(frozen=True)
class _Reply:
    body: bytes
    date: str


class Transport:
    """Sends requests of one account and bounds what comes back."""

    def __init__(
        self,
        session: ClientSession,
        *,
        limits: Limits = LIMITS,
        clock: Callable[[], float] = monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Take the session; nothing is sent yet.

        Raises ``ValueError`` for a session that keeps cookies.
        """
        if not isinstance(session.cookie_jar, DummyCookieJar):
            raise ValueError("the session must not keep cookies")
        self.statistics = LinkStatistics()
        self.clock = clock
        self.sleep = sleep
        self.limits = limits
        self._session = session
        self._slots = asyncio.Semaphore(limits.parallel)
        self._away = False
        self._told: tuple[datetime, float] | None = None
        """What time the cloud said it was, and when by our clock."""

    def now(self) -> datetime:
        """Return the time by the cloud's clock: ours may be wrong.

        Before the first answer it is the machine's own.
        """
        if self._told is None:
            return datetime.now(UTC)
        at, heard = self._told
        return at + timedelta(seconds=self.clock() - heard)

    async def json(self, post: Post) -> Any:
        """Post and return the decoded answer; raise ``CloudError`` otherwise."""
        return await self._patiently(post, self._decoded)

    async def raw(self, post: Post) -> bytes:
        """Post and return the body as it is; raise ``CloudError`` otherwise."""
        return (await self._patiently(post, self._once)).body

    async def _patiently[ResultT](
        self, post: Post, work: Callable[[Post], Awaitable[ResultT]]
    ) -> ResultT:
        """Try a read again after a trouble that passes, ever later, and a write never.

        A cloud that was away all the last time is asked once, until it is back.
        """
        left = 1 if post.write or self._away else self.limits.tries
        pause = self.limits.backoff
        while True:
            left -= 1
            try:
                told = await work(post)
            except CloudError as err:
                if not left or err.trouble not in TRANSIENT:
                    self._away = err.trouble in AWAY
                    raise
            else:
                self._away = False
                return told
            self.statistics.rereads += 1
            await self.sleep(pause)
            pause *= 2

    async def _decoded(self, post: Post) -> Any:
        reply = await self._once(post)
        try:
            told = await decode(reply.body, self.limits.depth)
        except CloudError:
            self.statistics.garbled += 1
            raise
        self._hear(reply.date)
        return told

    async def _once(self, post: Post) -> _Reply:
        async with self._slots:
            self.statistics.requests += 1
            try:
                async with asyncio.timeout(self.limits.timeout), self._sent(post) as it:
                    body = await self._read(it)
                    date = it.headers.get(hdrs.DATE, "")
            except TimeoutError as err:
                self.statistics.timeouts += 1
                raise CloudError(Trouble.TIMEOUT) from err
            except (ClientError, OSError) as err:
                self.statistics.lost += 1
                raise CloudError(Trouble.UNREACHABLE) from err
        self.statistics.answers += 1
        return _Reply(await self._unpacked(body), date)

    @asynccontextmanager
    async def _sent(self, post: Post) -> AsyncIterator[ClientResponse]:
        """Send; a redirect is never followed, for it would take the token along."""
        async with self._session.post(
            post.url,
            json=None if post.file else post.body,
            data=_form(post.file) if post.file else None,
            headers={hdrs.ACCEPT_ENCODING: "gzip", **post.headers},
            allow_redirects=False,
            auto_decompress=False,
        ) as response:
            if (wrong := http_trouble(response.status)) is not None:
                self.statistics.refused += 1
                response.close()
                raise wrong
            yield response

    def _hear(self, text: str) -> None:
        """Take the cloud's clock over; who stands between us and it has another."""
        try:
            date = parsedate_to_datetime(text)
        except ValueError:
            return
        if date.tzinfo is not None and date.year <= _LATEST_YEAR:
            self._told = (date, self.clock())

    async def _read(self, response: ClientResponse) -> bytes:
        """Read a body up to the limit; what is larger is not read to its end."""
        size = response.content_length or 0
        body = bytearray()
        if size <= self.limits.size:
            async for chunk in response.content.iter_chunked(_CHUNK):
                body += chunk
                size = len(body)
                if size > self.limits.size:
                    break
        if size > self.limits.size:
            response.close()
            self.statistics.garbled += 1
            raise CloudError(Trouble.TOO_LARGE)
        return bytes(body)

    async def _unpacked(self, body: bytes) -> bytes:
        """Unpack what was packed on the way or is packed by itself."""
        if not body.startswith(_GZIP):
            return body
        try:
            return await asyncio.to_thread(_unzip, body, self.limits.size)
        except CloudError:
            self.statistics.garbled += 1
            raise

    @override
    def __repr__(self) -> str:
        return "Transport()"


def _form(file: File) -> FormData:
    form = FormData()
    form.add_field("file", file.content, filename=file.name, content_type=file.kind)
    return form


def _unzip(body: bytes, size: int) -> bytes:
    """Unpack, but never more than ``size``: a small body may hold a large one."""
    unpacker = zlib.decompressobj(_WINDOW)
    try:
        unpacked = unpacker.decompress(body, size + 1)
    except zlib.error as err:
        raise CloudError(Trouble.GARBLED) from err
    if len(unpacked) > size:
        raise CloudError(Trouble.TOO_LARGE)
    if not unpacker.eof:
        raise CloudError(Trouble.GARBLED)
    return unpacked


async def decode(body: bytes, depth: int) -> Any:
    """Decode JSON that is not nested deeper than ``depth``."""
    if len(body) <= _AT_ONCE:
        return _decode(body, depth)
    return await asyncio.to_thread(_decode, body, depth)


def _decode(body: bytes, depth: int) -> Any:
    if body.count(b"[") + body.count(b"{") > depth and _is_deeper(body, depth):
        raise CloudError(Trouble.TOO_DEEP)
    try:
        # The hook does nothing but give other threads a turn: without it the decoder
        # holds the interpreter until it is through, and the event loop with it.
        told = json.loads(body, object_hook=_unchanged, parse_constant=_refuse)
        if _HALVES.search(body) is None:
            return told
        # Half a letter in a name would keep Home Assistant from writing its files.
        letters = json.dumps(told, ensure_ascii=False).encode(errors="replace")
        return json.loads(letters, object_hook=_unchanged)
    except (ValueError, RecursionError) as err:
        raise CloudError(Trouble.GARBLED) from err


def _unchanged(found: dict[str, Any]) -> dict[str, Any]:
    return found


def _refuse(constant: str) -> None:
    """Refuse NaN and the infinities: no value is one of them."""
    raise ValueError(constant)


def _is_deeper(body: bytes, depth: int) -> bool:
    level = 0
    for match in _BRACKETS.finditer(body):
        found = match.group()
        if found in b"[{":
            level += 1
            if level > depth:
                return True
        elif found in b"]}":
            level -= 1
    return False
