"""The transient connector: it stores nothing.  For models that are validated and passed on."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from attrs import frozen

from juggler.connector import (
    OPEN_GUARD,
    Capabilities,
    ConnectorInfo,
    Page,
    Rows,
    Settings,
    WhereResult,
    WriteResult,
    full,
    full_scan,
    hookimpl,
    impossible,
)
from juggler.errors import InvalidValueError, NotFoundError
from juggler.values import TypeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import Change, Key, OpContext, Plan, Row, WriteOp, WriteOptions
    from juggler.query import QuerySpec
    from juggler.spec import ModelSpec, StoreSchema

_NUMBERS = frozenset({TypeKind.INTEGER, TypeKind.NUMBER})
#: Bits of a random number that every store and JSON can hold.
_BITS = 53
_NOTHING = "nothing is stored"


@frozen(kw_only=True)
class TransientSettings(Settings):
    """The common settings; nothing is there to be guarded."""

    def guard(self) -> dict[str, Any]:
        """Anything goes: reading nothing costs nothing."""
        return dict(OPEN_GUARD)


class TransientConnector:
    """Takes every row and forgets it: ``create`` gives an id, reads find nothing.

    Args:
        settings: the common settings; none of them matters.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        del settings
        self._claims = Capabilities(
            types=full(kinds=frozenset(TypeKind)),
            open_models=full(),
            composite_keys=full(),
            nested_paths=full(),
            generated_keys=full(kind="uuid", kinds=_NUMBERS),
            insert_if_absent=full(),
            put=full(),
            patch=full(kind="native", create=True),
            update_where=full(kind="native"),
            delete_where=full(kind="native"),
            affected=full(kind="exact"),
            count=full(kind="exact-fast"),
            order=full(kind="any"),
            paging=full(kind="keyset", anywhere=True),
            geo=full(),
            collection_deltas=full(),
            counters=full(),
            ttl=full(),
            atomic=full(levels=frozenset({"row", "partition", "batch"})),
            consistency=full(levels=frozenset({"eventual", "default", "session", "strong"})),
            unique=impossible("there is nothing to be different from", kind="key"),
            versions=impossible(_NOTHING),
            indexes=full(kinds=frozenset({"hash"})),
            persistence=impossible(_NOTHING, stored=False),
            discovery=impossible(_NOTHING),
            native_query=impossible("it has no language"),
            transactions=impossible(_NOTHING),
        )

    @hookimpl
    def capabilities(self, model: ModelSpec | None) -> Capabilities:
        """The same for every model."""
        del model
        return self._claims

    @hookimpl
    def plan(self, query: QuerySpec, schema: StoreSchema) -> Plan:
        """A scan of nothing, with everything left to the core."""
        del schema
        return full_scan(query)

    @hookimpl
    def fetch(self, plan: Plan, cursor: bytes | None, want: int, ctx: OpContext) -> Page:
        """Nothing."""
        del plan, cursor, want, ctx
        return Page(())

    @hookimpl
    def get(
        self, model: ModelSpec, keys: Sequence[Key], fields: tuple[str, ...], ctx: OpContext
    ) -> Rows:
        """Nothing."""
        del model, fields, ctx
        return Rows([None] * len(keys))

    @hookimpl
    def count(self, plan: Plan, ctx: OpContext) -> int:
        """0."""
        del plan, ctx
        return 0

    @hookimpl
    def write(
        self, model: ModelSpec, ops: Sequence[WriteOp], opts: WriteOptions, ctx: OpContext
    ) -> list[WriteResult]:
        """Say what a store without rows would say."""
        del ctx
        results = [_written(model, index, op) for index, op in enumerate(ops)]
        if opts.records:
            for op, result in zip(ops, results, strict=True):
                result.record = _record(model, op, result)
        return results

    @hookimpl
    def write_where(
        self, model: ModelSpec, plan: Plan, change: Change, ctx: OpContext
    ) -> WhereResult:
        """No row matches."""
        del model, plan, change, ctx
        return WhereResult(0, 0)


def _written(model: ModelSpec, index: int, op: WriteOp) -> WriteResult:
    if op.kind in {"insert", "put"} or (op.kind == "patch" and op.create):
        try:
            key = op.key or _made(model)
        except InvalidValueError as error:
            return WriteResult(index, op.key, "failed", error=error)
        return WriteResult(index, key, "created", existed=False)
    if op.kind == "delete":
        return WriteResult(index, op.key, "missing", existed=False)
    missing = NotFoundError("a transient row is never there", model=model.name, key=op.key)
    return WriteResult(index, op.key, "missing", existed=False, error=missing)


def _record(model: ModelSpec, op: WriteOp, result: WriteResult) -> Row | None:
    """The row that would have been stored."""
    values: Any = op.values if op.kind != "patch" else op.defaults
    if result.status != "created" or result.key is None or values is None:
        return None
    row = list(values)
    for at, part in zip(model.key_positions, result.key, strict=True):
        row[at] = part
    return tuple(row)


def _made(model: ModelSpec) -> Key:
    """A random key of one property."""
    kind = model.field[model.key.names[0]].type.kind
    if len(model.key.names) == 1:
        if kind in _NUMBERS:
            return (secrets.randbits(_BITS) or 1,)
        if kind in {TypeKind.STRING, TypeKind.TEXT}:
            return (str(uuid4()),)
        if kind is TypeKind.UUID:
            return (uuid4(),)
    raise InvalidValueError(
        f"{model.name} has no value for its key", code="key-required", hint="give the key"
    )


class Plugin:
    """The card of the transient connector."""

    @hookimpl
    def juggler_connector_info(self) -> ConnectorInfo:
        """Name, settings and factory."""
        return ConnectorInfo(
            "transient",
            TransientConnector,
            TransientSettings,
            io="instant",
            types=("transient",),
            default_id_type="string",
            install="pip install juggler-memory",
            summary="stores nothing",
        )


plugin = Plugin()
