"""Changes of collections and counters as assignments of CQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector import Add, Append, Inc
from juggler.errors import CapabilityError, InvalidValueError
from juggler_cassandra.cql import Assign
from juggler_cassandra.io import errors
from juggler_cassandra.types import pair

if TYPE_CHECKING:
    from juggler_cassandra.types import Column, ModelCodec


def assignment(codec: ModelCodec, column: Column, delta: Any) -> tuple[Assign, tuple[Any, ...]]:
    """The assignment of a delta, and the values of its markers.

    Raises:
        CapabilityError: the column is stored as one value.
        InvalidValueError: the delta does not fit the column's type.
    """
    name = column.field.name
    if isinstance(delta, Inc):
        if column.type.name != "counter":
            raise CapabilityError(
                f"Inc is for counters, and {name} is {column.type}",
                feature="counters",
                alternatives=(f"read, add and patch {name} with if_unchanged=True",),
                connector=errors.NAME,
                model=codec.model.name,
            )
        return Assign(column.name, "add"), (int(delta.by),)
    if not column.type.multicell or column.type.user:
        raise CapabilityError(
            f"{name} is stored as one value ({column.type}) and changes as a whole",
            feature="collection_deltas",
            alternatives=(
                f"patch {name} as a whole",
                'declare it with cassandra={"frozen": False}',
            ),
            connector=errors.NAME,
            model=codec.model.name,
        )
    if isinstance(delta, Append):
        if column.type.name != "list":
            raise _misfit(name, f"Append is for arrays, and {name} is {column.type}")
        how: Any = "prepend" if delta.front else "add"
        return Assign(column.name, how), (_encoded(codec, column, _several(delta.values)),)
    if isinstance(delta, Add):
        if column.type.name == "list":
            raise _misfit(name, "Add is for sets and maps: Append adds to an array")
        values = delta.values if column.type.name == "map" else _several(delta.values)
        return Assign(column.name, "add"), (_encoded(codec, column, values),)
    values = _several(delta.values)
    if column.type.name == "map":
        return Assign(column.name, "remove"), (_keys(column, values),)
    return Assign(column.name, "remove"), (_encoded(codec, column, values),)


def _several(values: Any) -> list[Any]:
    if isinstance(values, list | tuple | set | frozenset | dict):
        return list(values)
    return [values]


def _encoded(codec: ModelCodec, column: Column, values: Any) -> Any:
    return codec.encode_value(column.field.name, values)


def _keys(column: Column, values: list[Any]) -> list[Any]:
    """Keys of a map in physical form."""
    spec = column.field.type.key
    convert = None if spec is None else pair(spec, column.type.args[0]).encode
    return values if convert is None else [convert(value) for value in values]


def _misfit(name: str, why: str) -> InvalidValueError:
    return InvalidValueError(
        f"{name!r} cannot be changed: {why}",
        code="patch-path",
        field=name,
        hint="patch the property as a whole",
    )
