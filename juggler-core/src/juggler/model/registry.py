"""Finding a model by its name: in its builder, else among the classes of the program."""

from __future__ import annotations

import weakref
from typing import Any

from juggler.errors import ConfigurationError

_classes: weakref.WeakSet[Any] = weakref.WeakSet()


def remember(model: Any) -> None:
    """Let other classes find a class by its model's name."""
    _classes.add(model)


def find(model: Any, name: str) -> Any | None:
    """The model of that name as ``model`` sees it, None when there is none.

    A model's builder comes first, then the model itself, then typed classes of its module; for a
    typed class at last any typed class.

    Raises:
        ConfigurationError: ``ambiguous-model`` when several classes elsewhere have the name.
    """
    builder = model.__builder__
    if builder is not None:
        found = builder.models.get(name)
        if found is not None:
            return found
    if model.__definition__.name == name:
        return model
    named = [
        m
        for m in _classes
        if m.__definition__.name == name and m.__builder__ is None and not m.__replaced__
    ]
    near = [m for m in named if m.__module__ == model.__module__]
    scope = _latest(model, near) or (named if builder is None else [])
    if len(scope) > 1 and len({(m.__module__, m.__qualname__) for m in scope}) > 1:
        raise ConfigurationError(
            f"{model.__name__} refers to {name!r}, and there are several models of that name",
            code="ambiguous-model",
            hint="name the class itself: "
            + ", ".join(sorted(f"{m.__module__}.{m.__qualname__}" for m in scope)),
        )
    return max(scope, key=lambda m: m.__serial__) if scope else None


def _latest(model: Any, near: list[Any]) -> list[Any]:
    """Of classes made in functions, those made by the same function."""
    place = model.__qualname__.rpartition(".")[0]
    siblings = [m for m in near if m.__qualname__.rpartition(".")[0] == place]
    return siblings or near


def names(model: Any) -> set[str]:
    """Names of the models that ``model`` can refer to."""
    builder = model.__builder__
    mine = set(builder.models) if builder is not None else set()
    return mine | {m.__definition__.name for m in _classes if m.__builder__ is None}
