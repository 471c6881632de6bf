"""The link from a model to the data source that it is attached to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from juggler.errors import ConfigurationError

if TYPE_CHECKING:
    from juggler.model.codec import Codec
    from juggler.spec import ModelSpec


class Link(Protocol):
    """What a data source gives a model when it is attached.

    Attributes:
        source: the data source.
        model: the model class.
        spec: the model as the connector sees it.
        codec: its codec for that spec.
        sync: the operations in the blocking colour.
        aio: the operations in the asynchronous colour.
    """

    source: Any
    model: Any
    spec: ModelSpec
    codec: Codec
    sync: Any
    aio: Any


class Replaced:
    """The link of a class whose definition was replaced: every use of it says so."""

    def __init__(self, name: str) -> None:
        self.__dict__["name"] = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise ConfigurationError(
            f"the model {self.name!r} was defined again, and this is its old class",
            code="model-replaced",
            hint=f"use the new one: db.get_model({self.name!r})",
            model=self.name,
        )


def link_of(model: Any) -> Any:
    """The link of an attached model.

    Raises:
        ConfigurationError: ``not-attached``, with the line that attaches it.
    """
    link = model.__link__
    if link is None:
        name = model.__name__
        raise ConfigurationError(
            f"the model {name} is not attached to a data source",
            code="not-attached",
            hint=f"db = connect('memory:'); db.attach({name})",
            model=name,
        )
    return link
