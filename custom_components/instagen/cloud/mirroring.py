"""Keeping the copy of an account up to date with few requests, and never for long at once.

A first pass reads the whole list, and so do later ones where it is short; of a long one
they ask what changed since, where the server tells that, and count the plants. Details and devices follow, five requests at a time.
What stops in the middle goes on from there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date
from itertools import batched
from math import ceil
from typing import Any, Final

from ..account.codes import PUBLIC_CODES, UNPROVEN_CODES
from ..account.sync import MOST_PLANTS, AccountMirror
from ..links.cloud import CloudClient
from ..links.cloud.errors import CloudError, Trouble
from ..links.cloud.values import whole

PAGE: Final = 100
"""Plants that a page of the list may have (docs/cloud.md)."""

FLAG_PAGE: Final = 1_000
PARALLEL: Final = 5
"""Requests at a time that the server bears (facts/cloud-api.md section 9)."""

REQUESTS: Final = 10
"""What a pass may ask when nothing has changed; what is left of it goes to devices,
which change without the list telling it."""

SHORT_LIST: Final = 800
"""Plants that are read as a whole each time, with what they generate."""

_PART: Final = 25
"""Rows that are looked at in one turn, below 4 ms."""

_PORTION: Final = 200
"""Plants whose details are fetched before the next are looked up."""

_LOST_CAUSES: Final = frozenset(
    {
        Trouble.GARBLED,
        Trouble.NO_PERMISSION,
        Trouble.NOT_SUPPORTED,
        Trouble.REFUSED,
        Trouble.TOO_DEEP,
        Trouble.TOO_LARGE,
    }
)
"""Refusals that are about one plant, and that asking again would meet again."""


class Mirroring:
    """Fills the mirror of one account."""

    def __init__(self, client: CloudClient, *, today: Callable[[], date]) -> None:
        """Start with an empty mirror; nothing is asked yet."""
        self.client = client
        codes = UNPROVEN_CODES if client.brand.reference else PUBLIC_CODES
        self.codes = codes
        self.mirror = AccountMirror(codes)
        self._today = today

    # ---- the list ----

    async def read_list(self, *, whole_list: bool = False) -> None:
        """Bring the list of plants up to date; raise ``CloudError``.

        ``whole_list`` reads all of it, also where the server could tell what changed.
        """
        self.mirror.put_me(_object(await self.client.call("who_am_i")))
        if whole_list or not await self._read_changes():
            asked = 1 + await self._read_all()
        else:
            asked = 3 + await self._read_flags()
        self.mirror.refresh_oldest(max(0, REQUESTS - asked) // 2)

    async def _read_changes(self) -> bool:
        """Read what changed; return False when only the whole list can tell."""
        since, plants = self.mirror.newest_update, len(self.mirror.view.plants)
        under_way = self.mirror.next_page is not None
        if since is None or under_way or plants <= SHORT_LIST:
            return False
        rows, total = await self._page(1, update_from=since)
        await self._take(rows)
        if total > len(rows):
            # Either much has changed, or the server does not know the filter.
            return False
        _, total = await self._page(1, size=1)
        return self.mirror.holds(total)

    async def _read_all(self) -> int:
        """Read the list page by page, from where an earlier pass stopped.

        Returns how many requests it took.
        """
        if (number := self.mirror.next_page) is None:
            self.mirror.begin()
            number = 1
        rows, total = await self._page(number, real_data=1)
        await self._take(rows, total)
        extra = {"real_data": 1} if total <= SHORT_LIST else {}
        rest = range(number + 1, ceil(min(total, MOST_PLANTS) / PAGE) + 1)
        for numbers in batched(rest, PARALLEL, strict=False):
            pages: dict[int, tuple[list[object], int]] = {}

            async def read(
                number: int, pages: dict[int, tuple[list[object], int]] = pages
            ) -> None:
                pages[number] = await self._page(number, **extra)

            await _each(numbers, read)
            for number in numbers:
                rows, total = pages[number]
                await self._take(rows, total)
            if not all(rows for rows, _ in pages.values()):
                break  # the list ends before it was said to
        self.mirror.finish(total)
        for _ in iter(self.mirror.sweep, ()):
            await asyncio.sleep(0)
        return 1 + len(rest)

    async def _page(
        self, number: int, *, size: int = PAGE, **filters: object
    ) -> tuple[list[object], int]:
        body = {"page": number, "page_size": size, **filters}
        return _page_of(await self.client.call("plants", body))

    async def _take(self, rows: list[object], total: int | None = None) -> None:
        """Take a page in parts, between which others get their turn."""
        for start in range(0, len(rows) or 1, _PART):
            ends = start + _PART >= len(rows)
            self.mirror.page(rows[start : start + _PART], total, ends=ends)
            await asyncio.sleep(0)

    async def _read_flags(self) -> int:
        """Read what all plants warn of; return how many requests that took."""
        number, seen = 0, 0
        while True:
            number += 1
            body = {"page": number, "page_size": FLAG_PAGE}
            told = await self.client.call("plant_alarm_flags", body)
            rows, total = _page_of(told)
            for _ in self.mirror.put_flags(rows):
                await asyncio.sleep(0)
            seen += len(rows)
            if not rows or seen >= min(total, MOST_PLANTS):
                return number

    # ---- details and devices ----

    async def fetch_wanted(self, on_progress: Callable[[], None]) -> None:
        """Fetch what the list left to be fetched; raise ``CloudError``.

        Devices first: the numbers of the home page are made of them.
        """
        mirror = self.mirror
        while plants := mirror.wanted_devices(_PORTION):
            await _each(plants, self.fetch_devices)
            on_progress()
        while plants := mirror.wanted_details(_PORTION):
            await _each(plants, self.fetch_detail)
            on_progress()

    async def fetch(self, details: Iterable[int], devices: Iterable[int]) -> None:
        """Fetch what somebody needs to know now; raise ``CloudError``."""
        await _each(details, self.fetch_detail)
        await _each(devices, self.fetch_devices)

    async def fetch_detail(self, plant: int) -> None:
        """Fetch a plant's detail; give up on one that is refused."""
        try:
            told = await self.client.call("plant", {"id": plant})
        except CloudError as err:
            self._give_up(plant, err)
        else:
            if not isinstance(told, Mapping) or self.mirror.put_detail(told) is None:
                self.mirror.give_up(plant)

    async def fetch_devices(self, plant: int) -> None:
        """Fetch a plant's devices; give up on one that is refused."""
        try:
            await self.read_devices(plant)
        except CloudError as err:
            self._give_up(plant, err)

    async def read_devices(self, plant: int) -> None:
        """Fetch a plant's devices for somebody who asks; raise ``CloudError``.

        No list at all is not a plant without devices, which might be deleted.
        """
        tree = await self.client.call("device_tree", {"id": plant})
        if not isinstance(tree, list):
            raise CloudError(Trouble.GARBLED)
        self.mirror.put_devices(plant, tree, self._today())

    def _give_up(self, plant: int, error: CloudError) -> None:
        if error.trouble not in _LOST_CAUSES:
            raise error
        self.mirror.give_up(plant)


async def _each[ThingT](
    things: Iterable[ThingT], do: Callable[[ThingT], Awaitable[None]]
) -> None:
    """Do something with each thing, a few at a time; raise the first error."""
    left = iter(things)

    async def work() -> None:
        for thing in left:
            await do(thing)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(PARALLEL):
                group.create_task(work())
    except* CloudError as errors:
        failed: BaseException = errors
        while isinstance(failed, BaseExceptionGroup):
            failed = failed.exceptions[0]
        error = failed
    else:
        return
    raise error


def _page_of(told: object) -> tuple[list[object], int]:
    """Read a page of a list: its rows, and how many the whole list has."""
    if told is None:
        return [], 0
    page = _object(told)
    rows, total = page.get("list"), whole(page.get("total"))
    if not isinstance(rows, list):
        raise CloudError(Trouble.GARBLED)
    return rows, len(rows) if total is None else total


def _object(told: object) -> Mapping[str, Any]:
    if not isinstance(told, Mapping):
        raise CloudError(Trouble.GARBLED)
    return told
