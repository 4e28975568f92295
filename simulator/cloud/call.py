"""A request on its way to the code that answers it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from .errors import NoPermission, ParameterError, RuleBroken
from .rights import OWNER_USER
from .world import ACTIVE, Row, User, World

PLANTS_PER_PAGE: Final = 100
ROWS_PER_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Binary:
    """An answer that is not JSON."""

    body: bytes


@dataclass(slots=True)
class Call:
    """Who asks what, where, and the checks that most answers begin with."""

    world: World
    body: Mapping[str, Any]
    base_url: str
    dc: int
    """Data centre of the host that was asked."""

    gateway: bool
    token: str = ""
    asker: User | None = None

    @property
    def user(self) -> User:
        """Whoever is logged in."""
        if self.asker is None:
            raise NoPermission
        return self.asker

    # -- fields ----

    def text(self, field: str, *, needed: bool = True) -> str:
        """Return a text of the request.

        Raises:
            ParameterError: when it is missing or no text.
        """
        value = self.body.get(field)
        if value is None or value == "":
            if needed:
                raise ParameterError(field)
            return ""
        if not isinstance(value, str):
            raise ParameterError(field)
        return value.strip()

    def number(self, field: str) -> int:
        """Return a whole number; a text of digits is one, too.

        Raises:
            ParameterError: when it is missing or none.
        """
        return whole(self.body.get(field), field)

    def real(self, field: str) -> float:
        """Return a number, which may be a text.

        Raises:
            ParameterError: when it is missing or none.
        """
        try:
            value = float(self.body[field])
        except KeyError, TypeError, ValueError:
            raise ParameterError(field) from None
        if not isfinite(value):
            raise ParameterError(field)
        return value

    def given(self, *fields: str) -> dict[str, str]:
        """Return those of some texts that the request has."""
        return {
            field: str(self.body[field]).strip()
            for field in fields
            if self.body.get(field) is not None
        }

    # -- things ----

    def sees(self, station: Row) -> bool:
        """Tell whether the asker may look at a plant."""
        if self.user.row["type"] == OWNER_USER:
            owners = self.world.owners_of(station["id"])
            return any(owner["id"] == self.user.id for owner in owners)
        return self.user.holds(station["gpath"])

    def station(self, field: str = "sid", *, active: bool = True) -> Row:
        """Return the plant of the request.

        Raises:
            NoPermission: when there is none or it belongs to others.
            RuleBroken: when it has to be active and is not.
        """
        station = self.world.station(self.number(field))
        if station is None or not self.sees(station):
            raise NoPermission
        if active and station["status"] != ACTIVE:
            raise RuleBroken("The plant is not activated")
        return station

    def group(self, field: str = "gid") -> Row:
        """Return the organisation of the request.

        Raises:
            NoPermission: when there is none or it belongs to others.
        """
        group = self.world.group(self.number(field))
        if group is None or not self.user.holds(group["gpath"]):
            raise NoPermission
        return group

    def device(self, serial: str) -> tuple[Row, Row]:
        """Return a device by its serial, and its plant.

        Raises:
            NoPermission: when there is none or it belongs to others.
        """
        row = self.world.one("SELECT * FROM devices WHERE sn = ?", serial)
        station = self.world.station(row["sid"]) if row else None
        if row is None or station is None or not self.sees(station):
            raise NoPermission
        return row, station

    # -- pages ----

    def page(self, most: int = ROWS_PER_PAGE) -> tuple[int, int]:
        """Return how many rows are wanted and how many come before."""
        page = whole(self.body.get("page", self.body.get("page_num", 1)), "page")
        size = whole(self.body.get("page_size", 20), "page_size")
        if page < 1 or size < 1:
            raise ParameterError("page")
        size = min(size, most)
        return size, (page - 1) * size

    def paged(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the wanted page of rows that are all at hand."""
        size, before = self.page()
        return {"total": len(rows), "list": rows[before : before + size]}


type Handler = Callable[[Call], object | Awaitable[object]]


def whole(value: object, field: str) -> int:
    """Return a value of a request as a whole number.

    Raises:
        ParameterError: when it is none.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        return int(value)
    raise ParameterError(field)
