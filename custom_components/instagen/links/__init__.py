"""How a plant is reached. Each link turns its wire format into plant terms.

A link receives its unit, stream or session and opens nothing itself. Nothing in
here imports Home Assistant.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

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

    ACCESS_DENIED = "access_denied"
    """The cloud does not let this account in, or not to this plant."""

    STALE = "stale"
    """The cloud answers, but the plant has not told it anything for 20 minutes."""


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

    @property
    def statistics(self) -> LinkStatistics:
        """What happened since the link was opened."""

    @property
    def poll_seconds(self) -> int:
        """Seconds from one poll to the next that the far side bears with ease."""

    @property
    def clock(self) -> Callable[[], float]:
        """Seconds that never go back."""

    @property
    def served(self) -> frozenset[str]:
        """Keys of all readings that this link can serve."""

    @property
    def features(self) -> frozenset[Feature]:
        """Parts that the latest answers show to be fitted."""

    async def identify(self, *, patient: bool = False) -> PlantIdentity:
        """Read who answers and what is fitted; raise ``LinkError`` with a verdict.

        ``patient`` allows one more try for each read, for a plant that is known.
        """

    def poll(self, keys: AbstractSet[str], *, slow: bool) -> AsyncGenerator[Answer]:
        """Read what the wanted readings need; yield after each request.

        Raises ``LinkError`` when nothing answered at all.
        """

    def forget_told(self) -> None:
        """Tell everything anew with the next poll, not only what changed."""

    def snapshot(self) -> dict[str, Any]:
        """Return what must survive a restart, as plain data without serials."""

    def restore(self, stored: Mapping[str, Any], *, age: float) -> None:
        """Take over what ``snapshot`` returned ``age`` seconds ago."""

    async def close(self) -> None:
        """End every connection that is the link's own."""

    def diagnostics(self) -> dict[str, object]:
        """Return raw answers, their age in seconds and what happened on the link."""
