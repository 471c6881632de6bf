"""Reading LDL, LoopBack's definition language: documents and dictionaries as definitions."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import define

from juggler.model import naming
from juggler.model.definition import ModelDefinition, PropertyDef
from juggler.model.indexes import parse_indexes
from juggler.model.keys import DEFAULT_ID_TYPE, resolve_key
from juggler.model.ldl.properties import PropertyReader, bad_definition
from juggler.model.ldl.settings import Settings
from juggler.model.merging import excluded, merge
from juggler.model.types_of import NAMES
from juggler.model.views import view_from_ldl
from juggler.values.callers import stack_level

if TYPE_CHECKING:
    from juggler.spec import KeySpec, ViewSpec


class DefinitionWarning(UserWarning):
    """A definition has keys that nobody knows; they are kept."""


def document_parts(document: Any) -> tuple[str | None, Mapping[str, Any], dict[str, Any]]:
    """Name, properties and settings of a document in any of its forms.

    It is ``{name, properties, options | settings}``, LoopBack's JSON with settings at top level,
    or a bare mapping of properties.

    Raises:
        ConfigurationError: ``bad-definition``.
    """
    if not isinstance(document, Mapping):
        raise bad_definition(document, "a document is an object with name and properties")
    name = document.get("name")
    is_name = isinstance(name, str) and name.strip().lower() not in NAMES
    whole = isinstance(document.get("properties"), Mapping) or is_name
    if not whole and not ({"options", "settings", "base"} & document.keys()):
        return None, document, {}
    settings: dict[str, Any] = {}
    for word in ("options", "settings"):
        part = document.get(word)
        if part is not None and not isinstance(part, Mapping):
            raise bad_definition(part, f"{word} is an object")
        settings.update(part or {})
    top = {
        k: v for k, v in document.items() if k not in {"name", "properties", "options", "settings"}
    }
    if name is not None and not isinstance(name, str):
        raise bad_definition(name, "a name is a text")
    return name, document.get("properties") or {}, {**settings, **top}


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
    reader = PropertyReader(naming.check_model(name))
    found = Settings.read(name, settings)
    reader.unknown += found.extra
    reader.strict_nested = found.kept.get("strictEmbeddedModels") is True
    own, removed = reader.all({} if properties is None else properties)
    definition = _Draft(found, own, removed, base, default_id_type).definition()
    _warn(reader)
    return definition


def read_properties(model: str, given: Mapping[str, Any]) -> dict[str, PropertyDef]:
    """Properties as they stand in LDL, for a model that is there.

    Raises:
        ConfigurationError: every mistake, with what it should be.
    """
    reader = PropertyReader(model)
    found, _ = reader.all(given)
    _warn(reader)
    return found


def _warn(reader: PropertyReader) -> None:
    if reader.unknown:
        names = ", ".join(sorted(reader.unknown))
        warnings.warn(
            f"{reader.model}: unknown keys are kept and not used: {names}",
            DefinitionWarning,
            stacklevel=stack_level(),
        )


@define
class _Draft:
    """A definition that is being put together out of its settings, properties and base."""

    settings: Settings
    own: dict[str, PropertyDef]
    removed: set[str]
    base: ModelDefinition | None
    default_id_type: str

    def definition(self) -> ModelDefinition:
        settings, base = self.settings, self.base
        inherited = base.settings if base is not None else {}
        view = self.view()
        properties, key = self.keyed({**self.inherited(), **self.own}, view)
        settings.mark(properties)
        is_open, strict_filter = settings.strict(base)
        indexes = parse_indexes(
            settings.model, settings.own.get("indexes"), properties, is_open=is_open is not False
        )
        names = {index.name for index in indexes}
        return ModelDefinition(
            name=settings.model,
            properties=properties,
            key=key,
            storage_name=settings.text("tableName"),
            open=is_open,
            strict_filter=strict_filter,
            indexes=(*(i for i in (base.indexes if base else ()) if i.name not in names), *indexes),
            view=view,
            managed=settings.flag("managed", default=settings.own.get("view") is not True),
            versioned=settings.flag("versioned", default=base.versioned if base else False),
            writes=settings.writes(base),
            abstract=settings.flag("abstract", default=False),
            base=settings.base(),
            relations={**(base.relations if base else {}), **settings.relations()},
            settings=merge(settings.model, inherited, settings.kept),
            hints=self.hints(),
            extra=settings.extra,
            typed=settings.flag("typed", default=False),
            doc=settings.description(),
        )

    def view(self) -> ViewSpec | None:
        """A declared view; ``view: true`` only marks a model over a view made by hand."""
        given = self.settings.own.get("view")
        if isinstance(given, Mapping):
            return view_from_ldl(self.settings.model, given)
        if given is not None and not isinstance(given, bool):
            raise self.settings.wrong("view", given, "{'of': …, 'partition': […], 'fields': […]}")
        return None

    def hints(self) -> dict[str, dict[str, Any]]:
        """Options of connectors, the base's below the own."""
        inherited = self.base.hints if self.base else {}
        own = self.settings.hints
        return {k: {**inherited.get(k, {}), **own.get(k, {})} for k in {**inherited, **own}}

    def inherited(self) -> dict[str, PropertyDef]:
        """The base's properties but for the removed ones; an own key replaces the base's."""
        base = self.base
        if base is None:
            return {}
        without = excluded(self.settings.model, self.settings.kept, base, self.removed)
        if without:  # one spelling of it in the definition
            self.settings.kept["excludeBaseProperties"] = sorted(without)
        own_key = any(p.id for p in self.own.values()) or self.settings.own.get("key") is not None
        return {
            name: prop.evolve(id=0) if own_key else prop
            for name, prop in base.properties.items()
            if name not in without and not (own_key and prop.injected)
        }

    def keyed(
        self, properties: dict[str, PropertyDef], view: ViewSpec | None
    ) -> tuple[dict[str, PropertyDef], KeySpec | None]:
        """The properties with their places in the key, and the key."""
        if view is not None:
            names = view.key.names
            return {
                name: prop.evolve(id=names.index(name) + 1 if name in names else 0)
                for name, prop in properties.items()
            }, view.key
        key, clustering = self.settings.own.get("key"), self.settings.clustering()
        base_key = self.base.key if self.base is not None else None
        if key is None and not clustering and base_key is not None and base_key.clustering:
            flagged = {name for name, prop in properties.items() if prop.id}
            if flagged == set(base_key.names):
                return properties, base_key
        abstract = self.settings.flag("abstract", default=False)
        return resolve_key(
            self.settings.model,
            properties,
            key=key,
            clustering=clustering,
            inject=self.settings.flag("idInjection", default=True) and not abstract,
            injected_type=self.default_id_type,
        )
