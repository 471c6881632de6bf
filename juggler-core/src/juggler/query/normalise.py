"""The normal form of a bound tree, on which planners rely.

* No constants inside: the tree is ``TRUE`` or ``FALSE`` itself or has neither in it.
* ``And`` and ``Or`` are flat, have at least two parts and no part twice; ``Not`` stands only on
  leaves (the complement of ``eq`` is ``ne``, of ``gt`` it is not ``le``: null is in it).
* ``eq`` with null is ``IsNull``; ``In`` has at least two distinct values and no null.
* In an ``And``, the conditions on one path are merged: bounds intersected (``Between`` when both
  are inclusive), values tested against them, what contradicts is ``FALSE``.
* In an ``Or``, equalities and memberships of one path are one ``In``.
* ``like`` without wildcards is ``eq``, ``like 'x%'`` is ``StartsWith``; an element match on
  equality is ``Contains``.

Normalising twice changes nothing more, and the normal form has the same rows.
"""

from __future__ import annotations

from typing import Any

from juggler.query._merge import Conjunction, holds_opposites, opposite, strict_key
from juggler.query.tree import (
    FALSE,
    TRUE,
    All,
    And,
    AnyElem,
    Between,
    Cmp,
    Contains,
    In,
    IsNull,
    Like,
    Near,
    Not,
    Nothing,
    Or,
    StartsWith,
    Where,
)
from juggler.values.like import like_literal, like_prefix


def normalise(where: Where) -> Where:
    """The normal form of a tree that :func:`juggler.query.bind_where` made."""
    return _normal(where, negated=False)


def _normal(where: Where, *, negated: bool) -> Where:
    match where:
        case All() | Nothing():
            return TRUE if isinstance(where, All) is not negated else FALSE
        case Not(part):
            return _normal(part, negated=not negated)
        case And(parts) | Or(parts):
            normal = [_normal(part, negated=negated) for part in parts]
            return _and(normal) if isinstance(where, And) is not negated else _or(normal)
        case _:
            leaf = _leaf(where)
            return _complement(leaf) if negated else leaf


def _complement(where: Where) -> Where:
    """Of what a leaf became."""
    if isinstance(where, All | Nothing | And | Or):
        return _normal(where, negated=True)
    return opposite(where)


# ---------------------------------------------------------------- leaves


def _leaf(where: Where) -> Where:
    match where:
        case Cmp(path, "eq", None):
            return IsNull(path)
        case Cmp(path, "ne", None):
            return Not(IsNull(path))
        case In(path, values):
            return _membership(path, values)
        case Between():
            return _and([where])
        case Like(path, pattern, ci):
            return _like(where, path, pattern, ci=ci)
        case AnyElem(path, inner):
            return _any_element(path, normalise(inner))
        case Near(_, _, low, high) if low is not None and high is not None and low > high:
            return FALSE
        case _:
            return where


def _membership(path: str, values: tuple[Any, ...]) -> Where:
    distinct = {strict_key(value): value for value in values if value is not None}
    parts: list[Where] = []
    if distinct:
        parts.append(_one_of(path, list(distinct.values())))
    if any(value is None for value in values):
        parts.append(IsNull(path))
    return Or(tuple(parts)) if len(parts) > 1 else parts[0] if parts else FALSE


def _one_of(path: str, values: list[Any]) -> Where:
    return Cmp(path, "eq", values[0]) if len(values) == 1 else In(path, tuple(values))


def _like(where: Where, path: str, pattern: str, *, ci: bool) -> Where:
    if ci:
        return where
    literal = like_literal(pattern)
    if literal is not None:
        return Cmp(path, "eq", literal)
    prefix, exact = like_prefix(pattern)
    return StartsWith(path, prefix) if exact else where


def _any_element(path: str, inner: Where) -> Where:
    if inner is FALSE:
        return FALSE
    if isinstance(inner, Cmp) and (inner.path, inner.op) == ("", "eq"):
        return Contains(path, inner.value)
    return AnyElem(path, inner)


# ---------------------------------------------------------------- combinations of normal parts


def _and(parts: list[Where]) -> Where:
    conjunction = Conjunction()
    for part in _flat(And, parts):
        if isinstance(part, Nothing):
            return FALSE
        if not isinstance(part, All):
            conjunction.add(part)
    return _joined(And, conjunction.parts())


def _or(parts: list[Where]) -> Where:
    kept: dict[Any, Where] = {}
    memberships: dict[str, Any] = {}
    for part in _flat(Or, parts):
        if isinstance(part, All):
            return TRUE
        if isinstance(part, Nothing):
            continue
        if isinstance(part, In) or (isinstance(part, Cmp) and part.op == "eq"):
            place = ("in", part.path)
            values = memberships.setdefault(part.path, {})
            given = part.values if isinstance(part, In) else (part.value,)
            values.update((strict_key(value), value) for value in given)
            kept[place] = _one_of(part.path, list(values.values()))
        else:
            kept.setdefault(strict_key(part), part)
    if holds_opposites(list(kept.values())):
        return TRUE
    for path, values in memberships.items():
        others = [
            part
            for part in kept.values()
            if isinstance(part, Cmp) and (part.path, part.op) == (path, "ne")
        ]
        if any(strict_key(part.value) in values for part in others):
            return TRUE
    return _joined(Or, list(kept.values()))


def _joined(kind: type[And | Or], parts: list[Where]) -> Where:
    if len(parts) > 1:
        return kind(tuple(parts))
    if parts:
        return parts[0]
    return TRUE if kind is And else FALSE


def _flat(kind: type[And | Or], parts: list[Where]) -> list[Where]:
    flat: list[Where] = []
    for part in parts:
        if isinstance(part, kind):
            flat.extend(part.parts)
        else:
            flat.append(part)
    return flat
