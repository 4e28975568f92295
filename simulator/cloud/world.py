"""What the cloud knows: accounts and plants in SQLite, everything fleeting beside it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
import sqlite3
from typing import TYPE_CHECKING, Any, Final

from .clock import CloudClock, utc_text
from .made_up import MadeUpPlant
from .policy import Policy
from .rights import RIGHTS, ROLES, Kind, Right
from .schema import SCHEMA

if TYPE_CHECKING:
    from .jobs import Jobs
    from .log_in import LogIn
    from .source import Source

type Row = sqlite3.Row

ACTIVE: Final = 40
"""``status`` of every plant in recorded samples."""

PV_ONLY, HYBRID = 1, 4
"""``classify`` of a plant with micro-inverters and of one with a battery."""

DRAFT: Final = 10
"""``status`` of a plant between its creation and its activation; made up."""


@dataclass(frozen=True, slots=True)
class User:
    """Who asks."""

    id: int
    kind: Kind
    gid: int
    gpath: str
    row: Row

    def may(self, right: Right) -> bool:
        """Tell whether the kind has a right."""
        return right in RIGHTS[self.kind]

    @property
    def below(self) -> str:
        """What ``gpath`` of every organisation below begins with."""
        return f"{self.gpath}."

    def holds(self, gpath: str) -> bool:
        """Tell whether an organisation is the user's own or below it."""
        return gpath == self.gpath or gpath.startswith(self.below)


class World:
    """The state of the cloud. A test may change it as a person at the portal would."""

    jobs: Jobs
    log_in: LogIn

    def __init__(
        self, clock: CloudClock, *, brand: str = "instagen", file: str = ":memory:"
    ) -> None:
        """Open the database, in memory unless a file is named."""
        self.clock = clock
        self.brand = brand
        self.policy = Policy()
        self.random = Random(1)
        self.requests: Counter[str] = Counter()
        self.sources: dict[int, Source] = {}
        """Live plants by the id that they have here; all others are made up."""

        self.bursts: dict[str, tuple[int, datetime]] = {}
        self.hosts: dict[int, str] = {}
        """Base URLs by data centre."""

        self.last_asked: dict[tuple[str, int], datetime] = {}
        self.covers: dict[str, bytes] = {}
        self.db = sqlite3.connect(file, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    # -- the database ----

    def all(self, sql: str, *values: object) -> list[Row]:
        """Return the rows of a query."""
        return self.db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> Row | None:
        """Return the first row of a query."""
        row: Row | None = self.db.execute(sql, values).fetchone()
        return row

    def number(self, sql: str, *values: object) -> int:
        """Return the one number that a query asks for."""
        return int(self.db.execute(sql, values).fetchone()[0])

    def run(self, sql: str, *values: object) -> int:
        """Change something; return the id of what was inserted."""
        return self.db.execute(sql, values).lastrowid or 0

    def insert(self, table: str, values: Mapping[str, object]) -> int:
        """Insert a row; return its id."""
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  own names
        return self.run(sql, *values.values())

    def update(self, table: str, number: int, values: Mapping[str, object]) -> None:
        """Change columns of a row."""
        if not values:
            return
        sets = ", ".join(f"{name} = ?" for name in values)
        sql = f"UPDATE {table} SET {sets} WHERE id = ?"  # noqa: S608  own names
        self.run(sql, *values.values(), number)

    # -- the things in it ----

    @property
    def now_text(self) -> str:
        """The server's time as the tables hold it."""
        return utc_text(self.clock.now)

    def user(self, uid: int) -> User | None:
        """Return a user by id."""
        row = self.one(
            "SELECT u.*, g.gpath FROM users u JOIN groups g ON g.id = u.gid"
            " WHERE u.id = ?",
            uid,
        )
        if row is None:
            return None
        return User(row["id"], ROLES[row["role"]][0], row["gid"], row["gpath"], row)

    def group(self, gid: int) -> Row | None:
        """Return an organisation by id."""
        return self.one("SELECT * FROM groups WHERE id = ?", gid)

    def station(self, sid: int) -> Row | None:
        """Return a plant with its organisation's path and name."""
        return self.one(
            "SELECT s.*, g.gpath, g.name AS org_name FROM stations s"
            " JOIN groups g ON g.id = s.gid WHERE s.id = ?",
            sid,
        )

    def devices(self, sid: int) -> list[Row]:
        """Return the devices of a plant, parents first."""
        return self.all("SELECT * FROM devices WHERE sid = ? ORDER BY type, id", sid)

    def owners_of(self, sid: int) -> list[Row]:
        """Return the owners of a plant."""
        return self.all(
            "SELECT u.* FROM owners o JOIN users u ON u.id = o.uid WHERE o.sid = ?"
            " ORDER BY u.id",
            sid,
        )

    def source(self, station: Row) -> Source:
        """Return where a plant's data come from."""
        return self.sources.get(station["id"]) or MadeUpPlant(self, station)

    def touch(self, sid: int) -> None:
        """Note that a plant was changed now."""
        self.update("stations", sid, {"update_at": self.now_text})

    # -- what people do at the portal ----

    def edit_plant(self, sid: int, **columns: Any) -> None:
        """Change a plant as somebody at the portal does."""
        self.update("stations", sid, columns)
        self.touch(sid)

    def remove_plant(self, sid: int) -> None:
        """Take a plant out with everything that is in it."""
        for table in ("owners", "stars", "devices", "alarms", "settings"):
            self.run(f"DELETE FROM {table} WHERE sid = ?", sid)  # noqa: S608  own names
        self.run("DELETE FROM stations WHERE id = ?", sid)
        if source := self.sources.pop(sid, None):
            source.close()

    def set_online(self, sid: int, *, online: bool) -> None:
        """Let a made-up plant lose or find its connection to the cloud."""
        since = None if online else utc_text(self.clock.true)
        self.update("stations", sid, {"offline_since": since})

    def delete_users(self, users: Iterable[int]) -> None:
        """Delete accounts and end their sessions."""
        for uid in users:
            for table in ("owners", "stars"):
                self.run(f"DELETE FROM {table} WHERE uid = ?", uid)  # noqa: S608
            self.run("DELETE FROM users WHERE id = ?", uid)
            self.log_in.end_sessions(uid)
