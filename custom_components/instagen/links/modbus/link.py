"""Reading a plant over Modbus TCP, or RTU behind a TCP gateway.

The link takes a unit and opens nothing. It sends the fewest reads that bring what is
wanted, compares the payload before it decodes anything, asks once more when something
looks absurd, and hands on what changed after each answer.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Set as AbstractSet
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Final

from modbus_connection import (
    ModbusError,
    ModbusExceptionError,
    ModbusTimeoutError,
    ModbusUnit,
)
from modbus_connection.model import RegisterField

from ...plant.guard import Guard, Judgement
from ...plant.identity import Feature, PlantIdentity
from ...plant.readings import Pace, Value
from ...plant.states import LinkName
from .. import Answer, LinkError, Verdict
from .components import Battery
from .errors import GarbledAnswerError, verdict_of
from .identify import IDENTITY_BLOCKS, features_of, identity_of, is_plant
from .plan import Block, Source, blocks_of
from .rows import ROWS, Row

MESSAGE_SPACING: Final = 0.15
"""Seconds of silence between requests (facts/local-protocol.md 4.3)."""

REQUEST_TIMEOUT: Final = 4.0
"""Seconds; the facts ask for 3 to 5."""

_HOPELESS: Final = frozenset({Verdict.HOST_DOWN, Verdict.PORT_CLOSED})
_ABSURD_VALUES: Final = 3
"""More impossible values than this in one answer, and it answers another question."""

_TELLING_WORDS: Final = 9
"""Two blocks that agree in so many words by chance were never seen."""

_UNSET: Final = object()


@dataclass
class Statistics:
    """What happened on the link since it was opened; for diagnostics and repairs."""

    requests: int = 0
    answers: int = 0
    timeouts: int = 0
    refused: int = 0
    garbled: int = 0
    lost: int = 0
    rereads: int = 0
    rejected: int = 0

    def count(self, error: ModbusError) -> None:
        """Count a failed request by its kind."""
        if isinstance(error, ModbusTimeoutError):
            self.timeouts += 1
        elif isinstance(error, ModbusExceptionError):
            self.refused += 1
        elif verdict_of(error, connected=True) is Verdict.BUSY:
            self.garbled += 1
        else:
            self.lost += 1


@dataclass(frozen=True)
class _Plan:
    """The reads of one kind of poll, and the rows each of them can change."""

    blocks: tuple[Block, ...]
    rows: Mapping[Block, Mapping[Pace, tuple[tuple[Row, tuple[Source, ...]], ...]]]
    keys: Mapping[Block, frozenset[str]]


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
        self.statistics = Statistics()
        self._unit = unit
        self.clock = clock
        self._rows = {key: rows[0] for key, rows in ROWS.items()}
        self._planned: frozenset[str] = frozenset()
        self._plans: dict[bool, _Plan] = {}
        self._words: dict[Block, list[int]] = {}
        self._read_at: dict[Block, float] = {}
        self._unused: set[Block] = set()
        self._seen: dict[tuple[Block, Pace], list[int]] = {}
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
        plan = self._plan(frozenset(keys & self._rows.keys()), slow)
        answered: set[Block] = set()
        failed: set[Block] = set()
        error: ModbusError | None = None
        for block in plan.blocks:
            try:
                yield await self._refresh(block, plan, patient=not failed)
            except ModbusError as err:
                error = err
                failed.add(block)
                if not answered and not isinstance(err, ModbusExceptionError):
                    break
                yield Answer(silent=plan.keys[block])
            else:
                answered.add(block)
        if error is not None and not answered:
            await self._recycle(error)
            raise self._failure(error) from error

    async def _recycle(self, error: ModbusError) -> None:
        """Drop a link that stands but does not answer; the next poll opens a new one."""
        if isinstance(error, ModbusTimeoutError) and self._unit.connected:
            await self._unit.disconnect()

    def _failure(self, error: ModbusError) -> LinkError:
        return LinkError(verdict_of(error, connected=self._unit.connected))

    async def _refresh(self, block: Block, plan: _Plan, *, patient: bool) -> Answer:
        """Read a block, with one more try if ``patient``, and turn news into readings."""
        if block in self._unused:
            self._unused.discard(block)
        else:
            await (self._read_patiently if patient else self._read)(block)
        doubts, changes = self._evaluate(block, plan, last=False)
        if doubts:
            self.statistics.rereads += 1
            await self._read(block)
            doubts, more = self._evaluate(block, plan, last=True)
            self.statistics.rejected += doubts
            changes |= more
        return Answer(values=changes, served=plan.keys[block])

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
        self.statistics.requests += 1
        read = (
            self._unit.read_input_registers
            if block.space == "input"
            else self._unit.read_holding_registers
        )
        try:
            words = await read(block.start, block.count)
            _check(block, words)
            if self._is_of_another(block, words):
                raise GarbledAnswerError("another block's words")
        except ModbusError as err:
            self.statistics.count(err)
            raise
        self.statistics.answers += 1
        self._words[block] = words
        self._read_at[block] = self.clock()

    def _is_of_another(self, block: Block, words: list[int]) -> bool:
        """Return whether an answer only repeats what another block told last."""
        return any(words) and any(
            words[: other.count] == told[: block.count]
            for other, told in self._words.items()
            if other != block and min(other.count, block.count) >= _TELLING_WORDS
        )

    def _evaluate(
        self, block: Block, plan: _Plan, *, last: bool
    ) -> tuple[int, dict[str, Value]]:
        """Decode what changed in a block; return how much is doubtful, and the rest."""
        words = self._words[block]
        doubts = 0
        changes: dict[str, Value] = {}
        for pace, rows in plan.rows[block].items():
            if not rows or self._seen.get((block, pace)) == words:
                continue  # a fast poll has not looked at the slow rows of its blocks
            candidates = self._candidates(block, pace, rows)
            doubtful = self._judge(candidates, changes, last=last)
            doubts += doubtful
            if doubtful:
                self._seen.pop((block, pace), None)
            else:
                self._seen[block, pace] = words
        return doubts, changes

    def _candidates(
        self, block: Block, pace: Pace, rows: tuple[tuple[Row, tuple[Source, ...]], ...]
    ) -> list[tuple[Row, Value]]:
        """Decode the rows whose words in this block moved since they were looked at."""
        words, seen = self._words[block], self._seen.get((block, pace))
        found: list[tuple[Row, Value]] = []
        for row, here in rows:
            if seen is not None and all(
                source.slice(words) == source.slice(seen) for source in here
            ):
                continue
            if all(source.block in self._words for source in row.sources):
                found.append((row, self._make(row)))
        return found

    def _make(self, row: Row) -> Value:
        return row.make(
            *(source.decode(self._words[source.block]) for source in row.sources)
        )

    def _judge(
        self,
        candidates: list[tuple[Row, Value]],
        changes: dict[str, Value],
        *,
        last: bool,
    ) -> int:
        """Sort values into believed changes and doubts; return the number of doubts."""
        absurd = sum(
            not self.guard.possible(row.reading, value) for row, value in candidates
        )
        if absurd > _ABSURD_VALUES:
            if last:
                self.statistics.garbled += 1
                raise GarbledAnswerError("impossible values")
            return absurd
        now, doubts = self.clock(), 0
        for row, value in candidates:
            judgement = self.guard.judge(row.reading, value, now, last=last)
            doubts += judgement is not Judgement.ACCEPT
            if judgement is Judgement.DOUBT:
                continue
            shown = value if judgement is Judgement.ACCEPT else None
            if self._values.get(row.reading.key, _UNSET) != shown:
                self._values[row.reading.key] = changes[row.reading.key] = shown
        return doubts

    def _plan(self, keys: frozenset[str], slow: bool) -> _Plan:
        if keys != self._planned:
            self._planned = keys
            self._plans.clear()
            self._seen.clear()
        plan = self._plans.get(slow)
        if plan is None:
            rows = [self._rows[key] for key in sorted(keys)]
            plan = self._plans[slow] = _make_plan(rows, slow=slow)
        return plan

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
                for block, words in sorted(self._words.items())
            ],
        }


def _make_plan(rows: list[Row], *, slow: bool) -> _Plan:
    wanted = [row for row in rows if slow or row.reading.pace is Pace.FAST]
    blocks = blocks_of(source for row in wanted for source in row.sources)
    by_block: dict[Block, dict[Pace, tuple[tuple[Row, tuple[Source, ...]], ...]]] = {}
    for block in blocks:
        here = [
            (row, tuple(source for source in row.sources if source.block == block))
            for row in wanted
        ]
        by_block[block] = {
            pace: tuple(
                (row, sources)
                for row, sources in here
                if sources and row.reading.pace is pace
            )
            for pace in Pace
        }
    return _Plan(
        blocks,
        by_block,
        {
            block: frozenset(
                row.reading.key for rows in paces.values() for row, _ in rows
            )
            for block, paces in by_block.items()
        },
    )


def _check(block: Block, words: list[int]) -> None:
    """Raise ``GarbledAnswerError`` for answers that a crowded stick is known to give."""
    if len(words) != block.count:
        raise GarbledAnswerError("wrong length")
    if block.count < _ABSURD_VALUES:
        return
    if words.count(0xFFFF) * 2 > block.count:
        raise GarbledAnswerError("no data")
    if words[0] and words.count(words[0]) == block.count:
        raise GarbledAnswerError("one word repeated")
