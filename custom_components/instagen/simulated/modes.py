"""What the device's battery mode asks of the battery (automation.md 4.1 to 4.6)."""

from enum import Enum, StrEnum
from typing import Final, NamedTuple, Protocol

from ..plant.states import BatteryMode
from . import assumptions
from .programs import UsePeriod
from .settings import Settings
from .tariff import TariffPeriod

_TOLERANCE: Final = 0.01
"""Points of SOC that count as met: whole watts cannot fill the last joules."""


class ControlState(StrEnum):
    """The states of automation.md 4.1 to 4.6 that a mode can be in."""

    STORE = "store"
    SPILL = "spill"
    SUPPORT = "support"
    FLOOR = "floor"
    ISLAND = "island"
    DARK = "dark"
    OFFPEAK_CHARGE = "offpeak_charge"
    OFFPEAK_FULL = "offpeak_full"
    CHARGING = "charging"
    HOLD = "hold"
    FORCE_CHARGE = "force_charge"
    FORCE_DISCHARGE = "force_discharge"
    SATISFIED = "satisfied"
    LOW_SOC_CHARGE = "low_soc_charge"
    PEAK_SHAVING = "peak_shaving"
    USE_CHARGE = "use_charge"
    USE_DISCHARGE = "use_discharge"
    GENERATOR_CHARGE = "generator_charge"
    STOPPED = "stopped"


class Action(Enum):
    """How the battery is driven."""

    FOLLOW = "follow"
    """Bring the grid to zero, within what is allowed."""

    CHARGE = "charge"
    """Charge at a power, from the grid if need be."""

    DISCHARGE = "discharge"
    """Discharge at a power, into the grid if allowed."""

    IDLE = "idle"


class Order(NamedTuple):
    """What a mode asks for: limits in W that already respect SOC and settings."""

    state: ControlState
    action: Action
    charge: int = 0
    discharge: int = 0


class Situation(NamedTuple):
    """What a mode looks at. Powers in W, SOC in %."""

    soc: float
    natural: int
    """Battery power that would bring the grid to zero (+ discharging)."""

    rated: int
    band: TariffPeriod | None
    period: UsePeriod | None = None
    """The time of use whose charge or discharge window holds the moment."""

    charge_time: bool = False
    """Whether it is the charge window that does."""


class Limiter(Protocol):
    """Tells what the battery can take and give, never beyond the settings."""

    def charge(self, power: int, up_to: float) -> int:
        """Return the charge power possible up to a SOC, in W."""

    def discharge(self, power: int, down_to: float) -> int:
        """Return the discharge power possible down to a SOC, in W."""


class Latches:
    """Hysteresis: what was reached stays reached until the SOC has moved away."""

    def __init__(self) -> None:
        """Start with nothing reached."""
        self._key: tuple[object, ...] = ()
        self._floor = self._full = self._target = self._low = False

    def renew(self, key: tuple[object, ...]) -> None:
        """Forget floor and target when mode or target changed."""
        if key != self._key:
            self._key = key
            self._floor = self._target = False

    def floor(self, soc: float, reserve: float) -> bool:
        """Tell whether the reserve was met and has not recovered."""
        if soc <= reserve + _TOLERANCE:
            self._floor = True
        elif soc >= reserve + assumptions.SOC_HYSTERESIS:
            self._floor = False
        return self._floor

    def full(self, soc: float, top: float) -> bool:
        """Tell whether the battery was filled and has not been used since."""
        if soc >= top - _TOLERANCE:
            self._full = True
        elif soc <= top - assumptions.SOC_HYSTERESIS:
            self._full = False
        return self._full

    def target(self, soc: float, target: float) -> bool:
        """Tell whether a charge target was met and still holds."""
        if soc >= target - _TOLERANCE:
            self._target = True
        elif soc <= target - assumptions.SOC_HYSTERESIS:
            self._target = False
        return self._target

    def low(self, soc: float, start: float) -> bool:
        """Tell whether the battery is so low that its management charges it."""
        if soc < start:
            self._low = True
        elif soc >= start + assumptions.SOC_HYSTERESIS:
            self._low = False
        return self._low


