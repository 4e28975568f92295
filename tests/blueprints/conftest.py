"""One blueprint at work in a Home Assistant whose clock stands still until told."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
import shutil

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from .house import House, living
from .world import BLUEPRINTS, World

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

_SPEAKERS = (
    "homeassistant.components.automation",
    "homeassistant.components.script",
    "homeassistant.helpers.template",
    "homeassistant.helpers.script",
)
"""Who tells that something in a blueprint went wrong."""


@pytest.fixture
async def world(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> AsyncGenerator[World]:
    """Give a Home Assistant in London that has our blueprints, at noon in winter.

    A template that went wrong tells it in the log, and nowhere else.
    """
    shutil.copytree(BLUEPRINTS, tmp_path / "blueprints")
    hass.config.config_dir = str(tmp_path)
    await hass.config.async_set_time_zone("Europe/London")
    freezer.move_to("2026-11-20 12:00:00+00:00")
    world = World(hass, freezer)
    await world.prepare()
    yield world
    await world.end()
    wrong = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelname in {"WARNING", "ERROR"}
        and record.name.startswith(_SPEAKERS)
        and not (world.refused and "refused" in record.getMessage())
    ]
    assert wrong == []
    for message in world.logbook:
        assert message == " ".join(message.split())
        assert message.endswith((".", "!"))


@pytest.fixture
async def house(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    tmp_path: Path,
    hass_admin_user: MockUser,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[House]:
    """Give a house in London with a real plant, at noon in winter or as asked for."""
    start: datetime = getattr(request, "param", NOON)
    user = hass_admin_user.id
    async with living(hass, freezer, tmp_path, monkeypatch, start, user=user) as house:
        yield house
