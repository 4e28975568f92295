"""The one door through which a plant is changed."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Generator,
    Mapping,
    Set as AbstractSet,
)
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
import logging
from typing import Any, Final

from ..links.settings import Capability
from ..plant.evidence import Evidence
from ..plant.settings import (
    BATTERY_MODE,
    FORCED_MODES,
    SETTINGS,
    Block,
    Range,
    SettingKind,
    SettingValues,
)
from ..plant.states import BatteryMode, LinkName
from .arbiter import Arbiter
from .asking import turned_down
from .audience import Audience
from .journal import Journal
from .leases import (
    Conditions,
    Grant,
    GrantState,
    Lease,
    LeaseMode,
    LeaseWish,
    Policy,
    Step,
)
from .priorities import Priority
from .shown import Showcase, Shown
from .wishes import (
    SENT_REFUSALS,
    Asker,
    AskerKind,
    Outcome,
    Refusal,
    Result,
    Wish,
    WishError,
)
from .writer import Reading, Writer

_LOGGER: Final = logging.getLogger(__name__)

HUMAN_OWNER: Final = "human"
"""Who owns the lease that stands behind a forced mode a human chose."""

RESTORER: Final = "restore"
"""Who asks when the plant is put back."""

LEASES: Final = "leases"
WRITES_TODAY: Final = "writes_today"

_PATIENCE: Final = 60.0
"""Seconds to wait for another change; reading back alone may take some."""

_LEAVING: Final = 15.0
"""Seconds for putting the plant back when we are closed."""

_AFTER_FAILURE: Final = 15.0
"""Seconds to the next look after one that failed in a way nobody thought of."""

_LOOKS: Final = 12
"""Steps at a stretch; what is left then waits for the next wake."""

_PAUSES: Final = 3
_SHORT: Final = 3.0
"""Seconds to a second look that are waited for at once."""

_LONGEST_WAIT: Final = 60.0
"""Seconds after which the clock is looked at again: it may have been set."""

type _Told = tuple[tuple[tuple[Lease, ...], Mapping[str, datetime]], int]
"""Leases and who waits for them, and the writes of the day."""


class ControlDesk:
    """Takes every wish to change one plant, and looks after its leases.

    One thing at a time. What a write may leave behind is saved before it is sent, so
    that whoever finds the device later knows whose hand it shows.
    """

    def __init__(
        self,
        writer: Writer,
        *,
        save: Callable[[dict[str, Any]], Awaitable[None]],
        conditions: Callable[[], Conditions],
        policy: Callable[[], Policy],
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Take a writer. ``now`` is aware; ``sleep`` waits for seconds of it."""
        self._writer = writer
        self._save = save
        self._conditions = conditions
        self._policy = policy
        self._now = now
        self._sleep = sleep
        self._arbiter = Arbiter()
        self._showcase = Showcase()
        self._floor: float | None = None
        self.audience: Final = Audience()
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._asked = False
        self._errors: dict[str, WishError] = {}
        self._stored: dict[str, Any] = {}
        self._told: _Told = (((), {}), 0)

    # ---- its life ----

    def restore(self, stored: Mapping[str, Any] | None) -> None:
        """Take over what ``save`` was given last; before ``start``."""
        if not stored:
            return
        self._writer.journal.restore(stored["journal"])
        self._writer.budget.restore(stored["budget"])
        self._writer.memory.restore(stored["memory"])
        self._arbiter.restore(stored["leases"])
        self._told = self._tellable()

    def start(self) -> None:
        """Begin to look after leases; nothing is written before a fresh read."""
        self._task = asyncio.create_task(self._run(), name="instagen control desk")

    async def close(self, *, release: bool) -> None:
        """End. ``release`` puts the plant back first, within 15 s.

        The leases stay stored and go on with the next start.
        """
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        if release and self._arbiter.held:
            self._arbiter.park()
            with suppress(WishError, TimeoutError):
                async with asyncio.timeout(_LEAVING), self._turn():
                    await self._pump()
        await self._store()

    async def refresh(self, wanted: AbstractSet[str] = frozenset()) -> None:
        """Read the blocks of the wanted settings anew, and see to the leases."""
        if self._closed:
            return
        blocks = {SETTINGS[key].block for key in wanted if key in SETTINGS}
        with suppress(WishError):
            async with self._turn():
                for reading in await self._writer.read_each(
                    sorted(blocks - {Block.MODE})
                ):
                    self._take(reading)
                if Block.MODE in blocks or self._arbiter.held or self._arbiter.leases:
                    await self._pump(await self._read(Block.MODE, wanted))

    def look_again(self) -> None:
        """See to the leases soon: their conditions changed."""
        self._asked = True
        self._wake.set()

    async def _run(self) -> None:
        """See to the leases whenever it is time."""
        await self._tend()
        while True:
            self._wake.clear()
            if self._asked:
                self._asked = False
                await self._tend()
                continue
            now = self._now()
            due = self._arbiter.next_wake(now)
            if due is None:
                await self._wake.wait()
                continue
            seconds = (due - now).total_seconds()
            await self._wait(min(max(seconds, 1.0), _LONGEST_WAIT))
            if self._now() >= due:
                await self._tend()

    async def _tend(self) -> None:
        """Look at the leases; whatever goes wrong, the next look must come."""
        if not (self._arbiter.held or self._arbiter.leases):
            return
        try:
            async with self._turn():
                await self._pump()
        except WishError:
            return
        except Exception:
            _LOGGER.exception("Looking after the leases failed; tried again shortly")
            await self._sleep(_AFTER_FAILURE)

    async def _wait(self, seconds: float) -> None:
        """Wait for a while, or until something changed that may be due sooner."""
        sleeping = asyncio.ensure_future(self._sleep(seconds))
        waking = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waking.cancel()

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        """Wait for our turn; afterwards tell and store what is new."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._lock.acquire()
        except TimeoutError as err:
            raise WishError(Refusal.BUSY) from err
        try:
            yield
            await self._publish()
        finally:
            self._lock.release()
            self._wake.set()

    # ---- wishes; all raise WishError ----

    async def change(self, wish: Wish) -> Outcome:
        """Change settings of one block, for a human.

        A forced mode is chosen with ``set_mode``: it has to end.
        """
        async with self._turn():
            if SETTINGS[next(iter(wish.changes))].block is not Block.MODE:
                return await self._carry_out(wish)
            if wish.changes.get(BATTERY_MODE) in FORCED_MODES:
                raise WishError(Refusal.UNTIL)
            return await self._change_mode_block(wish)

    async def set_mode(
        self,
        mode: BatteryMode,
        parameters: SettingValues,
        asker: Asker,
        *,
        until: datetime | None = None,
        confirmed: bool = False,
    ) -> Outcome | Grant:
        """Choose a battery mode for a human; a forced one becomes a lease."""
        if mode not in FORCED_MODES:
            if mode is BatteryMode.OFF_GRID and asker.kind is AskerKind.AUTOMATION:
                raise WishError(Refusal.OFF_GRID_NOT_CONFIRMED)
            changes = {**parameters, BATTERY_MODE: mode.value}
            return await self.change(
                Wish(changes=changes, asker=asker, confirmed=confirmed)
            )
        lease_mode = LeaseMode(mode.value)
        soc = parameters.get(lease_mode.soc_key)
        power = parameters.get(lease_mode.power_key or "")
        wish = LeaseWish(
            mode=lease_mode,
            owner=HUMAN_OWNER,
            reason=asker.name,
            until=until or self._now() + self._policy().human_lease,
            target_soc=None if soc is None else int(soc),
            power=None if power is None else float(power),
        )
        return await self.request(wish, asker)

    async def request(self, wish: LeaseWish, asker: Asker) -> Grant:
        """Ask for a lease."""
        async with self._turn():
            with self._told_if_refused(wish):
                reading = await self._read_settled()
                lease, state = self._arbiter.request(
                    self._now(),
                    wish,
                    seen=reading,
                    conditions=self._conditions(),
                    floor=self._floor,
                    ranges=self._ranges(),
                    offered=self._offered(reading),
                )
            before = self._arbiter.standing.baseline
            if before is None:
                before = self._arbiter.standing.plain(reading.values)
            if state is GrantState.GRANTED:
                await self._pump(reading)
            if (error := self._errors.pop(lease.id, None)) and self._has_ended(lease):
                raise error
            return Grant(
                lease=self._latest(lease), state=state, before=before, until=lease.until
            )

    async def cancel(
        self, asker: Asker, lease_id: str | None = None, *, resume: bool = True
    ) -> tuple[Lease, ...]:
        """End one lease or all, put the plant back, and tell which ended.

        ``resume``: owners that wait since a human changed the mode need wait no longer.
        """
        async with self._turn():
            ended = self._arbiter.cancel(self._now(), lease_id, resume=resume)
            if self._arbiter.held:
                await self._pump()
            return ended

    async def _change_mode_block(self, wish: Wish) -> Outcome:
        """Change the mode, or numbers of modes, while others may have the battery."""
        arbiter, standing = self._arbiter, self._arbiter.standing
        chooses = BATTERY_MODE in wish.changes
        arbiter.check_human(wish.changes)
        reading = await self._read(Block.MODE)
        if standing.baseline is None:
            outcome = await self._carry_out(wish)
            standing.watch(outcome.after)
            return outcome
        changes = dict(wish.changes)
        if chooses:
            changes = {**standing.left_behind(_told(reading)), **changes}
        target = {**(standing.baseline if chooses else standing.expected), **changes}
        standing.launch(target, self._now())
        try:
            outcome = await self._carry_out(replace(wish, changes=changes))
        except WishError as err:
            if err.refusal not in SENT_REFUSALS:
                standing.recall()
            elif chooses:
                # It may have been taken, and a human wants it: see it through.
                arbiter.human_chose(self._now(), target)
            raise
        self._land(outcome)
        if chooses:
            arbiter.human_chose(self._now(), target)
        else:
            arbiter.numbers_changed(wish.changes)
        await self._pump(_read_back(outcome))
        return outcome

    def _land(self, outcome: Outcome) -> None:
        if outcome.result is Result.REMEMBERED:
            self._arbiter.standing.recall()
        else:
            self._arbiter.standing.land(outcome.after, self._now())

    # ---- steps ----

    async def _pump(self, reading: Reading | None = None) -> None:
        """Step until nothing is to be done at once."""
        pauses = 0
        for _ in range(_LOOKS):
            if reading is None:
                reading = await self._read(Block.MODE)
            now = self._now()
            step = self._arbiter.step(now, reading, self._conditions(), self._ranges())
            await self._publish()
            if step.write is not None:
                reading = await self._write(step, step.write, reading)
                continue
            due = self._arbiter.look_at
            if due is None or (due - now).total_seconds() > _SHORT or pauses == _PAUSES:
                return
            pauses += 1
            await self._sleep(max((due - now).total_seconds(), 0.0))
            reading = None

    async def _write(
        self, step: Step, changes: SettingValues, seen: Reading
    ) -> Reading | None:
        """Write for the arbiter; return how the plant stands then, if that is known."""
        lease = step.lease
        owner = lease.owner if lease else RESTORER
        wish = Wish(
            changes=changes,
            asker=Asker(kind=AskerKind.LEASE, name=owner),
            safety=lease is None or lease.priority >= Priority.SAFETY,
            force=step.force,
            seen=_told(seen),
        )
        try:
            outcome = await self._carry_out(wish)
        except WishError as err:
            self._arbiter.refused(self._now(), err)
            if lease is not None:
                self._errors = {lease.id: err}
            return None
        self._arbiter.wrote(self._now(), outcome)
        return _read_back(outcome)

    async def _carry_out(self, wish: Wish) -> Outcome:
        """Hand a wish to the writer, and show how it goes."""
        self.audience.notify(self._showcase.wish(wish.changes))
        try:
            outcome = await self._writer.carry_out(wish)
        except BaseException:
            self.audience.notify(self._showcase.failed())
            raise
        self.audience.notify(self._showcase.took(outcome, self._now()))
        self._learn(outcome.after)
        return outcome

    # ---- reading ----

    async def _read(
        self, block: Block, wanted: AbstractSet[str] = frozenset()
    ) -> Reading:
        reading = await self._writer.read(block, wanted)
        self._take(reading)
        return reading

    def _take(self, reading: Reading) -> None:
        self.audience.notify(self._showcase.read(reading, self._now()))
        self._learn(reading.values)

    def _learn(self, values: SettingValues) -> None:
        if (floor := values.get("battery_min_soc")) is not None:
            self._floor = float(floor)

    async def _read_settled(self) -> Reading:
        """Read the mode block; what is new has to be told twice alike.

        It will be what the plant returns to.
        """
        reading = await self._read(Block.MODE)
        standing = self._arbiter.standing
        for _ in range(_LOOKS):
            if (
                self._arbiter.held
                or not reading.told
                or not standing.is_news(_told(reading))
            ):
                return reading
            again = await self._read(Block.MODE)
            if _told(again) == _told(reading):
                return again
            reading = again
        raise WishError(Refusal.UNREADABLE)

    def _ranges(self) -> dict[str, Range]:
        rows = self.capabilities.items()
        return {key: row.range for key, row in rows if row.range}

    def _offered(self, reading: Reading) -> frozenset[str]:
        """Return the settings that have to be known before a mode can be returned to."""
        # A stick is sent the tables with their mode; elsewhere the device keeps its own.
        keeps = reading.link in {LinkName.MODBUS, LinkName.CLOUD}
        return frozenset(
            key
            for key in self.capabilities
            if not (keeps and SETTINGS[key].kind is SettingKind.TEXT)
        )

    # ---- telling ----

    async def _publish(self) -> None:
        """Store what changed, and tell everybody."""
        events = self._arbiter.take_events()
        stored = self._arbiter.snapshot(self._now())
        stored.pop("saved_at")
        writes = self._writer.budget.total
        if stored != self._stored.get("leases") or writes != self._stored.get("writes"):
            self._stored = {"leases": stored, "writes": writes}
            await self._store()
        told = self._tellable()
        news = {
            name
            for name, old, new in zip(
                (LEASES, WRITES_TODAY), self._told, told, strict=True
            )
            if old != new
        }
        self._told = told
        self.audience.notify(frozenset(news))
        for event in events:
            self.audience.tell(event)

    @contextmanager
    def _told_if_refused(self, wish: LeaseWish) -> Generator[None]:
        """Tell of a wish that is refused at once what is told of one at its turn."""
        try:
            yield
        except WishError as err:
            if not wish.dry_run:
                self.audience.tell(turned_down(wish, self._now(), err))
            raise

    def _tellable(self) -> _Told:
        return (self.leases, self.paused), self.writes_today

    async def _store(self) -> None:
        await self._save(
            {
                "leases": self._arbiter.snapshot(self._now()),
                "journal": self._writer.journal.snapshot(),
                "budget": self._writer.budget.snapshot(),
                "memory": self._writer.memory.snapshot(),
            }
        )

    # ---- what is shown ----

    def shown(self, key: str) -> Shown:
        """Return what a control of a setting shows."""
        return self._showcase.get(key)

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """The settings that can be changed, by their keys, with their ranges."""
        return self._writer.capabilities

    @property
    def modes(self) -> Mapping[BatteryMode, Evidence]:
        """The battery modes that can be chosen."""
        return self._writer.modes

    @property
    def journal(self) -> Journal:
        """What was wished, and what came of it."""
        return self._writer.journal

    @property
    def writes_today(self) -> int:
        """Messages that were sent today to change something."""
        return self._writer.budget.today

    @property
    def leases(self) -> tuple[Lease, ...]:
        """All leases that have not ended, the highest first."""
        return self._arbiter.leases

    @property
    def current(self) -> Lease | None:
        """The lease that has the battery."""
        return self._arbiter.current

    @property
    def history(self) -> tuple[Lease, ...]:
        """Leases that ended, the oldest first; at most 50."""
        return self._arbiter.history

    @property
    def paused(self) -> Mapping[str, datetime]:
        """Owners that wait since a human changed the mode, and until when."""
        return self._arbiter.paused

    @property
    def before(self) -> SettingValues | None:
        """To what the plant returns; None while no lease keeps it from there."""
        return self._arbiter.standing.baseline

    def _latest(self, lease: Lease) -> Lease:
        both = (*reversed(self.history), *self.leases)
        return next((one for one in both if one.id == lease.id), lease)

    def _has_ended(self, lease: Lease) -> bool:
        return all(one.id != lease.id for one in self.leases)


def _told(reading: Reading) -> SettingValues:
    return {key: reading.values[key] for key in reading.told if key in reading.values}


def _read_back(outcome: Outcome) -> Reading:
    """Return what a write left as a reading."""
    sure = outcome.result in {Result.VERIFIED, Result.UNCHANGED}
    told = frozenset(outcome.after) if sure else frozenset()
    return Reading(values=outcome.after, told=told, link=outcome.link)
