"""Relations declared after the class: ``User.has_many(Post, {"as": "posts"})``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.errors import ConfigurationError
from juggler.model import meta
from juggler.model.relations.kinds import KINDS, SPELLINGS, checked
from juggler.model.relations.settling import settle
from juggler.model.relations.words import camel, plural, snake


def declare(model: Any, word: str, given: Any, options: Any, more: Mapping[str, Any]) -> None:
    """Declare a relation of a class that is there.

    Args:
        model: the class.
        word: the kind, in LoopBack's word.
        given: the other model, or the relation's name.
        options: a mapping in LoopBack's words, or None.
        more: the same by keyword.

    Raises:
        ConfigurationError: every mistake, with its fix.
    """
    said = _said(model, word, options, more)
    name = said.pop("as", None)
    if isinstance(given, str):
        if name is None:
            name = given if not given[:1].isupper() else _accessor(model, word, given)
        said.setdefault("model", given)
    else:
        said["model"] = given
    target = said["model"]
    if name is None:
        name = _accessor(model, word, _name(target, word))
    if said.get("polymorphic") and word == "belongsTo" and target == name:
        del said["model"]
    install(model, str(name), {"type": word, **said})


def install(model: Any, name: str, given: Mapping[str, Any]) -> None:
    """Give a class a relation; its foreign keys are added as soon as both models are known."""
    definition = model.__definition__
    if name in definition.properties:
        raise ConfigurationError(
            f"{definition.name} has a property {name!r} already",
            code="relation-name",
            hint=f"name the relation otherwise: as_='{name}s'",
            model=definition.name,
        )
    relation = checked(definition.name, name, given)
    source = getattr(model.__link__, "source", None)
    if source is not None:
        source.assert_thawed("no relation can be added")
    classes = {
        (name, word): given[word]
        for word in ("model", "through")
        if isinstance(given.get(word), type)
    }
    model.__related__ = {**vars(model).get("__related__", {}), **classes}
    model.__definition__ = definition.evolve(relations={**definition.relations, name: relation})
    meta.install(model, model.__definition__)
    settle(model)


def _said(model: Any, word: str, options: Any, more: Mapping[str, Any]) -> dict[str, Any]:
    if options is not None and not isinstance(options, Mapping):
        raise ConfigurationError(
            f"{model.__name__}.{KINDS[word].function}: {options!r:.60} are no options",
            code="bad-option",
            hint="a mapping: {'as': 'posts', 'foreignKey': 'userId'}",
        )
    said: dict[str, Any] = {}
    for key, value in {**(options or {}), **more}.items():
        said[SPELLINGS.get(key, key)] = value
    said.pop("type", None)
    return said


def _name(target: Any, word: str) -> str:
    definition = getattr(target, "__definition__", None)
    if definition is not None:
        return str(definition.name)
    if isinstance(target, str):
        return target
    raise ConfigurationError(
        f"{KINDS[word].function}: {target!r:.60} is no model",
        code="not-a-model",
        hint="User.has_many(Post, {'as': 'posts'}), or User.has_many('posts', {'model': Post})",
    )


def _accessor(model: Any, word: str, target: str) -> str:
    """The name of a relation that was given none: ``posts``, ``author``."""
    name = snake(target) if model.__definition__.typed else camel(target)
    return plural(name) if KINDS[word].many else name
