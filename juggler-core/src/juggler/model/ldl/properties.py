"""Properties of LDL: types in all forms, options, hints of connectors, unknown keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field

from juggler.errors import ConfigurationError
from juggler.model import naming
from juggler.model.definition import ModelDefinition, PropertyDef
from juggler.model.ldl import words as ldl_words
from juggler.model.ldl.types import ldl_type, split_options
from juggler.model.properties import make_property


def bad_definition(value: Any, hint: str) -> ConfigurationError:
    """The error for what is no definition at all."""
    return ConfigurationError(
        f"{value!r:.80} is no definition of a model", code="bad-definition", hint=hint
    )


@define
class PropertyReader:
    """Reads the properties of one model and remembers the keys that it does not know.

    Attributes:
        model: the model's name.
        depth: models around it.
        strict_nested: whether models that are written inside properties are strict.
        unknown: paths of keys that nobody knows.
    """

    model: str
    depth: int = 0
    strict_nested: bool = False
    unknown: list[str] = field(factory=list)

    def all(self, given: Any) -> tuple[dict[str, PropertyDef], set[str]]:
        """The properties, and the names of those to remove from a base (null or false)."""
        if not isinstance(given, Mapping):
            raise bad_definition(given, "properties are an object: {'name': 'string'}")
        found: dict[str, PropertyDef] = {}
        removed: set[str] = set()
        for name, form in given.items():
            naming.check_property(name, self.model)
            if form is None or form is False:
                removed.add(name)
            else:
                found[name] = self.one(name, form)
        return found, removed

    def one(self, name: str, form: Any) -> PropertyDef:
        """One property."""
        where = f"{self.model}.{name}"
        type_, given = split_options(form)

        def nested(properties: Mapping[str, Any], depth: int) -> ModelDefinition:
            return self.nested(f"{self.model}_{name}", properties, depth)

        ref = ldl_type(type_, where, nested, self.depth)
        options: dict[str, Any] = {}
        hints: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for word, value in given.items():
            if not isinstance(word, str):
                raise bad_definition(word, f"the options of {where} have texts as names")
            known = ldl_words.PROPERTY.get(word)
            if known is not None:
                _take(options, known, value, where)
            elif isinstance(value, Mapping) and ldl_words.is_connector_name(word):
                hints[word] = value
            else:
                extra[word] = value
                if word not in ldl_words.PROPERTY_KEPT:
                    self.unknown.append(f"{name}.{word}")
        return make_property(name, ref, options, model=self.model, hints=hints, extra=extra)

    def nested(self, name: str, properties: Mapping[str, Any], depth: int) -> ModelDefinition:
        """The definition of a model that is written inside a property."""
        inner = PropertyReader(name, depth, self.strict_nested)
        found, _ = inner.all(properties)
        self.unknown += [f"{name}.{word}" for word in inner.unknown]
        return ModelDefinition(name, found, open=False if self.strict_nested else None)


def _take(options: dict[str, Any], word: str, value: Any, where: str) -> None:
    """One option in canonical words; LoopBack's looser values are understood."""
    if (value is None and word != "default") or (word == "id" and value is False):
        return
    if word in {"required", "unique"} and isinstance(value, Mapping):
        value = True  # LoopBack's options of a rule or index
    if word in options and options[word] != value:
        raise ConfigurationError(
            f"{where} says {word} twice", code="bad-option", hint="keep one of the two"
        )
    options[word] = value
