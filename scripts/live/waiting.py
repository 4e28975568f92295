"""Waits that end."""

import asyncio
from collections.abc import Awaitable, Callable

from . import LiveError

INTERVAL = 0.25


class WaitError(LiveError):
    """The time of a wait was over."""


async def wait_for[T](
    attempt: Callable[[], Awaitable[T | None]], timeout: float, what: str
) -> T:
    """Repeat an attempt until it gives something; raise when the time is over."""
    try:
        async with asyncio.timeout(timeout):
            # There is no event to wait for: the other side is another process.
            while (found := await attempt()) is None:  # noqa: ASYNC110
                await asyncio.sleep(INTERVAL)
            return found
    except TimeoutError as error:
        raise WaitError(f"{what}: not seen in {timeout:.0f} s") from error
