"""Where a page begins: the connector's cursor, the last row's sort values, or both; as bytes."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from juggler.values import tagged


@frozen
class Position:
    """``cursor`` is the connector's; ``last`` are sort values and key of the last row given out."""

    cursor: bytes | None
    last: tuple[Any, ...] | None


START = Position(None, None)


def encode(position: Position) -> bytes:
    """The position as bytes; the token signs them."""
    return tagged.dumps((position.cursor, position.last)).encode()


def decode(data: bytes) -> Position:
    """The position of bytes that :func:`encode` made."""
    return Position(*tagged.loads(data))
