"""A small stick on loopback."""

from collections.abc import AsyncGenerator

import pytest

from .stick import FakeStick, good_stick, serve


@pytest.fixture
async def stick(socket_enabled: None) -> AsyncGenerator[FakeStick]:
    """Serve a stick with one inverter."""
    async with serve(good_stick()) as served:
        yield served
