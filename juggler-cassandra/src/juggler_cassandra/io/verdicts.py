"""What an answer to a write says of its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector import WriteResult
from juggler.errors import ConflictError, DuplicateKeyError, JugglerError
from juggler_cassandra.declared import version_column
from juggler_cassandra.io import errors

if TYPE_CHECKING:
    from juggler.connector import WriteOp
    from juggler_cassandra.io.facts import Facts
    from juggler_cassandra.io.request import Answer
    from juggler_cassandra.io.statements import Sent

_DONE = {
    "insert": ("created", False),
    "put": ("replaced", True),
    "replace": ("replaced", True),
    "patch": ("patched", True),
    "delete": ("deleted", True),
}


def verdict(facts: Facts, one: Sent, outcome: Any) -> WriteResult:
    """The result of one row: of an answer, or of an error of ours."""
    if isinstance(outcome, BaseException):
        return failed(one.index, one.op, outcome)
    answer: Answer = outcome
    op = one.op
    if one.part == "look":
        status: Any = "unchanged" if op.kind == "patch" else "replaced"
        if answer.rows:
            return WriteResult(one.index, op.key, status, existed=True)
        return WriteResult(one.index, op.key, "missing", existed=False)
    if not answer.rows:
        status = "created" if op.kind == "insert" else "applied"
        return WriteResult(one.index, op.key, status, version=one.version)
    row = answer.rows[0]
    if row[0]:
        status, existed = ("created", False) if one.part == "insert" else _DONE[op.kind]
        return WriteResult(one.index, op.key, status, existed=existed, version=one.version)
    return _refused(facts, one, answer)


def failed(index: int, op: WriteOp, error: BaseException) -> WriteResult:
    """The result of a row that was not written, or may not be."""
    if not isinstance(error, JugglerError):
        raise error
    unknown = error.outcome != "none"
    return WriteResult(index, op.key, "unknown" if unknown else "failed", error=error)


def _refused(facts: Facts, one: Sent, answer: Answer) -> WriteResult:
    """The condition was not fulfilled."""
    op, model = one.op, facts.model
    if op.kind == "insert" or one.part == "insert":
        error = DuplicateKeyError(
            f"{model.name} has a row with this key already",
            hint="upsert() or replace_or_create() write over it",
            connector=errors.NAME,
            model=model.name,
            key=op.key,
        )
        return WriteResult(one.index, op.key, "failed", existed=True, error=error)
    column = version_column(model)
    names = answer.names
    if op.if_version is None or column not in names:
        return WriteResult(one.index, op.key, "missing", existed=False)
    current = answer.rows[0][names.index(column)]
    conflict = ConflictError(
        f"this {model.name} was changed since it was read",
        expected=op.if_version,
        current=None if current is None else str(current),
        hint="reload() it and try again, or if_unchanged=False",
        connector=errors.NAME,
        model=model.name,
        key=op.key,
    )
    version = None if current is None else str(current)
    return WriteResult(one.index, op.key, "conflict", existed=True, version=version, error=conflict)
