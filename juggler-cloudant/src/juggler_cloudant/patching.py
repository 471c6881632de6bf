"""What a write makes of a row: checked before anything is sent, and settled on what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from juggler.connector import Add, Append, Inc, Remove
from juggler.errors import InvalidValueError
from juggler.spec import EXTRA
from juggler.values import MISSING

if TYPE_CHECKING:
    from juggler.connector import Row, WriteOp
    from juggler.spec import ModelSpec
    from juggler_cloudant.documents import Documents


def prepared(documents: Documents, op: WriteOp) -> tuple[str | None, dict[str, Any] | None, str]:
    """The id of a row to write; its whole document and that as JSON, where it has one.

    The id is None for a deletion of what no document can be.

    Raises:
        InvalidValueError: no document can hold the row.
    """
    if op.kind == "delete" and documents.ids.find(op.key or ()) is None:
        return None, None, ""
    doc_id = documents.ids.make(op.key or ())
    given = op.values
    if op.kind == "patch":
        given = op.defaults if op.create else None
        changes = op.values if isinstance(op.values, Mapping) else {}
        plain = {n: v for n, v in changes.items() if not isinstance(v, _DELTAS) and "." not in n}
        blank = tuple([None] * len(documents.model.fields))
        documents.text(documents.changed({}, settled(documents.model, blank, plain)))
    if given is None or isinstance(given, Mapping):
        return doc_id, None, ""
    whole = documents.whole(doc_id, given)
    return doc_id, whole, documents.text(whole)


_DELTAS = (Add, Append, Inc, Remove)


def settled(model: ModelSpec, row: Row, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The new values of whole properties.

    Args:
        model: the model.
        row: its row as it is stored.
        changes: values or deltas by property, or by dotted path into one.

    Raises:
        InvalidValueError: a change does not fit what is stored.
    """
    found: dict[str, Any] = {}
    for path, change in changes.items():
        if change is MISSING:
            continue
        head, _, rest = path.partition(".")
        old = found[head] if head in found else _stored(model, row, head)
        found[head] = _changed(old, rest.split(".") if rest else [], change, path)
    return found


def _stored(model: ModelSpec, row: Row, name: str) -> Any:
    if name in model.position:
        return row[model.position[name]]
    return (row[-1] or {}).get(name) if model.fields[-1].name == EXTRA else None


def _changed(old: Any, steps: list[str], change: Any, path: str) -> Any:
    if not steps:
        return _applied(old, change, path)
    step, rest = steps[0], steps[1:]
    if old is None:
        old = {}
    if isinstance(old, dict):
        return {**old, step: _changed(old.get(step), rest, change, path)}
    if isinstance(old, list) and step.isdigit() and int(step) < len(old):
        copy = list(old)
        copy[int(step)] = _changed(old[int(step)], rest, change, path)
        return copy
    raise _misfit(path, "there is no such place")


def _applied(old: Any, change: Any, path: str) -> Any:
    try:
        match change:
            case Append(values, front):
                return [*values, *(old or ())] if front else [*(old or ()), *values]
            case Add(dict() as values):
                return {**(old or {}), **values}
            case Add(values):
                return frozenset(old or ()) | frozenset(values)
            case Remove(values):
                return _without(old, values)
            case Inc(by):
                return (old or 0) + by
            case _:
                return change
    except TypeError as error:
        raise _misfit(path, "it does not fit what is stored") from error


def _without(old: Any, values: Any) -> Any:
    gone = list(values)
    if old is None:
        return None
    if isinstance(old, dict):
        return {name: value for name, value in old.items() if name not in gone}
    return type(old)(value for value in old if value not in gone)


def _misfit(path: str, why: str) -> InvalidValueError:
    return InvalidValueError(
        f"{path!r} cannot be changed: {why}",
        code="patch-path",
        field=path,
        hint="patch the property as a whole",
        connector="cloudant",
    )
