"""The model builder: models out of dictionaries, documents and examples, by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from juggler.errors import ConfigurationError, did_you_mean
from juggler.model import naming, types_of
from juggler.model.introspect import introspect
from juggler.model.keys import DEFAULT_ID_TYPE
from juggler.model.ldl.reading import definition_from_ldl, document_parts
from juggler.model.ldl.types import ldl_type, split_options
from juggler.model.link import Replaced
from juggler.model.making import (
    add_properties,
    make_class,
    placeholder,
    refresh_outer,
    resolve_placeholder,
    setup,
)
from juggler.model.mixins import Mixins
from juggler.values.callers import caller_module

if TYPE_CHECKING:
    from juggler.model.base import Model
    from juggler.model.definition import ModelDefinition
    from juggler.model.dynamic import DynamicModel

#: LoopBack's base models that add no property.
PLAIN_BASES = frozenset({"Model", "PersistedModel", "DataModel", "KeyValueModel", "TransientModel"})
Schemas = Mapping[str, Any]


class ModelBuilder:
    """Defines models and finds them by name; a data source is one, too.

    Attributes:
        models: the classes by name.
        mixins: the mixins that definitions name.
        default_id_type: type name of the key that a definition without one is given.
    """

    default_id_type: str = DEFAULT_ID_TYPE

    def __init__(self) -> None:
        self.models: dict[str, type[DynamicModel]] = {}
        self.mixins = Mixins()
        self._anonymous = 0

    @property
    def definitions(self) -> dict[str, ModelDefinition]:
        """The definitions by name."""
        return {name: model.__definition__ for name, model in self.models.items()}

    # ------------------------------------------------------------ defining

    def define(
        self,
        name: str,
        properties: Schemas | None = None,
        settings: Schemas | None = None,
        parent: type[Model] | None = None,
    ) -> type[DynamicModel]:
        """Define a model: ``define("User", {"name": str, "age": {"type": int, "index": True}})``.

        A second definition of a name replaces the first: the new class keeps the storage name and
        the attachment, the old class fails with an error that says so.

        Args:
            name: the model's name.
            properties: by name, a type or a mapping of ``type`` and options.
            settings: LoopBack's settings, and connectors' options under their names.
            parent: the model to extend, instead of ``settings["base"]``.

        Raises:
            ConfigurationError: every mistake, with what it should be.
        """
        base = parent or self._base(name, settings)
        given: Any = settings
        if base is not None and (settings is None or isinstance(settings, Mapping)):
            given = {**(settings or {}), "base": base.__definition__.name}
        definition = definition_from_ldl(
            name,
            properties,
            given,
            base=base.__definition__ if base is not None else None,
            default_id_type=self.default_id_type,
        )
        return self.build(definition, base)

    create_model = define

    def build(
        self, definition: ModelDefinition, base: type[Model] | None = None
    ) -> type[DynamicModel]:
        """Make and register the class of a definition."""
        previous = self.models.get(definition.name)
        if previous is not None and previous.__definition__.settings.get(UNRESOLVED):
            resolve_placeholder(previous, definition, base)
            self._ready(previous, None)
            return previous
        if previous is not None and definition.storage_name is None:
            definition = definition.evolve(storage_name=previous.__definition__.storage_name)
        model: type[DynamicModel] = make_class(
            definition, base, builder=self, module=caller_module()
        )
        self.models[definition.name] = model
        try:
            self._ready(model, previous)
        except BaseException:
            if previous is None:
                del self.models[definition.name]
            else:
                self.models[definition.name] = previous
            raise
        if previous is not None:
            previous.__replaced__ = True
            previous.__link__ = Replaced(definition.name)
            refresh_outer(previous)
        return model

    def _ready(self, model: Any, previous: Any) -> None:
        self.mixins.settle(model)
        setup(model)
        self.defined(model, previous)

    def defined(self, model: type[Model], previous: type[Model] | None) -> None:
        """Called for every model that was defined; a data source attaches it here.

        Args:
            model: the new class.
            previous: the class that it replaces, None for a new name.
        """

    def _base(self, name: str, settings: Any) -> type[Model] | None:
        """The class that ``settings["base"]`` names."""
        if not isinstance(settings, Mapping):
            return None
        base = settings.get("base", settings.get("super"))
        if isinstance(base, type) and hasattr(base, "__definition__"):
            return base
        if isinstance(base, str):
            if base in self.models:
                return self.models[base]
            if base == "" or base in PLAIN_BASES:
                return None
        return None if base is None else self._no_base(name, base)

    def _no_base(self, name: str, base: Any) -> Any:
        raise ConfigurationError(
            f"{name} extends {base!r:.60}, which is not defined",
            code="unknown-base",
            hint=did_you_mean(str(base)[:60], {*self.models, *PLAIN_BASES}),
        )

    def define_property(self, model: str | type[Model], name: str, form: Any) -> None:
        """Add a property to a defined model, or replace it."""
        add_properties(self._model(model), {name: form})

    def extend_model(self, model: str | type[Model], properties: Schemas) -> None:
        """Add properties to a defined model."""
        add_properties(self._model(model), properties)

    # ------------------------------------------------------------ documents

    def from_ldl(self, source: str | Path | Schemas, name: str | None = None) -> type[DynamicModel]:
        """Define a model from an LDL document or a JSON file that holds one.

        Args:
            source: ``{name, properties, options | settings}``, LoopBack's JSON with settings at top
                level, a bare mapping of properties, or the path of such a file.
            name: the model's name where the document has none.

        Raises:
            ConfigurationError: the file cannot be read, or what is in it is no definition.
        """
        document = read_document(source) if isinstance(source, str | Path) else source
        stem = Path(source).stem if isinstance(source, str | Path) else None
        given, properties, settings = document_parts(document)
        return self.define(name or given or stem or self.get_schema_name(), properties, settings)

    def build_models(
        self, schemas: Schemas | list[Schemas], create_model: Any = None
    ) -> dict[str, type[DynamicModel]]:
        """Define several models at once; properties that name another of them become relations.

        Args:
            schemas: one document, a list of them, or a bare mapping of properties.
            create_model: called as ``define`` for each, instead of it.

        Returns:
            The classes by name.
        """
        make = create_model or self.define
        parts = []
        for document in schemas if isinstance(schemas, list | tuple) else [schemas]:
            name, properties, settings = document_parts(document)
            parts.append((self.get_schema_name(name), properties, settings))
        names = {name for name, _, _ in parts}
        found = {}
        for name, properties, settings in parts:
            own, relations = _relations(properties, names)
            relations.update(settings.get("relations") or {})
            found[name] = make(
                name, own, {**settings, **({"relations": relations} if relations else {})}
            )
        return found

    def build_model_from_instance(
        self, name: str, data: Schemas, options: Schemas | None = None
    ) -> type[DynamicModel]:
        """Define a model out of an example of its data (LoopBack's introspection)."""
        return self.define(name, introspect(data), options)

    # ------------------------------------------------------------ finding

    def get_model(self, name: str, *, force_create: bool = False) -> type[DynamicModel] | None:
        """The model of that name, None when there is none.

        Args:
            name: the model's name.
            force_create: make a placeholder, which a later definition fills in.
        """
        found = self.models.get(name)
        if found is None and force_create:
            found = self.models[name] = placeholder(naming.check_model(name), self)
        return found

    def get_model_definition(self, name: str) -> ModelDefinition | None:
        """The definition of that name, None when there is none."""
        found = self.models.get(name)
        return None if found is None else found.__definition__

    def get_schema_name(self, name: str | None = None) -> str:
        """The name, or a new name for a model without one (``AnonymousModel_1``)."""
        if name:
            return name
        self._anonymous += 1
        return f"AnonymousModel_{self._anonymous}"

    def resolve_type(self, form: Any) -> Any:
        """What a type's form means: a neutral type, or a model class for a model or a nested one.

        Raises:
            ConfigurationError: ``unknown-type``.
        """
        type_, _ = split_options(form)

        def nested(properties: Schemas, depth: int) -> ModelDefinition:
            del depth
            return definition_from_ldl(self.get_schema_name(), properties, {"idInjection": False})

        ref = ldl_type(type_, "type", nested)
        if ref.type is types_of.EMBEDDED:
            if ref.nested is not None:
                return make_class(ref.nested, None, builder=self, module=caller_module())
            return ref.cls or self.get_model(ref.model, force_create=True)
        return ref.type

    @staticmethod
    def define_value_type(type_: str | type, *aliases: str, kind: str = "any") -> None:
        """Let definitions name a type of your own.

        Args:
            type_: its name, or a Python class for annotations and dictionaries.
            aliases: more names, in any case.
            kind: the built-in type that its values are.
        """
        types_of.register(type_, aliases, kind)

    def copy_model(self, master: type[Model]) -> type[Model]:
        """A class of the same definition, under the same name, in this builder.

        It extends ``master``, which stays as it is and where it is; a data source attaches the copy
        to itself.  Where the name is taken here, the copy is not registered.
        """
        definition = master.__definition__
        copied: type[DynamicModel] = make_class(
            definition, master, builder=self, module=caller_module()
        )
        if definition.name not in self.models:
            self.models[definition.name] = copied
            self.defined(copied, None)
        return copied

    def delete_model_by_name(self, name: str) -> None:
        """Forget a model; its class is as good as replaced."""
        model = self.models.pop(name, None)
        if model is not None:
            model.__replaced__ = True
            model.__link__ = Replaced(name)

    def delete_all_models(self) -> None:
        """Forget all models."""
        for name in list(self.models):
            self.delete_model_by_name(name)

    def _model(self, model: str | type[Model]) -> Any:
        if not isinstance(model, str):
            return model
        found = self.models.get(model)
        if found is None:
            raise ConfigurationError(
                f"there is no model {model!r}",
                code="unknown-model",
                hint=did_you_mean(model, self.models),
            )
        return found


#: Setting that marks a placeholder.
UNRESOLVED = "unresolved"


def read_document(path: str | Path) -> Any:
    """The JSON of a file.

    Raises:
        ConfigurationError: ``bad-definition`` when it cannot be read.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"the definition {str(path)!r} cannot be read: {error}",
            code="bad-definition",
            hint="a JSON file with name, properties and options",
        ) from error


def _relations(
    properties: Schemas, names: set[str]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Properties, and relations made of those that name one of the models."""
    own: dict[str, Any] = {}
    relations: dict[str, dict[str, Any]] = {}
    for name, form in properties.items():
        type_, _ = split_options(form)
        many = isinstance(type_, list) and len(type_) == 1
        target = type_[0] if many else type_
        if isinstance(target, str) and target in names:
            relations[name] = {"type": "hasMany" if many else "belongsTo", "model": target}
        else:
            own[name] = form
    return own, relations
