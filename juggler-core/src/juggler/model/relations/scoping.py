"""The rows that a relation leads to, as a condition, and what new ones of them are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import InvalidQueryError, InvalidValueError, NotFoundError
from juggler.model.query import Query
from juggler.query.tree import TRUE, Cmp, Nothing, all_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from juggler.model.relations.handles import Ops
    from juggler.model.relations.resolve import Joining, Pairs, Relation
    from juggler.query import Filter, Where


def matching(pairs: Pairs, instance: Any) -> Where:
    """The condition on the other side for this instance; without a key nothing fulfils it."""
    values = [instance[mine] for mine, _ in pairs]
    if any(value is None for value in values):
        return Nothing()
    return equal((theirs for _, theirs in pairs), values)


def equal(names: Iterable[str], values: Iterable[Any]) -> Where:
    """Properties that have these values."""
    return all_of(*(Cmp(name, "eq", value) for name, value in zip(names, values, strict=True)))


def typed(relation: Relation) -> Where:
    """The condition that a polymorphic row is of this model."""
    if not relation.type_property or relation.kind.word == "belongsTo":
        return TRUE
    return Cmp(relation.type_property, "eq", relation.type_name)


def linking(joining: Joining) -> Where:
    """The condition that a joining row is one of this relation's."""
    if not joining.type_property:
        return TRUE
    return Cmp(joining.type_property, "eq", joining.type_name)


def scope_of(relation: Relation, target: Any, instance: Any = None) -> Filter:
    """The filter that the definition's ``scope`` says."""
    said = relation.options.get("scope")
    if callable(said):
        said = said(instance)
    return Query.of(target, said).filter


def key_condition(target: Any, key: Any) -> Where:
    """The condition for one key in any of its forms."""
    values = target.__codec__.coerce_key(key)
    return equal(target.__definition__.ids, values)


def key_of(target: Any, other: Any) -> tuple[Any, ...]:
    """The key of an instance, or a key in any of its forms.

    Raises:
        NotFoundError: ``not-stored`` for an instance without a key.
    """
    if isinstance(other, target):
        values = tuple(other[name] for name in target.__definition__.ids)
        if any(value is None for value in values):
            raise unsaved(other)
        return values
    return tuple(target.__codec__.coerce_key(other))


async def stored(ops: Ops, target: Any, other: Any) -> Any:
    """An instance as it is, or the stored row of a key.

    Raises:
        NotFoundError: there is no such row.
    """
    if isinstance(other, target):
        return other
    found = await ops(target).find_by_id(target, key_of(target, other), None, None)
    if found is None:
        raise NotFoundError(
            f"no {target.__name__} has the key {other!r:.60}", model=target.__name__, key=other
        )
    return found


def keys_to(relation: Relation, other: Any) -> dict[str, Any]:
    """The values by which a row of a belongs_to refers to another instance.

    Raises:
        InvalidValueError: ``wrong-model``.
        NotFoundError: ``not-stored`` when the other has no key yet.
    """
    target = relation.target
    if target is None:
        target = type(other) if hasattr(type(other), "__definition__") else relation.model
    check_instance(relation, target, other)
    values = {mine: other[theirs] for mine, theirs in relation.pairs}
    if None in values.values():
        raise unsaved(other)
    if relation.type_property:
        values[relation.type_property] = target.__definition__.name
    return values


def check_instance(found: Relation, target: Any, other: Any) -> None:
    """Refuse an instance of another model.

    Raises:
        InvalidValueError: ``wrong-model``.
    """
    if not isinstance(other, target):
        raise InvalidValueError(
            f"{found} leads to {target.__name__}, not to {other!r:.60}",
            code="wrong-model",
            hint=f"an instance of {target.__name__}; by key, set {', '.join(found.own)}",
            field=found.name,
            model=found.model.__name__,
        )


def unsaved(instance: Any) -> NotFoundError:
    """The error for an instance that has no key yet."""
    name = type(instance).__name__
    return NotFoundError(
        f"this {name} has no key yet: nothing can refer to it",
        code="not-stored",
        hint="save() it first",
        model=name,
    )


def forced(relation: Relation, instance: Any, data: dict[str, Any]) -> dict[str, Any]:
    """Values for a new row in the scope: the given ones, copied ones, and the foreign key.

    Raises:
        NotFoundError: ``not-stored`` when this side has no key.
        InvalidValueError: ``foreign-key`` when the data say another one.
    """
    values = {**data, **copied(relation, instance, data)}
    for mine, theirs in relation.pairs:
        key = instance[mine]
        if key is None:
            raise unsaved(instance)
        _same(relation, values, theirs, key)
        values[theirs] = key
    if relation.type_property:
        _same(relation, values, relation.type_property, relation.type_name)
        values[relation.type_property] = relation.type_name
    return values


def _same(relation: Relation, values: Mapping[str, Any], name: str, key: Any) -> None:
    given = values.get(name)
    if given is None or given == key or str(given) == str(key):
        return
    raise InvalidValueError(
        f"{relation}: {name} is {key!r} here, not {given!r:.60}",
        code="foreign-key",
        hint=f"leave {name} out, or create the row by itself",
        field=name,
        model=relation.target.__name__,
    )


def copied(relation: Relation, instance: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the definition's ``properties`` copy to the other side."""
    return {} if relation.inverted else _copies(relation, instance, dict(data))


def taken(relation: Relation, instance: Any, other: Any) -> dict[str, Any]:
    """The values that ``properties`` copy from the other side, put into this instance.

    They do with ``invertProperties``; of no other (None) they are None.
    """
    values = {}
    if relation.inverted:
        values = _copies(relation, other, instance)
        for name, value in values.items():
            instance[name] = value
    return values


def _copies(relation: Relation, source: Any, target: Any) -> dict[str, Any]:
    said: Any = relation.options.get("properties") or {}
    if callable(said):
        made: Any = said(source, target) if source is not None else None
        return dict(made or {})
    pairs = said.items() if hasattr(said, "items") else ((name, name) for name in said)
    return {theirs: None if source is None else source[mine] for mine, theirs in pairs}


def check_values(relation: Relation, values: Any) -> None:
    """Refuse a change of the foreign key by ``update_all`` in a scope.

    Raises:
        InvalidQueryError: ``foreign-key``.
    """
    fixed = {*relation.others, *([relation.type_property] if relation.type_property else [])}
    for name in fixed & set(values if hasattr(values, "keys") else ()):
        raise InvalidQueryError(
            f"{relation}: update_all cannot change {name!r}: the rows would leave the relation",
            code="foreign-key",
            hint=f"use {relation.target.__name__}.update_all(…), or remove()",
            model=relation.target.__name__,
        )
