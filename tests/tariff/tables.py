"""Tables in their exchange form, and what a device has of them."""

from copy import deepcopy
from typing import Any, Final

from custom_components.instagen.links.dts.tariff import dates_of
from custom_components.instagen.plant.tariff import Tariff
from custom_components.instagen.plant.tariff_data import from_data
from custom_components.instagen.simulated.stick.dates import tariff_of
from simulator import Simulator

LINKS: Final = {"modbus": ["modbus"], "dts": ["dts"], "both": ["dts", "modbus"]}

GO: Final[dict[str, Any]] = {
    "currency": "GBP",
    "reserve": 20,
    "seasons": [
        {
            "from": "01-01",
            "to": "12-31",
            "group_a": {
                "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                "peak": {"start": "16:00", "end": "19:00", "buy": 0.3852, "sell": 0.15},
                "off_peak": {
                    "start": "00:30",
                    "end": "04:30",
                    "buy": 0.0905,
                    "sell": 0.15,
                },
                "partial": {"buy": 0.2471, "sell": 0.15},
            },
        }
    ],
}
"""One day for all the year, at prices that the wire rounds."""

WINTER: Final[dict[str, Any]] = {
    "from": "11-01",
    "to": "02-28",
    "group_a": {
        "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "peak": {"start": "16:00", "end": "20:00", "buy": 0.42, "sell": 0.2},
        "partial": {"buy": 0.3, "sell": 0.2},
    },
}


def table(**changes: object) -> dict[str, Any]:
    """Return the table with other values in it, in its season or in its only group."""
    made = deepcopy(GO)
    for name, value in changes.items():
        *inner, last = name.split("__")
        here: Any = made["seasons"][0]["group_a"]
        for key in inner:
            places = {"tariff": made, "season": made["seasons"][0], "group": here}
            here = places.get(key) or here[key]
        if value is None:
            del here[last]
        else:
            here[last] = value
    return made


def tariff(data: dict[str, Any]) -> Tariff:
    """Return the tariff of an exchange form that is right."""
    found = from_data(data).tariff
    assert found is not None
    return found


def device_has(sim: Simulator, data: dict[str, Any]) -> bool:
    """Tell whether the simulated device has a table, at the prices that arrive."""
    return sim.plant.programs.tariff == tariff_of(dates_of(tariff(data)))
