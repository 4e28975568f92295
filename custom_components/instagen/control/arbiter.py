"""The arbiter: who has the battery, and what the device has to be told now.

Pure and level-triggered: each step compares how the plant stands with how it ought to,
and says what to write. So a restart, a lost answer or a late one needs no path of its
own. No clock, no task, no wire (automation.md 2 and 4.5).
"""

from collections import deque
from collections.abc import Iterable, Mapping, Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from ..plant.settings import (
    BATTERY_MODE,
    Range,
    SettingValue,
    SettingValues,
    acting,
)
from . import physics
from .asking import asks, check, held_soc, lease_of, soc_of, state_before
from .clock import Belief, PlausibleClock
from .dwell import Dwell
from .heeding import heed
from .leases import (
    Conditions,
    EndReason,
    GrantState,
    Hindrance,
    Lease,
    LeaseEvent,
    LeaseEventKind,
    LeaseState,
    LeaseWish,
    Step,
)
from .priorities import Priority
from .standing import Hand, Standing
from .wishes import SENT_REFUSALS, Outcome, Refusal, Result, WishError
from .writer import Reading

HISTORY: Final = 50

_APPLY_PAUSES: Final = (5, 15, 45)
"""Seconds between tries to apply a lease; three tries (automation.md 4.5)."""

_RESTORE_PAUSES: Final = (*_APPLY_PAUSES, *6 * (600,))
_PASSING: Final = frozenset(
    {Refusal.UNREACHABLE, Refusal.UNREADABLE, Refusal.BUSY, Refusal.FROZEN}
)
"""Nothing was sent and the plant did not judge: these cost no try."""

_PASSING_PAUSE: Final = timedelta(seconds=15)
_SECOND_LOOK: Final = timedelta(seconds=2)
_BLIND_AFTER: Final = timedelta(minutes=10)
"""After so long without a read another link may put the plant back unseen."""


