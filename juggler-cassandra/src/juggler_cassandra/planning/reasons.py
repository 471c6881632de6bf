"""Why a plan does not take other paths, and what its reader should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from juggler_cassandra.planning.conditions import Facts, Reading
    from juggler_cassandra.planning.relations import Index, Known, Relation
    from juggler_cassandra.planning.ways import Way


def rejected(
    known: Known,
    reading: Reading,
    chosen: Sequence[Way],
    unread: Sequence[tuple[Relation, str]],
) -> tuple[tuple[str, str], ...]:
    """(path, why not) of every table, view and index that was not taken."""
    found: dict[str, str] = {}
    taken = {way.relation.name for way in chosen if not way.is_scan and way.values}
    used = {name for way in chosen for name in way.indexes}
    reasons = {view.name: why for view, why in unread}
    for relation in (known.base, *known.views):
        if relation.name in taken:
            continue
        label = "view" if relation.is_view else "partition of"
        why = reasons.get(relation.name) or _unbound(relation, reading)
        found[f"{label} {relation.name}"] = why or "another path is cheaper"
    for index in known.base.indexes:
        if index.name not in used:
            found[f"index {index.name}"] = _unindexed(index, reading, chosen)
    return tuple(found.items())


def _unbound(relation: Relation, reading: Reading) -> str:
    """Which partition columns the filter does not bind."""
    free = [column for column in relation.keys if not _has_values(reading, column)]
    if not free:
        return ""
    ranged = [c for c in free if (facts := reading.by_column.get(c)) is not None and facts.bounded]
    if ranged:
        return f"the partition column {ranged[0]} takes equality, not a range"
    word = "columns" if len(free) > 1 else "column"
    return f"the filter does not bind its partition {word} {', '.join(free)}"


def _has_values(reading: Reading, column: str) -> bool:
    facts = reading.by_column.get(column)
    return facts is not None and facts.equal is not None


def _unindexed(index: Index, reading: Reading, chosen: Sequence[Way]) -> str:
    facts = reading.by_column.get(index.column)
    if facts is None:
        return f"no condition on {index.column} that CQL has"
    if any(way.given.backwards for way in chosen):
        return "ORDER BY is not allowed with an index"
    if any(not way.is_scan and not way.indexes for way in chosen):
        return "the key leads to fewer rows"
    return _unserved(index, facts)


def _unserved(index: Index, facts: Facts) -> str:
    if facts.equal is not None and len(facts.equal) > 1:
        return "it finds one value at a time"
    if facts.bounded and not index.ranges:
        return f"it finds no ranges of {facts.column.type}"
    if index.kind == "legacy" and not index.equal:
        return f"it finds {facts.column.type} by its bytes, which may differ"
    return "another path is cheaper"


def warnings(known: Known, chosen: Sequence[Way]) -> tuple[str, ...]:
    """What the reader of explain should know."""
    return tuple(dict.fromkeys(_warnings(known, chosen)))


def _warnings(known: Known, chosen: Sequence[Way]) -> Iterator[str]:
    for way in chosen:
        if way.relation.is_view:
            yield f"view {way.relation.name} is updated after its base, and experimental"
        for index in way.relation.indexes:
            if index.name in way.indexes and index.superset:
                yield f"index {index.name} folds case or accents: = is checked again in Python"
    if known.codec.empty_is_null:
        yield "empty collections are stored as null (a collection is not frozen)"
