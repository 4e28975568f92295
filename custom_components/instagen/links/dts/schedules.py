"""Schedules as texts: the tariff of economical mode and the periods of time of use.

A tariff is written in its exchange form, as far as the message says it: without
currency and reserve, at the prices that arrive. A table that this form cannot hold to the
last bit, which a device may have all the same, is kept as the message itself in
hexadecimal digits behind a mark; periods of use always are, without one. All that knows
this is in here.
"""

from collections.abc import Iterable
from typing import Final

from google.protobuf.message import DecodeError

from ...dts_messages import instagen_dts_pb2 as pb
from ...plant.tariff import Tariff
from ...plant.tariff_data import as_written
from ..tariff_form import table_in, table_text
from . import tariff as codec
from .errors import WrongAnswerError

_RAW: Final = "dts:"
"""Before a table that only the message itself holds whole."""


def tariff_text(dates: Iterable[pb.TariffDates]) -> str:
    """Return a tariff as text; empty when there is none."""
    told = list(dates)
    if not told:
        return ""
    try:
        text = table_text(codec.tariff_of(told))
        if _said(text) == told:
            return text
    except ValueError, WrongAnswerError:
        pass  # it stays what it is
    return _RAW + _text(pb.WorkingMode(dates=told))


def dates_of(text: str) -> list[pb.TariffDates]:
    """Return the tariff that a text holds. Raises ``ValueError`` when it holds none."""
    if text.startswith(_RAW):
        found = list(_message(text.removeprefix(_RAW)).dates)
    else:
        found = _said(text)
    if not found or tariff_text(found) != text:
        raise ValueError("no tariff")
    return found


def table_of(text: str) -> Tariff | None:
    """Return what can be shown of a text's tariff; None when nothing can.

    It may break every rule that we have.
    """
    if not text.startswith(_RAW):
        return as_written(text)
    try:
        return codec.tariff_of(_message(text.removeprefix(_RAW)).dates)
    except ValueError, WrongAnswerError:
        return None


def _said(text: str) -> list[pb.TariffDates]:
    """Return the dates of an exchange form. Raises ``ValueError``."""
    return codec.dates_of(table_in(text))


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
