"""Reading a plant over Modbus TCP, or RTU behind a TCP gateway.

The link takes a unit and opens nothing. It sends the fewest reads that bring what is
wanted, compares the payload before it decodes anything, asks once more when something
looks absurd, and hands on what changed after each answer.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Set as AbstractSet
from dataclasses import asdict, dataclass
from itertools import chain
from operator import itemgetter
from time import monotonic
from typing import Any, Final, NamedTuple

from modbus_connection import (
    ModbusError,
    ModbusExceptionError,
    ModbusTimeoutError,
    ModbusUnit,
)
from modbus_connection.model import RegisterField

from ...plant.guard import COUNTERS, Guard, Judgement
from ...plant.identity import Feature, PlantIdentity
from ...plant.readings import READINGS, Kind, Pace, Reading, Value
from ...plant.states import LinkName
from .. import Answer, LinkError, LinkStatistics, Verdict
from .components import Battery
from .errors import GarbledAnswerError, verdict_of
from .fetch import check_shape, fetch
from .identify import IDENTITY_BLOCKS, features_of, identity_of, is_plant
from .plan import Block, Source, blocks_of
from .rows import ROWS, Row
from .settings import ModbusSettings

MESSAGE_SPACING: Final = 0.15
"""Seconds of silence between requests (facts/local-protocol.md 4.3)."""

REQUEST_TIMEOUT: Final = 4.0
"""Seconds; the facts ask for 3 to 5."""

POLL_SECONDS: Final = 10
"""The tested default of the field (facts/local-protocol.md 4.3)."""

_HOPELESS: Final = frozenset({Verdict.HOST_DOWN, Verdict.PORT_CLOSED})
_ABSURD_VALUES: Final = 3
"""More impossible values than this in one answer, and it answers another question."""

_TELLING_WORDS: Final = 9
"""Two blocks that agree in so many words by chance were never seen."""

_UNSET: Final = object()


class _Watched(NamedTuple):
    """A row as seen from one of its blocks; there are many, and each poll goes by all."""

    key: str
    row: Row
    counts: bool
    """Whether it is a counter."""

    pick: Callable[[list[int]], object]
    """Picks the row's own words out of the block's."""

    read: Callable[[list[int]], Value] | None
    """Makes the reading of the block's words; None if it needs other blocks, too."""


@dataclass
class _Watch:
    """The readings of one pace in one block, and the words they were last made of."""

    pace: Pace
    rows: tuple[_Watched, ...]
    seen: list[int] | None = None


class _News(NamedTuple):
    """What moved in a block."""

    shown: dict[str, Value]
    unusual: list[Reading]
    """Those whose value has to be judged."""

    risen: list[str]
    """Counters that rose as expected."""


@dataclass(frozen=True)
class _Step:
    """One read of a poll and what it brings."""

    block: Block
    watches: tuple[_Watch, ...]
    keys: frozenset[str]


