"""What has to be right before a plant may be changed at all."""

from dataclasses import dataclass
from typing import Final

from ..plant.settings import SettingValues, mode_of
from ..plant.states import BatteryMode
from .wishes import AskerKind, Refusal, Wish, WishError

OFF_GRID_SOC: Final = 50
"""Percent below which a house with a grid is not parted from it (automation.md 4.4)."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the guards look at, at the time of a wish; None is unknown."""

    soc: float | None = None
    """Percent."""

    grid_present: bool | None = None
    off_grid_allowed: bool = False
    """The installer's option (automation.md 4.4)."""

    frozen: bool = False
    """Firmware is being upgraded: nothing may be written (automation.md 4.10)."""


def check_off_grid(wish: Wish, *, around: Surroundings) -> None:
    """Let the house be parted from its grid only by an owner who means it.

    Without a grid it goes dark when the battery is empty. What nobody can tell, the grid
    or the state of charge, counts as the worse. Only putting back what the owner chose
    before a lease needs no second consent. Raises ``WishError``.
    """
    puts_back = wish.safety and wish.asker.kind is AskerKind.LEASE
    if not puts_back:
        if not around.off_grid_allowed:
            raise WishError(Refusal.OFF_GRID_NOT_ALLOWED)
        if not wish.confirmed:
            raise WishError(Refusal.OFF_GRID_NOT_CONFIRMED)
    low = around.soc is None or around.soc < OFF_GRID_SOC
    if low and around.grid_present is not False:
        soc = "?" if around.soc is None else f"{around.soc:.10g}"
        raise WishError(
            Refusal.OFF_GRID_BATTERY_LOW, {"soc": soc, "low": str(OFF_GRID_SOC)}
        )


def enters_off_grid(before: SettingValues, after: SettingValues) -> bool:
    """Return whether a change parts the house from its grid."""
    return BatteryMode.OFF_GRID is mode_of(after) is not mode_of(before)


def leaves_off_grid(before: SettingValues, after: SettingValues) -> bool:
    """Return whether a change joins the house and its grid: that is never refused."""
    return BatteryMode.OFF_GRID is mode_of(before) is not mode_of(after)
