"""Neutral types as CQL types: what a declaration makes, and which existing column it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from juggler.values.types import TypeKind as K
from juggler.values.types import TypeSpec
from juggler_cassandra.types.cql import CqlType, parse, scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from juggler.spec import FieldSpec, ModelSpec

NAME: Final = "cassandra"

#: The column that a kind gets when nothing else is said.
SCALAR_OF: Final[dict[K, str]] = {
    K.STRING: "text",
    K.TEXT: "text",
    K.INTEGER: "bigint",
    K.NUMBER: "double",
    K.FLOAT: "double",
    K.DECIMAL: "decimal",
    K.BOOLEAN: "boolean",
    K.DATETIME: "timestamp",
    K.DATE: "date",
    K.TIME: "time",
    K.DURATION: "duration",
    K.BUFFER: "blob",
    K.UUID: "uuid",
    K.TIMEUUID: "timeuuid",
    K.INET: "inet",
    K.ANY: "text",
    K.OBJECT: "text",
    K.COUNTER: "counter",
}
_BY_BITS: Final = {8: "tinyint", 16: "smallint", 32: "int", 64: "bigint"}
WHOLE: Final = frozenset({"tinyint", "smallint", "int", "bigint", "varint"})
_TEXTS: Final = frozenset({"text", "ascii"})
#: The scalar columns that can hold a kind, exactly or refusing what they cannot.
FITTING: Final[dict[K, frozenset[str]]] = {
    K.STRING: _TEXTS,
    K.TEXT: _TEXTS,
    K.INTEGER: WHOLE,
    K.NUMBER: WHOLE | {"double", "float", "decimal"},
    K.FLOAT: frozenset({"double", "float"}),
    K.DECIMAL: frozenset({"decimal", "varint"}),
    K.BOOLEAN: frozenset({"boolean"}),
    K.DATETIME: frozenset({"timestamp"}),
    K.DATE: frozenset({"date"}),
    K.TIME: frozenset({"time"}),
    K.DURATION: frozenset({"duration"}),
    K.BUFFER: frozenset({"blob"}),
    K.UUID: frozenset({"uuid", "timeuuid"}),
    K.TIMEUUID: frozenset({"timeuuid", "uuid"}),
    K.INET: frozenset({"inet"}),
    K.COUNTER: frozenset({"counter"}),
}
#: Kinds that a text column holds as JSON.
JSON_KINDS: Final = frozenset({K.ANY, K.OBJECT, K.ARRAY, K.SET, K.MAP, K.TUPLE, K.EMBEDDED})
GEO: Final = CqlType("tuple", (scalar("double"), scalar("double")), frozen=True)


def hints_of(field: FieldSpec) -> Mapping[str, Any]:
    """The property's own Cassandra options."""
    return field.hints.get(NAME, {})


def is_static(field: FieldSpec) -> bool:
    """Whether the column is one value per partition."""
    return bool(hints_of(field).get("static"))


def column_type(model: ModelSpec, field: FieldSpec) -> CqlType:
    """The type of the column that a property gets.

    An array, set or map is frozen, unless its options say ``frozen: False`` or an index is declared
    on it.

    Raises:
        ConfigurationError: ``cql-type`` when ``dataType`` is no type.
    """
    said = hints_of(field).get("dataType")
    if isinstance(said, str):
        return parse(said)
    found = type_of(field.type)
    if (found.is_collection or found.user) and is_unfrozen(model, field):
        return evolve(found, frozen=False)
    return found


def is_unfrozen(model: ModelSpec, field: FieldSpec) -> bool:
    """Whether the elements of a collection, or the fields of a type, are kept apart."""
    said = hints_of(field).get("frozen")
    if isinstance(said, bool):
        return not said
    if not field.type.frozen:
        return True
    return field.type.kind in {K.ARRAY, K.SET, K.MAP} and any(
        index.keys == ((field.name, "asc"),) and index.options.get("target") != "full"
        for index in model.indexes
    )


def type_of(spec: TypeSpec) -> CqlType:
    """The CQL type of a neutral one; collections and user-defined types are frozen."""
    match spec.kind:
        case K.INTEGER if spec.bits is not None:
            return scalar(_BY_BITS.get(spec.bits, "varint"))
        case K.ARRAY:
            return CqlType("list", (_inner(spec.of),), frozen=True).frozen_inside()
        case K.SET:
            return CqlType("set", (_inner(spec.of),), frozen=True).frozen_inside()
        case K.MAP:
            key = scalar("text") if spec.key is None else type_of(spec.key)
            return CqlType("map", (key, _inner(spec.of)), frozen=True).frozen_inside()
        case K.TUPLE:
            items = tuple(map(type_of, spec.items))
            return CqlType("tuple", items, frozen=True).frozen_inside()
        case K.VECTOR:
            return CqlType("vector", (scalar("float"),), size=spec.length)
        case K.GEO:
            return GEO
        case K.EMBEDDED if spec.model is not None:
            return CqlType(spec.model.storage_name, frozen=True, user=True)
        case kind:
            return scalar(SCALAR_OF.get(kind, "text"))


def _inner(spec: TypeSpec | None) -> CqlType:
    return scalar("text") if spec is None else type_of(spec)


def fits(spec: TypeSpec, cql: CqlType) -> bool:
    """Whether a column of this type can hold a property of this type."""
    kind = spec.kind
    if kind in JSON_KINDS and cql.is_scalar and cql.name in _TEXTS:
        return True
    match kind:
        case K.ANY | K.OBJECT:
            return not cql.has_user and not cql.name.startswith("'")
        case K.ARRAY:
            return cql.name == "list" and not cql.user and _fits_inside(spec.of, cql.args[0])
        case K.SET:
            return cql.name == "set" and not cql.user and _fits_inside(spec.of, cql.args[0])
        case K.MAP:
            key = spec.key or TypeSpec(K.STRING)
            return (
                cql.name == "map"
                and not cql.user
                and fits(key, cql.args[0])
                and _fits_inside(spec.of, cql.args[1])
            )
        case K.TUPLE:
            return (
                cql.name == "tuple"
                and not cql.user
                and len(cql.args) == len(spec.items)
                and all(map(fits, spec.items, cql.args))
            )
        case K.VECTOR:
            same = cql.name == "vector" and cql.size == spec.length
            return same and cql.args[0].name in {"float", "double"}
        case K.GEO:
            return cql == GEO
        case K.EMBEDDED:
            return cql.user
        case _:
            return cql.is_scalar and cql.name in FITTING.get(kind, frozenset())


def _fits_inside(spec: TypeSpec | None, cql: CqlType) -> bool:
    return fits(spec or TypeSpec(K.ANY), cql)


def embedded_models(model: ModelSpec) -> list[ModelSpec]:
    """The embedded models that become user-defined types, those that others use first."""
    found: dict[str, ModelSpec] = {}
    for field in model.fields:
        if not isinstance(hints_of(field).get("dataType"), str):
            _collect(field.type, found)
    return list(found.values())


def _collect(spec: TypeSpec, found: dict[str, ModelSpec]) -> None:
    for inner in _parts(spec):
        _collect(inner, found)
    if spec.kind is K.EMBEDDED and spec.model is not None:
        for field in spec.model.fields:
            if not isinstance(hints_of(field).get("dataType"), str):
                _collect(field.type, found)
        found.setdefault(spec.model.storage_name, spec.model)


def _parts(spec: TypeSpec) -> Iterator[TypeSpec]:
    yield from (inner for inner in (spec.of, spec.key, *spec.items) if inner is not None)
