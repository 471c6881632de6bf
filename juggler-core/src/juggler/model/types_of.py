"""What type a property has: out of LDL's names, Python classes and annotations."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import evolve, field, frozen

from juggler.errors import ConfigurationError, did_you_mean
from juggler.values.geo import GeoPoint
from juggler.values.types import ANY, STRING, TypeKind, TypeSpec, simple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.model.definition import ModelDefinition

#: Names in LDL, in lower case.  LDL's ``date`` is a datetime (LoopBack's Date).
NAMES: dict[str, TypeSpec] = {
    **{
        str(kind): simple(kind)
        for kind in TypeKind
        if kind not in {TypeKind.EMBEDDED, TypeKind.FLOAT}
    },
    "str": STRING,
    "int": simple(TypeKind.INTEGER),
    "long": simple(TypeKind.INTEGER),
    "bigint": simple(TypeKind.INTEGER),
    "float": simple(TypeKind.NUMBER),
    "double": simple(TypeKind.FLOAT),
    "bool": simple(TypeKind.BOOLEAN),
    "date": simple(TypeKind.DATETIME),
    "timestamp": simple(TypeKind.DATETIME),
    "datestring": simple(TypeKind.DATE),
    "timedelta": simple(TypeKind.DURATION),
    "bytes": simple(TypeKind.BUFFER),
    "binary": simple(TypeKind.BUFFER),
    "guid": simple(TypeKind.UUID),
    "point": simple(TypeKind.GEO),
    "json": ANY,
    "dict": simple(TypeKind.OBJECT),
    "list": TypeSpec(TypeKind.ARRAY, of=ANY),
    "array": TypeSpec(TypeKind.ARRAY, of=ANY),
    "set": TypeSpec(TypeKind.SET, of=ANY),
    "map": TypeSpec(TypeKind.MAP, of=ANY),
}
for _bare in ("tuple", "vector"):
    del NAMES[_bare]

#: Python classes, in dictionaries and in annotations alike.
CLASSES: dict[Any, TypeSpec] = {
    str: STRING,
    int: simple(TypeKind.INTEGER),
    float: simple(TypeKind.NUMBER),
    bool: simple(TypeKind.BOOLEAN),
    dt.datetime: simple(TypeKind.DATETIME),
    dt.date: simple(TypeKind.DATE),
    dt.time: simple(TypeKind.TIME),
    dt.timedelta: simple(TypeKind.DURATION),
    bytes: simple(TypeKind.BUFFER),
    list: NAMES["list"],
    dict: simple(TypeKind.OBJECT),
    set: NAMES["set"],
    Decimal: simple(TypeKind.DECIMAL),
    UUID: simple(TypeKind.UUID),
    GeoPoint: simple(TypeKind.GEO),
    object: ANY,
    Any: ANY,
}

_PARAMETERS = re.compile(r"\s*([A-Za-z]+)\s*<(.*)>\s*", re.DOTALL)
MAX_DEPTH = 32
#: Before the name of a model that is also the name of a type.
MODEL_PREFIX = "model:"


@frozen
class TypeRef:
    """A type as it was written.

    Attributes:
        type: the neutral type; the leaf of a type with a model is ``embedded`` without a model.
        model: name of the model that it refers to.
        target: definition of that model, when the class itself was given.
        nested: definition that was written inside.
        cls: the model class, when it was given.
        nullable: whether None is part of an annotation.
        options: property options that came with the type (``Annotated[str, length(64)]``).
    """

    type: TypeSpec
    model: str = ""
    target: ModelDefinition | None = None
    nested: ModelDefinition | None = None
    cls: Any = None
    nullable: bool = False
    options: Mapping[str, Any] = field(factory=dict)

    def wrap(self, kind: TypeKind, **more: Any) -> TypeRef:
        """A collection of this type."""
        return evolve(self, type=TypeSpec(kind, of=self.type, **more), nullable=False, options={})


EMBEDDED = simple(TypeKind.EMBEDDED)


def named(text: str) -> TypeRef:
    """The type of a name: built in, with parameters (``set<string>``), else a model's name."""
    known = NAMES.get(text.strip().lower())
    if known is not None:
        return TypeRef(known)
    if text.startswith(MODEL_PREFIX) and len(text) > len(MODEL_PREFIX):
        return TypeRef(EMBEDDED, model=text.removeprefix(MODEL_PREFIX))
    if found := _PARAMETERS.fullmatch(text):
        return _parametric(text, found[1].lower(), _split(found[2]), 0)
    if not text.strip() or "<" in text or ">" in text:
        raise unknown_type(text)
    return TypeRef(EMBEDDED, model=text)


