"""Sending write operations: options, keys for new rows, results as errors, unknown outcomes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from juggler.connector.port import current_options
from juggler.connector.writes import WriteOp, WriteOptions
from juggler.errors import (
    BackendError,
    ConflictError,
    DuplicateKeyError,
    InvalidValueError,
    JugglerError,
    NotFoundError,
    OutcomeUnknownError,
)
from juggler.values.ids import new_key
from juggler.values.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler.connector.results import Key, Row, Version
    from juggler.connector.writes import WriteResult
    from juggler.operations import Operations
    from juggler.operations._source import Source

#: The store makes the key of this row.
STORE_MAKES: Final = object()
_ROUNDS = 3
_COUNTED = frozenset({TypeKind.INTEGER, TypeKind.NUMBER})


def write_options(
    source: Source, link: Any, *, records: bool = False, atomic: Any = "none"
) -> WriteOptions:
    """Mode of the model, consistency of the call over the model's over the data source's."""
    block, own, policy = current_options(), link.spec.options, source.policy
    asked = None if block is None else block.consistency
    consistency = asked or own.get("consistency") or policy.consistency
    if consistency != "default":
        source.check_level(consistency)
    mode = own.get("writes") or policy.writes or "safe"
    return _write_options(mode, atomic, consistency, records)


@lru_cache
def _write_options(mode: Any, atomic: Any, consistency: str, records: bool) -> WriteOptions:
    return WriteOptions(mode=mode, atomic=atomic, consistency=consistency, records=records)


def stamp(op: WriteOp) -> WriteOp:
    """Give an operation the block's time to live and timestamp."""
    block = current_options()
    if block is not None:
        op.ttl = block.ttl if op.ttl is None else op.ttl
        op.timestamp = block.timestamp if op.timestamp is None else op.timestamp
    return op


def check_options(source: Source, link: Any, ops: Sequence[WriteOp]) -> None:
    """Refuse a time to live or a timestamp that the connector cannot keep."""
    if any(op.ttl is not None for op in ops):
        source.capabilities_of(link.spec).require("ttl", connector=source.name, what="ttl")
    if any(op.timestamp is not None for op in ops):
        source.capabilities_of(link.spec).require(
            "timestamp", connector=source.name, what="timestamp"
        )


async def many(
    self: Operations,
    link: Any,
    ops: Sequence[WriteOp],
    *,
    records: bool = False,
    atomic: Any = "none",
) -> list[WriteResult]:
    """Send operations whose keys are distinct; results in their order, unknown inserts resolved."""
    if current_options() is not None:
        ops = [stamp(op) for op in ops]
        check_options(self.source, link, ops)
    options = write_options(self.source, link, records=records, atomic=atomic)
    try:
        results: list[WriteResult] = await self.port.call("write", link.spec, ops, options)
    except OutcomeUnknownError:
        if len(ops) != 1 or ops[0].kind != "insert" or ops[0].key is None:
            raise
        return [await _resolve_insert(self, link, ops[0], options)]
    return results


async def one(
    self: Operations,
    link: Any,
    op: WriteOp,
    *,
    missing_is_error: bool = True,
    records: bool = False,
) -> WriteResult:
    """Send one operation; a failed one is raised as its error."""
    (result,) = await many(self, link, (op,), records=records)
    if result.status in _FINE:
        return result
    if result.status == "missing" and not missing_is_error:
        return result
    raise await failure(self, link, op, result)


_FINE = frozenset({"created", "replaced", "patched", "deleted", "unchanged", "applied"})


async def failure(self: Operations, link: Any, op: WriteOp, result: WriteResult) -> JugglerError:
    """The error of a result that is not fine; a conflict carries the current instance."""
    name, key = link.spec.name, op.key if result.key is None else result.key
    if result.error is not None:
        result.error.model = result.error.model or name
        result.error.key = key if result.error.key is None else result.error.key
        if result.status != "conflict":
            return result.error
    match result.status:
        case "missing":
            return not_found(link, key)
        case "conflict":
            current = await _current(self, link, key)
            if current is None and result.error is None:
                return not_found(link, key)
            return ConflictError(
                f"{name} {shown(key)} changed since it was read",
                hint="reload() it and try again, or save(if_unchanged=False) to overwrite",
                expected=op.if_version,
                current=current,
                model=name,
                key=key,
                connector=self.source.name,
            )
        case "unknown":
            return OutcomeUnknownError(
                f"no answer came for the {op.kind} of {name} {shown(key)}",
                hint="read the row to see whether it was applied",
                model=name,
                key=key,
                connector=self.source.name,
            )
        case _:
            return BackendError(
                f"the {op.kind} of {name} {shown(key)} failed",
                model=name,
                key=key,
                connector=self.source.name,
            )


def not_found(link: Any, key: Key | None) -> NotFoundError:
    """The error for a row that is not there."""
    return NotFoundError(
        f"{link.spec.name} {shown(key)} is not there",
        hint="upsert() and replace_or_create() insert what is missing",
        model=link.spec.name,
        key=key,
    )


def shown(key: Any) -> str:
    """A key for a message."""
    if isinstance(key, tuple) and len(key) == 1:
        return repr(key[0])
    return repr(key)


