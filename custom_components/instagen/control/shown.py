"""What controls show: a value, and how sure it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ..plant.settings import SettingValue, SettingValues
from ..plant.states import LinkName
from .wishes import Outcome, Result
from .writer import Reading

_LAGS: Final = timedelta(seconds=30)
"""How long another link may still show what stood before a write (our choice)."""


class ShownState(StrEnum):
    """How sure a shown value is."""

    CONFIRMED = "confirmed"
    """The device told it."""

    UNCONFIRMED = "unconfirmed"
    """Last written or known; no link can read it back."""

    PENDING = "pending"
    """Wished; on its way to the device."""

    REFUSED = "refused"
    """What stood before; a wish for another value failed."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a control shows."""

    value: SettingValue | None = None
    """None is unknown."""

    state: ShownState = ShownState.UNCONFIRMED
    link: LinkName | None = None
    at: datetime | None = None
    """When the value was read, or written."""


class Showcase:
    """The shown values of a plant's settings. A wish never makes one flap back."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._shown: dict[str, Shown] = {}
        self._stood: dict[str, Shown] = {}
        """What is shown again if a wish under way fails."""

        self._old: dict[str, tuple[SettingValue | None, datetime]] = {}
        """Values that were just replaced, and until when they are no news."""

    def get(self, key: str) -> Shown:
        """Return what is shown of a setting."""
        return self._shown.get(key, Shown())

    def read(self, reading: Reading, now: datetime) -> frozenset[str]:
        """Show what was read; return what changed."""
        told: dict[str, Shown] = {}
        for key, value in reading.values.items():
            old, until = self._old.get(key, (None, now))
            if key in self._stood or (value == old and now < until):
                continue
            sure = key in reading.told
            state = ShownState.CONFIRMED if sure else ShownState.UNCONFIRMED
            told[key] = Shown(
                value=value, state=state, link=reading.link, at=reading.at
            )
        return self._show(told)

    def wish(self, changes: SettingValues) -> frozenset[str]:
        """Show what was wished while it is on its way; return what changed."""
        self._stood = {key: self.get(key) for key in changes}
        return self._show(
            {
                key: replace(self.get(key), value=value, state=ShownState.PENDING)
                for key, value in changes.items()
            }
        )

    def took(self, outcome: Outcome, now: datetime) -> frozenset[str]:
        """Show how a wish ended; return what changed."""
        sure = outcome.result in {Result.VERIFIED, Result.UNCHANGED}
        state = ShownState.CONFIRMED if sure else ShownState.UNCONFIRMED
        for key, shown in self._stood.items():
            if outcome.after.get(key) != shown.value:
                self._old[key] = (shown.value, now + _LAGS)
        self._stood = {}
        return self._show(
            {
                key: Shown(
                    value=value,
                    state=state,
                    link=outcome.link or self.get(key).link,
                    at=now,
                )
                for key, value in outcome.after.items()
            }
        )

    def failed(self) -> frozenset[str]:
        """Show again what stood before a wish; return what changed."""
        stood, self._stood = self._stood, {}
        return self._show(
            {
                key: replace(shown, state=ShownState.REFUSED)
                for key, shown in stood.items()
            }
        )

    def _show(self, shown: Mapping[str, Shown]) -> frozenset[str]:
        """Take over what is to be shown; when it was read is no change by itself."""
        changed = {
            key
            for key, new in shown.items()
            if replace(self.get(key), at=None) != replace(new, at=None)
        }
        self._shown.update(shown)
        return frozenset(changed)
