"""Let the pytest plugin of an older Home Assistant run on a newer one.

Loaded first, with ``-p``, in the environment of the newer release. The plugin is made
for the release that it pins; these are the two places where the newer one differs.
"""

# Has to come before httpx is imported by anyone: the newer release replaces that
# module, and refuses to start when it comes too late.
from homeassistant.components import logger


def _clear_nothing(*_: object) -> None:
    """Take the place of a function that the newer release no longer has."""


vars(logger).setdefault("_clear_logger_overwrites", _clear_nothing)
