"""A base for stores without a planner of their own: a few functions make a whole connector.

The author writes the original's functions over plain dictionaries, blocking or as deferreds:
``create``, ``save``, ``destroy`` and ``all``; ``find`` where the store reads by key, ``count`` and
``destroy_all`` where it is quicker than row by row.  Planning (read the key, or read everything and
filter in Python), versions of the contract, order, pages, patches and results are supplied here.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar

from juggler.connector._turns import Turns
from juggler.connector.capabilities import Capabilities, emulated, full, impossible
from juggler.connector.hookspecs import hookimpl
from juggler.connector.results import Page, Rows
from juggler.connector.scan import full_scan
from juggler.connector.writes import Add, Append, Inc, Remove, WriteResult
from juggler.errors import CapabilityError, DuplicateKeyError
from juggler.spec import EXTRA
from juggler.values import tagged
from juggler.values.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from juggler.connector.context import OpContext
    from juggler.connector.plan import Plan
    from juggler.connector.results import Key, Row
    from juggler.connector.writes import WriteOp, WriteOptions
    from juggler.query.spec import QuerySpec
    from juggler.spec import ModelSpec, StoreSchema

Record = dict[str, Any]


class SimpleConnector:
    """Extend it and write the functions below; declare more with ``claims``.

    A record is a dictionary by property name; a key is a tuple in key order.  A function may return
    its result or a deferred.
    """

    #: Claims that replace or add to the base's: ``{"ttl": full()}``.
    claims: ClassVar[Mapping[str, Any]] = {}
    #: What becomes of queries that read every record, as every filter but one by key does here:
    #: ``allow``; ``refuse`` for a store where that costs too much.  The setting ``scan`` wins.
    scan: ClassVar[str] = "allow"

    def __init__(self, settings: Any = None) -> None:
        self.settings = settings
        self._writing = Turns()

    # ------------------------------------------------------------ the author's functions

    def all(self, model: ModelSpec) -> Iterable[Record]:
        """Every record of the model."""
        del model
        raise CapabilityError(f"{type(self).__name__} has no all()", feature="all")

    def create(self, model: ModelSpec, key: Key, record: Record) -> Any:
        """Store a new record; ``key`` is not there."""
        del model, key, record
        raise CapabilityError(f"{type(self).__name__} cannot create", feature="create")

    def save(self, model: ModelSpec, key: Key, record: Record) -> Any:
        """Store the whole record of a key that is there."""
        del model, key, record
        raise CapabilityError(f"{type(self).__name__} cannot save", feature="save")

    def destroy(self, model: ModelSpec, key: Key) -> Any:
        """Remove the record of a key that is there."""
        del model, key
        raise CapabilityError(f"{type(self).__name__} cannot destroy", feature="destroy")

    def find(self, model: ModelSpec, key: Key) -> Record | None:
        """The record of a key, None when it is not there; where it is not written, ``all`` is."""
        del model, key
        raise CapabilityError(f"{type(self).__name__} cannot find", feature="find")

    async def _found(
        self, model: ModelSpec, keys: Sequence[Key], ctx: OpContext
    ) -> list[Record | None]:
        """The records of keys, in their order."""
        if type(self).find is not SimpleConnector.find:
            return [await _settled(self.find(model, key), ctx) for key in keys]
        names = model.key.names
        records = await _settled(self.all(model), ctx)
        by_key = {tuple(record.get(name) for name in names): record for record in records}
        return [by_key.get(key) for key in keys]

    # ------------------------------------------------------------ the contract

    @hookimpl
    def capabilities(self, model: ModelSpec | None) -> Capabilities:
        """What the base gives; ``claims`` adds the connector's own."""
        del model
        base: dict[str, Any] = {
            "push": emulated("read by key, everything else in Python"),
            "order": emulated("sorted in Python", kind="none"),
            "paging": full(kind="keyset", anywhere=True),
            "skip": emulated("in Python", kind="stream"),
            "count": emulated("by reading", kind="scan"),
            "nested_paths": emulated("in Python"),
            "geo": emulated("in Python"),
            "types": full(kinds=frozenset(TypeKind)),
            "datetime_precision": full(kind="ms"),
            "decimal": full(kind="exact"),
            "integer_range": full(min=None, max=None),
            "empty_collection": full(kind="kept"),
            "insert_if_absent": emulated("safe between the threads and tasks of this process"),
            "patch": emulated("read, change, write", kind="rmw", create=False),
            "put": full(),
            "update_where": emulated("row by row", kind="by-key"),
            "delete_where": emulated("row by row", kind="by-key"),
            "affected": full(kind="exact"),
            "composite_keys": full(),
            "unique": impossible("only keys are unique here", kind="key"),
            "consistency": full(levels=frozenset({"eventual", "default", "session"})),
        }
        return Capabilities(**{**base, **self.claims})

    @hookimpl
    def plan(self, query: QuerySpec, schema: StoreSchema) -> Plan:
        """Read the keys that are pinned, otherwise everything."""
        del schema
        return full_scan(query, points=True)

    @hookimpl
    async def fetch(self, plan: Plan, cursor: bytes | None, want: int, ctx: OpContext) -> Page:
        """Rows in key order, from the key after the cursor on."""
        model = plan.query.model
        if plan.path == "empty":
            return Page(())
        if plan.opaque is not None:
            found = await self._found(model, plan.opaque, ctx)
            rows = [_row(model, record) for record in found if record is not None]
        else:
            rows = [_row(model, record) for record in await _settled(self.all(model), ctx)]
        at = model.key_positions

        def place(row: Row) -> tuple[Any, ...]:
            return tuple(_sortable(row[i]) for i in at)

        def mark(row: Row) -> bytes:
            return tagged.dumps(tuple(row[i] for i in at)).encode()

        rows.sort(key=place)
        scanned = len(rows)
        if cursor is not None:
            last = tuple(_sortable(value) for value in tagged.loads(cursor))
            rows = [row for row in rows if place(row) > last]
        page = rows[:want]
        return Page(
            page,
            mark(page[-1]) if page and len(rows) > want else None,
            scanned=scanned,
            cursor_after=lambda i: mark(page[i]),
        )

    @hookimpl
    async def get(
        self, model: ModelSpec, keys: Sequence[Key], fields: tuple[str, ...], ctx: OpContext
    ) -> Rows:
        """Records by key."""
        at = [model.position[name] for name in fields]
        found = await self._found(model, keys, ctx)
        whole = [None if record is None else _row(model, record) for record in found]
        return Rows([None if row is None else tuple(row[i] for i in at) for row in whole])

    @hookimpl
    async def write(
        self, model: ModelSpec, ops: Sequence[WriteOp], opts: WriteOptions, ctx: OpContext
    ) -> list[WriteResult]:
        """One call after the other: look, decide, store."""
        del opts
        async with self._writing.taken(ctx):
            return [await self._write_one(model, index, op, ctx) for index, op in enumerate(ops)]

    async def _write_one(
        self, model: ModelSpec, index: int, op: WriteOp, ctx: OpContext
    ) -> WriteResult:
        key = op.key or ()
        (stored,) = await self._found(model, (key,), ctx)
        there = stored is not None
        match op.kind:
            case "insert" if stored is not None:
                error = DuplicateKeyError(f"{model.name} {key!r} is there already")
                return WriteResult(index, key, "failed", existed=True, error=error)
            case "insert" | "put":
                step = self.save if there else self.create
                await _settled(step(model, key, _record(model, op.values)), ctx)
                return WriteResult(index, key, "replaced" if there else "created", existed=there)
            case "replace" | "patch" | "delete" if stored is None:
                return WriteResult(index, key, "missing", existed=False)
            case "replace":
                await _settled(self.save(model, key, _record(model, op.values)), ctx)
                return WriteResult(index, key, "replaced", existed=True)
            case "patch":
                record = _patched(dict(stored or {}), _mapping(op), model)
                await _settled(self.save(model, key, record), ctx)
                return WriteResult(index, key, "patched", existed=True, record=_row(model, record))
            case _:
                await _settled(self.destroy(model, key), ctx)
                return WriteResult(index, key, "deleted", existed=True)