async def _current(self: Operations, link: Any, key: Key | None) -> Any:
    if key is None:
        return None
    found = await self.port.call("get", link.spec, (key,), link.spec.names)
    if found.rows[0] is None:
        return None
    return link.codec.decode(found.rows[0], found.versions[0] if found.versions else None)


async def _resolve_insert(
    self: Operations, link: Any, op: WriteOp, options: WriteOptions
) -> WriteResult:
    """An insert without an answer: insert again (it never overwrites), compare a duplicate."""
    (result,) = await self.port.call("write", link.spec, (op,), options)
    if not isinstance(result.error, DuplicateKeyError):
        return result  # type: ignore[no-any-return]
    found = await self.port.call("get", link.spec, (op.key,), link.spec.names)
    row = found.rows[0]
    if row is not None and tuple(row) == tuple(op.values or ()):
        result.status, result.error = "created", None
        result.version = found.versions[0] if found.versions else None
    return result  # type: ignore[no-any-return]


# ---------------------------------------------------------------- keys of new rows


def key_for_insert(source: Source, link: Any, row: Row) -> Any:
    """The key to insert a row under: given, made here, or ``STORE_MAKES``.

    Raises:
        InvalidValueError: ``missing-key`` when nothing can make the missing part.
    """
    key = link.codec.key_of(row)
    return key_made(source, link, key) if None in key else key


def key_made(source: Source, link: Any, key: Key) -> Any:
    """A new row's key with its missing parts made here, or ``STORE_MAKES``.

    Raises:
        InvalidValueError: ``missing-key`` when nothing can make the missing part.
    """
    spec = link.spec
    if store_makes_keys(source, link):
        return STORE_MAKES
    made = list(key)
    for i, (name, value) in enumerate(zip(spec.key.names, key, strict=True)):
        if value is not None:
            continue
        field = spec.field[name]
        made[i] = new_key(field.type) if field.generated else None
        if made[i] is None:
            raise InvalidValueError(
                f"{spec.name} has no value for its key property {name!r}",
                code="missing-key",
                field=name,
                model=spec.name,
                hint=f"give it: {spec.name}.create({name}=…)"
                + ("" if len(key) > 1 else ", or declare it generated=True"),
            )
    return tuple(made)


def store_makes_keys(source: Source, link: Any) -> bool:
    """Whether the store makes the keys of a model's new rows: one generated key property."""
    spec = link.spec
    names = spec.key.names
    field = spec.field[names[0]]
    if len(names) != 1 or not field.generated:
        return False
    claim = source.capabilities_of(spec).generated_keys
    return bool(claim) and field.type.kind in claim.get("kinds", _COUNTED)


# ---------------------------------------------------------------- patch or insert


@frozen
class Written:
    """A row as it is stored now; ``created`` None when the store does not say."""

    row: Row
    version: Version | None
    created: bool | None


async def patch_or_insert(
    self: Operations, link: Any, key: Key, changes: Mapping[str, Any], defaults: Row
) -> Written:
    """Patch the row or insert it with the defaults.

    Without a native form: patch, insert when missing, patch again when somebody else inserted;
    three rounds at most.
    """
    capability = self.source.capabilities_of(link.spec).patch
    if capability.get("create"):
        op = WriteOp("patch", key, changes, create=True, defaults=defaults)
        result = await one(self, link, op, records=True)
        created = None if result.existed is None else result.status == "created"
        return await _as_stored(self, link, key, result, created=created)
    for _ in range(_ROUNDS):
        op = WriteOp("patch", key, changes)
        if changes:
            (result,) = await many(self, link, (op,), records=True)
            if result.status in _FINE:
                return await _as_stored(self, link, key, result, created=False)
            if result.status != "missing":
                raise await failure(self, link, op, result)
        insert = WriteOp("insert", key, defaults)
        (result,) = await many(self, link, (insert,))
        if result.status in _FINE:
            return Written(defaults, result.version, created=True)
        if not isinstance(result.error, DuplicateKeyError):
            raise await failure(self, link, insert, result)
        if not changes:
            return await _as_stored(self, link, key, result, created=False)
    raise ConflictError(
        f"{link.spec.name} {shown(key)} was inserted and deleted by others meanwhile",
        code="contention",
        model=link.spec.name,
        key=key,
        retryable=True,
    )


async def patch_only(
    self: Operations, link: Any, key: Key, changes: Mapping[str, Any], refused: JugglerError
) -> Written:
    """Patch a row that has to be there: a new one would not be valid, for the reason given."""
    op = WriteOp("patch", key, changes)
    (result,) = await many(self, link, (op,), records=True)
    if result.status == "missing":
        raise refused
    if result.status not in _FINE:
        raise await failure(self, link, op, result)
    return await _as_stored(self, link, key, result, created=False)


async def _as_stored(
    self: Operations, link: Any, key: Key, result: WriteResult, *, created: bool | None
) -> Written:
    if result.record is not None:
        return Written(result.record, result.version, created)
    try:
        found = await self.port.call("get", link.spec, (key,), link.spec.names)
    except JugglerError as error:  # the write went through: calling again is another write
        error.outcome, error.retryable = "applied", False
        raise
    if found.rows[0] is None:
        raise not_found(link, key)
    version = found.versions[0] if found.versions else result.version
    return Written(found.rows[0], version, created)
