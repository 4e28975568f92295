"""How a plant is reached. Each link turns its wire format into plant terms.

A link receives its unit, stream or session and opens nothing itself. Nothing in
here imports Home Assistant.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from ..plant.guard import Guard
from ..plant.identity import Feature, PlantIdentity
from ..plant.readings import Value
from ..plant.states import LinkName


class Verdict(StrEnum):
    """Why a plant could not be reached or recognised; each has its own remedy."""

    HOST_DOWN = "host_down"
    PORT_CLOSED = "port_closed"
    BUSY = "busy"
    """Another client holds the stick: answers are mixed up or cut off."""

    WRONG_UNIT = "wrong_unit"
    NO_ANSWER = "no_answer"
    NOT_INSTAGEN = "not_instagen"
    FIRMWARE_TOO_OLD = "firmware_too_old"
    ENCRYPTED = "encrypted"
    """The stick wants encrypted messages (facts/protobuf-10081.md section 10)."""


class LinkError(Exception):
    """A link failed; the verdict says how, as far as the wire tells."""

    def __init__(self, verdict: Verdict) -> None:
        """Remember the verdict; the text is for logs only."""
        super().__init__(verdict.value)
        self.verdict = verdict


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one request brought: readings in plant terms.

    ``values`` holds what changed since the last answer, ``served`` every reading
    that this answer is proof of life for, ``silent`` those that stayed unanswered.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    served: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()


@dataclass
class LinkStatistics:
    """What happened on a link since it was opened; for diagnostics and repairs."""

    requests: int = 0
    answers: int = 0
    timeouts: int = 0
    refused: int = 0
    garbled: int = 0
    lost: int = 0
    rereads: int = 0
    rejected: int = 0


class Link(Protocol):
    """One way to one plant. One poll at a time; the caller keeps the pace."""

    @property
    def name(self) -> LinkName:
        """Which of the ways it is."""

    guard: Guard
    statistics: LinkStatistics
    clock: Callable[[], float]
    poll_seconds: int
    """Seconds from one poll to the next that the far side bears with ease."""

    @property
    def served(self) -> frozenset[str]:
        """Keys of all readings that this link can serve."""

    @property
    def features(self) -> frozenset[Feature]:
        """Parts that the latest answers show to be fitted."""

    async def identify(self) -> PlantIdentity:
        """Read who answers and what is fitted; raise ``LinkError`` with a verdict."""

    def poll(self, keys: AbstractSet[str], *, slow: bool) -> AsyncGenerator[Answer]:
        """Read what the wanted readings need; yield after each request.

        Raises ``LinkError`` when nothing answered at all.
        """

    def diagnostics(self) -> dict[str, object]:
        """Return raw answers, their age in seconds and what happened on the link."""
