"""Reading a plant over the cloud: the third way, when the others cannot be had.

The cloud knows what the plant uploaded last, some minutes ago. So what it tells has an
age of its own, and a plant that stopped uploading is unknown, however well the cloud
answers.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Set as AbstractSet
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC
import re
from typing import Any, Final

from ...plant.guard import Guard, Judgement
from ...plant.identity import Feature, PlantIdentity
from ...plant.readings import READINGS, STRINGS, Pace, Value
from ...plant.states import LinkName
from .. import Answer, LinkError, LinkStatistics, Verdict
from .devices import Device, DeviceKind
from .errors import ACCOUNT, CloudError, CloudLinkError, Trouble
from .live import CloudData, Indicator, Indicators, Source, Told
from .plant import CloudPlant
from .rows import ROWS
from .values import moment, number, whole

POLL_SECONDS: Final = 60
"""What public clients ask at most; the plant uploads every 5 minutes
(facts/cloud-api.md section 9)."""

SLOWEST_SECONDS: Final = 300
_LEAST_SECONDS: Final = 30
"""Asking more often may disturb the vendor's app."""

_POINT_SECONDS: Final = 300
"""Indicators move no faster than the plant uploads."""

_LIFETIME_SECONDS: Final = 900

_INTRODUCTION_SECONDS: Final = 21_600
"""After which devices and zone are read again: parts come, and summer time goes."""

STALE_SECONDS: Final = 1_200
"""A plant that was silent for longer is away (facts/cloud-api.md section 9)."""

_UNSET: Final = object()

_MEASURED: Final = re.compile(
    r"(^|_)(eq|power|soc|time|total|icon|flows|in|out|v|capacitor|reduction|tree|is|num|date)(_|$)"
)
"""Names of fields that are fit for diagnostics (facts/cloud-api.md 5.4 and 5.6)."""

_NEVER: Final = float("-inf")

_PHASES: Final = {3: frozenset({Feature.PHASE_2, Feature.PHASE_3})}

_POINTS_WITH_ICON: Final[Mapping[Indicator, str]] = {
    Indicator.GRID: "grid",
    Indicator.BATTERY: "bms",
    Indicator.GENERATOR: "gen",
    Indicator.AC_PV: "pvi",
}
"""Measuring points that a plant may lack; asked for, they would be answered in zeros."""

_FITTED: Final[Mapping[str, Feature]] = {
    "bms": Feature.BATTERY,
    "grid": Feature.GRID_METER,
    "gen": Feature.GENERATOR,
    "pvi": Feature.AC_PV,
}


