"""Whether columns can hold the types of a model."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING, Final

from juggler.errors import ConfigurationError
from juggler.values.types import TypeKind as K
from juggler_cassandra.types import column_type, fits, hints_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler.spec import FieldSpec, ModelSpec
    from juggler.values.types import TypeSpec
    from juggler_cassandra.types import CqlType

_MS_DIGITS: Final = 3
_MAX_VECTOR: Final = 8192
_NUMBERS: Final = frozenset({K.NUMBER, K.FLOAT})
_NAME: Final = re.compile(r"\w+", re.ASCII)


def type_problems(model: ModelSpec) -> Iterator[str]:
    """What keeps columns from holding the model's types."""
    for field in model.fields:
        yield from _field(model, field, field.name, top=True)


def _field(model: ModelSpec, field: FieldSpec, path: str, *, top: bool) -> Iterator[str]:
    try:
        cql = column_type(model, field)
    except ConfigurationError as error:
        yield f"{path}: {error.message}"
        return
    if not fits(field.type, cql):
        yield f"{path} is of type {field.type}, which a column of type {cql} cannot hold"
    if cql.name == "counter" and field.type.kind is not K.COUNTER:
        yield f"{path} has a counter column: give it the type counter"
    if hints_of(field).get("round") and field.type.kind is not K.VECTOR:
        yield f"{path} is no vector: cassandra.round is for those"
    yield from _spec(field.type, path, inside=not top)
    yield from _cql(cql, path)


def _spec(spec: TypeSpec, path: str, *, inside: bool) -> Iterator[str]:
    """Problems of a neutral type, inside of others too."""
    match spec.kind:
        case K.COUNTER if inside:
            yield f"{path} has a counter inside, which is a column of its own"
        case K.DATETIME if spec.precision is not None and spec.precision > _MS_DIGITS:
            yield f"{path} asks for microseconds; Cassandra keeps milliseconds"
        case K.VECTOR:
            yield from _vector(spec, path)
        case K.EMBEDDED if spec.model is not None:
            yield from _embedded(spec.model, path)
        case _:
            pass
    for inner in (spec.of, spec.key, *spec.items):
        if inner is not None and spec.kind is not K.VECTOR:
            yield from _spec(inner, path, inside=True)


def _vector(spec: TypeSpec, path: str) -> Iterator[str]:
    if spec.of is not None and spec.of.kind not in _NUMBERS:
        yield f"{path} is a vector of {spec.of}; vectors are of numbers"
    if not spec.length or spec.length > _MAX_VECTOR:
        yield f"{path} is a vector of {spec.length} numbers; 1 to {_MAX_VECTOR:,} are possible"


def _embedded(model: ModelSpec, path: str) -> Iterator[str]:
    """A user-defined type: its name, its fields' names and types."""
    if not _NAME.fullmatch(model.storage_name):
        yield f"{path}: {model.storage_name!r} cannot be a type's name; give the model another"
    if not model.fields:
        yield f"{path}: {model.name} has no properties, and a type needs one"
    for field in model.fields:
        name = field.storage_name
        if not name.isidentifier() or name.startswith("_") or keyword.iskeyword(name):
            yield (
                f"{path}.{field.name}: {name!r} cannot be a field's name: letters, digits and _, "
                "a letter first, no keyword"
            )
        yield from _field(model, field, f"{path}.{field.name}", top=False)


def _cql(cql: CqlType, path: str) -> Iterator[str]:
    """Problems of a CQL type."""
    if cql.name == "set" and cql.args[0].name == "duration":
        yield f"{path} is a set of durations, which have no order: use a list"
    if cql.name == "map" and cql.args[0].name == "duration":
        yield f"{path} is a map with durations as keys, which have no order"
    for inner in cql.args:
        yield from _cql(inner, path)
