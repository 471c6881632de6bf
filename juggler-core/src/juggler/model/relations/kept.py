"""What was loaded of relations: kept in the instance beside the keys that it was loaded for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from juggler.values.missing import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from juggler.model.relations.resolve import Relation


def key_values(instance: Any, relation: Relation) -> tuple[Any, ...]:
    """The values of this side's properties, as they are now."""
    return tuple(_frozen(stored_value(instance, name)) for name in relation.own)


def _frozen(value: Any) -> Any:
    """Lists as tuples, so that a change in place is seen."""
    return tuple(value) if isinstance(value, list) else value


def stored_value(instance: Any, name: str) -> Any:
    """A property's value, of one that is not shown the stored one."""
    codec = instance.__codec__
    part = codec.part.get(name)
    if part is None or instance._row is None:
        return instance[name]
    value = getattr(instance, part.attribute, MISSING)
    if value is MISSING:
        value = instance._row[codec.spec.position[name]]
    return instance[name] if value is MISSING else value


def keep(instance: Any, relation: Relation, value: Any) -> None:
    """Keep what a relation leads to."""
    rel = instance._rel
    if rel is None:
        rel = instance._rel = {}
    rel[relation.name] = (relation, key_values(instance, relation), value)


def forget(instance: Any, name: str) -> None:
    """Keep nothing of a relation any more."""
    if instance._rel is not None:
        instance._rel.pop(name, None)


def kept(instance: Any, relation: Relation) -> Any:
    """What is kept of a relation; MISSING when there is nothing or the keys changed since."""
    found = instance._rel.get(relation.name) if instance._rel else None
    if found is None or found[1] != key_values(instance, relation):
        return MISSING
    return found[2]


_path = threading.local()


def shown(instance: Any, plain: Callable[[Any], Any]) -> Iterator[tuple[str, Any]]:
    """Name and plain data of each relation that is loaded.

    A relation to one that leads nowhere is left out (as in LoopBack), and so is an instance inside
    of itself.
    """
    path: set[int] = getattr(_path, "ids", None) or set()
    _path.ids = path
    if id(instance) in path:
        return
    path.add(id(instance))
    try:
        for name, (_, keys, value) in list((instance._rel or {}).items()):
            if keys != _now(instance, name):
                continue
            if isinstance(value, list):
                yield name, [plain(one) for one in value if id(one) not in path]
            elif value is not None and id(value) not in path:
                yield name, plain(value)
    finally:
        path.discard(id(instance))


def _now(instance: Any, name: str) -> tuple[Any, ...]:
    return key_values(instance, instance._rel[name][0])
