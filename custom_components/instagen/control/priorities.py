"""Who goes first when several want the battery (automation.md C1)."""

from enum import IntEnum


class Priority(IntEnum):
    """Usual ranks of owners; a lease may have any whole number from 0 to 100."""

    INSTALLER_LOCK = 100
    SAFETY = 95
    """Earth fault, battery alarm."""

    HUMAN = 90
    """Somebody in the app or at the dashboard; who is above is not overruled there."""

    OUTAGE = 70
    GRID_EVENT = 60
    CALIBRATION = 50
    PRICE_PLUNGE = 40
    PEAK_EXPORT = 35
    CHEAP_CHARGE = 30
    PLANNER = 20
    SEASON = 10
