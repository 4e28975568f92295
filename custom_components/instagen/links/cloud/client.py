"""Asking the cloud for a function, a list, a curve or a job.

The functions are rows (``functions.py``), the front door is the brand's (``brands.py``);
what the answers mean is for others to say.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from aiohttp import ClientSession

from ...plant.evidence import Evidence
from .auth import Credentials
from .brands import Brand
from .envelope import call, opened, upload
from .errors import CloudError, Trouble
from .function import Function
from .functions import FUNCTIONS
from .session import CloudSession
from .transport import File, Post, Transport, decode
from .values import listing, whole

type Body = Mapping[str, object]
type Progress = Callable[[int], None]
"""Hears how many percent of a job are done."""

_PROVEN: Final = frozenset({Evidence.CONFIRMED, Evidence.DOCUMENTED})
_DONE: Final = 0
_RUNNING: Final = 2
_WHOLE: Final = 100
_ENVELOPE: Final = b"{"
_MOST_PAGES: Final = 1_000
"""A list without an end is none."""


@dataclass(frozen=True, kw_only=True)
class JobPace:
    """How a job is followed, in seconds (facts/cloud-api.md section 7)."""

    step: float = 2.0
    longest: float = 60.0


PACE: Final = JobPace()


class CloudClient:
    """One account at one brand. Opens nothing itself and so has nothing to close."""

    def __init__(
        self, session: CloudSession, *, opt_in: bool = False, pace: JobPace = PACE
    ) -> None:
        """Take the account's session.

        ``opt_in`` says that the account's holder wants writes that nobody has proven.
        """
        self.session = session
        self.transport: Transport = session.transport
        self.brand: Brand = session.brand
        self.opt_in = opt_in
        self._pace = pace

    def allows(self, function: Function) -> bool:
        """Return whether a function may be used here at all.

        At a real brand nothing is offered that rests on a guess, and a write that is
        not documented wants the holder's word.
        """
        if self.brand.reference:
            return True
        if function.evidence is Evidence.UNKNOWN and not self.opt_in:
            return False
        return not function.writes or self._is_proven(function) or self.opt_in

    def _is_proven(self, function: Function) -> bool:
        return function.evidence in _PROVEN

    def _check(self, function: Function) -> None:
        if self.allows(function):
            return
        raise CloudError(
            Trouble.NEEDS_OPT_IN if function.writes else Trouble.UNKNOWN_FUNCTION
        )

    # ---- one question ----

    async def call(self, function: Function | str, body: Body | None = None) -> Any:
        """Ask for a function and return its ``data``; raise ``CloudError``.

        A curve is returned as the bytes it is. A read is tried again after a trouble
        that passes; a write is sent once.
        """
        row = FUNCTIONS[function] if isinstance(function, str) else function
        self._check(row)
        dress = partial(call, self.brand, row, body or {})
        if row.binary:
            return await self._with_token(dress, self._bytes)
        return await self._with_token(dress, self._data)

    async def upload(self, file: File) -> Any:
        """Upload a file, such as a plant's cover, and return what the cloud calls it.

        Raises ``CloudError``.
        """
        row = FUNCTIONS["upload_file"]
        self._check(row)
        return await self._with_token(
            partial(upload, self.brand, row, file), self._data
        )

    async def _with_token[ResultT](
        self, dress: Callable[[str], Post], ask: Callable[[Post], Awaitable[ResultT]]
    ) -> ResultT:
        """Ask, and once more with a new token when the old one is refused.

        So is a write: a refused token proves that nothing was done.
        """
        token = await self.session.token()
        try:
            return await ask(dress(token))
        except CloudError as err:
            if err.trouble is not Trouble.TOKEN_REFUSED:
                raise
        token = await self.session.renew(token)
        return await ask(dress(token))

    async def _data(self, post: Post) -> Any:
        return opened(await self.transport.json(post))

    async def _bytes(self, post: Post) -> bytes:
        body = await self.transport.raw(post)
        if body.startswith(_ENVELOPE):  # a refusal is told in words
            opened(await decode(body, self.transport.limits.depth))
            raise CloudError(Trouble.GARBLED)
        return body

    # ---- lists ----

    async def pages(
        self,
        function: Function | str,
        body: Body | None = None,
        *,
        size: int = 100,
        number_key: str = "page",
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """Yield a list page by page, to the end that its first page tells."""
        seen = 0
        for number in range(1, _MOST_PAGES):
            told = await self.call(
                function, {**(body or {}), number_key: number, "page_size": size}
            )
            total, rows = _page(told)
            if rows:
                yield rows
            seen += len(rows)
            if not rows or seen >= total:
                return

    async def rows(
        self, function: Function | str, body: Body | None = None, *, size: int = 100
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield a list row by row."""
        async for page in self.pages(function, body, size=size):
            for row in page:
                yield row

    # ---- jobs ----

    async def run(
        self,
        function: Function | str,
        body: Body,
        *,
        progress: Progress | None = None,
    ) -> Any:
        """Start a job, follow it to its end and return what it brought.

        Raises ``CloudError`` with ``JOB_FAILED`` or ``JOB_TIMEOUT`` when it ends badly
        or not at all. What it started is not undone by either.
        """
        row = FUNCTIONS[function] if isinstance(function, str) else function
        if row.job is None:
            raise ValueError(f"{row.name} starts no job")
        started = await self.call(row, body)
        if isinstance(started, bool) or not isinstance(started, str | int):
            raise CloudError(Trouble.GARBLED)
        return await self.follow(FUNCTIONS[row.job], str(started), progress=progress)

    async def follow(
        self, status: Function, job: str, *, progress: Progress | None = None
    ) -> Any:
        """Ask how a job stands until it has ended."""
        deadline = self.transport.clock() + self._pace.longest
        while True:
            told = await self._stand(status, job)
            if told is not None:
                code, share = whole(told.get("code")), _share(told)
                if progress is not None and share is not None:
                    progress(share)
                # A configuration has a share of its own, and is done when it is whole.
                if code == _DONE and whole(told.get("rate")) in {None, _WHOLE}:
                    return told.get("data")
                if code not in {_DONE, _RUNNING}:
                    raise _job_failure(told)
            if self.transport.clock() >= deadline:
                raise CloudError(Trouble.JOB_TIMEOUT)
            await self.transport.sleep(self._pace.step)

    async def _stand(self, status: Function, job: str) -> dict[str, Any] | None:
        """Ask once; None when the answer says nothing about the job.

        A job goes on while the cloud is away for a moment.
        """
        try:
            told = await self.call(status, {"id": job})
        except CloudError as err:
            if err.trouble not in _PASSING:
                raise
            return None
        return told if isinstance(told, dict) and "code" in told else None


