"""What each kind of write does to one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from juggler.connector import WriteResult
from juggler.errors import InvalidValueError
from juggler.values import MISSING, TypeKind
from juggler_memory.patching import patched
from juggler_memory.refusals import conflict, exists, missing, no_key, stale

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from juggler.connector import Key, Row, WriteOp
    from juggler_memory.writer import Batch

#: What ``existed`` says, given by place: by name it would cost as much as all of the result.
EXISTED, NEW = True, False


def _insert(batch: Batch, index: int, op: WriteOp) -> WriteResult:
    binding, table, key = batch.binding, batch.table, op.key
    row: Any = op.values
    if MISSING in row:
        row = tuple([None if value is MISSING else value for value in row])
    if key is None:
        key, row = _with_made_key(batch, row)
    elif key in table.rows:
        raise exists(binding, key)
    if not binding.same:
        row = binding.into(row, None)
    version = batch.put(key, row, None if op.ttl is None else batch.expiry(op.ttl))
    table.count_id(key)
    return WriteResult(index, key, "created", NEW, version)


def _put(batch: Batch, index: int, op: WriteOp) -> WriteResult:
    old = batch.table.rows.get(_key(op))
    if old is None and op.if_version is not None:
        return WriteResult(
            index, op.key, "conflict", existed=False, error=conflict(batch, op, None)
        )
    return _write_full(batch, index, op, old)


def _replace(batch: Batch, index: int, op: WriteOp) -> WriteResult:
    old = batch.table.rows.get(_key(op))
    if old is None:
        return missing(batch, index, op)
    return _write_full(batch, index, op, old)


def _write_full(batch: Batch, index: int, op: WriteOp, old: Row | None) -> WriteResult:
    refused = stale(batch, index, op)
    if refused is not None:
        return refused
    binding, key = batch.binding, _key(op)
    row: Any = op.values
    if MISSING in row:
        known = [None] * len(row) if old is None else binding.out(old)
        row = tuple([k if v is MISSING else v for k, v in zip(known, row, strict=True)])
    version = batch.put(key, binding.into(row, old), batch.expiry(op.ttl))
    batch.table.count_id(key)
    if old is None:
        return WriteResult(index, key, "created", NEW, version)
    return WriteResult(index, key, "replaced", EXISTED, version)


def _patch(batch: Batch, index: int, op: WriteOp) -> WriteResult:
    key = _key(op)
    old = batch.table.rows.get(key)
    if old is None:
        return _created_by_patch(batch, index, op) if op.create else missing(batch, index, op)
    refused = stale(batch, index, op)
    if refused is not None:
        return refused
    changes: Any = op.values or {}
    version = batch.change(key, old, changes, op.ttl)
    return WriteResult(index, key, "patched", EXISTED, version)


def _created_by_patch(batch: Batch, index: int, op: WriteOp) -> WriteResult:
    binding, key = batch.binding, _key(op)
    if op.if_version is not None:
        return missing(batch, index, op)
    if op.defaults is not None:
        row: Row = tuple([None if value is MISSING else value for value in op.defaults])
    else:
        parts = dict(zip(binding.model.key.names, key, strict=True))
        blank = tuple([parts.get(name) for name in binding.model.names])
        changes: Any = op.values or {}
        row = patched(binding.model, blank, changes)
    version = batch.put(key, binding.into(row, None), batch.expiry(op.ttl))
    batch.table.count_id(key)
    return WriteResult(index, key, "created", NEW, version)


def _delete(batch: Batch, index: int, op: WriteOp) -> WriteResult:
    key = _key(op)
    if key not in batch.table.rows:
        return WriteResult(index, key, "missing", existed=False)
    refused = stale(batch, index, op)
    if refused is not None:
        return refused
    batch.remove(key)
    return WriteResult(index, key, "deleted", existed=True)


HANDLERS: dict[str, Callable[[Batch, int, WriteOp], WriteResult]] = {
    "insert": _insert,
    "put": _put,
    "replace": _replace,
    "patch": _patch,
    "delete": _delete,
}


def _key(op: WriteOp) -> Key:
    if op.key is None:
        raise InvalidValueError(
            f"{op.kind} needs a key", code="key-required", hint="give the row's key"
        )
    return op.key


def _with_made_key(batch: Batch, row: Sequence[Any]) -> tuple[Key, Row]:
    """A key for a row that came without one: the next number, or a random id."""
    binding = batch.binding
    kind, at = binding.id_kind, binding.id_position
    made: Any
    if kind is TypeKind.INTEGER or kind is TypeKind.NUMBER:
        made = batch.table.next_id
    elif kind is TypeKind.STRING or kind is TypeKind.TEXT:
        made = str(uuid4())
    elif kind is TypeKind.UUID:
        made = uuid4()
    else:
        raise no_key(binding, row)
    return (made,), (*row[:at], made, *row[at + 1 :])
