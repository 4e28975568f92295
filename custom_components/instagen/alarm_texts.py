"""The words for alarms, in the server's language."""

from collections.abc import Mapping

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.json import JsonValueType

from .const import DOMAIN
from .plant.alarms import Alarm

_PREFIX = f"component.{DOMAIN}.entity.event.alarm.state_attributes"


class AlarmTexts:
    """Names alarms and their remedies; the translations were loaded before."""

    def __init__(self, translations: Mapping[str, str]) -> None:
        """Keep the translations of the category ``entity``."""
        self._translations = translations

    def text(self, alarm: Alarm) -> str:
        """Say what an alarm means; a bit without a name is told by its family."""
        code = alarm.code if alarm.named else f"{alarm.family}_unknown"
        return self._translations.get(f"{_PREFIX}.code.state.{code}", alarm.code)

    def remedy(self, alarm: Alarm) -> str:
        """Say what the owner can do about an alarm."""
        slug = alarm.remedy.value
        return self._translations.get(f"{_PREFIX}.remedy.state.{slug}", slug)

    def describe(self, alarm: Alarm) -> dict[str, JsonValueType]:
        """Tell all about an alarm as plain data."""
        return {
            "code": alarm.code,
            "family": alarm.family.value,
            "severity": alarm.severity.value,
            "text": self.text(alarm),
            "remedy": self.remedy(alarm),
        }


async def async_alarm_texts(hass: HomeAssistant) -> AlarmTexts:
    """Load the words for alarms."""
    return AlarmTexts(
        await async_get_translations(hass, hass.config.language, "entity", {DOMAIN})
    )
