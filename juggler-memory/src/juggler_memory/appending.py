"""New rows at the end of a plain table: the one loop that a bulk load spends its time in.

It does what :mod:`juggler_memory.kinds` does for an insert, for the common case: a table without
indexes, nobody who keeps effects, rows stored as they come, keys that the store counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector import WriteResult
from juggler.values import MISSING
from juggler_memory.kinds import NEW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import WriteOp
    from juggler_memory.writer import Batch


def can_append(batch: Batch, ops: Sequence[WriteOp]) -> bool:
    """Whether the whole call is new rows for a plain table."""
    for op in ops:  # no generator: it would cost more than the one row that most calls have
        if op.kind != "insert" or op.key is not None or op.ttl is not None:
            return False
    binding, table = batch.binding, batch.table
    return (
        binding.counted
        and binding.settle is None
        and batch.effects is None
        and not table.indexes
        and not table.expires
    )


def append(batch: Batch, ops: Sequence[WriteOp]) -> list[WriteResult]:
    """Store the rows under the next numbers."""
    table, at, next_version = batch.table, batch.binding.id_position, batch.store.next_version
    rows, versions = table.own()
    number = table.next_id
    results = []
    for index, op in enumerate(ops):
        row: Any = op.values
        key = (number,)
        if MISSING in row:
            row = tuple([None if value is MISSING else value for value in row])
        rows[key] = row[:at] + key + row[at + 1 :]
        version = versions[key] = next_version()
        results.append(WriteResult(index, key, "created", NEW, version))
        number += 1
    if results:
        table.appended((number - 1,))
    return results
