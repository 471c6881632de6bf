"""Changes relative to what is stored (``Add``, ``Remove``, ``Append``, ``Inc``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.connector.writes import Add, Append, Inc, Remove
from juggler.errors import InvalidValueError
from juggler.values.coerce import coercer
from juggler.values.types import NUMERIC, TypeKind, TypeSpec

if TYPE_CHECKING:
    from juggler.model.codec.parts import Part

_DELTAS = (Add, Remove, Append, Inc)


def is_delta(value: Any) -> bool:
    """Whether a given value is relative to what is stored."""
    return isinstance(value, _DELTAS)


def neutral_delta(delta: Any, part: Part) -> Any:
    """The delta with neutral values.

    Raises:
        InvalidValueError: ``bad-delta`` when it does not go with the property's type.
    """
    spec = part.type
    match delta:
        case Inc() if spec.kind in NUMERIC:
            return delta
        case Append(values) if spec.kind is TypeKind.ARRAY:
            return evolve(delta, values=part.neutral(values))
        case Add(values) if spec.kind in {TypeKind.SET, TypeKind.MAP}:
            return evolve(delta, values=part.neutral(values))
        case Remove(values) if spec.kind in {TypeKind.SET, TypeKind.ARRAY}:
            return evolve(delta, values=part.neutral(values))
        case Remove(values) if spec.kind is TypeKind.MAP:
            keys = TypeSpec(TypeKind.SET, of=spec.key or TypeSpec(TypeKind.STRING))
            return evolve(delta, values=coercer(keys)(values))
    raise InvalidValueError(
        f"{type(delta).__name__} does not go with {spec}", code="bad-delta", field=part.name,
        hint="Inc for numbers, Append for lists, Add and Remove for sets and maps",
    )  # fmt: skip


def apply_delta(delta: Any, old: Any) -> Any:
    """The new neutral value."""
    match delta:
        case Inc(by):
            return (old or 0) + by
        case Append(values, front):
            return [*values, *(old or ())] if front else [*(old or ()), *values]
        case Add(values) if isinstance(values, dict):
            return {**(old or {}), **values}
        case Add(values):
            return frozenset(old or ()) | values
        case Remove() if old is None:
            return None
        case Remove(values) if isinstance(old, dict):
            return {k: v for k, v in old.items() if k not in values}
        case Remove(values) if isinstance(old, list):
            return [v for v in old if v not in values]
        case Remove(values):
            return frozenset(old or ()) - values
    return delta
