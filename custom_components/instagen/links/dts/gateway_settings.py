"""The stick's own settings, its Wi-Fi among them (facts/protobuf-10081.md section 3).

A write clears what it leaves out, so settings are read, changed and written as a whole.
They carry pass phrases: nothing in here has a text that could enter a log.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self, override

from ...dts_messages import instagen_dts_pb2 as pb
from .errors import WrongAnswerError
from .frame import TO_STICK, Command
from .session import OFFSET, DtsSession

_FIRST: Final = 4
_LAST: Final = 38
_KEPT: Final = frozenset(
    one.name
    for one in pb.GatewaySettingsWriteRequest.DESCRIPTOR.fields
    if _FIRST <= one.number <= _LAST
)
"""What stands under the same number in an answer and in a write."""


class SetState(IntEnum):
    """How far a change of the Wi-Fi has come. The numbers are inferred."""

    NONE = 0
    CONNECTING = 1
    CONNECTED = 2
    WRONG_PASSWORD = 3
    NO_SUCH_NETWORK = 4


@dataclass(frozen=True, repr=False, eq=False)
class GatewaySettings:
    """All that can be set on a stick. Equal when the same things are set."""

    values: Mapping[str, int | bytes]
    """As the stick told them, its zeros included."""

    address: str | None = None
    """Where the stick is in the network that it joined, if it tells."""

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, GatewaySettings) and self._told == other._told

    __hash__ = None  # type: ignore[assignment]

    @property
    def _told(self) -> Mapping[str, int | bytes]:
        """What is not zero or empty: sticks may tell a zero or leave it out."""
        return {name: value for name, value in self.values.items() if value}

    @classmethod
    def of(cls, answer: pb.GatewaySettingsAnswer) -> Self:
        """Take over what a stick told."""
        told = {
            one.name: value for one, value in answer.ListFields() if one.name in _KEPT
        }
        parts = [getattr(answer, f"wifi_address_{place}") for place in range(4)]
        address = ".".join(map(str, parts)) if all(0 <= n < 256 for n in parts) else ""
        return cls(told, address if any(parts) and address else None)

    @property
    def whole(self) -> bool:
        """Whether they can be all there is: no stick is without these names."""
        return {"access_point_name", "server_name"} <= self._told.keys()

    @property
    def access_point_password(self) -> bytes:
        """The access point's pass phrase; empty when the stick keeps it to itself."""
        value = self.values.get("access_point_password", b"")
        return value if isinstance(value, bytes) else b""

    def changed(self, changes: Mapping[str, bytes]) -> Self:
        """Return them with other values in some places."""
        return type(self)({**self.values, **changes}, self.address)


async def read_settings(session: DtsSession) -> GatewaySettings:
    """Read all settings. Raises ``DtsError``."""
    answer = await session.ask_rare(
        Command.READ_GATEWAY_SETTINGS,
        pb.GatewaySettingsRequest(offset=OFFSET, time=int(session.now().timestamp())),
        pb.GatewaySettingsAnswer,
        target=TO_STICK,
    )
    if answer.serial != session.serial:
        raise WrongAnswerError("another stick")
    return GatewaySettings.of(answer)


async def write_settings(
    session: DtsSession, settings: GatewaySettings, *, old_password: bytes | None
) -> bool:
    """Write all settings, once; return whether the stick accepts them.

    ``old_password`` is the access point's, needed when it changes. Raises ``DtsError``;
    then the stick may have taken them all the same.
    """
    request = pb.GatewaySettingsWriteRequest(
        serial=session.serial, offset=OFFSET, time=int(session.now().timestamp())
    )
    for name, value in settings.values.items():
        setattr(request, name, value)
    if old_password is not None:
        request.old_access_point_password = old_password
    answer = await session.ask(
        Command.WRITE_GATEWAY_SETTINGS,
        request,
        pb.GatewaySettingsWriteAnswer,
        target=TO_STICK,
        repeat=False,
    )
    return answer.error == 0


def is_connected(told: pb.NetworkInformationAnswer) -> bool:
    """Tell whether the stick has joined the network that it was told last."""
    joined = told.state != 0 and told.set_state != SetState.CONNECTING
    return joined and told.connected_time >= told.set_time
