"""``memory:?emulate=NAME`` against a small connector that can do little."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_support import Bench, spec

from juggler import connect
from juggler.connector import (
    Capabilities,
    ConnectorInfo,
    Cost,
    Plan,
    Remove,
    SchemaStep,
    SchemaSteps,
    Settings,
    WriteOp,
    full,
    full_scan,
    hookimpl,
    impossible,
    partial,
    registry,
)
from juggler.connector.keys import pinned, without
from juggler.errors import (
    CapabilityError,
    ConfigurationError,
    CostGuardError,
    NotFoundError,
    UnsupportedModelError,
)
from juggler.query.evaluate import Layout, predicate
from juggler.query.tree import TRUE, Cmp, all_of
from juggler.spec import KeySpec, ViewSpec
from juggler.values import TypeKind
from juggler_memory import MemorySettings
from juggler_memory.emulation import EmulatingConnector

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = frozenset({TypeKind.INTEGER, TypeKind.STRING, TypeKind.ARRAY, TypeKind.DATETIME})


class Narrow:
    """Reads one partition in the order of its clustering, or everything; knows few facts."""

    def __init__(self, settings: Any = None) -> None:
        self.settings = settings
        self.claims = Capabilities(
            types=full(kinds=KINDS),
            composite_keys=full(),
            insert_if_absent=full(),
            put=full(),
            patch=full(kind="native"),
            views=full(),
            count=full(kind="scan"),
            empty_collection=full(kind="null"),
            datetime_precision=full(kind="ms"),
            collection_deltas=full(),
            affected=partial("blind writes", kind="exact-if-conditional"),
            update_where=full(kind="by-key"),
            delete_where=full(kind="native"),
            timestamp=full(),
            native_query=full(language="narrow"),
            unique=impossible("no", kind="key"),
        )

    @hookimpl
    def capabilities(self, model: Any) -> Capabilities:
        return self.claims

    @hookimpl
    def plan(self, query: Any, schema: Any) -> Plan:
        assert schema is not None
        model, where = query.model, query.where
        parts = [pinned(where, name) for name in model.key.partition]
        if any(values is None or len(values) != 1 for values in parts):
            return full_scan(query)
        names = zip(model.key.partition, parts, strict=True)
        pushed = all_of(*(Cmp(name, "eq", values[0]) for name, values in names if values))
        residual = without(where, model.key.partition)
        clustering = tuple(name for name, _ in model.key.clustering)
        ordered = tuple(path for path, _ in query.order)
        ascending = all(direction == "asc" for _, direction in query.order)
        tied = ascending and bool(ordered) and ordered == clustering[: len(ordered)]
        return Plan(
            query,
            "partition",
            model.storage_name,
            pushed,
            residual,
            "exact" if residual is TRUE else "superset",
            "ties" if tied else "none",
            fields=model.names,
            cost=Cost("partition"),
        )

    @hookimpl
    def plan_schema(self, desired: Any, actual: Any, mode: Any) -> SchemaSteps:
        steps = tuple(
            SchemaStep(
                "create-table",
                model.storage_name,
                "impossible" if model.options.get("cursed") else "safe",
                native=(f"MAKE {model.storage_name}",),
                model=model.name,
            )
            for model in desired
        )
        return SchemaSteps(steps, actual.fingerprint)


EVENT = spec(
    {"tenant": "str", "ts": "int", "kind": "str", "tags": ["str"], "at": "when"},
    name="Event",
    key=("tenant",),
    clustering=("ts",),
)
INFO = ConnectorInfo(
    "narrow",
    Narrow,
    settings=Settings,
    default_id_type="uuid",
    relational=True,
    types=("db", "narrow"),
)


class Card:
    @hookimpl
    def juggler_connector_info(self) -> ConnectorInfo:
        return INFO


@pytest.fixture(autouse=True)
def narrow() -> Iterator[None]:
    registry.register(Card(), "narrow")
    yield
    registry.unregister("narrow")


def events(**settings: Any) -> Bench:
    connector = EmulatingConnector(MemorySettings(emulate="narrow", **settings), INFO, Narrow())
    return Bench(EVENT, connector)


def test_the_card_capabilities_and_guard_are_the_other_connectors() -> None:
    with connect("memory:?emulate=narrow") as db:
        assert db.name == "narrow"
        assert db.is_relational()
        assert db.host.info.default_id_type == "uuid"
        assert db.policy.scan == "refuse"
        claims = db.capabilities_of(None)
        assert claims.types["kinds"] == KINDS
        assert not claims.native_query
        assert not claims.timestamp


def test_models_that_the_other_would_refuse_are_refused() -> None:
    with connect("memory:?emulate=narrow") as db, pytest.raises(UnsupportedModelError):
        db.define("User", {"mail": {"type": "string", "unique": True}})


def test_an_application_fails_where_production_would() -> None:
    with connect("memory:?emulate=narrow") as db:
        event = db.define(
            "Event",
            {
                "tenant": {"type": "string", "id": 1},
                "kind": "string",
            },
        )
        event.create({"tenant": "a", "kind": "x"})
        with pytest.raises(CostGuardError):
            event.find({"where": {"kind": "x"}})
        assert [e.tenant for e in event.find({"where": {"kind": "x"}}, allow_scan=True)] == ["a"]
        assert event.find({"where": {"tenant": "a"}})[0].kind == "x"
        assert event.count() == 1
        with pytest.raises(CapabilityError):
            db.execute("SELECT")
        with pytest.raises(NotFoundError):
            event.replace_by_id("b", {"kind": "y"})


def test_unknown_connectors_and_memory_itself_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="no connector"):
        connect("memory:?emulate=nothing")
    with pytest.raises(ConfigurationError, match="not itself"):
        connect("memory:?emulate=memory")


rows = st.tuples(
    st.sampled_from("ab"),
    st.integers(0, 9),
    st.sampled_from([None, "x", "y"]),
    st.none(),
    st.none(),
)


@settings(max_examples=50, deadline=None)
@given(
    stored=st.lists(rows, max_size=15),
    tenant=st.sampled_from(["a", "b", None]),
    kind=st.sampled_from(["x", None]),
    order=st.sampled_from([(), ("ts",), ("-ts",), ("kind",)]),
    page=st.sampled_from([1, 3, 100]),
)
def test_a_fetch_gives_what_the_plan_pushes(
    stored: Any, tenant: str | None, kind: str | None, order: Any, page: int
) -> None:
    bench = events()
    for row in stored:
        bench.write(WriteOp("put", row[:2], row))
    there = {row[:2]: row for row in stored}
    where = {name: value for name, value in (("tenant", tenant), ("kind", kind)) if value}
    plan = bench.plan(where, order)
    found = bench.run(plan, page)
    pushed = predicate(Layout(EVENT, EVENT.names), plan.pushed)
    assert sorted(found, key=repr) == sorted(filter(pushed, there.values()), key=repr)
    if plan.order == "ties":
        assert [row[1] for row in found] == sorted(row[1] for row in found)


def test_only_the_fields_of_the_plan_come_back() -> None:
    bench = events()
    bench.insert(tenant="a", ts=1, kind="x")
    plan = bench.plan({"tenant": "a"})
    narrow_plan = Plan(plan.query, plan.path, plan.relation, plan.pushed, fields=("kind", "tenant"))
    assert bench.run(narrow_plan) == [("x", "a")]


def test_versions_counts_and_results_are_what_the_other_knows() -> None:
    bench = events()
    put = bench.put(tenant="a", ts=1)
    assert (put.status, put.existed, put.version) == ("applied", None, None)
    assert bench.patch(("a", 1), {"kind": "x"}).status == "patched"
    assert bench.patch(("a", 9), {"kind": "x"}).status == "missing"
    assert bench.connector.fetch(bench.plan(), None, 9, bench.ctx).versions is None
    assert bench.connector.get(EVENT, [("a", 1)], ("ts",), bench.ctx).versions is None
    assert bench.connector.count(bench.plan(), bench.ctx) is NotImplemented
    assert bench.update_where({"tenant": "a"}, {"kind": "y"}) is NotImplemented
    done = bench.delete_where({"tenant": "a"})
    assert (done.matched, done.changed) == (None, None)
    assert bench.find() == []


def test_blind_writes_neither_look_nor_know() -> None:
    bench = events()
    for op in (
        WriteOp("patch", ("a", 1), {"kind": "x"}),
        WriteOp("insert", ("a", 1), ("a", 1, "y", None, None)),
        WriteOp("replace", ("a", 2), ("a", 2, "z", None, None)),
        WriteOp("delete", ("a", 7)),
    ):
        (result,) = bench.write(op, mode="blind")
        assert (result.status, result.existed, result.error) == ("applied", None, None)
    assert [row[2] for row in bench.find()] == ["y", "z"]


def test_values_are_what_the_other_would_give_back() -> None:
    bench = events()
    at = dt.datetime(2020, 1, 1, 0, 0, 0, 123_456, tzinfo=dt.UTC)
    bench.insert(tenant="a", ts=1, tags=[], at=at)
    bench.insert(tenant="a", ts=2, tags=["x"])
    bench.patch(("a", 2), {"tags": Remove(["x"])})
    first, second = bench.find()
    assert (first[3], second[3]) == (None, None)
    assert first[4] == at.replace(microsecond=123_000)


def test_views_show_the_rows_of_their_base_whose_key_is_complete() -> None:
    bench = events()
    by_kind = spec(
        {"kind": "str", "tenant": "str", "ts": "int"},
        name="ByKind",
        key=("kind",),
        clustering=("tenant", "ts"),
        view=ViewSpec("Event", KeySpec(("kind",), (("tenant", "asc"), ("ts", "asc")))),
    )
    view = Bench(by_kind, bench.connector)
    for ts, kind in enumerate(["x", "y", None, "x"]):
        bench.insert(tenant="t", ts=ts, kind=kind)
    assert view.find({"kind": "x"}) == [("x", "t", 0), ("x", "t", 3)]
    assert len(view.find()) == 3
    assert view.get(("x", "t", 3), ("x", "t", 1), ("z", "t", 9)) == [("x", "t", 3), None, None]
    assert view.find({"kind": "x"}, ["ts"], page=1) == [("x", "t", 0), ("x", "t", 3)]


def test_schemas_are_there_by_declaration_and_recreating_empties() -> None:
    bench = events()
    bench.insert(tenant="a", ts=1)

    def steps(mode: Any, model: Any = EVENT) -> list[tuple[str, str]]:
        plan = bench.connector.plan_schema([model], bench.schema, mode)
        return [(step.kind, step.safety) for step in plan.steps]

    assert steps("update") == []
    assert steps("recreate") == [("recreate-table", "destructive")]
    cursed = spec({"id": "id"}, options={"cursed": True})
    assert steps("update", cursed) == [("create-table", "impossible")]
    (step,) = bench.connector.plan_schema([EVENT], bench.schema, "recreate").steps
    assert step.native == ("MAKE Event",)
    bench.connector.apply_schema(step, bench.ctx)
    assert bench.find() == []
