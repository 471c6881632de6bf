"""Where a page ends: values of its last row, so that writes cannot shift the next one."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from juggler.errors import PageTokenError
from juggler.values import tagged


@frozen
class Cursor:
    """The last row given out.

    Attributes:
        values: its values in the query's order, empty without one.
        key: its key.
        emitted: rows given out so far.
    """

    values: tuple[Any, ...]
    key: tuple[Any, ...]
    emitted: int

    def encode(self) -> bytes:
        """The cursor as the contract carries it."""
        return tagged.dumps((self.values, self.key, self.emitted)).encode()


def decode(data: bytes | None) -> Cursor | None:
    """The cursor of :meth:`Cursor.encode`, None for a beginning."""
    if data is None:
        return None
    try:
        values, key, emitted = tagged.loads(data)
        return Cursor(values, key, emitted)
    except (ValueError, TypeError, KeyError) as error:
        raise PageTokenError(
            "the cursor is not of the memory connector", reason="forged"
        ) from error
