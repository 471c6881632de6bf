"""Reading LDL, LoopBack's definition language: documents and dictionaries as definitions."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from attrs import define, field

from juggler.errors import ConfigurationError, did_you_mean
from juggler.model import ldl_words, naming
from juggler.model.definition import ModelDefinition, PropertyDef
from juggler.model.indexes import parse_indexes
from juggler.model.keys import DEFAULT_ID_TYPE, resolve_key
from juggler.model.ldl_types import ldl_type, split_options
from juggler.model.properties import make_property
from juggler.model.types_of import NAMES
from juggler.model.views import view_from_ldl
from juggler.spec import KeySpec

_STRICT = {True: (False, False), False: (True, False), "filter": (False, True),
           "validate": (False, False), "throw": (False, False), None: (None, False)}  # fmt: skip


class DefinitionWarning(UserWarning):
    """A definition has keys that nobody knows; they are kept."""


def document_parts(document: Any) -> tuple[str | None, Mapping[str, Any], dict[str, Any]]:
    """Name, properties and settings of a document in any of its forms.

    It is ``{name, properties, options | settings}``, LoopBack's JSON with settings at top level, or a
    bare mapping of properties.

    Raises:
        ConfigurationError: ``bad-definition``.
    """
    if not isinstance(document, Mapping):
        raise _bad(document, "a document is an object with name and properties")
    name = document.get("name")
    is_name = isinstance(name, str) and name.strip().lower() not in NAMES
    whole = isinstance(document.get("properties"), Mapping) or is_name
    if not whole and not ({"options", "settings", "base"} & document.keys()):
        return None, document, {}
    settings: dict[str, Any] = {}
    for word in ("options", "settings"):
        part = document.get(word)
        if part is not None and not isinstance(part, Mapping):
            raise _bad(part, f"{word} is an object")
        settings.update(part or {})
    top = {
        k: v for k, v in document.items() if k not in {"name", "properties", "options", "settings"}
    }
    if name is not None and not isinstance(name, str):
        raise _bad(name, "a name is a text")
    return name, document.get("properties") or {}, {**settings, **top}


def _bad(value: Any, hint: str) -> ConfigurationError:
    return ConfigurationError(
        f"{value!r:.80} is no definition of a model", code="bad-definition", hint=hint
    )


@define
class _Reader:
    """Reads one definition and remembers the keys that it does not know."""

    model: str
    depth: int = 0
    strict_nested: bool = False
    unknown: list[str] = field(factory=list)

    # ------------------------------------------------------------ properties

    def properties(self, given: Any) -> tuple[dict[str, PropertyDef], set[str]]:
        """The properties, and the names of those to remove from a base."""
        if not isinstance(given, Mapping):
            raise _bad(given, "properties are an object: {'name': 'string'}")
        found: dict[str, PropertyDef] = {}
        removed: set[str] = set()
        for name, form in given.items():
            naming.check_property(name, self.model)
            if form is None or form is False:
                removed.add(name)
            else:
                found[name] = self.property(name, form)
        return found, removed

    def property(self, name: str, form: Any) -> PropertyDef:
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
            known = ldl_words.PROPERTY.get(word) if isinstance(word, str) else None
            if known is not None:
                self.option(options, known, value, where)
            elif not isinstance(word, str):
                raise _bad(word, f"the options of {where} have texts as names")
            elif isinstance(value, Mapping) and ldl_words.is_connector_name(word):
                hints[word] = value
            else:
                extra[word] = value
                if word not in ldl_words.PROPERTY_KEPT:
                    self.unknown.append(f"{name}.{word}")
        if options.get("id") is False:
            del options["id"]
        return make_property(name, ref, options, model=self.model, hints=hints, extra=extra)

    def option(self, options: dict[str, Any], word: str, value: Any, where: str) -> None:
        """One option in canonical words; LoopBack's looser values are understood."""
        if value is None and word != "default":
            return
        if word == "required" and isinstance(value, Mapping):
            value = True
        if word in {"unique", "index"} and isinstance(value, Mapping) and word == "unique":
            value = True
        if word in options and options[word] != value:
            raise ConfigurationError(
                f"{where} says {word} twice", code="bad-option", hint="keep one of the two"
            )
        options[word] = value

    def nested(self, name: str, properties: Mapping[str, Any], depth: int) -> ModelDefinition:
        """The definition of a model that is written inside a property."""
        inner = _Reader(name, depth, self.strict_nested)
        found, _ = inner.properties(properties)
        self.unknown += [f"{name}.{word}" for word in inner.unknown]
        return ModelDefinition(name, found, open=False if self.strict_nested else None)

    # ------------------------------------------------------------ settings

    def settings(self, given: Mapping[Any, Any]) -> _Settings:
        """The settings, sorted into what a definition has places for."""
        found = _Settings()
        for word, value in given.items():
            if not isinstance(word, str):
                raise _bad(word, "settings have texts as names")
            if word in ldl_words.MODEL:
                if value is not None:
                    found.own[word] = value
            elif word in ldl_words.MODEL_KEPT:
                found.kept[word] = value
            elif isinstance(value, Mapping) and ldl_words.is_connector_name(word):
                found.hints[word] = dict(value)
            else:
                found.extra[word] = value
                self.unknown.append(word)
        return found

    def flag(self, settings: _Settings, word: str, *, default: bool) -> bool:
        """A setting that is true or false."""
        value = settings.own.get(word, default)
        if not isinstance(value, bool):
            raise self.wrong(word, value, "true or false")
        return value

    def wrong(self, word: str, value: Any, takes: str) -> ConfigurationError:
        """The error for a setting's value."""
        return ConfigurationError(
            f"{self.model}: {word}={value!r:.60}", code="bad-option", hint=f"{word} takes {takes}"
        )


