"""Plants that are cheap: everything about them follows from their number and the time."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import cos, pi, sin
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32
from zoneinfo import ZoneInfo

from .clock import utc_moment
from .source import UPLOAD, Alarm, Desk, Energies, Reading, Sample, added, days_from
from .stored_desk import StoredDesk

if TYPE_CHECKING:
    from .world import Row, World

SUNRISE, SUNSET = 6.0, 20.0
_LIFE: Final = 400
"""Days that are added up for the lifetime of a plant, at most."""

_FLAT_SOC: Final = 20.0
_CODES: Final = (208, 307, 315, 502)
"""Of the battery's voltage, the grid, the insulation and the grid's meter."""


def chance(sid: int, what: object) -> float:
    """Return a number from 0 to 1 that always is the same for the same question."""
    return crc32(f"{sid}/{what}".encode()) / 0xFFFFFFFF


@lru_cache(maxsize=20_000)
def energies_of(sid: int, kw: float, battery_kwh: float, day: date) -> Energies:
    """Return what a plant does on a day, in Wh; books are balanced."""
    season = 0.55 - 0.45 * cos(2 * pi * (day.timetuple().tm_yday + 10) / 365)
    pv = kw * 5200 * season * (0.35 + 0.65 * chance(sid, day))
    load = 6000 + 9000 * chance(sid, ("load", day.isocalendar().week))
    to_load = min(0.45 * pv, 0.5 * load)
    to_battery = min(0.4 * (pv - to_load), battery_kwh * 750)
    from_battery = min(0.93 * to_battery, load - to_load)
    from_grid = load - to_load - from_battery
    to_grid = pv - to_load - to_battery
    return {
        "pv": pv,
        "load": load,
        "grid_import": from_grid,
        "grid_export": to_grid,
        "battery_charge": to_battery,
        "battery_discharge": from_battery,
        "pv_to_load": to_load,
        "pv_to_battery": to_battery,
        "pv_to_grid": to_grid,
        "load_from_battery": from_battery,
        "load_from_grid": from_grid,
    }


def _part(hour: float, first: float, last: float) -> float:
    return min(1.0, max(0.0, (hour - first) / (last - first)))


_LATE: Final = frozenset({"battery_discharge", "load_from_battery"})
_ALL_DAY: Final = frozenset({"load", "grid_import", "load_from_grid"})


def _so_far(whole: Energies, hour: float) -> dict[str, float]:
    """Return what of a day's energies is done at an hour."""
    sun = (1 - cos(pi * _part(hour, SUNRISE, SUNSET))) / 2
    shares = {
        name: _part(hour, 18, 24)
        if name in _LATE
        else hour / 24
        if name in _ALL_DAY
        else sun
        for name in whole
    }
    return {name: wh * shares[name] for name, wh in whole.items()}


