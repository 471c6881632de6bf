"""Embedded instances that a write of the row around them makes or changes: their hooks run, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.model.access import held
from juggler.model.relations.resolve import names, raw
from juggler.model.relations.resolve import relation as resolved
from juggler.model.validation import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler.model.codec.codec import Codec
    from juggler.model.codec.parts import Part

#: An embedded instance, and whether it is new; None where nobody knows.
Written = tuple[Any, bool | None]


def written(instance: Any) -> list[Written]:
    """The embedded instances with hooks that differ from what is stored, inner ones first."""
    codec = type(instance).__codec__
    codec.encode(instance)  # what was assigned as a mapping becomes an instance
    row = instance._row  # noqa: SLF001 - the instance's own slots
    stored = {} if row is None else dict(zip(codec.spec.names, row, strict=True))
    return list(_in(codec, instance, stored))


def _in(codec: Codec, instance: Any, stored: dict[str, Any]) -> Iterator[Written]:
    for part in codec.parts:
        if part.inner is None or not _has_life(part.inner.model):
            continue
        if _is_copy(type(instance), part.name):
            continue
        before = list(_mappings(stored.get(part.name)))
        for _, one in embedded(_held(instance, part), part.name):
            now = part.inner.embed(one)
            if now in before:
                continue
            old = _counterpart(part, one, before)
            yield from _in(part.inner, one, old or {})
            if type(one).__hooked__:
                yield one, old is None


def _is_copy(model: Any, name: str) -> bool:
    """Whether a property has copies of rows (``persistent``): hooks run for the rows themselves."""
    for relation in names(model):
        said = raw(model, relation) or {}
        if said.get("options", {}).get("persistent") and resolved(model, relation).held == name:
            return True
    return False


def _has_life(model: Any) -> bool:
    return model.__hooked__ or model.__validated__  # type: ignore[no-any-return]


def _held(instance: Any, part: Part) -> Any:
    try:
        return held(instance, part)
    except AttributeError:  # not loaded
        return None


def _counterpart(part: Part, one: Any, before: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What is stored of an embedded instance: found by its key, or by what it was read from."""
    if part.type.of is None:
        return before[0] if before else None
    ids = type(one).__definition__.ids
    key = {name: one[name] for name in ids}
    if key and None not in key.values():
        same = (old for old in before if all(old.get(n) == v for n, v in key.items()))
        return next(same, None)
    read = getattr(one, "_embedded", None)
    return read if read in before else None


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    """The mappings of embedded instances in a stored value of any depth."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for element in value:
            yield from _mappings(element)
