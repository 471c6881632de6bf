"""What a model says of itself, and how others are made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Self

    from juggler.model.base import Model
    from juggler.model.definition import ModelDefinition, PropertyDef
    from juggler.model.dynamic import DynamicModel


Accessor = TypeVar("Accessor", bound="Callable[..., Any]")


class Schema:
    """Class methods about the definition."""

    __slots__ = ()

    if TYPE_CHECKING:
        __definition__: ClassVar[ModelDefinition]
        __builder__: ClassVar[Any]
        __link__: ClassVar[Any]
        __replaced__: ClassVar[bool]
        __force_id__: ClassVar[bool]
        __name__: str

    @classmethod
    def attach_to(cls, source: Any) -> None:
        """Attach the model to a data source; the same as ``source.attach(User)``."""
        source.attach(cls)

    @classmethod
    def id_names(cls) -> tuple[str, ...]:
        """Names of the key's properties in key order."""
        return cls.__definition__.ids

    @classmethod
    def id_name(cls) -> str | None:
        """Name of the key's first property, None without a key."""
        return next(iter(cls.__definition__.ids), None)

    @classmethod
    def ldl(cls) -> dict[str, Any]:
        """The definition as an LDL document, JSON-able; reading it gives the same definition."""
        from juggler.model.ldl.writing import to_ldl  # noqa: PLC0415 - loads on first use

        return to_ldl(cls.__definition__)

    @staticmethod
    def from_ldl(
        source: str | Path | Mapping[str, Any], name: str | None = None
    ) -> type[DynamicModel]:
        """A model from an LDL document or a JSON file, as :meth:`juggler.ModelBuilder.from_ldl`."""
        from juggler.model.builder import ModelBuilder  # noqa: PLC0415 - loads on first use

        return ModelBuilder().from_ldl(source, name)

    @classmethod
    def extend(
        cls,
        name: str,
        properties: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> type[Self]:
        """A model that has this one's properties, settings and methods, and its own.

        A property that is None or False is left out; an own key replaces this model's.
        """
        from juggler.model.builder import ModelBuilder  # noqa: PLC0415 - loads on first use

        builder = cls.__builder__ or ModelBuilder()
        parent: Any = cls
        made: Any = builder.define(name, properties, settings, parent)
        return cast("type[Self]", made)

    @classmethod
    def mixin(cls, *others: type[Model] | str | Mapping[str, Any]) -> None:
        """Copy what this model lacks from other models: properties, methods, hooks, rules, scopes.

        Args:
            *others: models, or names of mixins (``db.mixins.define``); a name's options may follow
                it as a mapping.

        Raises:
            ConfigurationError: ``bad-mixin``, ``unknown-mixin``.
        """
        from juggler.model.mixins import mix  # noqa: PLC0415 - loads on first use

        mix(cls, others)

    @classmethod
    def getter(cls, name: str) -> Callable[[Accessor], Accessor]:
        """Let a function answer for a property: ``@User.getter("name")``.

        It gets the instance; ``user["name"]`` is what is stored, as are filters, JSON and rows.
        """
        from juggler.model.making import accessor_of  # noqa: PLC0415 - loads on first use

        def register(function: Accessor) -> Accessor:
            accessor_of(cls, name).getter = function
            return function

        return register

    @classmethod
    def setter(cls, name: str) -> Callable[[Accessor], Accessor]:
        """Let a function take what is assigned to a property: ``@User.setter("name")``.

        It gets the instance and the value, and keeps it as ``user["name"] = value``; values that an
        instance is made with are kept as they are.
        """
        from juggler.model.making import accessor_of  # noqa: PLC0415 - loads on first use

        def register(function: Accessor) -> Accessor:
            accessor_of(cls, name).setter = function
            return function

        return register

    @classmethod
    def plural_name(cls) -> str:
        """The plural of the model's name: the setting ``plural``, else English."""
        from juggler.model.relations.words import plural  # noqa: PLC0415 - loads on first use

        settings = cls.__definition__.settings
        said = settings.get("plural") or settings.get("pluralModelName")
        return said if isinstance(said, str) else plural(cls.__definition__.name)

    @classmethod
    def update_only_properties(cls) -> list[str]:
        """Properties that a new row is not given: those marked ``updateOnly``, a forced key."""
        definition = cls.__definition__
        marked = [n for n, p in definition.properties.items() if p.extra.get("updateOnly") is True]
        return [*marked, *(n for n in definition.ids if cls.__force_id__ and n not in marked)]

    @classmethod
    def define_property(cls, name: str, form: Any) -> None:
        """Add a property, or replace it; ``form`` is a type or a mapping as in LDL."""
        from juggler.model.making import add_properties  # noqa: PLC0415 - loads on first use

        add_properties(cls, {name: form})

    @classmethod
    def get_property_type(cls, name: str) -> str | None:
        """The type of a property as LDL writes it, None when there is no such property."""
        from juggler.model.ldl.writing import type_text  # noqa: PLC0415 - loads on first use

        prop = cls.__definition__.properties.get(name)
        return None if prop is None else type_text(prop.type, prop.model)

    @classmethod
    def for_each_property(cls, visit: Callable[[str, PropertyDef], object]) -> None:
        """Call ``visit(name, property)`` for every property."""
        for name, prop in cls.__definition__.properties.items():
            visit(name, prop)
