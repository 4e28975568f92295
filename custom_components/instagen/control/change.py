"""What a wish comes to on a plant that stands as it stands, judged in plant terms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ..links.settings import Capability, SettingsRoad
from ..plant.contact_settings import OTHER
from ..plant.evidence import Evidence
from ..plant.settings import (
    BATTERY_MODE,
    SETTINGS,
    Block,
    Range,
    SettingKind,
    SettingValue,
    SettingValues,
    acting,
    mode_of,
)
from .known import ONE_MODE_LINKS, is_value_of
from .wishes import Refusal, WishError

_NAMED: Final = frozenset(
    {
        SettingKind.MODE,
        SettingKind.CHOICE,
        SettingKind.WINDOW,
        SettingKind.WEEKDAYS,
    }
)
"""Kinds whose values are offered or not, rather than in or out of a range."""

_SAME: Final = 1e-6
"""Numbers nearer than this are one number, written in two ways."""


def same(one: SettingValue | None, other: SettingValue | None) -> bool:
    """Return whether two values are the same to a device: 50 and 50.0 are."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) < _SAME
    return one == other


def block_of(changes: SettingValues) -> Block:
    """Return the block that all changes stand in; raise ``WishError``.

    ``ValueError`` is for who asks for nothing or for several blocks at once.
    """
    for key in changes:
        if key not in SETTINGS:
            raise WishError(Refusal.NOT_OFFERED, {"setting": key})
    blocks = {SETTINGS[key].block for key in changes}
    if len(blocks) != 1:
        raise ValueError("a wish is about one block")
    return blocks.pop()


@dataclass(frozen=True, kw_only=True)
class Change:
    """A wish beside what is known of its block."""

    block: Block
    before: SettingValues
    """As told, and as remembered where nothing was told."""

    told: frozenset[str]
    """What a device told just now."""

    wished: SettingValues

    @property
    def after(self) -> dict[str, SettingValue]:
        """The block as it shall be: what nobody wished for stays."""
        return {**self.before, **self.wished}

    @property
    def acts(self) -> frozenset[str]:
        """What the device will act by; all of a block that knows no modes."""
        if self.block is Block.MODE:
            return frozenset(acting(self.after))
        return frozenset(self.after)

    @property
    def moves(self) -> frozenset[str]:
        """What is wished to be other than it is known."""
        return frozenset(
            key
            for key, value in self.wished.items()
            if key not in self.before or not same(value, self.before[key])
        )

    @property
    def doubtful(self) -> frozenset[str]:
        """What is wished as it is remembered, while no device tells that it is so."""
        return (frozenset(self.wished) & self.acts) - self.told - self.moves

    @property
    def touched(self) -> frozenset[str]:
        """What may have to be written."""
        return self.moves | self.doubtful

    @property
    def only_waits(self) -> bool:
        """Whether nothing moves but parameters of modes that are not chosen."""
        return bool(self.moves) and not self.touched & self.acts

    def sent_over(self, road: SettingsRoad) -> frozenset[str]:
        """Return which settings a write over a road holds."""
        keys = self.acts if road.name in ONE_MODE_LINKS else self.after.keys()
        return frozenset(key for key in keys if key in road.capabilities)


def check_kinds(wished: SettingValues, capabilities: Mapping[str, Capability]) -> None:
    """Refuse what is no value at all, such as a text for a number."""
    for key, value in wished.items():
        kind = SETTINGS[key].kind
        if is_value_of(value, SETTINGS[key]) and value != OTHER:
            continue
        if kind in _NAMED:
            raise _not_offered(key, value)
        if kind is SettingKind.TEXT:
            raise WishError(Refusal.INCOMPLETE, {"missing": key})
        limits = capabilities[key].range if key in capabilities else None
        if kind is SettingKind.FLAG:
            limits = Range(0, 1)
        raise _out_of_range(key, value, limits)


def judge(
    road: SettingsRoad, change: Change, *, may: Callable[[Evidence], bool]
) -> WishError | None:
    """Return why a road cannot carry a change; ``may`` is the owner's consent.

    Only what moves is judged: a device may stand outside of what a map allows, and
    whoever puts it back there is not to be stopped.
    """
    # A remembered value that a road cannot carry does not keep it from carrying the rest.
    keys = {key for key in change.doubtful if _carries(road, key)} | change.moves
    if change.block is Block.MODE and (wrong := _judge_mode(road, change, may)):
        return wrong
    for key in sorted(keys):
        if not _carries(road, key):
            return _not_offered(key, change.wished[key])
        evidence = road.capabilities[key].evidence
        if evidence is Evidence.UNKNOWN:
            return _not_offered(key, change.wished[key])
        if not may(evidence):
            return WishError(Refusal.NEEDS_OPT_IN, {"setting": key})
    for key in sorted(change.moves):
        if wrong := _judge_number(road, key, change.wished[key]):
            return wrong
    return None


def check_limits(change: Change) -> None:
    """Refuse SOC limits that would leave the battery no room between them."""
    low = change.after.get("battery_min_soc")
    high = change.after.get("battery_max_soc")
    if isinstance(low, int | float) and isinstance(high, int | float) and low >= high:
        raise WishError(
            Refusal.LIMITS_CROSSED, {"low": _text(low), "high": _text(high)}
        )


def _carries(road: SettingsRoad, key: str) -> bool:
    return key in road.capabilities


def _judge_mode(
    road: SettingsRoad, change: Change, may: Callable[[Evidence], bool]
) -> WishError | None:
    mode = mode_of(change.after)
    if mode is None:
        # A parameter can wait for its mode, but no block goes out without one.
        waits = road.name in ONE_MODE_LINKS and not change.touched & change.acts
        return (
            None if waits else WishError(Refusal.INCOMPLETE, {"missing": BATTERY_MODE})
        )
    evidence = road.modes.get(mode, Evidence.UNKNOWN)
    if evidence is Evidence.UNKNOWN:
        return _not_offered(BATTERY_MODE, mode)
    if BATTERY_MODE in change.touched and not may(evidence):
        return WishError(Refusal.NEEDS_OPT_IN, {"setting": BATTERY_MODE})
    return None


def _judge_number(
    road: SettingsRoad, key: str, value: SettingValue
) -> WishError | None:
    limits = road.capabilities[key].range if _carries(road, key) else None
    if limits is None or isinstance(value, bool | str):
        return None
    if not limits.low <= value <= limits.high:
        return _out_of_range(key, value, limits)
    if not limits.holds(value):
        return WishError(
            Refusal.NOT_A_STEP,
            {"setting": key, "value": _text(value), "step": _text(limits.step)},
        )
    return None


def _not_offered(key: str, value: SettingValue) -> WishError:
    return WishError(Refusal.NOT_OFFERED, {"setting": key, "value": _text(value)})


def _out_of_range(key: str, value: SettingValue, limits: Range | None) -> WishError:
    return WishError(
        Refusal.OUT_OF_RANGE,
        {
            "setting": key,
            "value": _text(value),
            "low": "?" if limits is None else _text(limits.low),
            "high": "?" if limits is None else _text(limits.high),
        },
    )


def _text(value: SettingValue) -> str:
    """Return a value as people write it: 50 for 50.0."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)
