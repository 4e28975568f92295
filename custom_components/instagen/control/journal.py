"""The journal of all wishes: who wanted what, and what came of it.

It holds codes and values, no sentences: those are translated where they are shown.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Self

from ..plant.settings import SettingValues
from ..plant.states import LinkName
from .wishes import Asker, AskerKind, Refusal, Result

ENTRIES: Final = 200

type JournalListener = Callable[[JournalEntry], None]


@dataclass(frozen=True, kw_only=True)
class JournalEntry:
    """One wish and its end."""

    at: datetime
    asker: Asker
    changes: SettingValues
    before: SettingValues = field(default_factory=dict)
    """What the device did before, and what stood in the place of the changes."""

    link: LinkName | None = None
    """Over which link something was sent; None when nothing was."""

    result: Result | None = None
    refusal: Refusal | None = None
    """Neither result nor refusal: it was cut short, as when Home Assistant stopped."""

    placeholders: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    """How often it came to this in a row; ``at`` is the latest."""

    def repeats(self, last: JournalEntry) -> bool:
        """Return whether our own arbiter was refused the same again.

        It goes on trying to put a plant back that is away, and must not push
        everything else out of the journal meanwhile.
        """
        same = replace(last, at=self.at, times=self.times) == self
        return same and self.refusal is not None and self.asker.kind is AskerKind.LEASE

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "at": self.at.isoformat(),
            "asker": {
                "kind": self.asker.kind.value,
                "name": self.asker.name,
                "user_id": self.asker.user_id,
                "context_id": self.asker.context_id,
            },
            "changes": dict(self.changes),
            "before": dict(self.before),
            "link": self.link and self.link.value,
            "result": self.result and self.result.value,
            "refusal": self.refusal and self.refusal.value,
            "placeholders": dict(self.placeholders),
            "times": self.times,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build from what ``to_dict`` returned.

        Raises ``KeyError``, ``TypeError`` or ``ValueError`` when it is something else.
        """
        asker = stored["asker"]
        link, result, refusal = (stored[key] for key in ("link", "result", "refusal"))
        return cls(
            at=datetime.fromisoformat(stored["at"]),
            asker=Asker(
                kind=AskerKind(asker["kind"]),
                name=str(asker["name"]),
                user_id=asker["user_id"],
                context_id=asker["context_id"],
            ),
            changes=dict(stored["changes"]),
            before=dict(stored["before"]),
            link=None if link is None else LinkName(link),
            result=None if result is None else Result(result),
            refusal=None if refusal is None else Refusal(refusal),
            placeholders=dict(stored["placeholders"]),
            times=int(stored["times"]),
        )


class Journal:
    """The latest entries, oldest first, and those who want to hear of new ones."""

    def __init__(self, *, limit: int = ENTRIES) -> None:
        """Start empty."""
        self._entries: deque[JournalEntry] = deque(maxlen=limit)
        self._listeners: list[JournalListener] = []

    @property
    def entries(self) -> tuple[JournalEntry, ...]:
        """All that are kept, oldest first."""
        return tuple(self._entries)

    def add(self, entry: JournalEntry) -> None:
        """Write an entry and tell everybody who listens; a mere repeat is counted."""
        if self._entries and entry.repeats(last := self._entries[-1]):
            self._entries[-1] = replace(entry, times=last.times + 1)
            return
        self._entries.append(entry)
        for listener in tuple(self._listeners):
            listener(entry)

    def add_listener(self, listener: JournalListener) -> Callable[[], None]:
        """Tell somebody about new entries; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def snapshot(self) -> list[dict[str, Any]]:
        """Return all entries, as plain data."""
        return [entry.to_dict() for entry in self._entries]

    def restore(self, stored: object) -> None:
        """Take over what ``snapshot`` returned; what cannot be read is left out."""
        self._entries.clear()
        for fields in stored if isinstance(stored, list) else ():
            try:
                self._entries.append(JournalEntry.from_dict(fields))
            except KeyError, TypeError, ValueError:
                continue
