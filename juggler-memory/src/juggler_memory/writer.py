"""Writes: the rows of a call under one lock, with exact results, undone if they cannot stand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

from juggler.connector import WhereResult, WriteResult
from juggler.errors import (
    InvalidValueError,
    JugglerError,
    WriteError,
)
from juggler_memory.appending import append, can_append
from juggler_memory.kinds import HANDLERS
from juggler_memory.patching import patched
from juggler_memory.refusals import taken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler.connector import Key, Row, Version, WriteOp, WriteOptions
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
    if can_append(batch, ops):
        results = append(batch, ops)
    elif opts.atomic in _TOGETHER:
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

    __slots__ = ("_before", "binding", "effects", "now", "store", "table")

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
            return HANDLERS[op.kind](self, index, op)
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
                raise taken(self.binding, *clash)
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