_PASSING: Final = frozenset(
    {Trouble.TIMEOUT, Trouble.SERVER_ERROR, Trouble.THROTTLED, Trouble.UNREACHABLE}
)


def open_account(
    http: ClientSession,
    brand: Brand,
    account: str,
    password: str,
    *,
    opt_in: bool = False,
) -> CloudClient:
    """Put a client together; nothing is sent before it is asked for something."""
    session = CloudSession(Transport(http), brand, Credentials(account, password))
    return CloudClient(session, opt_in=opt_in)


def _page(told: object) -> tuple[int, list[dict[str, Any]]]:
    """Read a page: its total and its rows. No list at all is an empty one."""
    if told is None:
        return 0, []
    if isinstance(told, list):
        return len(told), [row for row in told if isinstance(row, dict)]
    if not isinstance(told, dict) or not isinstance(told.get("list"), list):
        raise CloudError(Trouble.GARBLED)
    rows = [row for row in told["list"] if isinstance(row, dict)]
    total = whole(told.get("total") or len(rows))
    if total is None:
        raise CloudError(Trouble.GARBLED)
    return total, rows


def _share(told: Mapping[str, Any]) -> int | None:
    """Return how many percent are done; None where the cloud does not tell."""
    shares = [whole(told.get("rate"))]
    if shares == [None]:
        shares = [whole(one.get("rate")) for one in listing(told.get("speed"))]
    known = [share for share in shares if share is not None]
    return max(0, min(known)) if known else None


def _job_failure(told: Mapping[str, Any]) -> CloudError:
    """Say why a job failed: the device's own code, else the cloud's words."""
    speed = told.get("speed")
    codes = [
        str(one["err_code"])
        for one in (speed if isinstance(speed, list) else [])
        if isinstance(one, dict) and one.get("err_code")
    ]
    code = codes[0] if codes else None
    if code == _NOT_SUPPORTED_CODE:
        return CloudError(Trouble.NOT_SUPPORTED, status=code)
    return CloudError(
        Trouble.JOB_FAILED, status=code, message=str(told.get("message") or "")
    )


_NOT_SUPPORTED_CODE: Final = "00002"
"""``command_error`` of facts/cloud-api.md 4.11."""
