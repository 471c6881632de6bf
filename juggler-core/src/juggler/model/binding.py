"""From a model class to a codec: references resolved, the connector's spec made, code generated."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from juggler.errors import ConfigurationError, did_you_mean
from juggler.model import registry
from juggler.model.codec.codec import Codec
from juggler.model.definition import leaf
from juggler.model.keys import with_id_type
from juggler.model.views import view_properties
from juggler.spec import EXTRA
from juggler.values.types import TypeKind

if TYPE_CHECKING:
    from juggler.model.definition import ModelDefinition, PropertyDef
    from juggler.model.link import Link
    from juggler.spec import ModelSpec


def resolve(model: Any) -> ModelDefinition:
    """The definition of a model, its embedded models and its view's base found.

    Raises:
        ConfigurationError: ``unresolved-model`` when one is not defined.
    """
    definition: ModelDefinition = model.__definition__
    properties = dict(definition.properties)
    for name, prop in properties.items():
        if prop.model:
            target = embedded_class(model, prop)
            if target is None:
                raise _unresolved(model, prop)
            if prop.target is not target.__definition__:
                properties[name] = prop.evolve(target=target.__definition__)
    definition = definition.evolve(properties=properties)
    if definition.view is not None and any(n not in properties for n in definition.view.key.names):
        definition = _complete_view(model, definition)
    model.__definition__ = definition
    return definition


def _complete_view(model: Any, definition: ModelDefinition) -> ModelDefinition:
    """A view whose base was not known when it was defined."""
    view = definition.view
    base = registry.find(model, view.of) if view is not None else None
    if view is None or base is None:
        raise ConfigurationError(
            f"the view {definition.name} is of {view.of if view else ''!r}, which is not defined",
            code="unresolved-model",
            hint="define the base model first",
        )
    properties, view = view_properties(view, base.__definition__, definition.name)
    completed = definition.evolve(properties=properties, key=view.key, view=view)
    model.__adopt__(completed)
    return completed


def _unresolved(model: Any, prop: PropertyDef) -> ConfigurationError:
    return ConfigurationError(
        f"{model.__name__}.{prop.name} has the type {prop.model!r}, which is no type and no model",
        code="unresolved-model",
        hint=f"{did_you_mean(prop.model, registry.names(model))}; a model may be defined later",
        model=model.__name__,
    )


def make_codec(model: Any, spec: ModelSpec, *, naive_utc: bool = False) -> Codec:
    """The codec of a model for a spec of it, with those of its embedded models."""
    definition = model.__definition__
    inner: dict[str, Codec] = {}
    for field in spec.fields:
        if field.name == EXTRA:
            continue
        of = leaf(field.type)
        if of.kind is TypeKind.EMBEDDED and of.model is not None:
            nested = nested_class(model, definition.properties[field.name])
            inner[field.name] = make_codec(nested, of.model, naive_utc=naive_utc)
            _know(nested, model)
    return Codec(model, spec, definition, inner, naive_utc=naive_utc)


def _know(nested: Any, outer: Any) -> None:
    """Let an embedded model know what it is embedded in: its rules and hooks run there, too."""
    if vars(nested).get("__outer__") is None:
        nested.__outer__ = weakref.WeakSet()
    nested.__outer__.add(outer)
    if nested.__validated__ or nested.__hooked__:
        outer.__validated__ = True


def nested_class(model: Any, prop: PropertyDef) -> Any:
    """The class of the embedded model in a property's type."""
    nested = model.__nested__.get(prop.name)
    if nested is not None:
        return nested
    found = embedded_class(model, prop)
    if found is None:
        raise _unresolved(model, prop)
    resolve(found)
    return found


def embedded_class(model: Any, prop: PropertyDef) -> Any:
    """The class that a property's type refers to by class or by name; None when there is none."""
    given = prop.embeds
    if given is not None and not given.__replaced__:
        return given
    return registry.find(model, prop.model)


def bind(
    model: Any,
    connector: str,
    *,
    aliases: tuple[str, ...] = (),
    open_models: bool = False,
    default_id_type: str | None = None,
    naive_utc: bool = False,
) -> tuple[ModelSpec, Codec]:
    """What a data source needs to attach a model.

    Args:
        model: the model class.
        connector: the connector's name; its hints are taken.
        aliases: other names under which hints may stand.
        open_models: whether the connector keeps undeclared properties.
        default_id_type: type name of injected ids.
        naive_utc: whether datetimes without zone are taken as UTC.

    Returns:
        The spec for the connector's ``bind``, and the codec for the link.
    """
    resolve_deep(model, ())
    if default_id_type is not None:
        _settle_ids(model, default_id_type)
    definition = model.__definition__
    spec = definition.spec(connector, open_models=open_models, aliases=aliases)
    return spec, make_codec(model, spec, naive_utc=naive_utc)


def resolve_deep(model: Any, seen: tuple[Any, ...]) -> None:
    """Resolve a model after everything that is embedded in it."""
    for prop in model.__definition__.properties.values():
        if prop.model or prop.nested:
            nested = model.__nested__.get(prop.name) or embedded_class(model, prop)
            if nested is not None and nested is not model and nested not in seen:
                resolve_deep(nested, (*seen, model))
    resolved = resolve(model)
    properties = dict(resolved.properties)
    for name, nested in model.__nested__.items():
        if name in properties:
            properties[name] = properties[name].evolve(nested=nested.__definition__)
    model.__definition__ = resolved.evolve(properties=properties)


def _settle_ids(model: Any, default_id_type: str) -> None:
    definition = model.__definition__
    if len(definition.ids) != 1:
        return
    (name,) = definition.ids
    prop = definition.properties[name]
    settled = with_id_type(prop, default_id_type)
    if settled is not prop:
        model.__definition__ = definition.evolve(
            properties={**definition.properties, name: settled}
        )


def attach(model: Any, link: Link) -> None:
    """Give a model its link: its operations reach the data source from now on."""
    model.__link__ = link
    model.__codec__ = link.codec


class LazyCodec:
    """The codec of a model that is attached to nothing: made when it is first used."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        resolve_deep(self.model, ())
        spec = self.model.__definition__.spec("", open_models=True)
        codec = make_codec(self.model, spec)
        self.model.__codec__ = codec
        return getattr(codec, name)
