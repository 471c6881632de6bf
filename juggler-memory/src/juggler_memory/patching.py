"""Patches: new values, paths into nested values, and deltas, always on copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector import Add, Append, Inc, Remove
from juggler.errors import InvalidValueError
from juggler.spec import EXTRA
from juggler.values import ANY, MISSING, TypeKind, coercer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from juggler.connector import Row
    from juggler.spec import ModelSpec
    from juggler.values import TypeSpec

_DELTAS = (Add, Remove, Append, Inc)


def patched(model: ModelSpec, row: Sequence[Any], changes: Mapping[str, Any]) -> Row:
    """A copy of a model's row with changes; the row and its nested values stay as they were.

    Args:
        model: the model.
        row: the row in the order of the model's fields.
        changes: new values or deltas by property or dotted path; MISSING changes nothing.

    Raises:
        InvalidValueError: a path or delta does not fit the stored value.
    """
    new = list(row)
    for path, change in changes.items():
        if change is MISSING:
            continue
        position = model.position.get(path)
        if position is not None and not isinstance(change, _DELTAS):
            new[position] = change
            continue
        head, _, rest = path.partition(".")
        position = model.position.get(head)
        if position is None and model.open:
            position, rest, spec = model.position[EXTRA], path, ANY
        elif position is None:
            raise _misfit(path, "there is no such property")
        else:
            spec = model.fields[position].type
        steps = tuple(rest.split(".")) if rest else ()
        new[position] = _changed(spec, new[position], steps, change, path)
    return tuple(new)


def _changed(spec: TypeSpec, old: Any, steps: tuple[str, ...], change: Any, path: str) -> Any:
    if not steps:
        return _applied(spec, old, change, path) if isinstance(change, _DELTAS) else change
    step, rest = steps[0], steps[1:]
    match old:
        case None if spec.kind in _OBJECTS:
            return _in_object(spec, _empty(spec), step, rest, change, path)
        case dict():
            return _in_object(spec, dict(old), step, rest, change, path)
        case list() | tuple():
            return _in_list(spec, old, step, rest, change, path)
        case None:
            raise _misfit(path, "there is nothing at that place")
        case _:
            raise _misfit(path, f"a {type(old).__name__} has no places inside")


_OBJECTS = frozenset({TypeKind.ANY, TypeKind.OBJECT, TypeKind.EMBEDDED, TypeKind.MAP})


def _empty(spec: TypeSpec) -> dict[Any, Any]:
    return {f.name: None for f in spec.model.fields if f.name != EXTRA} if spec.model else {}


def _in_object(  # noqa: PLR0917 - one step of a recursion
    spec: TypeSpec, copy: dict[Any, Any], step: str, rest: tuple[str, ...], change: Any, path: str
) -> dict[Any, Any]:
    name: Any = step
    below = ANY
    if spec.kind is TypeKind.MAP:
        below = spec.of or ANY
        name = coercer(spec.key)(step) if spec.key else step
    elif spec.model is not None:
        declared = spec.model.field.get(step)
        if declared is None and not spec.model.open:
            raise _misfit(path, f"{spec.model.name} has no property {step!r}")
        below = declared.type if declared else ANY
    copy[name] = _changed(below, copy.get(name), rest, change, path)
    return copy


def _in_list(  # noqa: PLR0917 - one step of a recursion
    spec: TypeSpec, old: Any, step: str, rest: tuple[str, ...], change: Any, path: str
) -> Any:
    place = int(step) if step.isascii() and step.isdigit() else len(old)
    if place >= len(old):
        raise _misfit(path, f"the list has no place {step!r}")
    below = spec.items[place] if spec.items else spec.of
    copy = list(old)
    copy[place] = _changed(below or ANY, old[place], rest, change, path)
    return type(old)(copy)


# ---------------------------------------------------------------- deltas


def _applied(spec: TypeSpec, old: Any, delta: Any, path: str) -> Any:
    kind = _kind(spec, old, delta)
    apply = _APPLY.get((type(delta), kind))
    if apply is None:
        raise _misfit(path, f"{type(delta).__name__} does not fit a value of type {spec}")
    try:
        return apply(old, delta)
    except TypeError as error:
        raise _misfit(path, f"{type(delta).__name__} does not fit what is stored") from error


def _kind(spec: TypeSpec, old: Any, delta: Any) -> str:
    """What a delta works on: by the declared type, below ``any`` by the stored value."""
    kind = _KINDS.get(spec.kind)
    if kind is not None:
        return kind
    if spec.kind not in {TypeKind.ANY, TypeKind.OBJECT}:
        return ""
    if old is None:
        if isinstance(delta, Inc):
            return "number"
        return "map" if isinstance(getattr(delta, "values", None), dict) else "list"
    return _STORED.get(type(old), "")


_KINDS = {
    TypeKind.ARRAY: "list",
    TypeKind.SET: "set",
    TypeKind.MAP: "map",
    TypeKind.INTEGER: "number",
    TypeKind.NUMBER: "number",
    TypeKind.FLOAT: "number",
    TypeKind.DECIMAL: "number",
    TypeKind.COUNTER: "number",
}
_STORED: dict[type, str] = {
    list: "list",
    frozenset: "set",
    dict: "map",
    int: "number",
    float: "number",
}


def _add_to_list(old: Any, delta: Add) -> Any:
    new = list(old or ())
    new.extend(value for value in _several(delta.values) if value not in new)
    return new


def _append(old: Any, delta: Append) -> Any:
    new, more = list(old or ()), _several(delta.values)
    return more + new if delta.front else new + more


def _remove_keys(old: Any, delta: Remove) -> Any:
    gone = _several(delta.values)
    return None if old is None else {name: v for name, v in old.items() if name not in gone}


def _remove_items(old: Any, delta: Remove) -> Any:
    gone = _several(delta.values)
    return None if old is None else type(old)(value for value in old if value not in gone)


def _several(values: Any) -> list[Any]:
    """The elements of a delta, which may name a single one."""
    return list(values) if isinstance(values, list | tuple | set | frozenset | dict) else [values]


_APPLY: dict[tuple[type, str], Callable[[Any, Any], Any]] = {
    (Add, "list"): _add_to_list,
    (Add, "set"): lambda old, delta: frozenset(old or ()) | frozenset(_several(delta.values)),
    (Add, "map"): lambda old, delta: {**(old or {}), **delta.values},
    (Remove, "list"): _remove_items,
    (Remove, "set"): _remove_items,
    (Remove, "map"): _remove_keys,
    (Append, "list"): _append,
    (Inc, "number"): lambda old, delta: (old or 0) + delta.by,
}


def _misfit(path: str, why: str) -> InvalidValueError:
    return InvalidValueError(
        f"{path!r} cannot be changed: {why}",
        code="patch-path",
        field=path,
        hint="patch the property as a whole",
    )
