"""Settings in the cloud's form: which fields a block has, and what fits (5.8, 5.9)."""

from collections.abc import Mapping
from typing import Any, Final

from .errors import JobFailed, ParameterError

MODES: Final = range(1, 9)
"""Battery modes 1 to 8, in the order of the app; 9 belongs to a server that plans."""

_LIMITS: Final[Mapping[tuple[int, str], tuple[float, float]]] = {
    (1, "reserve_soc"): (10, 100),
    (2, "reserve_soc"): (10, 100),
    (3, "reserve_soc"): (60, 100),
    (5, "reserve_soc"): (10, 100),
    (5, "max_power"): (0, 100),
    (6, "reserve_soc"): (0, 100),
    (6, "max_power"): (0, 100),
    (7, "reserve_soc"): (10, 100),
    (7, "max_soc"): (0, 100),
    (7, "meter_power"): (0, 100_000),
    (8, "reserve_soc"): (10, 100),
}

_NEVER: Final = ("00:00", "00:00")


def duration(
    kind: int, times: tuple[str | None, str | None], buy: float, sell: float
) -> dict[str, Any]:
    """Return a band of a day: kind 1 off-peak, 2 the rest, 3 peak."""
    return {
        "type": kind,
        "start_time": times[0],
        "end_time": times[1],
        "in": buy,
        "out": sell,
    }


def _unconfigured() -> list[dict[str, Any]]:
    bands = [
        duration(1, _NEVER, 0, 0),
        duration(2, (None, None), 0, 0),
        duration(3, _NEVER, 0, 0),
    ]
    weeks = ([1, 2, 3, 4, 5], [6, 7])
    time = [
        {"week": week, "duration": [dict(band) for band in bands]} for week in weeks
    ]
    return [{"start_date": "01-01", "end_date": "12-31", "time": time}]


def defaults(mode: int) -> dict[str, Any]:
    """Return what a mode's block is filled with where a write leaves a hole."""
    blocks: dict[int, dict[str, Any]] = {
        1: {"reserve_soc": 10},
        2: {"reserve_soc": 10, "money_code": "$", "date": _unconfigured()},
        3: {"reserve_soc": 100},
        4: {},
        5: {"reserve_soc": 100, "max_power": 100.0},
        6: {"reserve_soc": 10, "max_power": 100.0},
        7: {"reserve_soc": 10, "max_soc": 70, "meter_power": "3000"},
        8: {
            "reserve_soc": 10,
            "time": [
                {
                    "cs_time": "03:00",
                    "ce_time": "05:00",
                    "c_power": 100,
                    "dcs_time": "05:00",
                    "dce_time": "03:00",
                    "dc_power": 100,
                    "charge_soc": 90,
                    "dis_charge_soc": 10,
                }
            ],
        },
    }
    return blocks[mode]


def check_shape(mode: object, block: object) -> tuple[int, Mapping[str, Any]]:
    """Return a mode and its block when their shape can be right.

    Raises:
        ParameterError: when it cannot; the server does not start a job then.
    """
    if not isinstance(mode, int) or isinstance(mode, bool) or mode not in MODES:
        raise ParameterError("mode")
    if not isinstance(block, Mapping):
        raise ParameterError("data")
    for field in ("date", "time"):
        if not isinstance(block.get(field, []), list):
            raise ParameterError(field)
    periods = block.get("date", [])
    if len(periods) > 4:
        raise ParameterError("date")
    if any(
        not isinstance(period, Mapping) or len(period.get("time", [])) > 2
        for period in periods
    ):
        raise ParameterError("time")
    return mode, block


def filled(mode: int, block: Mapping[str, Any]) -> dict[str, Any]:
    """Return a block with the defaults where fields are missing.

    Raises:
        JobFailed: when a number is out of its range; the device notices.
    """
    whole = {**defaults(mode), **block}
    for field, value in whole.items():
        if limits := _LIMITS.get((mode, field)):
            try:
                number = float(value)
            except TypeError, ValueError:
                raise JobFailed("01004") from None
            if not limits[0] <= number <= limits[1]:
                raise JobFailed("01004")
    return whole


def contact_defaults() -> dict[str, Any]:
    """Return the dry contact as recorded when off (5.9)."""
    return {
        "mode": 0,
        "data": {
            "k_1": {},
            "k_2": {"mode": 2, "threshold": 70},
            "k_3": {"mode": 1, "threshold": 40},
        },
    }


def check_contact(payload: object) -> dict[str, Any]:
    """Return what the dry contact has to do when its shape can be right.

    Outer ``mode`` is taken as the function: 1 earth fault, 2 load, 3 generator (C).

    Raises:
        ParameterError: when it cannot.
    """
    if not isinstance(payload, Mapping) or payload.get("mode") not in range(4):
        raise ParameterError("mode")
    data = payload.get("data", {})
    if not isinstance(data, Mapping) or any(
        not isinstance(block, Mapping) for block in data.values()
    ):
        raise ParameterError("data")
    return {"mode": payload["mode"], "data": {k: dict(v) for k, v in data.items()}}
