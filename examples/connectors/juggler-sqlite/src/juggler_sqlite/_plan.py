"""The planner: by key, by index, or a scan; order, limit and keyset paging in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.connector import Cost, Plan, Statement
from juggler.connector.keys import keys_of, pinned
from juggler.errors import CapabilityError
from juggler.query.tree import TRUE, Between, Cmp, Nothing, conjuncts
from juggler_sqlite._rows import COMPARABLE, column, quoted
from juggler_sqlite._where import Sql, split

if TYPE_CHECKING:
    from juggler.query.spec import QuerySpec
    from juggler.spec import ModelSpec, StoreSchema

#: One file is always as fresh as the strongest level asks for.
LEVELS = frozenset({"eventual", "default", "session", "strong"})


@frozen
class Select:
    """The statement of a plan, in parts: paging adds a condition and a limit."""

    head: str
    where: Sql
    order: tuple[tuple[str, str], ...]

    def sql(self, later: Sql | None, want: int) -> tuple[str, tuple[Any, ...]]:
        """The statement of one page: ``later`` is the condition after a cursor."""
        where, params = self.where.text, self.where.params
        if later is not None:
            where, params = f"({where}) AND ({later.text})", params + later.params
        terms = ", ".join(f"{quoted(name)} {way.upper()}" for name, way in self.order)
        return f"{self.head} WHERE {where} ORDER BY {terms} LIMIT ?", (*params, want)


def plan(query: QuerySpec, schema: StoreSchema) -> Plan:
    """The plan of a query.

    Raises:
        CapabilityError: the consistency level is none of ``LEVELS``.
    """
    model = query.model
    level = query.options.consistency
    if level not in LEVELS:
        raise CapabilityError(
            f"SQLite has no consistency level {level!r}",
            feature="consistency",
            hint=f"one of {', '.join(sorted(LEVELS))}",
        )
    if isinstance(query.where, Nothing):
        return Plan(
            query,
            "empty",
            model.storage_name,
            fields=model.names,
            guarantee="exact",
            cost=Cost("empty", requests=0),
        )
    sql, pushed, residual = split(model, query.where)
    sortable = all(
        path in model.field and model.field[path].type.kind in COMPARABLE for path, _ in query.order
    )
    ways: dict[str, str] = {}
    for name, way in (*(query.order if sortable else ()), *((n, "asc") for n in model.key.names)):
        ways.setdefault(name, way)
    order = tuple((model.field[name].storage_name, way) for name, way in ways.items())
    columns = ", ".join(column(model.field[name]) for name in model.names)
    select = Select(f"SELECT {columns} FROM {quoted(model.storage_name)}", sql, order)
    path, rejected = _path(query, schema)
    satisfied = bool(query.order) and sortable
    limit = residual is TRUE and (satisfied or not query.order)
    text, params = select.sql(None, (query.skip + query.limit) if limit and query.limit else -1)
    return Plan(
        query=query,
        path=path,
        relation=model.storage_name,
        pushed=pushed,
        residual=residual,
        guarantee="exact" if residual is TRUE else "superset",
        order="satisfied" if satisfied else "none",
        limit_pushed=limit and query.limit is not None,
        fields=model.names,
        cost=Cost(path, needs=frozenset({"allow_scan"} if path == "scan" else ())),
        statements=(Statement(text, params),),
        rejected=rejected,
        suggestions=_suggestions(query) if path == "scan" else (),
        opaque=select,
    )


def _path(query: QuerySpec, schema: StoreSchema) -> tuple[Any, tuple[tuple[str, str], ...]]:
    model = query.model
    found = keys_of(model, query.where)
    if found is not None:
        return ("point" if len(found[0]) == 1 else "multi_point"), ()
    relation = schema.relation(model.storage_name)
    rejected: list[tuple[str, str]] = []
    for index in relation.indexes if relation else ():
        first = index.keys[0][0]
        if _bounded(model, query, first):
            return "index", tuple(rejected)
        rejected.append((f"index {index.name}", f"no condition or order on {first}"))
    if _bounded(model, query, model.field[model.key.names[0]].storage_name):
        return "index", tuple(rejected)
    return "scan", tuple(rejected)


def _bounded(model: ModelSpec, query: QuerySpec, storage_name: str) -> bool:
    name = next((f.name for f in model.fields if f.storage_name == storage_name), None)
    if name is None or model.field[name].type.kind not in COMPARABLE:
        return False
    if pinned(query.where, name) is not None:
        return True
    if any(
        isinstance(part, (Cmp, Between)) and part.path == name and getattr(part, "op", "") != "ne"
        for part in conjuncts(query.where)
    ):
        return True
    return query.where is TRUE and bool(query.order) and query.order[0][0] == name


def _suggestions(query: QuerySpec) -> tuple[str, ...]:
    names = [part.path for part in conjuncts(query.where) if isinstance(part, (Cmp, Between))]
    return tuple(f"index {name}: prop(index=True)" for name in dict.fromkeys(names))
