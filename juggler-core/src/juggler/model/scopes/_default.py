"""The default scope: every read, count, update and delete of a model keeps to it.

It stands in the settings as ``scope``, a filter or a function that gives one; ``unscoped()`` leaves
it out.  New rows are given nothing of it, unless it says ``"applyOnWrite": true``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from juggler.errors import ConfigurationError, JugglerError
from juggler.model.conditions import filter_of
from juggler.model.scopes._merging import equalities, within
from juggler.query import Condition, Filter

if TYPE_CHECKING:
    from juggler.model.query import Query

#: The words for "new rows get the equalities of the scope".
ON_WRITE = ("applyOnWrite", "apply_on_write")
#: Marks a query that keeps to the default scope already.
_DONE = "scoped"


@frozen
class DefaultScope:
    """A model's default scope.

    Attributes:
        given: a filter (a mapping, a condition or a query), or a function without arguments, or of
            the model, that gives one.
        on_write: whether new rows get its equalities where nothing else is given.
    """

    given: Any
    on_write: bool = False

    def filter(self, model: Any) -> Filter:
        """The filter, of a function asked for anew."""
        given = self.given
        if callable(given) and not isinstance(given, Condition):
            given = given(model) if _takes_model(given) else given()
        return filter_in(model, given)

    def filled(self, model: Any, data: Any) -> Any:
        """Data of a new row, with the equalities of the scope where nothing is given."""
        if not self.on_write:
            return data
        said = equalities(self.filter(model).where)
        if isinstance(data, Mapping):
            return {**said, **data}
        for name, value in said.items():
            if data[name] is None:
                data[name] = value
        return data


def filter_in(model: Any, given: Any) -> Filter:
    """The filter that a scope was given, or that its function gave."""
    from juggler.model.query import Query  # noqa: PLC0415 - queries know scopes

    if isinstance(given, Query):
        return given.filter
    if isinstance(given, Mapping):
        given = {k: v for k, v in given.items() if k not in (*ON_WRITE, "options")}
    return filter_of(model, given)


def default_of(model: str, settings: Mapping[str, Any]) -> DefaultScope | None:
    """The default scope that settings speak of, None without one.

    Raises:
        ConfigurationError: ``bad-scope``.
    """
    given = settings.get("scope")
    if given is None or given == {}:
        return None
    on_write = False
    if isinstance(given, Mapping):
        on_write = any(given.get(word) is True for word in ON_WRITE)
    check_filter(model, "the default scope", given)
    return DefaultScope(given, on_write)


def check_filter(model: str, what: str, given: Any) -> None:
    """Refuse what is no filter; names of properties are checked when it is used.

    Raises:
        ConfigurationError: ``bad-scope``.
    """
    from juggler.model.query import Query  # noqa: PLC0415 - queries know scopes

    if isinstance(given, Mapping):
        try:
            filter_in(_Nameless(model), given)
        except JugglerError as error:
            raise bad_scope(model, what, error.message, error.hint) from error
    elif not isinstance(given, Condition | Query | Callable):
        raise bad_scope(model, what, f"{given!r:.60} is no filter", "{'where': {'active': True}}")


def bad_scope(model: str, what: str, problem: str, hint: str | None) -> ConfigurationError:
    """The error for a scope that makes no sense."""
    return ConfigurationError(
        f"{what} of {model}: {problem}", code="bad-scope", hint=hint or "", model=model
    )


class _Nameless:
    """Stands for a model whose properties are not known yet."""

    def __init__(self, name: str) -> None:
        from juggler.model.definition import ModelDefinition  # noqa: PLC0415 - for checks only

        self.__name__ = name
        self.__definition__ = ModelDefinition(name, {})


def scoped(query: Query[Any]) -> Query[Any]:
    """The query within its model's default scope, unless it says ``unscoped``."""
    scope: DefaultScope | None = query.model.__scope__
    options = query.options
    if scope is None or options.get("unscoped") or options.get(_DONE):
        return query
    merged = within(query, scope.filter(query.model))
    return evolve(merged, options={**options, _DONE: True})


def _takes_model(function: Any) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD} for p in parameters)
