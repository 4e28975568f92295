"""One plant at the cloud: what can be read about it, in plant terms."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from enum import IntEnum
from typing import Any, Final, override
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .client import CloudClient
from .curves import Curve, IndicatorCurve, indicator_curves, line_chart
from .devices import Device, DeviceKind, devices_of
from .errors import CloudError, Trouble
from .live import Indicator, Indicators
from .values import listing, mapping, moment, number, tidy, whole

_QUARTER: Final = 900
"""Seconds; every zone on earth is a multiple of it away from UTC."""

_LARGEST_OFFSET: Final = 15 * 3600


class Span(IntEnum):
    """Spans of an energy split (facts/cloud-api.md 5.6); a week brings no counters."""

    DAY = 1
    MONTH = 3
    YEAR = 4
    LIFETIME = 5


class SplitKind(IntEnum):
    """What an energy split is about."""

    OVERVIEW = 1
    FLOWS = 6


@dataclass(frozen=True, kw_only=True)
class CloudAlarm:
    """An alarm that a device reports now, or reported once."""

    code: str
    since: datetime | None
    until: datetime | None = None
    """When it ended; None while it lasts."""

    device: str
    """The cloud's name of it, e.g. ``Inverter``."""

    kind: DeviceKind | None
    """None for one that we do not know."""

    phase: str = ""
    """Where it was seen, e.g. ``L2``."""

    details: tuple[str, ...] = ()
    """Words or values as they come; nobody has published their meaning."""


@dataclass(frozen=True, kw_only=True)
class PowerSample:
    """One line of a power report. Powers in W, as the cloud tells them."""

    at: datetime
    pv: float | None
    load: float | None
    meter: float | None
    grid: float | None
    battery: float | None


@dataclass(frozen=True, kw_only=True)
class EnergyTotals:
    """Totals of an energy report in kWh."""

    pv: float | None
    load: float | None