class ModbusLink:
    """One plant over Modbus. One poll at a time; the caller keeps the pace."""

    name: Final = LinkName.MODBUS

    def __init__(
        self, unit: ModbusUnit, *, clock: Callable[[], float] = monotonic
    ) -> None:
        """Take a unit; ``clock`` counts seconds and never goes back."""
        unit.set_message_spacing(MESSAGE_SPACING)
        unit.require_timeout(REQUEST_TIMEOUT)
        self.guard = Guard()
        self.statistics = LinkStatistics()
        self.poll_seconds = POLL_SECONDS
        self.settings: Final = ModbusSettings(unit, statistics=self.statistics)
        """The road for changes: on the same unit, so with the same pauses."""
        self._unit = unit
        self.clock = clock
        self._rows = {key: rows[0] for key, rows in ROWS.items()}
        self._planned: frozenset[str] = frozenset()
        self._plans: Mapping[bool, tuple[_Step, ...]] = {}
        self._words: dict[Block, list[int]] = {}
        self._read_at: dict[Block, float] = {}
        self._unused: set[Block] = set()
        self._values: dict[str, Value] = {}

    @property
    def served(self) -> frozenset[str]:
        """Keys of all readings that this link can serve."""
        return frozenset(self._rows)

    @property
    def features(self) -> frozenset[Feature]:
        """Parts that the latest answers show to be fitted."""
        return features_of(self._words)

    async def identify(self, *, patient: bool = False) -> PlantIdentity:
        """Read who answers and what is fitted; a stranger is not asked twice.

        ``patient`` allows one more try for each read, for a plant that is known.
        Raises ``LinkError`` with a verdict when nobody does, or something else does.
        """
        for block in IDENTITY_BLOCKS:
            try:
                await (self._read_patiently if patient else self._read)(block)
            except ModbusExceptionError:
                continue  # judged below by what is missing
            except ModbusError as err:
                raise self._failure(err) from err
        identity = identity_of(self._words)
        if identity.model is None:
            raise LinkError(Verdict.NOT_INSTAGEN)
        if IDENTITY_BLOCKS[1] not in self._words:
            raise LinkError(Verdict.FIRMWARE_TOO_OLD)
        if not is_plant(self._words):
            raise LinkError(Verdict.NOT_INSTAGEN)
        self._unused = set(self._words)
        self._adapt(identity)
        return identity

    def _adapt(self, identity: PlantIdentity) -> None:
        """Fit limits and sources to the plant that answered."""
        self.guard.rated_power = identity.rated_power or self.guard.rated_power
        self.guard.set_pack_cutoff(self._value(Battery.charge_cutoff_voltage))
        self._rows = {key: self._best_row(rows) for key, rows in ROWS.items()}

    def _best_row(self, rows: tuple[Row, ...]) -> Row:
        """Choose the first row with data, else one that may have some, else the first."""
        unread: Row | None = None
        for row in rows:
            if any(source.block not in self._words for source in row.sources):
                unread = unread or row
            elif self._make(row) is not None:
                return row
        return unread or rows[0]

    def _value(self, field: RegisterField[float]) -> float | None:
        source = Source.of(field)
        words = self._words.get(source.block)
        return None if words is None else source.decode(words)

    async def poll(
        self, keys: AbstractSet[str], *, slow: bool
    ) -> AsyncGenerator[Answer]:
        """Read what the wanted readings need; yield after each request.

        A fast poll reads the power flow only. Raises ``LinkError`` when nothing
        answered at all.
        """
        plan = self._plan(frozenset(keys & self._rows.keys()), slow=slow)
        answered: set[Block] = set()
        failed: set[Block] = set()
        error: ModbusError | None = None
        for step in plan:
            try:
                yield await self._refresh(step, patient=not failed)
            except ModbusError as err:
                error = err
                failed.add(step.block)
                if not answered and not isinstance(err, ModbusExceptionError):
                    break
                yield Answer(silent=step.keys)
            else:
                answered.add(step.block)
        if error is not None and not answered:
            await self._recycle(error)
            raise self._failure(error) from error

    async def _recycle(self, error: ModbusError) -> None:
        """Drop a link that stands but does not answer; the next poll opens a new one."""
        if isinstance(error, ModbusTimeoutError) and self._unit.connected:
            await self._unit.disconnect()

    def _failure(self, error: ModbusError) -> LinkError:
        return LinkError(verdict_of(error, connected=self._unit.connected))

    async def _refresh(self, step: _Step, *, patient: bool) -> Answer:
        """Read a block, with one more try if ``patient``, and turn news into readings."""
        block = step.block
        if block in self._unused:
            self._unused.discard(block)
        else:
            await (self._read_patiently if patient else self._read)(block)
        doubts, changes = self._evaluate(step, last=False)
        if doubts:
            self.statistics.rereads += 1
            await self._read(block)
            doubts, more = self._evaluate(step, last=True)
            self.statistics.rejected += doubts
            changes |= more
        return Answer(values=changes, served=step.keys)

    async def _read_patiently(self, block: Block) -> None:
        """Read a block with one more try: a stick that is late once is not gone."""
        try:
            await self._read(block)
        except ModbusError as err:
            if not self._worth_a_retry(err):
                raise
            await self._read(block)

    def _worth_a_retry(self, error: ModbusError) -> bool:
        if isinstance(error, ModbusExceptionError):
            return False
        return verdict_of(error, connected=self._unit.connected) not in _HOPELESS

    async def _read(self, block: Block) -> None:
        """Read a block's words; raise ``ModbusError`` when they cannot be its own."""
        words = await fetch(self._unit, block, self.statistics, self._check)
        self._words[block] = words
        self._read_at[block] = self.clock()

    def _check(self, block: Block, words: list[int]) -> None:
        """Raise ``GarbledAnswerError`` for what a crowded stick is known to answer."""
        if words == self._words.get(block):
            return
        check_shape(block, words)
        if self._is_of_another(block, words):
            raise GarbledAnswerError("another block's words")

    def _is_of_another(self, block: Block, words: list[int]) -> bool:
        """Return whether an answer only repeats what another block told last."""
        head = words[:_TELLING_WORDS]
        for other, told in self._words.items():
            if other is block or told[:_TELLING_WORDS] != head:
                continue
            shared = min(other.count, block.count)
            if shared >= _TELLING_WORDS and any(words[:shared]):
                return words[:shared] == told[:shared]
        return False

    def _evaluate(self, step: _Step, *, last: bool) -> tuple[int, dict[str, Value]]:
        """Decode what changed in a block; return how much is doubtful, and the rest."""
        words = self._words[step.block]
        doubts = 0
        changes: dict[str, Value] = {}
        for watch in step.watches:
            if watch.seen == words:
                continue
            doubtful = self._judge(self._news(watch, words), changes, last=last)
            doubts += doubtful
            watch.seen = None if doubtful else words
        return doubts, changes

    def _news(self, watch: _Watch, words: list[int]) -> _News:
        """Decode the rows whose words in this block moved since they were looked at."""
        seen, expects = watch.seen, self.guard.expects
        shown, unusual, risen = news = _News({}, [], [])
        for key, row, counts, pick, read in watch.rows:
            if seen is not None and pick(words) == pick(seen):
                continue
            if read:
                value = read(words)
            elif all(source.block in self._words for source in row.sources):
                value = self._make(row)
            else:
                continue
            shown[key] = value
            if not expects(key, value):
                unusual.append(row.reading)
            elif counts:
                risen.append(key)
        return news

    def _make(self, row: Row) -> Value:
        return row.make(
            *[source.decode(self._words[source.block]) for source in row.sources]
        )

    def _judge(self, news: _News, changes: dict[str, Value], *, last: bool) -> int:
        """Sort values into believed changes and doubts; return the number of doubts."""
        guard, (shown, unusual, risen) = self.guard, news
        absurd = sum(not guard.possible(one, shown[one.key]) for one in unusual)
        if absurd > _ABSURD_VALUES:
            if last:
                self.statistics.garbled += 1
                raise GarbledAnswerError("impossible values")
            return absurd
        now, doubts = self.clock(), 0
        for reading in unusual:
            judgement = guard.judge(reading, shown[reading.key], now, last=last)
            if judgement is Judgement.ACCEPT:
                continue
            doubts += 1
            if judgement is Judgement.REFUSE:
                shown[reading.key] = None
            else:
                del shown[reading.key]
        guard.follow(shown, risen, now)
        told = self._values
        for key, value in shown.items():
            if told.get(key, _UNSET) != value:
                told[key] = changes[key] = value
        return doubts

    def _plan(self, keys: frozenset[str], *, slow: bool) -> tuple[_Step, ...]:
        if keys != self._planned or not self._plans:
            self._planned = keys
            self._plans = _make_plans([self._rows[key] for key in sorted(keys)])
        return self._plans[slow]

    def forget_told(self) -> None:
        """Tell everything anew with the next poll, not only what changed."""
        self._values.clear()
        self._plans = {}

    def snapshot(self) -> dict[str, Any]:
        """Return the lifetime counters as they were believed last."""
        return {
            "counters": {
                key: value
                for key, value in self._values.items()
                if READINGS[key].kind is Kind.ENERGY_TOTAL and value is not None
            }
        }

    def restore(self, stored: Mapping[str, Any], *, age: float) -> None:
        """Judge the first counters by those of ``age`` seconds ago."""
        for key, value in stored.get("counters", {}).items():
            self.guard.seed(key, value, self.clock() - age)

    async def close(self) -> None:
        """Close nothing: the connection is Home Assistant's, which shares it."""

    def diagnostics(self) -> dict[str, object]:
        """Return raw blocks, their age in seconds and what happened on the link."""
        now = self.clock()
        return {
            "link": self.name,
            "statistics": asdict(self.statistics),
            "blocks": [
                {
                    "space": block.space,
                    "start": block.start,
                    "age": round(now - self._read_at[block], 1),
                    "words": " ".join(f"{word:04X}" for word in words),
                }
                for block, words in sorted(
                    self._words.items(), key=lambda item: (item[0].space, item[0].start)
                )
            ],
        }


