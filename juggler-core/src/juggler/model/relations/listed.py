"""Keys in the list of a references_many: a value, or of a key of several properties a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from juggler.errors import InvalidValueError
from juggler.model.relations.kept import stored_value
from juggler.values.coerce import coercer

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler.model.relations.resolve import Relation

Key = tuple[Any, ...]


def keys_of(relation: Relation) -> Callable[[Any], list[Key]]:
    """A function that reads the keys that an instance lists, in their order.

    Raises:
        InvalidValueError: ``bad-key`` for an entry that is no key of the target.
    """
    names = relation.others
    properties = relation.target.__definition__.properties
    ways = [coercer(properties[name].type) for name in names]

    def key(entry: Any) -> Key:
        parts = (entry,)
        if len(names) > 1:
            parts = _parts(relation, entry)
        return tuple(way(part) for way, part in zip(ways, parts, strict=True))

    return lambda instance: [key(entry) for entry in stored_value(instance, relation.held) or ()]


def entry_of(relation: Relation, key: Key) -> Any:
    """What stands in the list for a key."""
    return key[0] if len(key) == 1 else dict(zip(relation.others, key, strict=True))


def _parts(relation: Relation, entry: Any) -> Key:
    names = relation.others
    if isinstance(entry, Mapping) and set(entry) == set(names):
        return tuple(entry[name] for name in names)
    if isinstance(entry, list | tuple) and len(entry) == len(names):
        return tuple(entry)
    raise InvalidValueError(
        f"{relation}: {entry!r:.60} in {relation.held} is no key of {relation.target.__name__}",
        code="bad-key",
        hint=f"a key is {{{', '.join(f'{name!r}: …' for name in names)}}}",
        field=relation.held,
        model=relation.model.__name__,
    )
