"""The joining model of ``has_and_belongs_to_many``: found, else made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.model.definition import ModelDefinition, PropertyDef
from juggler.model.making import make_class
from juggler.model.relations import keys
from juggler.model.relations.targets import by_name, find
from juggler.model.relations.words import key_names
from juggler.spec import KeySpec
from juggler.values.callers import caller_module

if TYPE_CHECKING:
    from collections.abc import Mapping


def joining_of(model: Any, relation: str, given: Mapping[str, Any], target: Any) -> Any:
    """The joining model that is named, or ``PostTag`` or ``TagPost``, or a new one.

    A new one is keyed by both foreign keys, so that two rows are joined once at most.
    """
    if given.get("through"):
        return by_name(model, relation, "through", given["through"])
    owner, other = model.__definition__.name, target.__definition__.name
    wanted = given.get("throughTable")
    for name in (wanted,) if wanted else (f"{owner}{other}", f"{other}{owner}"):
        found = _exactly(model, target, str(name))
        if found is not None:
            return found
    return _made(model, relation, given, target, str(wanted or f"{owner}{other}"))


def _exactly(model: Any, target: Any, name: str) -> Any:
    for side in (model, target):
        found = find(side, name)
        if found is not None and found.__definition__.name == name:
            return found
    return None


def _made(model: Any, relation: str, given: Mapping[str, Any], target: Any, name: str) -> Any:
    typed = model.__definition__.typed
    mine = keys.named(given) or key_names(
        model.__definition__.name, keys.primary(model), typed=typed
    )
    theirs = keys.listed(given.get("keyThrough")) or key_names(
        target.__definition__.name, keys.primary(target), typed=typed
    )
    types = (
        *keys.types(model, keys.referred(model, given, where=relation)),
        *keys.types(target, keys.primary(target)),
    )
    link = model.__link__
    source = getattr(link, "source", None)
    composite = source is None or bool(source.capabilities_of(None).composite_keys)
    names = (*mine, *theirs)
    properties = {
        key: PropertyDef(
            key, type_, id=place if composite else 0, nullable=not composite,
            index=not composite or key not in mine,
        )
        for place, (key, type_) in enumerate(zip(names, types, strict=True), 1)
    }  # fmt: skip
    spec = KeySpec(mine, tuple((part, "asc") for part in theirs))
    if not composite:
        properties, made = keys.with_id(name, properties)
        spec = made or spec
    builder = model.__builder__ or source
    definition = ModelDefinition(
        name, properties, key=spec, open=False if typed else None, typed=typed
    )
    if builder is not None:
        return builder.build(definition)
    return make_class(definition, module=caller_module())
