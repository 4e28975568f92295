"""The one road of every change: read, merged, judged, sent once, and read back."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Iterable,
    Mapping,
    Sequence,
    Set as AbstractSet,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Final

from ..links.settings import Capability, SettingsError, SettingsRoad, Trouble
from ..plant.evidence import Evidence
from ..plant.settings import (
    BATTERY_MODE,
    PARAMETERS,
    Block,
    SettingValue,
    SettingValues,
    acting,
    keys_of,
    mode_of,
)
from ..plant.states import BatteryMode, LinkName
from .budget import WriteBudget
from .change import (
    Change,
    block_of,
    check_kinds,
    check_limits,
    judge,
    same,
)
from .guards import Surroundings, check_off_grid, enters_off_grid, leaves_off_grid
from .journal import Journal, JournalEntry
from .known import ONE_MODE_LINKS, Memory
from .proof import Proof, Verdict
from .wishes import AskerKind, Outcome, Refusal, Result, Wish, WishError

ROAD_LIMIT: Final = 60.0
"""Seconds after which one question to a road counts as not answered: far more than the
time limits of its own."""

PATIENCE: Final = 30.0
"""Seconds that a wish waits for another to end."""

CLOUD_REST: Final = timedelta(minutes=5)
_GONE: Final = frozenset({Trouble.LOST, Trouble.SILENT})


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A block as it stands, as far as anybody knows."""

    values: SettingValues
    told: frozenset[str] = frozenset()
    """What the device told just now; the rest is remembered."""

    link: LinkName | None = None
    at: datetime | None = None

    @property
    def confirmed(self) -> bool:
        """Whether the device told this now; else it is what was known last."""
        return bool(self.told)


@dataclass(frozen=True, kw_only=True)
class _Look:
    """A reading, and the roads that could not help with it."""

    reading: Reading
    troubles: Mapping[LinkName, Trouble]


@dataclass(kw_only=True)
class _Note:
    """What goes into the journal, as far as it is known yet."""

    wish: Wish
    before: SettingValues = field(default_factory=dict)
    link: LinkName | None = None
    result: Result | None = None
    error: WishError | None = None


