"""Fourteen days of a house that uses everything, drawn from one seed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from homeassistant.util import dt as dt_util

from .house import House, Inputs

LONDON: Final = ZoneInfo("Europe/London")
HALF: Final = timedelta(minutes=30)
RESERVE: Final = 20
"""Percent that nobody in this house may go below: the plant's own reserve."""

OFF_PEAK: Final = "binary_sensor.off_peak"
RATES: Final = "event.rates"
EXPORT: Final = "sensor.export_price"
SESSIONS: Final = "calendar.sessions"
STORM: Final = "binary_sensor.storm"
CAR: Final = "sensor.car_power"
TRIP: Final = "calendar.trip"

HELPERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "input_boolean": {
        "immersion": {"initial": False},
        "charger": {"initial": True},
        "generator": {"initial": False},
        "spa": {"initial": True},
        "pump": {"initial": True},
    },
    "input_text": {"shed": {"initial": ""}, "away": {"initial": ""}},
    "input_datetime": {
        "full": {"has_date": True, "has_time": True, "initial": "2026-10-05 12:00:00"},
        "season": {"has_date": True, "has_time": True},
    },
    "counter": {"starts": {}, "trips": {}, "restarts": {}},
}
"""What the owner made by hand, because a blueprint cannot."""

LIMITS: Final = (0.0, 0.25)
"""Prices at which the blueprints begin to charge and to sell, by their defaults."""

TROUBLES: Final = ("drop", "drop", "reset", "garbage")
"""How the link is lost. One that hears and never answers is left to the links' own
tests: each request would cost seconds that no clock of ours can leap over."""

type Window = tuple[datetime, datetime]


def blueprints(house: House) -> dict[str, Inputs]:
    """Return all automations of the box with what they are given in this house."""
    own = house.entity_id
    soc, grid = own("battery_soc"), own("off_grid")
    return {
        "alarm_notice": {"alarm": own("alarm"), "problem": own("problem")},
        "away": {
            "signal": TRIP,
            "reserve": RESERVE,
            "loads": ["input_boolean.pump"],
            "memory": "input_text.away",
        },
        "car_hold": {"car": CAR, "cheap": OFF_PEAK, "off_grid": grid},
        "cheap_rate_charge": {"signal": OFF_PEAK, "soc": soc},
        "daily_report": {
            "solar": own("pv_energy_today"),
            "imported": own("grid_import_energy_today"),
            "exported": own("grid_export_energy_today"),
            "writes": own("writes_today"),
        },
        "dtu_offline": {"dtu": own("dtu_connected"), "restarts": "counter.restarts"},
        "ev_breaker_guard": {
            "currents": [own(f"grid_current_l{phase}") for phase in (1, 2, 3)],
            "charger": "input_boolean.charger",
            "trips": "counter.trips",
        },
        "full_charge": {
            "soc": soc,
            "last_full": "input_datetime.full",
            "cheap": OFF_PEAK,
            "off_grid": grid,
        },
        "generator_helper": {
            "contact": "input_boolean.generator",
            "off_grid": grid,
            "soc": soc,
        },
        "load_shedding": {
            "soc": soc,
            "first": ["input_boolean.spa"],
            "memory": "input_text.shed",
        },
        "peak_export": {
            "soc": soc,
            "price": EXPORT,
            "allow_export": True,
            "floor_soc": RESERVE + 10,
            "off_grid": grid,
        },
        "plunge_charge": {"soc": soc, "rates": [RATES], "empty_first": True},
        "saving_session": {
            "soc": soc,
            "session": SESSIONS,
            "floor_soc": RESERVE,
            "rates": [RATES],
            "allow_export": True,
        },
        "season_change": {
            "winter_reserve": 30,
            "summer_reserve": RESERVE,
            "changed_on": "input_datetime.season",
        },
        "solar_surplus_load": {
            "load": "input_boolean.immersion",
            "solar": own("pv_power"),
            "house": own("load_power"),
            "soc": soc,
            "starts": "counter.starts",
        },
        "storm_reserve": {"alerts": [STORM], "cheap": OFF_PEAK},
        "tariff_sync": {"rates": [RATES], "approximate": True},
    }


