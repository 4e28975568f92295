"""Who hears what happens at a desk."""

from collections.abc import Callable

from .leases import LeaseEvent

type Listener = Callable[[frozenset[str]], None]
type EventListener = Callable[[LeaseEvent], None]


class Audience:
    """Tells everybody who asked to be told. Nobody may raise."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._listeners: list[Listener] = []
        self._event_listeners: list[EventListener] = []

    def add_listener(self, listener: Listener) -> Callable[[], None]:
        """Tell somebody what changed; return what ends that.

        It is given keys of settings whose shown value changed, ``leases`` and
        ``writes_today``.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def add_event_listener(self, listener: EventListener) -> Callable[[], None]:
        """Tell somebody what happens to leases; return what ends that."""
        self._event_listeners.append(listener)
        return lambda: self._event_listeners.remove(listener)

    def notify(self, changed: frozenset[str]) -> None:
        """Tell what changed, if anything did."""
        if changed:
            for listener in tuple(self._listeners):
                listener(changed)

    def tell(self, event: LeaseEvent) -> None:
        """Tell what happened to a lease."""
        for listener in tuple(self._event_listeners):
            listener(event)
