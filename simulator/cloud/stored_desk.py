"""Settings of a made-up plant: kept as they were written."""

from collections.abc import Mapping
import json
from typing import TYPE_CHECKING, Any, Final

from .blocks import MODES, contact_defaults, defaults, filled
from .errors import JobFailed

if TYPE_CHECKING:
    from .world import World

_KNOWN: Final = frozenset(
    {
        *((1, action) for action in (1, 2, 27, 4097, 4101)),
        *((3, action) for action in (3, 6, 7)),
        *((6, action) for action in (3, 6, 7, 8196, 8198, 8199, 8200, 8201)),
    }
)


class StoredDesk:
    """Keeps blocks in the table of settings."""

    def __init__(self, world: World, sid: int) -> None:
        """Take the world and the plant's number."""
        self._world = world
        self._sid = sid

    def _load(self, name: str) -> Any:
        row = self._world.one(
            "SELECT value FROM settings WHERE sid = ? AND name = ?", self._sid, name
        )
        return json.loads(row["value"]) if row else None

    def _keep(self, name: str, value: object) -> None:
        self._world.run(
            "INSERT OR REPLACE INTO settings VALUES (?, ?, ?)",
            self._sid,
            name,
            json.dumps(value),
        )

    def battery(self) -> dict[str, Any]:
        """Return mode and blocks."""
        kept = self._load("battery") or {"mode": 1, "data": {}}
        blocks = {f"k_{mode}": defaults(mode) for mode in MODES}
        return {"mode": kept["mode"], "data": {**blocks, **kept["data"]}}

    def set_battery(self, mode: int, block: Mapping[str, Any]) -> None:
        """Keep a mode and its block."""
        whole, now = filled(mode, block), self.battery()
        self._keep(
            "battery", {"mode": mode, "data": {**now["data"], f"k_{mode}": whole}}
        )

    def contact(self) -> dict[str, Any]:
        """Return what the dry contact does."""
        return self._load("contact") or contact_defaults()

    def set_contact(self, payload: Mapping[str, Any]) -> None:
        """Keep what the dry contact has to do."""
        now = self.contact()
        data = {**now["data"]}
        for key, block in payload["data"].items():
            data[key] = {**data.get(key, {}), **block}
        self._keep("contact", {"mode": payload["mode"], "data": data})

    def command(self, dev_type: int, action: int) -> None:
        """Take a command that such a device knows, without effect.

        Raises:
            JobFailed: when it knows none.
        """
        if (dev_type, action) not in _KNOWN:
            raise JobFailed("00002")
