"""The planner: which way, over which table or view, and why not another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import define, evolve, field

from juggler.connector import Cost, Plan
from juggler.errors import CapabilityError, InvalidQueryError, did_you_mean
from juggler.query.normalise import normalise
from juggler.query.tree import (
    TRUE,
    Cmp,
    In,
    IsNull,
    Not,
    Nothing,
    Or,
    Where,
    all_of,
    conjuncts,
    paths,
)
from juggler_cassandra.planning import reasons
from juggler_cassandra.planning.access import Access, Points, Slices
from juggler_cassandra.planning.build import Built, build
from juggler_cassandra.planning.conditions import Reading, read
from juggler_cassandra.planning.relations import Known, Relation, known
from juggler_cassandra.planning.statements import statements
from juggler_cassandra.planning.suggest import suggestions
from juggler_cassandra.planning.ways import Ask, Way, binds, scan, ways
from juggler_cassandra.settings import EVENTUAL, SERIAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from juggler.connector.plan import Path
    from juggler.query import QuerySpec
    from juggler.spec import ModelSpec, StoreSchema
    from juggler_cassandra.planning.access import AnyBranch
    from juggler_cassandra.settings import CassandraSettings

#: Ways that one query may be split into.
MAX_BRANCHES: Final = 32
LAGS: Final = "it lags behind its base: consistency='eventual' or views='all' lets it answer"
_MODELS_KEPT: Final = 512


class Planner:
    """Plans queries; it remembers what it found out about each model.

    Args:
        settings: of the data source.
    """

    def __init__(self, settings: CassandraSettings) -> None:
        self.settings = settings
        self._known: dict[int, tuple[ModelSpec, StoreSchema, Known]] = {}

    def plan(self, query: QuerySpec, schema: StoreSchema) -> Plan:
        """How a query will be answered.

        Raises:
            CapabilityError: there is no such consistency level, or it cannot be kept by the way.
            InvalidQueryError: an index or view was named that is not there or cannot serve.
        """
        level = self.settings.read_level(query.options.consistency)
        found = self.known(query.model, schema)
        if isinstance(query.where, Nothing):
            return _empty(query, found.base)
        search = _Search(query, found, self.settings, level, _filtering(schema))
        chosen = search.best(query.where, MAX_BRANCHES)
        if not any(way.values or way.kind == "ring" for way in chosen):
            return _empty(query, found.base)
        search.check(chosen)
        chosen = [way for way in chosen if way.values or way.kind == "ring"]
        chosen = [_with_lookup(query, found, way) for way in chosen]
        return self._finish(search, build(query, found, chosen, level), chosen)

    def known(self, model: ModelSpec, schema: StoreSchema) -> Known:
        """What is known of a model, by identity of its definition and of the schema."""
        kept = self._known.get(id(model))
        if kept is None or kept[0] is not model or kept[1] is not schema:
            if len(self._known) >= _MODELS_KEPT:
                self._known.clear()
            kept = self._known[id(model)] = (model, schema, known(model, schema))
        return kept[2]

    def _finish(self, search: _Search, built: Built, chosen: list[Way]) -> Plan:
        query = search.query
        path = _path(search.known, built, chosen)
        condition = query.where is not TRUE or bool(query.order)
        refused = path == "scan" and condition
        return Plan(
            query=query,
            path=path,
            relation=chosen[0].relation.name,
            pushed=built.pushed,
            residual=built.residual,
            guarantee="exact" if built.residual is TRUE else "superset",
            order=built.order,
            limit_pushed=built.limit_pushed,
            fields=built.fields,
            cost=_cost(path, built.access.branches, frozenset({"allow_scan"} if refused else ())),
            statements=statements(search.known, built.access, self._page_size(query)),
            rejected=()
            if path in {"point", "multi_point"}
            else reasons.rejected(search.known, search.reading, chosen, search.unread),
            suggestions=search.suggestions() if refused else (),
            warnings=reasons.warnings(search.known, chosen),
            opaque=built.access,
        )

    def _page_size(self, query: QuerySpec) -> int:
        return query.options.page_size or self.settings.page_size or 1000


def _filtering(schema: StoreSchema) -> bool:
    switches: Any = schema.profile.get("settings") or {}
    return bool(switches.get("allow_filtering_enabled", True))


@define
class _Search:
    """The search for the best way of one query.

    Attributes:
        reading: the whole condition, read, for explanations.
        unread: views that may not be read, with the reason.
        lagging: those of them that another consistency would let answer.
    """

    query: QuerySpec
    known: Known
    settings: CassandraSettings
    level: str
    filtering: bool
    reading: Reading = field(factory=Reading)
    unread: list[tuple[Relation, str]] = field(factory=list)
    hint: str | None = None
    lagging: list[Relation] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.reading = self._read(self.query.where)
        self.hint = self._index_hint()

    # ------------------------------------------------------------ conjunctions

    def best(self, where: Where, budget: int) -> list[Way]:
        """The best way, or several that together have the rows; none when there are no rows."""
        reading = self._read(where)
        if reading.nothing:
            return []
        ordered = bool(self.query.order)
        found = min(self._ways(reading), key=lambda way: way.cost(ordered=ordered), default=None)
        if found is not None:
            return [found]
        split = list(self._unions(where, budget))
        if split:
            return min(split, key=lambda ways: (len(ways), sum(way.rank for way in ways)))
        return [scan(self._scanned(), reading)]

    def _read(self, where: Where) -> Reading:
        return read(self.known.codec, where, frozenset(self.known.model.key.names))

    def _ways(self, reading: Reading) -> Iterator[Way]:
        serial = self.level in SERIAL
        ask = Ask(self.known.codec, self.query.order, self.filtering, indexes=not serial)
        for relation in self._relations(reading):
            for way in ways(ask, relation, reading):
                if self.hint is None or self.hint in way.indexes:
                    yield way

    def _unions(self, where: Where, budget: int) -> Iterator[list[Way]]:
        """The condition as a union, one disjunction after the other."""
        parts = conjuncts(where)
        for part in parts:
            choices = self._choices(part)
            if not 1 < len(choices) <= budget:
                continue
            rest = [other for other in parts if other is not part]
            branches: list[Way] = []
            for choice in choices:
                left = budget - len(branches)
                more = self.best(normalise(all_of(*rest, choice)), left)
                branches += more
                if len(branches) > budget or any(way.is_scan for way in more):
                    break
            else:
                yield branches

    def _choices(self, part: Where) -> tuple[Where, ...]:
        if isinstance(part, Or):
            return part.parts
        if isinstance(part, In):
            column = self.known.codec.columns.get(part.path)
            name = column.name if column else ""
            if any(index.column == name and index.equal for index in self.known.base.indexes):
                return tuple(Cmp(part.path, "eq", value) for value in part.values)
        return ()

    # ------------------------------------------------------------ tables and views

    def _relations(self, reading: Reading) -> Iterator[Relation]:
        """The table, and the views that have every row of the condition."""
        wanted = self.query.options.view
        if wanted is None:
            yield self.known.base
        elif wanted == self.known.base.name:
            yield self.known.base
            return
        for view in self.known.views:
            if wanted is not None and view.name != wanted:
                continue
            why = self._unreadable(view, reading)
            if not why:
                yield view
            elif reading.parts == self.reading.parts:
                self.unread.append((view, why))

    def _unreadable(self, view: Relation, reading: Reading) -> str:
        """Why a view cannot answer a condition on its base; empty when it can."""
        if view.partial:
            return "its WHERE clause leaves rows out"
        for column in sorted(view.added):
            if not self._is_there(column, reading):
                return f"rows without {column} are not in it, and the filter does not exclude them"
        if _has_empty(view, reading):
            return f"rows whose {view.keys[0]} is empty are not in it"
        if self.level in SERIAL:
            return "a view cannot be read at a serial consistency"
        if self.query.options.view == view.name or self.settings.views == "all":
            return ""
        if self.settings.views == "never":
            return "views='never'"
        if self.query.options.consistency in EVENTUAL or self.level == "LOCAL_ONE":
            return ""
        self.lagging.append(view)
        return LAGS

    def _is_there(self, column: str, reading: Reading) -> bool:
        facts = reading.by_column.get(column)
        if facts is not None and (facts.equal is not None or facts.bounded):
            return True
        names = [c.field.name for c in self.known.codec.columns.values() if c.name == column]
        return any(Not(IsNull(name)) in reading.parts for name in names)

    def _scanned(self) -> Relation:
        """What is read in full: the table, or the view that was asked for."""
        wanted = self.query.options.view
        if wanted is None or wanted == self.known.base.name:
            return self.known.base
        return next(view for view in self.known.views if view.name == wanted)

    def suggestions(self) -> tuple[str, ...]:
        """What would make a scan cheap: a view that is there, or declarations to paste."""
        there = {view.name: view for view in self.lagging if binds(view, self.reading)}
        found = [f'consistency="eventual" lets view {name} answer' for name in there]
        return (*found, *suggestions(self.query, self.known, self.reading))

    # ------------------------------------------------------------ hints

    def _index_hint(self) -> str | None:
        name = self.query.options.index
        there = [index.name for index in self.known.base.indexes]
        if name is not None and name not in there:
            raise InvalidQueryError(
                f"{self.known.base.name} has no index {name!r}",
                code="index-hint",
                hint=did_you_mean(name, there) or "it has no index at all",
                model=self.query.model.name,
            )
        view = self.query.options.view
        views = [self.known.base.name, *(one.name for one in self.known.views)]
        if view is not None and view not in views:
            raise InvalidQueryError(
                f"{self.known.base.name} has no view {view!r}",
                code="view-hint",
                hint=did_you_mean(view, views),
                model=self.query.model.name,
            )
        return name

    def check(self, chosen: list[Way]) -> None:
        """Refuse hints that do not serve, and serial reads of more than a partition."""
        query = self.query
        if self.hint is not None and not any(self.hint in way.indexes for way in chosen):
            raise InvalidQueryError(
                f"index {self.hint!r} cannot serve this filter",
                code="index-hint",
                hint="leave the hint out, or compare its column with = (or a range of numbers)",
                model=query.model.name,
            )
        blocked = [why for view, why in self.unread if view.name == query.options.view]
        if blocked:
            raise InvalidQueryError(
                f"view {query.options.view!r} cannot serve this filter: {blocked[0]}",
                code="view-hint",
                hint="leave the hint out",
                model=query.model.name,
            )
        if self.level in SERIAL and any(way.kind == "ring" for way in chosen):
            raise CapabilityError(
                f"a read at {self.level} is of one partition at a time",
                feature="consistency",
                alternatives=("name the whole partition key", "another consistency"),
                connector="cassandra",
                model=query.model.name,
            )


def _has_empty(view: Relation, reading: Reading) -> bool:
    """Whether rows are asked for that cannot be in a view: a sole partition key is never empty."""
    facts = reading.by_column.get(view.keys[0]) if len(view.keys) == 1 else None
    return facts is not None and any(value in ("", b"") for value in facts.equal or ())


# ---------------------------------------------------------------- the plan's parts


def _with_lookup(query: QuerySpec, found: Known, way: Way) -> Way:
    """The way, with its rows read in the base table where the view does not have every column."""
    if way.relation is found.base:
        return way
    names = query.model.names if query.fields is None else query.fields
    needed = {found.codec.columns[name].name for name in names if name in found.codec.columns}
    for part in way.residual:
        needed |= _columns_of(found, part)
    missing = needed - way.relation.columns
    return evolve(way, lookup=True) if missing else way


def _columns_of(found: Known, part: Where) -> set[str]:
    heads = {path.partition(".")[0] for path in paths(part)}
    return {found.codec.columns[head].name for head in heads if head in found.codec.columns}


def _path(found: Known, built: Built, chosen: list[Way]) -> Path:
    branches = built.access.branches
    if any(way.is_scan for way in chosen):
        return "scan"
    if len(branches) > 1:
        return "union"
    way = chosen[0]
    if way.relation is not found.base:
        return "view"
    if way.kind == "ring":
        return "index"
    size = sum(map(_size, branches))
    if way.kind == "points":
        return "point" if size <= 1 else "multi_point"
    return "partition" if size <= 1 else "multi_partition"


def _size(branch: AnyBranch) -> int:
    """The requests of a branch's first page."""
    if isinstance(branch, Points):
        return len(branch.values)
    return len(branch.partitions) if isinstance(branch, Slices) else 1


def _cost(path: Path, branches: Sequence[AnyBranch], needs: frozenset[str]) -> Cost:
    requests = sum(map(_size, branches))
    points = all(isinstance(branch, Points) for branch in branches)
    others = [branch for branch in branches if not isinstance(branch, Points)]
    return Cost(
        path,
        requests=requests,
        est_rows=requests if points else None,
        needs=needs,
        partitions=max(1, sum(map(_size, others))),
    )


def _empty(query: QuerySpec, relation: Relation) -> Plan:
    return Plan(
        query=query,
        path="empty",
        relation=relation.name,
        pushed=query.where,
        guarantee="exact",
        order="satisfied" if query.order else "none",
        limit_pushed=query.limit is not None,
        fields=query.model.names,
        cost=Cost("empty", requests=0, est_rows=0, partitions=0),
        opaque=Access((), ""),
    )
