"""Share the world of a plant."""

from tests.steering.conftest import clock, world

__all__ = ["clock", "world"]
