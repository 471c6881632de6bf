"""What another connector would store and report: empty collections, precision, counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import evolve

from juggler.connector import Add, Append, Inc, Remove
from juggler.errors import CapabilityError
from juggler.values import TypeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from juggler.connector import Capabilities, Row, WriteOp, WriteResult
    from juggler.spec import ModelSpec
    from juggler_memory.binding import Binding

_COLLECTIONS = frozenset({TypeKind.ARRAY, TypeKind.SET, TypeKind.MAP})
_DELTAS: dict[type, str] = {
    Inc: "counters",
    **dict.fromkeys((Add, Append, Remove), "collection_deltas"),
}
_WRITTEN = frozenset({"created", "replaced", "patched", "deleted", "missing"})


def settling(claims: Capabilities, binding: Binding) -> Callable[[Row], Row]:
    """The function from a table row to the row that the other connector would give back."""
    no_empties = claims.empty_collection.get("kind") == "null"
    milliseconds = claims.datetime_precision.get("kind") == "ms"
    collections = {
        at
        for at, field in zip(binding.positions, binding.model.fields, strict=True)
        if no_empties and field.type.kind in _COLLECTIONS
    }

    def settle(row: Row) -> Row:
        return tuple(
            [
                None
                if at in collections and not value
                else _floored(value)
                if milliseconds and isinstance(value, dt.datetime)
                else value
                for at, value in enumerate(row)
            ]
        )

    return settle


def _floored(value: dt.datetime) -> dt.datetime:
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def check_deltas(claims: Capabilities, model: ModelSpec, ops: Sequence[WriteOp]) -> None:
    """Refuse changes in place that the other connector could not make.

    Raises:
        CapabilityError: of the first.
    """
    for op in ops:
        changes = op.values if isinstance(op.values, Mapping) else {}
        for name, value in changes.items():
            feature = _DELTAS.get(type(value), "")
            if feature and not getattr(claims, feature):
                raise CapabilityError(
                    f"{name} of {model.name} cannot be changed in place: "
                    f"{getattr(claims, feature).why}",
                    feature=feature,
                    alternatives=(f"patch {name} as a whole",),
                    model=model.name,
                )


def blind(op: WriteOp) -> WriteOp:
    """The operation without looking: what is there is overwritten, what is missing is made."""
    if op.kind in {"insert", "replace"} and op.key is not None:
        return evolve(op, kind="put")
    return evolve(op, create=True) if op.kind == "patch" else op


def reported(
    claims: Capabilities, op: WriteOp, result: WriteResult, *, unlooked: bool
) -> WriteResult:
    """The result as far as the other connector knows it.

    Args:
        claims: its capabilities.
        op: what was written.
        result: what memory did.
        unlooked: whether it was written blindly.
    """
    if not claims.versions:
        result.version = None
    kind = claims.affected.get("kind")
    unsure = kind == "unknown" or (
        kind == "exact-if-conditional" and (unlooked or op.kind == "put")
    )
    if unsure and result.status in _WRITTEN:
        result.status, result.existed, result.error = "applied", None, None
    return result
