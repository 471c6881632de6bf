"""Answers to queries, held against the reference model."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler.errors import CostGuardError
from juggler.query.tree import TRUE, And, Cmp, Or
from juggler.values.types import ORDERED
from juggler_conformance.bench import filter_of
from juggler_conformance.plain import plain_row
from juggler_conformance.props._draws import any_shape, chooser, some_rows
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import DrawnQuery, patches, queries, spelled_where
from juggler_conformance.strategies.combined import every_combination
from juggler_conformance.strategies.conditions import conditions, operators, single_conditions
from juggler_conformance.strategies.every import every_condition, every_order, every_row

if TYPE_CHECKING:
    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session

#: One of so many combinations is tried with an update; there are eleven forms of them.
_UPDATED = 5


@conforms("query", usually="a condition pushed to the store that means something else there")
def queries_are_answered(session: Session) -> None:
    """find() gives the rows, the order and the fields that the reference model gives."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            stored = some_rows(draw, bench)
            for _ in range(draw(st.integers(1, 3))):
                query = draw(queries(shape, stored, session.limits, session.caps))
                found = bench.find(query, chooser(draw))
                session.reach.saw("answer", _size(len(found), len(stored)))
                session.reach.plan(bench.plan(query))

    session.examples(body, scale=3)


def _size(found: int, stored: int) -> str:
    if not found:
        return "none"
    return "all" if found == stored else "some"


@conforms("query", usually="an operator that the store knows under this name, with another meaning")
def operators_mean_what_they_say(session: Session) -> None:
    """Each operator alone, on each kind of property, and its negation, gives the right rows."""
    having = {shape: operators(shape, session.caps) for shape in session.shapes}
    families = sorted(frozenset().union(*having.values()))

    def body(draw: Draw) -> None:
        family = draw(st.sampled_from(families))
        shape = draw(st.sampled_from([one for one in session.shapes if family in having[one]]))
        with session.bench(shape) as bench:
            stored = some_rows(draw, bench, min_size=3)
            for _ in range(draw(st.integers(3, 6))):
                where = draw(
                    single_conditions(
                        shape, stored, session.limits, caps=session.caps, family=family
                    )
                )
                session.reach.saw("operator", type(where).__name__)
                bench.find(DrawnQuery(where), chooser(draw))

    session.examples(body, scale=1.5)


@conforms("query", usually="an operator that the store knows under this name, with another meaning")
def operators_by_the_table(session: Session) -> None:
    """Each operator with each stored value of fixed rows, and its negation, by the whole table."""
    known: set[tuple[str, str]] = set()
    turn = itertools.count()
    for shape in session.shapes:
        session.fresh("mixed")
        with session.db.options(allow_scan=True), session.bench(shape) as bench:
            bench.load(every_row(shape, session.limits))
            stored = list(bench.table.rows.values())
            begun = len(session.journal.lines)
            tried = every_condition(shape, stored, session.limits, session.caps, known)
            for where in tried:
                del session.journal.lines[begun:]
                with session.explained():
                    bench.find(DrawnQuery(where), lambda ways: ways[next(turn) % len(ways)])


@conforms("query", usually="a branch of an or that is dropped, or joined to what stands beside it")
def combinations_by_the_table(session: Session) -> None:
    """And, or and not of conditions on different properties, one in another, by the whole table."""
    shape = session.simple()
    session.fresh("mixed")
    with session.db.options(allow_scan=True), session.bench(shape) as bench:
        bench.load(every_row(shape, session.limits))
        begun = len(session.journal.lines)
        for where in every_combination(shape, list(bench.table.rows.values())):
            del session.journal.lines[begun:]
            with session.explained():
                bench.find(DrawnQuery(where))


@conforms("query", usually="nulls, ties or a second key in another order than asked")
def orders_by_the_table(session: Session) -> None:
    """Fixed rows in each order of one key and of two, forwards and backwards, whole and cut."""
    for shape in session.shapes:
        session.fresh("mixed")
        with session.db.options(allow_scan=True), session.bench(shape) as bench:
            bench.load(every_row(shape, session.limits))
            begun = len(session.journal.lines)
            for at, order in enumerate(every_order(shape, session.caps)):
                del session.journal.lines[begun:]
                with session.explained():
                    bench.find(DrawnQuery(order=order, limit=(None, 5)[at % 2], skip=at % 3))