class CloudPlant:
    """Reads one plant. What is missing is unknown, never 0."""

    def __init__(self, client: CloudClient, sid: int) -> None:
        """Take the account's client and the plant's number at the cloud."""
        self.client = client
        self.sid = sid
        self._zone: tzinfo | None = None

    # ---- what it is ----

    async def detail(self) -> Mapping[str, Any]:
        """Return everything the cloud keeps about the plant (5.1 and 5.2)."""
        told = await self.client.call("plant", {"id": self.sid})
        if not isinstance(told, dict):
            raise CloudError(Trouble.GARBLED)
        self._zone = await asyncio.to_thread(
            _zone_of, told, self.client.transport.now()
        )
        return told

    async def zone(self) -> tzinfo:
        """Return the zone in which the plant's times are told."""
        if self._zone is None:
            await self.detail()
        assert self._zone is not None  # noqa: S101 - detail sets it
        return self._zone

    async def devices(self) -> list[Device]:
        """Return the plant's devices."""
        return devices_of(await self.client.call("device_tree", {"id": self.sid}))

    # ---- how it is ----

    async def live(self) -> Mapping[str, Any]:
        """Return power flow and counters of now (5.4).

        Raises ``CloudError`` with ``THROTTLED`` when it was asked too often: the cloud
        says so with an empty answer.
        """
        told = await self.client.call("live_data", {"sid": self.sid})
        if not told:
            raise CloudError(Trouble.THROTTLED)
        if not isinstance(told, dict):
            raise CloudError(Trouble.GARBLED)
        return told

    async def indicators(
        self, point: Indicator, devices: Sequence[Device]
    ) -> Indicators:
        """Return the readings of a measuring point (5.5)."""
        body: dict[str, Any] = {"sid": self.sid, "type": int(point)}
        inverters = [one for one in devices if one.kind == DeviceKind.INVERTER]
        if point in {Indicator.INVERTER, Indicator.PV}:
            body["inv_list"] = [
                {"id": one.id, "sn": one.serial, "type": int(DeviceKind.INVERTER)}
                for one in inverters
            ]
        elif point is Indicator.BATTERY:
            body["inv_list"] = [
                {"id": one.id, "sn": one.serial, "type": 0} for one in inverters[:1]
            ]
            packs = (one for one in devices if one.kind == DeviceKind.BATTERY)
            body["dev_sn"] = next((one.serial for one in packs), "")
        return Indicators(await self.client.call("indicators", body))

    async def alarms(self, devices: Sequence[Device]) -> list[CloudAlarm]:
        """Return the alarms that inverters and DTUs report now."""
        zone = await self.zone()
        found: list[CloudAlarm] = []
        for device in devices:
            function = _ALARMS.get(device.kind)
            if function is None:
                continue
            async for row in self.client.rows(
                function, {"sid": self.sid, "sn": device.serial}
            ):
                found += [
                    _alarm(device, row, warn, zone)
                    for warn in listing(row.get("warns"))
                ]
        return found

    async def past_alarms(self, first: date, last: date) -> list[CloudAlarm]:
        """Return the alarms that began between two days, the newest first.

        Nobody has published how that is asked for (facts/cloud-api.md 4.11).
        """
        zone = await self.zone()
        body = {
            "sid": self.sid,
            "start_date": first.isoformat(),
            "end_date": last.isoformat(),
        }
        rows = self.client.rows("alarm_history", body)
        return [_past_alarm(row, zone) async for row in rows]

    # ---- how it was ----

    async def energy_split(
        self, span: Span, day: date, kind: SplitKind = SplitKind.OVERVIEW
    ) -> Mapping[str, Any]:
        """Return where energy came from and went, in Wh (5.6)."""
        body = {
            "sid": self.sid,
            "mode": int(span),
            "date": "" if span is Span.LIFETIME else _day_text(day, span),
            "type": int(kind),
        }
        return mapping(await self.client.call("energy_split", body))

    async def lifetime(self) -> Mapping[str, Any]:
        """Return the plant's energies since it was built, in Wh."""
        return await self.energy_split(Span.LIFETIME, date.min)

    async def power_of_day(self, day: date) -> list[Curve]:
        """Return the plant's powers over a day, in W."""
        body = {"sid": self.sid, "date": day.isoformat()}
        return await line_chart(await self.client.call("power_of_day", body))

    async def energy_chart(self, span: Span, day: date) -> list[Curve]:
        """Return the plant's energies of a span by its parts, in Wh."""
        body: dict[str, Any] = {"sid": self.sid}
        if span is not Span.LIFETIME:
            body["date"] = _day_text(day, span)
        return await line_chart(await self.client.call(_CHARTS[span], body))

    async def indicator_curves(
        self, device: Device, day: date, keys: Sequence[str], *, kind: DeviceKind
    ) -> list[IndicatorCurve]:
        """Return readings of a storage inverter or its battery over a day.

        ``device`` is the inverter, also for its battery (facts/cloud-api.md 4.5).
        """
        body = {
            "sid": self.sid,
            "dev_type": int(kind),
            "date": day.isoformat(),
            "dev_list": [{"id": device.id, "sn": device.serial}],
            "ind_list": list(keys),
            "pb_ver": 1,
        }
        return await indicator_curves(await self.client.call("indicator_curve", body))

    async def power_report(self, first: date, last: date) -> list[PowerSample]:
        """Return the plant's powers between two days, both included (4.6)."""
        zone = await self.zone()
        found: list[PowerSample] = []
        async for row in self.client.rows("power_report", self._report(first, last)):
            if whole(row.get("sid")) not in {self.sid, None}:
                continue
            samples = (
                _sample(one, first, zone) for one in listing(row.get("data_list"))
            )
            found += [one for one in samples if one is not None]
        return found

    async def energy_totals(self, first: date, last: date) -> EnergyTotals:
        """Return what the plant made and used between two days, in kWh (4.6)."""
        body = {
            "sid_list": [self.sid],
            "mode": 1,
            "start_date": first.isoformat(),
            "end_date": last.isoformat(),
        }
        told = mapping(await self.client.call("energy_report_totals", body))
        return EnergyTotals(
            pv=tidy(number(told.get("total_pv_eq"))),
            load=tidy(number(told.get("total_consumption_eq"))),
        )

    async def energy_report(self, first: date, last: date) -> list[Mapping[str, Any]]:
        """Return a line for each day with energies in kWh, as the portals have it."""
        rows = self.client.rows("brand_energy_report", self._report(first, last))
        return [row async for row in rows]

    def _report(self, first: date, last: date) -> dict[str, Any]:
        return {
            "sid_list": [self.sid],
            "sid": self.sid,
            "start_date": first.isoformat(),
            "end_date": last.isoformat(),
        }

    @override
    def __repr__(self) -> str:
        return "CloudPlant()"


