"""The door for switches."""

from .cloud.doors import for_each_plant
from .platforms.switch import PARALLEL_UPDATES, async_setup_entry as set_up

async_setup_entry = for_each_plant(set_up)

__all__ = ["PARALLEL_UPDATES", "async_setup_entry"]
