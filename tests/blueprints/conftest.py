"""One blueprint at work in a Home Assistant whose clock stands still until told."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
import shutil

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.instagen import reach, steering
from custom_components.instagen.links.modbus import ModbusLink
from simulator import serve

from .house import House
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
    """Give a house in London with a real plant, at noon in winter or as asked for.

    Home Assistant's clock stands still until told; the link counts by the plant's, and a
    pause of the desk lets both pass.
    """
    shutil.copytree(BLUEPRINTS, tmp_path / "blueprints")
    hass.config.config_dir = str(tmp_path)
    await hass.config.async_set_time_zone("Europe/London")
    hass.loop.set_debug(False)
    start: datetime = getattr(request, "param", NOON)
    freezer.move_to(start)
    async with serve("hybrid", start=start) as sim:
        timed = partial(ModbusLink, clock=lambda: sim.plant.now / 1000)
        monkeypatch.setattr(reach, "ModbusLink", timed)
        house = House(hass, freezer, sim, hass_admin_user.id)
        for name in ("ControlDesk", "Writer"):
            made = getattr(steering, name)
            monkeypatch.setattr(
                steering,
                name,
                lambda *args, made=made, **given: made(
                    *args, **(given | {"sleep": house.sleep})
                ),
            )
        await house.set_up()
        yield house
        await house.end()
