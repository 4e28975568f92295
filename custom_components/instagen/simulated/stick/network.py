"""The stick's Wi-Fi: its settings, and how a change of them goes.

A write takes the stick off the air for some seconds. Then its access point is back and it
looks for the new network; in the end it is connected there, at the address the network
gives it, or says why not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ...dts_messages import instagen_dts_pb2 as pb
from .. import assumptions
from .numbering import AccessPointState, NetworkState, SetState, WriteError

if TYPE_CHECKING:
    from .stick import SimulatedStick

type Address = tuple[str, int]

FACTORY_PASSWORD: Final = b"ESS12345"
"""The access point's password until it is changed (manual 2.1)."""

CLOUD_NAME: Final = b"dataeu.example.com"
CLOUD_PORT: Final = 10081
_SIGNAL: Final = 74


@dataclass(frozen=True, slots=True)
class KnownNetwork:
    """A Wi-Fi network within reach."""

    password: str
    address: Address | None = None
    """Where the stick is found once connected; None is where it was served before, and
    port 0 the port it was served on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """The networks around a stick, and the one it is in."""

    networks: Mapping[str, KnownNetwork] = field(
        default_factory=lambda: {
            "Home": KnownNetwork("sunny-side-up"),
            "Garage": KnownNetwork("left-of-the-door", ("127.0.0.2", 0)),
        }
    )
    connected: str | None = "Home"
    """None is a stick fresh from its box."""

    access_point_stays: bool = True
    """Whether it is also found where it was before, once in a network elsewhere."""


class StickNetwork:
    """What the stick knows about Wi-Fi, and where it can be reached."""

    def __init__(self, stick: SimulatedStick, around: Surroundings) -> None:
        """Take the stick and what is on the air around it."""
        self._stick = stick
        self.around = around
        self.set_state = SetState.NONE
        self.access_point_state = AccessPointState.NONE
        self.set_at = 0
        self.connected_at = stick.time if around.connected else 0
        self.connected = around.connected
        self._try_at: int | None = None
        self.settings = self._factory()
        if around.connected:
            self.settings["wifi_name"] = around.connected.encode()
            password = around.networks[around.connected].password
            self.settings["wifi_password"] = password.encode()

    def _factory(self) -> dict[str, int | bytes]:
        """Return the settings as delivered."""
        name = b"DTS-" + f"{self._stick.serial:012x}"[-8:].encode()
        return {
            "network_mode": 1,
            "send_interval": 5,
            "server_port": CLOUD_PORT,
            "server_name": CLOUD_NAME,
            "access_model": 1,
            "dhcp": 1,
            **{f"mac_{n}": byte for n, byte in enumerate(b"\x02\x48\x06\x80\x00\x01")},
            "access_point_name": name,
            "access_point_password": FACTORY_PASSWORD,
        }

    # -- where it is --------------------------------------------------------------

    @property
    def due(self) -> int:
        """The plant's time in ms at which a try to connect ends."""
        return self._try_at if self._try_at is not None else 1 << 62

    @property
    def signal(self) -> int:
        """Strength of the network it is in, in %."""
        return _SIGNAL if self.connected else 0

    @property
    def state(self) -> NetworkState:
        """How far its connection reaches."""
        if self.connected is None:
            return NetworkState.NOTHING
        cloud = self._stick.plant.overrides.cloud
        return NetworkState.CLOUD if cloud else NetworkState.ROUTER

    def addresses(self, base: Address) -> frozenset[Address]:
        """Return where it can be reached; ``base`` is where it was served first."""
        if self.connected is None:
            return frozenset({base})
        network = self.around.networks.get(self.connected)
        own = network.address if network else None
        if own is None:
            return frozenset({base})
        own = own[0], own[1] or base[1]
        return frozenset({base, own} if self.around.access_point_stays else {own})

    # -- what is written ----------------------------------------------------------

    def read(self, offset: int) -> pb.GatewaySettingsAnswer:
        """Return all settings, 0xDB08."""
        answer = pb.GatewaySettingsAnswer(
            serial=self._stick.serial, offset=offset, time=self._stick.time
        )
        for name, value in self.settings.items():
            setattr(answer, name, value)
        if self.connected:
            answer.signal = self.signal
            for index, byte in enumerate((192, 168, 1, 80)):
                setattr(answer, f"wifi_address_{index}", byte)
        return answer

    def write(self, request: pb.GatewaySettingsWriteRequest) -> WriteError:
        """Take new settings, 0xDB07: all of them, for what is left out is cleared."""
        given = {
            field.name: value
            for field, value in request.ListFields()
            if field.name not in _NOT_KEPT
        }
        password = given.get("access_point_password", b"")
        if password != self.settings.get("access_point_password", b""):
            old = request.old_access_point_password
            if old != self.settings.get("access_point_password", b""):
                self.access_point_state = AccessPointState.WRONG_OLD_PASSWORD
                return WriteError.WRONG_OLD_PASSWORD
            self.access_point_state = AccessPointState.CHANGED
        before = self._wifi()
        self.settings = given
        if self._wifi() != before:
            self._begin()
        return WriteError.NONE

    def _wifi(self) -> tuple[int | bytes, int | bytes]:
        name = self.settings.get("wifi_name", b"")
        return name, self.settings.get("wifi_password", b"")

    def _begin(self) -> None:
        """Leave the air, and be back soon to look for the network."""
        self.connected = None
        self.set_state = SetState.CONNECTING
        self.set_at = self._stick.time
        away = assumptions.WIFI_CHANGE_AWAY
        self._try_at = self._stick.plant.now + (away + self.trying_for) * 1000
        self._stick.leave(away)

    @property
    def trying_for(self) -> int:
        """Seconds that the search for a network takes."""
        return assumptions.WIFI_CONNECT

    def look(self) -> None:
        """End a try to connect whose time has come."""
        if self._try_at is None or self._stick.plant.now < self._try_at:
            return
        self._try_at = None
        name, password = (bytes(part) for part in map(_as_bytes, self._wifi()))
        if not name:
            self.set_state = SetState.NONE
            return
        network = self.around.networks.get(name.decode(errors="replace"))
        if network is None:
            self.set_state = SetState.NO_SUCH_NETWORK
        elif network.password.encode() != password:
            self.set_state = SetState.WRONG_PASSWORD
        else:
            self.set_state = SetState.CONNECTED
            self.connected = name.decode()
            self.connected_at = self._stick.time

    def restore(self) -> None:
        """Forget all settings, as a stick set back to its factory state does."""
        self.settings = self._factory()
        self.connected = None
        self.set_state = SetState.NONE
        self.access_point_state = AccessPointState.NONE
        self._try_at = None

    def press_set_button(self) -> None:
        """Give the access point its first password again (manual 2.3)."""
        self.settings["access_point_password"] = FACTORY_PASSWORD


_NOT_KEPT: Final = frozenset(
    {"serial", "offset", "time", "old_access_point_password", "app_page"}
)


def _as_bytes(value: int | bytes) -> bytes:
    return value if isinstance(value, bytes) else b""
