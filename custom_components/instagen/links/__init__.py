"""How a plant is reached. Each link turns its wire format into plant terms.

A link receives its unit, stream or session and opens nothing itself. Nothing in
here imports Home Assistant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..plant.readings import Value


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
