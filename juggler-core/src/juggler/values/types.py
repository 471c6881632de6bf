"""The neutral types of properties, as data: what a connector sees of a type.

A :class:`TypeSpec` says what a value *is*; how it is coerced is in ``coerce``, how a store writes
it is the connector's codec.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from juggler.spec import ModelSpec


class TypeKind(StrEnum):
    """The closed list of type kinds (contract: ``TypeSpec``)."""

    STRING = "string"
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLOAT = "float"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    DATE = "dateonly"
    TIME = "time"
    DURATION = "duration"
    BUFFER = "buffer"
    UUID = "uuid"
    TIMEUUID = "timeuuid"
    INET = "inet"
    GEO = "geopoint"
    ANY = "any"
    OBJECT = "object"
    EMBEDDED = "embedded"
    ARRAY = "array"
    SET = "set"
    MAP = "map"
    TUPLE = "tuple"
    VECTOR = "vector"
    COUNTER = "counter"


#: Kinds whose values are text, ordered by code point.
TEXTUAL = frozenset({TypeKind.STRING, TypeKind.TEXT})
#: Kinds whose values are numbers and compare with each other by value.
NUMERIC = frozenset(
    {TypeKind.INTEGER, TypeKind.NUMBER, TypeKind.FLOAT, TypeKind.DECIMAL, TypeKind.COUNTER}
)
#: Kinds that hold elements and match ``contains`` and positive operators by any element.
ELEMENTED = frozenset({TypeKind.ARRAY, TypeKind.SET})
#: Kinds that can stand in ``order`` and in range comparisons.
ORDERED = (
    TEXTUAL
    | NUMERIC
    | {
        TypeKind.BOOLEAN,
        TypeKind.DATETIME,
        TypeKind.DATE,
        TypeKind.TIME,
        TypeKind.UUID,
        TypeKind.TIMEUUID,
        TypeKind.BUFFER,
        TypeKind.INET,
    }
)


@frozen
class TypeSpec:
    """A property's type.

    Attributes:
        kind: what it is.
        of: element type of an array, set, vector, and value type of a map.
        key: key type of a map (``None`` means string).
        items: element types of a tuple.
        model: definition of an embedded model.
        bits: width of an integer, ``None`` for any size.
        precision: digits of a decimal, ``None`` for any.
        scale: digits after a decimal's point, ``None`` for any.
        length: largest length of a text in characters, of a buffer in bytes, or the
            dimension of a vector.
        frozen: whether a store that distinguishes them keeps the collection as one value.
        options: property options of the elements of an array, as in its LDL definition.
    """

    kind: TypeKind
    of: TypeSpec | None = None
    key: TypeSpec | None = None
    items: tuple[TypeSpec, ...] = ()
    model: ModelSpec | None = None
    bits: int | None = None
    precision: int | None = None
    scale: int | None = None
    length: int | None = None
    frozen: bool = True
    options: tuple[tuple[str, Any], ...] = field(default=(), eq=False, hash=False)

    def __str__(self) -> str:
        match self.kind:
            case TypeKind.ARRAY:
                return f"[{self.of}]"
            case TypeKind.SET:
                return f"set<{self.of}>"
            case TypeKind.MAP:
                return f"map<{self.key or 'string'}, {self.of}>"
            case TypeKind.TUPLE:
                return f"tuple<{', '.join(map(str, self.items))}>"
            case TypeKind.VECTOR:
                return f"vector<{self.of}, {self.length}>"
            case TypeKind.EMBEDDED if self.model is not None:
                return self.model.name
            case _:
                return str(self.kind)


def simple(kind: TypeKind) -> TypeSpec:
    """The plain type of a kind, without parameters (one shared object per kind)."""
    return _SIMPLE[kind]


_SIMPLE = {kind: TypeSpec(kind) for kind in TypeKind}
ANY = _SIMPLE[TypeKind.ANY]
STRING = _SIMPLE[TypeKind.STRING]
INTEGER = _SIMPLE[TypeKind.INTEGER]
NUMBER = _SIMPLE[TypeKind.NUMBER]
BOOLEAN = _SIMPLE[TypeKind.BOOLEAN]
DATETIME = _SIMPLE[TypeKind.DATETIME]