class Arbiter:
    """Decides among leases, and keeps what must survive until the plant is put back."""

    def __init__(self) -> None:
        """Start with nobody who wants anything."""
        self.standing = Standing()
        self._leases: dict[str, Lease] = {}
        self._paused: dict[str, datetime] = {}
        self._history: deque[Lease] = deque(maxlen=HISTORY)
        self._events: list[LeaseEvent] = []
        self._aim: str | None = None
        self._tries = 0
        self._not_before: datetime | None = None
        self._look_at: datetime | None = None
        self._stuck = False
        self._parked = False
        self._readable = False
        self._lost_since: datetime | None = None
        self._clock = PlausibleClock()
        self._dwell = Dwell()
        self._trial = physics.Trial()
        self._level: float | None = None
        self._ranges: Mapping[str, Range] = {}

    # ---- what is known ----

    @property
    def leases(self) -> tuple[Lease, ...]:
        """All that have not ended, the highest first."""
        return tuple(sorted(self._leases.values(), key=lambda one: one.rank))

    @property
    def current(self) -> Lease | None:
        """The lease that has the battery."""
        if self._parked:
            return None
        able = (one for one in self.leases if one.state is not LeaseState.SUSPENDED)
        return next((one for one in able if not self._dwell.bars(one)), None)

    @property
    def history(self) -> tuple[Lease, ...]:
        """Those that ended, the oldest first."""
        return tuple(self._history)

    @property
    def paused(self) -> Mapping[str, datetime]:
        """Owners that wait since a human changed the mode, and until when."""
        return dict(self._paused)

    @property
    def held(self) -> bool:
        """Whether the plant is not yet back as it stood before us."""
        return self.standing.baseline is not None

    @property
    def look_at(self) -> datetime | None:
        """When the plant should be looked at again."""
        return self._look_at

    def take_events(self) -> tuple[LeaseEvent, ...]:
        """Return what happened since this was called last."""
        events, self._events = tuple(self._events), []
        return events

    def next_wake(self, now: datetime) -> datetime | None:
        """Return when the next step is due even if nothing happens; None is never."""
        if self._clock.odd:
            return now + _PASSING_PAUSE if self.held else None
        times = [lease.until for lease in self._leases.values()]
        waking = self._look_at, self._not_before, self._leases and self._dwell.ends(now)
        times += [at for at in waking if at]
        return min(times, default=None)

    # ---- asking and letting go ----

    def request(
        self,
        now: datetime,
        wish: LeaseWish,
        *,
        seen: Reading | None,
        conditions: Conditions,
        floor: float | None = None,
        ranges: Mapping[str, Range],
        offered: AbstractSet[str] = frozenset(),
    ) -> tuple[Lease, GrantState]:
        """Take a wish for a lease; raise ``WishError``.

        ``floor`` is the SOC below which the plant never discharges; ``offered`` the
        settings that a link carries, and so has to be told to return to.
        """
        if not self._plausible(now):
            raise WishError(Refusal.UNTIL)
        check(now, wish, conditions, self._paused)
        before = state_before(self.standing, seen, offered, readable=self._readable)
        self._level = conditions.soc
        self._ranges = ranges
        soc = soc_of(wish, before, conditions, floor, self._ranges)
        lease = lease_of(wish, now, soc)
        if wish.dry_run:
            self._tell(LeaseEventKind.DRY_RUN, now, lease)
            return lease, GrantState.DRY_RUN
        lease = self._admit(now, lease)
        if seen is not None and not self.held:
            self.standing.take(before)
        self._heed(now, conditions)
        self._elect(now)
        lease = self._leases[lease.id]
        granted = self.current is lease
        return lease, GrantState.GRANTED if granted else GrantState.QUEUED

    def _admit(self, now: datetime, lease: Lease) -> Lease:
        """Take a lease in; the owner's former one goes, unless it is the same."""
        for old in self.leases:
            if old.owner != lease.owner:
                continue
            if asks(old) == asks(lease):
                return self._put(replace(old, until=lease.until, reason=lease.reason))
            self._end(old, now, EndReason.REPLACED)
        return self._put(lease)

    def cancel(
        self, now: datetime, lease_id: str | None = None, *, resume: bool = True
    ) -> tuple[Lease, ...]:
        """End one lease or all of them, and try anew to put the plant back."""
        ended = tuple(
            self._end(lease, now, EndReason.CANCELLED)
            for lease in self.leases
            if lease_id in {None, lease.id}
        )
        if resume:
            self._paused = {}
        self._start_over()
        self._elect(now)
        return ended

    def park(self) -> None:
        """Put the plant back, and keep the leases for the next start."""
        self._parked = True
        self._dwell = Dwell()
        self._start_over()

    # ---- what a human does through us ----

    def check_human(self, keys: Iterable[str] = (BATTERY_MODE,)) -> None:
        """Raise ``WishError`` when settings are held by somebody above a human."""
        lease = self.current
        if lease is None or lease.priority <= Priority.HUMAN:
            return
        if set(keys) & {BATTERY_MODE, lease.mode.soc_key, lease.mode.power_key}:
            raise WishError(Refusal.HELD, {"owner": lease.owner})

    def human_chose(self, now: datetime, target: SettingValues) -> None:
        """Take over a mode that a human chose through us, sent and perhaps taken."""
        if self.standing.baseline is None:
            return
        self.standing.baseline = dict(target)
        self._override(now)
        self.standing.touched = bool(self._leases)
        self._start_over()
        self._elect(now)

    def numbers_changed(self, changes: SettingValues) -> None:
        """Take over numbers of the mode block that a human changed through us."""
        if self.standing.baseline is None:
            return
        for key, value in changes.items():
            if (lease := self.current) and key == lease.mode.soc_key:
                lease = replace(lease, soc=int(value), target_soc=int(value))
            elif lease and key == lease.mode.power_key:
                lease = replace(lease, power=float(value))
            else:
                self.standing.change(key, value)
                continue
            if lease.state is LeaseState.SATISFIED:
                lease = replace(lease, state=LeaseState.ACTIVE)
            self._put(lease)
            self._trial = physics.Trial()

    # ---- the step ----

    def step(
        self,
        now: datetime,
        seen: Reading | None,
        conditions: Conditions,
        ranges: Mapping[str, Range],
    ) -> Step:
        """Return what to write, if anything, so that the plant stands as it ought to.

        ``seen`` is the mode block read just now. What is to be written counts as sent
        from here on, so that it can be saved before; ``wrote`` or ``refused`` tells
        how it went.
        """
        self._look_at = None
        self._level, self._ranges = conditions.soc, ranges
        if not self._plausible(now):
            return Step()
        self._end_expired(now)
        self._heed(now, conditions)
        self._elect(now)
        if conditions.frozen:
            self._look_at = now + _PASSING_PAUSE if self.held else None
            return Step()
        if seen is None or self._is_lost(now, seen):
            return Step()
        told = {key: seen.values[key] for key in seen.told if key in seen.values}
        if not self.held:
            if told:
                self.standing.watch(told)
            return Step()
        if told:
            hand = self.standing.observe(told, now)
            if hand is Hand.UNSURE:
                self._look_at = now + _SECOND_LOOK
                return Step()
            if hand is Hand.HUMAN:
                self._overrule(now, seen.values)
        return self._steer(now, seen, conditions)

    def _steer(self, now: datetime, seen: Reading, conditions: Conditions) -> Step:
        """Bring the plant to where it ought to stand."""
        self._end_satisfied(now, conditions)
        lease = self.current
        target = self._target(lease)
        self._take_aim(lease)
        changes = self.standing.missing(seen.values, seen.told, target)
        unseen = (
            BATTERY_MODE not in seen.told and self.standing.afloat_until is not None
        )
        if not changes and not unseen:
            return self._stand(now, lease, seen, conditions)
        if self._stuck or (self._not_before is not None and now < self._not_before):
            return Step()
        self.standing.launch(target, now)
        return Step(write=changes or acting(target), lease=lease, force=unseen)

    def _target(self, lease: Lease | None) -> dict[str, SettingValue]:
        block = dict(self.standing.baseline or {})
        return lease.over(block) if lease else block

    def _take_aim(self, lease: Lease | None) -> None:
        """Begin to count tries anew when somebody else is served."""
        aim = lease.id if lease else ""
        if aim != self._aim:
            self._aim = aim
            self._start_over()

    def _stand(
        self, now: datetime, lease: Lease | None, seen: Reading, conditions: Conditions
    ) -> Step:
        """Go on from where the plant stands as it ought to."""
        self._start_over()
        if lease is None:
            self._rest(now)
            return Step()
        if lease.state is LeaseState.APPLYING:
            lease = self._put(
                replace(
                    lease, state=LeaseState.ACTIVE, applied_at=lease.applied_at or now
                )
            )
            self._tell(LeaseEventKind.APPLIED, now, lease)
        if lease.state is not LeaseState.ACTIVE:
            return Step()
        if self._is_met(lease, conditions):
            lease = self._put(replace(lease, state=LeaseState.SATISFIED))
            self._tell(LeaseEventKind.SATISFIED, now, lease)
            return Step()
        if not lease.mode.forced:
            return Step()
        return self._prove(now, lease, seen, conditions)

    def _rest(self, now: datetime) -> None:
        """Give the plant back, once nothing that was sent can come any more."""
        if (until := self.standing.afloat_until) is not None:
            self._look_at = until
        elif not self._leases:
            touched = self.standing.touched
            self.standing.let_go()
            self._aim = None
            if touched:
                self._tell(LeaseEventKind.RESTORED, now)

    def _prove(
        self, now: datetime, lease: Lease, seen: Reading, conditions: Conditions
    ) -> Step:
        """See whether the battery follows; write once more, then give up (C8)."""
        power = self.standing.expected.get(lease.mode.power_key or "")
        ruling = self._trial.judge(
            lease.id,
            now,
            physics.follows(
                lease.mode,
                target=lease.aims_at(self._target(lease)),
                power=None if power is None else float(power),
                conditions=conditions,
            ),
        )
        if ruling is physics.Ruling.FAILED:
            self._end(lease, now, EndReason.NO_EFFECT, LeaseEventKind.NO_EFFECT)
            self._elect(now)
            return self._steer(now, seen, conditions)
        self._look_at = self._trial.due
        if ruling is not physics.Ruling.AGAIN:
            return Step()
        target = self._target(lease)
        self.standing.launch(target, now)
        return Step(write=acting(target), lease=lease, force=True)

    def _is_met(self, lease: Lease, conditions: Conditions) -> bool:
        target = lease.aims_at(self._target(lease))
        return physics.is_met(lease.mode, target, conditions.soc)

    # ---- how a write went ----

    def wrote(self, now: datetime, outcome: Outcome) -> None:
        """Take over that the last step's write was taken."""
        self._not_before = None
        self.standing.land(outcome.after, now)
        if outcome.result is not Result.UNCHANGED and not self._parked:
            self._dwell.wrote(now)
        if outcome.result is Result.SENT:
            self.standing.settle_blindly()

    def refused(self, now: datetime, error: WishError) -> None:
        """Take over that the last step's write was refused, or got lost."""
        lease, refusal = self.current, error.refusal
        if refusal not in SENT_REFUSALS:
            self.standing.recall()
        if refusal is Refusal.CHANGED_MEANWHILE:
            self._look_at = now
            return
        if refusal in _PASSING:
            self._not_before = now + _PASSING_PAUSE
            return
        lasting = refusal not in SENT_REFUSALS | {Refusal.REFUSED_BY_DEVICE}
        if lease is not None and lasting:
            self._fail(lease, now, EndReason.REFUSED, error)
            return
        setting = error.placeholders.get("setting", BATTERY_MODE)
        if lasting and self.standing.keep_out(setting):
            self._look_at = now
            return
        if lasting and self.standing.fall_back():
            self._tell(LeaseEventKind.STUCK, now, reason=refusal.value)
            self._look_at = now
            return
        pauses = _RESTORE_PAUSES if lease is None else _APPLY_PAUSES
        self._tries += 1
        if lease is not None and self._tries >= len(pauses):
            self._fail(lease, now, EndReason.FAILED, error)
        elif self._tries > len(pauses):
            self._stuck = True
            self._not_before = None
            self._tell(LeaseEventKind.STUCK, now, reason=refusal.value)
        else:
            self._not_before = now + timedelta(seconds=pauses[self._tries - 1])

    def _fail(
        self, lease: Lease, now: datetime, reason: EndReason, error: WishError
    ) -> None:
        kind = LeaseEventKind(reason.value)
        self._end(lease, now, reason, kind, error=error)
        self._elect(now)
        self._look_at = now

    # ---- leases that end, wait and go on ----

    def _end_expired(self, now: datetime) -> None:
        self._paused = {who: at for who, at in self._paused.items() if now < at}
        for lease in self.leases:
            if now >= lease.until:
                self._end(lease, now, EndReason.EXPIRED)

    def _end_satisfied(self, now: datetime, conditions: Conditions) -> None:
        """End leases that were to end with their target, before they cost a write."""
        while (lease := self.current) is not None and lease.releases:
            if not self._is_met(lease, conditions):
                return
            self._tell(LeaseEventKind.SATISFIED, now, lease)
            self._end(lease, now, EndReason.RELEASED)
            self._elect(now)

    def _heed(self, now: datetime, conditions: Conditions) -> None:
        """Keep the battery from being forced while it must not be (automation.md 4.10)."""
        for lease in self.leases:
            found = heed(lease, now, conditions, self.standing.baseline or {})
            if found.ends:
                self._end(lease, now, found.ends)
                continue
            returns = (
                lease.hindrance is Hindrance.OFF_GRID and not found.lease.hindrance
            )
            if returns and lease.patient and self._dwell.ends(now):
                continue
            self._put(found.lease)
            if found.told:
                self._tell(found.told, now, found.lease, reason=found.reason)

    def _elect(self, now: datetime) -> None:
        """Give the battery to the highest, and let the others wait."""
        served = self._leases.get(self._aim or "")
        over = served is None or served.state is LeaseState.SUSPENDED
        self._dwell.judge(now, leaves=bool(self._aim) and over)
        winner = self.current
        for lease in self.leases:
            if lease is winner:
                if lease.state is LeaseState.QUEUED:
                    soc = held_soc(lease, self._level, self._ranges)
                    begun = replace(lease, state=LeaseState.APPLYING, soc=soc)
                    self._put(begun)
                    self._tell(LeaseEventKind.STARTED, now, begun)
            elif lease.state is not LeaseState.SUSPENDED:
                self._put(replace(lease, state=LeaseState.QUEUED))

    def _overrule(self, now: datetime, block: SettingValues) -> None:
        """Give way to a human who changed the mode at the device or in the app."""
        self._override(now)
        if not self._leases:
            self.standing.touched = False
        self.standing.accept(block, exactly=not self._leases)
        self._start_over()
        self._elect(now)

    def _override(self, now: datetime) -> None:
        """End what a human outranks; owners wait until their time would have been up."""
        for lease in self.leases:
            if lease.priority > Priority.HUMAN:
                continue
            if lease.priority < Priority.HUMAN:
                self._paused[lease.owner] = lease.until
            self._end(lease, now, EndReason.OVERRIDDEN, LeaseEventKind.OVERRIDDEN)

    def _end(
        self,
        lease: Lease,
        now: datetime,
        reason: EndReason,
        kind: LeaseEventKind = LeaseEventKind.ENDED,
        *,
        error: WishError | None = None,
    ) -> Lease:
        ended = lease.end(now, reason)
        del self._leases[lease.id]
        self._history.append(ended)
        self._tell(
            kind,
            now,
            ended,
            reason=error.refusal.value if error else reason.value,
            placeholders=error.placeholders if error else {},
        )
        return ended

    def _put(self, lease: Lease) -> Lease:
        self._leases[lease.id] = lease
        return lease

    def _tell(
        self,
        kind: LeaseEventKind,
        now: datetime,
        lease: Lease | None = None,
        *,
        reason: str | None = None,
        placeholders: Mapping[str, str] | None = None,
    ) -> None:
        self._events.append(
            LeaseEvent(
                kind=kind,
                at=now,
                lease=lease,
                reason=reason,
                placeholders=placeholders or {},
            )
        )

    # ---- the link and the clock ----

    def _start_over(self) -> None:
        """Count tries anew, and make the next one at once."""
        self._tries = 0
        self._not_before = None
        self._stuck = False

    def _is_lost(self, now: datetime, seen: Reading) -> bool:
        """Tell whether the plant is away that tells its mode when it is there."""
        if BATTERY_MODE in seen.told:
            self._readable = True
            if self._lost_since is not None:
                self._lost_since = None
                self._start_over()
            return False
        if not self._readable:
            return False
        if self._lost_since is None:
            self._lost_since = now
            if self.held:
                self._tell(LeaseEventKind.LOST, now, self.current)
        lease = self.current
        if self.held and (lease is None or lease.state is LeaseState.APPLYING):
            self._look_at = now + _PASSING_PAUSE
        return not (self.held and now >= self._lost_since + _BLIND_AFTER)

    def _plausible(self, now: datetime) -> bool:
        """Tell whether the clock can be right; what another one granted ends."""
        match self._clock.judge(now):
            case Belief.ODD:
                return False
            case Belief.SET_BACK:
                for lease in self.leases:
                    self._put(replace(lease, until=min(lease.until, now)))
                self._paused = {}
        return True

    # ---- over restarts ----

    def snapshot(self, now: datetime) -> dict[str, Any]:
        """Return what must survive a restart, as plain data."""
        return {
            "saved_at": self._clock.saved(now),
            "leases": [lease.as_dict() for lease in self._leases.values()],
            "history": [lease.as_dict() for lease in self._history],
            "paused": {who: at.isoformat() for who, at in self._paused.items()},
            "readable": self._readable,
            "written_at": self._dwell.snapshot(),
            "standing": self.standing.snapshot(),
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what ``snapshot`` returned."""
        self._clock.restore(stored["saved_at"])
        self._leases = {one["id"]: Lease.from_dict(one) for one in stored["leases"]}
        self._history.extend(Lease.from_dict(one) for one in stored["history"])
        self._paused = {
            who: datetime.fromisoformat(at) for who, at in stored["paused"].items()
        }
        self._readable = stored["readable"]
        self._dwell.restore(stored.get("written_at"))
        self.standing.restore(stored["standing"])
