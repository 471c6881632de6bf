"""A connector called as the core calls it, without the core: specs, a context, short names."""

from __future__ import annotations

from typing import Any

from juggler.connector import Change, SchemaStep, WriteOp, WriteOptions
from juggler.query import QuerySpec, ReadOptions, bind_where, parse_where
from juggler.query.tree import TRUE
from juggler.spec import EXTRA, FieldSpec, IndexSpec, KeySpec, ModelSpec, StoreSchema
from juggler.values import ANY, TypeKind, TypeSpec
from juggler_memory import MemoryConnector, MemorySettings

KINDS = {
    "id": TypeKind.INTEGER,
    "str": TypeKind.STRING,
    "int": TypeKind.INTEGER,
    "num": TypeKind.NUMBER,
    "bool": TypeKind.BOOLEAN,
    "when": TypeKind.DATETIME,
    "any": TypeKind.ANY,
    "obj": TypeKind.OBJECT,
    "uuid": TypeKind.UUID,
    "dec": TypeKind.DECIMAL,
    "geo": TypeKind.GEO,
}


def kind(word: Any) -> TypeSpec:
    """A type by a short word, ``[str]`` for an array, or as it is."""
    if isinstance(word, list):
        return TypeSpec(TypeKind.ARRAY, of=kind(word[0]))
    if isinstance(word, set):
        return TypeSpec(TypeKind.SET, of=kind(next(iter(word))))
    return TypeSpec(KINDS[word]) if isinstance(word, str) else word


def spec(
    fields: dict[str, Any],
    *,
    name: str = "T",
    storage_name: str | None = None,
    key: tuple[str, ...] = ("id",),
    clustering: tuple[Any, ...] = (),
    indexes: dict[str, Any] | None = None,
    unique: tuple[str, ...] = (),
    is_open: bool = False,
    **more: Any,
) -> ModelSpec:
    """A model: ``fields`` by short type, ``indexes`` as paths by name, ``-`` in front for desc."""
    made = [FieldSpec(n, n, kind(t), unique=n in unique) for n, t in fields.items()]
    if is_open:
        made.append(FieldSpec(EXTRA, EXTRA, ANY))
    found = []
    for index, paths in (indexes or {}).items():
        options = paths if isinstance(paths, dict) else {"keys": paths}
        keys = tuple(
            (path.lstrip("-"), "desc" if path.startswith("-") else "asc")
            for path in options["keys"]
        )
        found.append(IndexSpec(index, keys, options.get("unique", False)))
    return ModelSpec(
        name,
        storage_name or name,
        tuple(made),
        KeySpec(key, tuple((c, "asc") if isinstance(c, str) else c for c in clustering)),
        tuple(found),
        open=is_open,
        **more,
    )


class Ctx:
    """The context of an operation, with a clock that tests set."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.time = now
        self.transaction: Any = None

    def now(self) -> float:
        return self.time


class Bench:
    """A connector and a model, with the operations of tests."""

    def __init__(self, model: ModelSpec, connector: Any = None, **settings: Any) -> None:
        self.model = model
        self.connector = connector or MemoryConnector(MemorySettings(**settings))
        self.ctx: Any = Ctx()
        if hasattr(self.connector, "open"):
            self.connector.open(self.ctx)
            self.connector.bind(model)
        self.schema = StoreSchema(declared=True)

    # ------------------------------------------------------------ writing

    def write(self, *ops: WriteOp, **options: Any) -> list[Any]:
        return self.connector.write(self.model, list(ops), WriteOptions(**options), self.ctx)

    def row(self, values: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(values.get(name) for name in self.model.names)

    def key(self, values: dict[str, Any]) -> Any:
        key = tuple(values.get(name) for name in self.model.key.names)
        return None if None in key else key

    def insert(self, _kind: str = "insert", **values: Any) -> Any:
        (result,) = self.write(WriteOp(_kind, self.key(values), self.row(values)))
        if result.error is not None:
            raise result.error
        return result

    def put(self, **values: Any) -> Any:
        return self.insert("put", **values)

    def patch(self, key: Any, changes: dict[str, Any], **options: Any) -> Any:
        (result,) = self.write(WriteOp("patch", _key(key), changes, **options))
        return result

    def delete(self, key: Any, **options: Any) -> Any:
        (result,) = self.write(WriteOp("delete", _key(key), **options))
        return result

    # ------------------------------------------------------------ reading

    def get(self, *keys: Any) -> list[Any]:
        found = self.connector.get(self.model, [_key(k) for k in keys], self.model.names, self.ctx)
        return list(found.rows)

    def one(self, key: Any) -> dict[str, Any] | None:
        (row,) = self.get(key)
        return None if row is None else dict(zip(self.model.names, row, strict=True))

    def query(
        self,
        where: Any = None,
        order: Any = (),
        limit: int | None = None,
        skip: int = 0,
        **options: Any,
    ) -> QuerySpec:
        if isinstance(where, dict):
            where = bind_where(self.model, parse_where(where))
        terms = tuple(
            (path.lstrip("-"), "desc" if path.startswith("-") else "asc")
            for path in ([order] if isinstance(order, str) else order)
        )
        return QuerySpec(
            self.model,
            TRUE if where is None else where,
            terms,
            limit=limit,
            skip=skip,
            options=ReadOptions(**options),
        )

    def plan(self, *args: Any, **kw: Any) -> Any:
        return self.connector.plan(self.query(*args, **kw), self.schema)

    def find(self, *args: Any, page: int = 1 << 31, **kw: Any) -> list[tuple[Any, ...]]:
        return self.run(self.plan(*args, **kw), page)

    def run(self, plan: Any, page: int = 1 << 31) -> list[tuple[Any, ...]]:
        rows: list[Any] = []
        cursor = None
        while True:
            found = self.connector.fetch(plan, cursor, page, self.ctx)
            assert len(found.rows) <= page
            rows += found.rows
            cursor = found.cursor
            if cursor is None:
                return rows

    def ids(self, *args: Any, **kw: Any) -> list[Any]:
        places = self.model.key_positions
        return [
            row[places[0]] if len(places) == 1 else tuple(row[at] for at in places)
            for row in self.find(*args, **kw)
        ]

    def count(self, where: Any = None) -> int:
        return self.connector.count(self.plan(where), self.ctx)

    def update_where(self, where: Any, values: dict[str, Any]) -> Any:
        change = Change("patch", values)
        return self.connector.write_where(self.model, self.plan(where), change, self.ctx)

    def delete_where(self, where: Any) -> Any:
        return self.connector.write_where(self.model, self.plan(where), Change("delete"), self.ctx)

    # ------------------------------------------------------------ schema

    def steps(self, mode: str = "update") -> list[SchemaStep]:
        actual = self.connector.read_schema([self.model], self.ctx)
        return list(self.connector.plan_schema([self.model], actual, mode).steps)

    def migrate(self, mode: str = "update") -> None:
        for step in self.steps(mode):
            self.connector.apply_schema(step, self.ctx)


def _key(key: Any) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)
