"""What a row of the cloud's functions says: where it is, and how well that is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ...plant.evidence import Evidence


class Grade(StrEnum):
    """How well an endpoint is known for Hoymiles brands (facts/cloud-api.md 0)."""

    A = "a"
    """Two projects, or one and a recorded answer."""

    B = "b"
    """One project."""

    C = "c"
    """A name or a constant; nobody shows the exchange."""

    D = "d"
    """Sources contradict each other."""

    NONE = "none"
    """No public source: the name is our guess by the naming rule."""

    @property
    def evidence(self) -> Evidence:
        """Grade in the house's words; nothing is confirmed for Instagen itself."""
        return _EVIDENCE[self]


_EVIDENCE: Final[Mapping[Grade, Evidence]] = {
    Grade.A: Evidence.DOCUMENTED,
    Grade.B: Evidence.DOCUMENTED,
    Grade.C: Evidence.INFERRED,
    Grade.D: Evidence.UNKNOWN,
    Grade.NONE: Evidence.UNKNOWN,
}


def gateway_name(path: str) -> str:
    """Return the gateway's name of a micro-service path.

    The service and the last two parts, joined with an underscore
    (facts/cloud-api.md 1.2); a dash in those two becomes an underscore as well.
    """
    service, *parts = path.strip("/").split("/")
    return f"{service}/{'_'.join(parts[-2:]).replace('-', '_')}"


@dataclass(frozen=True, kw_only=True)
class Function:
    """One thing to ask the cloud for or to tell it."""

    name: str
    path: str
    """At the micro-service front door."""

    grade: Grade
    manual: str
    """Sections of the manual; a dash where it does not speak of it."""

    gateway: str | None = None
    """Its gateway name, where the naming rule does not give it."""

    writes: bool = False
    binary: bool = False
    """Whether a success is answered in protobuf (facts/cloud-api.md 2.1)."""

    job: str | None = None
    """Name of the function that tells how far the job is that this one starts."""

    @property
    def gateway_path(self) -> str:
        """Name at the gateway."""
        return self.gateway or gateway_name(self.path)

    @property
    def evidence(self) -> Evidence:
        """Grade in the house's words."""
        return self.grade.evidence
