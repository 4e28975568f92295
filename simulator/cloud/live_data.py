"""What a plant does now: powers, flows, counters, burst, money (4.4, 4.12, 5.4, 5.6, 5.7)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from .call import Call, Handler
from .errors import ParameterError, Refused
from .source import Energies, Reading, Source, added, days_from
from .world import HYBRID, Row

LOAD, GRID, PV, BATTERY = 1, 2, 4, 10
"""Nodes of the energy flow."""


def today_of(call: Call, station: Row) -> date:
    """Return the plant's own date."""
    return call.world.clock.true.astimezone(ZoneInfo(station["tz"])).date()


def span(source: Source, first: date, last: date) -> Energies:
    """Return the energies of a span of days, both included."""
    days = days_from(max(first, source.first_day), last)
    return added([found for day in days if (found := source.day(day))])


def flows(values: Mapping[str, Any]) -> list[dict[str, int]]:
    """Return which node feeds which, from signed powers."""
    pv, load = values.get("pv_power") or 0, values.get("load_power") or 0
    grid, battery = values.get("grid_power") or 0, values.get("battery_power") or 0
    edges = [
        (PV, LOAD, pv > 0 and load > 0),
        (PV, BATTERY, pv > 0 and battery < 0),
        (PV, GRID, pv > 0 and grid < 0),
        (GRID, LOAD, grid > 0 and load > 0),
        (GRID, BATTERY, grid > 0 and battery < 0 and pv < -battery),
        (BATTERY, LOAD, battery > 0 and load > 0),
        (BATTERY, GRID, battery > 0 and grid < 0 and pv <= 0),
    ]
    return [{"out": out, "in": into} for out, into, so in edges if so]


def _w(value: float | None) -> str | None:
    return None if value is None else str(float(value))


def _wh(value: float) -> str:
    return str(round(value))


def _live(call: Call) -> object:
    station = call.station()
    if _too_often(call, station):
        return None
    source = call.world.source(station)
    reading = source.reading()
    if reading is None:
        return _nothing_yet(call, station)
    clock, zone = call.world.clock, station["tz"]
    day = reading.at.date()
    today = source.day(day) or added([])
    month = span(source, day.replace(day=1), day)
    year = span(source, day.replace(month=1, day=1), day)
    total, hybrid = source.lifetime(), station["classify"] == HYBRID
    block = None
    if hybrid:
        block = {
            **_powers(call, station, reading, today),
            "mb_in_eq": _counted("grid_import", today, month, year, total),
            "mb_out_eq": _counted("grid_export", today, month, year, total),
        }
    at = clock.local(reading.at, zone)
    return {
        "today_eq": str(float(round(today["pv"]))),
        "month_eq": _wh(month["pv"]),
        "year_eq": _wh(year["pv"]),
        "total_eq": _wh(total["pv"]),
        "real_power": _w(reading.values.get("pv_power")),
        "co2_emission_reduction": str(round(total["pv"] * 0.997, 3)),
        "plant_tree": str(round(total["pv"] / 18_300)),
        "data_time": at,
        "last_data_time": at,
        "capacitor": str(station["capacitor"]),
        "is_balance": 0,
        "is_reflux": int(hybrid),
        "reflux_station_data": block,
    }


def _too_often(call: Call, station: Row) -> bool:
    """Tell whether the reply stays empty (section 9: silent throttling)."""
    key, now = (call.token, station["id"]), call.world.clock.true
    wait = timedelta(seconds=call.world.policy.live_interval)
    last = call.world.last_asked.get(key)
    if wait and last is not None and now - last < wait:
        return True
    call.world.last_asked[key] = now
    return False