class Writer:
    """Carries out one wish at a time over the best of a plant's roads.

    Nothing is sent before the block was read, unless no road can read it at all, and
    nothing is ever sent twice: when an answer is missing, reading back decides.
    """

    def __init__(
        self,
        roads: Sequence[SettingsRoad],
        *,
        journal: Journal,
        budget: WriteBudget,
        memory: Memory,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        allows_unproven: Callable[[], bool],
        surroundings: Callable[[], Surroundings],
        patience: float = PATIENCE,
        road_limit: float = ROAD_LIMIT,
    ) -> None:
        """Take the roads in the order of preference.

        ``allows_unproven`` is the owner's consent to what nobody documented.
        """
        self.journal = journal
        self.budget = budget
        self.memory = memory
        self._roads = tuple(roads)
        self._now = now
        self._sleep = sleep
        self._allows_unproven = allows_unproven
        self._surroundings = surroundings
        self._patience = patience
        self._road_limit = road_limit
        self._lock = asyncio.Lock()
        self._cloud_rests_until = datetime.min.replace(tzinfo=UTC)

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """The settings that can be changed, each as its best road carries it."""
        return {
            key: capability
            for road in reversed(self._roads)
            for key, capability in road.capabilities.items()
            if self._may(capability.evidence)
        }

    @property
    def modes(self) -> Mapping[BatteryMode, Evidence]:
        """The battery modes that can be chosen, as their best road carries them."""
        return {
            mode: evidence
            for road in reversed(self._roads)
            for mode, evidence in road.modes.items()
            if self._may(evidence)
        }

    async def read(
        self, block: Block, wanted: AbstractSet[str] = frozenset()
    ) -> Reading:
        """Read a block from the best road that answers, else tell what was known last.

        For what is ``wanted`` further roads are asked, where the first does not tell it.
        """
        return (await self._look(block, wanted, idly=True)).reading

    async def carry_out(self, wish: Wish) -> Outcome:
        """Change the plant as wished and tell how it ended; raise ``WishError``."""
        note = _Note(wish=wish)
        try:
            block = block_of(wish.changes)
            async with self._turn():
                outcome = await self._carry_out(wish, block, note)
        except WishError as err:
            note.error = err
            raise
        else:
            note.result = outcome.result
            return outcome
        finally:
            self._write_down(note)

    def _may(self, evidence: Evidence) -> bool:
        if evidence is Evidence.INFERRED:
            return self._allows_unproven()
        return evidence is not Evidence.UNKNOWN

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        """Wait until no other wish is under way."""
        try:
            async with asyncio.timeout(self._patience):
                await self._lock.acquire()
        except TimeoutError as err:
            raise WishError(Refusal.BUSY) from err
        try:
            yield
        finally:
            self._lock.release()

    async def _carry_out(self, wish: Wish, block: Block, note: _Note) -> Outcome:
        around = self._surroundings()
        if around.frozen:
            raise WishError(Refusal.FROZEN)
        check_kinds(wish.changes, self.capabilities)
        look = await self._look(block, wish.changes.keys())
        reading = look.reading
        if any(
            not same(reading.values[key], value)
            for key, value in wish.seen.items()
            if key in reading.told
        ):
            raise WishError(Refusal.CHANGED_MEANWHILE)
        change = Change(
            block=block,
            before=reading.values,
            told=reading.told,
            wished={**self._due(block, reading, wish), **wish.changes},
        )
        note.before = _worth_noting(change)
        roads = self._fitting(change, look.troubles)
        if not wish.force and _stands(change, roads[0]):
            return _outcome(Result.UNCHANGED, change)
        if not wish.force and change.only_waits and roads[0].name in ONE_MODE_LINKS:
            self.memory.keep(block, {key: change.after[key] for key in change.moves})
            return _outcome(Result.REMEMBERED, change)
        check_limits(change)
        stood = reading.values if reading.confirmed else {}
        if BATTERY_MODE in wish.changes and enters_off_grid(stood, change.after):
            check_off_grid(wish, around=around)
        safety = wish.safety or leaves_off_grid(change.before, change.after)
        if not self.budget.allows(safety=safety):
            raise WishError(Refusal.BUDGET, {"writes": str(self.budget.today)})
        road, taken = await self._send(change, roads, note)
        result = await self._prove(change, road, look.troubles, taken=taken)
        return _outcome(result, change, road.name)

    def _due(self, block: Block, reading: Reading, wish: Wish) -> SettingValues:
        """Return what was kept for the mode that the plant will be in."""
        kept = self.memory.get(block).kept
        acts = acting({**reading.values, **wish.changes})
        return {key: value for key, value in acts.items() if key in kept}

    # ---- reading ----

    def _roads_of(self, block: Block) -> list[SettingsRoad]:
        """Return the roads that carry anything of a block, the best first."""
        keys = keys_of(block)
        return [road for road in self._roads if keys & road.capabilities.keys()]

    async def _look(
        self, block: Block, wanted: AbstractSet[str], *, idly: bool = False
    ) -> _Look:
        """Read a block, from further roads too where the first does not tell enough.

        ``idly``: nobody waits for it, so a cloud that did not answer is left alone for a
        while. It may take a minute to be silent, in which nothing else could be changed.
        """
        known = self.memory.get(block)
        told: dict[str, SettingValue] = {}
        troubles: dict[LinkName, Trouble] = {}
        link: LinkName | None = None
        for road in self._roads_of(block):
            if told and not _tells_more(road, known.values, told, wanted):
                continue
            if told and idly and self._rests(road):
                continue
            try:
                values = await self._ask(road, block)
            except SettingsError as err:
                troubles[road.name] = err.trouble
                if road.name is LinkName.CLOUD and err.trouble in _GONE:
                    self._cloud_rests_until = self._now() + CLOUD_REST
                continue
            told = {**values, **told}
            link = link or road.name
        if link is None or not told:
            reading = Reading(values=known.values, link=known.link, at=known.at)
            return _Look(reading=reading, troubles=troubles)
        at = self._now()
        self.memory.learn(block, told, link=link, at=at)
        reading = Reading(
            values=self.memory.get(block).values,
            told=frozenset(told) - self.memory.get(block).kept,
            link=link,
            at=at,
        )
        return _Look(reading=reading, troubles=troubles)

    def _rests(self, road: SettingsRoad) -> bool:
        return road.name is LinkName.CLOUD and self._now() < self._cloud_rests_until

    async def _ask(self, road: SettingsRoad, block: Block) -> SettingValues:
        """Read a block over one road; raise ``SettingsError``, also when it hangs."""
        try:
            async with asyncio.timeout(self._road_limit):
                return await road.read(block)
        except TimeoutError as err:
            raise SettingsError(Trouble.SILENT) from err

    # ---- the way ----

    def _fitting(
        self, change: Change, troubles: Mapping[LinkName, Trouble]
    ) -> list[SettingsRoad]:
        """Return the roads that can carry a change now, the best first.

        Raises ``WishError`` when there is none.
        """
        roads = self._roads_of(change.block)
        if not roads:
            raise WishError(Refusal.NOT_OFFERED, {"setting": min(change.wished)})
        if not any(_is_there(road, troubles) for road in roads):
            raise _absence(roads, troubles)
        fitting: list[SettingsRoad] = []
        wrongs: list[WishError] = []
        for road in roads:
            if (wrong := judge(road, change, may=self._may)) is None:
                fitting.append(road)
            else:
                wrongs.append(wrong)
        if not fitting:
            # "Out of range" of one road says more than "not over this one" of another.
            wrongs.sort(key=lambda wrong: wrong.refusal is Refusal.NOT_OFFERED)
            raise wrongs[0]
        if change.only_waits:
            # Kept here only where no road can send it: when one that can comes back, its
            # first reading would undo what was kept.
            whole = [road for road in fitting if road.name not in ONE_MODE_LINKS]
            fitting = whole or fitting
        there = [road for road in fitting if _is_there(road, troubles)]
        if not there:
            raise _absence(fitting, troubles)
        unsure = self._worth_a_detour(change, there)
        there.sort(key=lambda road: len(unsure - road.capabilities.keys()))
        return there

    def _worth_a_detour(
        self, change: Change, roads: Sequence[SettingsRoad]
    ) -> frozenset[str]:
        """Return what is only remembered, and is to be sent where a road can.

        The cloud alone is taken for what was never sent: it is slow, and a device that
        was not asked to change a table keeps it.
        """
        near = (road for road in roads if road.name is not LinkName.CLOUD)
        carried = {key for road in near for key in road.capabilities}
        return change.doubtful & (carried | self.memory.get(change.block).kept)

    async def _send(
        self, change: Change, roads: Sequence[SettingsRoad], note: _Note
    ) -> tuple[SettingsRoad, bool]:
        """Send a change once; return over which road, and whether it was acknowledged.

        The next road is only taken when nothing has gone out. Raises ``WishError``.
        """
        obstacle = WishError(Refusal.UNREACHABLE)
        for road in roads:
            try:
                taken = await self._write(road, change, note)
            except SettingsError as err:
                if err.trouble is Trouble.REFUSED:
                    code = "?" if err.code is None else str(err.code)
                    obstacle = WishError(Refusal.REFUSED_BY_DEVICE, {"code": code})
                    obstacle.__cause__ = err
                    if road.name is not LinkName.CLOUD:
                        break  # the cloud's no is not the device's
            except ValueError as err:
                missing = _missing(change, road) or str(err)
                obstacle = WishError(Refusal.INCOMPLETE, {"missing": missing})
                obstacle.__cause__ = err
            else:
                return road, taken
        raise obstacle

    async def _write(self, road: SettingsRoad, change: Change, note: _Note) -> bool:
        """Write over one road; return whether the device acknowledged.

        Raises ``SettingsError`` when nothing changed, ``ValueError`` when nothing was
        sent. A message counts whatever becomes of it, also when we are stopped here.
        """
        out = True
        note.link = road.name
        try:
            async with asyncio.timeout(self._road_limit):
                await road.write(change.block, change.after)
        except TimeoutError:
            return False
        except ValueError:
            out = False
            raise
        except SettingsError as err:
            out = err.trouble is not Trouble.LOST
            if err.trouble in {Trouble.LOST, Trouble.REFUSED}:
                raise
            return False
        finally:
            if out:
                self.budget.spend(note.wish.asker.name)
                for other in self._roads_of(change.block):
                    if other is not road:
                        other.changed_elsewhere()
            else:
                note.link = None
        self._learn_sent(change, road)
        return True

    def _learn_sent(self, change: Change, road: SettingsRoad) -> None:
        """Take note of what a device took, and keep the rest for another time."""
        sent = change.sent_over(road)
        after = change.after
        values = {key: after[key] for key in sent}
        self.memory.learn(change.block, values, link=road.name, at=self._now())
        waiting = {key: after[key] for key in change.moves - sent}
        self.memory.keep(change.block, waiting)

    async def _prove(
        self,
        change: Change,
        sent: SettingsRoad,
        troubles: Mapping[LinkName, Trouble],
        *,
        taken: bool,
    ) -> Result:
        """Read back what was sent; raise ``WishError`` when it does not stand."""
        must = (change.acts | change.touched) & change.sent_over(sent)
        others = [
            road
            for road in self._roads_of(change.block)
            if road is not sent
            and road.name is not LinkName.CLOUD
            and _is_there(road, troubles)
        ]
        proof = Proof(
            expected={key: change.after[key] for key in must},
            # Another road proves more: it does not repeat what the first was told. The
            # cloud proves nothing of what it was not told: it may show that minutes later.
            roads=[*others, sent],
            ask=lambda road: self._ask_back(road, change.block),
            sleep=self._sleep,
        )
        verdict = await proof.find()
        if verdict is Verdict.SHOWN:
            self._learn_sent(change, sent)
            return Result.VERIFIED
        if verdict is Verdict.OTHER:
            raise WishError(Refusal.NOT_APPLIED, {"setting": proof.wrong})
        if not taken:
            raise WishError(Refusal.SILENT)
        if verdict is Verdict.LOST:
            raise WishError(Refusal.LINK_LOST)
        return Result.SENT

    async def _ask_back(self, road: SettingsRoad, block: Block) -> SettingValues:
        values = await self._ask(road, block)
        self.memory.learn(block, values, link=road.name, at=self._now())
        return values

    # ---- the journal ----

    def _write_down(self, note: _Note) -> None:
        wish, error = note.wish, note.error
        idle = note.result is Result.UNCHANGED
        if idle and wish.asker.kind is AskerKind.LEASE:
            # The arbiter makes sure every minute; that is no news.
            return
        self.journal.add(
            JournalEntry(
                at=self._now(),
                asker=wish.asker,
                changes={key: _plain(value) for key, value in wish.changes.items()},
                before=note.before,
                link=note.link,
                result=note.result,
                refusal=None if error is None else error.refusal,
                placeholders={} if error is None else dict(error.placeholders),
            )
        )


