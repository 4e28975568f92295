"""Each blueprint that asks for the battery: what it is given, and what wakes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

type States = Mapping[str, tuple[str, Mapping[str, Any]]]

SOC: Final = "sensor.soc"


@dataclass(frozen=True, kw_only=True)
class LeaseCase:
    """One blueprint, with the states in which it rests and in which it wants."""

    name: str
    owner: str
    priority: int
    action: str
    """The first action that it asks for."""

    mode: str
    """The mode of the lease."""

    inputs: Mapping[str, Any]
    rests: States
    wants: States
    signal: str
    """The entity whose being unknown it must bear for a while."""

    lets_go_after: float = 0
    """Minutes that it keeps the battery once it no longer wants it."""

    asks: Mapping[str, Any] = field(default_factory=dict)
    """What else its wish says."""


def on(entity_id: str, **attributes: Any) -> dict[str, tuple[str, dict[str, Any]]]:
    """Show an entity that is on."""
    return {entity_id: ("on", attributes)}


def off(entity_id: str, **attributes: Any) -> dict[str, tuple[str, dict[str, Any]]]:
    """Show an entity that is off."""
    return {entity_id: ("off", attributes)}


def soc(level: float) -> dict[str, tuple[str, dict[str, Any]]]:
    """Show how full the battery is."""
    return {SOC: (str(level), {"device_class": "battery"})}


# 12:00 on the day on which the clock of the tests stands, as calendars tell times.
_DAY: Final = {"start_time": "2026-11-20 11:00:00", "end_time": "2026-11-20 16:00:00"}
_OFF_PEAK: Final = {
    "current_start": "2026-11-20T11:30:00+00:00",
    "current_end": "2026-11-20T16:00:00+00:00",
}


def _rates(price: float) -> dict[str, Any]:
    """Return the day as two rates, as an event of a supplier's integration lists them."""
    hours = ("00:00", "12:00"), ("12:00", "16:00"), ("16:00", "23:30")
    return {
        "tariff_code": "E-1R-AGILE-24-10-01-M",
        "rates": [
            {
                "start": f"2026-11-20T{start}:00+00:00",
                "end": f"2026-11-20T{end}:00+00:00",
                "value_inc_vat": price if start == "12:00" else 0.3,
                "is_capped": False,
            }
            for start, end in hours
        ],
    }


CASES: Final = (
    LeaseCase(
        name="cheap_rate_charge",
        owner="cheap-rate charge",
        priority=30,
        action="force_charge",
        mode="force_charge",
        inputs={"signal": "binary_sensor.cheap", "soc": SOC},
        rests=off("binary_sensor.cheap") | soc(50),
        wants=on("binary_sensor.cheap", **_OFF_PEAK),
        signal="binary_sensor.cheap",
        asks={"target_soc": 90, "at_target": "hold", "power": 100},
    ),
    LeaseCase(
        name="peak_export",
        owner="peak export",
        priority=35,
        action="force_discharge",
        mode="force_discharge",
        inputs={
            "signal": "schedule.peak",
            "soc": SOC,
            "allow_export": True,
            "floor_soc": 40,
        },
        rests=off("schedule.peak") | soc(90),
        wants=on("schedule.peak", next_event="2026-11-20T19:00:00+00:00"),
        signal="schedule.peak",
        asks={"target_soc": 40, "at_target": "release"},
    ),
    LeaseCase(
        name="plunge_charge",
        owner="price plunge",
        priority=40,
        action="force_charge",
        mode="force_charge",
        inputs={"rates": ["event.rates"], "soc": SOC},
        rests={"event.rates": ("2026-11-20T00:00:00+00:00", _rates(0.2))} | soc(50),
        wants={"event.rates": ("2026-11-20T11:59:00+00:00", _rates(-0.02))},
        signal=SOC,
        asks={"target_soc": 100, "at_target": "hold"},
    ),
    LeaseCase(
        name="storm_reserve",
        owner="storm reserve",
        priority=70,
        action="request_mode",
        mode="full_backup",
        inputs={"alerts": ["binary_sensor.storm"], "hold_after": 1},
        rests=off("binary_sensor.storm"),
        wants=on("binary_sensor.storm"),
        signal="binary_sensor.storm",
        lets_go_after=66,
        asks={"target_soc": 100, "mode": "full_backup"},
    ),
    LeaseCase(
        name="saving_session",
        owner="saving session",
        priority=60,
        action="request_mode",
        mode="self_consumption",
        inputs={"session": "calendar.sessions", "soc": SOC},
        rests=off("calendar.sessions") | soc(80),
        wants=on("calendar.sessions", **_DAY),
        signal="calendar.sessions",
        asks={"target_soc": 20, "mode": "self_consumption"},
    ),
    LeaseCase(
        name="car_hold",
        owner="car hold",
        priority=45,
        action="hold",
        mode="hold",
        inputs={"car": "sensor.car"},
        rests={"sensor.car": ("0", {})},
        wants={"sensor.car": ("7200", {})},
        signal="sensor.car",
        lets_go_after=8,
    ),
    LeaseCase(
        name="full_charge",
        owner="calibration",
        priority=50,
        action="force_charge",
        mode="force_charge",
        inputs={
            "soc": SOC,
            "last_full": "input_datetime.full",
            "source": "cheap",
            "cheap": "binary_sensor.cheap",
        },
        rests=off("binary_sensor.cheap")
        | soc(60)
        | {"input_datetime.full": ("2026-11-05 12:00:00", {})},
        wants=on("binary_sensor.cheap", **_OFF_PEAK),
        signal=SOC,
        asks={"target_soc": 100, "power": 50, "at_target": "hold"},
    ),
    LeaseCase(
        name="away",
        owner="away",
        priority=15,
        action="request_mode",
        mode="self_consumption",
        inputs={"signal": "calendar.holidays"},
        rests=off("calendar.holidays"),
        wants=on("calendar.holidays", **_DAY),
        signal="calendar.holidays",
        asks={"target_soc": 15, "mode": "self_consumption"},
    ),
)