def _nothing_yet(call: Call, station: Row) -> dict[str, Any]:
    """Return what is told before the first upload, as recorded."""
    at = call.world.clock.local(call.world.clock.true, station["tz"])
    return {
        "today_eq": "0",
        "month_eq": "0",
        "year_eq": None,
        "total_eq": "0",
        "real_power": None,
        "co2_emission_reduction": "0",
        "plant_tree": "0",
        "data_time": at,
        "last_data_time": at,
        "capacitor": str(station["capacitor"]),
        "is_balance": 0,
        "is_reflux": 1,
        "reflux_station_data": {
            "flows": [],
            "icon_pv": 0,
            "icon_bms": 0,
            "icon_grid": 0,
        },
    }


def _counted(name: str, *spans: Energies) -> dict[str, str]:
    keys = ("today_eq", "month_eq", "year_eq", "total_eq")
    return {key: _wh(part[name]) for key, part in zip(keys, spans, strict=True)}


def _powers(
    call: Call, station: Row, reading: Reading, today: Energies
) -> dict[str, Any]:
    values, day = reading.values, reading.at.date().isoformat()
    grid, battery = values.get("grid_power"), values.get("battery_power")
    strings = values.get("pv1_power") is not None
    return {
        "start_date": day,
        "end_date": day,
        "inv_num": 1,
        "meter_location": 2,
        "pv_power": _w(values.get("pv_power")),
        # Negative on import, and the battery's magnitude (section 10, 1 and 2).
        "grid_power": _w(None if grid is None else -grid),
        "load_power": _w(values.get("load_power")),
        "bms_power": _w(None if battery is None else abs(battery)),
        "bms_soc": None
        if values.get("battery_soc") is None
        else str(values["battery_soc"]),
        "pile_power": "0",
        "cfg_load_power": "0",
        "pv_to_load_eq": _wh(today["pv_to_load"]),
        "load_from_pv_eq": _wh(today["pv_to_load"]),
        "meter_b_in_eq": _wh(today["grid_import"]),
        "meter_b_out_eq": _wh(today["grid_export"]),
        "bms_in_eq": _wh(today["battery_charge"]),
        "bms_out_eq": _wh(today["battery_discharge"]),
        "self_eq": _wh(today["pv_to_load"] + today["pv_to_battery"]),
        "pv_eq_total": _wh(today["pv"]),
        "use_eq_total": _wh(today["load"]),
        "efg_total": _wh(today["grid_import"]),
        "e2g_total": _wh(today["grid_export"]),
        "e2b_total": _wh(today["battery_charge"]),
        "efb_total": _wh(today["battery_discharge"]),
        "flows": flows(values),
        "icon_pv": int(strings),
        "icon_grid": int(grid is not None),
        "icon_load": 1,
        "icon_bms": int(battery is not None),
        "icon_gen": int("generator_power" in values),
        "icon_pvi": int("ac_pv_power" in values),
        "work_mode": _work_mode(call, station, values),
    }


def _work_mode(call: Call, station: Row, values: Mapping[str, Any]) -> int:
    if values.get("battery_power") is None:
        return 0
    mode: int = call.world.source(station).desk.battery()["mode"]
    return mode * 1000


# -- burst ----


def _burst_uri(call: Call) -> object:
    station, world = call.station(), call.world
    ticket = f"{world.random.getrandbits(96):024x}"
    ends = world.clock.true + timedelta(seconds=world.policy.burst_life)
    world.bursts[ticket] = (station["id"], ends)
    return {"uri": f"{call.base_url}/rds/api/0/burst/{ticket}"}


def burst(call: Call, ticket: str) -> dict[str, Any]:
    """Return what a burst URI answers: no envelope, no ``power`` once it has ended.

    Raises:
        Refused: when the ticket never existed.
    """
    sid, ends = call.world.bursts.get(ticket, (0, None))
    station = call.world.station(sid)
    if station is None or ends is None:
        raise Refused("1", "uri invalid")
    seconds = int(call.world.clock.now.timestamp())
    reading = call.world.source(station).reading()
    if call.world.clock.true > ends or reading is None:
        return {"con": 0, "t": seconds}
    values = reading.values
    return {
        "power": {
            "pv": values.get("pv_power"),
            "bat": values.get("battery_power"),
            "grid": values.get("grid_power"),
            "load": values.get("load_power"),
            "sp": 0,
        },
        "flow": [{"o": edge["out"], "i": edge["in"], "v": 0} for edge in flows(values)],
        "soc": values.get("battery_soc"),
        "dly": 10_000,
        "con": 1,
        "brs": 0,
        "bhs": 0,
        "ems": 1,
        "t": seconds,
    }