def _tells_more(
    road: SettingsRoad,
    known: SettingValues,
    told: SettingValues,
    wanted: AbstractSet[str],
) -> bool:
    """Return whether a road tells of the present mode what no road before it told.

    Only what is wanted, or was never known: the stick is not asked for the tariff with
    each look.
    """
    mode = mode_of(told)
    return mode is not None and any(
        key in road.capabilities and (key in wanted or key not in known)
        for key in PARAMETERS.get(mode, ())
        if key not in told
    )


def _stands(change: Change, road: SettingsRoad) -> bool:
    """Return whether nothing has to be sent.

    What is only remembered is sent again, by a road that can: somebody may have changed
    it behind our back, and no road tells.
    """
    return not change.moves and not change.doubtful & road.capabilities.keys()


def _is_there(road: SettingsRoad, troubles: Mapping[LinkName, Trouble]) -> bool:
    """Return whether a road answered just now, or can but write, or was not asked."""
    return troubles.get(road.name) in {None, Trouble.NOT_READABLE}


def _absence(
    roads: Sequence[SettingsRoad], troubles: Mapping[LinkName, Trouble]
) -> WishError:
    gone = all(troubles.get(road.name) is Trouble.LOST for road in roads)
    return WishError(Refusal.UNREACHABLE if gone else Refusal.UNREADABLE)


def _missing(change: Change, road: SettingsRoad) -> str:
    """Name what a road's message cannot go without."""
    needed: Iterable[str] = road.capabilities.keys() & keys_of(change.block)
    mode = mode_of(change.after)
    if road.name in ONE_MODE_LINKS and mode is not None:
        needed = PARAMETERS.get(mode, ())
    return ", ".join(sorted(key for key in needed if key not in change.after))


def _outcome(result: Result, change: Change, link: LinkName | None = None) -> Outcome:
    return Outcome(result=result, before=change.before, after=change.after, link=link)


def _worth_noting(change: Change) -> SettingValues:
    """Return of what was before what a reader of the journal wants to know."""
    keys = {*change.wished, *acting(change.before)}
    return {key: value for key, value in change.before.items() if key in keys}


def _plain(value: object) -> SettingValue:
    """Return a value that can be stored, also when it is none at all."""
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return value if isinstance(value, bool | int | float | str) else str(value)
