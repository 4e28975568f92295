"""The account model of the manual: organisations, users, owners, plants and devices.

Fields follow facts/cloud-model.md 18. None is what nobody has told yet; codes whose meaning
is not public stay as they came.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum


class OrganisationKind(StrEnum):
    """Kinds of organisations (manual 3.2 note 2)."""

    DISTRIBUTOR = "distributor"
    INSTALLER = "installer"


class AccountKind(StrEnum):
    """Kinds of accounts (manual 3.1, 3.2)."""

    DISTRIBUTOR = "distributor"
    INSTALLER = "installer"
    NORMAL_INSTALLER = "normal_installer"
    SUB_INSTALLER = "sub_installer"
    END_USER = "end_user"


@dataclass(frozen=True, kw_only=True, slots=True)
class Organisation:
    """A node of the organisation tree."""

    id: int
    parent: int | None = None
    kind: OrganisationKind | None = None
    code: int | None = None
    """Its kind as it came."""

    name: str | None = None
    contact: str | None = None
    phone: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """Somebody who logs in: the account itself, or a user of an organisation."""

    id: int
    kind: AccountKind | None = None
    code: int | None = None
    """Its kind as it came."""

    role_ids: tuple[int, ...] = ()
    roles: tuple[str, ...] = ()
    """Names of the roles."""

    login: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    organisation: int | None = None
    ancestry: tuple[int, ...] = ()
    """Ids of the organisations above it, the root first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """An end user whose plants somebody else looks after (manual 4.4.3)."""

    id: int
    login: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    organisation: int | None = None
    plants: frozenset[int] | None = None
    """Ids of their plants, where the list of owners tells them."""


class PlantFlag(StrEnum):
    """What a plant's row warns of (facts/cloud-api.md 6)."""

    OFFLINE = "offline"
    GRID_UNSTABLE = "grid_unstable"
    ID_WARNING = "id_warning"
    DEVICE_ALARM = "device_alarm"
    GRID_FAULT = "grid_fault"
    METER_FAULT = "meter_fault"
    POWER_LIMITED = "power_limited"


class PlantState(StrEnum):
    """State of a plant on the home page (manual 4.1); the classes are ours."""

    NORMAL = "normal"
    ALARM = "alarm"
    OFFLINE = "offline"


_NO_ALARM = frozenset({PlantFlag.OFFLINE, PlantFlag.POWER_LIMITED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Plant:
    """A plant as its row in the list and its detail tell it."""

    id: int
    name: str | None = None
    code: int | None = None
    """Plant type as it came; its meaning is not public (manual 4.2.1)."""

    classification: int | None = None
    """1 microinverters, 4 storage; others as they came (facts/cloud-api.md 6)."""

    capacity: float | None = None
    """kW."""

    battery_capacity: float | None = None
    """kWh."""

    address: str | None = field(default=None, repr=False)
    latitude: float | None = field(default=None, repr=False)
    longitude: float | None = field(default=None, repr=False)
    time_zone: str | None = None
    """IANA name where one is known, else like ``UTC+01``."""

    cover: str | None = None
    """Path of its picture."""

    favourite: bool | None = None
    status: int | None = None
    flags: frozenset[PlantFlag] | None = None
    created: datetime | None = None
    """By the plant's own clock, without a zone."""

    organisation: int | None = None
    organisation_name: str | None = None
    owner_name: str | None = field(default=None, repr=False)
    owners: frozenset[int] | None = None
    """Ids of its owners; only the detail tells them."""

    data_centre: int | None = None
    access_key: str | None = field(default=None, repr=False)

    @property
    def state(self) -> PlantState | None:
        """Class of its flags, the gravest first."""
        if self.flags is None:
            return None
        if PlantFlag.OFFLINE in self.flags:
            return PlantState.OFFLINE
        return PlantState.ALARM if self.flags - _NO_ALARM else PlantState.NORMAL


class DeviceKind(IntEnum):
    """Device types by their codes (facts/cloud-api.md 6)."""

    DTU = 1
    REPEATER = 2
    MICROINVERTER = 3
    MODULE = 4
    METER = 5
    INVERTER = 6
    """Energy storage inverter."""

    RAPID_SHUTDOWN = 7
    OPTIMISER = 8
    GATEWAY = 9
    BATTERY = 10
    GATEWAY_BOX = 14
    BATTERY_PACK = 22


_KINDS = {kind.value: kind for kind in DeviceKind}


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """A device of a plant.

    Ids are unique among devices of one type only, and those of batteries are made up by the cloud
    (facts/cloud-api.md 5.3).
    """

    id: int
    serial: str | None = field(default=None, repr=False)
    code: int | None = None
    """Its type as it came."""

    model: str | None = None
    firmware: str | None = None
    hardware: str | None = None
    online: bool | None = None
    alarm: bool | None = None
    dtu: str | None = field(default=None, repr=False)
    """Serial of its DTU."""

    parent: str | None = field(default=None, repr=False)
    """Serial of the device above it."""

    capacity: float | None = None
    """kWh, of a battery."""

    since: date | None = None
    """Day it came, as far as that can be known."""

    @property
    def kind(self) -> DeviceKind | None:
        """Kind of device, None when the code is not a known one."""
        return None if self.code is None else _KINDS.get(self.code)
