"""A small cloud on loopback, and an account at it."""

from collections.abc import AsyncGenerator

import pytest

from custom_components.instagen.links.cloud.client import CloudClient
from simulator.cloud import Cloud, serve_cloud

from .reference import account as reference_account
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


@pytest.fixture
async def reference(socket_enabled: None) -> AsyncGenerator[Cloud]:
    """Serve a household at the reference cloud, in the afternoon."""
    async with serve_cloud("home") as served:
        served.advance(3600)
        yield served


@pytest.fixture
async def home(reference: Cloud, clock: Clock) -> AsyncGenerator[CloudClient]:
    """Open its installer's account."""
    async with reference_account(reference, clock) as opened:
        yield opened
