"""What the facts leave open and the simulated device had to decide.

Each constant stands for an ``[A]`` of design/automation.md section 4. Change one here
when a real plant proves it wrong; nothing else encodes the choice.
"""

from typing import Final

SOC_HYSTERESIS: Final = 2.0
"""Points of SOC between leaving and re-entering a state (section 4, ``h``)."""

PARTIAL_PEAK_CHARGES_FROM_GRID: Final = False
"""Economical mode, partial band: as self-consumption, no grid charging (4.2)."""

PEAK_EXPORTS_BATTERY: Final[bool] = False
"""Economical mode, peak band: the battery serves loads only (4.2)."""

OFFPEAK_FULL_IDLES: Final[bool] = True
"""Economical mode, full at off-peak: the grid serves the load (4.2)."""

WINDOW_BELONGS_TO_START_DAY: Final = False
"""A window across midnight is looked up by calendar day, not by its start day (4.2)."""

LAST_MINUTE_BELONGS: Final[bool] = True
"""The minute that a window of a message ends with is still in it: manual 5.1.2 shows
00:30-04:30 beside 04:31-00:29 (4.2). That the dry contact's windows are the same is
assumed."""

IDLE_AFTER_FORCE_TARGET: Final = True
"""Force modes do nothing once the target is met (4.5)."""

RESERVE_HOLDS_OFF_GRID: Final = False
"""Off-grid only the lower SOC limit protects the battery (section 4, head)."""

GRID_RETURN_DELAY: Final = 60
"""Seconds of good grid before the inverter connects again (4.1, anti-islanding)."""

MODE_WRITE_DELAY: Final = 17
"""Seconds until a mode written over Modbus acts (facts/local-protocol.md 4.6)."""

LIMIT_WRITE_DELAY: Final = 19
"""Seconds until a limit written over Modbus acts (facts/local-protocol.md 4.6)."""

BATTERY_PLUS_ON_DISCHARGE: Final = True
"""Sign of battery power and current in storage data (facts/protobuf-10081.md 5)."""

REGISTRY_CAPACITY_STEP: Final = 0.1
"""kWh in one step of the registry's battery capacity; not published."""

WIFI_CHANGE_AWAY: Final = 3
"""Seconds that the stick is gone after its Wi-Fi was changed."""

WIFI_CONNECT: Final = 8
"""Seconds that it then looks for the network."""

STICK_RESTART: Final = 30
"""Seconds that a restarting stick is gone."""

INVERTER_RESTART: Final = 60
"""Seconds that a restarting inverter stands."""

FUNCTION_CHANGE_REST: Final = 5
"""Seconds that the dry contact rests open between two functions (4.8)."""

EARTH_FAULT_EVENT: Final = 60
"""Seconds within which a flapping earth fault is one event (4.8 a)."""

SURPLUS_AFTER_BATTERY: Final = False
"""Intelligent load: what the battery takes is still counted as surplus (4.8 c)."""

SUN_CLOSE_AFTER: Final = 60
"""Seconds of surplus before an intelligent load is switched on (4.8 c)."""

SUN_MARGIN: Final = 150
"""W by which the surplus has to fall short to switch it off (4.8 c)."""

SUN_OPEN_AFTER: Final = 120
"""Seconds of falling short before it is switched off (4.8 c)."""

SUN_MIN_OFF: Final = 300
"""Seconds that it then stays off (4.8 c)."""

BACKUP_LOAD_HYSTERESIS: Final = 5
"""Points of SOC above protection at which a backup load returns off-grid (4.8 d)."""

BACKUP_LOAD_GRID: Final = 60
"""Seconds of good grid after which a backup load returns (4.8 d)."""

EV_STEADY: Final = 300
"""Seconds of room below the breaker before a car may charge (4.8 e)."""

EV_TRIPS_TO_LOCK: Final = 3
"""Blocks within an hour after which charging stays off until set anew (4.8 e)."""

GENERATOR_START_AFTER: Final = 60
"""Seconds of low SOC off-grid before a generator is started (4.9)."""

GENERATOR_CONFIRM_WITHIN: Final = 60
"""Seconds that an engine has to show voltage in (4.9)."""

GENERATOR_RETRIES: Final = 3
"""How often a start is tried again (4.9)."""

GENERATOR_RETRY_PAUSE: Final = 10
"""Seconds that the contact is open between two tries."""

GENERATOR_WARM: Final = 60
"""Seconds that it runs without load first (4.9)."""

GENERATOR_COOL: Final = 120
"""Seconds that it runs without load last (4.9)."""

GENERATOR_MIN_OFF: Final = 600
"""Seconds that it then stands, unless by command (4.9)."""

GENERATOR_GRID_STEADY: Final = 300
"""Seconds of good grid that end a run off-grid (4.9)."""

GENERATOR_MAX_RUN: Final = 43_200
"""Seconds of load after which an automatic run ends (4.9)."""

GENERATOR_CRANK: Final = 12
"""Seconds from closing the contact until the simulated engine gives voltage."""
