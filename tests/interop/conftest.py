"""The public clients, each installed once in a session."""

import pytest

from .cloud_peer import NAME as CLOUD, CloudPeer
from .dts_peer import NAME as DTS, DtsPeer
from .modbus_peer import NAME as MODBUS, ModbusPeer


@pytest.fixture(scope="session")
def peer() -> ModbusPeer:
    """Return the public client that reads the same registers."""
    return ModbusPeer.install(MODBUS)


@pytest.fixture(scope="session")
def dts_peer() -> DtsPeer:
    """Return the public client that speaks the stick's own protocol."""
    return DtsPeer.install(DTS)


@pytest.fixture(scope="session")
def cloud_peer() -> CloudPeer:
    """Return the public client of a white label's gateway."""
    return CloudPeer.install(CLOUD)
