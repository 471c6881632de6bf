"""Model classes out of a project's documents, bases first; what is refused is reported."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from juggler.errors import JugglerError
from juggler.loopback import builtin
from juggler.loopback.documents import Document
from juggler.loopback.properties import accepted
from juggler.loopback.salvage import because, salvage
from juggler.model.builder import ModelBuilder
from juggler.model.indexes import parse_indexes
from juggler.model.ldl.reading import DefinitionWarning
from juggler.model.ldl.words import CONNECTORS, PROPERTY_KEPT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from juggler.datasource import DataSource
    from juggler.loopback.documents import Documents
    from juggler.loopback.relations import Relations
    from juggler.loopback.report import Report
    from juggler.model import Model

#: Keys of a document that are read on their own.
_APART: Final = frozenset(
    {"name", "properties", "options", "base", "super", "relations", "indexes", "mixins"}
)
_NOTHING: Final = frozenset({"acls", "methods", "scope", "scopes", "validations"})
#: Settings that are objects, or lists of these.
_SHAPES: Final[dict[str, tuple[type, ...]]] = {
    "acls": (dict,),
    "methods": (dict, str),
    "mixins": (str,),
    "models": (str,),
    "options": (),
    "relations": (),
    "scopes": (),
}
#: Settings that model-config.json may not change.
_FIXED: Final = frozenset({"base", "super", "relations", "acls", "dataSource", "properties"})


class ProjectBuilder(ModelBuilder):
    """The models of a project by name, on whatever data source each of them is.

    Attributes:
        current: the data source that a model which is made now belongs to (joining models).
    """

    current: DataSource | None = None

    def __init__(self, mixins: Mapping[str, Any]) -> None:
        super().__init__()
        self.mixins.lenient = True  # what is missing is reported
        for name, mixin in mixins.items():
            self.mixins.define(name, mixin)

    def defined(self, model: type[Model], previous: type[Model] | None) -> None:
        """Attach a joining model beside the models that it joins."""
        super().defined(model, previous)
        if self.current is not None:
            self.current.attach(model)


@define
class Definer:
    """Defines the models of a project.

    Attributes:
        builder: gets the models.
        documents: the documents by name.
        config: model-config.json's entries by name.
        relations: reads relations.
        report: gets what is refused.
    """

    builder: ModelBuilder
    documents: Documents
    config: Mapping[str, Mapping[str, Any]]
    relations: Relations
    report: Report
    _open: list[str] = field(factory=list)

    def all(self, names: Iterable[str]) -> None:
        """Define these models and those that their properties hold."""
        waiting = list(names)
        while waiting:
            name = waiting.pop(0)
            model = self.one(name)
            if model is not None:
                held = {p.model for p in model.__definition__.properties.values() if p.model}
                waiting += sorted(held - self.builder.models.keys())

    def one(self, name: str) -> type[Model] | None:
        """The model of a name, defined now if need be; None when it cannot be."""
        made = self.builder.models.get(name)
        document = self.documents[name]
        if made is not None or document is None:
            return made
        self._open.append(name)
        try:
            return self._make(document)
        finally:
            self._open.pop()

    def _make(self, document: Document) -> type[Model] | None:
        document, base = self._based(document)
        settings, relations = self._said(document, base)
        properties = self._properties(document, base, relations)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DefinitionWarning)  # reported below
            try:
                settings = self._accepted(document.name, base, properties, settings)
                model = self.builder.define(
                    document.name, properties, {**settings, "relations": relations}, parent=base
                )
            except JugglerError as error:
                self.report.lose(document.name, f"is not defined: {because(error)}", error.hint)
                return None
        self._unknown(model)
        self._mixins(document)
        self._code(document, settings)
        return model

    # ------------------------------------------------------------ parts of a document

    def _accepted(
        self, name: str, base: Any, properties: Mapping[str, Any], settings: dict[str, Any]
    ) -> dict[str, Any]:
        """The settings that a definition takes, scopes one by one."""

        def accept(some: Mapping[str, Any]) -> None:
            ModelBuilder().define(name, properties, some, parent=base)

        scopes = settings.get("scopes")
        if isinstance(scopes, Mapping):
            settings["scopes"], refused = salvage(scopes, lambda some: accept({"scopes": some}))
            for word, error in refused:
                self.report.lose(f"{name}.scopes.{word}", because(error), error.hint)
        found, refused = salvage(settings, accept)
        for word, error in refused:
            self.report.lose(f"{name}.{word}", because(error), error.hint)
        return found

    def _based(self, document: Document) -> tuple[Document, type[Model] | None]:
        """The document and its base; one that extends LoopBack's model of its name holds both."""
        name, base = document.name, document.base
        if base in builtin.PLAIN:
            return document, None
        if base == name and name in builtin.MODELS:
            below, own = builtin.MODELS[name], document.data
            data = {
                **below,
                **own,
                "properties": {**below["properties"], **(own.get("properties") or {})},
                "relations": {**below.get("relations", {}), **(own.get("relations") or {})},
            }
            return Document(
                name, data, document.place, document.script, document.script_place
            ), None
        if base in self._open:
            self.report.lose(name, f"extends itself through {base}; it extends nothing here")
            return document, None
        found = self.one(base)
        if found is None:
            self.report.lose(
                name,
                f"extends {base}, which is not in the project; it extends nothing here",
                "a package that defines it has to be among _meta.sources and installed",
            )
        return document, found

    def _said(self, document: Document, base: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Settings and relations, model-config.json's on top."""
        data, config = document.data, self.config.get(document.name, {})
        options = _mapping(data.get("options"))
        settings = {k: v for k, v in {**data, **options}.items() if k not in _APART}
        configured = config.get("options")
        if isinstance(configured, Mapping):
            settings |= {k: v for k, v in configured.items() if k not in _FIXED}
        if isinstance(config.get("acls"), list):
            settings["acls"] = [*(settings.get("acls") or []), *config["acls"]]
        if data.get("mixins"):
            settings["mixins"] = data["mixins"]
        self._shaped(document, settings)
        if settings.get("idInjection") is False and self._inherits_key(document, base):
            del settings["idInjection"]
        settings |= self._indexes(document, data.get("indexes") or options.get("indexes"))
        self._shaped(document, {word: data.get(word) for word in ("options", "relations")})
        given = {**_mapping(data.get("relations")), **_mapping(options.get("relations"))}
        for name, more in _mapping(config.get("relations")).items():
            given[name] = {**_mapping(given.get(name)), **_mapping(more)}
        for word in _NOTHING & settings.keys():
            if not settings[word]:
                del settings[word]  # the generator writes empty ones
        relations = self.relations.of(document, given)
        for name in base.__definition__.properties.keys() & relations if base is not None else ():
            relations[f"{name}_"] = relations.pop(name)
            self.report.change(
                f"{document.name}.{name}",
                f"the relation is called {name}_ here: {name} is a property of {document.base}",
            )
        return settings, relations

    def _inherits_key(self, document: Document, base: Any) -> bool:
        """Whether a model without a key of its own has the one of PersistedModel.

        There ``idInjection: false`` leaves out nothing that is inherited.
        """
        given = _mapping(document.data.get("properties"))
        own = any(isinstance(form, Mapping) and form.get("id") for form in given.values())
        stored = bool(self.config.get(document.name, {}).get("dataSource"))
        persisted = document.base != "Model" or stored
        return persisted and base is None and not own

    def _shaped(self, document: Document, settings: dict[str, Any]) -> None:
        """Leave out what is neither an object nor a list where it has to be one of them."""
        for word in _SHAPES.keys() & settings.keys():
            value = settings[word]
            if not value:
                continue
            fits = isinstance(value, Mapping) or (
                isinstance(value, list) and all(isinstance(one, _SHAPES[word]) for one in value)
            )
            if not fits:
                del settings[word]
                self.report.lose(
                    f"{document.name}.{word}", f"{value!r:.40} is not what it has to be"
                )

    def _indexes(self, document: Document, given: Any) -> dict[str, Any]:
        if not given:
            return {}
        if not isinstance(given, Mapping):
            self.report.lose(f"{document.name}.indexes", "they are no JSON object")
            return {}
        found, refused = salvage(
            given, lambda some: parse_indexes(document.name, some, {}, is_open=True)
        )
        for name, error in refused:
            self.report.lose(f"{document.name}.indexes.{name}", because(error), error.hint)
        return {"indexes": found}

    def _properties(
        self, document: Document, base: Any, relations: Mapping[str, Any]
    ) -> dict[str, Any]:
        name, given = document.name, document.data.get("properties") or {}
        if not isinstance(given, Mapping):
            self.report.lose(f"{name}.properties", "they are no JSON object")
            return {}
        inherited = set(base.__definition__.properties) if base is not None else set()
        found: dict[str, Any] = {}
        for key, form in given.items():
            if form is None or form is False:
                if key in inherited:
                    found[key] = form
            elif key in relations:
                self.report.change(
                    f"{name}.{key}", "the relation of that name stands for the property"
                )
            else:
                found |= accepted(name, key, form, self._is_model, self.report)
        return found

    def _is_model(self, name: str) -> bool:
        return name in self.documents.models or name in self.builder.models

    # ------------------------------------------------------------ what is no definition

    def _mixins(self, document: Document) -> None:
        """Report the mixins that the caller did not give; the builder applies the others."""
        for name, options in _mapping(document.data.get("mixins")).items():
            if options is not False and name not in self.builder.mixins:
                file = self.documents.mixins.get(name)
                self.report.lose(
                    document.name,
                    f"the mixin {name} is JavaScript{f' ({file})' if file else ''}: not applied",
                    f'load(…, mixins={{"{name}": a model, or a function of model and options}})',
                )

    def _unknown(self, model: Any) -> None:
        """Report keys that nobody knows."""
        definition = model.__definition__
        base = model.__mro__[1].__definition__
        for word in sorted(definition.extra):
            self.report.keep(f"{definition.name}.{word}", "is no setting that Juggler knows")
        for word in sorted({*definition.hints} - CONNECTORS - {*base.hints}):
            self.report.keep(f"{definition.name}.{word}", "is taken for options of a connector")
        for name, prop in definition.properties.items():
            if name not in base.properties:
                for word in sorted({*prop.extra} - PROPERTY_KEPT):
                    place = f"{definition.name}.{name}.{word}"
                    self.report.keep(place, "is no option that Juggler knows")

    def _code(self, document: Document, settings: Mapping[str, Any]) -> None:
        """Report what is code, or for code, in a document and beside it."""
        name, report = document.name, self.report
        if document.script is not None:
            report.lose(document.script_place, f"does not run ({document.script})")
        methods = settings.get("methods")
        if methods:
            called = ", ".join(methods) if isinstance(methods, Mapping) else f"{len(methods)}"
            report.lose(f"{name}.methods", f"remote methods are JavaScript: {called}")
        if settings.get("trackChanges"):
            report.lose(f"{name}.trackChanges", "changes are not tracked")
        if settings.get("acls"):
            report.keep(f"{name}.acls", "access control belongs to LoopBack's server")
        if settings.get("validations"):
            report.keep(f"{name}.validations", "LoopBack does not read them from JSON either")


def _mapping(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}
