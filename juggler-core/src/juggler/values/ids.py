"""Ids made on this side: ordered by time (UUID version 7), or short and random."""

from __future__ import annotations

import secrets
import threading
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid1

from juggler.values.types import TEXTUAL, TypeKind

if TYPE_CHECKING:
    from juggler.values.types import TypeSpec

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-"
_COUNTER_BITS = 42
_RANDOM_BITS = 32


class _Clock:
    """Milliseconds and a counter that never go back, also when the system's clock does."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.millis = 0
        self.counter = 0

    def next(self) -> tuple[int, int]:
        """The time in milliseconds and a counter that grows within it."""
        with self.lock:
            millis = time.time_ns() // 1_000_000
            if millis > self.millis:
                # The counter begins at random in its lower half: room to grow, hard to guess.
                self.millis, self.counter = millis, secrets.randbits(_COUNTER_BITS - 1)
            else:
                self.counter += 1
                if self.counter >> _COUNTER_BITS:
                    self.millis, self.counter = self.millis + 1, secrets.randbits(_COUNTER_BITS - 1)
            return self.millis, self.counter


_clock = _Clock()


def uuid7() -> UUID:
    """A UUID of version 7 (RFC 9562): greater than all that this process made before."""
    millis, counter = _clock.next()
    high, low = counter >> 30, counter & ((1 << 30) - 1)
    bits = (
        millis << 80 | 7 << 76 | high << 64 | 2 << 62 | low << 32 | secrets.randbits(_RANDOM_BITS)
    )
    return UUID(int=bits)


def nanoid(size: int = 21) -> str:
    """A random text of ``size`` characters that is safe in URLs; 21 hold 126 random bits."""
    return "".join(_ALPHABET[byte & 63] for byte in secrets.token_bytes(size))


def new_key(spec: TypeSpec) -> Any:
    """A new value for a generated key of this type.

    Returns:
        A UUID of version 7 (as text for a text), of version 1 for a timeuuid, and None for a type
        whose keys only a store can make.
    """
    if spec.kind in TEXTUAL:
        return str(uuid7())
    if spec.kind is TypeKind.UUID:
        return uuid7()
    return uuid1() if spec.kind is TypeKind.TIMEUUID else None
