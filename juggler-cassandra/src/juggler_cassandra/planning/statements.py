"""A plan's statements for readers: CQL, bound values, level, how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector import Statement
from juggler.errors import JugglerError
from juggler_cassandra.cql import Cql, Read, select
from juggler_cassandra.planning import keyset
from juggler_cassandra.planning.access import Points, Ring, Slices

if TYPE_CHECKING:
    from juggler_cassandra.planning.access import Access, AnyBranch
    from juggler_cassandra.planning.relations import Known


def statements(known: Known, access: Access, page_size: int) -> tuple[Statement, ...]:
    """One statement per branch: its first request, with the values as the model has them."""
    return tuple(_statement(known, access, branch, page_size) for branch in access.branches)


def _statement(known: Known, access: Access, branch: AnyBranch, page_size: int) -> Statement:
    read, times = first_read(branch)
    limit = None if isinstance(branch, Points) else access.limit
    cql = select(branch, read, limit=limit)
    facts: dict[str, Any] = {"consistency": access.consistency}
    if not isinstance(branch, Points):
        facts["fetch_size"] = page_size if access.limit is None else min(page_size, access.limit)
    if times > 1:
        facts["times"] = times
    if branch.base is not None:
        facts["then"] = f"the rows of {branch.base} by key"
    if isinstance(branch, Ring) and keyset.in_ranges(branch, access.limit, page_size):
        facts["later_pages"] = "token ranges at the same time"
    return Statement(cql.text, _shown(known, read, cql, limit), facts)


def first_read(branch: AnyBranch) -> tuple[Read, int]:
    """The first read of a branch, and how many of its kind there are."""
    if isinstance(branch, Points):
        return keyset.point(branch, branch.values[0]), len(branch.values)
    if isinstance(branch, Slices):
        return keyset.start(branch, branch.partitions[0]), len(branch.partitions)
    return keyset.ring_start(branch), 1


def _shown(known: Known, read: Read, cql: Cql, limit: int | None) -> tuple[Any, ...]:
    """The bound values, timestamps and the like as the model has them."""
    decode = {c.name: c.pair.decode for c in known.codec.columns.values()}
    shown: list[Any] = []
    for restriction in read.restrictions:
        values = restriction.value if restriction.operator in {"IN", "ENTRY"} else None
        change = decode.get(restriction.column) if _is_whole(restriction.operator) else None
        if restriction.operator == "IN":
            shown.append([_decoded(change, value) for value in restriction.value])
        elif values is not None:
            shown += values
        else:
            shown.append(_decoded(change, restriction.value))
    shown += [limit] if limit is not None else []
    return tuple(shown) if len(shown) == len(cql.values) else cql.values


def _is_whole(operator: str) -> bool:
    return operator in {"=", "IN", "<", "<=", ">", ">="}


def _decoded(change: Any, value: Any) -> Any:
    if change is None:
        return value
    try:
        return change(value)
    except JugglerError:
        return value
