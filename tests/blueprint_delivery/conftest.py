"""A bundle of two blueprints, and a configuration folder of its own to deliver it to."""

from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.instagen import blueprint_delivery
from custom_components.instagen.blueprint_delivery import BlueprintDelivery
from custom_components.instagen.const import DOMAIN

from .bundle import Bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """Make the bundle."""
    bundle = Bundle(tmp_path / "bundle", tmp_path / "config" / "blueprints")
    bundle.write(1)
    return bundle


@pytest.fixture
async def delivery(
    hass: HomeAssistant, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> BlueprintDelivery:
    """Set the integration up, with automations and scripts, in a folder of its own."""
    monkeypatch.setattr(hass.config, "config_dir", str(bundle.installed.parent))
    monkeypatch.setattr(blueprint_delivery, "bundle_folder", lambda: bundle.folder)
    for domain in ("automation", "script", "repairs", DOMAIN):
        assert await async_setup_component(hass, domain, {})
    await hass.async_block_till_done()
    return hass.data[blueprint_delivery.BLUEPRINTS]
