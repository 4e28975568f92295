"""Past energies as long-term statistics: what is missing is filled in, nothing is doubled.

A series belongs to a plant of the cloud. The sum of each hour is that of the hour before and
its own energy, so hours that are put in before others move the sums of all later ones.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    statistics_during_period,
)
from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.unit_conversion import EnergyConverter

from ..const import DOMAIN
from ..links.cloud.curves import Curve

ENERGIES: Final[Mapping[str, str]] = {
    "pv_eq": "pv_energy",
    "meter_b_in_eq": "grid_import_energy",
    "meter_b_out_eq": "grid_export_energy",
    "bms_in_eq": "battery_charge_energy",
    "bms_out_eq": "battery_discharge_energy",
    "use_eq": "load_energy",
}
"""Readings by the cloud's name of a day's energy; only the first name is public, the others
are those of the same energies elsewhere (facts/cloud-api.md 4.6)."""

_ONE_WAY: Final = {"pv_power": "pv_energy", "load_power": "load_energy"}
_TWO_WAYS: Final = {
    "grid_power": ("grid_import_energy", "grid_export_energy"),
    "bms_power": ("battery_discharge_energy", "battery_charge_energy"),
}
"""Powers of a day by the cloud's names, and the energies that they make. Which sign means
which direction is not certain, so the day's energies decide."""

RECORDER_SECONDS: Final = 120
"""For how long the recorder may be busy with what came before."""

_TURN: HassKey[asyncio.Lock] = HassKey(f"{DOMAIN}_import")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_WH: Final = 1_000
_DIGITS: Final = 6
_DAY_HOURS: Final = 24

type Hours = dict[datetime, float]
"""Energies in kWh by the start of their hour, in UTC."""

type Shape = dict[int, float]
"""Mean powers in W by the local hour of a day."""


def days_of(month: date, curves: Sequence[Curve]) -> dict[date, dict[str, float]]:
    """Return the energies in kWh of the days of a month, by their readings."""
    found: dict[date, dict[str, float]] = {}
    for curve in curves:
        if (key := ENERGIES.get(curve.name)) is None:
            continue
        for label, value in zip(curve.labels, curve.values, strict=True):
            text = label.rsplit("-", 1)[-1]
            if value is None or not text.isdecimal() or not 0 < int(text) <= 31:
                continue
            with suppress(ValueError):
                day = month.replace(day=int(text))
                found.setdefault(day, {})[key] = value / _WH
    return found


def hours_of(
    day: date, zone: tzinfo, energies: Mapping[str, float], powers: Sequence[Curve]
) -> dict[str, Hours]:
    """Share a day's energies out over its hours, in the shape of its powers.

    An energy that nobody tells stays unknown. An hour of the clock that comes twice, when
    summer time ends, stands for both.
    """
    shapes = {curve.name: _shape(curve) for curve in powers}
    shares = {key: shapes.get(name, {}) for name, key in _ONE_WAY.items()}
    for name, keys in _TWO_WAYS.items():
        parts = _directions(shapes.get(name, {}), keys, energies)
        shares |= dict(zip(keys, parts, strict=True))
    return {
        key: _shared_out(energy, shares.get(key, {}), day, zone)
        for key, energy in energies.items()
    }


def _shape(curve: Curve) -> Shape:
    """Return the mean of each hour."""
    samples: dict[int, list[float]] = {}
    for label, value in zip(curve.labels, curve.values, strict=True):
        text = label.rsplit(" ", 1)[-1].split(":", 1)[0]
        if value is not None and text.isdecimal() and int(text) < _DAY_HOURS:
            samples.setdefault(int(text), []).append(value)
    return {hour: sum(some) / len(some) for hour, some in samples.items()}


