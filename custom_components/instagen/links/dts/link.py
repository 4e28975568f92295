"""Reading a plant over its stick's own protocol.

One request per inverter brings everything there is, so a poll is that and nothing more.
"""

from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Mapping,
    Set as AbstractSet,
)
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any, Final

from ...dts_messages import instagen_dts_pb2 as pb
from ...plant.guard import Guard, Judgement
from ...plant.identity import Feature, PlantIdentity
from ...plant.readings import READINGS, Pace, Value
from ...plant.states import LinkName
from ...plant.totals import DayTotals, Moment
from .. import Answer, LinkError, LinkStatistics, Verdict
from .cloud import CloudWatch
from .contact import DtsContact
from .errors import (
    ConnectionFailedError,
    DtsError,
    EncryptedError,
    NoAnswerError,
    NotSupportedError,
    verdict_of,
)
from .identify import features_of, identity_of
from .plant import BatterySign, PlantData, inverters_of
from .report import report
from .rows import ROWS, TOTALS, Row
from .session import DtsSession, local_now
from .settings import DtsSettings
from .stream import Connect, DtsStream, Timing
from .user_settings import UserSettings

POLL_SECONDS: Final = 30
"""Sticks that are asked more often were seen to starve the vendor's cloud
(facts/local-protocol.md section 5)."""

_MOST_INVERTERS: Final = 10
"""More than this in a registry is nonsense, and each costs a request."""

CLOUD_CONNECTED: Final = "cloud_connected"
"""The one reading that is no part of the storage data."""

_UNSET: Final = object()


