"""Writes the few binary messages of the cloud (facts/cloud-api.md section 8).

By hand on purpose: the client decodes them with something else.
"""

from collections.abc import Iterable, Mapping, Sequence
from struct import pack

_BYTES = 2


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(content)) + content


def line_chart(
    labels: Sequence[str], series: Mapping[str, Sequence[float]], date: str = ""
) -> bytes:
    """Return a LineChart: labels, series of 32-bit floats, and the day in field 3."""
    out = b"".join(_field(1, label.encode()) for label in labels)
    for name, values in series.items():
        body = _field(1, name.encode())
        if values:
            body += _field(2, pack(f"<{len(values)}f", *values))
        out += _field(2, body)
    return out + (_field(3, date.encode()) if date else b"")


def indicator_curve(
    device: str, date: str, key: str, points: Iterable[tuple[int, float]]
) -> bytes:
    """Return one IndicatorCurve inside its outer message: minutes of the day and doubles."""
    kept = list(points)
    body = (
        _field(1, device.encode()) + _field(2, date.encode()) + _field(3, key.encode())
    )
    body += _field(4, b"".join(_varint(minute) for minute, _ in kept))
    body += _field(5, pack(f"<{len(kept)}d", *(value for _, value in kept)))
    return _field(1, body)
