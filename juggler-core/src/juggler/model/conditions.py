"""Conditions and filters as operations are given them: mappings or expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.errors import InvalidQueryError
from juggler.model.codec.parts import convert_literal
from juggler.query import Condition, Filter, Where, all_of, parse_filter, parse_where
from juggler.query.parse import FILTER_KEYS
from juggler.query.tree import And, Between, Cmp, In, Not, Or

if TYPE_CHECKING:
    from collections.abc import Iterable

    from juggler.model.definition import ModelDefinition


def filter_of(model: Any, given: Any, *, where_only: bool = False) -> Filter:
    """A filter out of a mapping, a condition or None.

    Args:
        model: the model class.
        given: a filter or where as a mapping, a condition, or None.
        where_only: whether a mapping is a where; one that looks like a filter is then refused.

    Raises:
        InvalidQueryError: what is not understood.
    """
    if given is None:
        return Filter()
    if isinstance(given, Condition):
        return Filter(where=convert(model, parse_where(given)))
    if not isinstance(given, Mapping):
        raise _no_condition(model, given)
    if where_only:
        _no_filter(model, given)
        return Filter(where=convert(model, parse_where(given)))
    found = parse_filter(given)
    where = convert(model, found.where)
    return found if where is found.where else evolve(found, where=where)


def conjunction(model: Any, where: Where, conditions: Iterable[Any]) -> Where:
    """A condition and more of them."""
    parts = []
    for given in conditions:
        if not isinstance(given, Condition | Mapping):
            raise _no_condition(model, given)
        if isinstance(given, Mapping):
            _no_filter(model, given)
        parts.append(convert(model, parse_where(given)))
    return all_of(where, *parts)


def _no_condition(model: Any, given: Any) -> InvalidQueryError:
    name = model.__name__
    return InvalidQueryError(
        f"{given!r:.60} is no condition on {name}",
        code="not-a-condition",
        hint=f"{name}.age > 30, or {{'age': {{'gt': 30}}}}; by key: {name}.find_by_id(…)",
        model=name,
    )


def _no_filter(model: Any, given: Mapping[Any, Any]) -> None:
    """Refuse a mapping of filter keys where a where is wanted."""
    keys = given.keys()
    properties = model.__definition__.properties
    if keys and keys <= set(FILTER_KEYS) and not any(key in properties for key in keys):
        raise InvalidQueryError(
            f"this takes a condition, not a filter with {', '.join(map(str, keys))}",
            code="filter-for-where",
            hint='give the value of "where" itself, such as {"age": {"gt": 30}}',
            model=model.__name__,
        )


def include_of(given: Any) -> tuple[Any, ...]:
    """The relations of an include in any form, as a tuple of names, mappings and queries."""
    if given is None:
        return ()
    if isinstance(given, tuple | list):
        return tuple(part for one in given for part in include_of(one))
    return (given,)


def convert(model: Any, where: Where) -> Where:
    """The condition, its texts converted as the model's properties are (trim, lowercase)."""
    definition: ModelDefinition = model.__definition__
    converting = {n: p for n, p in definition.properties.items() if p.conversions}
    if not converting:
        return where

    def walk(node: Where) -> Where:
        match node:
            case And(parts):
                return And(tuple(map(walk, parts)))
            case Or(parts):
                return Or(tuple(map(walk, parts)))
            case Not(part):
                return Not(walk(part))
            case Cmp(path, op, value) if path in converting:
                return Cmp(path, op, convert_literal(converting[path], value))
            case In(path, values) if path in converting:
                return In(path, tuple(convert_literal(converting[path], v) for v in values))
            case Between(path, lo, hi) if path in converting:
                prop = converting[path]
                return Between(path, convert_literal(prop, lo), convert_literal(prop, hi))
        return node

    return walk(where)
