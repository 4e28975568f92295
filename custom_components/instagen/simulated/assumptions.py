"""What the facts leave open and the simulated device had to decide.

Each constant stands for an ``[A]`` of design/automation.md section 4. Change one here
when a real plant proves it wrong; nothing else encodes the choice.
"""

from typing import Final

SOC_HYSTERESIS: Final = 2.0
"""Points of SOC between leaving and re-entering a state (section 4, ``h``)."""

PARTIAL_PEAK_CHARGES_FROM_GRID: Final = False
"""Economical mode, partial band: as self-consumption, no grid charging (4.2)."""

PEAK_EXPORTS_BATTERY: Final = False
"""Economical mode, peak band: the battery serves loads only (4.2)."""

OFFPEAK_FULL_IDLES: Final = True
"""Economical mode, full at off-peak: the grid serves the load (4.2)."""

WINDOW_BELONGS_TO_START_DAY: Final = False
"""A window across midnight is looked up by calendar day, not by its start day (4.2)."""

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