def _parametric(text: str, name: str, parts: list[str], depth: int) -> TypeRef:
    if depth > MAX_DEPTH:
        raise too_deep(text[:40])
    inner = [_part(part, depth + 1) for part in parts]
    match name, inner:
        case ("list" | "array", [of]):
            return of.wrap(TypeKind.ARRAY)
        case ("set", [of]) if not of.model:
            return of.wrap(TypeKind.SET)
        case ("frozen", [of]):
            return of
        case ("map", [key, of]) if not key.model:
            return of.wrap(TypeKind.MAP, key=None if key.type == STRING else key.type)
        case ("tuple", items) if not any(item.model for item in items):
            return TypeRef(TypeSpec(TypeKind.TUPLE, items=tuple(item.type for item in items)))
        case ("vector", [of, size]) if size.model.isdigit() and not of.model:
            return TypeRef(TypeSpec(TypeKind.VECTOR, of=of.type, length=int(size.model[:6])))
        case _:
            raise unknown_type(text)


def _part(text: str, depth: int) -> TypeRef:
    if found := _PARAMETERS.fullmatch(text):
        return _parametric(text, found[1].lower(), _split(found[2]), depth)
    return named(text)


def _split(text: str) -> list[str]:
    """``a, b<c, d>`` at its outer commas."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c == "<") - (c == ">")
        if c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return [*parts, text[start:].strip()]


def of_class(cls: Any) -> TypeRef | None:
    """The type of a Python class, a model class included; None for any other object."""
    try:
        known = CLASSES.get(cls)
    except TypeError:  # not hashable
        return None
    if known is not None:
        return TypeRef(known)
    definition = getattr(cls, "__definition__", None) if isinstance(cls, type) else None
    if definition is not None:
        return TypeRef(EMBEDDED, model=definition.name, target=definition, cls=cls)
    return None


def unknown_type(value: Any, where: str = "") -> ConfigurationError:
    """The error for a type that nobody knows."""
    text = repr(value)
    at = f" of {where}" if where else ""
    return ConfigurationError(
        f"{text[:80]} is no type{at}",
        code="unknown-type",
        hint=did_you_mean(value, NAMES)
        if isinstance(value, str)
        else "a name such as 'string', "
        "a class such as str, a model, a list of one type, or a dict of properties",
    )


def too_deep(where: str) -> ConfigurationError:
    """The error for a definition that is nested beyond reason."""
    return ConfigurationError(
        f"{where}: types are nested more than {MAX_DEPTH} deep",
        code="definition-too-deep",
        hint="give the inner part a model of its own",
    )


def register(type_: str | type, aliases: tuple[str, ...], kind: str) -> None:
    """Add names, and a class, for a built-in type.

    Raises:
        ConfigurationError: ``unknown-type`` for the built-in type, or when a name is taken.
    """
    spec = NAMES.get(kind.strip().lower())
    if spec is None:
        raise unknown_type(kind)
    names = [*aliases, type_ if isinstance(type_, str) else type_.__name__]
    for name in names:
        if NAMES.get(name.lower(), spec) != spec:
            raise ConfigurationError(f"the type {name!r} is there already", code="bad-option")
    for name in names:
        NAMES[name.lower()] = spec
    if not isinstance(type_, str):
        CLASSES.setdefault(type_, spec)
