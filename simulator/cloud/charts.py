"""Curves: binary messages over a day, a month, a year, a lifetime (4.5)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from .alarms import day_of
from .call import Binary, Call, Handler
from .errors import ParameterError
from .live_data import days_of, span, today_of
from .protobuf import indicator_curve, line_chart
from .source import Energies, Sample, Source, days_from

_EQ_SERIES: Final = {
    "pv_eq": "pv",
    "meter_b_in_eq": "grid_import",
    "meter_b_out_eq": "grid_export",
    "bms_in_eq": "battery_charge",
    "bms_out_eq": "battery_discharge",
    "use_eq": "load",
}

_CURVES: Final[Mapping[str, Callable[[Sample], float | None]]] = {
    "p_total": lambda sample: sample.inverter,
    "inv_pbat": lambda sample: sample.battery,
    "pv_p_total": lambda sample: sample.pv,
    "bms_soc": lambda sample: sample.soc,
    "bms_p": lambda sample: sample.battery,
}


def clock_text(minute: int) -> str:
    """Return a minute of the day as HH:MM."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _power_of_day(call: Call) -> object:
    """Return the day's powers; the grid's comes last and is negative on import."""
    station, text = call.station(), call.text("date")
    samples = call.world.source(station).curve(day_of(text, "date"))
    series = {
        "pv_power": [sample.pv for sample in samples],
        "load_power": [sample.load for sample in samples],
        "bms_power": [sample.battery for sample in samples],
        "grid_power": [-sample.grid for sample in samples],
    }
    labels = [clock_text(sample.minute) for sample in samples]
    return Binary(line_chart(labels, series, text))


def _chart(points: list[tuple[str, Energies]], text: str) -> Binary:
    series = {
        name: [round(energies[key]) for _, energies in points]
        for name, key in _EQ_SERIES.items()
    }
    return Binary(line_chart([label for label, _ in points], series, text))


def _days(source: Source, first: date, last: date) -> list[tuple[date, Energies]]:
    days = days_from(max(first, source.first_day), last)
    return [(day, found) for day in days if (found := source.day(day))]


def _energy_of_day(call: Call) -> object:
    station, text = call.station(), call.text("date")
    found = call.world.source(station).day(day_of(text, "date"))
    return _chart([(text, found)] if found else [], text)


def _energy_of_month(call: Call) -> object:
    station, text = call.station(), call.text("date")
    first, last = days_of(text, 7)
    last = min(last, today_of(call, station))
    days = _days(call.world.source(station), first, last)
    return _chart([(str(day.day), energies) for day, energies in days], text)


def _energy_of_year(call: Call) -> object:
    station, text = call.station(), call.text("date")
    source, today = call.world.source(station), today_of(call, station)
    points = []
    for month in range(1, 13):
        first, last = days_of(f"{text[:4]}-{month:02}", 7)
        if last >= source.first_day and first <= today:
            points.append((str(month), span(source, first, min(last, today))))
    return _chart(points, text)


def _energy_of_years(call: Call) -> object:
    station = call.station()
    source, today = call.world.source(station), today_of(call, station)
    points = []
    for year in range(source.first_day.year, today.year + 1):
        first, last = days_of(str(year), 4)
        points.append((str(year), span(source, first, min(last, today))))
    return _chart(points, "")


def _energy_of_days(call: Call) -> object:
    station = call.station()
    source = call.world.source(station)
    days = _days(source, source.first_day, today_of(call, station))
    labels = [(day.isoformat(), energies) for day, energies in days]
    return _chart(labels, "")


def _indicator_curves(call: Call) -> object:
    station, text = call.station(), call.text("date")
    devices, keys = call.body.get("dev_list"), call.body.get("ind_list")
    if call.number("dev_type") not in (6, 10):
        raise ParameterError("dev_type")
    if not isinstance(devices, list) or not devices:
        raise ParameterError("dev_list")
    if not isinstance(keys, list):
        raise ParameterError("ind_list")
    samples = call.world.source(station).curve(day_of(text, "date"))
    body = b""
    for device in devices:
        if not isinstance(device, Mapping):
            raise ParameterError("dev_list")
        name = f"{device.get('id')},{device.get('sn')}"
        for key in keys:
            if read := _CURVES.get(str(key)):
                body += indicator_curve(name, text, str(key), _points(samples, read))
    return Binary(body)


def _points(
    samples: list[Sample], read: Callable[[Sample], float | None]
) -> list[tuple[int, float]]:
    found: list[tuple[int, Any]] = [(sample.minute, read(sample)) for sample in samples]
    return [(minute, float(value)) for minute, value in found if value is not None]


HANDLERS: Final[Mapping[str, Handler]] = {
    "power_of_day": _power_of_day,
    "energy_of_day": _energy_of_day,
    "energy_of_month": _energy_of_month,
    "energy_of_year": _energy_of_year,
    "energy_of_years": _energy_of_years,
    "energy_of_days": _energy_of_days,
    "indicator_curves": _indicator_curves,
}
