"""Accounts and plants to begin with, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from custom_components.instagen.simulated import PlantConfig
from custom_components.instagen.simulated.stick.identity import inverters_of

from .clock import utc_text
from .devices import (
    INSERT_DEVICE,
    device_rows,
    insert_dtu,
)
from .passwords import digest_of
from .plants import RESIDENTIAL, access_key
from .rights import (
    DISTRIBUTOR_ORG,
    FIRST_USER,
    INSTALLER_ORG,
    ORGANISATION_USER,
    OWNER_USER,
    ROLE_OF,
    ROOT,
    Kind,
)
from .world import ACTIVE, HYBRID, PV_ONLY, World

CLOUD_SCENARIOS: Final[Mapping[str, str]] = {
    "home": "a household: one plant, the simulated one, and its owner",
    "installer": "an installer with many made-up plants",
}

HOME: Final = 7_001_234
"""The plant of the scenario "home"."""

DISTRIBUTOR_GROUP, GROUP, OTHER_GROUP, BRANCH, FOREIGN_GROUP = 20, 345, 346, 347, 348
"""The distributor, its two installers, a branch of the first, an installer of another."""

_GROUPS: Final = (
    (1, None, "Instagen", ROOT, "1"),
    (20, 1, "Demo Distribution", DISTRIBUTOR_ORG, "1.20"),
    (21, 1, "Far Distribution", DISTRIBUTOR_ORG, "1.21"),
    (345, 20, "Demo Solar", INSTALLER_ORG, "1.20.345"),
    (346, 20, "Other Solar", INSTALLER_ORG, "1.20.346"),
    (347, 345, "Demo Solar West", INSTALLER_ORG, "1.20.345.347"),
    (348, 21, "Far Solar", INSTALLER_ORG, "1.21.348"),
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account that a scenario begins with."""

    id: int
    user_name: str
    password: str
    kind: Kind
    type: int
    gid: int
    salt: str | None = None
    """Hex; without one the digest takes Argon2id's place."""

    dc: int = 0

    @property
    def email(self) -> str:
        """What it logs in with, too."""
        return f"{self.user_name}@example.com"


ACCOUNTS: Final = (
    Account(
        80,
        "demo-distributor",
        "Instagen#Demo1",
        Kind.DISTRIBUTOR,
        FIRST_USER,
        DISTRIBUTOR_GROUP,
    ),
    Account(
        88,
        "demo-installer",
        "Instagen#Demo1",
        Kind.INSTALLER,
        FIRST_USER,
        GROUP,
        salt="00112233445566778899aabbccddeeff",
    ),
    Account(
        89,
        "demo-normal",
        "Instagen#Demo1",
        Kind.NORMAL_INSTALLER,
        ORGANISATION_USER,
        GROUP,
    ),
    Account(
        90, "demo-sub", "Instagen#Demo1", Kind.SUB_INSTALLER, ORGANISATION_USER, GROUP
    ),
    Account(
        91,
        "demo-owner",
        "testpassword123",
        Kind.OWNER,
        OWNER_USER,
        GROUP,
        salt="d5e3f019748d7a36d69840fdfd873d15",
    ),
    Account(
        92,
        "far-installer",
        "Instagen#Demo1",
        Kind.INSTALLER,
        FIRST_USER,
        FOREIGN_GROUP,
        dc=1,
    ),
)
"""Who can log in; their salts and passwords are those of the test vectors in
facts/cloud-api.md 3.3, so never a secret."""

PASSWORDS: Final[Mapping[str, str]] = {
    account.user_name: account.password for account in ACCOUNTS
}

STOCK: Final = tuple(f"4301990000{number:02}" for number in range(1, 10))
"""Sticks that nobody has added to a plant yet."""

FOREIGN: Final = 7_900_001
"""A plant that only the far installer sees."""

_FIRST: Final = 7_100_000
_FIRST_DEVICE: Final = 600_000
_FIRST_OWNER: Final = 10_000
_SHARED: Final = 10
"""Every owner of this number has a second plant."""

_PV_ONLY: Final = 7
"""Every plant of this number has micro-inverters and no battery."""

_TOWNS: Final = ("Mill Lane", "Church Street", "The Green", "Station Road", "Hill View")

_INSERT_STATION: Final = (
    "INSERT INTO stations (id, gid, name, type, classify, capacitor, address, latitude,"
    " longitude, tz, status, dc, ak, create_by, create_at, update_at, regulation)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'Europe/London', ?, ?, ?, 88, ?, ?, ?)"
)
_INSERT_OWNER: Final = (
    "INSERT INTO users (id, user_name, name, gid, type, role, digest, create_at)"
    " VALUES (?, ?, ?, ?, 3, 90, ?, ?)"
)


