"""The link to the cloud: its brands, sessions, functions and answers."""

from .client import CloudClient, open_account
from .link import CloudLink
from .plant import CloudPlant

__all__ = ["CloudClient", "CloudLink", "CloudPlant", "open_account"]
