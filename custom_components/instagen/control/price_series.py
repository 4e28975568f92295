"""Prices as other integrations publish them, as one series.

Shapes, as documented by their makers or seen in their answers:

- Octopus Energy, events of a day's rates (and the attributes of its event entities):
  ``rates``, each with ``start``, ``end`` and ``value_inc_vat`` in pounds. Its versions
  of 2023 and the supplier's own interface (``results``) say ``valid_from``, ``valid_to``
  and mean pence; a rate without an end is valid on.
- Nord Pool, ``get_prices_for_date``: by area, each with ``start``, ``end`` and ``price``
  per MWh.
- Tibber, ``get_prices``: ``prices`` by home, each with ``start_time`` and ``price`` per
  kWh; a price ends where the next begins.

Rates are sparse, late, revised and have gaps. What cannot be read is left out and counted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import isfinite
from typing import Final, NamedTuple

from ..plant.tariff import price


class PriceUnit(StrEnum):
    """What a price is told in."""

    PER_KWH = "per_kwh"
    HUNDREDTHS_PER_KWH = "hundredths_per_kwh"
    PER_MWH = "per_mwh"


_DIVISORS: Final[Mapping[PriceUnit, int]] = {
    PriceUnit.PER_KWH: 1,
    PriceUnit.HUNDREDTHS_PER_KWH: 100,
    PriceUnit.PER_MWH: 1000,
}

_OPEN_END: Final = datetime.max.replace(tzinfo=UTC)
"""A rate without an end may have begun years ago."""

_LONGEST_GAP: Final = timedelta(hours=1)
"""A price without an end lasts until the next one, but no longer than this."""


class PriceSlot(NamedTuple):
    """Time at one price, the start included and the end not, in UTC and per kWh."""

    start: datetime
    end: datetime
    buy: float
    sell: float | None = None
    """None when the source tells nothing of it."""


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """Slots in order that do not overlap. There may be gaps."""

    slots: tuple[PriceSlot, ...] = ()
    skipped: int = 0
    """Rows that could not be read."""

    def revised(self, newer: PriceSeries) -> PriceSeries:
        """Return both; where they overlap the newer one holds."""
        kept = [piece for slot in self.slots for piece in _without(slot, newer.slots)]
        slots = sorted([*kept, *newer.slots])
        return PriceSeries(tuple(slots), self.skipped + newer.skipped)

    def sold_at(self, export: PriceSeries) -> PriceSeries:
        """Return it with the prices of another series as what is paid for export."""
        edges = {edge for slot in export.slots for edge in (slot.start, slot.end)}
        found = []
        for slot in self.slots:
            inner = sorted(edge for edge in edges if slot.start < edge < slot.end)
            for start, end in pairwise([slot.start, *inner, slot.end]):
                sell = next(
                    (one.buy for one in export.slots if one.start <= start < one.end),
                    slot.sell,
                )
                found.append(PriceSlot(start, end, slot.buy, sell))
        return PriceSeries(tuple(found), self.skipped + export.skipped)


def series_of(slots: Iterable[PriceSlot], skipped: int = 0) -> PriceSeries:
    """Order slots; where two overlap the one told later holds."""
    found = PriceSeries()
    disjoint: list[PriceSlot] = []
    for slot in slots:
        clash = disjoint and not (
            disjoint[-1].end <= slot.start or slot.end <= disjoint[0].start
        )
        if clash:
            found = found.revised(PriceSeries(tuple(sorted(disjoint))))
            disjoint = []
        disjoint.append(slot)
        disjoint.sort()
    found = found.revised(PriceSeries(tuple(disjoint)))
    return PriceSeries(found.slots, skipped)


def octopus_rates(data: object, unit: PriceUnit | None = None) -> PriceSeries:
    """Read an event of day rates, its attributes, an answer's ``results``, or the list.

    The unit follows from the shape unless it is given.
    """
    rows = data
    if isinstance(data, Mapping):
        rows = data.get("rates", data.get("results"))
    return _series(_octopus_row(row, unit) for row in _rows(rows))


def nord_pool_prices(answer: object, area: str | None = None) -> PriceSeries:
    """Read an answer by area; without an area it must be the only one."""
    return _series(
        _slot(row.get("start"), row.get("end"), row.get("price"), PriceUnit.PER_MWH)
        if isinstance(row, Mapping)
        else None
        for row in _rows(_only(answer, area))
    )


def tibber_prices(answer: object, home: str | None = None) -> PriceSeries:
    """Read an answer by home; without a home it must be the only one."""
    prices = answer.get("prices") if isinstance(answer, Mapping) else None
    rows = _rows(_only(prices, home))
    told: dict[datetime, object] = {}
    for row in rows:
        start = _moment(row.get("start_time")) if isinstance(row, Mapping) else None
        if isinstance(row, Mapping) and start is not None:
            told[start] = row.get("price")
    starts = sorted(told)
    read = _series(
        _slot(start, end, told[start], PriceUnit.PER_KWH)
        for start, end in zip(starts, _ends(starts), strict=True)
    )
    return PriceSeries(read.slots, len(rows) - len(read.slots))


def _ends(starts: Sequence[datetime]) -> Iterator[datetime]:
    """Return where each price ends; the last one lasts as long as the one before."""
    length = _LONGEST_GAP
    for start, following in pairwise(starts):
        length = min(following - start, _LONGEST_GAP)
        yield start + length
    if starts:
        yield starts[-1] + length


def _octopus_row(row: object, unit: PriceUnit | None) -> PriceSlot | None:
    if not isinstance(row, Mapping):
        return None
    # Who pays otherwise than by direct debit has rows of his own, with another price.
    if row.get("payment_method") not in (None, "DIRECT_DEBIT"):
        return None
    start, end, value = row.get("start"), row.get("end"), row.get("value_inc_vat")
    if "valid_from" in row:
        start, end = row.get("valid_from"), row.get("valid_to")
        end = _OPEN_END if end is None else end
        return _slot(start, end, value, unit or PriceUnit.HUNDREDTHS_PER_KWH)
    return _slot(start, end, value, unit or PriceUnit.PER_KWH)


def _slot(
    start: object, end: object, value: object, unit: PriceUnit
) -> PriceSlot | None:
    """Make a slot of what a row tells; None when it tells none."""
    begun, ended = _moment(start), _moment(end)
    if begun is None or ended is None or begun >= ended:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        told = float(value)
    except OverflowError:
        return None
    if not isfinite(told):
        return None
    return PriceSlot(begun, ended, price(told / _DIVISORS[unit]))


def _series(found: Iterable[PriceSlot | None]) -> PriceSeries:
    told = list(found)
    slots = [slot for slot in told if slot is not None]
    return series_of(slots, len(told) - len(slots))


def _moment(value: object) -> datetime | None:
    """Read a moment; one without a time zone says nothing."""
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
    except ValueError, OverflowError:
        pass
    return None


def _rows(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def _only(value: object, name: str | None) -> object:
    if not isinstance(value, Mapping):
        return None
    if name is not None:
        return value.get(name)
    return next(iter(value.values())) if len(value) == 1 else None


def _without(slot: PriceSlot, others: Sequence[PriceSlot]) -> Iterator[PriceSlot]:
    """Return what others, in order, leave of a slot."""
    start = slot.start
    for other in others:
        if other.end <= start or other.start >= slot.end:
            continue
        if other.start > start:
            yield slot._replace(start=start, end=other.start)
        start = max(start, other.end)
    if start < slot.end:
        yield slot._replace(start=start)
