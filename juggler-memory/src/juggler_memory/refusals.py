"""Why a row was not written: results and errors that say what is in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector import WriteResult
from juggler.errors import ConflictError, DuplicateKeyError, InvalidValueError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import Key, Row, WriteOp
    from juggler_memory.binding import Binding
    from juggler_memory.writer import Batch


def no_key(binding: Binding, row: Sequence[Any]) -> InvalidValueError:
    """A key part is missing that nothing can make."""
    model = binding.model
    parts = zip(model.key.names, model.key_positions, strict=True)
    missing = [name for name, at in parts if row[at] is None]
    return InvalidValueError(
        f"the key part {missing[0]!r} is missing",
        code="key-required",
        field=missing[0],
        hint="give a value: only a single number, text or uuid is made by the store",
    )


def stale(batch: Batch, index: int, op: WriteOp) -> WriteResult | None:
    """A conflict if the row has another version than the one asked for."""
    if op.if_version is None:
        return None
    key = op.key or ()
    current = batch.table.versions[key]
    if current == op.if_version:
        return None
    row = batch.binding.out(batch.table.rows[key])
    error = conflict(batch, op, row)
    return WriteResult(
        index, key, "conflict", existed=True, version=current, record=row, error=error
    )


def conflict(batch: Batch, op: WriteOp, current: Row | None) -> ConflictError:
    """The row has another version than the one asked for."""
    return ConflictError(
        f"this {batch.binding.model.name} was changed since it was read",
        expected=op.if_version,
        current=current,
        model=batch.binding.model.name,
        key=op.key,
        hint="reload() it and try again, or if_unchanged=False",
    )


def missing(batch: Batch, index: int, op: WriteOp) -> WriteResult:
    """The row is not there."""
    error = NotFoundError(
        f"{batch.binding.model.name} has no row with the key {_shown(op.key or ())}",
        model=batch.binding.model.name,
        key=op.key,
    )
    return WriteResult(index, op.key, "missing", existed=False, error=error)


def exists(binding: Binding, key: Key) -> DuplicateKeyError:
    """A row with this key is there already."""
    return DuplicateKeyError(
        f"{binding.model.name} has a row with the key {_shown(key)} already",
        model=binding.model.name,
        key=key,
        hint="upsert or replace_or_create writes over it",
    )


def taken(binding: Binding, index: Any, other: Key) -> DuplicateKeyError:
    """Another row has an entry of a unique index."""
    paths = ", ".join(index.definition.paths)
    return DuplicateKeyError(
        f"another {binding.model.name} has this value of {paths} already",
        code="duplicate-value",
        model=binding.model.name,
        hint=f"its key is {_shown(other)}",
    )


def _shown(key: Key) -> str:
    """A key for a message: a single value by itself, and never too much."""
    return f"{key[0]!r:.80}" if len(key) == 1 else f"{key!r:.80}"
