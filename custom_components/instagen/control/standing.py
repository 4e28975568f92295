"""How a plant stands while it is in our hands, and whose hand moved it.

A device tells its mode but not who chose it. So everything that was sent is remembered
until it was seen or can no longer come, and what is neither that nor what stood before
was chosen by a human.
"""

from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from ..plant.settings import (
    BATTERY_MODE,
    FORCED_MODES,
    SettingValue,
    SettingValues,
    acting,
    mode_of,
)
from ..plant.states import BatteryMode
from .change import same

SETTLE: Final = timedelta(seconds=60)
"""How long a write may stay unseen, or another link show what stood before it. Our
choice: a device acts after some 20 s (facts/local-protocol.md 4.6)."""


class Hand(Enum):
    """Whose hand a block shows."""

    OURS = "ours"
    UNSURE = "unsure"
    """A difference that was seen once, or that may be yesterday's news."""

    HUMAN = "human"


@dataclass(frozen=True)
class _Dated:
    """A block and a moment."""

    values: SettingValues
    at: datetime

    def as_dict(self) -> dict[str, Any]:
        return {"values": dict(self.values), "at": self.at.isoformat()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> _Dated:
        return cls(dict(stored["values"]), datetime.fromisoformat(stored["at"]))


def _fits(block: SettingValues, target: SettingValues) -> bool:
    """Return whether nothing that a block tells contradicts a target."""
    return all(same(target.get(key, value), value) for key, value in block.items())


def _acts_as(block: SettingValues, target: SettingValues) -> bool:
    """Return whether a block acts as a target does, as far as it tells."""
    return _fits({key: block[key] for key in acting(target) if key in block}, target)


class Standing:
    """The mode block: what stood before us, what we sent, and what was seen.

    Blocks that are passed in hold what the device told, and always its mode.
    """

    def __init__(self) -> None:
        """Start with a plant that is not in our hands."""
        self.baseline: dict[str, SettingValue] | None = None
        """To what the plant returns; None while it is not in our hands."""

        self.touched = False
        """Whether anything was sent since the baseline was taken."""

        self._expected: dict[str, SettingValue] = {}
        self._afloat: list[_Dated] = []
        self._passed: _Dated | None = None
        self._plain: dict[str, SettingValue] | None = None
        self._idle: dict[str, SettingValue] | None = None
        self._suspect: SettingValues | None = None
        self._kept_out: set[str] = set()

    @property
    def expected(self) -> SettingValues:
        """The last block that was believed."""
        return self._expected

    @property
    def afloat_until(self) -> datetime | None:
        """When nothing that was sent can come any more; None when nothing is afloat."""
        return max((one.at + SETTLE for one in self._afloat), default=None)

    # ---- while it is not in our hands ----

    def watch(self, block: SettingValues) -> None:
        """Look at a plant that is not in our hands."""
        self._idle = {**(self._idle or {}), **block}
        if mode_of(block) not in FORCED_MODES:
            self._plain = {**(self._plain or {}), **block}

    def is_news(self, block: SettingValues) -> bool:
        """Return whether a block differs from what was seen last: worth a second look."""
        return self._idle is None or not _fits(block, self._idle)

    def plain(self, block: SettingValues) -> dict[str, SettingValue]:
        """Return a block to return to: never a forced mode (automation.md 4.5)."""
        if mode_of(block) not in FORCED_MODES:
            return dict(block)
        if self._plain is not None:
            return {**block, **acting(self._plain)}
        return {**block, BATTERY_MODE: BatteryMode.SELF_CONSUMPTION.value}

    def take(self, block: SettingValues) -> None:
        """Take the plant into our hands as it stands."""
        self.baseline = self.plain(block)
        self._expected = dict(block)
        self.touched = False

    def let_go(self) -> None:
        """Give the plant back."""
        if self.baseline is not None:
            self.watch(self._expected)
        self.baseline = None
        self.touched = False
        self._expected, self._afloat, self._passed = {}, [], None
        self._suspect = None
        self._kept_out = set()

    # ---- whose hand ----

    def observe(self, block: SettingValues, now: datetime) -> Hand:
        """Judge a block that the device told, and take over what is believed."""
        if _fits(block, self._expected):
            return self._believe(block, now)
        for number, sent in reversed(list(enumerate(self._afloat))):
            if _fits(block, sent.values):
                self._arrived(number, now)
                return self._believe(block, now)
        if (
            self._passed is not None
            and now < self._passed.at + SETTLE
            and _acts_as(block, self._passed.values)
        ):
            self._suspect = None
            return Hand.UNSURE
        if self._suspect is None or dict(block) != dict(self._suspect):
            self._suspect = dict(block)
            return Hand.UNSURE
        return self._judge_twice_seen(block, now)

    def _judge_twice_seen(self, block: SettingValues, now: datetime) -> Hand:
        """Tell a human's other mode from other numbers of modes that only wait."""
        self._suspect = None
        if _acts_as(block, self._expected):
            return self._merge(block, now)
        for number, sent in reversed(list(enumerate(self._afloat))):
            if _acts_as(block, sent.values):
                self._arrived(number, now)
                return self._merge(block, now)
        self._drop_late(now)
        return Hand.HUMAN

    def _drop_late(self, now: datetime) -> None:
        """Forget what should have come by now: it was looked for, and was lost."""
        self._afloat = [one for one in self._afloat if now < one.at + SETTLE]

    def _believe(self, block: SettingValues, now: datetime) -> Hand:
        self._suspect = None
        self._drop_late(now)
        self._expected.update(block)
        return Hand.OURS

    def _merge(self, block: SettingValues, now: datetime) -> Hand:
        """Keep what a human changed of modes that only wait."""
        for key, value in block.items():
            if not same(self._expected.get(key, value), value):
                self.change(key, value)
        return self._believe(block, now)

    def _arrived(self, number: int, now: datetime) -> None:
        """Take over that a block of ours was seen; one sent before may come after it."""
        sent = self._afloat.pop(number)
        self._passed = _Dated(self._expected, now)
        self._expected = {**self._expected, **sent.values}

    def change(self, key: str, value: SettingValue) -> None:
        """Take over a number of a mode that only waits, as a human chose it."""
        self._expected[key] = value
        if self.baseline is not None:
            self.baseline[key] = value

    def accept(self, block: SettingValues, *, exactly: bool) -> None:
        """Take over what a human chose as what stands, and to what the plant returns.

        What was sent before may still come; then it is put back to this.
        ``exactly``: also a forced mode, because nobody wants anything else.
        """
        self.baseline = dict(block) if exactly else self.plain(block)
        self._expected = {**self._expected, **block}
        self._passed = self._suspect = None

    # ---- what we send ----

    def missing(
        self, seen: SettingValues, told: AbstractSet[str], target: SettingValues
    ) -> SettingValues:
        """Return what has to be sent so that the plant stands as a target.

        Of modes that only wait only what the device tells: a stick keeps nothing of them.
        """
        keys = told | set(acting(target))
        changes = {
            key: value
            for key, value in target.items()
            if key in keys - self._kept_out and not same(seen.get(key), value)
        }
        if not changes:
            return {}
        return {BATTERY_MODE: target[BATTERY_MODE], **changes}

    def left_behind(self, block: SettingValues) -> SettingValues:
        """Return numbers of ours, in modes that only wait then, that are to go back."""
        return {
            key: value
            for key, value in (self.baseline or {}).items()
            if key != BATTERY_MODE
            and key in block
            and key not in self._kept_out
            and not same(block[key], value)
            and same(block[key], self._expected.get(key))
        }

    def fall_back(self) -> bool:
        """Return to self-consumption instead of a mode that cannot be chosen again."""
        plain = BatteryMode.SELF_CONSUMPTION.value
        if self.baseline is None or self.baseline.get(BATTERY_MODE) == plain:
            return False
        self.baseline[BATTERY_MODE] = plain
        return True

    def launch(self, target: SettingValues, now: datetime) -> None:
        """Remember a block before it is sent."""
        self.touched = True
        kept = {
            key: self._expected[key] for key in self._kept_out & set(self._expected)
        }
        self._afloat.append(_Dated({**self._expected, **target, **kept}, now))

    def recall(self) -> None:
        """Forget the block that was remembered last: it was not sent."""
        if self._afloat:
            self._afloat.pop()

    def land(self, after: SettingValues, now: datetime) -> None:
        """Take over that the block that was sent last stands."""
        if self._afloat:
            sent = self._afloat.pop()
            self._passed = _Dated(self._expected, now)
            self._expected = {**self._expected, **sent.values}
        self._suspect = None
        self._expected.update(after)

    def settle_blindly(self) -> None:
        """Forget what is afloat: something newer was sent, and nobody can look."""
        self._afloat = []

    def keep_out(self, key: str) -> bool:
        """Leave a setting as it is that the device does not take back."""
        if key == BATTERY_MODE or key in self._kept_out:
            return False
        self._kept_out.add(key)
        return True

    # ---- over restarts ----

    def snapshot(self) -> dict[str, Any]:
        """Return what must survive a restart, as plain data."""
        return {
            "baseline": self.baseline and dict(self.baseline),
            "touched": self.touched,
            "expected": dict(self._expected),
            "afloat": [one.as_dict() for one in self._afloat],
            "plain": self._plain and dict(self._plain),
            "kept_out": sorted(self._kept_out),
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what ``snapshot`` returned."""
        self.baseline = stored["baseline"] and dict(stored["baseline"])
        self.touched = stored["touched"]
        self._expected = dict(stored["expected"])
        self._afloat = [_Dated.from_dict(one) for one in stored["afloat"]]
        self._plain = stored["plain"] and dict(stored["plain"])
        self._kept_out = set(stored["kept_out"])
