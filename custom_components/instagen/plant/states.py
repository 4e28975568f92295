"""States that a plant reports about itself."""

from enum import StrEnum


class WorkStatus(StrEnum):
    """Work state of the inverter (mission section 2, register 0 and 30000)."""

    POWER_UP = "power_up"
    STANDBY = "standby"
    GRID_TEST = "grid_test"
    ON_GRID = "on_grid"
    FAULT = "fault"
    OFF_GRID = "off_grid"
    BYPASS = "bypass"


class BatteryState(StrEnum):
    """What the battery does now (register 1904 and 30019)."""

    STANDBY = "standby"
    CHARGING = "charging"
    DISCHARGING = "discharging"


class BatteryMode(StrEnum):
    """Working modes of manual 5.1, and those the sister brand adds."""

    SELF_CONSUMPTION = "self_consumption"
    ECONOMICAL = "economical"
    FULL_BACKUP = "full_backup"
    OFF_GRID = "off_grid"
    FORCE_CHARGE = "force_charge"
    FORCE_DISCHARGE = "force_discharge"
    PEAK_SHAVING = "peak_shaving"
    TIME_OF_USE = "time_of_use"
    AI = "ai"


class LinkName(StrEnum):
    """The ways to reach a plant (mission section 1)."""

    DTS = "dts"
    MODBUS = "modbus"
    CLOUD = "cloud"
