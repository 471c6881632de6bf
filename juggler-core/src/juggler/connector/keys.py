"""Which keys a condition pins: shared by planners."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from juggler.query.tree import Cmp, In, Where, all_of, conjuncts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector.results import Key
    from juggler.spec import ModelSpec


def pinned(where: Where, name: str) -> tuple[Any, ...] | None:
    """The values that a conjunction allows for a property by ``eq`` or ``inq``, or None."""
    for part in conjuncts(where):
        match part:
            case Cmp(path, "eq", value) if path == name:
                return (value,)
            case In(path, values) if path == name:
                return values
            case _:
                continue
    return None


def without(where: Where, names: Sequence[str]) -> Where:
    """The conjunction without its ``eq`` and ``inq`` conjuncts on these properties."""
    rest = [
        part
        for part in conjuncts(where)
        if not (
            isinstance(part, (Cmp, In)) and part.path in names and getattr(part, "op", "eq") == "eq"
        )
    ]
    return all_of(*rest)


def keys_of(
    model: ModelSpec, where: Where, *, at_most: int = 10_000
) -> tuple[list[Key], Where] | None:
    """The complete keys that a condition pins, and what else it asks for.

    Returns None when a part of the key is free, or when there are more than ``at_most`` keys.  An
    exact rest is returned: ``where`` is (key in keys) and rest, provided that each key property has
    one ``eq`` or ``inq`` conjunct, which normalisation ensures.
    """
    parts = [pinned(where, name) for name in model.key.names]
    if not parts or any(values is None for values in parts):
        return None
    total = 1
    for values in parts:
        total *= len(values or ())
    if total > at_most:
        return None
    keys = [tuple(key) for key in product(*(values or () for values in parts))]
    return keys, without(where, model.key.names)
