"""``db.on("connected" | "disconnected" | "error", fn)``."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, Literal, get_args

from juggler.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

Event = Literal["connected", "disconnected", "error"]
EVENTS: tuple[str, ...] = get_args(Event)


class Events:
    """Listeners of a data source.  A listener that raises is logged and disturbs nobody."""

    def __init__(self, name: str) -> None:
        self._log = logging.getLogger(f"juggler.{name}")
        self._lock = threading.Lock()
        self._listeners: dict[str, tuple[Callable[..., object], ...]] = dict.fromkeys(EVENTS, ())

    def on(self, event: str, listener: Callable[..., object]) -> Callable[[], None]:
        """Call ``listener`` at each such event (``error`` gives it the error).

        Returns:
            A function that takes the listener off again.

        Raises:
            ConfigurationError: ``unknown-event``.
        """
        if event not in EVENTS:
            raise ConfigurationError(
                f"there is no event {event!r}",
                code="unknown-event",
                hint=did_you_mean(str(event), EVENTS),
            )
        if not callable(listener):
            raise ConfigurationError(f"the listener of {event!r} is no function")
        with self._lock:
            self._listeners[event] += (listener,)
        return lambda: self._off(event, listener)

    def emit(self, event: Event, *args: Any) -> None:
        """Call the listeners in the order in which they came."""
        for listener in self._listeners[event]:
            try:
                listener(*args)
            except Exception:  # noqa: BLE001 - whatever it is, it is the listener's own
                self._log.exception("listener of %r failed", event)

    def _off(self, event: str, listener: Callable[..., object]) -> None:
        with self._lock:
            kept = list(self._listeners[event])
            if listener in kept:
                kept.remove(listener)
            self._listeners[event] = tuple(kept)

    def after_fork(self) -> None:
        """A lock held in the parent is held for ever in the child."""
        self._lock = threading.Lock()
