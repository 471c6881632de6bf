"""What became of a light-weight transaction that was not confirmed: a serial read decides.

A serial read finishes what other coordinators left half done, so that what it gives is final for
every proposal that the replicas had seen.  What it cannot tell stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from juggler.connector import Add, Append, Inc, Remove, WriteResult
from juggler.errors import JugglerError, UnavailableError
from juggler.values import MISSING
from juggler_cassandra.io import errors
from juggler_cassandra.io.get import Reader

if TYPE_CHECKING:
    from juggler.connector import OpContext, Row, Version, WriteOp
    from juggler_cassandra.io.facts import Facts
    from juggler_cassandra.io.session import Session
    from juggler_cassandra.io.statements import Sent

#: Seconds that have to be left for the read.
_LEAST: Final = 0.1
_DELTAS: Final = (Add, Append, Inc, Remove)
_DONE: Final[dict[str, Any]] = {
    "insert": "created", "put": "replaced", "replace": "replaced", "patch": "patched",
}  # fmt: skip


async def resolve(
    session: Session, facts: Facts, one: Sent, error: JugglerError, ctx: OpContext
) -> WriteResult | JugglerError:
    """The result of a row whose write was not confirmed; the error where nobody can tell.

    An insert without a version is left to the core, which inserts again: that never overwrites.
    """
    fields = _fields(facts, one)
    if fields is None:
        return error
    reader = Reader(session, facts, ctx, session.settings.serial_consistency)
    place = facts.codec.encode_key(one.op.key or ())
    try:
        left = ctx.remaining
        if left is not None and left < _LEAST:
            return error
        (found,) = await reader.rows([place], fields)
    except JugglerError:  # then nothing is known, and that is what is told
        return error
    return _judged(one, found, fields, error)


def _fields(facts: Facts, one: Sent) -> tuple[str, ...] | None:
    """The properties that show whether it was applied; None when none do."""
    keys = facts.model.key.names
    if one.version is not None or one.op.kind == "delete":
        return keys
    if one.op.kind == "insert" or one.part == "insert":
        return None
    return tuple(_written(facts, one.op) or ()) or None


def _written(facts: Facts, op: WriteOp) -> Mapping[str, Any] | None:
    """The values that were to be written by property; None when some depend on what was there."""
    values = op.values
    if not isinstance(values, Mapping):
        return dict(zip(facts.model.names, values or (), strict=True))
    if any(isinstance(value, _DELTAS) for value in values.values()):
        return None
    return values


def _judged(
    one: Sent,
    found: tuple[Row, Version | None] | None,
    fields: tuple[str, ...],
    error: JugglerError,
) -> WriteResult | JugglerError:
    op = one.op
    if op.kind == "delete":
        # Gone, be it by us or by somebody else.
        return error if found else WriteResult(one.index, op.key, "applied")
    if found is None:
        return error
    row, version = found
    done: Any = "created" if one.part == "insert" else _DONE[op.kind]
    if one.version is not None:
        if version == one.version:
            return WriteResult(one.index, op.key, done, existed=done != "created", version=version)
        lost = (
            op.if_version is not None
            and version == op.if_version
            and errors.cas_unknown(error.__cause__)
        )
        return _not_applied(error) if lost else error
    wanted = op.values if isinstance(op.values, Mapping) else None
    values = [wanted[name] for name in fields] if wanted is not None else list(op.values or ())
    same = all(value is MISSING or value == there for value, there in zip(values, row, strict=True))
    return WriteResult(one.index, op.key, done, existed=True) if same else error


def _not_applied(error: JugglerError) -> JugglerError:
    return UnavailableError(
        f"the write was not applied: {error.message}",
        hint="it can be tried again",
        connector=errors.NAME,
        native=error.native,
        retryable=True,
    )
