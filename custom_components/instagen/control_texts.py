"""The words for what happens to settings and leases, in the server's language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .control.journal import JournalEntry
from .control.leases import Hindrance, Lease, LeaseEvent, LeaseEventKind
from .control.wishes import Refusal
from .plant.settings import SETTINGS, SettingKind, SettingValue

_PLATFORM_OF = {
    SettingKind.MODE: "select",
    SettingKind.CHOICE: "select",
    SettingKind.FLAG: "switch",
    SettingKind.TEXT: "calendar",
}
_CODED = {LeaseEventKind.ENDED, LeaseEventKind.SUSPENDED, LeaseEventKind.RESUMED}
"""Kinds that have a sentence for each reason."""

_UNIT_OF = {
    SettingKind.SOC: " %",
    SettingKind.SHARE: " %",
    SettingKind.POWER: " W",
    SettingKind.MINUTES: " min",
    SettingKind.CURRENT: " A",
}


class ControlTexts:
    """Makes plain sentences; Home Assistant loaded the translations with us."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Speak the server's language."""
        self._hass = hass

    def lease(self, lease: Lease) -> str:
        """Say what a lease does with the battery."""
        key = "lease_what"
        key += "_soc" if lease.soc is not None else ""
        key += "_power" if lease.power is not None else ""
        return self._say(
            key,
            mode=self._state("sensor", "current_lease", lease.mode.value),
            soc=str(lease.soc),
            power=_number(lease.power),
        )

    def hindered(self, lease: Lease) -> str | None:
        """Say why a lease has to wait, or cannot charge as it wanted; None if it can."""
        words = {"owner": lease.owner, "what": self.lease(lease)}
        if lease.hindrance is not None:
            return self._say(_suspended(lease.hindrance), **words)
        if lease.limit is None:
            return None
        return self._say("lease_limited", limit=str(lease.limit), **words)

    def standing(self, lease: Lease) -> str:
        """Say whose a lease is and until when."""
        text = self._say(
            "lease_standing", owner=lease.owner, until=self.moment(lease.until)
        )
        return self._because(text, lease)

    def _because(self, text: str, lease: Lease) -> str:
        if not lease.reason:
            return text
        return self._say("lease_because", text=text, reason=lease.reason)

    def event(self, event: LeaseEvent) -> str:
        """Say what happened to a lease."""
        return self.told(told(event))

    def told(self, data: Mapping[str, Any]) -> str:
        """Say what plain data tell, as they were made by ``told`` or ``noted``."""
        if (lease := data.get("lease")) is None:
            if "changes" in data:
                return self._wish(data)
            return self._say(data["code"], **data["placeholders"])
        held = Lease.from_dict(lease)
        text = self._say(
            data["code"],
            owner=held.owner,
            what=self.lease(held),
            until=self.moment(held.until),
            limit=str(100 if held.limit is None else held.limit),
            refusal=self.refusal(data.get("refusal"), data["placeholders"]),
        )
        return self._because(text, held)

    def _wish(self, data: Mapping[str, Any]) -> str:
        return self._say(
            data["code"],
            changes=", ".join(
                self._say(
                    "wish_change",
                    setting=self.setting(key),
                    value=self.value(key, value),
                )
                for key, value in data["changes"].items()
            ),
            refusal=self.refusal(data.get("refusal"), data["placeholders"]),
        )

    def refusal(self, refusal: str | None, placeholders: Mapping[str, str]) -> str:
        """Say why a wish was refused."""
        if refusal is None:
            return ""
        text = self._text("exceptions", f"exceptions.wish_{refusal}.message")
        return text.format(**self.refusal_placeholders(placeholders))

    def contact(self, state: str) -> str:
        """Say what became of a wish about the dry contact."""
        return self._say(f"contact_{state}")

    def finding(self, key: str, placeholders: Mapping[str, str]) -> str:
        """Say what a rule of the dry contact found."""
        text = self._text("exceptions", f"exceptions.{key}.message")
        return text.format(**self.finding_placeholders(placeholders))

    def finding_placeholders(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the placeholders with a setting named as people do."""
        return {
            name: self.setting(word) if name == "where" else word
            for name, word in given.items()
        }

    def refusal_placeholders(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the placeholders with settings named and moments told as people do."""
        words = dict(given)
        for name in words.keys() & {"setting", "missing"}:
            words[name] = ", ".join(map(self.setting, words[name].split(", ")))
        if (until := words.get("until")) and (at := dt_util.parse_datetime(until)):
            words["until"] = self.moment(at)
        return words

    def setting(self, key: str) -> str:
        """Name a setting; one without an entity goes by its key."""
        row = SETTINGS.get(key)
        if row is None:
            return key
        platform = _PLATFORM_OF.get(row.kind, "number")
        return self._text("entity", f"entity.{platform}.{key}.name", key)

    def value(self, key: str, value: SettingValue) -> str:
        """Say the value of a setting."""
        row = SETTINGS.get(key)
        if row and row.kind in {SettingKind.MODE, SettingKind.CHOICE}:
            return self._state("select", key, str(value))
        if row and row.kind is SettingKind.TEXT:
            return self._say("another_table")
        if isinstance(value, bool):
            return self._say("on" if value else "off")
        if isinstance(value, int | float):
            return f"{_number(value)}{_UNIT_OF.get(SETTINGS[key].kind, '')}"
        return value

    @staticmethod
    def moment(at: datetime) -> str:
        """Say a moment of the next day or so, in local time."""
        return dt_util.as_local(at).strftime("%H:%M")

    def _state(self, platform: str, key: str, state: str) -> str:
        return self._text("entity", f"entity.{platform}.{key}.state.{state}", state)

    def _say(self, key: str, **words: str) -> str:
        return self._text("common", f"common.{key}", key).format(**words)

    def _text(self, category: str, place: str, fallback: str | None = None) -> str:
        texts = async_get_cached_translations(
            self._hass, self._hass.config.language, category, DOMAIN
        )
        return texts.get(f"component.{DOMAIN}.{place}", fallback or place)


def told(event: LeaseEvent) -> dict[str, Any]:
    """Return a lease event as plain data, for the recorder."""
    reason = event.reason
    refused = reason in set(Refusal)
    coded = reason is not None and not refused and event.kind in _CODED
    return {
        "code": f"lease_{event.kind}_{reason}" if coded else f"lease_{event.kind}",
        "lease": event.lease.as_dict() if event.lease else None,
        "refusal": reason if refused else None,
        "placeholders": dict(event.placeholders),
    }


def _suspended(why: Hindrance) -> str:
    away = why is Hindrance.OFF_GRID
    return "lease_suspended" if away else f"lease_suspended_{why}"


def noted(entry: JournalEntry) -> dict[str, Any]:
    """Return an entry of the journal as plain data, for the recorder."""
    end = entry.result or ("refused" if entry.refusal else "cut_short")
    return {
        "code": f"wish_{end}",
        "changes": dict(entry.changes),
        "link": entry.link and entry.link.value,
        "refusal": entry.refusal and entry.refusal.value,
        "placeholders": dict(entry.placeholders),
    }


def _number(value: float | None) -> str:
    """Say a number without needless digits."""
    return "" if value is None else f"{value:g}"