# -- energy of periods, money ----


def _energy_split(call: Call) -> object:
    station = call.station()
    source, mode = call.world.source(station), call.number("mode")
    kind, text = call.number("type"), call.text("date", needed=False)
    today = today_of(call, station)
    whole = _period(source, mode, text, today)
    at = call.world.clock.local(call.world.clock.true, station["tz"])
    if whole is None:
        return {"last_data_time": at}
    names = _SPLITS.get(kind)
    if names is None:
        raise ParameterError("type")
    return {
        **{key: round(whole[name]) for key, name in names.items()},
        "last_data_time": at,
    }


_SPLITS: Final[Mapping[int, Mapping[str, str]]] = {
    1: {
        "meter_in_eq": "grid_import",
        "meter_out_eq": "grid_export",
        "consumption_eq": "load",
        "bms_in_eq": "battery_charge",
        "bms_out_eq": "battery_discharge",
        "pv_eq": "pv",
    },
    4: {"bms_in_eq": "battery_charge", "bms_out_eq": "battery_discharge"},
    5: {"meter_in_eq": "grid_import", "meter_out_eq": "grid_export"},
    6: {
        "p2l": "pv_to_load",
        "p2b": "pv_to_battery",
        "p2g": "pv_to_grid",
        "lfp": "pv_to_load",
        "lfb": "load_from_battery",
        "lfg": "load_from_grid",
    },
}


def _period(source: Source, mode: int, text: str, today: date) -> Energies | None:
    """Return the energies of a period; a day's text is taken for each of them."""
    if mode == 5:
        return source.lifetime()
    if mode not in (1, 3, 4):
        return None
    first, last = days_of(text, {1: 10, 3: 7, 4: 4}[mode])
    return span(source, first, min(last, today))


def days_of(text: str, length: int) -> tuple[date, date]:
    """Return first and last day of ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.

    Raises:
        ParameterError: when it is none of them.
    """
    cut = text[:length]
    try:
        first = date.fromisoformat(f"{cut}-01-01"[:10])
    except ValueError:
        raise ParameterError("date") from None
    if length == 10:
        return first, first
    if length == 7:
        after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        return first, after - timedelta(days=1)
    return first, first.replace(month=12, day=31)


_BUY, _SELL = 0.28, 0.15


def _income(call: Call) -> object:
    station = call.station()
    source, today = call.world.source(station), today_of(call, station)
    spans = {
        "today": source.day(today) or added([]),
        "monthly": span(source, today.replace(day=1), today),
        "yearly": span(source, today.replace(month=1, day=1), today),
        "total": source.lifetime(),
    }
    told: dict[str, Any] = {"sid": station["id"], "unit": "GBP(£)"}
    for name, energies in spans.items():
        saved = energies["load"] - energies["load_from_grid"]
        profit = saved * _BUY + energies["grid_export"] * _SELL
        told[f"{name}_profit"] = round(profit / 1000, 2)
        told[f"{name}_spend"] = round(energies["grid_import"] * _BUY / 1000, 2)
    return told


def _tariff(call: Call) -> object:
    call.station()
    return {"details": {"p": _BUY, "sep": _SELL}}


def _ai(call: Call) -> object:
    call.station()
    return {"ai": 0, "compound_mode": 9000}


HANDLERS: Final[Mapping[str, Handler]] = {
    "live": _live,
    "burst_uri": _burst_uri,
    "energy_split": _energy_split,
    "income": _income,
    "tariff": _tariff,
    "ai_state": _ai,
}
