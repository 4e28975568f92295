"""Plants to choose from, as plain data."""

from collections.abc import Mapping
from typing import Any, Final

from custom_components.instagen.simulated import AcPv, Battery, PlantConfig, PvString
from custom_components.instagen.simulated.stick import StickConfig

SCENARIOS: Final[Mapping[str, Mapping[str, Any]]] = {
    "hybrid": {
        "about": "three phases, HIT-15L-G3, everything fitted (the default)",
        "config": {},
        "set": {},
    },
    "single_phase": {
        "about": "one phase, HYS-4.6LV, one string, no generator, no AC-coupled PV",
        "config": {
            "model": "HYS-4.6LV",
            "rated_power": 4600,
            "phases": 1,
            "strings": [{"peak_power": 4200, "voltage": 310.0}],
            "ac_pv": None,
            "generator_power": None,
            "battery": {
                "capacity": 9.6,
                "charge_power": 4600,
                "discharge_power": 4600,
            },
            "mean_load": 420,
        },
        "set": {},
    },
    "high_voltage": {
        "about": "three phases, HAT-8.0HV with a battery of about 330 V",
        "config": {
            "model": "HAT-8.0HV",
            "rated_power": 8000,
            "strings": [
                {"peak_power": 4800, "azimuth": 110.0, "voltage": 520.0},
                {"peak_power": 4800, "azimuth": 250.0, "voltage": 520.0},
            ],
            "ac_pv": None,
            "generator_power": None,
            "battery": {
                "kind": "hv",
                "capacity": 15.3,
                "charge_power": 7600,
                "discharge_power": 7600,
                "cells_in_series": 100,
            },
        },
        "set": {},
    },
    "no_battery": {
        "about": "PV and meter, no battery, no generator",
        "config": {"battery": None, "ac_pv": None, "generator_power": None},
        "set": {},
    },
    "no_meter": {
        "about": "no grid meter: the whole house hangs behind the inverter",
        "config": {
            "meter": False,
            "ac_pv": None,
            "generator_power": None,
            "backup_share": 1000,
        },
        "set": {},
    },
    "outage": {
        "about": "the grid has failed, the battery carries the backup loads",
        "config": {},
        "set": {"grid": False, "soc": 64},
    },
    "night": {
        "about": "no sun, PV voltages are 0",
        "config": {},
        "set": {"night": True},
    },
    "alarms": {
        "about": "one fault of each family, insulation among them: the inverter stands",
        "config": {},
        "set": {
            "alarms": {
                "battery": ["voltage_low"],
                "power_dsp": ["fan"],
                "safety_dsp": ["insulation"],
                "arm_communication": ["safety_dsp_lost"],
                "arm_peripheral": ["pv_meter_lost"],
                "arm_system": ["battery_capacity_invalid"],
            }
        },
    },
    "big": {
        "about": "master and slave with 32 battery packs: answers over 1,024 bytes",
        "config": {
            "inverters": 2,
            "rated_power": 30000,
            "strings": [
                {"peak_power": 6000, "azimuth": 150.0, "voltage": 420.0},
                {"peak_power": 5200, "azimuth": 240.0, "voltage": 365.0},
                {"peak_power": 6000, "azimuth": 150.0, "voltage": 420.0},
                {"peak_power": 5200, "azimuth": 240.0, "voltage": 365.0},
            ],
            "battery": {
                "capacity": 64.0,
                "charge_power": 16000,
                "discharge_power": 16000,
                "modules": 32,
            },
        },
        "set": {},
        "stick": {"tells_packs": True, "newer": True},
    },
    "encrypted": {
        "about": "the stick flags encryption, which nobody knows how to speak",
        "config": {},
        "set": {},
        "stick": {"encrypted": True},
    },
    "mode_read": {
        "about": "the stick tells its working mode when asked (0xC307, unproven)",
        "config": {},
        "set": {},
        "stick": {"answers_mode_read": True},
    },
}
"""Name, one line for newcomers, what differs from ``PlantConfig()``, parts to set,
what differs from ``StickConfig()``."""


def stick_config(scenario: str) -> StickConfig:
    """Return what the stick of a scenario is.

    Raises:
        KeyError: when there is no such scenario.
    """
    return StickConfig(**SCENARIOS[scenario].get("stick", {}))


def plant_config(scenario: str, seed: int) -> PlantConfig:
    """Return the configuration of a scenario.

    Raises:
        KeyError: when there is no such scenario.
    """
    given = dict(SCENARIOS[scenario]["config"])
    if "strings" in given:
        given["strings"] = tuple(PvString(**string) for string in given["strings"])
    if given.get("battery"):
        given["battery"] = Battery(**given["battery"])
    if given.get("ac_pv"):
        given["ac_pv"] = AcPv(**given["ac_pv"])
    return PlantConfig(seed=seed, **given)