def _mapping(op: WriteOp) -> Mapping[str, Any]:
    values: Any = op.values or {}
    return values  # type: ignore[no-any-return]


async def _settled(result: Any, ctx: OpContext) -> Any:
    if inspect.isawaitable(result):
        return await result
    return await ctx.wait(result) if hasattr(result, "when_done") else result


def _row(model: ModelSpec, record: Mapping[str, Any]) -> Row:
    if not model.open:
        return tuple(record.get(name) for name in model.names)
    extra = {k: v for k, v in record.items() if k not in model.position}
    return (*(record.get(name) for name in model.names[:-1]), extra or None)


def _record(model: ModelSpec, row: Any) -> Record:
    record = dict(zip(model.names, row, strict=True))
    record.update(record.pop(EXTRA, None) or {})
    return record


def _patched(record: Record, changes: Mapping[str, Any], model: ModelSpec) -> Record:
    for path, value in changes.items():
        if path == EXTRA:
            for name in [n for n in record if n not in model.position]:
                del record[name]
            record.update(value or {})
            continue
        *parents, last = path.split(".")
        place: Any = record
        for name in parents:
            place[name] = dict(place.get(name) or {})
            place = place[name]
        place[last] = _delta(place.get(last), value)
    return record


def _delta(old: Any, value: Any) -> Any:
    match value:
        case Inc(by):
            return (old or 0) + by
        case Append(values, front):
            return [*values, *(old or [])] if front else [*(old or []), *values]
        case Add(values) if isinstance(values, dict):
            return {**(old or {}), **values}
        case Add(values):
            return frozenset(old or ()) | frozenset(values)
        case Remove(values) if isinstance(old, dict):
            return {k: v for k, v in old.items() if k not in set(values)}
        case Remove(values) if isinstance(old, list):
            return [v for v in old if v not in values]
        case Remove(values):
            return frozenset(old or ()) - frozenset(values)
        case _:
            return value


def _sortable(value: Any) -> Any:
    return (value is not None, value)
