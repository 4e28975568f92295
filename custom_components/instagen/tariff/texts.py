"""The words for a tariff: findings, bands and what became of a table."""

from collections.abc import Iterable
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_cached_translations

from ..const import DOMAIN
from ..plant.tariff import Band, Rate
from ..plant.tariff_rules import Finding


class TariffTexts:
    """Makes plain sentences; Home Assistant loaded the translations with us."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Speak the server's language."""
        self._hass = hass

    def findings(self, findings: Iterable[Finding]) -> list[dict[str, Any]]:
        """Return findings as an action answers them."""
        return [
            {
                "rule": one.rule.value,
                "problem": one.problem.value,
                "severity": one.severity.value,
                "where": one.where,
                "text": self._text(
                    "exceptions", f"exceptions.{one.translation_key}.message"
                ).format(**one.placeholders),
            }
            for one in findings
        ]

    def period(self, band: Band, rate: Rate | None, currency: str) -> str:
        """Say a band and its prices, short enough for a calendar."""
        name = self._text("entity", f"entity.sensor.tariff_period.state.{band}")
        if rate is None:
            return name
        return self.say(
            "tariff_event",
            band=name,
            buy=f"{rate.buy:g}",
            sell=f"{rate.sell:g}",
            unit=currency,
        )

    def say(self, key: str, **words: str) -> str:
        """Say something."""
        return self._text("common", f"common.{key}").format(**words)

    def _text(self, category: str, place: str) -> str:
        texts = async_get_cached_translations(
            self._hass, self._hass.config.language, category, DOMAIN
        )
        return texts.get(f"component.{DOMAIN}.{place}", place)
