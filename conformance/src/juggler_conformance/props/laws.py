"""The laws of plans, L1 to L7, on the connector's own hooks: nothing of the core is between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler.query.tree import TRUE
from juggler_conformance.bench import shown
from juggler_conformance.oracle import in_order, matches, sorted_rows
from juggler_conformance.props._draws import any_shape, some_rows
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler.connector.plan import Plan
    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session
    from juggler_conformance.strategies import DrawnQuery

    Law = Callable[["Bench", "DrawnQuery", "Plan", list[dict[str, Any]], Draw], None]


def _for_plans(session: Session, law: Law, *, limited: bool, scale: float = 1.2) -> None:
    """Check a law on many plans: bench, query, plan and all rows that fetching it gives."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            stored = some_rows(draw, bench)
            for _ in range(draw(st.integers(1, 3))):
                query = draw(queries(shape, stored, session.limits, session.caps, paged=limited))
                plan = bench.plan(query)
                session.reach.plan(plan)
                if plan.path == "empty":
                    assert bench.table.count(query.where) == 0, "an empty plan, and rows match"
                    continue
                law(bench, query, plan, bench.fetch(plan, _size(draw)), draw)

    session.examples(body, scale=scale)


def _size(draw: Draw) -> int:
    size: int = draw(st.sampled_from((1, 2, 3, 1000)))
    return size


@conforms("query", usually="a push-down that is narrower than the condition (a subset)")
def law_1_no_matching_row_is_lost(session: Session) -> None:
    """L1: every row that fulfils the condition is among the rows fetched, once."""

    def law(bench: Bench, query: DrawnQuery, plan: Plan, fetched: Any, draw: Draw) -> None:
        del draw
        keys = [bench.table.key_of(row) for row in fetched]
        assert len(set(keys)) == len(keys), f"a row came twice: {keys!r}\n{shown(plan)}"
        wanted = {bench.table.key_of(row) for row in bench.table.find(query.where)}
        assert wanted <= set(keys), f"lost {wanted - set(keys)!r}\n{shown(plan)}"
        for row in fetched:
            assert bench.same(row, bench.table.rows[bench.table.key_of(row)]), (
                f"{row!r} is not stored"
            )

    _for_plans(session, law, limited=False)


@conforms("query", usually="guarantee='exact' for a condition that the store evaluates differently")
def law_2_exact_is_exact(session: Session) -> None:
    """L2: an exact plan has no residual and fetches the matching rows and no other."""

    def law(bench: Bench, query: DrawnQuery, plan: Plan, fetched: Any, draw: Draw) -> None:
        del draw
        if plan.guarantee != "exact":
            return
        assert plan.residual == TRUE, f"exact, and something is left over\n{shown(plan)}"
        keys = {bench.table.key_of(row) for row in fetched}
        wanted = {bench.table.key_of(row) for row in bench.table.find(query.where)}
        assert keys == wanted, f"fetched {keys!r} instead of {wanted!r}\n{shown(plan)}"

    _for_plans(session, law, limited=False)


@conforms("query", usually="a conjunct that was taken for pushed and is not evaluated by anybody")
def law_3_the_residual_is_what_is_left(session: Session) -> None:
    """L3: the residual on the rows fetched gives what the condition gives on all rows."""

    def law(bench: Bench, query: DrawnQuery, plan: Plan, fetched: Any, draw: Draw) -> None:
        del draw
        kept = {bench.table.key_of(row) for row in fetched if matches(plan.residual, row)}
        wanted = {bench.table.key_of(row) for row in bench.table.find(query.where)}
        assert kept == wanted, f"{kept!r} instead of {wanted!r}\n{shown(plan)}"

    _for_plans(session, law, limited=False)


@conforms("query", usually="nulls, descending keys or ties in another order than asked")
def law_4_order(session: Session) -> None:
    """L4: satisfied: sorted with the tie-break by key; ties: sorted by the order alone."""

    def law(bench: Bench, query: DrawnQuery, plan: Plan, fetched: Any, draw: Draw) -> None:
        del draw
        order = plan.query.order
        if not order or plan.order == "none":
            return
        near = query.near
        if plan.order == "satisfied":
            wanted = sorted_rows(fetched, order, bench.shape.key_names, near)
            keys = [bench.table.key_of(row) for row in fetched]
            assert keys == [bench.table.key_of(row) for row in wanted], f"{keys!r}\n{shown(plan)}"
        else:
            assert in_order(fetched, order, near), f"not in order: {fetched!r}\n{shown(plan)}"

    _for_plans(session, law, limited=False)


@conforms("query", usually="a cursor that skips or repeats the row at the boundary")
def law_5_any_page_size(session: Session) -> None:
    """L5: fetching in pages of any size gives the same rows, each once."""

    def law(bench: Bench, query: DrawnQuery, plan: Plan, fetched: Any, draw: Draw) -> None:
        del query
        other = bench.fetch(plan, draw(st.sampled_from((1, 2, 3, 5))))
        one, two = (sorted(map(repr, map(bench.table.key_of, some))) for some in (fetched, other))
        assert one == two, f"{one!r} and {two!r}\n{shown(plan)}"

    _for_plans(session, law, limited=False)


@conforms("query", usually="a plan that depends on a set's order, a clock or the data")
def law_6_plans_are_deterministic(session: Session) -> None:
    """L6: the same query and schema give the same plan."""

    def law(bench: Bench, query: DrawnQuery, plan: Plan, fetched: Any, draw: Draw) -> None:
        del fetched, draw
        assert bench.plan(query).fingerprint == plan.fingerprint

    _for_plans(session, law, limited=True, scale=1.0)


@conforms("query", usually="LIMIT sent along with a condition that the core still has to evaluate")
def law_7_pushed_limits(session: Session) -> None:
    """L7: a limit is pushed only when nothing is left to do; the rows are then enough and right."""

    def law(bench: Bench, query: DrawnQuery, plan: Plan, fetched: Any, draw: Draw) -> None:
        del draw
        if not plan.limit_pushed:
            return
        assert plan.residual == TRUE, f"limit pushed before the residual\n{shown(plan)}"
        assert not plan.query.order or plan.order == "satisfied", (
            f"limit pushed before the order\n{shown(plan)}"
        )
        matching = bench.table.count(query.where)
        end = matching if query.limit is None else min(matching, query.skip + query.limit)
        assert len(fetched) >= end, f"{len(fetched)} rows, {end} are needed\n{shown(plan)}"

    _for_plans(session, law, limited=True)
