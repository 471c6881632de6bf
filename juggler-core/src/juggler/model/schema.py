"""What a model says of itself, and how others are made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from juggler.model.definition import ModelDefinition


class Schema:
    """Class methods about the definition."""

    __slots__ = ()

    if TYPE_CHECKING:
        __definition__: ModelDefinition

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
