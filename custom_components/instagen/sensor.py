"""Door for Home Assistant; the code is in platforms."""

from .platforms.sensor import PARALLEL_UPDATES, async_setup_entry

__all__ = ["PARALLEL_UPDATES", "async_setup_entry"]
