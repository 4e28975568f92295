"""A simulated plant in a real Home Assistant: what the demo and its check are made of."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DOMAIN = "instagen"


class LiveError(Exception):
    """Something the demo needs did not happen; the message says what and where to look."""
