"""A copy of an account that is kept up to date by what changed.

The list of plants is read page by page. A row is compared with what stood there before by a
fingerprint, so an unchanged row costs next to nothing; only for new and changed plants
details and devices have to be fetched. What is left to fetch is part of the copy, and so is
how far a pass through the list has come: both go on after a restart.

Nothing here takes long: pages of a hundred rows, and steps of ``BATCH`` where there is more,
between which the caller lets others run.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from hashlib import blake2b
from itertools import batched, chain, islice
from json import JSONEncoder
from types import MappingProxyType
from typing import Final

from .codes import PUBLIC_CODES, Codes
from .home import Generation, Home, Tally, added_up
from .model import Device, Organisation, Owner, Plant, User
from .shelf import DeviceShelf
from .snapshot import Kept, Thing, decode, encode
from .view import View
from .wire import (
    Row,
    day_of,
    devices_in,
    flags_of,
    generation_of,
    merged,
    organisation_of,
    owner_of,
    owners_in,
    plant_of,
    text,
    user_of,
    whole,
)

MOST_PLANTS: Final = 20_000
BATCH: Final = 50
"""Rows that are looked at in one step."""

_PASSING: Final = frozenset(
    {
        "warn_data",
        "is_stars",
        "real_data",
        "real_power",
        "today_eq",
        "month_eq",
        "year_eq",
        "total_eq",
        "data_time",
        "last_data_time",
        "local_time",
    }
)
"""Columns that change without anything in the details or the devices changing."""

_PEOPLE: Final[Mapping[str, type[Thing]]] = {
    "organisations": Organisation,
    "users": User,
    "owners": Owner,
}

_encode: Final = JSONEncoder(
    ensure_ascii=False, sort_keys=True, check_circular=False, separators=(",", ":")
).encode


def _fingerprint(row: Row) -> int:
    digest = blake2b(_encode(row).encode(errors="replace"), digest_size=8).digest()
    return int.from_bytes(digest)


def _lasting(row: Row) -> int:
    return _fingerprint({key: row[key] for key in row if key not in _PASSING})


@dataclass(frozen=True, kw_only=True)
class PageNews:
    """What a page of the list of plants told."""

    new: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    """Plants whose details and devices may have changed."""

    updated: tuple[int, ...] = ()
    """Plants of which only the flags, the favourite mark or live values did."""


@dataclass(slots=True)
class _Pass:
    """One reading of the whole list of plants."""

    seen: set[int]
    pages: int = 0
    total: int | None = None
    """Plants that the server counted on the first page."""

    moved: bool = False
    """Whether it counted differently later."""

    grown: bool = False
    """Whether a plant was new."""


class AccountMirror:
    """Everything of an account that is known, by id."""

    def __init__(self, codes: Codes = PUBLIC_CODES) -> None:
        """Begin with nothing. ``codes`` says what the brand's numbers mean."""
        self._codes = codes
        self.me: User | None = None
        self._organisations: dict[int, Organisation] = {}
        self._users: dict[int, User] = {}
        self._owners: dict[int, Owner] = {}
        self._plants: dict[int, Plant] = {}
        self._devices = DeviceShelf()
        self._generation: dict[int, Generation] = {}
        self._plants_of_owner: dict[int, set[int]] = {}
        self._prints: dict[int, tuple[int, int]] = {}
        """Fingerprints of a plant's row, of all of it and of its lasting part."""
        self._tally = Tally()
        self._details_wanted: dict[int, None] = {}
        self._devices_wanted: dict[int, None] = {}
        self._pass: _Pass | None = None
        self._missed: set[int] = set()
        """Plants that the last complete pass lacked, but that were not condemned."""
        self._gone: dict[int, None] = {}
        self._newest: str | None = None
        self._seen_view = View(
            organisations=MappingProxyType(self._organisations),
            users=MappingProxyType(self._users),
            owners=MappingProxyType(self._owners),
            plants=MappingProxyType(self._plants),
            devices=self._devices,
            plants_of_owner=MappingProxyType(self._plants_of_owner),
        )

    @property
    def view(self) -> View:
        """What the rules look at. It is not a copy: it changes as the mirror does."""
        return replace(self._seen_view, me=self.me)

    def home(self, since: date) -> Home:
        """Return the numbers of the home page; new is what came on a day or later."""
        return self._tally.home(since, added_up(self._generation.values()))

    # ---- passes through the list of plants ----

    @property
    def next_page(self) -> int | None:
        """Page to ask for next, from 1; None when no pass is under way."""
        return None if self._pass is None else self._pass.pages + 1

    @property
    def newest_update(self) -> str | None:
        """Latest ``update_at`` of any row, where the server tells one; later ones are news."""
        return self._newest

    def holds(self, total: int) -> bool:
        """Return whether as many plants are known as the server says there are."""
        return len(self._plants) == total

    def begin(self) -> None:
        """Begin a pass through the whole list; one under way is forgotten."""
        self._pass = _Pass(set())
        self._gone.clear()

    def page(
        self, rows: Iterable[object], total: int | None = None, *, ends: bool = True
    ) -> PageNews:
        """Take a page of rows, also outside a pass, and tell what is news.

        ``total`` is how many plants the server counts with this page. ``ends`` is False for
        a part of a page that others follow.
        """
        new: list[int] = []
        changed: list[int] = []
        updated: list[int] = []
        for row in rows:
            if not isinstance(row, Mapping):
                continue
            plant = whole(row.get("id"))
            if plant is None or (
                plant not in self._plants and len(self._plants) >= MOST_PLANTS
            ):
                continue
            if self._pass is not None:
                self._pass.seen.add(plant)
            self._gone.pop(plant, None)
            known = self._prints.get(plant)
            if known is not None and known[0] == (whole_print := _fingerprint(row)):
                continue
            lasting = _lasting(row)
            if known is None:
                whole_print = _fingerprint(row)
                new.append(plant)
            elif known[1] != lasting:
                changed.append(plant)
            else:
                updated.append(plant)
            self._prints[plant] = (whole_print, lasting)
            self._learn(row)
        if self._pass is not None:
            self._pass.pages += ends
            self._pass.grown |= bool(new)
            self._count(self._pass, total)
        self._want(chain(new, changed))
        return PageNews(new=tuple(new), changed=tuple(changed), updated=tuple(updated))

    def finish(self, total: int) -> bool:
        """End a pass; return whether it was complete.

        It is when the server counted the same number of plants all along and as many came
        along: a list that moved while it was read leaves some out and shows others twice.
        Only a complete pass condemns the plants that it lacked, for ``sweep`` to remove. When
        it also brought new ones, the list may have lost one and won one while it was
        read and nobody can tell; then it takes a second pass, as it does when an account is
        empty all at once.
        """
        ended, self._pass = self._pass, None
        if ended is None:
            return False
        self._count(ended, total)
        if ended.moved or len(ended.seen) != total:
            return False
        missing = self._plants.keys() - ended.seen
        doubtful = ended.grown or not ended.seen
        self._gone = dict.fromkeys(
            sorted(missing & self._missed if doubtful else missing)
        )
        self._missed = missing - self._gone.keys()
        return True

    @staticmethod
    def _count(reading: _Pass, total: int | None) -> None:
        if total is not None:
            reading.moved |= reading.total not in {None, total}
            reading.total = total

    def sweep(self) -> tuple[int, ...]:
        """Remove some of the plants that are gone; return them, none when all is done."""
        removed = tuple(islice(self._gone, BATCH))
        for plant in removed:
            del self._gone[plant]
            self._remove(plant)
        return removed

    def put_flags(self, rows: Iterable[object]) -> Iterator[tuple[int, ...]]:
        """Take the flags of many plants in steps; each yields the plants that changed."""
        for some in batched(rows, BATCH, strict=False):
            yield tuple(
                plant.id
                for row in some
                if isinstance(row, Mapping) and (plant := self._flag(row)) is not None
            )

    # ---- what a pass leaves to be fetched ----

    @property
    def outstanding(self) -> int:
        """How many answers are wanted still."""
        return len(self._details_wanted) + len(self._devices_wanted)

    def wanted_details(self, most: int) -> tuple[int, ...]:
        """Return plants whose detail is wanted, those that wait longest first."""
        return tuple(islice(self._details_wanted, most))

    def wanted_devices(self, most: int) -> tuple[int, ...]:
        """Return plants whose devices are wanted, those that wait longest first."""
        return tuple(islice(self._devices_wanted, most))

    def refresh_oldest(self, most: int) -> None:
        """Want those plants anew whose devices were fetched longest ago.

        The list shows no change of a device, so each has its turn now and then.
        """
        self._want(islice(self._devices, most))

    def give_up(self, plant: int) -> None:
        """Want nothing of a plant that the server refuses, until its row changes."""
        self._details_wanted.pop(plant, None)
        self._devices_wanted.pop(plant, None)

    def _want(self, plants: Iterable[int]) -> None:
        for plant in plants:
            self._details_wanted[plant] = None
            self._devices_wanted[plant] = None

    # ---- answers ----

    def put_detail(self, row: Row) -> Plant | None:
        """Take a plant's detail, with its owners and its organisation."""
        told = plant_of(row)
        if told is None or told.id not in self._plants:
            return None
        self._details_wanted.pop(told.id, None)
        for owner in owners_in(row):
            self._owners[owner.id] = _completed(self._owners.get(owner.id), owner)
        self._put_group(row)
        return self._put_plant(merged(self._plants[told.id], told, row))

    def put_devices(self, plant: int, tree: object, today: date) -> tuple[Device, ...]:
        """Take a plant's device tree. ``today`` is the day of a device not seen before."""
        if plant not in self._plants:
            return ()
        self._devices_wanted.pop(plant, None)
        before = self._devices.get(plant)
        known = {(one.code, one.id): one.since for one in before or ()}
        # What comes with the first answer came with the plant.
        first = day_of(self._plants[plant]) if before is None else today
        devices = tuple(
            one
            if one.since is not None
            else replace(one, since=known.get((one.code, one.id), first))
            for one in devices_in(tree)
        )
        self._tally.devices(before or (), -1)
        self._tally.devices(devices, 1)
        self._devices.put(plant, devices)
        return devices

    def put_me(self, row: Row) -> None:
        """Take who is logged in."""
        self.me = user_of(row, self._codes)
        self._put_group(row)

    def put_organisations(self, rows: Iterable[object]) -> None:
        """Take some organisations."""
        for row in rows:
            if isinstance(row, Mapping) and (node := organisation_of(row, self._codes)):
                self._organisations[node.id] = node

    def keep_organisations(self, ids: Iterable[int]) -> None:
        """Forget the organisations that a complete list did not name."""
        _keep(self._organisations, ids)

    def put_users(self, organisation: int, rows: Iterable[object]) -> None:
        """Take the complete list of an organisation's users."""
        users = [user_of(row, self._codes) for row in rows if isinstance(row, Mapping)]
        _replace_in(self._users, organisation, [user for user in users if user])

    def put_owners(self, organisation: int, rows: Iterable[object]) -> None:
        """Take the complete list of an organisation's owners."""
        owners = [owner_of(row) for row in rows if isinstance(row, Mapping)]
        _replace_in(self._owners, organisation, [owner for owner in owners if owner])

    # ---- over a restart ----

    def dump(self) -> Iterator[Kept]:
        """Yield all that is known, as JSON, in steps.

        Each step is right in itself, so the mirror may change between two of them.
        """
        yield {
            "me": None if self.me is None else encode(self.me),
            "pass": None
            if (under_way := self._pass) is None
            else asdict(under_way) | {"seen": sorted(under_way.seen)},
            "missed": sorted(self._missed),
            "newest": self._newest,
        }
        for name, kind in _PEOPLE.items():
            for some in batched([*self._people(kind)], BATCH, strict=False):
                yield {name: [encode(one) for one in some]}
        # Those whose devices are known first, in the order in which they were fetched.
        order = dict.fromkeys([*self._devices, *self._plants])
        for numbers in batched(order, BATCH, strict=False):
            kept = [self._kept(one) for one in numbers if one in self._plants]
            yield {"plants": kept}

    def restore(self, step: Kept) -> None:
        """Take a step of ``dump``, in its order, into an empty mirror."""
        if "newest" in step:
            self.me = self._user(step["me"]) if step["me"] else None
            if (kept := step["pass"]) is not None:
                self._pass = _Pass(**kept | {"seen": set(kept["seen"])})
            self._missed = set(step["missed"])
            self._newest = step["newest"]
        for kept in step.get("organisations", ()):
            node = decode(Organisation, kept)
            kind = self._codes.kind_of_organisation(node.code)
            self._organisations[node.id] = replace(node, kind=kind)
        for kept in step.get("users", ()):
            user = self._user(kept)
            self._users[user.id] = user
        for kept in step.get("owners", ()):
            owner = decode(Owner, kept)
            self._owners[owner.id] = owner
        for kept in step.get("plants", ()):
            self._restore_plant(kept)

    def _people(self, kind: type[Thing]) -> Iterable[Thing]:
        if kind is Organisation:
            return self._organisations.values()
        return self._users.values() if kind is User else self._owners.values()

    def _user(self, kept: Kept) -> User:
        user = decode(User, kept)
        kind = self._codes.kind_of_user(user.code, user.role_ids)
        return replace(user, kind=kind)

    def _kept(self, number: int) -> Kept:
        devices = self._devices.get(number)
        generation = self._generation.get(number)
        return {
            "plant": encode(self._plants[number]),
            "prints": self._prints.get(number),
            "devices": None if devices is None else [encode(one) for one in devices],
            "generation": None if generation is None else encode(generation),
            "wanted": [number in self._details_wanted, number in self._devices_wanted],
        }

    def _restore_plant(self, kept: Kept) -> None:
        plant = self._put_plant(decode(Plant, kept["plant"]))
        if kept["prints"] is not None:
            lately, lasting = kept["prints"]
            self._prints[plant.id] = (lately, lasting)
        if kept["devices"] is not None:
            devices = tuple(decode(Device, one) for one in kept["devices"])
            self._devices.put(plant.id, devices)
            self._tally.devices(devices, 1)
        if kept["generation"] is not None:
            self._generation[plant.id] = decode(Generation, kept["generation"])
        wanted = zip(
            (self._details_wanted, self._devices_wanted), kept["wanted"], strict=True
        )
        for wishes, wish in wanted:
            if wish:
                wishes[plant.id] = None

    # ---- keeping the books ----

    def _learn(self, row: Row) -> None:
        """Take what a row of the list says."""
        told = plant_of(row)
        if told is None:
            return
        self._put_plant(merged(self._plants.get(told.id), told, row))
        if (generation := generation_of(row)) is not None:
            self._generation[told.id] = generation
        else:
            self._generation.pop(told.id, None)
        updated = text(row.get("update_at"))
        if updated is not None and (self._newest is None or updated > self._newest):
            self._newest = updated

    def _put_group(self, row: Row) -> None:
        """Take the organisation that a user or a plant names."""
        group = row.get("group")
        if isinstance(group, Mapping) and (node := organisation_of(group, self._codes)):
            known = self._organisations.get(node.id)
            self._organisations[node.id] = _completed(known, node)

    def _flag(self, row: Row) -> Plant | None:
        number, flags = whole(row.get("id")), flags_of(row.get("warn_data"))
        known = None if number is None else self._plants.get(number)
        if known is None or flags is None or flags == known.flags:
            return None
        return self._put_plant(replace(known, flags=flags))

    def _put_plant(self, plant: Plant) -> Plant:
        before = self._plants.get(plant.id)
        if before == plant:
            return before
        if before is not None:
            self._tally.plant(before, -1)
        self._tally.plant(plant, 1)
        self._plants[plant.id] = plant
        self._bind(plant.id, before.owners if before else None, plant.owners)
        return plant

    def _remove(self, plant: int) -> None:
        before = self._plants.pop(plant)
        self._tally.plant(before, -1)
        self._tally.devices(self._devices.get(plant, ()), -1)
        self._devices.remove(plant)
        self._bind(plant, before.owners, None)
        self._prints.pop(plant, None)
        self._generation.pop(plant, None)
        self.give_up(plant)

    def _bind(
        self, plant: int, before: frozenset[int] | None, now: frozenset[int] | None
    ) -> None:
        """Note whose plant it is."""
        for owner in (before or frozenset()) - (now or frozenset()):
            plants = self._plants_of_owner[owner]
            plants.discard(plant)
            if not plants:
                del self._plants_of_owner[owner]
        for owner in now or ():
            self._plants_of_owner.setdefault(owner, set()).add(plant)


def _completed[T: (Organisation, Owner)](known: T | None, told: T) -> T:
    """Return what is told, completed by what was known: it was told in passing."""
    if known is None:
        return told
    news = {
        field.name: value
        for field in fields(told)
        if (value := getattr(told, field.name)) is not None
    }
    return replace(known, **news)


def _keep[T](things: dict[int, T], ids: Iterable[int]) -> None:
    for gone in things.keys() - set(ids):
        del things[gone]


def _replace_in[T: (User, Owner)](
    things: dict[int, T], organisation: int, now: Iterable[T]
) -> None:
    """Put an organisation's people in the place of those it had."""
    now = [replace(one, organisation=one.organisation or organisation) for one in now]
    kept = {one.id for one in now}
    for one in [*things.values()]:
        if one.organisation == organisation and one.id not in kept:
            del things[one.id]
    things.update((one.id, one) for one in now)
