"""Plans on a real server: its rows are those that the condition has, for every kind of index.

Also that the statements are legal as they are, that pages go on where they ended, and that CREATE
texts are understood.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from cassandra import InvalidRequest
from cassandra_support import (
    BY_KIND,
    BY_NUMBER,
    DOMAINS,
    EVENTS,
    filters,
    orders,
    query,
    read_schema,
    view,
    with_views,
)
from fake_server import FakeServer
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from juggler.query.evaluate import Layout, select
from juggler.query.order import sorter, values_of
from juggler.spec import IndexSpec, ModelSpec, StoreSchema
from juggler_cassandra import cql, schema_plan
from juggler_cassandra.planning import Planner
from juggler_cassandra.planning.statements import first_read
from juggler_cassandra.settings import CassandraSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler_cassandra.planning.access import AnyBranch

pytestmark = pytest.mark.server
SETTINGS = CassandraSettings(views="all", consistency="ONE")
#: Of this many queries each finds something or other; more of them when somebody asks.
EXAMPLES = int(os.environ.get("JUGGLER_EXAMPLES", "150"))
_INDEXES: list[list[tuple[str, dict[str, Any]]]] = [
    [],
    [("n", {}), ("kind", {}), ("tags", {}), ("price", {})],
    [("kind", {"kind": "legacy"}), ("ok", {"kind": "legacy"}), ("props", {"target": "entries"})],
    [("seq", {}), ("day", {}), ("at", {}), ("kind", {"case_sensitive": False})],
    [("ok", {}), ("props", {"target": "keys"}), ("who", {}), ("n", {"kind": "legacy"})],
]


def _model(number: int) -> ModelSpec:
    indexes = tuple(
        IndexSpec(f"i{at}", ((name, "asc"),), options=options)
        for at, (name, options) in enumerate(_INDEXES[number])
    )
    base = evolve(EVENTS, name=f"events{number}", storage_name=f"events{number}", indexes=indexes)
    views = [
        evolve(
            view(
                f"{one.name}{number}", base, one.key.partition, [c for c, _ in one.key.clustering]
            ),
            fields=one.fields,
            key=one.key,
        )
        for one in (BY_KIND, BY_NUMBER)
    ]
    return with_views(base, *views) if number < 3 else base


def _rows() -> list[tuple[Any, ...]]:
    """Rows over the whole domain, the same each time, with nulls and all key columns."""
    rows: dict[Any, Any] = {}
    sizes = {name: len(values) for name, values in DOMAINS.items()}
    for number in range(90):
        pick = {name: DOMAINS[name][(number * 7 + at * number) % sizes[name]]
                for at, name in enumerate(DOMAINS)}  # fmt: skip
        if number % 4 == 0:
            pick["kind"] = pick["price"] = None
        if number % 5 == 0:
            pick["n"] = pick["ok"] = None
        tags = frozenset("xy"[: number % 3]) or None
        props = {"c": str(1 + number % 2)} if number % 3 else None
        row = tuple({**pick, "tags": tags, "props": props}[name] for name in EVENTS.names)
        rows[tuple(row[at] for at in EVENTS.key_positions)] = row
    return list(rows.values())


ROWS = _rows()
MODELS = [_model(number) for number in range(len(_INDEXES))]


class RealServer(FakeServer):
    """The same reads on a session."""

    def __init__(self, model: ModelSpec, schema: StoreSchema, run: Callable[..., Any]) -> None:
        super().__init__(model, schema, ROWS)
        self.run_cql = run

    def select(
        self, branch: AnyBranch, read: cql.Read, limit: int | None = None
    ) -> list[dict[str, Any]]:
        statement = cql.select(branch, read, limit=limit)
        columns = {c.name: c for c in self.codec.columns.values()}
        out = []
        for row in self.run_cql(statement.text, statement.values):
            found: dict[str, Any] = {}
            for name, value in zip(branch.columns, row, strict=True):
                pair = columns[name].pair
                neutral = value if value is None or not pair.decode else pair.decode(value)
                again = neutral if neutral is None or not pair.encode else pair.encode(neutral)
                found[name] = again
            out.append(found if branch.base is None else self._of_base(found))
        return out

    def _of_base(self, key: dict[str, Any]) -> dict[str, Any]:
        """The base's row, which a fetch would read by its key."""
        names = self.known.base.key
        return next(row for row in self.rows if all(row[n] == key[n] for n in names))


