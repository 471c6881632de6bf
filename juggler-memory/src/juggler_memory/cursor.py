"""Where a page ends: values of its last row, so that writes cannot shift the next one."""

from __future__ import annotations

import json
from typing import Any

from attrs import frozen

from juggler.errors import PageTokenError
from juggler_memory.storage.values import pack, unpack


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
        data = [pack(self.values), pack(self.key), self.emitted]
        return json.dumps(data, separators=(",", ":")).encode()


def decode(data: bytes | None) -> Cursor | None:
    """The cursor of :meth:`Cursor.encode`, None for a beginning."""
    if data is None:
        return None
    try:
        values, key, emitted = json.loads(data)
        return Cursor(unpack(values), unpack(key), emitted)
    except (ValueError, TypeError) as error:
        raise PageTokenError(
            "the cursor is not of the memory connector", reason="forged"
        ) from error
