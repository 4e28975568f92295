"""Schedules as texts: the tariff of economical mode and the periods of time of use.

The text is the message itself in hexadecimal digits. All that knows this is in here.
"""

from collections.abc import Iterable

from google.protobuf.message import DecodeError

from ...dts_messages import instagen_dts_pb2 as pb


def tariff_text(dates: Iterable[pb.TariffDates]) -> str:
    """Return a tariff as text; empty when there is none."""
    return _text(pb.WorkingMode(dates=dates))


def dates_of(text: str) -> list[pb.TariffDates]:
    """Return the tariff that a text holds. Raises ``ValueError`` when it holds none."""
    found = list(_message(text).dates)
    if not found or tariff_text(found) != text:
        raise ValueError("no tariff")
    return found


def periods_text(periods: Iterable[pb.TimeOfUse]) -> str:
    """Return periods of use as text; empty when there are none."""
    return _text(pb.WorkingMode(times_of_use=periods))


def periods_of(text: str) -> list[pb.TimeOfUse]:
    """Return the periods that a text holds. Raises ``ValueError`` when it holds none."""
    found = list(_message(text).times_of_use)
    if not found or periods_text(found) != text:
        raise ValueError("no periods of use")
    return found


def _text(message: pb.WorkingMode) -> str:
    return message.SerializeToString(deterministic=True).hex()


def _message(text: str) -> pb.WorkingMode:
    try:
        return pb.WorkingMode.FromString(bytes.fromhex(text))
    except DecodeError as err:
        raise ValueError("no message") from err