@define
class _Settings:
    own: dict[str, Any] = field(factory=dict)
    kept: dict[str, Any] = field(factory=dict)
    hints: dict[str, dict[str, Any]] = field(factory=dict)
    extra: dict[str, Any] = field(factory=dict)

    def text(self, *words: str) -> Any:
        """The first of these settings that is there."""
        return next((self.own[word] for word in words if word in self.own), None)


def definition_from_ldl(
    name: str,
    properties: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    base: ModelDefinition | None = None,
    default_id_type: str = DEFAULT_ID_TYPE,
) -> ModelDefinition:
    """The definition of ``define(name, properties, settings)``.

    Args:
        name: the model's name.
        properties: by name: a type in any form, or a mapping with ``type`` and options.
        settings: LoopBack's settings, and options of connectors under their names.
        base: the definition to extend.
        default_id_type: type name of the key that a definition without one is given.

    Raises:
        ConfigurationError: every mistake, with what it should be.

    Warns:
        DefinitionWarning: once, with all keys that nobody knows; they are kept in ``extra``.
    """
    reader = _Reader(naming.check_model(name))
    found = reader.settings({} if settings is None else _mapping(settings))
    reader.strict_nested = found.kept.get("strictEmbeddedModels") is True
    own, removed = reader.properties({} if properties is None else properties)
    result = _assemble(reader, found, own, removed, base, default_id_type)
    _warn(reader)
    return result


def _mapping(value: Any) -> Mapping[Any, Any]:
    if isinstance(value, Mapping):
        return value
    raise _bad(value, "settings are an object")


def _assemble(
    reader: _Reader,
    found: _Settings,
    own: dict[str, PropertyDef],
    removed: set[str],
    base: ModelDefinition | None,
    default_id_type: str,
) -> ModelDefinition:
    view = found.own.get("view")
    if view is not None and not isinstance(view, bool | Mapping):
        raise reader.wrong("view", view, "{'of': …, 'partition': […], 'clustering': […]}")
    view_spec = view_from_ldl(reader.model, view) if isinstance(view, Mapping) else None
    abstract = reader.flag(found, "abstract", default=False)
    inherited = _inherited(reader, found, own, removed, base)
    properties, key = _key(
        reader, found, {**inherited, **own}, base, view_spec, abstract, default_id_type
    )
    properties = _hidden(reader, found, properties)
    is_open, strict_filter = _strict(reader, found, base)
    hints = {k: {**(base.hints.get(k, {}) if base else {}), **found.hints.get(k, {})}
             for k in {**(base.hints if base else {}), **found.hints}}  # fmt: skip
    indexes = parse_indexes(
        reader.model, found.own.get("indexes"), properties, is_open=is_open is not False
    )
    names = {index.name for index in indexes}
    relations = _relations(reader, found.own.get("relations"))
    writes = found.own.get("writes", base.writes if base else None)
    if writes not in {None, "safe", "blind"}:
        raise reader.wrong("writes", writes, "'safe' or 'blind'")
    return ModelDefinition(
        name=reader.model,
        properties=properties,
        key=key,
        storage_name=_text(reader, found, "tableName"),
        open=is_open,
        strict_filter=strict_filter,
        indexes=(*(i for i in (base.indexes if base else ()) if i.name not in names), *indexes),
        view=view_spec,
        managed=reader.flag(found, "managed", default=view is not True),
        versioned=reader.flag(found, "versioned", default=base.versioned if base else False),
        writes=writes,
        abstract=abstract,
        base=_text(reader, found, "base", "super"),
        relations={**(base.relations if base else {}), **relations},
        settings={**(base.settings if base else {}), **found.kept},
        hints=hints,
        extra=found.extra,
        typed=reader.flag(found, "typed", default=False),
        doc=_text(reader, found, "description", "doc") or "",
    )


