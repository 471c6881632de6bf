"""``debug=True``: native statements and the life cycle, to the logger ``juggler.<connector>``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from juggler.connector.port import TraceLayer

if TYPE_CHECKING:
    from juggler.datasource._events import Events


class DebugLayer(TraceLayer):
    """A layer of the port that logs every request when it is done."""

    def __init__(self, name: str) -> None:
        self.log = logging.getLogger(f"juggler.{name}")
        if self.log.level == logging.NOTSET:
            self.log.setLevel(logging.DEBUG)
        super().__init__(lambda line: self.log.debug("%s", line))

    def follow(self, events: Events) -> None:
        """Log the life cycle, too."""
        events.on("connected", lambda: self.log.debug("connected"))
        events.on("disconnected", lambda: self.log.debug("disconnected"))
        events.on("error", lambda error: self.log.debug("not connected: %s", error))