def _directions(
    shape: Shape, keys: tuple[str, str], energies: Mapping[str, float]
) -> tuple[Shape, Shape]:
    """Part a power by its sign, in the way that fits the day's energies better."""
    up = {hour: max(0.0, power) for hour, power in shape.items()}
    down = {hour: max(0.0, -power) for hour, power in shape.items()}
    first, second = (energies.get(key, 0.0) * _WH for key in keys)
    high, low = sum(up.values()), sum(down.values())
    as_told = abs(high - first) + abs(low - second)
    turned = abs(low - first) + abs(high - second)
    return (up, down) if as_told <= turned else (down, up)


def _shared_out(energy: float, shape: Shape, day: date, zone: tzinfo) -> Hours:
    """Share an energy out; evenly over the day when no power tells how."""
    hours = _real_hours(day, zone)
    weights = [shape.get(start.astimezone(zone).hour, 0.0) for start in hours]
    if not any(weights):
        weights = [1.0] * len(hours)
    whole = sum(weights)
    return {
        start.replace(minute=0): round(energy * weight / whole, _DIGITS)
        for start, weight in zip(hours, weights, strict=True)
    }


def _real_hours(day: date, zone: tzinfo) -> list[datetime]:
    """Return the starts in UTC of a day's hours: 23 or 25 when summer time comes or goes."""
    begin = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + _DAY, time(), zone).astimezone(UTC)
    return [begin + n * _HOUR for n in range(round((end - begin) / _HOUR))]


@dataclass(frozen=True, kw_only=True)
class Merge:
    """One series with what is put into it."""

    added: int
    kept: int
    """Hours of the period that stood there already; they stay as they are."""

    rows: list[StatisticData] = field(default_factory=list)
    """Rows to write: the added ones, and those whose sums they move."""


def merged(known: Hours, told: Hours) -> Merge:
    """Put hours into a series."""
    new = {start: value for start, value in told.items() if start not in known}
    if not new:
        return Merge(added=0, kept=len(told))
    first = min(new)
    energies = sorted({**new, **known}.items())
    total, rows = 0.0, []
    for start, value in energies:
        total = round(total + value, _DIGITS)
        if start >= first:
            rows.append(StatisticData(start=start, state=total, sum=total))
    return Merge(added=len(new), kept=len(told) - len(new), rows=rows)


def statistic_id(plant: int, key: str) -> str:
    """Return the id of a series."""
    return f"{DOMAIN}:plant_{plant}_{key}"


@callback
def async_turn(hass: HomeAssistant) -> asyncio.Lock:
    """Return what an import holds from reading a series to writing it."""
    return hass.data.setdefault(_TURN, asyncio.Lock())


async def async_known(hass: HomeAssistant, plant: int) -> dict[str, Hours]:
    """Return what stands in the series of a plant, by their readings.

    What was handed over before is waited for: its sums are built upon. Raises
    ``TimeoutError`` when the recorder has too much to do.
    """
    written: asyncio.Future[None] = hass.loop.create_future()
    get_instance(hass).queue_task(SynchronizeTask(written))
    async with asyncio.timeout(RECORDER_SECONDS):
        await written
    ids = {statistic_id(plant, key): key for key in ENERGIES.values()}
    rows = await get_instance(hass).async_add_executor_job(
        lambda: statistics_during_period(
            hass, _EPOCH, None, set(ids), "hour", None, {"sum"}
        )
    )
    known: dict[str, Hours] = {key: {} for key in ENERGIES.values()}
    for series, found in rows.items():
        before = 0.0
        for row in found:
            total = row.get("sum") or 0.0
            start = datetime.fromtimestamp(row["start"], UTC)
            known[ids[series]][start] = round(total - before, _DIGITS)
            before = total
    return known


def write(
    hass: HomeAssistant, plant: int, key: str, name: str, rows: list[StatisticData]
) -> None:
    """Hand rows to the recorder, which writes them in a thread of its own."""
    metadata = StatisticMetaData(
        mean_type=StatisticMeanType.NONE,
        has_sum=True,
        name=name,
        source=DOMAIN,
        statistic_id=statistic_id(plant, key),
        unit_class=EnergyConverter.UNIT_CLASS,
        unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    )
    async_add_external_statistics(hass, metadata, rows)
