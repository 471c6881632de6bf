"""Ways to the rows of one conjunction: by key, by partition, by index, by reading everything."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import define, evolve, field, frozen

from juggler_cassandra.planning import ordering
from juggler_cassandra.planning.access import Restriction
from juggler_cassandra.planning.ordering import Given

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler.query import OrderTerm
    from juggler.query.tree import Where
    from juggler_cassandra.planning.conditions import Facts, Reading
    from juggler_cassandra.planning.relations import Index, Relation
    from juggler_cassandra.types import ModelCodec

Kind = Literal["points", "slices", "ring"]

#: Keys or partitions that a query may name; more are read another way, or refused.
MOST_KEYS: Final = 10_000
SCAN_RANK: Final = 9.0


@frozen
class Way:
    """One way to the rows of a conjunction.

    Attributes:
        kind: points, slices or ring.
        relation: what is read.
        rank: lower is cheaper.
        pushed: the conditions that the store evaluates.
        residual: the conditions that are left to Python.
        values: whole keys of points, partitions of slices.
        restrictions: conditions beside them.
        filtering: whether it needs ALLOW FILTERING.
        given: the order that it gives.
        indexes: names of the indexes that serve it.
        clustered: whether a clustering column is restricted.
        lookup: whether the rows have to be read in the base table.
    """

    kind: Kind
    relation: Relation
    rank: float
    pushed: tuple[Where, ...] = ()
    residual: tuple[Where, ...] = ()
    values: tuple[tuple[Any, ...], ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    filtering: bool = False
    given: Given = field(factory=Given)
    indexes: frozenset[str] = frozenset()
    clustered: bool = False
    lookup: bool = False

    @property
    def is_scan(self) -> bool:
        """Whether everything is read."""
        return self.kind == "ring" and not self.indexes

    def cost(self, *, ordered: bool) -> tuple[Any, ...]:
        """What ways are compared by."""
        unordered = ordered and self.given.state == "none"
        return (self.rank, unordered, self.lookup, len(self.residual), self.relation.is_view)


@frozen(eq=False)
class Ask:
    """What ways are looked for.

    Attributes:
        codec: of the query's model.
        order: the query's order.
        filtering: whether ALLOW FILTERING may be used inside a partition.
        indexes: whether indexes may be used (a serial read uses none).
    """

    codec: ModelCodec
    order: tuple[OrderTerm, ...] = ()
    filtering: bool = True
    indexes: bool = True


def ways(ask: Ask, relation: Relation, reading: Reading) -> Iterator[Way]:
    """The ways that a table or view offers."""
    partitions = _partitions(relation, reading)
    if partitions is not None:
        whole = _points(ask, relation, reading, partitions)
        if whole is not None:
            yield whole
        else:
            yield from _slices(ask, relation, reading, partitions)
    elif ask.indexes and not relation.is_view:
        yield from _by_index(relation, reading)


def scan(relation: Relation, reading: Reading) -> Way:
    """Reading everything, with all conditions left to Python."""
    return Way("ring", relation, SCAN_RANK, residual=reading.parts)


def binds(relation: Relation, reading: Reading) -> bool:
    """Whether the conditions name partitions of a table or view."""
    return _partitions(relation, reading) is not None


def _partitions(relation: Relation, reading: Reading) -> tuple[tuple[Any, ...], ...] | None:
    """The partitions that the conditions name; None when a partition column is free."""
    found: list[tuple[Any, ...]] = []
    total = 1
    for column in relation.keys:
        facts = reading.by_column.get(column)
        if facts is None or facts.equal is None:
            return None
        values = facts.equal
        if len(relation.keys) == 1:
            values = tuple(value for value in values if value not in ("", b""))
        found.append(values)
        total *= len(values)
    return tuple(product(*found)) if found and total <= MOST_KEYS else None


def _points(
    ask: Ask, relation: Relation, reading: Reading, partitions: tuple[tuple[Any, ...], ...]
) -> Way | None:
    """Whole keys, where every clustering column has values, too."""
    used = [reading.by_column[column] for column in relation.keys]
    clustering: list[tuple[Any, ...]] = []
    total = len(partitions)
    for column in relation.clustering:
        facts = reading.by_column.get(column.column)
        if facts is None or facts.equal is None:
            return None
        used.append(facts)
        clustering.append(facts.equal)
        total *= len(facts.equal)
    if total > MOST_KEYS:
        return None
    values = tuple((*one, *two) for one in partitions for two in product(*clustering))
    given, values = ordering.of_points(ask.codec, relation, values, ask.order)
    way = Way("points", relation, 0 if len(values) <= 1 else 1, values=values, given=given)
    return _with_parts(way, reading, used)


def _slices(
    ask: Ask, relation: Relation, reading: Reading, partitions: tuple[tuple[Any, ...], ...]
) -> Iterator[Way]:
    prefix, used = _prefix(relation, reading)
    used += [reading.by_column[column] for column in relation.keys]
    fixed = {f.column.name for f in used if f.equal is not None and len(f.equal) == 1}
    extras = _Extras(relation, ask)
    for facts in reading.by_column.values():
        if facts not in used:
            extras.add(facts)
    rank = 2 if len(partitions) <= 1 else 3
    way = Way(
        "slices", relation, rank, values=partitions, restrictions=tuple(prefix),
        clustered=bool(prefix),
    )  # fmt: skip
    given = ordering.of_slices(ask.codec, relation, ask.order, fixed | extras.fixed)
    indexed = {index.column for index in relation.indexes}
    if given.backwards and extras.taken and (extras.indexed or indexed & _names(used)):
        # With ORDER BY and something to filter, no restricted column may have an index, not even
        # one of the key, and not even with ALLOW FILTERING.
        rest = _Extras(relation, ask) if indexed & _names(used) else extras.without_indexed()
        also = ordering.of_slices(ask.codec, relation, ask.order, fixed | rest.fixed)
        yield rest.applied(evolve(way, given=also), reading, used)
        given = Given()
    yield extras.applied(evolve(way, given=given), reading, used)


def _names(used: list[Facts]) -> set[str]:
    return {facts.column.name for facts in used}


def _prefix(relation: Relation, reading: Reading) -> tuple[list[Restriction], list[Facts]]:
    """The longest prefix of the clustering: values, then at most one range."""
    found: list[Restriction] = []
    used: list[Facts] = []
    for column in relation.clustering:
        facts = reading.by_column.get(column.column)
        if facts is None or (facts.equal is None and not facts.bounded):
            break
        used.append(facts)
        if facts.equal is None:
            found += facts.range()
            break
        found.append(facts.equality())
    return found, used


@define
class _Extras:
    """Conditions inside a partition beyond its key, as far as the server takes them."""

    relation: Relation
    ask: Ask
    taken: list[_Taken] = field(factory=list)

    def add(self, facts: Facts) -> None:
        relation = self.relation
        column = facts.column.name
        if column not in relation.columns:
            return
        near = [index for index in relation.indexes if index.column == column]
        if near and not self.ask.indexes:
            return
        folds = any(index.superset for index in near)
        for restrictions, parts in _restrictions(facts):
            serving = _serving(near, facts, restrictions)
            if serving is None and not self.ask.filtering:
                continue
            exact = not (folds and any(r.operator in {"=", "IN"} for r in restrictions))
            fixed = exact and facts.equal is not None and len(facts.equal) == 1
            self.taken.append(
                _Taken(facts, tuple(restrictions), tuple(parts), serving, exact, bool(near), fixed)
            )

    @property
    def indexed(self) -> bool:
        return any(taken.near for taken in self.taken)

    @property
    def fixed(self) -> set[str]:
        return {taken.facts.column.name for taken in self.taken if taken.fixed}

    def without_indexed(self) -> _Extras:
        kept = [taken for taken in self.taken if not taken.near]
        return _Extras(self.relation, self.ask, kept)

    def applied(self, way: Way, reading: Reading, used: list[Facts]) -> Way:
        """The way with these conditions."""
        serving = [taken.serving for taken in self.taken if taken.serving is not None]
        together = _together(serving)
        served = {t.facts.column.name for t in self.taken if t.serving in together}
        # The server takes all that is asked of one collection together: one index is enough.
        filtering = any(
            t.serving not in together and not (t.of_collection and t.facts.column.name in served)
            for t in self.taken
        )
        way = evolve(
            way,
            restrictions=way.restrictions + tuple(r for t in self.taken for r in t.restrictions),
            filtering=filtering,
            indexes=frozenset(index.name for index in together),
            clustered=way.clustered or any(_is_clustering(way.relation, t) for t in self.taken),
        )
        exact = [part for taken in self.taken if taken.exact for part in taken.parts]
        loose = [part for taken in self.taken if not taken.exact for part in taken.parts]
        return _with_parts(way, reading, used, exact, loose)


@frozen(eq=False)
class _Taken:
    facts: Facts
    restrictions: tuple[Restriction, ...]
    parts: tuple[Where, ...]
    serving: Index | None
    exact: bool
    near: bool
    fixed: bool

    @property
    def of_collection(self) -> bool:
        return all(one.operator in _TARGETS for one in self.restrictions)


def _is_clustering(relation: Relation, taken: _Taken) -> bool:
    return any(c.column == taken.facts.column.name for c in relation.clustering)


def _restrictions(facts: Facts) -> Iterator[tuple[list[Restriction], list[Where]]]:
    """What the server can be told of a column, and which conditions that is."""
    if facts.is_zero or (facts.equal is None and facts.bounded):
        yield facts.range(), facts.parts
    elif facts.equal is not None:
        yield [facts.equality()], facts.parts
    for restriction, part in facts.others:
        yield [restriction], [part]


def _serving(near: list[Index], facts: Facts, restrictions: list[Restriction]) -> Index | None:
    """The index that serves restrictions on its column; None when they need filtering."""
    for index in near:
        if all(_serves(index, facts, restriction) for restriction in restrictions):
            return index
    return None


_TARGETS: Final = {"CONTAINS": "values", "CONTAINS KEY": "keys", "ENTRY": "entries"}


def _serves(index: Index, facts: Facts, restriction: Restriction) -> bool:
    target = _TARGETS.get(restriction.operator)
    if target is not None:
        return index.target == target and index.kind != "sasi" and index.equal
    if index.target:
        return False
    if restriction.operator == "=":
        return index.equal and facts.column.type.name != "duration"
    if restriction.operator == "LIKE":
        return index.prefix
    return restriction.operator != "IN" and index.ranges


def _together(serving: list[Index]) -> list[Index]:
    """The indexes that the server uses at once: all SAI ones, or one of the others."""
    sai = [index for index in serving if index.kind == "sai"]
    return sai or serving[:1]


def _by_index(relation: Relation, reading: Reading) -> Iterator[Way]:
    """Rows of all partitions by the indexes that serve some of the conditions."""
    served: list[tuple[Index, Facts, list[Restriction], list[Where]]] = []
    for facts in reading.by_column.values():
        near = [index for index in relation.indexes if index.column == facts.column.name]
        options = list(_restrictions(facts))
        prefix = _like(facts)
        if prefix is not None:
            options.insert(0, prefix)
        for restrictions, parts in options:
            index = _serving(near, facts, restrictions)
            if index is not None:
                served.append((index, facts, restrictions, parts))
                break
    sai = [one for one in served if one[0].kind == "sai"]
    for chosen in ([sai] if sai else []) + [[one] for one in served if one[0].kind != "sai"]:
        way = Way(
            "ring",
            relation,
            4,
            restrictions=tuple(r for _, _, restrictions, _ in chosen for r in restrictions),
            indexes=frozenset(index.name for index, *_ in chosen),
            clustered=any(
                f.column.name in {c.column for c in relation.clustering} for _, f, *_ in chosen
            ),
        )
        exact = [p for index, _, _, parts in chosen if not index.superset for p in parts]
        loose = [p for index, _, _, parts in chosen if index.superset for p in parts]
        yield _with_parts(way, reading, [], exact, loose)


def _like(facts: Facts) -> tuple[list[Restriction], list[Where]] | None:
    """A prefix as LIKE, for an index of that kind; a pattern must not begin with ``%``."""
    if facts.prefix is None or facts.equal is not None or facts.prefix[0].startswith("%"):
        return None
    text, part = facts.prefix
    return [Restriction(facts.column.name, "LIKE", f"{text}%")], [part]


def _with_parts(
    way: Way,
    reading: Reading,
    used: list[Facts],
    exact: list[Where] | None = None,
    loose: list[Where] | None = None,
) -> Way:
    """The way with what it evaluates and what it leaves, in the order of the conditions."""
    held = {id(part) for facts in used for part in facts.parts} | {id(p) for p in exact or ()}
    bounds = [part for facts in used for part in facts.loose] + (loose or [])
    pushed = tuple(part for part in reading.parts if id(part) in held)
    residual = tuple(part for part in reading.parts if id(part) not in held)
    more = tuple(part for part in bounds if id(part) not in held)
    return evolve(way, pushed=pushed + more, residual=residual)
