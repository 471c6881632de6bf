"""Rows and keys of a shape."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler.values.types import TypeKind
from juggler_conformance.strategies.values import NASTY_TEXTS, or_null, values

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from juggler_conformance.limits import Limits
    from juggler_conformance.shapes import Shape

_TEXT_KEYS = ("k1", "k2", "k3", "k4", "k5", "k10", "K1", "l")
_NUMBER_KEYS = (1, 2, 3, 4, 10, 20, 0, -5)
_PARTS = {
    TypeKind.STRING: ("p", "q", "r"),
    TypeKind.INTEGER: (1, 2, 10),
}


def keys(shape: Shape, limits: Limits) -> SearchStrategy[tuple[Any, ...]]:
    """Keys out of a small domain, now and then a nasty one where every text is claimed."""
    first, *others = shape.key_names
    if others:
        return st.tuples(*(st.sampled_from(_PARTS[shape.types[n].kind]) for n in shape.key_names))
    if shape.types[first].kind is TypeKind.INTEGER:
        return st.tuples(st.sampled_from(_NUMBER_KEYS))
    odd = [text for text in NASTY_TEXTS if text] if limits.any_key else []
    return st.tuples(st.sampled_from([*_TEXT_KEYS * (1 + len(odd) // 3), *odd]))


@lru_cache(maxsize=64)
def _bodies(shape: Shape, limits: Limits, names: tuple[str, ...]) -> SearchStrategy[dict[str, Any]]:
    types = shape.all_types
    return st.fixed_dictionaries(
        {name: or_null(types[name], limits) for name in names if name in shape.types},
        optional={name: values(types[name], limits) for name in names if name not in shape.types},
    )


def rows(shape: Shape, limits: Limits) -> SearchStrategy[dict[str, Any]]:
    """Whole rows: every declared property is there, any of them may be null."""
    names = tuple(name for name in shape.all_types if name not in shape.key_names)
    body = _bodies(shape, limits, names)
    if shape.unique:
        body = body.map(lambda row: {**row, **dict.fromkeys(shape.unique)})
    return st.builds(
        lambda key, rest: {**dict(zip(shape.key_names, key, strict=True)), **rest},
        keys(shape, limits),
        body,
    )


def tables(
    shape: Shape, limits: Limits, *, min_size: int = 0, max_size: int = 12
) -> SearchStrategy[list[dict[str, Any]]]:
    """Rows with different keys."""
    return st.lists(
        rows(shape, limits),
        min_size=min_size,
        max_size=max_size,
        unique_by=lambda row: tuple(row[name] for name in shape.key_names),
    )


def patches(shape: Shape, limits: Limits) -> SearchStrategy[dict[str, Any]]:
    """New values for one to three properties that are no part of the key."""
    types = shape.all_types
    names = [name for name in types if name not in shape.key_names and name not in shape.unique]
    chosen = st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)
    return chosen.flatmap(
        lambda some: st.fixed_dictionaries({n: or_null(types[n], limits) for n in some})
    )