class ModeMachine:
    """Turns mode, settings and situation into an order for the battery."""

    def __init__(self) -> None:
        """Start in no state."""
        self._latches = Latches()

    def order(self, settings: Settings, now: Situation, limiter: Limiter) -> Order:
        """Return what the mode in force asks while the grid is there."""
        mode = settings.battery_mode
        self._latches.renew(_key(settings))
        if self._latches.low(now.soc, settings.low_soc_charge_start):
            power = limiter.charge(settings.low_soc_charge_power, 100)
            return Order(ControlState.LOW_SOC_CHARGE, Action.CHARGE, charge=power)
        match mode:
            case BatteryMode.ECONOMICAL:
                return self._economical(settings, now, limiter)
            case BatteryMode.FULL_BACKUP:
                return self._full_backup(settings, now, limiter)
            case BatteryMode.FORCE_CHARGE:
                return self._force_charge(settings, now, limiter)
            case BatteryMode.FORCE_DISCHARGE:
                return self._force_discharge(settings, now, limiter)
            case BatteryMode.PEAK_SHAVING:
                return self._peak_shaving(settings, now, limiter)
            case BatteryMode.TIME_OF_USE:
                return self._time_of_use(settings, now, limiter)
        reserve = settings.self_consumption_reserve_soc
        return self._follow(settings, now, limiter, reserve)

    def _follow(
        self, settings: Settings, now: Situation, limiter: Limiter, reserve: int
    ) -> Order:
        reserve = max(reserve, settings.battery_min_soc)
        full = self._latches.full(now.soc, settings.battery_max_soc)
        floor = self._latches.floor(now.soc, reserve)
        charge = 0 if full else limiter.charge(now.rated, settings.battery_max_soc)
        discharge = 0 if floor else limiter.discharge(now.rated, reserve)
        if now.natural <= 0:
            spilling = full or -now.natural > charge
            state = ControlState.SPILL if spilling else ControlState.STORE
        else:
            state = ControlState.FLOOR if floor else ControlState.SUPPORT
        return Order(state, Action.FOLLOW, charge, discharge)

    def _economical(
        self, settings: Settings, now: Situation, limiter: Limiter
    ) -> Order:
        cheap = now.band is TariffPeriod.OFF_PEAK or (
            now.band is TariffPeriod.PARTIAL_PEAK
            and assumptions.PARTIAL_PEAK_CHARGES_FROM_GRID
        )
        reserve = settings.economical_reserve_soc
        sells = now.band is TariffPeriod.PEAK and assumptions.PEAK_EXPORTS_BATTERY
        if sells and now.soc > reserve:
            power = limiter.discharge(now.rated, reserve)
            return Order(ControlState.SUPPORT, Action.DISCHARGE, discharge=power)
        if not cheap:
            return self._follow(settings, now, limiter, reserve)
        top = settings.battery_max_soc
        if not self._latches.full(now.soc, top):
            power = limiter.charge(now.rated, top)
            return Order(ControlState.OFFPEAK_CHARGE, Action.CHARGE, charge=power)
        if assumptions.OFFPEAK_FULL_IDLES:
            return Order(ControlState.OFFPEAK_FULL, Action.IDLE)
        return self._follow(settings, now, limiter, reserve)

    def _full_backup(
        self, settings: Settings, now: Situation, limiter: Limiter
    ) -> Order:
        target = min(settings.full_backup_reserve_soc, settings.battery_max_soc)
        if self._latches.target(now.soc, target):
            return Order(ControlState.HOLD, Action.IDLE)
        power = limiter.charge(now.rated, target)
        return Order(ControlState.CHARGING, Action.CHARGE, charge=power)

    def _force_charge(
        self, settings: Settings, now: Situation, limiter: Limiter
    ) -> Order:
        target = min(settings.force_charge_target_soc, settings.battery_max_soc)
        if self._latches.target(now.soc, target):
            return self._satisfied(settings, now, limiter)
        wanted = round(now.rated * settings.force_charge_power / 100)
        power = limiter.charge(wanted, target)
        return Order(ControlState.FORCE_CHARGE, Action.CHARGE, charge=power)

    def _force_discharge(
        self, settings: Settings, now: Situation, limiter: Limiter
    ) -> Order:
        stop = max(settings.force_discharge_target_soc, settings.battery_min_soc)
        if self._latches.floor(now.soc, stop):
            return self._satisfied(settings, now, limiter)
        wanted = round(now.rated * settings.force_discharge_power / 100)
        power = limiter.discharge(wanted, stop)
        return Order(ControlState.FORCE_DISCHARGE, Action.DISCHARGE, discharge=power)

    def _peak_shaving(
        self, settings: Settings, now: Situation, limiter: Limiter
    ) -> Order:
        """Serve the house above one SOC, only what passes the peak below it."""
        if now.natural <= 0 or now.soc > settings.peak_shaving_soc:
            reserve = max(settings.peak_shaving_soc, settings.peak_shaving_reserve_soc)
            return self._follow(settings, now, limiter, reserve)
        reserve = max(settings.peak_shaving_reserve_soc, settings.battery_min_soc)
        over = max(0, now.natural - settings.peak_shaving_power)
        power = limiter.discharge(over, reserve)
        return Order(ControlState.PEAK_SHAVING, Action.DISCHARGE, discharge=power)

    def _time_of_use(
        self, settings: Settings, now: Situation, limiter: Limiter
    ) -> Order:
        """Charge, or serve the house, with the power and SOC of the period."""
        period, reserve = now.period, settings.time_of_use_reserve_soc
        if period is None:
            return self._follow(settings, now, limiter, reserve)
        if now.charge_time:
            top = min(period.highest_soc, settings.battery_max_soc)
            if self._latches.full(now.soc, top):
                return Order(ControlState.SATISFIED, Action.IDLE)
            power = limiter.charge(now.rated * period.charge_power // 100, top)
            return Order(ControlState.USE_CHARGE, Action.CHARGE, charge=power)
        reserve = max(reserve, period.lowest_soc, settings.battery_min_soc)
        order = self._follow(settings, now, limiter, reserve)
        most = now.rated * period.discharge_power // 100
        return order._replace(
            state=ControlState.USE_DISCHARGE, discharge=min(order.discharge, most)
        )

    def _satisfied(self, settings: Settings, now: Situation, limiter: Limiter) -> Order:
        if assumptions.IDLE_AFTER_FORCE_TARGET:
            return Order(ControlState.SATISFIED, Action.IDLE)
        reserve = settings.self_consumption_reserve_soc
        return self._follow(settings, now, limiter, reserve)


def _key(settings: Settings) -> tuple[object, ...]:
    """Return what a latch belongs to: another mode or target starts afresh."""
    return (
        settings.battery_mode,
        settings.self_consumption_reserve_soc,
        settings.economical_reserve_soc,
        settings.full_backup_reserve_soc,
        settings.force_charge_target_soc,
        settings.force_discharge_target_soc,
        settings.peak_shaving_reserve_soc,
        settings.peak_shaving_soc,
        settings.time_of_use_reserve_soc,
        settings.battery_max_soc,
        settings.battery_min_soc,
    )