@pytest.fixture(scope="module")
def servers_of(cassandra_run: Callable[..., Any]) -> list[RealServer]:
    """The tables with their rows, one per set of indexes."""
    made = []
    for number, model in enumerate(MODELS):
        schema = read_schema(model)
        steps = schema_plan.plan([model, *model.views], StoreSchema(), "create", SETTINGS).steps
        for step in steps:
            assert step.safety != "impossible", step
            for text in step.native:
                cassandra_run(text)
        server = RealServer(model, schema, cassandra_run)
        columns = tuple(c.name for c in server.codec.columns.values())
        text = cql.insert(model.storage_name, columns)
        for row in ROWS:
            cassandra_run(text, server.codec.encode(row))
        made.append(server)
        assert number >= 0
    for server in made:
        _wait_for_views(server, cassandra_run)
    return made


def _wait_for_views(server: RealServer, run: Callable[..., Any]) -> None:
    for one in server.known.views:
        wanted = sum(all(row[k] is not None for k in one.key) for row in server.rows)
        for _ in range(100):
            ((count,),) = run(f"SELECT count(*) FROM {cql.quoted(one.name)}")
            if count == wanted:
                break
            time.sleep(0.1)
        else:
            raise AssertionError(f"view {one.name} has {count} rows, not {wanted}")


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.integers(0, len(MODELS) - 1), filters(), orders(), st.none() | st.integers(1, 7),
    st.none() | st.integers(1, 9),
)  # fmt: skip
def test_the_server_gives_the_rows(
    servers_of: list[RealServer],
    number: int,
    where: Any,
    order: Any,
    limit: int | None,
    page: int | None,
) -> None:
    server = servers_of[number]
    asked = query(server.model, where, order, limit)
    schema = read_schema(server.model)
    plan = Planner(SETTINGS).plan(asked, schema)
    event(f"path {plan.path}, order {plan.order}")
    layout = Layout(server.model, plan.fields)
    kept = select(layout, plan.residual)(server.run(plan, page))
    at = [EVENTS.names.index(name) for name in plan.fields]
    full = Layout(server.model, EVENTS.names)
    wanted = [tuple(row[i] for i in at) for row in select(full, asked.where)(ROWS)]
    if plan.limit_pushed:
        assert len(kept) == min(limit or 0, len(wanted))
        assert all(row in wanted for row in kept)
    else:
        assert sorted(kept, key=repr) == sorted(wanted, key=repr)
    if plan.order == "satisfied":
        ordered = sorter(layout, asked.order)(wanted)
        assert kept == (ordered[:limit] if plan.limit_pushed else ordered)
    if plan.order == "ties":
        values = values_of(layout, asked.order)
        assert [values(row) for row in kept] == [
            values(row) for row in sorter(layout, asked.order)(kept)
        ]


@settings(max_examples=EXAMPLES // 3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, len(MODELS) - 1), filters(), orders())
def test_filtering_is_asked_for_only_where_it_is_needed(
    servers_of: list[RealServer], number: int, where: Any, order: Any
) -> None:
    server = servers_of[number]
    plan = Planner(SETTINGS).plan(query(server.model, where, order), read_schema(server.model))
    for branch in plan.opaque.branches:
        if branch.filtering:
            read, _ = first_read(branch)
            with pytest.raises(InvalidRequest):
                server.select(evolve(branch, filtering=False), read)
