"""Share the small stick and its entry."""

from tests.config_flow.fixtures import entry, loaded, our_integration, stick

__all__ = ["entry", "loaded", "our_integration", "stick"]
