"""Every finding and every outcome of a tariff has its sentence, and none is left over."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_load_integrations
import pytest

from custom_components.instagen.const import DOMAIN
from custom_components.instagen.control.wishes import Result
from custom_components.instagen.plant.tariff import Band, Rate
from custom_components.instagen.plant.tariff_rules import Finding, Problem, Rule
from custom_components.instagen.tariff.book import Source
from custom_components.instagen.tariff.texts import TariffTexts
from tests.meta import INTEGRATION, load_json

TEXTS = load_json(INTEGRATION / "translations" / "en.json")

TOLD = {
    "where", "value", "other", "days", "start", "end", "peak", "off_peak", "sell", "buy",
    "prices", "known", "hundredth", "low", "high", "energy", "capacity", "window", "hour",
    "seconds", "count", "most", "key", "carried",
}  # fmt: skip


@pytest.mark.parametrize("problem", Problem)
async def test_every_problem_has_its_sentence(
    hass: HomeAssistant, problem: Problem
) -> None:
    await async_load_integrations(hass, {DOMAIN})
    finding = Finding(Rule.FORM, problem, "there", dict.fromkeys(TOLD - {"where"}, "x"))
    (told,) = TariffTexts(hass).findings([finding])
    assert " " in told["text"]
    assert "exceptions." not in told["text"]


def test_every_outcome_has_its_sentence() -> None:
    states = {
        *(result.value for result in Result),
        *("kept_here", "dry_run", "refused", "waits_for_lease", "waits_for_tomorrow"),
    }
    wanted = {f"tariff_{name}" for name in (*states, "event", "late")}
    assert {key for key in TEXTS["common"] if key.startswith("tariff_")} == wanted


def test_every_state_has_its_name() -> None:
    period = TEXTS["entity"]["sensor"]["tariff_period"]
    assert period["state"].keys() == set(Band)
    assert period["state_attributes"]["source"]["state"].keys() == set(Source)


async def test_a_band_without_prices_is_named_alone(hass: HomeAssistant) -> None:
    await async_load_integrations(hass, {DOMAIN})
    texts = TariffTexts(hass)
    assert texts.period(Band.PEAK, None, "GBP/kWh") == "Peak"
    rate = Rate(0.4, 0.1)
    assert texts.period(Band.PEAK, rate, "GBP/kWh") == "Peak: 0.4 / 0.1 GBP/kWh"