@dataclass
class Fortnight:
    """What the world does to the house: prices, events, weather warnings, trouble."""

    random: Random
    start: datetime
    days: int
    cheap: list[Window] = field(default_factory=list)
    sessions: list[Window] = field(default_factory=list)
    storms: list[Window] = field(default_factory=list)
    trips: list[Window] = field(default_factory=list)
    car: list[Window] = field(default_factory=list)
    lost: list[Window] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    """What is wrong with the link in each of the windows in which it is lost."""

    restarts: list[tuple[datetime, float]] = field(default_factory=list)
    """When Home Assistant stops, and for how many seconds."""

    prices: dict[datetime, float] = field(default_factory=dict)
    """In pounds for a kWh, by the half-hour's beginning in UTC."""

    def __post_init__(self) -> None:
        """Draw everything, so that what is done to the house depends on nothing else."""
        for number in range(self.days):
            self._draw(self.start.date() + timedelta(days=number))
        rows = (self.cheap, self.sessions, self.storms, self.trips, self.car, self.lost)
        edges = {edge for windows in rows for one in windows for edge in one}
        self._edges = sorted(edges | {at for at, _ in self.restarts})
        told = sorted(self.prices.items())
        self._turns = [
            at
            for (_, before), (at, after) in pairwise(told)
            if any((before < limit) is not (after < limit) for limit in LIMITS)
        ]
        self._listed: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for begin, price in self.prices.items():
            self._listed[begin.astimezone(LONDON).date().isoformat()].append(
                {
                    "start": begin.isoformat(),
                    "end": (begin + HALF).isoformat(),
                    "value_inc_vat": price,
                }
            )

    def _draw(self, date: Any) -> None:
        random = self.random
        begin: float

        def at(hour: float, after: int = 0) -> datetime:
            wall = datetime.combine(date, datetime.min.time())
            wall += timedelta(days=after, minutes=round(hour * 60))
            return wall.replace(tzinfo=LONDON).astimezone(dt_util.UTC)

        self.cheap.append((at(23.5), at(5.5, 1)))
        if random.random() < 0.5:
            begin = random.randrange(8, 20)
            self.cheap.append((at(begin), at(begin + random.choice((0.5, 1, 2)))))
        slot, end = at(0), at(0, 1)
        negative = random.randrange(1, 14) if random.random() < 0.4 else None
        while slot < end:
            hour = slot.astimezone(LONDON).hour
            peak = 0.38 if 16 <= hour < 19 else 0.2
            self.prices[slot] = round(peak + random.uniform(-0.05, 0.05), 4)
            if negative is not None and negative <= hour < negative + 3:
                self.prices[slot] = round(random.uniform(-0.08, 0.0), 4)
            slot += HALF
        if random.random() < 0.3:
            begin = random.choice((8, 17, 18))
            self.sessions.append((at(begin), at(begin + 1)))
        if random.random() < 0.15:
            begin = random.uniform(0, 24)
            self.storms.append((at(begin), at(begin + random.uniform(3, 20))))
        if random.random() < 0.15:
            self.trips.append((at(9), at(random.uniform(14, 30))))
        if random.random() < 0.6:
            begin = random.choice((random.uniform(7, 21), 23.6))
            self.car.append((at(begin), at(begin + random.uniform(0.5, 4))))
        for _ in range(random.choice((0, 1, 1, 2, 3))):
            begin = random.uniform(0, 24)
            self.lost.append((at(begin), at(begin + random.choice((0.1, 0.3, 1, 3)))))
            self.trouble.append(random.choice(TROUBLES))
        for _ in range(random.choice((0, 1, 1, 2))):
            away = random.choice((60.0, 300.0, 1500.0, 7200.0))
            self.restarts.append((at(random.uniform(0, 24)), away))

    # ---- as entities tell it ----

    def states(self, now: datetime) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Return what the entities of others show at a moment."""
        yield _binary(OFF_PEAK, self.cheap, now)
        yield _binary(STORM, self.storms, now)
        yield _calendar(SESSIONS, self.sessions, now)
        yield _calendar(TRIP, self.trips, now)
        yield CAR, "7200" if _within(self.car, now) else "0", {}
        yield EXPORT, str(self.prices.get(_slot(now), 0.2)), {}
        today = now.astimezone(LONDON).date().isoformat()
        yield RATES, today, {"rates": self._listed[today]}

    def trouble_at(self, now: datetime) -> str | None:
        """Return what is wrong with the link, if anything is."""
        rows = zip(self.lost, self.trouble, strict=True)
        return next((what for one, what in rows if one[0] <= now < one[1]), None)

    def begins_or_ends(self, now: datetime) -> bool:
        """Return whether something but a price begins or ends at this moment."""
        return now in self._edges

    def edges(self, now: datetime) -> Iterator[datetime]:
        """Return the moments that come next at which something outside changes.

        A price that nobody acts upon may be shown late: it costs a stop of its own only
        when it comes to the other side of what somebody sells or charges at.
        """
        yield next((e for e in self._edges if e > now), now)
        yield next((at for at in self._turns if at > now), now)


def _slot(now: datetime) -> datetime:
    """Return when the half-hour of a moment began."""
    return now - (now - dt_util.utc_from_timestamp(0)) % HALF


def _within(windows: list[Window], now: datetime) -> Window | None:
    return next((one for one in windows if one[0] <= now < one[1]), None)


def _binary(
    entity_id: str, windows: list[Window], now: datetime
) -> tuple[str, str, dict[str, Any]]:
    if (one := _within(windows, now)) is None:
        return entity_id, "off", {}
    begin, end = (edge.isoformat() for edge in one)
    return entity_id, "on", {"current_start": begin, "current_end": end}


def _calendar(
    entity_id: str, windows: list[Window], now: datetime
) -> tuple[str, str, dict[str, Any]]:
    following = sorted(one for one in windows if now < one[1])
    if not following:
        return entity_id, "off", {}
    begin, end = following[0]
    told = {
        "start_time": begin.astimezone(LONDON).strftime("%Y-%m-%d %H:%M:%S"),
        "end_time": end.astimezone(LONDON).strftime("%Y-%m-%d %H:%M:%S"),
    }
    return entity_id, "on" if begin <= now else "off", told
