"""LoopBack's other names of operations, in snake case: one table, read at run time.

They work on models, instances and their ``.aio`` twins; type checkers do not know them, so that
completion stays short.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from juggler.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Where a word of camel case begins.
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

#: Alias → canonical name, on a model.
CLASS_ALIASES: dict[str, str] = {
    "all": "find",
    "update_or_create": "upsert",
    "patch_or_create": "upsert",
    "patch_or_create_with_where": "upsert_with_where",
    "update": "update_all",
    "remove": "delete_all",
    "destroy_all": "delete_all",
    "remove_by_id": "delete_by_id",
    "destroy_by_id": "delete_by_id",
    "replace_or_create_by_id": "replace_or_create",
}

#: Alias → canonical name, on an instance.
INSTANCE_ALIASES: dict[str, str] = {
    "destroy": "delete",
    "remove": "delete",
    "update_attributes": "patch",
    "patch_attributes": "patch",
    "replace_attributes": "replace",
    "to_dict": "to_object",
}


#: What other libraries call it: only for suggestions.  Each has the names to look for, in order,
#: since a model and an instance do not have the same ones.
ELSEWHERE: dict[str, tuple[str, ...]] = {
    "as_dict": ("to_object",),
    "bulk_create": ("create_all",),
    "delete_many": ("delete_all",),
    "delete_one": ("delete_by_id", "delete"),
    "dict": ("to_object",),
    "filter": ("where",),
    "filter_by": ("where",),
    "find_many": ("find",),
    "first": ("find_one",),
    "get": ("find_by_id",),
    "get_or_create": ("find_or_create",),
    "get_or_none": ("find_by_id",),
    "insert": ("create", "save"),
    "insert_many": ("create_all",),
    "json": ("to_json",),
    "model_dump": ("to_object",),
    "objects": ("where",),
    "query": ("where",),
    "refresh": ("reload",),
    "refresh_from_db": ("reload",),
    "select": ("where",),
    "set": ("patch",),
    "update": ("patch",),
    "update_many": ("update_all",),
}

#: What a model has of its query.
QUERY_ALIASES = frozenset({"page", "pages"})


class UnknownOperationError(ConfigurationError, AttributeError):
    """There is no operation of that name."""

    default_code = "no-attribute"


def suggestion(name: str, known: Iterable[str]) -> str:
    """What to type instead of a name that is not known.

    The name may be in camel case, an alias, or what another library calls it.
    """
    names = set(known)
    snake = _WORD.sub("_", name).lower()
    for meant in (snake, INSTANCE_ALIASES.get(snake), *ELSEWHERE.get(snake, ()),
                  CLASS_ALIASES.get(snake)):  # fmt: skip
        if meant in names:
            return f"did you mean {meant!r}?"
    return did_you_mean(name, names)


def alias(owner: Any, name: str, table: Mapping[str, str]) -> Any:
    """What ``owner`` has under another name.

    Raises:
        UnknownOperationError: with a suggestion.
    """
    canonical = table.get(name)
    if canonical is None:
        brought = joined(owner, name)
        if brought is not None:
            return brought
        if name in QUERY_ALIASES and hasattr(type(owner), "_model"):
            return getattr(owner._model.where().aio, name)
        scope = _scope(owner, name)
        if scope is not None:
            return scope
        known = [n for n in dir(type(owner)) if not n.startswith("_")]
        raise UnknownOperationError(
            f"there is no asynchronous operation {name!r}",
            hint=suggestion(name, [*known, *table]),
        )
    return getattr(owner, canonical)


def _scope(owner: Any, name: str) -> Any:
    """The asynchronous form of a named scope."""
    from juggler.model.scopes import scope_named  # noqa: PLC0415 - scopes know aliases

    target = owner._model if hasattr(type(owner), "_model") else getattr(owner, "_instance", None)
    model = target if isinstance(target, type) else type(target)
    scope = scope_named(model, name) if hasattr(model, "__definition__") else None
    if scope is None or scope.static is not isinstance(target, type):
        return None
    return getattr(target, name).aio


def joined(owner: Any, name: str) -> Any:
    """The asynchronous form of an operation that the connector's data access brought."""
    of_class = hasattr(type(owner), "_model")
    if not of_class and not hasattr(type(owner), "_instance"):
        return None
    target = owner._model if of_class else owner._instance
    link = (target if of_class else type(target)).__link__
    member = getattr(link, "access", {}).get(name)
    return None if member is None or member.of_class != of_class else partial(member.aio, target)


def update_attribute(instance: Any) -> Any:
    """``user.update_attribute("name", "Ann")``: a patch of one property, in either colour."""
    return lambda name, value, **options: instance.patch({name: value}, **options)
