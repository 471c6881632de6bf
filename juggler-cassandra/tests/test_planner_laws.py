"""The laws of plans, on drawn tables, filters, orders and indexes."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from cassandra_support import (
    BY_KIND,
    BY_NUMBER,
    EVENTS,
    filters,
    indexes,
    orders,
    query,
    read_schema,
    tables,
    with_views,
)
from fake_server import FakeServer
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from juggler.query.evaluate import Layout, select
from juggler.query.order import sorter, values_of
from juggler.query.tree import TRUE
from juggler_cassandra.planning import Planner
from juggler_cassandra.settings import CassandraSettings

PLANNER = Planner(CassandraSettings(views="all"))
FULL = Layout(EVENTS, EVENTS.names)
CHECKS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def cases(draw: Any) -> tuple[Any, Any, list[Any]]:
    """A plan with its schema and rows."""
    base = evolve(EVENTS, indexes=draw(indexes()))
    views = draw(st.sampled_from([(), (BY_KIND,), (BY_NUMBER,), (BY_KIND, BY_NUMBER)]))
    base = with_views(base, *views)
    schema = read_schema(base)
    asked = query(
        base, draw(filters()), draw(orders()), draw(st.none() | st.integers(1, 4)),
        skip=draw(st.sampled_from([0, 0, 1])),
    )  # fmt: skip
    plan = PLANNER.plan(asked, schema)
    event(f"path {plan.path}, order {plan.order}")
    return plan, schema, draw(tables())


def _matching(plan: Any, rows: list[Any]) -> list[Any]:
    return select(FULL, plan.query.where)(rows)


def _projected(plan: Any, rows: list[Any]) -> list[Any]:
    at = [EVENTS.names.index(name) for name in plan.fields]
    return [tuple(row[i] for i in at) for row in rows]


def _sorted(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=repr)


@CHECKS
@given(cases())
def test_what_is_pushed_holds_for_every_matching_row(case: Any) -> None:
    plan, _, rows = case
    wanted = _matching(plan, rows)
    if plan.path == "empty":
        assert wanted == []
        return
    pushed = select(FULL, plan.pushed)(rows)
    assert [row for row in wanted if row not in pushed] == []
    assert select(FULL, plan.residual)(pushed) == wanted
    if plan.guarantee == "exact":
        assert plan.residual is TRUE
        assert pushed == wanted
    if plan.limit_pushed:
        assert plan.residual is TRUE
        assert not plan.query.order or plan.order == "satisfied"


@CHECKS
@given(cases(), st.none() | st.integers(1, 3))
def test_the_statements_give_the_rows(case: Any, page: int | None) -> None:
    plan, schema, rows = case
    server = FakeServer(plan.query.model, schema, rows)
    found = server.run(plan, page)
    layout = Layout(plan.query.model, plan.fields)
    kept = select(layout, plan.residual)(found)
    wanted = _projected(plan, _matching(plan, rows))
    if plan.limit_pushed:
        end = plan.query.skip + plan.query.limit
        assert len(kept) == min(end, len(wanted))
        assert all(row in wanted for row in kept)
    else:
        assert _sorted(kept) == _sorted(wanted)
    if plan.order == "satisfied":
        ordered = sorter(layout, plan.query.order)(wanted)
        assert kept == (ordered if plan.opaque.limit is None else ordered[: plan.opaque.limit])
    if plan.order == "ties":
        values = [values_of(layout, plan.query.order)(row) for row in kept]
        ordered = [
            values_of(layout, plan.query.order)(row)
            for row in sorter(layout, plan.query.order)(kept)
        ]
        assert values == ordered


@CHECKS
@given(cases())
def test_the_same_query_has_the_same_plan(case: Any) -> None:
    plan, schema, _ = case
    again = Planner(CassandraSettings(views="all")).plan(plan.query, schema)
    assert again.fingerprint == plan.fingerprint
    assert again.opaque == plan.opaque
    assert (again.rejected, again.suggestions) == (plan.rejected, plan.suggestions)


@CHECKS
@given(cases())
def test_a_scan_is_the_last_resort_and_says_so(case: Any) -> None:
    plan, _, _ = case
    asked = plan.query.where is not TRUE or bool(plan.query.order)
    assert ("allow_scan" in plan.cost.needs) is (plan.path == "scan" and asked)
    assert all(not b.filtering for b in plan.opaque.branches) or plan.path in {
        "partition", "multi_partition", "union", "view"
    }  # fmt: skip