class DtsLink:
    """One plant over its stick. One poll at a time; the caller keeps the pace.

    A doubtful value is not asked for again at once, as the Modbus link does: that would
    be another request to a stick whose cloud must not starve. The next poll is the
    second look, and until it agrees the old value stays. So a flag that turns is shown
    one poll later, which is what a guarded flag costs at this pace.
    """

    name: Final = LinkName.DTS

    def __init__(
        self,
        connect: Connect,
        *,
        serial: str | None = None,
        now: Callable[[], datetime] = local_now,
        clock: Callable[[], float] = monotonic,
        timing: Timing | None = None,
    ) -> None:
        """Take a way to connect; nothing is opened yet.

        ``serial`` is the stick that must answer. ``now`` tells the plant's local time,
        ``clock`` counts seconds and never goes back.
        """
        self.guard = Guard()
        self.statistics = LinkStatistics()
        self.clock = clock
        self.poll_seconds = POLL_SECONDS
        self.totals = DayTotals()
        self.session = DtsSession(
            DtsStream(connect, statistics=self.statistics, timing=timing),
            serial=int(serial, 16) if serial else 0,
            now=now,
        )
        messages = UserSettings(
            self.session, lambda: self.inverter_serials, clock=clock
        )
        self.settings: Final = DtsSettings(messages)
        """The road for changes of the battery mode."""
        self.contact: Final = DtsContact(messages)
        """The road for changes of the dry contact."""
        self._cloud = CloudWatch(self.session, clock)
        self._rows: Mapping[str, Row] = ROWS
        self._registry = pb.RegistryAnswer()
        self._gateway = pb.GatewayInformationAnswer()
        self._introduced = False
        self._sign = BatterySign()
        self._answers: dict[int, pb.StorageDataAnswer] = {}
        self._read_at: dict[int, float] = {}
        """By the inverter's place, the master's being 0."""
        self._unused = False
        self._values: dict[str, Value] = {}

    @property
    def served(self) -> frozenset[str]:
        """Keys of all readings that this link can serve."""
        totals = {key for key, today in TOTALS.items() if today in self._rows}
        return frozenset(self._rows) | totals | {CLOUD_CONNECTED}

    @property
    def inverter_serials(self) -> tuple[int, ...]:
        """The inverters of the plant, the master first; empty until it was asked."""
        return tuple(one.serial for one in inverters_of(self._registry))

    @property
    def features(self) -> frozenset[Feature]:
        """Parts that the latest answers show to be fitted."""
        return features_of(self._data()) if 0 in self._answers else frozenset()

    # ---- who is there ----

    async def identify(self, *, patient: bool = False) -> PlantIdentity:
        """Read who answers and what is fitted.

        Raises ``LinkError`` with a verdict when nobody does, or something else does.
        ``patient`` allows one more try for each read, for a plant that is known.
        """
        ask = _twice if patient else _once
        try:
            self._gateway = await ask(self.session.gateway_information)
            self._registry = await ask(self._ask_registry)
            self._introduced = True
            self._answers.clear()
            for place, inverter in enumerate(inverters_of(self._registry)):
                await ask(partial(self._read, place, inverter))
        except NotSupportedError as err:
            raise LinkError(Verdict.NOT_INSTAGEN) from err
        except DtsError as err:
            raise LinkError(verdict_of(err)) from err
        data = self._data()
        identity = identity_of(self._gateway, data)
        self._adapt(identity, data)
        self._unused = True
        return identity

    async def _ask_registry(self) -> pb.RegistryAnswer:
        """Ask what is fitted; a stick of microinverters has no answer to that.

        Raises ``NotSupportedError`` for silence twice, with an answer to another
        question between: one answer may always get lost.
        """
        try:
            registry = await self.session.registry()
        except NoAnswerError:
            await self.session.gateway_information()
            try:
                registry = await self.session.registry()
            except NoAnswerError as err:
                raise NotSupportedError("registry") from err
        if not 0 < len(inverters_of(registry)) <= _MOST_INVERTERS:
            raise LinkError(Verdict.NOT_INSTAGEN)
        return registry

    def _adapt(self, identity: PlantIdentity, data: PlantData) -> None:
        """Fit limits and rows to the plant that answered."""
        if rated := identity.rated_power:
            self.guard.rated_power = rated * len(inverters_of(self._registry))
        cutoffs = [one.charge_cutoff_voltage for one in data.batteries]
        self.guard.set_pack_cutoff(cutoffs[0] / 10 if cutoffs else None)
        newer = data.master.inverter.state.HasField("inverter_temperature")
        left_out = set() if newer else {"inverter_temperature"}
        self._rows = {key: row for key, row in ROWS.items() if key not in left_out}

    async def clock_ahead(self) -> timedelta | None:
        """Ask by how much the stick's clock is ahead of ours; None where nobody tells.

        It answers with its own time, not with the one that it was asked with (recorded:
        facts/captures hys46-gateway-info). The time zone of its wall is in no message.
        """
        try:
            answer = await self.session.gateway_information()
        except DtsError:
            return None
        if not answer.time:
            return None
        return datetime.fromtimestamp(answer.time, UTC) - self.session.now()

    # ---- a poll ----

    async def poll(
        self, keys: AbstractSet[str], *, slow: bool
    ) -> AsyncGenerator[Answer]:
        """Read every inverter once and hand on what changed.

        Raises ``LinkError`` when nothing answered at all.
        """
        readings = keys & (self.served - {CLOUD_CONNECTED})
        wanted = frozenset(key for key in readings if slow or _is_fast(key))
        if not self._take_unused():
            await self._read_all()
        whole = len(self._answers) == len(inverters_of(self._registry))
        served = frozenset(
            key for key in wanted if whole or not self._row_of(key).needs_all
        )
        led = 0 in self._answers
        served = served if led else frozenset()
        yield Answer(
            values=self._evaluate(served, whole=whole) if led else {},
            served=served,
            silent=wanted - served,
        )
        if slow and CLOUD_CONNECTED in keys:
            reached = {CLOUD_CONNECTED: await self._cloud.look()}
            news = {k: v for k, v in reached.items() if self._note(k, v, keys)}
            yield Answer(values=news, served=frozenset(reached))

    def _take_unused(self) -> bool:
        """Return whether what ``identify`` read is unread and fresh enough."""
        unused, self._unused = self._unused, False
        age = self.clock() - self._read_at.get(0, float("-inf"))
        return unused and age < self.poll_seconds

    async def _read_all(self) -> None:
        """Ask every inverter; raise ``LinkError`` when none answered."""
        self._answers.clear()
        try:
            await self._introduce()
        except DtsError as err:
            raise LinkError(verdict_of(err)) from err
        error: DtsError | None = None
        for place, inverter in enumerate(inverters_of(self._registry)):
            try:
                await self._read(place, inverter)
            except NoAnswerError as err:
                error = err
            except DtsError as err:
                error = err
                break
        if error is not None:
            self._introduced = False
            if not self._answers:
                raise LinkError(verdict_of(error)) from error

    async def _introduce(self) -> None:
        """Ask who is there before anything else, once and after each trouble.

        A stick that restarted wants it, and behind an address that was given away may be
        another stick now, or one whose new firmware encrypts.
        """
        if not self._introduced:
            self._gateway = await self.session.gateway_information()
            self._introduced = True

    async def _read(self, place: int, inverter: pb.Inverter) -> None:
        answer = await self.session.storage_data(inverter)
        self._answers[place] = answer
        self._read_at[place] = self.clock()
        self._sign.learn(answer)

    def _data(self) -> PlantData:
        answers = [answer for _, answer in sorted(self._answers.items())]
        return PlantData(self._registry, answers, self._sign.sign)

    # ---- what it means ----

    def _row_of(self, key: str) -> Row:
        return self._rows[TOTALS.get(key, key)]

    def _evaluate(self, keys: frozenset[str], *, whole: bool) -> dict[str, Value]:
        """Turn answers into readings and return those that changed.

        Counters behind totals are followed whoever wants them: a day that was not
        looked at would be missing for good.
        """
        data = self._data()
        counters = frozenset(TOTALS.values()) & self._rows.keys()
        if not whole:
            counters = frozenset(
                key for key in counters if not self._rows[key].needs_all
            )
        shown = {}
        for key in sorted((keys - TOTALS.keys()) | counters):
            told, value = self._judge(self._rows[key], data)
            if told:
                shown[key] = value
        self._add_up(shown, data.master)
        for key in keys & TOTALS.keys():
            shown[key] = self.totals.get(TOTALS[key])
        return {
            key: value for key, value in shown.items() if self._note(key, value, keys)
        }

    def _judge(self, row: Row, data: PlantData) -> tuple[bool, Value]:
        """Return whether a reading has something to tell, and what."""
        value = row.make(data)
        judgement = self.guard.judge(row.reading, value, self.clock(), last=True)
        if judgement is Judgement.ACCEPT:
            return True, value
        self.statistics.rejected += 1
        return judgement is Judgement.REFUSE, None

    def _add_up(self, shown: Mapping[str, Value], master: pb.StorageDataAnswer) -> None:
        at = Moment(self.session.now().timestamp(), float(master.time))
        for today in TOTALS.values():
            value = shown.get(today)
            if isinstance(value, int | float):
                self.totals.update(today, value, at)

    def _note(self, key: str, value: Value, keys: AbstractSet[str]) -> bool:
        """Remember a wanted value; return whether it is news."""
        if key not in keys or self._values.get(key, _UNSET) == value:
            return False
        self._values[key] = value
        return True

    # ---- what outlives it ----

    def forget_told(self) -> None:
        """Tell everything anew with the next poll, not only what changed."""
        self._values.clear()

    def snapshot(self) -> dict[str, Any]:
        """Return what must survive a restart, as plain data without serials."""
        return {"totals": self.totals.snapshot()}

    def restore(self, stored: Mapping[str, Any], *, age: float) -> None:
        """Take over what ``snapshot`` returned ``age`` seconds ago.

        The guard learns the counters, too: a spike in the first answer would else enter
        the totals for good.
        """
        self.totals = DayTotals.restore(stored.get("totals"))
        now = self.session.now().timestamp()
        for key in TOTALS.values():
            if (last := self.totals.today(key)) is not None:
                value, told_at = last
                self.guard.seed(key, value, self.clock() - max(now - told_at, age))

    async def close(self) -> None:
        """End the connection and every request on it."""
        await self.session.stream.close()

    def diagnostics(self) -> dict[str, object]:
        """Return the latest answers without serials and names, and what happened."""
        now = self.clock()
        return {
            "link": self.name,
            "statistics": asdict(self.statistics),
            "poll_seconds": self.poll_seconds,
            "battery_sign": {"sign": self._sign.sign, "proven": self._sign.proven},
            "gateway": report(self._gateway),
            "registry": report(self._registry),
            "answers": [
                {"age": round(now - self._read_at[place], 1), "data": report(answer)}
                for place, answer in sorted(self._answers.items())
            ],
        }


async def _once[ResultT](ask: Callable[[], Awaitable[ResultT]]) -> ResultT:
    return await ask()


async def _twice[ResultT](ask: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Ask, and once more when a stick that is there did not answer well."""
    try:
        return await ask()
    except ConnectionFailedError, EncryptedError:
        raise
    except DtsError:
        return await ask()


def _is_fast(key: str) -> bool:
    return READINGS[key].pace is Pace.FAST
