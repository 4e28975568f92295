"""Curves out of their binary messages (facts/cloud-api.md section 8)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
import struct
from typing import Final

from google.protobuf.message import DecodeError, Message

from ...cloud_messages import instagen_cloud_pb2 as pb
from .errors import CloudError, Trouble

_SINGLE: Final = 4
_DOUBLE: Final = 8
_TINY: Final = 1e-6
_HUGE: Final = 1e9
_MINUTES: Final = 1440
_AT_ONCE: Final = 65_536
"""Bytes that are decoded where we stand; more goes to a thread."""


@dataclass(frozen=True)
class Curve:
    """One series of values: by label, as the cloud names them."""

    name: str
    labels: tuple[str, ...]
    values: tuple[float | None, ...]
    device: int | None = None
    """The device's id at the cloud; None for the whole plant."""


@dataclass(frozen=True)
class IndicatorCurve:
    """One indicator of one device over a day: values by minute of the day."""

    device: str
    date: str
    indicator: str
    points: tuple[tuple[int, float], ...]


async def line_chart(body: bytes) -> list[Curve]:
    """Decode values over time; raise ``CloudError`` when they are none."""
    if len(body) <= _AT_ONCE:
        return _line_chart(body)
    return await asyncio.to_thread(_line_chart, body)


async def indicator_curves(body: bytes) -> list[IndicatorCurve]:
    """Decode a day of indicators; raise ``CloudError`` when it is none."""
    if len(body) <= _AT_ONCE:
        return _indicator_curves(body)
    return await asyncio.to_thread(_indicator_curves, body)


def _line_chart(body: bytes) -> list[Curve]:
    chart = _parse(pb.LineChart, body)
    labels = tuple(chart.labels)
    return [
        Curve(
            name=one.type,
            labels=labels,
            values=_padded(floats(b"".join(one.values), len(labels)), len(labels)),
            device=one.device or None,
        )
        for one in chart.series
    ]


def _indicator_curves(body: bytes) -> list[IndicatorCurve]:
    told = _parse(pb.IndicatorCurveArray, body)
    return [
        IndicatorCurve(
            device=one.device,
            date=one.date,
            indicator=one.indicator,
            points=tuple(
                (minute, value)
                for minute, value in zip(
                    one.minutes,
                    floats(b"".join(one.values), len(one.minutes)),
                    strict=False,
                )
                if minute < _MINUTES and value is not None
            ),
        )
        for one in told.curves
    ]


def _parse[MessageT: Message](kind: type[MessageT], body: bytes) -> MessageT:
    try:
        return kind.FromString(body)
    except DecodeError as err:
        raise CloudError(Trouble.GARBLED) from err


def floats(packed: bytes, expected: int) -> Sequence[float | None]:
    """Unpack numbers that are float32 or double: the sources disagree.

    Their count decides. A series may end early, so where both counts are possible live
    bodies decide, which hold float32; unless that makes no sense of them.
    """
    size = len(packed)
    if size % _SINGLE == 0 and size <= expected * _SINGLE:
        singles = _unpack(packed, "f", _SINGLE)
        if size % _DOUBLE or all(_makes_sense(one) for one in singles):
            return singles
    if size % _DOUBLE == 0 and size <= expected * _DOUBLE:
        return _unpack(packed, "d", _DOUBLE)
    raise CloudError(Trouble.GARBLED)


def _unpack(packed: bytes, kind: str, size: int) -> list[float | None]:
    values = struct.unpack(f"<{len(packed) // size}{kind}", packed)
    return [value if isfinite(value) else None for value in values]


def _makes_sense(value: float | None) -> bool:
    """Tell whether a number can be one of a plant: half a double rarely is."""
    return value is not None and (value == 0 or _TINY < abs(value) < _HUGE)


def _padded(values: Sequence[float | None], length: int) -> tuple[float | None, ...]:
    """Let a series that ends early end with what is unknown."""
    return (*values, *[None] * (length - len(values)))
