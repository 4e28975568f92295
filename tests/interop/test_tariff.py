"""A tariff table in the public client's messages is the same one in ours."""

from typing import Any, Final

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links.dts.tariff import dates_of, tariff_of
from custom_components.instagen.plant.tariff import (
    Group,
    MonthDay,
    Period,
    Rate,
    Season,
    Tariff,
)
from simulator import serve
from tests.plant.tariffs import WEEKEND, WORKDAYS, london, window

from .dts_peer import DtsPeer

WINTER: Final = Season(
    first=MonthDay(11, 1),
    last=MonthDay(3, 31),
    group_a=Group(
        weekdays=WORKDAYS,
        peak=Period(window("16:00-19:00"), Rate(0.38, 0.3)),
        off_peak=Period(window("23:30-05:30"), Rate(0.29, 0.15)),
        partial=Rate(0.57, 0.16),
    ),
    group_b=Group(
        weekdays=WEEKEND,
        off_peak=Period(window("00:30-07:30"), Rate(0.09, 0.0)),
        partial=Rate(0.25, 0.15),
    ),
)
SUMMER: Final = Season(
    first=MonthDay(4, 1),
    last=MonthDay(10, 31),
    group_a=Group(
        peak=Period(window("04:31-00:30"), Rate(0.4, 0.1)),
        off_peak=Period(window("00:30-04:31"), Rate(0.1, 0.1)),
    ),
)
TABLE: Final = Tariff(seasons=(WINTER, SUMMER))


def packed(*parts: int) -> int:
    return parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3]


NONE: Final = dict.fromkeys(
    (
        "wr",
        "peak_time",
        "peak_in",
        "peak_out",
        "valley_time",
        "valley_in",
        "valley_out",
        "partial_peak_in",
        "partial_peak_out",
    ),
    0,
)

THEIRS: Final[list[dict[str, Any]]] = [
    {
        "dr": packed(1, 11, 31, 3),
        "w1": {
            "wr": 31,
            "peak_time": packed(16, 0, 18, 59),
            "peak_in": 38,
            "peak_out": 30,
            "valley_time": packed(23, 30, 5, 29),
            "valley_in": 29,
            "valley_out": 15,
            "partial_peak_in": 57,
            "partial_peak_out": 16,
        },
        "w2": {
            **NONE,
            "wr": 96,
            "valley_time": packed(0, 30, 7, 29),
            "valley_in": 9,
            "partial_peak_in": 25,
            "partial_peak_out": 15,
        },
    },
    {
        "dr": packed(1, 4, 31, 10),
        "w1": {
            **NONE,
            "wr": 127,
            "peak_time": packed(4, 31, 0, 29),
            "peak_in": 40,
            "peak_out": 10,
            "valley_time": packed(0, 30, 4, 30),
            "valley_in": 10,
            "valley_out": 10,
        },
        "w2": NONE,
    },
]
"""The same, field by field, by the client's own names."""


async def test_a_table_in_its_messages_is_ours_and_the_reverse(
    dts_peer: DtsPeer,
) -> None:
    message = pb.WorkingMode(dates=dates_of(TABLE))
    told, written = await dts_peer.table(message.SerializeToString(), THEIRS)
    assert told == THEIRS
    assert tariff_of(pb.WorkingMode.FromString(written).dates) == TABLE


async def test_a_table_that_its_command_writes_is_read(
    dts_peer: DtsPeer, socket_enabled: None
) -> None:
    """Its ends are those of the device's screen, so the last minute belongs to them."""
    order = (
        "01.11-31.03:1,2,3,4,5=16:00-18:59-0.38-0.3,23:30-05:29-0.25-0.15,"
        "00:00-00:00-0.5-0.16;6,7=00:00-00:00-0-0,00:30-07:29-0.09-0,"
        "00:00-00:00-0.25-0.15"
    )
    async with serve(
        "hybrid", start=london("2026-06-15T19:17"), modbus=None, dts=0, control=0
    ) as sim:
        said = await dts_peer.command(
            sim.dts_port,
            *("--inverter-serial-number", str(sim.stick.inverters[0].serial)),
            *("--bms_working_mode", "2", "--rev-soc", "20", "--time-settings", order),
            "set-energy-storage-working-mode",
        )
    found = tariff_of(pb.WorkingMode.FromString(said.payload).dates)
    assert found.seasons == (
        Season(
            first=WINTER.first,
            last=WINTER.last,
            group_a=Group(
                weekdays=WORKDAYS,
                peak=WINTER.group_a.peak,
                off_peak=Period(window("23:30-05:30"), Rate(0.25, 0.15)),
                partial=Rate(0.5, 0.16),
            ),
            group_b=WINTER.group_b,
        ),
    )
