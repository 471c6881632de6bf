"""Declared views: ``class Members(View, of=AllInfo, key=Key(...))`` and LDL's ``view``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import ConfigurationError
from juggler.model.keys import said
from juggler.spec import KeySpec, ViewSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORM = 'class Members(View, of=AllInfo, key=Key(partition=("team",)), fields=("zipCode",))'


def parse_view(model: str, given: Mapping[str, Any]) -> ViewSpec:
    """A view out of its keywords ``of``, ``key`` and ``fields``.

    Raises:
        ConfigurationError: ``bad-view``.
    """
    of = given.get("of")
    base = getattr(of, "__definition__", None)
    name = base.name if base is not None else of
    fields = given.get("fields") or ()
    key = given.get("key")
    if not isinstance(name, str) or not name or key is None:
        raise ConfigurationError(
            f"the view {model} needs a base model and a key", code="bad-view", hint=_FORM
        )
    if isinstance(fields, str) or not all(isinstance(f, str) for f in fields):
        raise ConfigurationError(
            f"the view {model}: fields={fields!r:.60}", code="bad-view", hint=_FORM
        )
    return ViewSpec(name, said(model, key), tuple(fields))


def view_from_ldl(model: str, given: Mapping[str, Any]) -> ViewSpec:
    """A view out of LDL's ``view: {of, partition, clustering, fields}``."""
    key = {"partition": given.get("partition"), "clustering": given.get("clustering") or ()}
    return parse_view(model, {"of": given.get("of"), "key": key, "fields": given.get("fields")})


def view_properties(view: ViewSpec, base: Any, model: str) -> tuple[dict[str, Any], ViewSpec]:
    """Properties of a view out of its base model, and the view with its complete key.

    Key columns of the base that the view does not name are added to its clustering.

    Raises:
        ConfigurationError: ``bad-view`` for names that the base does not have.
    """
    missing = [n for n in base.ids if n not in view.key.names]
    key = KeySpec(view.key.partition, (*view.key.clustering, *((n, "asc") for n in missing)))
    wanted = list(dict.fromkeys((*key.names, *view.fields)))
    unknown = [name for name in wanted if name not in base.properties]
    if unknown:
        raise ConfigurationError(
            f"the view {model} names {unknown[0]!r}, which {base.name} does not have",
            code="bad-view",
            hint=f"{base.name} has {', '.join(base.properties)}",
        )
    names = wanted if view.fields else list(dict.fromkeys((*wanted, *base.properties)))
    # Indexes and uniqueness are the base's: the view is another arrangement of the same rows.
    properties = {
        name: base.properties[name].evolve(
            id=key.names.index(name) + 1 if name in key.names else 0, index=False, unique=False
        )
        for name in names
    }
    return properties, ViewSpec(view.of, key, view.fields)