def people(world: World) -> None:
    """Fill in organisations, accounts, stock and the foreign plant."""
    now = utc_text(world.clock.true - timedelta(days=500))
    world.db.executemany(
        "INSERT INTO groups (id, pid, name, type, gpath, create_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(*group, now) for group in _GROUPS],
    )
    for account in ACCOUNTS:
        world.insert(
            "users",
            {
                "id": account.id,
                "user_name": account.user_name,
                "email": account.email,
                "name": account.user_name.replace("-", " ").title(),
                "gid": account.gid,
                "type": account.type,
                "role": ROLE_OF[account.kind],
                "dc": account.dc,
                "digest": digest_of(account.password),
                "clear": account.password,
                "salt": account.salt,
                "create_at": now,
            },
        )
    world.db.executemany(
        "INSERT INTO stock VALUES (?, ?)",
        [(serial, serial.replace("4301", "2003", 1)) for serial in STOCK],
    )
    created = world.clock.true - timedelta(days=300)
    world.db.execute(
        _INSERT_STATION, _station(FOREIGN, FOREIGN_GROUP, 4.6, created, dc=1)
    )
    insert_dtu(world, FOREIGN, "430155000001", "200355000001")


def _station(
    sid: int,
    gid: int,
    kw: float,
    created: datetime,
    *,
    dc: int = 0,
    classify: int = HYBRID,
) -> tuple[Any, ...]:
    at = utc_text(created)
    name = f"{_TOWNS[sid % len(_TOWNS)]} {sid % 10_000}"
    place = (51.5 + sid % 97 / 100, -0.1 - sid % 89 / 100)
    return (
        sid,
        gid,
        name,
        RESIDENTIAL,
        classify,
        kw,
        f"{sid % 200} {_TOWNS[sid % len(_TOWNS)]}",
        *place,
        ACTIVE,
        dc,
        access_key(sid),
        at,
        at,
        '{"grid_code": "G98"}',
    )


def home(world: World, config: PlantConfig) -> None:
    """Fill in one household around a plant that is simulated."""
    people(world)
    kw = sum(string.peak_power for string in config.strings) / 1000
    created = world.clock.true - timedelta(days=90)
    world.db.execute(_INSERT_STATION, _station(HOME, GROUP, kw, created))
    world.run(
        "UPDATE stations SET name = 'Mill Lane', latitude = ?, longitude = ?, tz = ?"
        " WHERE id = ?",
        config.latitude,
        config.longitude,
        config.time_zone,
        HOME,
    )
    world.run("INSERT INTO owners VALUES (?, 91)", HOME)
    live_devices(world, HOME, config)


def live_devices(world: World, sid: int, config: PlantConfig) -> None:
    """Put the devices of a simulated plant in, by the serials that it has."""
    inverters = inverters_of(config)
    rows = device_rows(sid, _FIRST_DEVICE, config.serial, f"{inverters[0].serial:x}")
    kept = []
    for row in rows:
        number, kind = row[0], row[5]
        if kind == 10 and config.battery is None:
            continue
        if kind == 5 and not config.meter:
            continue
        kept.append(row)
        if kind == 6:
            for index, more in enumerate(inverters[1:], 10):
                other = (number + index, *row[1:3], f"{more.serial:x}", *row[4:])
                kept.append(other)
    world.db.executemany(INSERT_DEVICE, kept)
    world.run(
        "UPDATE devices SET model_no = ? WHERE sid = ? AND type = 6", config.model, sid
    )
    if config.battery:
        pack = f'{{"bms_type": 1, "bms_capacitor": "{config.battery.capacity}"}}'
        world.run(
            "UPDATE devices SET extend_data = ? WHERE sid = ? AND type = 10", pack, sid
        )


def installer(world: World, plants: int) -> None:
    """Fill in an installer with a number of plants, a third of them in a branch."""
    people(world)
    now = world.clock.true
    digest = digest_of("Instagen#Demo1")
    stations, devices, users, owners = [], [], [], []
    for index in range(plants):
        sid, first = _FIRST + index, _FIRST_DEVICE + index * 4
        gid = BRANCH if index % 3 == 2 else GROUP
        pv_only = index % _PV_ONLY == _PV_ONLY - 1
        created = now - timedelta(days=40 + index % 300, minutes=index % 1440)
        kind = PV_ONLY if pv_only else HYBRID
        stations.append(
            _station(sid, gid, 3 + index % 8, created, dc=index % 2, classify=kind)
        )
        serial = f"4301{30_000_000 + index:08}"
        inverter = f"{'1164' if pv_only else '2003'}{30_000_000 + index:08}"
        devices += device_rows(sid, first, serial, inverter, pv_only=pv_only)
        uid = _FIRST_OWNER + index
        at = utc_text(created)
        users.append((uid, f"owner-{index:04}", f"Owner {index}", gid, digest, at))
        owners.append((sid, uid))
        if index and index % _SHARED == 0:
            owners.append((sid, uid - 1))
    owners.append((_FIRST, 91))
    world.db.execute("BEGIN")
    world.db.executemany(_INSERT_STATION, stations)
    world.db.executemany(INSERT_DEVICE, devices)
    world.db.executemany(_INSERT_OWNER, users)
    world.db.executemany("INSERT INTO owners VALUES (?, ?)", owners)
    world.db.execute("COMMIT")
