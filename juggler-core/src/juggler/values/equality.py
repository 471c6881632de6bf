"""When two values are the same: three questions that differ, side by side.

============================  =========  ==========  ================
question                      1 and 1.0  1 and True  list and tuple
============================  =========  ==========  ================
:func:`matches` (a filter)    the same   different   different
:func:`means_same` (a copy)   the same   different   the same
:func:`stores_same` (a save)  different  different   different
============================  =========  ==========  ================
"""

from __future__ import annotations

from math import isnan
from typing import Any, Final

from juggler.values.missing import MISSING

LISTS: Final[frozenset[Any]] = frozenset({list, tuple, frozenset})
CONTAINERS: Final[frozenset[Any]] = LISTS | {dict}


def matches(a: Any, b: Any) -> bool:
    """Equality in filters: ``True`` is not ``1``, and a property that is missing is a null one."""
    if a.__class__ in CONTAINERS or b.__class__ in CONTAINERS:
        return _containers_match(a, b)
    return bool(a == b) and (a.__class__ is bool) is (b.__class__ is bool)


def _containers_match(a: Any, b: Any) -> bool:
    if a.__class__ is not b.__class__:
        return False
    if isinstance(a, dict):
        return all(matches(a.get(name), b.get(name)) for name in {*a, *b})
    if len(a) != len(b):
        return False
    if isinstance(a, frozenset):
        return {(v.__class__ is bool, v) for v in a} == {(v.__class__ is bool, v) for v in b}
    return all(map(matches, a, b))


def stores_same(one: Any, other: Any) -> bool:
    """Whether a store would hold the same: equal values, of the same types all through."""
    if one is other:
        return True
    kind = one.__class__
    if kind is not other.__class__:
        return False
    if kind is dict:
        return one.keys() == other.keys() and all(stores_same(v, other[k]) for k, v in one.items())
    if kind is list or kind is tuple:
        return len(one) == len(other) and all(map(stores_same, one, other))
    return bool(one == other)


def means_same(one: Any, other: Any) -> bool:
    """Whether two stores hold the same, each in its own way of keeping numbers and lists."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(means_same(v, other[k]) for k, v in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(means_same, one, other))
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    return bool(one == other) or (absent(one) and absent(other)) or (_nan(one) and _nan(other))


def absent(value: Any) -> bool:
    """Whether there is no value."""
    return value is None or value is MISSING


def _nan(value: Any) -> bool:
    return isinstance(value, float) and isnan(value)