class MadeUpPlant:
    """A plant of which only a row exists."""

    def __init__(self, world: World, station: Row) -> None:
        """Take the row; nothing is computed before it is asked for."""
        self._world = world
        self._row = station
        self._sid: int = station["id"]
        self._zone = ZoneInfo(station["tz"])
        self.hybrid = station["classify"] != 1
        self._battery = 10.2 if self.hybrid else 0.0
        self.desk: Desk = StoredDesk(world, self._sid)

    def close(self) -> None:
        """Do nothing; there is nothing behind it."""

    @property
    def online(self) -> bool:
        """Whether it uploads."""
        return self._row["offline_since"] is None

    @property
    def _until(self) -> datetime:
        """The moment of the last upload, in the plant's time."""
        now = self._world.clock.true
        if (since := self._row["offline_since"]) is not None:
            now = min(now, utc_moment(since))
        slot = now.timestamp() // UPLOAD * UPLOAD
        return datetime.fromtimestamp(slot, UTC).astimezone(self._zone)

    @property
    def first_day(self) -> date:
        """The day of its creation."""
        return utc_moment(self._row["create_at"]).astimezone(self._zone).date()

    def _whole(self, day: date) -> Energies:
        return energies_of(self._sid, self._row["capacitor"], self._battery, day)

    def day(self, day: date) -> Energies | None:
        """Return the energies of a day."""
        last = self._until
        if not self.first_day <= day <= last.date():
            return None
        whole = self._whole(day)
        if day < last.date():
            return whole
        return _so_far(whole, last.hour + last.minute / 60)

    def lifetime(self) -> Energies:
        """Return the sum of all days."""
        last = self._until.date()
        first = max(self.first_day, last - timedelta(days=_LIFE))
        return added(
            [self.day(day) or self._whole(day) for day in days_from(first, last)]
        )

    def curve(self, day: date) -> list[Sample]:
        """Return samples of every five minutes."""
        last, step = self._until, UPLOAD // 60
        if not self.first_day <= day <= last.date():
            return []
        end = 1440 if day < last.date() else last.hour * 60 + last.minute + 1
        whole = self._whole(day)
        return [self._sample(whole, minute) for minute in range(0, end, step)]

    def _sample(self, whole: Energies, minute: int) -> Sample:
        hour = minute / 60
        sun = sin(pi * (hour - SUNRISE) / (SUNSET - SUNRISE))
        pv = max(0.0, whole["pv"] * pi / 2 / (SUNSET - SUNRISE) * sun)
        load = whole["load"] / 24
        charge = min(pv, whole["battery_charge"] / 6) if 9 <= hour < 15 else 0.0
        discharge = whole["battery_discharge"] / 6 if hour >= 18 else 0.0
        battery = discharge - charge
        soc = None
        if self._battery:
            gained = whole["battery_charge"] * _part(hour, 9, 15)
            lost = whole["battery_discharge"] / 0.93 * _part(hour, 18, 24)
            soc = round(_FLAT_SOC + (gained - lost) / self._battery / 10)
        return Sample(
            minute=minute,
            pv=round(pv),
            grid=round(load - pv - battery),
            load=round(load),
            battery=round(battery),
            inverter=round(pv + battery),
            soc=soc,
        )

    def reading(self) -> Reading | None:
        """Return the last upload."""
        last = self._until
        if last.date() < self.first_day:
            return None
        now = self._sample(self._whole(last.date()), last.hour * 60 + last.minute)
        today = self.day(last.date()) or {}
        return Reading(last, {**self._values(now), **_told(today)})

    def _values(self, now: Sample) -> Mapping[str, Any]:
        values: dict[str, Any] = {
            "pv_power": now.pv,
            "pv1_power": now.pv,
            "pv1_voltage": 380.0 if now.pv else 0.0,
            "pv1_current": round(now.pv / 380, 2),
            "load_power": now.load,
            "inverter_power": now.inverter,
            "inverter_temperature": 31,
            "inverter_frequency": 50.0,
            "work_status": "on_grid",
        }
        if self.hybrid:
            values |= {
                "grid_power": now.grid,
                "grid_power_l1": now.grid,
                "grid_voltage_l1": 238.4,
                "grid_current_l1": round(now.grid / 238.4, 2),
                "grid_frequency": 50.01,
                "meter_connected": True,
                "battery_power": now.battery,
                "battery_soc": now.soc,
                "battery_soh": 99,
                "battery_voltage": 52.1,
                "battery_current": round(now.battery / 52.1, 2),
                "battery_temperature": 22.5,
                "battery_state": _battery_state(now.battery),
                "battery_capacity": self._battery,
            }
        return values

    def alarms(self) -> list[Alarm]:
        """Return one old alarm per month; one plant in fifty has one now."""
        row = self._world.one(
            "SELECT sn FROM devices WHERE sid = ? AND type IN (3, 6)", self._sid
        )
        if row is None:
            return []
        last, found = self._until, []
        for back in range(6, 0, -1):
            day = last.date() - timedelta(days=30 * back)
            if day >= self.first_day:
                code = _CODES[int(chance(self._sid, ("code", day)) * len(_CODES)) % 4]
                start = datetime.combine(day, time(10, 20), self._zone)
                found.append(Alarm(row["sn"], code, start, start + timedelta(hours=1)))
        if raises_alarm(self._sid):
            since = datetime.combine(last.date(), time(0, 5), self._zone)
            found.append(Alarm(row["sn"], _CODES[1], since, None))
        return found


def raises_alarm(sid: int) -> bool:
    """Tell whether a made-up plant has an alarm all the time."""
    return chance(sid, "alarm") < 0.02


def _battery_state(power: float) -> str:
    return "discharging" if power > 0 else "charging" if power < 0 else "standby"


def _told(today: Energies) -> dict[str, float]:
    return {f"{name}_energy_today": wh / 1000 for name, wh in today.items()}
