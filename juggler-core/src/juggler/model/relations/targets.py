"""The models that relations lead to: by class, by name, by plural or singular in any case."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from juggler.errors import ConfigurationError, did_you_mean
from juggler.model import registry
from juggler.model.relations.words import plural, singular

if TYPE_CHECKING:
    from collections.abc import Iterator


def by_name(model: Any, relation: str, word: str, name: str) -> Any:
    """The model that a relation's ``model`` or ``through`` means.

    Raises:
        ConfigurationError: ``unresolved-model``.
    """
    given = given_class(model, relation, word)
    if given is not None and not given.__replaced__ and given.__definition__.name == name:
        return given
    return required(model, name, f"the {word} of {model.__name__}.{relation}")


def given_class(model: Any, relation: str, word: str) -> Any:
    """The class that a relation was declared with, None where it was a name."""
    for cls in model.__mro__:
        found = vars(cls).get("__related__", {}).get((relation, word))
        if found is not None:
            return found
    return None


def required(model: Any, name: str, what: str) -> Any:
    """The model of a name.

    Raises:
        ConfigurationError: ``unresolved-model``.
    """
    found = find(model, name)
    if found is not None:
        return found
    raise ConfigurationError(
        f"{what} is {name!r}, which is not defined",
        code="unresolved-model",
        hint=f"{did_you_mean(name, registry.names(model))}; it may be defined later",
        model=model.__name__,
    )


def find(model: Any, name: str) -> Any:
    """The model of a name, of its plural or singular in any case; None when there is none."""
    beside = getattr(getattr(model.__link__, "source", None), "models", {}).get(name)
    found = registry.find(model, name) if beside is None else beside
    if found is not None and not _placeholder(found):
        return found
    wanted = {name.lower(), singular(name).lower(), plural(name).lower()}
    for other in _visible(model):
        definition = other.__definition__
        known = {definition.name.lower(), plural(definition.name).lower()}
        if isinstance(definition.settings.get("plural"), str):
            known.add(definition.settings["plural"].lower())
        if known & wanted and not _placeholder(other):
            return other
    return None


def _placeholder(model: Any) -> bool:
    return bool(model.__definition__.settings.get("unresolved"))


def _visible(model: Any) -> Iterator[Any]:
    """Models of the same builder or data source, then typed classes."""
    seen: list[Any] = [model]
    builder = model.__builder__
    link = model.__link__
    for owner in (builder, getattr(link, "source", None)):
        for other in list(owner.models.values()) if owner is not None else ():
            if other not in seen:
                seen.append(other)
    yield from seen
    for name in sorted(registry.names(model)):
        with suppress(ConfigurationError):  # of a name that several have, none is meant
            other = registry.find(model, name)
            if other is not None and other not in seen:
                yield other


def declarer(model: Any, relation: str) -> Any:
    """The class that declared a relation: keys are named after it in its subclasses, too."""
    found = model
    for cls in model.__mro__:
        definition = vars(cls).get("__definition__")
        if definition is None or vars(cls).get("__root__") or definition.abstract:
            continue
        if relation in definition.relations:
            found = cls
    return found
