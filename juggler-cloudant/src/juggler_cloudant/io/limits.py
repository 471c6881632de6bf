"""Token buckets: no more requests of a class per second than the service allows."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from juggler.errors import RateLimitedError

if TYPE_CHECKING:
    from juggler.connector import OpContext


class Bucket:
    """Lets ``rate`` requests per second through, and as many at once after a pause.

    Args:
        rate: requests per second, None for no limit.
    """

    def __init__(self, rate: float | None) -> None:
        self.rate = rate
        self._lock = threading.Lock()
        self._left = rate or 0.0
        self._seen = time.monotonic()

    def take(self, ctx: OpContext) -> None:
        """Wait for one's turn.

        Raises:
            RateLimitedError: the turn would come after the deadline; nothing was sent.
        """
        if self.rate is None:
            return
        with self._lock:
            now = time.monotonic()
            self._left = min(max(self.rate, 1.0), self._left + (now - self._seen) * self.rate)
            self._seen = now
            self._left -= 1
            wait = -self._left / self.rate if self._left < 0 else 0.0
        if not wait:
            return
        left = ctx.remaining
        if left is not None and wait >= left:
            with self._lock:
                self._left += 1
            raise RateLimitedError(
                f"the limit of {self.rate:g} requests per second is reached",
                retry_after=wait,
                retryable=False,
                hint="raise the rate, or timeout=",
                connector="cloudant",
            )
        time.sleep(wait)
