"""A model as a connector sees it: fields in row order, key, indexes, views, hints."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from attrs import Factory, define, field, frozen

from juggler.values.types import ANY, ELEMENTED, TypeKind, TypeSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

Direction = Literal["asc", "desc"]

#: Name of the last field of an open model: a mapping of its undeclared properties, or None.
EXTRA = "*"


@frozen
class FieldSpec:
    """One property.

    Attributes:
        name: the property's name, as used in filters.
        storage_name: the column or document field.
        type: its neutral type.
        nullable: whether a stored row may lack it.
        collation: how the store may order the text: ``codepoint`` (exact), ``ascii-safe`` (values
            are promised to be same-case ASCII, checked on write), ``icu`` (the store's order is
            accepted as it is).
        default_kind: ``none``, ``value`` or ``function``; the core applies defaults.
        unique: whether the store has to refuse a second row with this value (null excepted).
        generated: whether the store or the core makes the value when none is given.
        hints: the property's own connector hints, ``{"cassandra": {...}}``.
    """

    name: str
    storage_name: str
    type: TypeSpec
    nullable: bool = True
    collation: Literal["codepoint", "ascii-safe", "icu"] = "codepoint"
    default_kind: Literal["none", "value", "function"] = "none"
    unique: bool = False
    generated: bool = False
    hints: Mapping[str, Mapping[str, Any]] = field(factory=dict, eq=False, hash=False)


@frozen
class KeySpec:
    """The key: partition columns, then clustering columns with their directions.

    A store with a single id has ``partition=("id",)`` and no clustering.  Values of a key are
    always a tuple in the order ``partition + clustering``.
    """

    partition: tuple[str, ...]
    clustering: tuple[tuple[str, Direction], ...] = ()
    #: All key properties in key order.
    names: tuple[str, ...] = field(
        init=False,
        eq=False,
        repr=False,
        default=Factory(
            lambda self: self.partition + tuple(name for name, _ in self.clustering),
            takes_self=True,
        ),
    )


@frozen
class IndexSpec:
    """A declared index: ordered keys with directions; ``options`` are the connector's own."""

    name: str
    keys: tuple[tuple[str, Direction], ...]
    unique: bool = False
    options: Mapping[str, Any] = field(factory=dict, eq=False, hash=False)


@frozen
class ViewSpec:
    """A declared view of a base model under another key (Cassandra: materialized view)."""

    of: str
    key: KeySpec
    fields: tuple[str, ...] = ()


@define(frozen=True, slots=False, eq=False)
class ModelSpec:
    """A model as connectors see it.

    ``fields`` is the order of row tuples.  An ``open`` model has the field ``EXTRA`` last, which
    holds a mapping of the undeclared properties; a path whose first part is no field then means a
    property in there.  ``options`` are the connector's own model settings.  ``fingerprint`` is a
    digest of everything that plans depend on; specs are equal when it is.
    """

    name: str
    storage_name: str
    fields: tuple[FieldSpec, ...]
    key: KeySpec
    indexes: tuple[IndexSpec, ...] = ()
    views: tuple[ModelSpec, ...] = ()
    view: ViewSpec | None = None
    managed: bool = True
    open: bool = False
    versioned: bool = False
    options: Mapping[str, Any] = field(factory=dict)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Property names in row order."""
        return tuple(f.name for f in self.fields)

    @cached_property
    def position(self) -> dict[str, int]:
        """Row position by property name."""
        return {f.name: i for i, f in enumerate(self.fields)}

    @cached_property
    def field(self) -> dict[str, FieldSpec]:
        """Field by property name."""
        return {f.name: f for f in self.fields}

    @cached_property
    def key_positions(self) -> tuple[int, ...]:
        """Row positions of the key's values, in key order."""
        return tuple(self.position[name] for name in self.key.names)

    @cached_property
    def fingerprint(self) -> str:
        """Hex digest of name, fields, key, indexes and views."""
        text = "\n".join(
            [
                self.name,
                self.storage_name,
                *(
                    f"{f.name}|{f.storage_name}|{_type_text(f.type)}|{f.unique}|{f.collation}"
                    for f in self.fields
                ),
                repr(self.key),
                *(
                    f"{i.name}{i.keys}{i.unique}{sorted(i.options.items(), key=str)}"
                    for i in self.indexes
                ),
                *(v.fingerprint for v in self.views),
                repr(self.view),
                repr(sorted(self.options.items(), key=str)),
            ]
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ModelSpec):
            return NotImplemented
        return self is other or self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)


def _type_text(spec: TypeSpec) -> str:
    """A type with everything in it, also what ``str()`` leaves out (embedded properties, sizes)."""
    inner = [_type_text(part) for part in (spec.of, spec.key, *spec.items) if part is not None]
    if spec.model is not None:
        inner += [f"{f.name}:{_type_text(f.type)}" for f in spec.model.fields]
    sizes = f"{spec.bits},{spec.precision},{spec.scale},{spec.length},{spec.frozen}"
    return f"{spec}{{{','.join(inner)}}}{sizes}"


def path_type(model: ModelSpec, path: str) -> TypeSpec | None:
    """The type at a dotted path, or None when the model has no such path.

    A number indexes an array; a name under an array means that property of each element, and the
    answer is then the array type of what is found there.  Below ``any`` and ``object``, and for an
    undeclared property of an open model, everything is ``any``.
    """
    head, _, rest = path.partition(".")
    spec = model.field.get(head)
    if spec is None or head == EXTRA:
        return ANY if model.open and head not in {"", EXTRA} else None
    return _descend(spec.type, rest) if rest else spec.type


def _descend(spec: TypeSpec, path: str) -> TypeSpec | None:
    head, _, rest = path.partition(".")
    below: TypeSpec | None
    match spec.kind:
        case TypeKind.ANY | TypeKind.OBJECT:
            return ANY
        case TypeKind.EMBEDDED if spec.model is not None:
            return path_type(spec.model, path)
        case TypeKind.MAP:
            below = spec.of
        case TypeKind.ARRAY | TypeKind.SET | TypeKind.VECTOR if head.isascii() and head.isdigit():
            below = spec.of
        case TypeKind.ARRAY | TypeKind.SET if spec.of is not None:
            inner = _descend(spec.of, path)
            if inner is None or inner.kind in ELEMENTED:
                return inner
            return TypeSpec(TypeKind.ARRAY, of=inner)
        case TypeKind.TUPLE if head.isascii() and head.isdigit() and int(head) < len(spec.items):
            below = spec.items[int(head)]
        case TypeKind.GEO if head in {"lat", "lng"}:
            below = TypeSpec(TypeKind.NUMBER)
        case _:
            return None
    return _descend(below, rest) if rest and below is not None else below
