"""LDL's types in all their forms: names, Python classes, models, lists, nested definitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.errors import ConfigurationError
from juggler.model import types_of
from juggler.model.ldl import words as ldl_words
from juggler.model.properties import array_of
from juggler.model.types_of import EMBEDDED, MAX_DEPTH, TypeRef
from juggler.values.types import ANY, TypeKind, simple

if TYPE_CHECKING:
    from juggler.model.definition import ModelDefinition

#: Makes the definition of a model that is written inside a property.
Nested = Callable[[Mapping[str, Any], int], "ModelDefinition"]


def split_options(form: Any) -> tuple[Any, dict[Any, Any]]:
    """A property as it is written → its type as it is written, and its options.

    A mapping is options when it has a ``type`` and nothing in it speaks for a nested model whose
    property is called ``type``, or when it has no type and only options.
    """
    if not isinstance(form, Mapping):
        return form, {}
    options = {k: v for k, v in form.items() if k != "type"}
    if "type" in form:
        return (form["type"], options) if _are_options(form["type"], options) else (form, {})
    only_options = all(k in ldl_words.PROPERTY or k in ldl_words.PROPERTY_KEPT for k in form)
    if form and only_options and not any(_looks_like_type(v) for v in form.values()):
        return "any", options
    return form, {}


def _are_options(type_: Any, options: Mapping[Any, Any]) -> bool:
    others = [
        v
        for k, v in options.items()
        if k not in ldl_words.PROPERTY and k not in ldl_words.PROPERTY_KEPT
        and k not in ldl_words.CONNECTORS
    ]  # fmt: skip
    if not others:
        return True
    if isinstance(type_, Mapping) and "type" in type_:
        return False
    return not any(_looks_like_type(v) for v in others)


def _looks_like_type(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in types_of.NAMES
    return types_of.of_class(value) is not None


def ldl_type(form: Any, where: str, nested: Nested, depth: int = 0) -> TypeRef:
    """The type that a form means.

    Args:
        form: a name in any case, a Python class, a model, ``[T]``, a mapping of properties, None.
        where: the property, for messages.
        nested: makes the definition of a mapping of properties.
        depth: levels above it.

    Raises:
        ConfigurationError: ``unknown-type``, or ``definition-too-deep``.
    """
    if depth > MAX_DEPTH:
        raise types_of.too_deep(where)
    if form is None:
        return TypeRef(ANY)
    if isinstance(form, str):
        return types_of.named(form)
    if isinstance(form, list | tuple):
        return _list(form, where, nested, depth)
    if isinstance(form, Mapping):
        if not form:
            return TypeRef(simple(TypeKind.OBJECT))
        definition = nested(form, depth + 1)
        if not definition.properties:
            return TypeRef(simple(TypeKind.OBJECT))
        return TypeRef(EMBEDDED, nested=definition)
    found = types_of.of_class(form)
    if found is None:
        raise types_of.unknown_type(form, where)
    return found


def _list(form: list[Any] | tuple[Any, ...], where: str, nested: Nested, depth: int) -> TypeRef:
    if len(form) > 1:
        raise ConfigurationError(
            f"{where}: a list type has one type of elements, not {len(form)}",
            code="unknown-type",
            hint='["string"]',
        )
    if not form:
        return TypeRef(ANY).wrap(TypeKind.ARRAY)
    type_, options = split_options(form[0])
    inner = ldl_type(type_, where, nested, depth + 1)
    if not options:
        return evolve(inner.wrap(TypeKind.ARRAY), options={})
    canonical: dict[str, Any] = {}
    for word, value in options.items():
        known = ldl_words.PROPERTY.get(word) if isinstance(word, str) else None
        if known is None:
            raise ConfigurationError(
                f"{where}: the elements of a list have no option {word!r:.60}",
                code="unknown-option",
                hint="put it beside the list's type",
            )
        if value is not None:
            canonical[known] = value
    return array_of(inner, canonical, where)
