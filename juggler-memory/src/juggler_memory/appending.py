"""New rows at the end of a plain table: the one loop that a bulk load spends its time in.

It does what :mod:`juggler_memory.kinds` does for an insert, for the common case: a table without
indexes, nobody who keeps effects, rows stored as they come, keys that the store counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector import WriteResult
from juggler.values import MISSING, TypeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import WriteOp
    from juggler_memory.writer import Batch

_COUNTED = (TypeKind.INTEGER, TypeKind.NUMBER)


def can_append(batch: Batch, ops: Sequence[WriteOp]) -> bool:
    """Whether the whole call is new rows for a plain table."""
    binding, table = batch.binding, batch.table
    return (
        binding.id_kind in _COUNTED
        and binding.same
        and binding.settle is None
        and batch.effects is None
        and not table.indexes
        and not table.expires
        and all(op.kind == "insert" and op.key is None and op.ttl is None for op in ops)
    )


def append(batch: Batch, ops: Sequence[WriteOp]) -> list[WriteResult]:
    """Store the rows under the next numbers."""
    table, at, version = batch.table, batch.binding.id_position, batch.store.next_version
    rows, versions = table.own()
    number = table.next_id
    results = []
    for index, op in enumerate(ops):
        given: Any = op.values
        key = (number,)
        row = (*given[:at], number, *given[at + 1 :])
        for value in row:
            if value is MISSING:
                row = tuple([None if value is MISSING else value for value in row])
                break
        rows[key] = row
        made = versions[key] = version()
        results.append(WriteResult(index, key, "created", existed=False, version=made))
        number += 1
    if results:
        table.appended((number - 1,))
    return results