_ALARMS: Final[Mapping[int, str]] = {
    DeviceKind.INVERTER: "inverter_alarms",
    DeviceKind.DTU: "dtu_alarms",
}

_CHARTS: Final[Mapping[Span, str]] = {
    Span.DAY: "energy_of_day",
    Span.MONTH: "energy_of_month",
    Span.YEAR: "energy_of_year",
    Span.LIFETIME: "energy_of_all_years",
}


def _day_text(day: date, span: Span) -> str:
    """Write a day as far as its span wants it."""
    text = day.isoformat()
    return {Span.MONTH: text[:7], Span.YEAR: text[:4]}.get(span, text)


def _alarm(
    device: Device, row: Mapping[str, Any], warn: Mapping[str, Any], zone: tzinfo
) -> CloudAlarm:
    return CloudAlarm(
        code=str(warn.get("code")),
        since=moment(warn.get("time"), zone),
        device=str(row.get("name") or ""),
        kind=DeviceKind(device.kind),
        phase=str(warn.get("pre") or ""),
        details=_details(warn),
    )


def _past_alarm(row: Mapping[str, Any], zone: tzinfo) -> CloudAlarm:
    kind = whole(row.get("dev_type"))
    return CloudAlarm(
        code=str(row.get("code")),
        since=moment(row.get("start_at"), zone),
        until=moment(row.get("end_at"), zone),
        device=str(row.get("name") or ""),
        kind=DeviceKind(kind) if kind in set(DeviceKind) else None,
        phase=str(row.get("pre") or ""),
        details=_details(row),
    )


def _details(warn: Mapping[str, Any]) -> tuple[str, ...]:
    words = (warn.get(name) for name in ("wd1", "wd2", "wd3", "wd4"))
    return tuple(str(word) for word in words if word not in (None, "", "-"))


def _sample(row: Mapping[str, Any], day: date, zone: tzinfo) -> PowerSample | None:
    """Read a line of a power report; within one day it tells the time alone."""
    told = str(row.get("date") or "")
    at = moment(told if len(told) > _TIME_LENGTH else f"{day} {told}", zone)
    if at is None:
        return None
    return PowerSample(
        at=at,
        pv=number(row.get("pv_power")),
        load=number(row.get("consumption_power")),
        meter=number(row.get("meter_c_power")),
        grid=number(row.get("grid_p_power")),
        battery=number(row.get("bms_power")),
    )


_TIME_LENGTH: Final = len("00:00:00")


def _zone_of(detail: Mapping[str, Any], now: datetime) -> tzinfo:
    """Find out the plant's zone. Reads files, so it belongs into a thread.

    The name is best: the offset beside it knows no summer time. Without a name that is
    known the plant's own time of now decides.
    """
    told = mapping(detail.get("timezone"))
    try:
        return ZoneInfo(str(told.get("name")))
    except ZoneInfoNotFoundError, ValueError, OSError:
        pass
    here = moment(detail.get("local_time"), now.tzinfo or _zone_at(0))
    offset = number(told.get("offset"))
    seconds = (here - now).total_seconds() if here else (offset or 0.0) / 1000
    return _zone_at(round(seconds / _QUARTER) * _QUARTER)


def _zone_at(seconds: int) -> tzinfo:
    within = max(-_LARGEST_OFFSET, min(_LARGEST_OFFSET, seconds))
    return timezone(timedelta(seconds=within))
