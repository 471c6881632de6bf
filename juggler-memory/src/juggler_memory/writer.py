"""Writes: the rows of a call under one lock, with exact results, undone if they cannot stand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from juggler.connector import WhereResult, WriteResult
from juggler.errors import (
    ConflictError,
    DuplicateKeyError,
    InvalidValueError,
    JugglerError,
    NotFoundError,
    WriteError,
)
from juggler.values import MISSING, TypeKind
from juggler_memory.patching import patched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from juggler.connector import WriteOp, WriteOptions
    from juggler.connector.results import Key, Row, Version
    from juggler_memory.binding import Binding
    from juggler_memory.store import Effect


class Sink(Protocol):
    """Where writes go: a store, or a transaction of one."""

    @property
    def keeps_effects(self) -> bool:
        """Whether ``save`` wants to know what a write did."""
        ...

    def next_version(self) -> Version:
        """A version that no row ever had."""
        ...

    def save(self, effects: list[Effect]) -> None:
        """Keep the effects of one call, as a whole or not at all."""
        ...


_GOOD = frozenset({"created", "replaced", "patched", "deleted"})


def write(
    store: Sink, binding: Binding, ops: Sequence[WriteOp], opts: WriteOptions, now: float
) -> list[WriteResult]:
    """Write each row.  The caller holds the store's lock.

    With ``atomic="all"`` (or ``"partition"`` for rows of one partition) either all rows are written
    or none; the results then say which row was the reason.

    Raises:
        BackendError: the file cannot be written; nothing was applied.
    """
    batch = Batch(store, binding, now, undoable=opts.atomic in _TOGETHER or store.keeps_effects)
    if opts.atomic in _TOGETHER:
        results = batch.groups(ops, by_partition=opts.atomic == "partition")
    else:
        results = [batch.run(index, op) for index, op in enumerate(ops)]
    batch.finish()
    if opts.records:
        batch.attach_records(results)
    return results


_TOGETHER = frozenset({"partition", "all"})


def write_where(
    store: Sink,
    binding: Binding,
    rows: Sequence[Row],
    values: Mapping[str, Any] | None,
    now: float,
) -> WhereResult:
    """Patch (or, without values, delete) all these rows, or none of them.

    Raises:
        DuplicateKeyError, InvalidValueError: of the first row that cannot be changed; nothing was.
    """
    batch = Batch(store, binding, now, undoable=True)
    try:
        for row in rows:
            key = binding.key_of(row)
            if values is None:
                batch.remove(key)
            else:
                batch.change(key, row, values)
    except BaseException:
        batch.undo_to(0)
        raise
    batch.finish()
    return WhereResult(len(rows), len(rows))


class Batch:
    """The rows of one call: what they did, so that it can be saved or undone."""

    def __init__(self, store: Sink, binding: Binding, now: float, *, undoable: bool) -> None:
        self.store = store
        self.binding = binding
        self.table = binding.table
        self.now = now
        self.effects: list[Effect] | None = [] if undoable else None
        self._before: list[tuple[Key, Row | None, Version | None, float | None]] = []

    # ------------------------------------------------------------ a call

    def run(self, index: int, op: WriteOp) -> WriteResult:
        """Write one row; an error of this row is in its result."""
        try:
            return _HANDLERS[op.kind](self, index, op)
        except JugglerError as error:
            error.model = error.model or self.binding.model.name
            error.key = op.key if error.key is None else error.key
            return WriteResult(index, op.key, "failed", error=error)

    def groups(self, ops: Sequence[WriteOp], *, by_partition: bool) -> list[WriteResult]:
        """Write groups of rows, each whole or not at all."""
        width = len(self.binding.model.key.partition)
        groups: dict[Any, list[tuple[int, WriteOp]]] = {}
        for index, op in enumerate(ops):
            group = op.key[:width] if by_partition and op.key is not None else None
            groups.setdefault(group, []).append((index, op))
        results: dict[int, WriteResult] = {}
        for members in groups.values():
            mark = len(self._before)
            done = [self.run(index, op) for index, op in members]
            if any(result.error is not None for result in done):
                self.undo_to(mark)
                for result in done:
                    _take_back(result)
            results.update((result.index, result) for result in done)
        return [results[index] for index in range(len(ops))]

    def finish(self) -> None:
        """Save what was done; when that fails, undo it."""
        if not self.effects:
            return
        try:
            self.store.save(self.effects)
        except BaseException:
            self.undo_to(0)
            raise

    def undo_to(self, mark: int) -> None:
        """Take everything back that was done since ``mark`` rows were."""
        while len(self._before) > mark:
            key, row, version, expires = self._before.pop()
            if self.effects is not None:
                self.effects.pop()
            if row is None or version is None:
                self.table.drop(key)
            else:
                self.table.store(key, row, version, expires)

    def attach_records(self, results: Sequence[WriteResult]) -> None:
        """Put the stored rows into the results."""
        for result in results:
            row = self.table.rows.get(result.key) if result.key is not None else None
            if row is not None and result.status in _GOOD:
                result.record = self.binding.out(row)

    # ------------------------------------------------------------ one row in the table

    def put(self, key: Key, row: Row, expires: float | None) -> Version:
        """Store a table row, unless a unique index refuses it."""
        table, settle = self.table, self.binding.settle
        if settle is not None:
            row = settle(row)
        if table.uniques:
            clash = table.clash(key, row)
            if clash is not None:
                raise _taken(self.binding, *clash)
        version = self.store.next_version()
        if self.effects is not None:
            self._remember(key)
            self.effects.append((table, key, row, version, expires))
        table.store(key, row, version, expires)
        return version

    def remove(self, key: Key) -> None:
        """Remove a row that is there."""
        if self.effects is not None:
            self._remember(key)
            self.effects.append((self.table, key, None, None, None))
        self.table.drop(key)

    def change(
        self, key: Key, old: Row, values: Mapping[str, Any], ttl: float | None = None
    ) -> Version:
        """Patch a table row; without a ttl its expiry stays."""
        binding = self.binding
        row = patched(binding.model, binding.out(old), values)
        row = row if binding.same else binding.into(row, old)
        if binding.key_of(row) != key:
            raise InvalidValueError(
                "the key of a row cannot change",
                code="key-change",
                field=binding.model.key.names[0],
                hint="create a new row and delete this one",
            )
        expires = self.table.expires.get(key) if ttl is None else self.expiry(ttl)
        return self.put(key, row, expires)

    def expiry(self, ttl: float | None) -> float | None:
        """When a row written now with that time to live ends."""
        if ttl is None:
            return None
        if not math.isfinite(ttl):
            raise InvalidValueError(
                f"a time to live of {ttl}", code="bad-ttl", field="ttl", hint="it is in seconds"
            )
        return self.now + ttl

    def _remember(self, key: Key) -> None:
        table = self.table
        before = (key, table.rows.get(key), table.versions.get(key), table.expires.get(key))
        self._before.append(before)


# ---------------------------------------------------------------- one function per kind


def _insert(batch: Batch, index: int, op: WriteOp) -> WriteResult:
    binding, table, key = batch.binding, batch.table, op.key
    row: Any = op.values
    for value in row:
        if value is MISSING:
            row = tuple([None if value is MISSING else value for value in row])
            break
    if key is None:
        key, row = _with_made_key(batch, row)
    elif key in table.rows:
        raise _exists(binding, key)
    if not binding.same:
        row = binding.into(row, None)
    version = batch.put(key, row, None if op.ttl is None else batch.expiry(op.ttl))
    table.count_id(key)
    return WriteResult(index, key, "created", existed=False, version=version)


def _put(batch: Batch, index: int, op: WriteOp) -> WriteResult:
    old = batch.table.rows.get(_key(op))
    if old is None and op.if_version is not None:
        return WriteResult(
            index, op.key, "conflict", existed=False, error=_conflict(batch, op, None)
        )
    return _write_full(batch, index, op, old)


def _replace(batch: Batch, index: int, op: WriteOp) -> WriteResult:
    old = batch.table.rows.get(_key(op))
    if old is None:
        return _missing(batch, index, op)
    return _write_full(batch, index, op, old)


def _write_full(batch: Batch, index: int, op: WriteOp, old: Row | None) -> WriteResult:
    conflict = _stale(batch, index, op)
    if conflict is not None:
        return conflict
    binding, key = batch.binding, _key(op)
    row: Any = op.values
    if MISSING in row:
        known = [None] * len(row) if old is None else binding.out(old)
        row = tuple([k if v is MISSING else v for k, v in zip(known, row, strict=True)])
    version = batch.put(key, binding.into(row, old), batch.expiry(op.ttl))
    batch.table.count_id(key)
    if old is None:
        return WriteResult(index, key, "created", existed=False, version=version)
    return WriteResult(index, key, "replaced", existed=True, version=version)


def _patch(batch: Batch, index: int, op: WriteOp) -> WriteResult:
    key = _key(op)
    old = batch.table.rows.get(key)
    if old is None:
        return _created_by_patch(batch, index, op) if op.create else _missing(batch, index, op)
    conflict = _stale(batch, index, op)
    if conflict is not None:
        return conflict
    changes: Any = op.values or {}
    version = batch.change(key, old, changes, op.ttl)
    return WriteResult(index, key, "patched", existed=True, version=version)


def _created_by_patch(batch: Batch, index: int, op: WriteOp) -> WriteResult:
    binding, key = batch.binding, _key(op)
    if op.if_version is not None:
        return _missing(batch, index, op)
    if op.defaults is not None:
        row: Row = tuple([None if value is MISSING else value for value in op.defaults])
    else:
        parts = dict(zip(binding.model.key.names, key, strict=True))
        blank = tuple([parts.get(name) for name in binding.model.names])
        changes: Any = op.values or {}
        row = patched(binding.model, blank, changes)
    version = batch.put(key, binding.into(row, None), batch.expiry(op.ttl))
    batch.table.count_id(key)
    return WriteResult(index, key, "created", existed=False, version=version)


def _delete(batch: Batch, index: int, op: WriteOp) -> WriteResult:
    key = _key(op)
    if key not in batch.table.rows:
        return WriteResult(index, key, "missing", existed=False)
    conflict = _stale(batch, index, op)
    if conflict is not None:
        return conflict
    batch.remove(key)
    return WriteResult(index, key, "deleted", existed=True)


_HANDLERS: dict[str, Callable[[Batch, int, WriteOp], WriteResult]] = {
    "insert": _insert,
    "put": _put,
    "replace": _replace,
    "patch": _patch,
    "delete": _delete,
}


# ---------------------------------------------------------------- keys and refusals


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
        raise _no_key(binding, row)
    return (made,), (*row[:at], made, *row[at + 1 :])


def _no_key(binding: Binding, row: Sequence[Any]) -> InvalidValueError:
    model = binding.model
    parts = zip(model.key.names, model.key_positions, strict=True)
    missing = [name for name, at in parts if row[at] is None]
    return InvalidValueError(
        f"the key part {missing[0]!r} is missing",
        code="key-required",
        field=missing[0],
        hint="give a value: only a single number, text or uuid is made by the store",
    )


def _stale(batch: Batch, index: int, op: WriteOp) -> WriteResult | None:
    """A conflict if the row has another version than the one asked for."""
    if op.if_version is None:
        return None
    key = _key(op)
    current = batch.table.versions[key]
    if current == op.if_version:
        return None
    row = batch.binding.out(batch.table.rows[key])
    error = _conflict(batch, op, row)
    return WriteResult(
        index, key, "conflict", existed=True, version=current, record=row, error=error
    )


def _conflict(batch: Batch, op: WriteOp, current: Row | None) -> ConflictError:
    return ConflictError(
        f"this {batch.binding.model.name} was changed since it was read",
        expected=op.if_version,
        current=current,
        model=batch.binding.model.name,
        key=op.key,
        hint="reload() it and try again, or if_unchanged=False",
    )


def _missing(batch: Batch, index: int, op: WriteOp) -> WriteResult:
    error = NotFoundError(
        f"there is no {batch.binding.model.name} with this key",
        model=batch.binding.model.name,
        key=op.key,
    )
    return WriteResult(index, op.key, "missing", existed=False, error=error)


def _exists(binding: Binding, key: Key) -> DuplicateKeyError:
    return DuplicateKeyError(
        f"a {binding.model.name} with this key is there already",
        model=binding.model.name,
        key=key,
        hint="upsert or replace_or_create writes over it",
    )


def _taken(binding: Binding, index: Any, other: Key) -> DuplicateKeyError:
    paths = ", ".join(index.definition.paths)
    shown = other[0] if len(other) == 1 else other
    return DuplicateKeyError(
        f"another {binding.model.name} has this value of {paths} already",
        code="duplicate-value",
        model=binding.model.name,
        hint=f"its key is {shown!r}",
    )


def _take_back(result: WriteResult) -> None:
    """A row that was written and undone because another row of its group failed."""
    if result.status in _GOOD:
        result.status = "failed"
        result.existed = result.version = None
        result.error = WriteError(
            "not written: another row of the same atomic call failed",
            code="rolled-back",
            key=result.key,
            hint="correct that row and send all of them again",
        )
