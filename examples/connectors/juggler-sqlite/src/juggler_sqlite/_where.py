"""Conditions as SQL: exactly, in two-valued logic, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.query.tree import (
    All,
    And,
    Between,
    Cmp,
    In,
    IsNull,
    Not,
    Nothing,
    Or,
    StartsWith,
    Where,
    all_of,
    conjuncts,
)
from juggler.values.types import TypeKind
from juggler_sqlite._rows import COMPARABLE, EQUATABLE, TABLE, column

if TYPE_CHECKING:
    from juggler.spec import ModelSpec

#: SQLite takes 32,766 variables; some are left for paging and values.
_MOST_VALUES = 30_000
_SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_MAX_CHARACTER = chr(0x10FFFF)


@frozen
class Sql:
    """A condition's text and values."""

    text: str
    params: tuple[Any, ...] = ()


def split(model: ModelSpec, where: Where) -> tuple[Sql, Where, Where]:
    """The SQL of the conjuncts that SQL evaluates, those conjuncts, and the rest."""
    pushed: list[Where] = []
    rest: list[Where] = []
    texts: list[str] = []
    params: list[Any] = []
    for part in conjuncts(where):
        sql = compiled(model, part)
        if sql is None or len(params) + len(sql.params) > _MOST_VALUES:
            rest.append(part)
            continue
        pushed.append(part)
        texts.append(f"({sql.text})")
        params += sql.params
    return Sql(" AND ".join(texts) or "1", tuple(params)), all_of(*pushed), all_of(*rest)


def compiled(model: ModelSpec, where: Where) -> Sql | None:
    """The exact SQL of a condition, None when SQL would not agree on every row."""
    match where:
        case All() | Nothing():
            return Sql("1" if isinstance(where, All) else "0")
        case And(parts) | Or(parts):
            return _joined(model, parts, " AND " if isinstance(where, And) else " OR ")
        case Not(part):
            inner = compiled(model, part)
            return None if inner is None else Sql(f"NOT ({inner.text})", inner.params)
        case Cmp(path, op, value):
            return _compared(model, path, op, value)
        case In(path, values):
            return _among(model, path, values)
        case Between(path, lo, hi):
            return _joined(model, (Cmp(path, "ge", lo), Cmp(path, "le", hi)), " AND ")
        case IsNull(path) if path in model.field:
            return Sql(f"{column(model.field[path])} IS NULL")
        case StartsWith(path, prefix):
            return _prefixed(model, path, prefix)
        case _:
            return None


def _joined(model: ModelSpec, parts: tuple[Where, ...], word: str) -> Sql | None:
    inner = [compiled(model, part) for part in parts]
    if any(sql is None for sql in inner):
        return None
    texts = [f"({sql.text})" for sql in inner if sql]
    return Sql(word.join(texts), tuple(p for sql in inner if sql for p in sql.params))


def _compared(model: ModelSpec, path: str, op: str, value: Any) -> Sql | None:
    field = model.field.get(path)
    if field is None or field.type.kind not in (EQUATABLE if op in {"eq", "ne"} else COMPARABLE):
        return None
    physical = encoded(field.type.kind, value)
    if physical is None and value is not None:
        return None
    if op in {"eq", "ne"}:
        return Sql(f"{column(field)} IS {'NOT ' if op == 'ne' else ''}?", (physical,))
    return Sql(f"ifnull({column(field)} {_SIGNS[op]} ?, 0)", (physical,))


def _among(model: ModelSpec, path: str, values: tuple[Any, ...]) -> Sql | None:
    field = model.field.get(path)
    if field is None or field.type.kind not in EQUATABLE or len(values) > _MOST_VALUES:
        return None
    physical = tuple(encoded(field.type.kind, value) for value in values)
    if None in physical:
        return None
    return Sql(f"ifnull({column(field)} IN ({', '.join('?' * len(values))}), 0)", physical)


def _prefixed(model: ModelSpec, path: str, prefix: str) -> Sql | None:
    field = model.field.get(path)
    if field is None or field.type.kind not in {TypeKind.STRING, TypeKind.TEXT}:
        return None
    if not prefix or _unstorable(prefix):
        return None
    stop = prefix.rstrip(_MAX_CHARACTER)
    if not stop:
        return None
    following = 0xE000 if ord(stop[-1]) == 0xD7FF else ord(stop[-1]) + 1  # noqa: PLR2004 - surrogates
    name = column(field)
    return Sql(f"ifnull({name} >= ? AND {name} < ?, 0)", (prefix, stop[:-1] + chr(following)))


def encoded(kind: TypeKind, value: Any) -> Any:
    """A literal as the column holds it; None when no column can hold it."""
    if value is None:
        return None
    convert = TABLE.get(kind, (None, None))[0]
    physical = value if convert is None else convert(value)
    if isinstance(physical, int) and not -(2**63) <= physical < 2**63:
        return None
    if isinstance(physical, str) and _unstorable(physical):
        return None
    return physical


def _unstorable(text: str) -> bool:
    """Lone surrogates cannot be written as UTF-8."""
    return any("\ud800" <= c <= "\udfff" for c in text)