def _text(reader: _Reader, found: _Settings, *words: str) -> str | None:
    value = found.text(*words)
    if words[0] == "description" and isinstance(value, list):
        value = " ".join(map(str, value))  # LoopBack's long descriptions
    if words[0] == "base" and value is not None:
        value = getattr(getattr(value, "__definition__", None), "name", value)
    if value is None or (isinstance(value, str) and value):
        return value
    if value == "":
        return None
    raise reader.wrong(words[0], value, "a text")


def _strict(
    reader: _Reader, found: _Settings, base: ModelDefinition | None
) -> tuple[bool | None, bool]:
    value = found.own.get("strict")
    if not isinstance(value, bool | str | None) or value not in _STRICT:
        raise reader.wrong("strict", value, "true, false, 'filter', 'validate' or 'throw'")
    if value is None and base is not None:
        return base.open, base.strict_filter
    return _STRICT[value]


def _inherited(
    reader: _Reader,
    found: _Settings,
    own: Mapping[str, PropertyDef],
    removed: set[str],
    base: ModelDefinition | None,
) -> dict[str, PropertyDef]:
    """The base's properties but for the removed ones; an own key replaces the base's."""
    if base is None:
        return {}
    without = set(removed)
    excluded = found.kept.get("excludeBaseProperties")
    if excluded is not None:
        if not isinstance(excluded, list | tuple) or not all(isinstance(n, str) for n in excluded):
            raise reader.wrong("excludeBaseProperties", excluded, "a list of names")
        without |= set(excluded)
    unknown = without - base.properties.keys()
    if unknown:
        raise ConfigurationError(
            f"{reader.model} removes {min(unknown)!r}, which {base.name} does not have",
            code="bad-definition",
            hint=did_you_mean(min(unknown), base.properties),
        )
    own_key = any(p.id for p in own.values()) or found.own.get("key") is not None
    return {
        name: prop.evolve(id=0) if own_key else prop
        for name, prop in base.properties.items()
        if name not in without and not (own_key and prop.injected)
    }


def _key(
    reader: _Reader,
    found: _Settings,
    properties: dict[str, PropertyDef],
    base: ModelDefinition | None,
    view: Any,
    abstract: bool,
    default_id_type: str,
) -> tuple[dict[str, PropertyDef], KeySpec | None]:
    if view is not None:
        for name, prop in properties.items():
            place = view.key.names.index(name) + 1 if name in view.key.names else 0
            properties[name] = prop.evolve(id=place)
        return properties, view.key
    key = found.own.get("key")
    clustering: Any = ()
    for hints in found.hints.values():
        clustering = hints.get("clusteringKeys") or clustering
    if key is None and not clustering and base is not None and base.key is not None:
        flagged = {n for n, p in properties.items() if p.id}
        if base.key.clustering and flagged == set(base.key.names):
            return properties, base.key
    inject = reader.flag(found, "idInjection", default=True) and not abstract
    return resolve_key(
        reader.model, properties, key=key, clustering=clustering, inject=inject,
        injected_type=default_id_type,
    )  # fmt: skip


def _hidden(
    reader: _Reader, found: _Settings, properties: dict[str, PropertyDef]
) -> dict[str, PropertyDef]:
    """``hidden`` and ``protected`` as lists or maps of names."""
    for words, flag in ((("hidden", "hiddenProperties"), "hidden"),
                        (("protected", "protectedProperties"), "protected")):  # fmt: skip
        given = found.text(*words)
        if given is None:
            continue
        if isinstance(given, Mapping):
            names = [name for name, on in given.items() if on]
        elif isinstance(given, list | tuple):
            names = list(given)
        else:
            raise reader.wrong(flag, given, "a list of properties")
        for name in names:
            if not isinstance(name, str):
                raise reader.wrong(flag, given, "a list of properties")
            if name in properties:
                properties[name] = properties[name].evolve(**{flag: True})
            else:
                found.extra.setdefault(flag, []).append(name)
    return properties


def _relations(reader: _Reader, given: Any) -> dict[str, Mapping[str, Any]]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise reader.wrong(
            "relations", given, "an object: {'posts': {'type': 'hasMany', 'model': 'Post'}}"
        )
    found: dict[str, Mapping[str, Any]] = {}
    for name, relation in given.items():
        naming.check_property(name, reader.model)
        if not isinstance(relation, Mapping) or not isinstance(relation.get("type"), str):
            raise reader.wrong(f"relation {name}", relation, "{'type': 'hasMany', 'model': 'Post'}")
        found[name] = dict(relation)
    return found


def read_properties(model: str, given: Mapping[str, Any]) -> dict[str, PropertyDef]:
    """Properties as they stand in LDL, for a model that is there.

    Raises:
        ConfigurationError: every mistake, with what it should be.
    """
    reader = _Reader(model)
    found, _ = reader.properties(given)
    _warn(reader)
    return found


def _warn(reader: _Reader) -> None:
    if reader.unknown:
        warnings.warn(
            f"{reader.model}: unknown keys are kept and not used: {', '.join(sorted(reader.unknown))}",
            DefinitionWarning,
            stacklevel=3,
        )
