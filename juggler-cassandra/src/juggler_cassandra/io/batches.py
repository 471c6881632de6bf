"""Plain writes of many rows: those of one partition together, as one request."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, Final

from cassandra.query import BatchStatement, BatchType

from juggler_cassandra.capabilities import has_counters
from juggler_cassandra.io import errors
from juggler_cassandra.io.session import write_time
from juggler_cassandra.io.verdicts import failed, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler.connector import OpContext, WriteResult
    from juggler_cassandra.io.facts import Facts
    from juggler_cassandra.io.session import Session
    from juggler_cassandra.io.statements import Sent

#: The server warns of batches above 5 KiB of several partitions; of one partition this is fine.
_BYTES: Final = 40 * 1024
_ROWS: Final = 100


async def send_blind(
    session: Session, facts: Facts, todo: list[Sent], ctx: OpContext, consistency: int
) -> dict[int, WriteResult]:
    """Send rows, those of one partition in batches; results by the rows' places."""
    results: dict[int, WriteResult] = {}
    bound: list[tuple[Sent, Any]] = []
    for one in todo:
        try:
            bound.append((one, one.bound()))
        except Exception as error:  # noqa: BLE001 - of one row; the others are written
            results[one.index] = failed(one.index, one.op, errors.writing(error))
    groups = list(_groups(bound, len(facts.model.key.partition)))
    kind = BatchType.COUNTER if has_counters(facts.model) else BatchType.UNLOGGED
    if bound:
        ctx.note(f"{bound[0][0].text} x {len(bound)} in {len(groups)} requests", ())

    def send(i: int) -> Any:
        group = groups[i]
        if len(group) == 1:
            return session.send(group[0][1], consistency, write_time(ctx))
        batch = BatchStatement(kind)
        for _, statement in group:
            batch.add(statement)
        return session.send(batch, consistency, write_time(ctx))

    window = session.window(send, len(groups), errors.writing, session.settings.write_concurrency)
    for group, outcome in zip(groups, await ctx.wait(window), strict=True):
        for one, _ in group:
            each = copy(outcome) if isinstance(outcome, BaseException) else outcome
            results[one.index] = verdict(facts, one, each)  # an error will name the row's key
    return results


def _groups(bound: list[tuple[Sent, Any]], parts: int) -> Iterator[list[tuple[Sent, Any]]]:
    """Rows of one partition together, within a batch's bounds; a key is in no batch twice."""
    open_groups: dict[Any, list[tuple[Sent, Any]]] = {}
    sizes: dict[Any, int] = {}
    for item in bound:
        one, statement = item
        place: Any = (one.index,) if one.part == "batch" else repr((one.op.key or ())[:parts])
        size = sum(len(value) for value in statement.values if isinstance(value, bytes))
        group = open_groups.get(place)
        full = group is not None and (len(group) >= _ROWS or sizes[place] + size > _BYTES)
        if group is None or full:
            if group is not None:
                yield group
            group = open_groups[place] = []
            sizes[place] = 0
        group.append(item)
        sizes[place] += size
    yield from open_groups.values()
