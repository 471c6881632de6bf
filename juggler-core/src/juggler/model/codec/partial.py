"""Rows of some fields only: instances on which the other properties are not loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.model.access import hold
from juggler.model.codec.parts import plain_copy
from juggler.spec import EXTRA
from juggler.values.missing import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from juggler.model.codec.codec import Codec


def partial_decoder(
    codec: Codec, fields: tuple[str, ...], wanted: tuple[str, ...] | None
) -> Callable[..., list[Any]]:
    """A function ``(rows, versions=None) → instances``; see :meth:`Codec.decode_partial`.

    The instance keeps everything that was read in its stored row, so that its key is known; only
    what is wanted is shown.
    """
    shown = frozenset(fields if wanted is None else wanted)
    cls, position = codec.model, codec.spec.position
    width = len(codec.spec.fields)
    places = [(i, position[name]) for i, name in enumerate(fields) if name in position]
    parts = [
        (i, codec.part[name])
        for i, name in enumerate(fields)
        if name in codec.part and name in shown
    ]
    loose = [(i, name) for i, name in enumerate(fields) if name not in position]
    extra_at = fields.index(EXTRA) if EXTRA in fields else None
    more_names = any(not part.slot for part in codec.parts)

    def undeclared(row: Sequence[Any]) -> dict[str, Any] | None:
        found = {name: row[i] for i, name in loose if row[i] is not None}
        kept = row[extra_at] if extra_at is not None else None
        if kept:
            found.update({k: v for k, v in kept.items() if wanted is None or k in shown})
        return plain_copy(found) or None

    def one(row: Sequence[Any], version: Any) -> Any:
        instance = object.__new__(cls)
        stored: list[Any] = [MISSING] * width
        for i, place in places:
            stored[place] = row[i]
        instance._row = tuple(stored)
        instance._version = version
        instance._rel = None
        instance._more = {} if more_names else None
        instance._extra = undeclared(row) if loose or extra_at is not None else None
        for i, part in parts:
            value = row[i]
            if value is not None and part.copy is not None:
                value = part.copy(value)
            hold(instance, part, value)
        return instance

    def many(rows: Sequence[Any], versions: Sequence[Any] | None = None) -> list[Any]:
        if versions is None:
            return [one(row, None) for row in rows]
        return [one(row, version) for row, version in zip(rows, versions, strict=True)]

    return many
