"""Share the small stick and its entry, with a recorder below them."""

from collections.abc import Iterator

import pytest

from tests.config_flow.fixtures import entry, loaded, loopback, stick

__all__ = ["entry", "loaded", "stick"]


@pytest.fixture(autouse=True)
def _our_integration(
    recorder_mock: None, enable_custom_integrations: None, socket_enabled: None
) -> Iterator[None]:
    """Start the recorder before Home Assistant loads the integration."""
    with loopback():
        yield
