"""Whether the stick still reaches the vendor's cloud while we ask it things."""

from collections.abc import Callable
from typing import Final

from .errors import DtsError, NotSupportedError
from .session import DtsSession

CHECK_SECONDS: Final = 600
"""The question costs the stick a request, and a cloud that is gone is gone for long."""

CONNECTED: Final = 2
"""``state`` of the network information while the cloud is reached.

Inferred: the numbers are not published. So what follows from it is a hint, no alarm.
"""


class CloudWatch:
    """Asks now and then how far the stick's connection reaches."""

    def __init__(self, session: DtsSession, clock: Callable[[], float]) -> None:
        """Watch over a session; nothing is asked yet."""
        self._session = session
        self._clock = clock
        self._next = float("-inf")
        self._connected: bool | None = None

    async def look(self) -> bool | None:
        """Return whether the cloud is reached, None when the stick does not tell."""
        if self._clock() < self._next:
            return self._connected
        self._next = self._clock() + CHECK_SECONDS
        try:
            state = (await self._session.network_information()).state
        except NotSupportedError:
            self._next = float("inf")
        except DtsError:
            self._connected = None
        else:
            self._connected = state == CONNECTED
        return self._connected
