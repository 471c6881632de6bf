"""A base for stores without a planner of their own: a few functions make a whole connector.

The author writes the original's functions over plain dictionaries, blocking, as deferreds or
``async``: ``create``, ``save``, ``destroy`` and ``all``, and ``find`` where the store reads by key.
Planning (read the key, or read everything and filter in Python), order, pages, patches and results
are supplied here.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from juggler.connector._turns import Turns
from juggler.connector.capabilities import Capabilities, check_name, emulated, full, impossible
from juggler.connector.hookspecs import hookimpl
from juggler.connector.results import Page, Rows
from juggler.connector.scan import full_scan
from juggler.connector.writes import Add, Append, Inc, Remove, WriteResult
from juggler.errors import (
    BackendError,
    CapabilityError,
    DeadlineError,
    DuplicateKeyError,
    JugglerError,
    OutcomeUnknownError,
)
from juggler.spec import EXTRA
from juggler.values import tagged
from juggler.values.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
    its result or a deferred, or be ``async def`` where ``io`` is ``async``.  It may raise errors of
    ``juggler.errors``; any other becomes a BackendError, where it writes an OutcomeUnknownError.
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

    def all(self, model: ModelSpec) -> Any:
        """Every record of the model."""
        raise self._not_written("all(self, model)")

    def create(self, model: ModelSpec, key: Key, record: Record) -> Any:
        """Store a new record; ``key`` is not there."""
        raise self._not_written("create(self, model, key, record)")

    def save(self, model: ModelSpec, key: Key, record: Record) -> Any:
        """Store the whole record of a key that is there."""
        raise self._not_written("save(self, model, key, record)")

    def destroy(self, model: ModelSpec, key: Key) -> Any:
        """Remove the record of a key that is there."""
        raise self._not_written("destroy(self, model, key)")

    def find(self, model: ModelSpec, key: Key) -> Any:
        """The record of a key, None when it is not there; where it is not written, ``all`` is."""
        raise self._not_written("find(self, model, key)")

    def _not_written(self, function: str) -> CapabilityError:
        name, word = type(self).__name__, function.partition("(")[0]
        return CapabilityError(
            f"connector {name} has no {word}()",
            feature=word,
            hint=f"def {function}: … in class {name}",
        )

    # ------------------------------------------------------------ asking them

    async def _ask(self, ctx: OpContext, function: Callable[..., Any], *args: Any) -> Any:
        """What a function that reads gives."""
        try:
            return await _settled(function(*args), ctx)
        except JugglerError:
            raise
        except Exception as error:
            raise BackendError(_failed(self, function, error), model=args[0].name) from error

    async def _tell(self, ctx: OpContext, function: Callable[..., Any], *args: Any) -> None:
        """Let a function write."""
        try:
            await _settled(function(*args), ctx)
        except JugglerError:
            raise
        except Exception as error:
            raise OutcomeUnknownError(
                _failed(self, function, error),
                hint="read the row to see whether it was applied",
                model=args[0].name,
            ) from error

    async def _everything(self, model: ModelSpec, ctx: OpContext) -> list[Record]:
        found = await self._ask(ctx, self.all, model)
        if not isinstance(found, Iterable):
            raise _no_records(self, "all", found, "a list of dictionaries")
        return [self._checked(record, "all") for record in found]

    def _checked(self, record: Any, function: str) -> Record:
        if isinstance(record, Mapping):
            return record  # type: ignore[return-value]
        raise _no_records(self, function, record, "a dictionary")

    async def _found(
        self, model: ModelSpec, keys: Sequence[Key], ctx: OpContext
    ) -> list[Record | None]:
        """The records of keys, in their order."""
        if type(self).find is SimpleConnector.find:
            names = model.key.names
            records = await self._everything(model, ctx)
            by_key = {tuple(record.get(name) for name in names): record for record in records}
            return [by_key.get(key) for key in keys]
        found = [await self._ask(ctx, self.find, model, key) for key in keys]
        return [None if record is None else self._checked(record, "find") for record in found]

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
        for name in self.claims:
            check_name(name)
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
            rows = [_row(model, record) for record in await self._everything(model, ctx)]
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
        """One row after the other: look, decide, store."""
        del opts
        async with self._writing.taken(ctx):
            if len(ops) == 1:
                return [await self._write_one(model, 0, ops[0], ctx)]
            return [await self._outcome(model, index, op, ctx) for index, op in enumerate(ops)]

    async def _outcome(
        self, model: ModelSpec, index: int, op: WriteOp, ctx: OpContext
    ) -> WriteResult:
        """The result of one row of several: its error, too, since others may be stored."""
        try:
            return await self._write_one(model, index, op, ctx)
        except JugglerError as error:
            unknown = isinstance(error, OutcomeUnknownError | DeadlineError)
            return WriteResult(index, op.key, "unknown" if unknown else "failed", error=error)

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
                await self._tell(ctx, step, model, key, _record(model, op.values))
                return WriteResult(index, key, "replaced" if there else "created", existed=there)
            case "replace" | "patch" | "delete" if stored is None:
                return WriteResult(index, key, "missing", existed=False)
            case "replace":
                await self._tell(ctx, self.save, model, key, _record(model, op.values))
                return WriteResult(index, key, "replaced", existed=True)
            case "patch":
                changes: Any = op.values or {}
                record = _patched(dict(stored or {}), changes, model)
                await self._tell(ctx, self.save, model, key, record)
                return WriteResult(index, key, "patched", existed=True, record=_row(model, record))
            case _:
                await self._tell(ctx, self.destroy, model, key)
                return WriteResult(index, key, "deleted", existed=True)


def _failed(connector: Any, function: Callable[..., Any], error: Exception) -> str:
    name = f"{type(connector).__name__}.{function.__name__}()"
    return f"{name} failed with {type(error).__name__}: {error}"


def _no_records(connector: Any, function: str, found: Any, wanted: str) -> BackendError:
    name = f"{type(connector).__name__}.{function}()"
    return BackendError(f"{name} gave {type(found).__name__}, not {wanted}")


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
