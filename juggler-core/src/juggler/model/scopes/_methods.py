"""What scopes add to models: the class methods, and the attributes of classes and instances."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, overload

from juggler.model.query import Query
from juggler.model.scopes._default import bad_scope, default_of
from juggler.model.scopes._definition import (
    own_scopes,
    read_scopes,
    scope_named,
    scope_names,
    scope_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from juggler.model.definition import ModelDefinition
    from juggler.model.scopes._default import DefaultScope
    from juggler.model.scopes._definition import Scope

Function = TypeVar("Function", bound="Callable[..., Any]")


class Scoped:
    """Class methods about scopes."""

    __slots__ = ()

    #: This class's own scopes; bases have theirs.
    __scopes__: ClassVar[dict[str, Scope]] = {}
    #: The default scope, None without one: the one test that operations pay for.
    __scope__: ClassVar[DefaultScope | None] = None

    @classmethod
    def unscoped(cls) -> Query[Self]:
        """A query of all rows, whatever the default scope says."""
        return Query(cls, options={"unscoped": True})

    @overload
    @classmethod
    def scope(
        cls, name: str, given: None = None, /, target: Any = None,
        methods: Mapping[str, Callable[..., Any]] | None = None,
        options: Mapping[str, Any] | None = None, *, static: bool | None = None,
    ) -> Callable[[Function], Function]: ...  # fmt: skip
    @overload
    @classmethod
    def scope(
        cls, name: str, given: Any, /, target: Any = None,
        methods: Mapping[str, Callable[..., Any]] | None = None,
        options: Mapping[str, Any] | None = None, *, static: bool | None = None,
    ) -> None: ...  # fmt: skip
    @classmethod
    def scope(
        cls, name: str, given: Any = None, /, target: Any = None,
        methods: Mapping[str, Callable[..., Any]] | None = None,
        options: Mapping[str, Any] | None = None, *, static: bool | None = None,
    ) -> Any:  # fmt: skip
        """Name a part of the rows: ``User.scope("adults", {"where": {"age": {"gte": 18}}})``.

        ``User.adults()`` then gives its rows; ``count``, ``create``, ``update_all``, ``delete_all``
        and the rest stay inside; ``User.adults.active()`` is both scopes, and changes neither.

        Args:
            name: its name.
            given: a filter, a condition, a query, or a function that gives one; its arguments are
                those of the call (``User.older(30)``).  Without it, this is a decorator.
            target: the model whose rows they are, this one by default.
            methods: functions of the scope by name; they get the scope first.
            options: LoopBack's options: ``{"isStatic": False}``.
            static: False for a scope of each instance, whose function gets the instance first.

        Raises:
            ConfigurationError: ``bad-scope``.
        """
        if static is None:
            static = (options or {}).get("isStatic") is not False

        def declare(function: Any) -> Any:
            scope = scope_of(
                cls.__name__, name, function, target=target, static=static, methods=methods or {}
            )
            add_scope(cls, scope)
            return function

        if given is None:
            return declare
        declare(given)
        return None


@cache
def _class_level(name: str) -> property:
    def handle(cls: Any) -> Any:
        scope = scope_named(cls, name)
        if scope is None or not scope.static:
            raise AttributeError(name)
        from juggler.model.scopes._query import handle_of  # noqa: PLC0415 - loads on first use

        return handle_of(cls, scope)

    return property(handle)


class InstanceScope:
    """The descriptor of a scope that each instance has."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            raise AttributeError(self.name)
        from juggler.model.scopes._query import handle_of  # noqa: PLC0415 - loads on first use

        scope: Any = scope_named(owner, self.name)
        return handle_of(owner, scope, instance)


def install(cls: Any, definition: ModelDefinition) -> None:
    """Give a class the scopes that its settings speak of."""
    cls.__scope__ = default_of(definition.name, definition.settings)
    for scope in read_scopes(definition.name, definition.settings.get("scopes")).values():
        inherited = scope_named(cls, scope.name)
        if inherited is None or (
            scope.name not in own_scopes(cls) and inherited.given is not scope.given
        ):
            add_scope(cls, scope)


def add_scope(cls: Any, scope: Scope) -> None:
    definition: ModelDefinition = cls.__definition__
    taken = {p.attribute for p in definition.properties.values()} | set(definition.relations)
    members = {name for c in cls.__mro__ for name in vars(c)} - scope_names(cls)
    if scope.name in taken | members:
        raise bad_scope(
            definition.name, f"the scope {scope.name!r}",
            "a property, relation or method has that name", "give the scope another name",
        )  # fmt: skip
    if vars(cls).get("__scopes__") is None:
        cls.__scopes__ = {}
    cls.__scopes__[scope.name] = scope
    if scope.static:
        setattr(type(cls), scope.name, _class_level(scope.name))
    else:
        type.__setattr__(cls, scope.name, InstanceScope(scope.name))
