"""The models that the suite works with: a small catalogue, cut to what a connector claims.

Tables are made once for a session, so the catalogue is short; examples differ in their rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from juggler.spec import EXTRA, FieldSpec, IndexSpec, KeySpec, ModelSpec
from juggler.values.types import TypeKind, TypeSpec, simple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.connector.capabilities import Capabilities
    from juggler.spec._model import Direction

K = TypeKind


@frozen(eq=False, repr=False)
class Shape:
    """A model, as the suite thinks of it.

    Attributes:
        name: its name; the storage name is the same with the session's prefix.
        types: declared properties and their types.
        key: partition and clustering names.
        indexes: declared indexes.
        unique: properties whose values must differ.
        open: whether undeclared properties are kept.
        versioned: whether it demands versions.
        generated: whether the key is made when none is given.
        apart: whether it has keys that other models have too.
    """

    name: str
    types: Mapping[str, TypeSpec]
    key: KeySpec
    indexes: tuple[IndexSpec, ...] = ()
    unique: tuple[str, ...] = ()
    open: bool = False
    versioned: bool = False
    generated: bool = False
    apart: bool = False
    extra: Mapping[str, TypeSpec] = field(factory=dict)

    def __repr__(self) -> str:
        return f"<shape {self.name}>"

    @property
    def key_names(self) -> tuple[str, ...]:
        """Key properties in key order."""
        return self.key.names

    @property
    def plain_names(self) -> tuple[str, ...]:
        """Declared properties that are no part of the key."""
        return tuple(name for name in self.types if name not in self.key.names)

    @property
    def all_types(self) -> dict[str, TypeSpec]:
        """Declared properties, and the undeclared ones that rows of an open model may have."""
        return {**self.types, **self.extra}


def embedded(name: str, types: Mapping[str, TypeSpec]) -> TypeSpec:
    """The type of an embedded object with these properties."""
    fields = tuple(FieldSpec(n, n, t) for n, t in types.items())
    model = ModelSpec(name=name, storage_name=name, fields=fields, key=KeySpec(()))
    return TypeSpec(K.EMBEDDED, model=model)


def array(of: TypeSpec | TypeKind) -> TypeSpec:
    """An array of these."""
    return TypeSpec(K.ARRAY, of=simple(of) if isinstance(of, TypeKind) else of)


def _index(name: str, *keys: str, unique: bool = False) -> IndexSpec:
    terms: tuple[tuple[str, Direction], ...] = tuple(
        (key.lstrip("-"), "desc" if key.startswith("-") else "asc") for key in keys
    )
    return IndexSpec(name, terms, unique=unique)


def _types(**kinds: TypeSpec | TypeKind) -> dict[str, TypeSpec]:
    return {name: simple(k) if isinstance(k, TypeKind) else k for name, k in kinds.items()}


ADDRESS = embedded(
    "ConfAddress",
    _types(
        city=K.STRING, zip=K.INTEGER, open=K.BOOLEAN, geo=embedded("ConfXY", _types(x=K.NUMBER))
    ),
)
ITEM = embedded("ConfItem", _types(sku=K.STRING, qty=K.INTEGER))
_ID = KeySpec(("id",))

#: Scalars that everybody has, two indexes: most queries go here.
BASIC = Shape(
    "ConfBasic",
    _types(id=K.STRING, name=K.STRING, rank=K.INTEGER, score=K.NUMBER, ok=K.BOOLEAN, at=K.DATETIME),
    _ID,
    (_index("by_rank", "rank"), _index("by_name", "name")),
)
#: Whole numbers as keys: they sort as numbers.
COUNTED = Shape(
    "ConfCounted",
    _types(id=K.INTEGER, label=K.STRING, amount=K.NUMBER),
    _ID,
    (_index("by_amount", "amount"),),
)
#: Nested values and arrays.
NESTED = Shape(
    "ConfNested",
    _types(
        id=K.STRING,
        tags=array(K.STRING),
        nums=array(K.NUMBER),
        addr=ADDRESS,
        items=array(ITEM),
        data=K.ANY,
    ),
    _ID,
)
#: The less common types.
EXOTIC = Shape(
    "ConfExotic",
    _types(
        id=K.STRING,
        price=K.DECIMAL,
        day=K.DATE,
        clock=K.TIME,
        blob=K.BUFFER,
        ref=K.UUID,
        loc=K.GEO,
        ratio=K.FLOAT,
        memo=K.TEXT,
        span=K.DURATION,
        labels=TypeSpec(K.SET, of=simple(K.STRING)),
        attrs=TypeSpec(K.MAP, of=simple(K.INTEGER)),
        pair=TypeSpec(K.TUPLE, items=(simple(K.INTEGER), simple(K.STRING))),
    ),
    _ID,
)
#: Two partition parts and two clustering columns, one of them descending.
COMPOSITE = Shape(
    "ConfComposite",
    _types(
        team=K.STRING,
        area=K.INTEGER,
        seq=K.INTEGER,
        member=K.STRING,
        note=K.STRING,
        points=K.INTEGER,
    ),
    KeySpec(("team", "area"), (("seq", "desc"), ("member", "asc"))),
)
#: Undeclared properties are kept.
OPEN = Shape(
    "ConfOpen",
    _types(id=K.STRING, name=K.STRING),
    _ID,
    open=True,
    extra=_types(colour=K.ANY, size=K.ANY, nest=K.ANY),
)
#: A value that no two rows may share.
UNIQUE = Shape(
    "ConfUnique", _types(id=K.STRING, email=K.STRING, rank=K.INTEGER), _ID, unique=("email",)
)
#: Rows that carry versions.
VERSIONED = Shape(
    "ConfVersioned", _types(id=K.STRING, name=K.STRING, hits=K.INTEGER), _ID, versioned=True
)

#: What hooks and rules are tried on.
HOOKED = Shape("ConfHooked", _types(id=K.STRING, name=K.STRING, hits=K.INTEGER), _ID)
#: The key is injected; its type is the connector's own.
GENERATED = Shape("ConfGenerated", _types(id=K.STRING, name=K.STRING), _ID, generated=True)

CATALOGUE = (BASIC, COUNTED, NESTED, EXOTIC, COMPOSITE, OPEN, UNIQUE, VERSIONED)


def claimed(caps: Capabilities) -> tuple[Shape, ...]:
    """The catalogue as far as a connector claims it."""
    return tuple(found for shape in CATALOGUE if (found := cut(shape, caps)) is not None)


def cut(shape: Shape, caps: Capabilities) -> Shape | None:
    """What a connector claims of a shape; None when its key or what it is about is not claimed."""
    kinds = kinds_of(caps)
    types = {name: t for name, t in shape.types.items() if holds(t, kinds)}
    needs = {
        "composite_keys": len(shape.key.names) > 1,
        "open_models": shape.open,
        "unique": bool(shape.unique),
        "versions": shape.versioned,
    }
    if any(wanted and not getattr(caps, name) for name, wanted in needs.items()):
        return None
    if shape.unique and caps.unique.get("kind") == "key":
        return None
    if not set(shape.key.names) <= set(types) or len(types) == len(shape.key.names):
        return None
    indexes = tuple(
        i for i in shape.indexes if caps.indexes and all(name in types for name, _ in i.keys)
    )
    return evolve(shape, types=types, indexes=indexes)


def kinds_of(caps: Capabilities) -> frozenset[Any]:
    """The kinds of types that a connector claims; all of them when it does not say."""
    return frozenset(caps.types.get("kinds", TypeKind))


def holds(spec: TypeSpec, kinds: frozenset[Any]) -> bool:
    """Whether a type and everything in it is among the kinds."""
    inner = [*([spec.of] if spec.of else []), *([spec.key] if spec.key else []), *spec.items]
    if spec.model is not None:
        inner += [f.type for f in spec.model.fields if f.name != EXTRA]
    return spec.kind in kinds and all(holds(part, kinds) for part in inner)
