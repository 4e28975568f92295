"""A small cloud on loopback, and an account at it."""

from collections.abc import AsyncGenerator

import pytest

from custom_components.instagen.links.cloud.client import CloudClient

from .server import Clock, SmallCloud, account, serve


@pytest.fixture
def clock() -> Clock:
    """Hold the time."""
    return Clock()


@pytest.fixture
async def cloud(socket_enabled: None) -> AsyncGenerator[SmallCloud]:
    """Serve a cloud that knows one account."""
    async with serve(SmallCloud()) as served:
        yield served


@pytest.fixture
async def client(cloud: SmallCloud, clock: Clock) -> AsyncGenerator[CloudClient]:
    """Open the account."""
    async with account(cloud.address, clock=clock) as opened:
        yield opened
