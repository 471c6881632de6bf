"""Relations among the values of a row: an instance stands for its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import InvalidValueError
from juggler.model.relations import scoping
from juggler.model.relations.resolve import relation

if TYPE_CHECKING:
    from juggler.model.relations.resolve import Relation


def values_of(model: Any, name: str, value: Any) -> dict[str, Any]:
    """What is stored for a relation: keys of a belongs_to, the property of an embedded one.

    Raises:
        InvalidValueError: ``relation-value`` for what no property of this model can hold.
        NotFoundError: ``not-stored`` for an instance without a key.
    """
    found = relation(model, name)
    if found.kind.embedded:
        return {found.held: value}
    if found.kind.word == "belongsTo":
        if value is None:
            return dict.fromkeys(found.own)
        if hasattr(type(value), "__definition__"):
            return {**scoping.keys_to(found, value), **scoping.taken(found, {}, value)}
    raise _refused(found, value)


def _refused(found: Relation, value: Any) -> InvalidValueError:
    if found.kind.word == "belongsTo":
        keys = ", ".join(f"{name}=…" for name in found.own)
        hint = f"an instance that is stored, or its key: {keys}"
    elif found.held:
        hint = f"the keys: {found.held}=[…]"
    else:
        verb = "create" if found.kind.many else "set"
        hint = f"save this one first, then {found.name}.{verb}(…)"
    return InvalidValueError(
        f"{found} is a relation: {value!r:.60} is no value of it",
        code="relation-value",
        hint=hint,
        field=found.name,
        model=found.model.__name__,
    )