@conforms("query", usually="count() ignores a part of the condition, or counts what was read")
def counts_agree(session: Session) -> None:
    """count() and exists() of a condition agree with the reference model."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            stored = some_rows(draw, bench)
            where = draw(_where(session, bench, stored))
            bench.count(where, chooser(draw))
            there = bench.call("exists", spelled_where(where, chooser(draw)))
            assert there is (bench.table.count(where) > 0)

    session.examples(body)


@conforms("query", keeps=True, usually="a write by condition that leaves out a part of it")
def writes_by_the_table(session: Session) -> None:
    """delete_all and update_all of conditions with several parts change just the matching rows."""
    shape = session.simple()
    name = shape.plain_names[-1]
    session.fresh("mixed")
    with session.db.options(allow_scan=True), session.bench(shape) as bench:
        rows = every_row(shape, session.limits)
        bench.load(rows)
        begun = len(session.journal.lines)
        for turn, where in enumerate(every_combination(shape, rows)):
            narrowed = isinstance(where, And) and not isinstance(where.parts[0], Or)
            if not narrowed and turn % _UPDATED:
                continue
            with session.explained():
                if narrowed:
                    bench.delete_all(where)
                else:
                    bench.update_all(where, {name: rows[turn % len(rows)][name]})
                bench.check()
            for row in rows:
                if bench.table.get(bench.table.key_of(row)) != row:
                    bench.put(row)
            del session.journal.lines[begun:]


@conforms("query", usually="a delete or an update that is wider than its condition")
def writes_by_condition(session: Session) -> None:
    """update_all and delete_all change exactly the matching rows, and count them."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            stored = some_rows(draw, bench)
            where = draw(_where(session, bench, stored))
            if draw(st.booleans()):
                where = And((draw(_where(session, bench, stored)), where))
            if draw(st.booleans()):
                bench.update_all(where, draw(patches(shape, session.limits)), chooser(draw))
            else:
                bench.delete_all(where, chooser(draw))
            bench.check()

    session.examples(body, scale=1.5)


@conforms("query", usually="an order that is partial: ties come as the store likes")
def ties_are_in_key_order(session: Session) -> None:
    """Rows that are equal in all order keys come by ascending key, under DESC too."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            stored = some_rows(draw, bench)
            query = draw(queries(shape, stored, session.limits, session.caps))
            if query.order:
                bench.find(query)
            names = [
                n for n, t in shape.types.items() if t.kind in ORDERED and n not in shape.unique
            ]
            chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
            order = tuple((name, draw(st.sampled_from(("asc", "desc")))) for name in chosen)
            where = draw(st.sampled_from((TRUE, *_equalities(shape, stored))))
            bench.find(DrawnQuery(where, order, draw(st.none() | st.integers(1, 5))))

    session.examples(body, scale=1.5)


def _equalities(shape: Any, stored: list[dict[str, Any]]) -> list[Any]:
    """Equality on the first key parts of each stored row: one partition."""
    names = shape.key.partition
    if len(names) == len(shape.key_names):
        return []
    return [And(tuple(Cmp(n, "eq", row[n]) for n in names)) for row in stored]


@conforms("query", usually="expressions and dictionaries take different ways")
def both_spellings_agree(session: Session) -> None:
    """A tree and its dictionary give the same rows; so do all styles of order."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            stored = some_rows(draw, bench, max_size=8)
            query = draw(queries(shape, stored, session.limits, session.caps, paged=False))
            found = bench.find(query, chooser(draw))
            again = bench.model.find(query.where, order=list(query.order), fields=query.fields)
            one, other = ([plain_row(i, query.fields) for i in some] for some in (found, again))
            assert sorted(map(repr, one)) == sorted(map(repr, other))
            listed = bench.call("find", filter_of(query))
            assert len(listed) == len(found)

    session.examples(body, scale=0.5)


@conforms("query", usually="the guard looks at another plan than the one that runs")
def scans_need_permission(session: Session) -> None:
    """A query whose plan scans is refused without a request unless allowed; others run."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            stored = some_rows(draw, bench)
            query = draw(queries(shape, stored, session.limits, session.caps))
            with session.recording() as recorder:
                told = bench.explain(query, allow_scan=False)
                try:
                    bench.find(query, allow_scan=False)
                except CostGuardError as error:
                    session.reach.refusal(error)
                    assert told.refused, f"refused, and explain() says that it runs: {told}"
                    assert not recorder.hooks, f"refused only after {recorder.hooks}"
                    assert error.hint
                else:
                    assert not told.refused or not recorder.hooks, (
                        f"ran, and explain() says: {told}"
                    )

    session.examples(body)


def _where(session: Session, bench: Bench, stored: list[dict[str, Any]]) -> Any:
    geo, nested = bool(session.caps.geo), bool(session.caps.nested_paths)
    return conditions(bench.shape, stored, session.limits, geo=geo, nested=nested)
