"""Reading the annotations of a typed class: ``Prop[str | None]``, ``HasMany["Post"]``, ``int``.

Annotations are texts (``from __future__ import annotations``) or objects.  A name that nothing
defines yet is taken as the name of a model that comes later.
"""

from __future__ import annotations

import builtins
import enum
import types
import typing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.errors import ConfigurationError
from juggler.model import related, typed, types_of
from juggler.model.properties import array_of
from juggler.model.types_of import MAX_DEPTH, TypeRef
from juggler.values.types import STRING, TypeKind, TypeSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_OPTIONAL = (typing.Union, types.UnionType)


class Unresolved:
    """A name in an annotation that is not defined yet."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __or__(self, other: Any) -> Any:
        return _Choice((self, other))

    __ror__ = __or__

    def __repr__(self) -> str:
        return self.name


class _Choice:
    """``Unresolved | None``."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self.parts = tuple(parts)

    def __or__(self, other: Any) -> Any:
        return _Choice((*self.parts, other))

    __ror__ = __or__


class Scope(Mapping[str, Any]):
    """Names for annotations: the class body, the functions around it, the module, builtins."""

    def __init__(self, *namespaces: Mapping[str, Any]) -> None:
        self.namespaces = (*namespaces, vars(typed), vars(related), vars(typing), vars(builtins))

    def __getitem__(self, name: str) -> Any:
        for namespace in self.namespaces:
            if name in namespace:
                found = namespace[name]
                if not isinstance(found, typed.PropSpec | related.RelationSpec):
                    return found
        return Unresolved(name)

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


def evaluate(annotation: Any, scope: Scope, where: str) -> Any:
    """The annotation as an object.

    Raises:
        ConfigurationError: ``bad-annotation``.
    """
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, {"__builtins__": {}}, scope)  # noqa: S307 - the author's own annotation
    except Exception as error:
        raise ConfigurationError(
            f"the annotation {annotation!r} of {where} cannot be read: {error}",
            code="bad-annotation",
            hint="write it as Prop[int], Prop[str | None] or int",
        ) from error


def relation_of(annotation: Any) -> tuple[str, str] | None:
    """Kind and target of a relation's annotation, None for any other."""
    kind = related.RELATIONS.get(typing.get_origin(annotation))
    if kind is None:
        return None
    (target,) = typing.get_args(annotation)
    return kind, _model_name(target)


def _model_name(target: Any) -> str:
    definition = getattr(target, "__definition__", None)
    if definition is not None:
        return str(definition.name)
    if isinstance(target, typing.ForwardRef):
        return target.__forward_arg__
    return str(getattr(target, "name", target))


def is_property(annotation: Any) -> bool:
    """Whether it is ``Prop[...]``."""
    return typing.get_origin(annotation) is typed.Prop


def is_class_var(annotation: Any) -> bool:
    """Whether it is ``ClassVar`` or ``ClassVar[...]``."""
    return annotation is typing.ClassVar or typing.get_origin(annotation) is typing.ClassVar


def type_ref(annotation: Any, where: str, scope: Scope, depth: int = 0) -> TypeRef:
    """The type of an annotation.

    Raises:
        ConfigurationError: ``unknown-type``.
    """
    if depth > MAX_DEPTH:
        raise types_of.too_deep(where)
    if isinstance(annotation, str | typing.ForwardRef):
        text = annotation if isinstance(annotation, str) else annotation.__forward_arg__
        return type_ref(evaluate(text, scope, where), where, scope, depth + 1)
    if isinstance(annotation, Unresolved):
        return types_of.named(annotation.name)
    simple = types_of.of_class(annotation)
    if simple is not None:
        return simple

    def inner(part: Any) -> TypeRef:
        return type_ref(part, where, scope, depth + 1)

    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if isinstance(annotation, _Choice) or origin in _OPTIONAL:
        return _optional(getattr(annotation, "parts", args), annotation, where, inner)
    if origin is typing.Annotated:
        return _annotated(inner(args[0]), args[1:])
    if origin is typing.Literal:
        return _literal(args, where)
    return _generic(origin, args, annotation, where, inner)


def _generic(
    origin: Any, args: tuple[Any, ...], annotation: Any, where: str, inner: Callable[[Any], TypeRef]
) -> TypeRef:
    match origin, args:
        case (builtins.list, (of,)):
            return array_of(inner(of), {}, where)
        case (builtins.set | builtins.frozenset, (of,)):
            found = inner(of)
            if not found.model:
                return found.wrap(TypeKind.SET)
        case (builtins.dict, (key, of)):
            named = inner(key)
            key_type = None if named.type == STRING else named.type
            return inner(of).wrap(TypeKind.MAP, key=key_type)
        case (builtins.tuple, (of, builtins.Ellipsis)):
            return (
                inner(of).wrap(TypeKind.VECTOR) if of is float else array_of(inner(of), {}, where)
            )
        case (builtins.tuple, items) if items:
            parts = [inner(item) for item in items]
            if not any(part.model for part in parts):
                return TypeRef(TypeSpec(TypeKind.TUPLE, items=tuple(part.type for part in parts)))
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        values = " | ".join(repr(m.value) for m in annotation)
        raise ConfigurationError(
            f"{where}: an Enum is no type of a property", code="unknown-type",
            hint=f"Prop[Literal[{values.replace(' | ', ', ')}]]",
        )  # fmt: skip
    raise types_of.unknown_type(annotation, where)


def _optional(
    parts: Sequence[Any], annotation: Any, where: str, inner: Callable[[Any], TypeRef]
) -> TypeRef:
    real = [part for part in parts if part is not None and part is not type(None)]
    if len(real) != 1:
        if len(real) == 2 and set(real) == {int, float}:  # noqa: PLR2004 - the two of them
            found = inner(float)
        else:
            raise types_of.unknown_type(annotation, where)
    else:
        found = inner(real[0])
    return evolve(found, nullable=len(real) < len(parts))


def _annotated(found: TypeRef, extras: tuple[Any, ...]) -> TypeRef:
    options = dict(found.options)
    for extra in extras:
        if isinstance(extra, typed.Length):
            options["length"] = extra.max
            if extra.min:
                options["min_length"] = extra.min
        elif isinstance(extra, typed.PropSpec):
            options.update(extra.options)
    return evolve(found, options=options)


def _literal(values: tuple[Any, ...], where: str) -> TypeRef:
    kinds = {type(value) for value in values if value is not None}
    base = types_of.of_class(kinds.pop()) if len(kinds) == 1 else None
    if base is None:
        raise types_of.unknown_type(values, where)
    real = tuple(value for value in values if value is not None)
    return evolve(base, options={"enum": real}, nullable=None in values)
