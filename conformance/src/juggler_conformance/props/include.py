"""Include: what each row would answer by itself, in one request for each relation."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler.errors import InvalidQueryError
from juggler.query.tree import TRUE
from juggler_conformance.bench import filter_of
from juggler_conformance.oracle import matches, sorted_rows
from juggler_conformance.oracle.values import same_row
from juggler_conformance.plain import plain_row
from juggler_conformance.props.related import a_condition, an_order
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import DrawnQuery

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler_conformance.session import Draw, Session
    from juggler_conformance.world import Relation, World

    Row = Mapping[str, Any]

#: Rows in a request for related rows (LoopBack's ``inqLimit``).
_KEYS = 256
_MANY = 300


def _included(draw: Draw, session: Session) -> tuple[str, list[Relation]] | None:
    """A model, and one to three of its relations."""
    relations = session.related.relations
    if not relations:
        return None
    first: Relation = draw(st.sampled_from(relations))
    others = [one for one in relations if one.of == first.of and one is not first]
    more = draw(st.lists(st.sampled_from(others), max_size=2, unique=True)) if others else []
    return first.of, [first, *more]


def _tables(name: str, some: Sequence[Relation], session: Session) -> set[str]:
    """The models of relations, and of those one step further."""
    found = {name}.union(*(one.tables for one in some))
    for one in session.related.relations:
        if one.of in found:
            found.update(one.tables)
    return found


@conforms("include", keeps=True, usually="rows that are given to another parent, or to none")
def include_is_what_each_would_answer(session: Session) -> None:
    """Included rows, of any scope, are those that each row's relation gives: limits are each's."""

    def body(draw: Draw) -> None:
        chosen = _included(draw, session)
        if chosen is None:
            return
        name, some = chosen
        with session.world(draw, *_tables(name, some, session)) as world:
            scopes = {one.name: _scope(draw, world, one) for one in some}
            include = [
                one.name
                if scopes[one.name] is None and draw(st.booleans())
                else {"relation": one.name, "scope": filter_of(scopes[one.name] or DrawnQuery())}
                for one in some
            ]
            for parent in _asked(draw, world, name, include):
                row = _row_of(world, name, parent)
                for one in some:
                    session.reach.saw("include", f"{one.of}.{one.name}")
                    _is_right(world, one, row, parent, scopes[one.name])

    session.examples(body, scale=1.5)


def _asked(draw: Draw, world: World, name: str, include: Any) -> list[Any]:
    """The rows with their relations: by a query, or loaded for rows that are there."""
    bench = world.benches[name]
    if draw(st.booleans()):
        found: list[Any] = bench.call("find", {"include": include})
        assert len(found) == len(world.rows(name)), "include changed which rows there are"
        return found
    there = bench.model.find()
    bench.session.journal.note(f"{name}.include({name}.find(), {include!r})")
    loaded: list[Any] = bench.model.include(there, include)
    assert len(loaded) == len(there), "include changed which rows there are"
    return loaded


def _scope(draw: Draw, world: World, one: Relation) -> DrawnQuery | None:
    if not one.many or not draw(st.booleans()):
        return None
    where = a_condition(draw, world, one.to) if draw(st.integers(0, 2)) == 0 else TRUE
    order = an_order(draw, world, one.to)
    limit = draw(st.sampled_from((1, 2, None, 0)))
    return DrawnQuery(where, order, limit, draw(st.sampled_from((0, 0, 1))))


def _row_of(world: World, name: str, instance: Any) -> Row:
    bench = world.benches[name]
    row = bench.table.rows[tuple(instance[n] for n in bench.shape.key_names)]
    assert bench.same(plain_row(instance), row), f"{plain_row(instance)!r} instead of {row!r}"
    return row


def _is_right(world: World, one: Relation, row: Row, parent: Any, scope: DrawnQuery | None) -> None:
    related = one.find(world, row)
    loaded = getattr(parent, one.name).loaded
    if not one.many:
        _one(one, row, loaded, related)
        return
    assert loaded is not None, f"{one!r} of {row!r} was not loaded"
    keys = world.benches[one.to].shape.key_names
    got: list[Row] = [plain_row(found) for found in loaded]
    if scope is None:
        wanted = list(related)
        if one.kind != "referencesMany":
            got, wanted = sorted_rows(got, (), keys), sorted_rows(wanted, (), keys)
    else:
        found = [r for r in related if matches(scope.where, r)]
        end = None if scope.limit is None else scope.skip + scope.limit
        wanted = sorted_rows(found, scope.order, keys)[scope.skip : end]
    same = len(got) == len(wanted) and all(map(same_row, got, wanted))
    assert same, f"{one!r} of {row!r}: {got!r} instead of {wanted!r}"


def _one(one: Relation, row: Row, loaded: Any, related: Sequence[Row]) -> None:
    if not related:
        assert loaded is None, f"{one!r} of {row!r}: {loaded!r} instead of None"
        return
    assert loaded is not None, f"{one!r} of {row!r}: None instead of {related!r}"
    assert same_row(plain_row(loaded), related[0]), f"{loaded!r} instead of {related!r}"


@conforms("include", keeps=True, usually="a limit that is sent with the keys of several rows")
def limits_are_for_each(session: Session) -> None:
    """Limit and skip of a scope count the rows of each parent, through other models, too."""
    for one in session.related.relations:
        if (one.of, one.name) not in {("Owner", "posts"), ("Owner", "tags")}:
            continue
        session.fresh("mixed")
        with (
            session.explained(),
            session.db.options(allow_scan=True),
            session.world(None, *one.tables) as world,
        ):
            _everybody(world, one)
            parents = world.benches["Owner"]
            for limit, skip, way in product((None, 0, 1, 2), (0, 1), ("asc", "desc")):
                scope = DrawnQuery(order=(("id", way),), limit=limit, skip=skip)
                include = {"relation": one.name, "scope": filter_of(scope)}
                for parent in parents.call("find", {"include": include}):
                    _is_right(world, one, _row_of(world, "Owner", parent), parent, scope)


def _everybody(world: World, one: Relation) -> None:
    """Three owners, each with three related rows (through others: the same ones)."""
    owners = ("k1", "k2", "k3")
    world.load("Owner", [{"id": key, "name": key} for key in owners])
    if one.to == "Post":
        keys = product(owners, ("a", "b", "c"))
        world.load("Post", [{"id": f"{of}{key}", "ownerId": of} for of, key in keys])
        return
    world.load("Tag", [{"id": key} for key in owners])
    world.load("Link", [{"ownerId": of, "tagId": key} for of, key in product(owners, owners)])


@conforms("include", keeps=True, usually="related rows are read one by one")
def include_asks_once_for_a_relation(session: Session) -> None:
    """An include costs one request for each relation (two through others), and none for nothing."""

    def body(draw: Draw) -> None:
        chosen = _included(draw, session)
        if chosen is None:
            return
        name, some = chosen
        with session.world(draw, *_tables(name, some, session)) as world:
            bench = world.benches[name]
            with session.recording() as recorder:
                bench.call("find", {})
            alone = len(recorder.calls)
            with session.recording() as recorder:
                bench.call("find", {"include": [one.name for one in some]})
            most = alone + sum(2 if one.kind == "through" or not one.to else 1 for one in some)
            hooks = [call.hook for call in recorder.calls]
            assert len(hooks) <= most, f"{len(hooks)} requests instead of {most}: {hooks}"

    session.examples(body, scale=0.5)


@conforms("include", keeps=True, usually="a list of keys that is cut, or sent in one piece")
def include_of_many_rows(session: Session) -> None:
    """300 rows with their relation are all there, in one request for 256 keys."""
    if not {"Owner", "Post"} <= set(session.related.shapes):
        return
    session.fresh()
    owners, rows = session.related.classes["Owner"], session.related.classes["Post"]
    keys = [f"m{at:03}" for at in range(_MANY)]
    with session.explained(), session.db.options(allow_scan=True, max_scanned=None):
        try:
            owners.create_all([{"id": key} for key in keys])
            rows.create_all([{"id": key, "ownerId": key, "title": key} for key in keys])
            with session.recording() as recorder:
                found = owners.find(include="posts")
            asked = _requests(recorder.calls, rows.__name__)
            titles = {one["id"]: [post["title"] for post in one.posts.loaded] for one in found}
            assert titles == {key: [key] for key in keys}, "rows are missing, or with others"
            pages = -(-_MANY // _KEYS) + _MANY // 100
            assert asked <= pages, f"{asked} requests for {_MANY} keys"
        finally:
            for model in (rows, owners):
                session.inside.delete(session.inside.spec(model), [(key,) for key in keys])


def _requests(calls: Sequence[Any], name: str) -> int:
    return sum(call.model == name and call.hook in {"fetch", "get"} for call in calls)


@conforms("include", keeps=True, usually="keys that were read for the relation stay in the answer")
def include_strips_what_it_added(session: Session) -> None:
    """With fields, keys that the relation needs are read and not shown, on both sides."""

    def body(draw: Draw) -> None:
        known = [one for one in session.related.relations if one.kind == "hasMany"]
        if not known:
            return
        one: Relation = draw(st.sampled_from(known))
        with session.world(draw, *one.tables) as world:
            mine = draw(st.sampled_from(world.benches[one.of].shape.plain_names))
            theirs = draw(st.sampled_from(world.benches[one.to].shape.plain_names))
            include = {"relation": one.name, "scope": {"fields": [theirs]}}
            found = world.benches[one.of].call("find", {"fields": [mine], "include": include})
            shown = [parent.to_json() for parent in found]
            for data in shown:
                assert set(data) <= {mine, one.name}, f"{data!r} shows more than {mine!r}"
                for inner in data[one.name]:
                    assert set(inner) <= {theirs}, f"{inner!r} shows more than {theirs!r}"
            related = sum(len(one.find(world, row)) for row in world.rows(one.of))
            assert sum(len(data[one.name]) for data in shown) == related

    session.examples(body, scale=0.6)


@conforms("include", keeps=True, usually="nested relations are loaded for the first rows only")
def include_goes_on(session: Session) -> None:
    """A nested include gives each related row its own related rows."""

    def body(draw: Draw) -> None:
        relations = session.related.relations
        pairs = [(a, b) for a in relations for b in relations if a.to == b.of and a.many]
        if not pairs:
            return
        outer, inner = draw(st.sampled_from(pairs))
        with session.world(draw, *outer.tables, *inner.tables) as world:
            include = {outer.name: [inner.name]}
            for parent in world.benches[outer.of].call("find", {"include": include}):
                for child in getattr(parent, outer.name).loaded:
                    row = _row_of(world, outer.to, child)
                    _is_right(world, inner, row, child, None)

    session.examples(body)


@conforms("include", keeps=True, usually="an include that is looked at when the rows are there")
def wrong_includes_are_refused(session: Session) -> None:
    """An unknown relation, and a mistake in a scope, are refused before any request."""

    def body(draw: Draw) -> None:
        chosen = _included(draw, session)
        if chosen is None:
            return
        name, some = chosen
        one = some[0]
        wrong: list[Any] = ["nothing", [one.name, "nothing"]]
        if one.to:
            scope = {"where": {"nothing": 1}}
            wrong += [{one.name: "nothing"}, {"relation": one.name, "scope": scope}]
        with session.world(draw, name) as world:
            include = draw(st.sampled_from(wrong))
            with session.recording() as recorder:
                error = world.benches[name].refused(InvalidQueryError, "find", {"include": include})
            assert error.code in {"unknown-relation", "unknown-property"}, repr(error)
            assert not recorder.hooks, f"refused only after {recorder.hooks}"

    session.examples(body, scale=0.4)
