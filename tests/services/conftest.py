"""Share the small stick and its entry, with a recorder below them."""

from collections.abc import Iterator

import pytest

from tests.config_flow.fixtures import entry, loaded, quick_loopback, stick

__all__ = ["entry", "loaded", "our_integration", "stick"]


@pytest.fixture(autouse=True)
def our_integration(
    recorder_mock: None, enable_custom_integrations: None, socket_enabled: None
) -> Iterator[None]:
    """Let our integration and the sockets of this machine be used, in a hurry."""
    with quick_loopback():
        yield
