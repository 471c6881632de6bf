"""From chosen ways to the branches that are fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from juggler.query.bind import distance_path
from juggler.query.tree import FALSE, TRUE, Where, all_of, any_of, paths
from juggler_cassandra.declared import version_column
from juggler_cassandra.planning import ordering
from juggler_cassandra.planning.access import Access, AnyBranch, MergeTerm, Points, Ring, Slices
from juggler_cassandra.planning.ordering import Given

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from juggler.connector.plan import OrderState
    from juggler.query import QuerySpec
    from juggler_cassandra.planning.relations import Known, Relation
    from juggler_cassandra.planning.ways import Way


@frozen
class Built:
    """What the ways of a query make."""

    access: Access
    fields: tuple[str, ...]
    pushed: Where
    residual: Where
    order: OrderState
    limit_pushed: bool


def build(query: QuerySpec, known: Known, ways: Sequence[Way], consistency: str) -> Built:
    """The access of a query by one way, or by several that together have its rows."""
    ways = _joined(query, known, ways)
    single = len(ways) == 1
    pushed = any_of(*(_pushed(way) for way in ways))
    exact = all(not way.residual and not way.lookup for way in ways)
    if single and not ways[0].lookup:
        residual = all_of(*ways[0].residual)
    else:
        residual = TRUE if exact else query.where
    order = _order(ways) if query.order else "none"
    if order == "none":
        ways = [evolve(way, given=Given()) for way in ways]
    limit_pushed = (
        query.limit is not None and residual is TRUE and (not query.order or order == "satisfied")
    )
    seen = () if single else (pushed,)
    fields = _fields(query, residual, seen)
    branches = tuple(_branches(known, ways, fields))
    streams = sum(len(way.values) for way in ways if way.kind == "slices")
    merged = order != "none" and streams > 1
    access = Access(
        branches,
        consistency,
        merge=_merge(query, order, fields) if merged else (),
        limit=(query.limit or 0) + query.skip if limit_pushed else None,
        countable=residual is TRUE and single and _is_countable(branches[0]),
        deletable=residual is TRUE and single and _is_deletable(branches[0], ways[0]),
        version=version_column(query.model),
    )
    return Built(access, fields, pushed, residual, order, limit_pushed)


def _pushed(way: Way) -> Where:
    return all_of(*way.pushed)


def _joined(query: QuerySpec, known: Known, ways: Sequence[Way]) -> list[Way]:
    """The ways with all points of one relation put together."""
    points = [way for way in ways if way.kind == "points"]
    if len(points) < 2:  # noqa: PLR2004 - nothing to join
        return list(ways)
    first = points[0]
    values = tuple(dict.fromkeys(value for way in points for value in way.values))
    given, values = ordering.of_points(known.codec, first.relation, values, query.order)
    joined = evolve(
        first,
        values=values,
        given=given,
        rank=1,
        pushed=(any_of(*(_pushed(way) for way in points)),),
        residual=() if all(not way.residual for way in points) else (query.where,),
    )
    return [joined, *(way for way in ways if way.kind != "points")]


def _order(ways: Sequence[Way]) -> OrderState:
    states = {way.given.state for way in ways}
    if "none" in states or (len(ways) > 1 and any(way.kind != "slices" for way in ways)):
        return "none"
    return "ties" if "ties" in states else "satisfied"


def _fields(query: QuerySpec, residual: Where, seen: Iterable[Where]) -> tuple[str, ...]:
    """The properties to read: those asked for, and those that Python needs."""
    model = query.model
    wanted = set(model.names if query.fields is None else query.fields)
    wanted |= {path.partition(".")[0] for path in paths(residual)}
    wanted |= {(distance_path(path) or path).partition(".")[0] for path, _ in query.order}
    wanted |= {path.partition(".")[0] for where in seen for path in paths(where)}
    wanted |= set(model.key.names)
    return tuple(name for name in model.names if name in wanted)


def _merge(query: QuerySpec, order: OrderState, fields: tuple[str, ...]) -> tuple[MergeTerm, ...]:
    terms = [(path, direction == "desc") for path, direction in query.order]
    if order == "satisfied":
        named = {path for path, _ in terms}
        terms += [(name, False) for name in query.model.key.names if name not in named]
    return tuple(MergeTerm(fields.index(name), descending) for name, descending in terms)


def _branches(known: Known, ways: Sequence[Way], fields: tuple[str, ...]) -> Iterable[AnyBranch]:
    earlier: list[Where] = []
    for way in ways:
        again = any_of(*earlier) if earlier else FALSE
        wider = bool(way.residual) or way.lookup
        only = _pushed(way) if len(ways) > 1 and wider else TRUE
        yield _branch(known, way, fields, again, only)
        earlier.append(_pushed(way))


def _branch(
    known: Known, way: Way, fields: tuple[str, ...], again: Where, only: Where
) -> AnyBranch:
    relation = way.relation
    columns, extra = _columns(known, relation, fields, lookup=way.lookup)
    common: dict[str, Any] = {
        "relation": relation.name,
        "columns": columns,
        "extra": extra,
        "keys": relation.keys,
        "restrictions": way.restrictions,
        "filtering": way.filtering,
        "ghost": None if way.clustered or way.kind == "points" else relation.ghost,
        "again": again,
        "only": only,
        "base": known.base.name if way.lookup else None,
    }
    if way.kind == "points":
        names = tuple(c.column for c in relation.clustering)
        return Points(**common, clustering=names, values=way.values)
    if way.kind == "ring":
        index = min(way.indexes) if way.indexes else None
        return Ring(**common, clustering=relation.clustering, index=index)
    backwards = way.given.backwards
    clustering = ordering.flipped(relation.clustering) if backwards else relation.clustering
    return Slices(**common, partitions=way.values, clustering=clustering, backwards=backwards)


def _columns(
    known: Known, relation: Relation, fields: tuple[str, ...], *, lookup: bool
) -> tuple[tuple[str, ...], int]:
    """The columns to select, and how many at the end are not among the fields."""
    if lookup:
        wanted = [*known.base.key, *(c for c in relation.key if c not in known.base.key)]
        return tuple(wanted), len(wanted) - len(known.base.key)
    columns = [known.codec.columns[name].name for name in fields]
    extra = [column for column in relation.key if column not in columns]
    version = version_column(known.model)
    if version is not None:
        extra.append(version)
    return (*columns, *extra), len(extra)


def _is_countable(branch: AnyBranch) -> bool:
    return not isinstance(branch, Points) and branch.ghost is None and branch.base is None


def _is_deletable(branch: AnyBranch, way: Way) -> bool:
    """Whether ``DELETE … WHERE`` can say it: a prefix of the clustering, at most one range."""
    return (
        isinstance(branch, Slices)
        and not branch.filtering
        and not way.indexes
        and not way.relation.is_view
        and all(r.operator in {"=", "IN", "<", "<=", ">", ">="} for r in branch.restrictions)
    )
