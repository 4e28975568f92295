"""The door for event entities."""

from .cloud.doors import for_each_plant
from .platforms.cloud_alarm import async_set_up_followed
from .platforms.event import PARALLEL_UPDATES, async_setup_entry as set_up

async_setup_entry = for_each_plant(set_up, followed=async_set_up_followed)

__all__ = ["PARALLEL_UPDATES", "async_setup_entry"]
