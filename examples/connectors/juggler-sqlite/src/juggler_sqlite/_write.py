"""Writing rows: each operation is one statement, a call is one transaction."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from juggler.connector import WriteResult
from juggler.errors import DuplicateKeyError, InvalidValueError
from juggler_sqlite._read import get, physical_key
from juggler_sqlite._rows import column, quoted
from juggler_sqlite._where import encoded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler.connector import Change, Plan, WriteOp, WriteOptions
    from juggler.spec import ModelSpec


def write(
    db: sqlite3.Connection, model: ModelSpec, ops: Sequence[WriteOp], opts: WriteOptions
) -> list[WriteResult]:
    """Write each row; the values of all are checked before the first is sent."""
    rows = [_row(model, op) for op in ops]
    changes = [_changes(model, op) for op in ops]
    out = []
    with db:
        for index, op in enumerate(ops):
            result = _one(db, model, op, rows[index], changes[index])
            result.index = index
            if opts.records and result.error is None and result.status != "missing":
                result.record = get(model, [result.key or ()], model.names, _runner(db)).rows[0]
            out.append(result)
    return out


def _one(
    db: sqlite3.Connection, model: ModelSpec, op: WriteOp, row: Any, changes: Mapping[str, Any]
) -> WriteResult:
    key = op.key
    place, at = _place(model, op)
    table = quoted(model.storage_name)
    try:
        match op.kind:
            case "insert":
                made = db.execute(_insert(model), row).lastrowid
                return WriteResult(0, (made,) if key is None else key, "created", existed=False)
            case "put" | "replace":
                sets = ", ".join(f"{column(f)} = ?" for f in model.fields)
                done = db.execute(f"UPDATE {table} SET {sets} WHERE {place}", (*row, *at)).rowcount
                if done:
                    return WriteResult(0, key, "replaced", existed=True)
                if op.kind == "replace":
                    return WriteResult(0, key, "missing", existed=False)
                db.execute(_insert(model), row)
                return WriteResult(0, key, "created", existed=False)
            case "patch":
                sets = (
                    ", ".join(f"{name} = ?" for name in changes)
                    or f"{column(model.fields[0])} = {column(model.fields[0])}"
                )
                done = db.execute(
                    f"UPDATE {table} SET {sets} WHERE {place}", (*changes.values(), *at)
                ).rowcount
                return WriteResult(0, key, "patched" if done else "missing", existed=bool(done))
            case _:
                done = db.execute(f"DELETE FROM {table} WHERE {place}", at).rowcount
                return WriteResult(0, key, "deleted" if done else "missing", existed=bool(done))
    except sqlite3.IntegrityError as error:
        duplicate = DuplicateKeyError(
            f"{model.name} has a row with this key or unique value already", native=str(error)
        )
        return WriteResult(0, key, "failed", error=duplicate)


def write_where(db: sqlite3.Connection, model: ModelSpec, plan: Plan, change: Change) -> int:
    """One statement for all rows of a plan; how many it changed."""
    where = plan.opaque.where
    table = quoted(model.storage_name)
    with db:
        if change.kind == "delete":
            return db.execute(f"DELETE FROM {table} WHERE {where.text}", where.params).rowcount
        values = {
            column(model.field[n]): _encoded(model, n, v) for n, v in (change.values or {}).items()
        }
        sets = ", ".join(f"{name} = ?" for name in values)
        try:
            return db.execute(
                f"UPDATE {table} SET {sets} WHERE {where.text}", (*values.values(), *where.params)
            ).rowcount
        except sqlite3.IntegrityError as error:
            raise DuplicateKeyError(
                f"{model.name} would get the same unique value twice", native=str(error)
            ) from error


def _insert(model: ModelSpec) -> str:
    names = ", ".join(column(f) for f in model.fields)
    marks = ", ".join("?" * len(model.fields))
    return f"INSERT INTO {quoted(model.storage_name)} ({names}) VALUES ({marks})"


def _place(model: ModelSpec, op: WriteOp) -> tuple[str, tuple[Any, ...]]:
    where = " AND ".join(f"{column(model.field[n])} IS ?" for n in model.key.names)
    return where, physical_key(model, op.key) if op.key is not None else ()


def _row(model: ModelSpec, op: WriteOp) -> tuple[Any, ...] | None:
    if op.kind not in {"insert", "put", "replace"}:
        return None
    values = zip(model.names, op.values or (), strict=True)
    return tuple(_encoded(model, name, value) for name, value in values)


def _changes(model: ModelSpec, op: WriteOp) -> dict[str, Any]:
    if op.kind != "patch":
        return {}
    given: Any = op.values or {}
    return {
        column(model.field[name]): _encoded(model, name, value) for name, value in given.items()
    }


def _encoded(model: ModelSpec, name: str, value: Any) -> Any:
    physical = encoded(model.field[name].type.kind, value)
    if physical is None and value is not None:
        raise InvalidValueError(
            f"{model.name}.{name} cannot hold {value!r}",
            field=name,
            model=model.name,
            hint="SQLite holds 64-bit integers and well-formed Unicode text",
        )
    return physical


def _runner(db: sqlite3.Connection) -> Any:
    return lambda text, params: db.execute(text, tuple(params)).fetchall()
