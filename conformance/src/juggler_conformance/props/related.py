"""What relations read: the rows that the reference says, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler.query.tree import Cmp
from juggler_conformance.bench import filter_of
from juggler_conformance.oracle import matches, sorted_rows
from juggler_conformance.plain import plain_row
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import DrawnQuery, conditions, spelled_where

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler.query.tree import Where
    from juggler_conformance.session import Draw, Session
    from juggler_conformance.world import Relation, World

    Row = Mapping[str, Any]


def some_relation(draw: Draw, session: Session, *, many: bool) -> Relation | None:
    """One of the relations that the connector claims; None when there is none."""
    known = [one for one in session.related.relations if one.many is many]
    if not known:
        return None
    chosen: Relation = draw(st.sampled_from(known))
    session.reach.saw("relation", f"{chosen.of}.{chosen.name}")
    return chosen


def a_row(draw: Draw, world: World, name: str) -> Row | None:
    """One of the stored rows of a model."""
    rows = world.rows(name)
    return draw(st.sampled_from(rows)) if rows else None


def a_condition(draw: Draw, world: World, name: str) -> Where:
    """A condition on the rows of a model, their foreign keys among its properties."""
    bench = world.benches[name]
    strategy = conditions(bench.shape, world.rows(name), world.session.limits, geo=False)
    where: Where = draw(strategy)
    return where


def same_rows(world: World, name: str, found: Sequence[Any], expected: Sequence[Row]) -> None:
    """The instances are these rows, in this order."""
    bench = world.benches[name]
    got = [plain_row(one) for one in found]
    assert len(got) == len(expected), f"{got!r} instead of {list(expected)!r}"
    for one, row in zip(got, expected, strict=True):
        assert bench.same(one, row), f"{one!r} instead of {row!r} in {got!r}"


def an_order(draw: Draw, world: World, name: str) -> tuple[tuple[str, Any], ...]:
    """An order of the rows of a model: one property, one way."""
    bench = world.benches[name]
    names = [n for n, t in bench.shape.types.items() if str(t) in {"string", "integer"}]
    return ((draw(st.sampled_from(names)), draw(st.sampled_from(("asc", "desc")))),)


@conforms(
    "relations", keeps=True, usually="a condition on the key that the store takes for another one"
)
def related_rows_are_the_right_ones(session: Session) -> None:
    """A relation to many gives its rows, of any condition, in any order; so do count and exists."""

    def body(draw: Draw) -> None:
        one = some_relation(draw, session, many=True)
        if one is None:
            return
        with session.world(draw, *one.tables) as world:
            row = a_row(draw, world, one.of)
            if row is not None:
                _reads(draw, world, one, row)

    session.examples(body, scale=1.5)


def _reads(draw: Draw, world: World, one: Relation, row: Row) -> None:
    keys = world.benches[one.to].shape.key_names
    related = one.find(world, row)
    listed = one.kind == "referencesMany"
    whole = world.act(one, row, "")
    if listed:
        same_rows(world, one.to, whole, related)
    else:
        same_rows(world, one.to, _by_key(whole, keys), sorted_rows(related, (), keys))
    where = a_condition(draw, world, one.to)
    order = an_order(draw, world, one.to)
    query = DrawnQuery(where, order, draw(st.none() | st.integers(0, 3)), draw(st.integers(0, 2)))
    wanted = [found for found in related if matches(where, found)]
    end = None if query.limit is None else query.skip + query.limit
    part = sorted_rows(wanted, order, keys)[query.skip : end]
    same_rows(world, one.to, world.act(one, row, "", filter_of(query)), part)
    count = world.act(one, row, "count", spelled_where(where))
    assert count == len(wanted), f"count {count} instead of {len(wanted)}"
    assert world.act(one, row, "exists", spelled_where(where)) is bool(wanted)
    other = a_row(draw, world, one.to)
    if other is not None:
        key = world.benches[one.to].id_of(world.benches[one.to].table.key_of(other))
        found = world.act(one, row, "find_by_id", key)
        inside = any(other is each for each in related)
        assert (found is not None) is inside, f"find_by_id({key!r}) of the relation: {found!r}"


def _by_key(found: Sequence[Any], keys: Sequence[str]) -> list[Any]:
    return sorted(found, key=lambda one: tuple(one[name] for name in keys))


@conforms("relations", keeps=True, usually="a key without a row, or the row of another type")
def one_row_is_the_right_one(session: Session) -> None:
    """belongs_to and has_one give their row, or None for a key that is empty or leads nowhere."""

    def body(draw: Draw) -> None:
        one = some_relation(draw, session, many=False)
        if one is None:
            return
        with session.world(draw, *one.tables) as world:
            for row in world.rows(one.of)[:3]:
                expected = one.find(world, row)
                found = world.act(one, row, "")
                if not expected:
                    assert found is None, f"{one!r} of {row!r} gave {found!r}"
                    continue
                assert found is not None, f"{one!r} of {row!r} gave None"
                to = one.to or _named(world, found)
                same_rows(world, to, [found], expected)

    session.examples(body)


def _named(world: World, instance: Any) -> str:
    name = type(instance).__definition__.name
    return next(n for n, bench in world.benches.items() if bench.shape.name == name)


@conforms(
    "relations", keeps=True, usually="the second step of a condition on related rows is not exact"
)
def conditions_on_related_rows(session: Session) -> None:
    """A condition on a related row, and its negation, give the rows that the reference gives."""

    def body(draw: Draw) -> None:
        known = [one for one in session.related.relations if one.to]
        if not known:
            return
        one: Relation = draw(st.sampled_from(known))
        with session.world(draw, *one.tables) as world:
            for _ in range(draw(st.integers(1, 4))):
                _asked(world, one, _scalar(draw, world, one.to))

    session.examples(body, scale=1.2)


def _asked(world: World, one: Relation, condition: Any) -> None:
    """A condition on the related rows, the same as an element match, and its complement."""
    bench = world.benches[one.of]
    path = f"{one.name}.{condition.path}"
    asked = next(iter(spelled_where(condition).values()))
    inside = [row for row in world.rows(one.of) if _some(world, one, row, condition)]
    outside = [row for row in world.rows(one.of) if not _some(world, one, row, condition)]
    wheres: list[tuple[Any, list[Row]]] = [
        ({path: asked}, inside),
        ({"not": {path: asked}}, outside),
    ]
    if one.many:
        wheres.append(({one.name: {"elemMatch": {condition.path: asked}}}, inside))
    keys = bench.shape.key_names
    for where, expected in wheres:
        found = _by_key(bench.call("find", {"where": where}), keys)
        same_rows(world, one.of, found, sorted_rows(expected, (), keys))
    count = bench.call("count", wheres[0][0])
    assert count == len(inside), f"count {count} instead of {len(inside)}"


def _scalar(draw: Draw, world: World, name: str) -> Any:
    """Equality or a bound with a stored value, never null."""
    bench = world.benches[name]
    names = [
        n for n in bench.shape.plain_names if str(bench.shape.types[n]) in {"string", "integer"}
    ]
    path = draw(st.sampled_from(names))
    stored = [row[path] for row in world.rows(name) if row[path] is not None]
    other = "a" if str(bench.shape.types[path]) == "string" else 1
    value = draw(st.sampled_from([*stored, other]))
    return Cmp(path, draw(st.sampled_from(("eq", "gt", "le"))), value)


def _some(world: World, one: Relation, row: Row, condition: Where) -> bool:
    """Whether some related row fulfils the condition."""
    return any(matches(condition, found) for found in one.find(world, row))
