"""When two instances are equal: rows by their keys, what is no row by its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import InvalidValueError
from juggler.values.missing import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable


def equal(one: Any, other: Any, values: Callable[[Any], Any]) -> bool:
    """Whether two instances of one model are the same row, or have the same values and are none.

    Args:
        one: an instance.
        other: another one.
        values: what the values of an instance are.
    """
    if one._row is None and other._row is None:
        try:
            return bool(values(one) == values(other))
        except InvalidValueError:  # a value that does not fit its property equals nothing
            return False
    mine = row_key(one)
    return mine is not None and mine == row_key(other)


def row_key(instance: Any) -> tuple[Any, ...] | None:
    """The key of a stored row, as it is stored; None of what is no row, or was read without."""
    row = instance._row
    positions = instance.__codec__.spec.key_positions
    if row is None or not positions:
        return None
    key = tuple(row[position] for position in positions)
    return None if MISSING in key else key


def hashed(instance: Any) -> int:
    """The hash of a row.

    Raises:
        TypeError: it is no row: its values, by which it is compared, may change.
    """
    key = row_key(instance)
    if key is None:
        msg = f"unhashable: {instance!r:.80} has no stored key; save it, or use a list"
        raise TypeError(msg)
    return hash((type(instance), key))
