"""A plant that is not there: energy physics and the device's own behaviour.

Standard library only, because it ships to users. Start with ``PlantConfig`` (what is
fitted) and ``SimulatedPlant`` (a plant with a clock of its own).
"""

from .alarms import FAULT_BITS, AlarmFamily
from .clock import PlantClock
from .config import AcPv, Battery, PlantConfig, PvString
from .plant import SimulatedPlant, Value
from .settings import Settings
from .tariff import Tariff, TariffPeriod

__all__ = [
    "FAULT_BITS",
    "AcPv",
    "AlarmFamily",
    "Battery",
    "PlantClock",
    "PlantConfig",
    "PvString",
    "Settings",
    "SimulatedPlant",
    "Tariff",
    "TariffPeriod",
    "Value",
]
