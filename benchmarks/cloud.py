"""An installer's account of 5,000 plants: how long a sync takes, and what it holds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
import gc
import resource
import sys
from time import perf_counter, thread_time
from typing import Final

from aiohttp import ClientSession, DummyCookieJar

from custom_components.instagen.cloud.mirroring import REQUESTS, Mirroring
from custom_components.instagen.links.cloud import open_account
from custom_components.instagen.links.cloud.brands import reference_brand
from simulator.cloud import PASSWORDS

from .report import Figure

PLANTS: Final = 5_000
_LATENCY: Final = 0.02
_NAME: Final = "demo-installer"
_LOOK: Final = 0.001
"""Seconds between two looks at the event loop."""


@asynccontextmanager
async def _cloud_apart() -> AsyncIterator[str]:
    """Run the reference cloud in a process of its own; yields its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _SERVE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.kill()
        await process.wait()


_SERVE: Final = f"""
import asyncio
from simulator.cloud import serve_cloud

async def main():
    async with serve_cloud("installer", plants={PLANTS}, latency={_LATENCY}) as cloud:
        print(cloud.base_url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


class _Watch:
    """The longest that the event loop was held, in CPU time of its own thread.

    Pauses of the garbage collector count. How much of it they were is told beside it, for
    the collector walks through everything that the process holds, most of which is not ours.
    """

    def __init__(self) -> None:
        self.longest = self.longest_apart = self.longest_collection = 0.0
        self._collecting = self._collected = 0.0

    def note_collection(self, phase: str, _: dict[str, int]) -> None:
        """Take the time of a collection."""
        if phase == "start":
            self._collecting = thread_time()
            return
        pause = thread_time() - self._collecting
        self._collected += pause
        self.longest_collection = max(self.longest_collection, pause)

    async def run(self) -> None:
        """Look at the loop again and again."""
        while True:
            before, self._collected = thread_time(), 0.0
            await asyncio.sleep(_LOOK)
            held = thread_time() - before
            self.longest = max(self.longest, held)
            self.longest_apart = max(self.longest_apart, held - self._collected)


def _settled() -> tuple[int, float]:
    """Let all that is there grow old, as in a Home Assistant that has run for a while.

    Returns how many objects the collector walks through, and how long that takes.
    """
    gc.collect()
    before = thread_time()
    gc.collect()
    return len(gc.get_objects()), thread_time() - before


async def account_sync(say: Callable[[str], None]) -> list[Figure]:
    """Measure a first sync and one in which nothing has changed."""
    say(f"account of {PLANTS} plants")
    async with _cloud_apart() as address, _http() as http:
        client = open_account(http, reference_brand(address), _NAME, PASSWORDS[_NAME])
        mirroring = Mirroring(client, today=lambda: datetime.now(UTC).date())
        await client.call("who_am_i")
        objects, full = _settled()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        watch = _Watch()
        watching = asyncio.create_task(watch.run())
        gc.callbacks.append(watch.note_collection)
        started = perf_counter()
        await mirroring.read_list()
        listed = perf_counter() - started
        await mirroring.fetch_wanted(lambda: None)
        assert not mirroring.mirror.outstanding
        first = perf_counter() - started
        held, held_apart = watch.longest, watch.longest_apart
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        asked = client.transport.statistics.requests
        watch.longest = 0.0
        started = perf_counter()
        await mirroring.read_list()
        again = perf_counter() - started
        requests = client.transport.statistics.requests - asked
        watching.cancel()
        gc.callbacks.remove(watch.note_collection)
        ours = _settled()[0] - objects
    how = f"{PLANTS} plants, answers after {_LATENCY * 1000:.0f} ms, another process"
    pause = watch.longest_collection * 1000
    apart = f"the garbage collector's longest pause, {pause:.1f} ms, not counted in"
    beside = f"beside {objects} others, for all of which a full collection takes "
    beside += f"{full * 1000:.0f} ms; a sync brings none about"
    return [
        _figure("account_first_list", "s", listed, 60, how),
        _figure("account_first_sync", "s", first, 60, how),
        _figure("account_sync_without_changes", "s", again, 2, how),
        _figure("account_requests_without_changes", "", requests, REQUESTS, how),
        _figure("account_longest_hold_first", "ms", held * 1000, 10, how),
        _figure("account_longest_hold_first_apart", "ms", held_apart * 1000, 10, apart),
        _figure("account_longest_hold_again", "ms", watch.longest * 1000, 10, how),
        _figure("account_objects_for_the_collector", "", ours, 5 * PLANTS, beside),
        _figure("account_memory", "MiB", grown, 200, how),
    ]


def _figure(name: str, unit: str, ours: float, most: float, how: str) -> Figure:
    return Figure(
        name=name,
        unit=unit,
        ours=round(ours, 2),
        floor=None,
        ratio=None,
        target=f"<= {most} {unit}".strip(),
        met=ours <= most,
        how=how,
    )


def _http() -> ClientSession:
    return ClientSession(cookie_jar=DummyCookieJar())
