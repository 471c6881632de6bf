"""A small store for the tests of this folder: dictionaries, with a schema and a life cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler.connector import (
    Capabilities,
    ConnectorInfo,
    DiscoveredModel,
    Discovery,
    ForeignKey,
    NativeResult,
    Page,
    Rows,
    SchemaStep,
    SchemaSteps,
    ServerInfo,
    StepResult,
    WriteResult,
    full,
    full_scan,
    hookimpl,
)
from juggler.datasource import DataSource
from juggler.datasource._schemas import declared_schema
from juggler.spec import RelationInfo, StoreSchema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Shelf:
    """A store that counts what it is asked."""

    name = "shelf"
    io = "blocking"
    types = ("db", "shelf")
    default_id_type = "integer"

    def __init__(self, settings: Any = None) -> None:
        self.settings = settings
        self.rows: dict[str, dict[Any, Any]] = {}
        self.tables: dict[str, RelationInfo] = {}
        self.found: list[DiscoveredModel] = []
        self.keys: list[ForeignKey] = []
        self.calls: list[str] = []
        self.requests: list[Any] = []
        self.open_errors: list[Exception] = []
        self.opening: Callable[[], Any] = lambda: None
        self.step_errors: dict[str, Exception] = {}
        self.building: list[str] = []
        self.desired: Any = ()
        self.claims = Capabilities(
            insert_if_absent=full(),
            composite_keys=full(),
            unique=full(kind="any"),
            indexes=full(),
            views=full(),
            versions=full(),
            native_query=full(language="words"),
            discovery=full(),
            schema=full(),
            generated_keys=full(),
        )

    @hookimpl
    def open(self, ctx: Any) -> None:
        self.calls.append("open")
        self.opening()
        if self.open_errors:
            raise self.open_errors.pop(0)

    @hookimpl
    def close(self, ctx: Any) -> None:
        self.calls.append("close")

    @hookimpl
    def ping(self, ctx: Any) -> ServerInfo:
        self.calls.append("ping")
        return ServerInfo("Shelf", "7")

    @hookimpl
    def freeze(self) -> None:
        self.calls.append("freeze")

    @hookimpl
    def capabilities(self, model: Any) -> Capabilities:
        return self.claims

    @hookimpl
    def plan(self, query: Any, schema: Any) -> Any:
        return full_scan(query)

    @hookimpl
    def fetch(self, plan: Any, cursor: Any, want: Any, ctx: Any) -> Page:
        self.calls.append("fetch")
        ctx.note("READ ALL", plan.relation)
        return Page(list(self.rows.get(plan.relation, {}).values()))

    @hookimpl
    def get(self, model: Any, keys: Any, fields: Any, ctx: Any) -> Rows:
        self.calls.append("get")
        table = self.rows.get(model.storage_name, {})
        return Rows([table.get(key) for key in keys])

    @hookimpl
    def write(self, model: Any, ops: Any, opts: Any, ctx: Any) -> list[WriteResult]:
        self.calls.append("write")
        results = []
        for i, op in enumerate(ops):
            key = op.key or (len(self.rows.get(model.storage_name, {})) + 1,)
            row = list(op.values)
            row[model.key_positions[0]] = key[0]
            self.rows.setdefault(model.storage_name, {})[key] = tuple(row)
            results.append(WriteResult(i, key, "created"))
        return results

    @hookimpl
    def read_schema(self, models: Any, ctx: Any) -> StoreSchema:
        self.calls.append("read_schema")
        return StoreSchema(dict(self.tables))

    @hookimpl
    def plan_schema(self, desired: Any, actual: Any, mode: Any) -> SchemaSteps:
        steps = []
        self.desired = desired
        for spec in desired:
            there = actual.relations.get(spec.storage_name)
            if there is not None and mode == "recreate":
                steps.append(
                    SchemaStep("drop-table", spec.storage_name, "destructive", model=spec.name)
                )
            if there is None or mode == "recreate":
                steps.append(
                    SchemaStep("create-table", spec.storage_name, "safe", (f"MAKE {spec.name}",))
                )
                steps += [
                    SchemaStep("create-index", f"{spec.storage_name}.{i.name}", "online")
                    for i in spec.indexes
                ]
                continue
            wanted, have = set(spec.names), {column.name for column in there.columns}
            steps += [
                SchemaStep("add-column", f"{spec.storage_name}.{name}", "safe")
                for name in sorted(wanted - have)
            ]
            if "frozen" in have:
                steps.append(
                    SchemaStep(
                        "alter-column", f"{spec.storage_name}.frozen", "impossible", reason="no way"
                    )
                )
            steps += [
                SchemaStep(
                    "drop-column", f"{spec.storage_name}.{name}", "info", reason="not declared"
                )
                for name in sorted(have - wanted - {"frozen"})
            ]
        steps += [SchemaStep("create-index", name, "online") for name in self.building]
        return SchemaSteps(tuple(steps), actual.fingerprint)

    @hookimpl
    def apply_schema(self, step: SchemaStep, ctx: Any) -> StepResult:
        self.calls.append(f"{step.kind} {step.target}")
        if step.target in self.step_errors:
            raise self.step_errors[step.target]
        if step.kind == "create-table":
            self.tables[step.target] = declared_schema(self.desired).relations[step.target]
        if step.kind == "drop-table":
            self.tables.pop(step.target)
            self.rows.pop(step.target, None)
        return StepResult(step)

    @hookimpl
    def discover(self, request: Any, ctx: Any) -> Discovery:
        self.calls.append("discover")
        self.requests.append(request)
        models = [
            m
            for m in self.found
            if (request.names is None or m.relation.name in request.names)
            and (request.views or m.kind == "table")
            and (request.owner is None or request.owner == m.owner)
        ]
        last = None if request.limit is None else request.offset + request.limit
        return Discovery(models[request.offset : last], self.keys)

    @hookimpl
    def native(self, statement: Any, params: Any, opts: Any, ctx: Any) -> NativeResult:
        self.calls.append(f"native {statement}")
        ctx.note(statement, params)
        return NativeResult([(statement, params, dict(opts), ctx.remaining)])


@pytest.fixture
def shelf_class() -> type[Shelf]:
    return Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def db(shelf: Shelf) -> Iterator[DataSource]:
    with DataSource(shelf, {"scan": "allow", "connect_timeout": 2}) as source:
        yield source


@pytest.fixture
def card() -> Callable[..., ConnectorInfo]:
    def make(name: str = "shelf", **more: Any) -> ConnectorInfo:
        return ConnectorInfo(
            **{"name": name, "factory": Shelf, "default_id_type": "integer", **more}
        )

    return make