class CloudLink:
    """One plant over the cloud. One poll at a time; the caller keeps the pace."""

    name: Final = LinkName.CLOUD

    def __init__(self, plant: CloudPlant, *, poll_seconds: int = POLL_SECONDS) -> None:
        """Take a plant of an account; nothing is asked yet."""
        self.plant = plant
        self.poll_seconds = max(POLL_SECONDS, min(SLOWEST_SECONDS, poll_seconds))
        self.guard = Guard()
        self._transport = plant.client.transport
        self.clock: Callable[[], float] = self._transport.clock
        self._rejected = 0
        self._data = CloudData()
        self._devices: list[Device] = []
        self._asked: dict[Source, float] = {}
        self._answered: dict[Source, float] = {}
        self._uploaded: object = None
        """What time the plant told last, as it came."""
        self._moved_at = _NEVER
        """When that time was seen to move on, by our clock."""
        self._introduced_at = _NEVER
        self._values: dict[str, Value] = {}

    @property
    def statistics(self) -> LinkStatistics:
        """What happened on the account's connection, and with this plant's values."""
        told = asdict(self._transport.statistics)
        return LinkStatistics(**{**told, "rejected": self._rejected})

    @property
    def served(self) -> frozenset[str]:
        """Keys of all readings that this link can serve."""
        return frozenset(ROWS)

    @property
    def features(self) -> frozenset[Feature]:
        """Parts that the latest answers show to be fitted."""
        data = self._data
        found = {part for icon, part in _FITTED.items() if data.has(icon)}
        inputs = whole(data.of(Indicator.PV).told.get("pv_total")) or 0
        found |= set(STRINGS[: max(0, inputs)])
        phases = whole(data.of(Indicator.INVERTER).told.get("phase_type"))
        return frozenset(found | _PHASES.get(phases or 1, frozenset()))

    # ---- who is there ----

    @property
    def dtu_serial(self) -> str | None:
        """The DTU that the plant had when its devices were read last."""
        return next((one.dtu_serial for one in self._devices if one.dtu_serial), None)

    async def identify(self, *, patient: bool = False) -> PlantIdentity:
        """Read which devices the plant has and what is fitted.

        Raises ``LinkError`` with a verdict. ``patient`` changes nothing: a read is tried
        again anyhow.
        """
        try:
            await self._introduce()
            await self._follow(Told.LIVE)
        except CloudError as err:
            raise CloudLinkError(err) from err
        for point in (Indicator.INVERTER, Indicator.PV):
            # An account may see the plant and not these: they only tell more.
            with suppress(CloudError):
                await self._follow(point)
        inverter = _first(self._devices, DeviceKind.INVERTER)
        identity = PlantIdentity(
            model=(inverter.model if inverter else "") or None,
            serial=self.dtu_serial,
            features=self.features,
            firmware=_firmware(self._devices),
        )
        if rated := identity.rated_power:
            self.guard.rated_power = rated * self._data.inverters
        return identity

    async def _introduce(self) -> None:
        """Learn the plant's devices and its zone, which every answer's age needs."""
        devices = await self.plant.devices()
        if not any(one.kind == DeviceKind.INVERTER for one in devices):
            raise LinkError(Verdict.NOT_INSTAGEN)
        await self.plant.detail()
        self._devices = devices
        inverters = [one for one in devices if one.kind == DeviceKind.INVERTER]
        self._data.inverters = len(inverters)
        capacities = [one.capacity for one in devices if one.capacity is not None]
        self._data.capacity = sum(capacities) if capacities else None
        self._introduced_at = self.clock()

    # ---- a poll ----

    async def poll(
        self, keys: AbstractSet[str], *, slow: bool
    ) -> AsyncGenerator[Answer]:
        """Ask for what is wanted and due; yield after each answer.

        Raises ``LinkError`` when the cloud did not answer, or the plant has not told it
        anything for too long.
        """
        wanted = frozenset(key for key in keys & self.served if slow or _is_fast(key))
        try:
            if self.clock() - self._introduced_at >= _INTRODUCTION_SECONDS:
                await self._introduce()
            fresh = await self._follow(Told.LIVE)
        except CloudError as err:
            raise CloudLinkError(err) from err
        if not (fresh and await self._is_alive()):
            raise CloudLinkError(CloudError(Trouble.STALE))
        yield self._answer(Told.LIVE, wanted, fresh=True)
        for source in _sources(wanted):
            yield await self._next(source, wanted)

    async def _next(self, source: Source, wanted: frozenset[str]) -> Answer:
        """Ask one source if it is due; what it refuses is silent, not the plant."""
        icon = _POINTS_WITH_ICON.get(source) if isinstance(source, Indicator) else None
        if icon and not self._data.has(icon):
            return self._answer(source, wanted, fresh=True)
        try:
            fresh = await self._follow(source)
        except CloudError as err:
            if err.trouble in ACCOUNT:
                raise CloudLinkError(err) from err
            self._forget_old(source)
            return Answer(silent=_keys_of(source, wanted))
        return self._answer(source, wanted, fresh=fresh)

    async def _follow(self, source: Source) -> bool:
        """Ask a source when it is due; return whether its answer is still good."""
        due = self._asked.get(source, _NEVER) + _patience(source)
        if self.clock() >= due:
            try:
                await self._ask(source)
            except CloudError as err:
                if err.trouble is not Trouble.THROTTLED:
                    raise
        if source not in self._answered:
            raise CloudError(Trouble.THROTTLED)
        return self.clock() - self._answered[source] < STALE_SECONDS

    async def _ask(self, source: Source) -> None:
        self._asked[source] = self.clock()
        if source is Told.LIVE:
            self._data.live = await self.plant.live()
            self._note_upload(self._data.live.get("data_time"))
        elif source is Told.LIFETIME:
            self._data.lifetime = await self.plant.lifetime()
        else:
            told = await self.plant.indicators(source, self._devices)
            self._data.indicators[source] = told
        self._answered[source] = self.clock()

    def _forget_old(self, source: Source) -> None:
        """Forget an answer that nobody has confirmed for too long."""
        if self.clock() - self._answered.get(source, _NEVER) < STALE_SECONDS:
            return
        if isinstance(source, Indicator):
            self._data.indicators[source] = Indicators()

    # ---- how old it is ----

    def _note_upload(self, told: object) -> None:
        """See whether the plant uploads; what moved while nobody looked proves nothing."""
        looked = self.clock() - self._answered.get(Told.LIVE, _NEVER) < STALE_SECONDS
        if looked and told != self._uploaded:
            self._moved_at = self.clock()
        self._uploaded = told

    async def _is_alive(self) -> bool:
        """Return whether the plant told the cloud something not long ago.

        By its own time of the last upload and the cloud's clock, so that ours may be
        wrong. A plant whose clock is wrong is alive while its time moves on.
        """
        if self.clock() - self._moved_at < STALE_SECONDS:
            return True
        at = moment(self._uploaded, await self.plant.zone())
        if at is None:
            return False
        return abs((self._transport.now() - at).total_seconds()) < STALE_SECONDS

    # ---- what it means ----

    def _answer(self, source: Source, wanted: frozenset[str], *, fresh: bool) -> Answer:
        """Return what is news among the wanted readings of a source."""
        keys = _keys_of(source, wanted)
        if not fresh:
            return Answer(silent=keys)
        values: dict[str, Value] = {}
        for key in sorted(keys):
            told, value = self._judge(key)
            if told and self._values.get(key, _UNSET) != value:
                self._values[key] = values[key] = value
        return Answer(values=values, served=keys)

    def _judge(self, key: str) -> tuple[bool, Value]:
        """Return whether a reading has something to tell, and what."""
        row = ROWS[key]
        value = row.make(self._data)
        judgement = self.guard.judge(row.reading, value, self.clock(), last=True)
        if judgement is Judgement.ACCEPT:
            return True, value
        self._rejected += 1
        return judgement is Judgement.REFUSE, None

    # ---- what outlives it ----

    def forget_told(self) -> None:
        """Tell everything anew with the next poll, not only what changed."""
        self._values.clear()

    def snapshot(self) -> dict[str, Any]:
        """Return what must survive a restart: nothing, the cloud keeps its counters."""
        return {}

    def restore(self, stored: Mapping[str, Any], *, age: float) -> None:
        """Take over what ``snapshot`` returned, which is nothing."""

    async def close(self) -> None:
        """End nothing: the session is Home Assistant's."""

    def diagnostics(self) -> dict[str, object]:
        """Return the latest answers without serials and names, and what happened."""
        now = self.clock()
        return {
            "link": self.name,
            "brand": self.plant.client.brand.slug,
            "statistics": asdict(self.statistics),
            "poll_seconds": self.poll_seconds,
            "uploaded": str(self._uploaded),
            "devices": [
                {"kind": one.kind, "model": one.model, "software": one.software}
                for one in self._devices
            ],
            "ages": {
                _label(source): round(now - at, 1)
                for source, at in self._answered.items()
            },
            "live": _measured(self._data.live),
            "lifetime": _measured(self._data.lifetime),
            "indicators": {
                point.name.lower(): told.report()
                for point, told in self._data.indicators.items()
            },
        }


