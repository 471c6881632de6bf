"""Named scopes: what they are, and where a class finds them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from juggler.errors import ConfigurationError
from juggler.model import naming, registry
from juggler.model.scopes._default import bad_scope, check_filter, filter_in
from juggler.query import Condition, Filter


@frozen
class Scope:
    """A named scope.

    Attributes:
        name: its name.
        given: a filter (a mapping, a condition or a query), or a function that gives one.
        target: the model whose rows they are, by class or name; None for the model itself.
        static: whether it belongs to the class; False for one of each instance.
        methods: functions of the scope, by name: they get the scope first.
    """

    name: str
    given: Any
    target: Any = None
    static: bool = True
    methods: Mapping[str, Callable[..., Any]] = field(factory=dict)

    @property
    def is_function(self) -> bool:
        """Whether the filter is made by a function."""
        return callable(self.given) and not isinstance(self.given, Condition)

    def model_of(self, owner: Any) -> Any:
        """The model whose rows the scope holds."""
        if self.target is None:
            return owner
        if not isinstance(self.target, str):
            return self.target
        found = registry.find(owner, self.target)
        if found is None:
            raise ConfigurationError(
                f"the scope {self.name!r} is of {self.target!r}, which is not defined",
                code="unresolved-model",
                hint=f"define {self.target!r} first",
            )
        return found

    def filter(
        self, model: Any, instance: Any, args: tuple[Any, ...], named: Mapping[str, Any]
    ) -> Filter:
        """The filter for these arguments."""
        given = self.given
        if self.is_function:
            own = () if self.static else (instance,)
            given = given(*own, *args, **named)
        return filter_in(self.model_of(model), given)

    def split(
        self, args: tuple[Any, ...], named: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], tuple[Any, ...], dict[str, Any]]:
        """A call's arguments: the function's own, then the query's."""
        if not self.is_function:
            return (), {}, args, dict(named)
        places, words, every = _parameters(self.given)
        places = max(0, places - (0 if self.static else 1))
        mine = {k: v for k, v in named.items() if every or k in words}
        count = min(places, len(args))
        rest = {k: v for k, v in named.items() if k not in mine}
        return args[:count], mine, args[count:], rest


def _parameters(function: Any) -> tuple[int, set[str], bool]:
    """How many arguments a function takes by place, their names, whether it takes any name."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 0, set(), False
    by_place = [p for p in parameters if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}]
    any_number = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    words = {p.name for p in parameters if p.kind in {p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY}}
    every = any(p.kind is p.VAR_KEYWORD for p in parameters)
    return 1 << 16 if any_number else len(by_place), words, every


def scope_of(model: str, name: Any, given: Any, **more: Any) -> Scope:
    """A scope out of what a definition says.

    Raises:
        ConfigurationError: ``bad-scope``.
    """
    if not isinstance(name, str) or not name.isidentifier() or naming.is_reserved(name):
        raise bad_scope(
            model, f"the scope {name!r:.40}", "a scope needs a name of its own", "'adults'"
        )
    check_filter(model, f"the scope {name!r}", given)
    if isinstance(given, Mapping) and isinstance(given.get("options"), Mapping):
        more.setdefault("static", given["options"].get("isStatic") is not False)
    return Scope(name, given, **more)


def read_scopes(model: str, given: Any) -> dict[str, Scope]:
    """The scopes of the setting ``scopes``: by name, a filter or a function."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise bad_scope(
            model, "the scopes", f"{given!r:.60} is no mapping", "{'adults': {'where': {…}}}"
        )
    return {name: scope_of(model, name, form) for name, form in given.items()}


def own_scopes(model: Any) -> dict[str, Scope]:
    """The scopes that a class itself has; its bases have theirs."""
    found: dict[str, Scope] = vars(model).get("__scopes__", {})
    return found


def scope_named(model: Any, name: str) -> Scope | None:
    """The scope of that name, of the class or the nearest base."""
    for cls in model.__mro__:
        found = own_scopes(cls).get(name)
        if found is not None:
            return found
    return None


def scope_names(model: Any) -> set[str]:
    """The names of all scopes."""
    return {name for cls in model.__mro__ for name in own_scopes(cls)}
