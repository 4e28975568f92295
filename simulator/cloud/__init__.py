"""The reference cloud: both front doors of the S-Miles family, and the manual's model behind.

In a test::

    async with serve_cloud("home", plant=sim) as cloud:
        ...log in at cloud.base_url as "demo-owner" with PASSWORDS["demo-owner"]...
        cloud.world.edit_plant(HOME, name="The Mill")
        cloud.fault("token_expired")
        cloud.requests["live"]

What is spoken, and which of it is proven: docs/cloud.md.
"""

from .faults import CLOUD_FAULTS
from .scenarios import ACCOUNTS, CLOUD_SCENARIOS, FOREIGN, HOME, PASSWORDS, STOCK
from .session import Cloud, serve_cloud

__all__ = [
    "ACCOUNTS",
    "CLOUD_FAULTS",
    "CLOUD_SCENARIOS",
    "FOREIGN",
    "HOME",
    "PASSWORDS",
    "STOCK",
    "Cloud",
    "serve_cloud",
]