def _measured(told: object) -> object:
    """Return what was measured; what else a brand tells may be somebody's name."""
    if isinstance(told, Mapping):
        return {
            name: _measured(value)
            for name, value in told.items()
            if isinstance(value, Mapping) or _MEASURED.search(str(name))
        }
    if isinstance(told, list):
        return [_measured(one) for one in told]
    known = told is None or number(told) is not None or moment(told, UTC) is not None
    return told if known else "-"


def _is_fast(key: str) -> bool:
    return READINGS[key].pace is Pace.FAST


def _patience(source: Source) -> float:
    """Return after how many seconds a source may be asked again."""
    if source is Told.LIVE:
        return _LEAST_SECONDS
    return _LIFETIME_SECONDS if source is Told.LIFETIME else _POINT_SECONDS


def _keys_of(source: Source, wanted: frozenset[str]) -> frozenset[str]:
    return frozenset(key for key in wanted if ROWS[key].told is source)


def _sources(wanted: frozenset[str]) -> list[Source]:
    """Return what has to be asked besides the live data, always in one order."""
    needed = {ROWS[key].told for key in wanted} - {Told.LIVE}
    return [source for source in (Told.LIFETIME, *Indicator) if source in needed]


def _label(source: Source) -> str:
    return source.value if isinstance(source, Told) else source.name.lower()


def _first(devices: list[Device], kind: DeviceKind) -> Device | None:
    return next((one for one in devices if one.kind == kind), None)


def _firmware(devices: list[Device]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part, kind in (
        ("main", DeviceKind.INVERTER),
        ("battery", DeviceKind.BATTERY),
        ("stick", DeviceKind.DTU),
    ):
        device = _first(devices, kind)
        if device is not None and device.software:
            found[part] = device.software
        if device is not None and kind is DeviceKind.DTU and device.hardware:
            found["stick_hardware"] = device.hardware
    return found
