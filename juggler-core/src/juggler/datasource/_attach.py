"""Attaching a model to a data source: its spec for the connector, its codec, its link."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from attrs import define, evolve, field

from juggler.datasource._access import join, members_of
from juggler.errors import ConfigurationError
from juggler.model import binding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.datasource._access import Joined
    from juggler.datasource.source import DataSource
    from juggler.model.codec.codec import Codec
    from juggler.model.link import Link
    from juggler.operations import Operations
    from juggler.spec import ModelSpec


@define(eq=False)
class ModelLink:
    """What an attached model knows of its data source."""

    source: DataSource
    model: Any
    spec: ModelSpec
    codec: Codec
    sync: Operations
    access: Mapping[str, Joined] = field(factory=dict)

    @property
    def aio(self) -> Operations:
        """The operations in the asynchronous colour; asyncio loads on first use."""
        return self.source.async_operations


class Pending:
    """The link of a model whose references are not all defined: using it tries again."""

    access: Mapping[str, Joined] = MappingProxyType({})

    def __init__(self, source: DataSource, model: Any) -> None:
        self.source = source
        self.model = model

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self.source.attach(self.model)
        return getattr(self.model.__link__, name)


def attach(source: DataSource, model: Any) -> ModelLink:
    """Make the model's link.

    Raises:
        ConfigurationError: it is no model, or abstract, or its name is another model's.
        UnsupportedModelError: the connector cannot hold it.
    """
    _attachable(source, model)
    info = source.host.info
    spec, codec = binding.bind(
        model,
        info.name,
        aliases=info.aliases,
        open_models=bool(source.capabilities_of(None).open_models),
        default_id_type=info.default_id_type,
        naive_utc=source.policy.naive_utc,
    )
    spec = _with_views(spec, source)
    source.host.bind(spec)
    previous = model.__link__
    if isinstance(previous, Pending | ModelLink) and previous.source is not source:
        previous.source.detach(model)
    access = members_of(info.data_access)
    join(model, access, info.name)
    link = ModelLink(source, model, spec, codec, source.operations_table, access)
    binding.attach(model, cast("Link", link))
    return link


def rebind_base(source: DataSource, view: ModelSpec) -> None:
    """Let the base of a view know it, so that its queries may be answered by the view."""
    base = source.models.get(view.view.of) if view.view else None
    link = link_in_force(base)
    if link is None or link.source is not source:
        return
    spec = _with_views(link.spec, source)
    source.host.bind(spec)
    link.spec = spec


def link_in_force(model: Any) -> ModelLink | None:
    """The link of an attached model; None for one that is not, or that was replaced."""
    link = getattr(model, "__link__", None)
    return link if isinstance(link, ModelLink) else None


def _with_views(spec: ModelSpec, source: DataSource) -> ModelSpec:
    views = tuple(
        link.spec
        for link in source.links()
        if link.spec.view is not None and link.spec.view.of == spec.name
    )
    return evolve(spec, views=views) if views else spec


def _attachable(source: DataSource, model: Any) -> None:
    definition = getattr(model, "__definition__", None)
    if definition is None or not isinstance(model, type):
        raise ConfigurationError(
            f"{model!r:.80} is no model",
            code="not-a-model",
            hint="db.attach(User), where class User(Model), or db.define('User', {…})",
        )
    if definition.abstract:
        raise ConfigurationError(
            f"the model {definition.name} is abstract",
            code="abstract-model",
            hint="attach the models that extend it",
            model=definition.name,
        )
    other = source.models.get(definition.name)
    if other is not None and other is not model and not _same_place(other, model):
        raise ConfigurationError(
            f"another model named {definition.name!r} is attached already: "
            f"{other.__module__}.{other.__qualname__}",
            code="name-taken",
            hint='give one of them another name: class Person(Model, name="Person2")',
            model=definition.name,
        )


def _same_place(one: type, other: type) -> bool:
    """Whether a class statement was run again (a notebook's cell)."""
    return (one.__module__, one.__qualname__) == (other.__module__, other.__qualname__)
