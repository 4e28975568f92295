"""Power and energy reports (4.6); kWh here, where all else is Wh."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from .alarms import day_of
from .call import Call, Handler, whole
from .charts import clock_text
from .errors import ParameterError
from .live_data import today_of
from .plants import zone_name
from .source import Energies, days_from
from .world import HYBRID, Row

_QUARTER: Final = 15
_MOST_DAYS: Final = 366


def _stations(call: Call) -> list[Row]:
    """Return the plants that are asked for, each of which has to be the asker's."""
    wanted = call.body.get("sid_list")
    if not wanted:
        wanted = [call.body.get("sid")]
    if not isinstance(wanted, list):
        raise ParameterError("sid_list")
    found = []
    for sid in wanted:
        one = Call(
            call.world,
            {"sid": whole(sid, "sid_list")},
            call.base_url,
            call.dc,
            call.gateway,
            asker=call.asker,
        )
        found.append(one.station())
    return found


def _span(call: Call, station: Row) -> list[date]:
    first = day_of(call.text("start_date"), "start_date")
    last = day_of(call.text("end_date"), "end_date")
    if last < first or (last - first).days >= _MOST_DAYS:
        raise ParameterError("end_date")
    return days_from(first, min(last, today_of(call, station)))


def _power_report(call: Call) -> object:
    told = []
    for station in _stations(call):
        days = _span(call, station)
        source, hybrid = call.world.source(station), station["classify"] == HYBRID
        rows = []
        for day in days:
            prefix = "" if len(days) == 1 else f"{day} "
            for sample in source.curve(day):
                if sample.minute % _QUARTER:
                    continue
                rows.append(
                    {
                        "date": f"{prefix}{clock_text(sample.minute)}",
                        "pv_power": _w(sample.pv),
                        "consumption_power": _w(sample.load if hybrid else 0),
                        "meter_c_power": "0",
                        "grid_p_power": _w(-sample.grid if hybrid else 0),
                        "bms_power": _w(sample.battery),
                        "meter_location": 2 if hybrid else 0,
                    }
                )
        told.append(
            {
                "sid": station["id"],
                "name": station["name"],
                "tz_name": zone_name(station["tz"], call.world.clock.now),
                "is_reflux": int(hybrid),
                "is_balance": 0,
                "meter_location": 2 if hybrid else 0,
                "classify": station["classify"],
                "dw": None,
                "data_list": rows,
            }
        )
    return told


def _w(value: float) -> str:
    return str(round(value))


def _kwh(wh: float) -> str:
    return f"{wh / 1000:.2f}"


def _days(call: Call) -> list[tuple[Row, date, Energies]]:
    return [
        (station, day, found)
        for station in _stations(call)
        for day in _span(call, station)
        if (found := call.world.source(station).day(day))
    ]


def _totals(call: Call) -> object:
    days = _days(call)
    return {
        "total_pv_eq": _kwh(sum(found["pv"] for _, _, found in days)),
        "total_consumption_eq": _kwh(sum(found["load"] for _, _, found in days)),
    }


def _energy_report(call: Call) -> object:
    rows: list[dict[str, Any]] = [
        {
            "sid": station["id"],
            "name": station["name"],
            "tz_name": zone_name(station["tz"], call.world.clock.now),
            "date": day.isoformat(),
            "pv_eq": _kwh(found["pv"]),
            "consumption_eq": _kwh(found["load"]),
            "meter_c_eq": "0",
            "meter_location": 2,
            "capacitor": str(station["capacitor"]),
            "create_at": station["create_at"],
            "p2g": _kwh(found["pv_to_grid"]),
            "lfg": _kwh(found["load_from_grid"]),
            "eq_hour": f"{found['pv'] / 1000 / station['capacitor']:.2f}",
        }
        for station, day, found in _days(call)
    ]
    return call.paged(rows)


HANDLERS: Final[Mapping[str, Handler]] = {
    "power_report": _power_report,
    "energy_totals": _totals,
    "energy_report": _energy_report,
    "energy_report_totals": _totals,
}