def _make_plans(rows: list[Row]) -> Mapping[bool, tuple[_Step, ...]]:
    """Plan the fast and, by True, the slow poll. What one has seen, both have.

    A fast poll does not look at slow readings, so it hides none of their news.
    """
    fast, slow = [], []
    for block in blocks_of(source for row in rows for source in row.sources):
        watches = [_watch(block, pace, rows) for pace in Pace]
        slow.append(_step(block, watches))
        fast.append(_step(block, [w for w in watches if w.pace is Pace.FAST]))
    return {False: tuple(step for step in fast if step.keys), True: tuple(slow)}


def _step(block: Block, watches: list[_Watch]) -> _Step:
    keys = frozenset(watched.key for watch in watches for watched in watch.rows)
    return _Step(block, tuple(watch for watch in watches if watch.rows), keys)


def _watch(block: Block, pace: Pace, rows: list[Row]) -> _Watch:
    watched = []
    for row in rows:
        here = [source.places for source in row.sources if source.block == block]
        if here and row.reading.pace is pace:
            pick = itemgetter(*chain.from_iterable(here))
            read = row.reader() if len(here) == len(row.sources) else None
            reading = row.reading
            counts = reading.kind in COUNTERS
            watched.append(_Watched(reading.key, row, counts, pick, read))
    return _Watch(pace, tuple(watched))
