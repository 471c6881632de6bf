"""Attributes that models do not have, are not loaded, or live outside of slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import ConfigurationError
from juggler.model.names import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable


class MissingAttributeError(ConfigurationError, AttributeError):
    """A model or instance has no such attribute, or it was not loaded."""

    default_code = "no-attribute"


def no_attribute(model: Any, name: str, known: Iterable[str]) -> MissingAttributeError:
    """The error for a name that a model does not know."""
    return MissingAttributeError(
        f"{model.__name__} has no property or method {name!r}",
        hint=suggestion(name, known),
        model=model.__name__,
    )


def not_loaded(model: Any, name: str) -> MissingAttributeError:
    """The error for a property that a query's ``fields`` left out."""
    return MissingAttributeError(
        f"{model.__name__}.{name} was not loaded",
        code="not-loaded",
        hint=f"add {name!r} to fields, or call reload()",
        model=model.__name__,
    )


class Overflow:
    """The descriptor of a property without a slot: added later, or with a strange name."""

    def __init__(self, name: str, attribute: str) -> None:
        self.name = name
        self.attribute = attribute

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self
        more = instance._more
        if more is not None and self.name in more:
            return more[self.name]
        if instance._row is None:
            return None
        raise not_loaded(type(instance), self.attribute)

    def __set__(self, instance: Any, value: Any) -> None:
        if instance._more is None:
            instance._more = {}
        instance._more[self.name] = value

    def __delete__(self, instance: Any) -> None:
        instance._more.pop(self.name, None)


class Accessor(Overflow):
    """The descriptor of a property with a getter or setter of its own.

    The row holds what is stored, which ``row["name"]`` reads and writes past them.
    """

    def __init__(self, name: str, attribute: str) -> None:
        super().__init__(name, attribute)
        self.getter: Any = None
        self.setter: Any = None

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None or self.getter is None:
            return super().__get__(instance, owner)
        return self.getter(instance)

    def __set__(self, instance: Any, value: Any) -> None:
        if self.setter is None:
            super().__set__(instance, value)
        else:
            self.setter(instance, value)


def held(instance: Any, part: Any) -> Any:
    """What an instance holds for a property, past its getter.

    Raises:
        MissingAttributeError: ``not-loaded``.
    """
    if part.slot:
        return getattr(instance, part.attribute)
    return Overflow(part.name, part.attribute).__get__(instance, type(instance))


def hold(instance: Any, part: Any, value: Any) -> None:
    """Let an instance hold a value for a property, past its setter."""
    if part.slot:
        setattr(instance, part.attribute, value)
    else:
        Overflow(part.name, part.attribute).__set__(instance, value)


class RelationAttribute:
    """The descriptor of a relation: an instance's handle, made by the relations layer."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self
        from juggler.model.relations.handles import handle_of  # noqa: PLC0415 - loads on first use

        return handle_of(instance, self.name)

    def __set__(self, instance: Any, value: Any) -> None:
        handle = self.__get__(instance, type(instance))
        if not hasattr(handle, "set"):
            raise MissingAttributeError(
                f"{type(instance).__name__}.{self.name} leads to many: it cannot be assigned",
                code="not-assignable",
                hint=f"{self.name}.create(…) or {self.name}.add(…)",
                model=type(instance).__name__,
            )
        handle.set(value)


def is_relation(model: Any, name: Any) -> bool:
    """Whether a model has a relation of a name."""
    return any(isinstance(vars(c).get(name), RelationAttribute) for c in model.__mro__)


def related_values(model: Any, name: str, value: Any) -> dict[str, Any]:
    """What is stored for a relation that stands among values: see ``relations.given``."""
    from juggler.model.relations.given import values_of  # noqa: PLC0415 - loads on first use

    return values_of(model, name, value)
