"""Where a path of a filter leads in a model: its type, and the arrays that it crosses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.errors import did_you_mean
from juggler.query._refusal import check_path, invalid
from juggler.spec import EXTRA, ModelSpec
from juggler.values import ANY, ELEMENTED, NUMBER, TypeKind, TypeSpec

if TYPE_CHECKING:
    from juggler.errors import InvalidQueryError

_REMEMBERED = 500


@frozen
class Place:
    """A path resolved.

    Attributes:
        outer: paths of the arrays crossed by name (``items.sku`` crosses ``items``), each relative
            to an element of the one before.
        path: the rest, relative to an element of the last of ``outer``.
        type: the type found there.
    """

    outer: tuple[str, ...]
    path: str
    type: TypeSpec


def place(scope: ModelSpec | TypeSpec, path: Any) -> Place:
    """The place of a path in a row of a model, or in an element of some type (``""`` is itself).

    Raises:
        InvalidQueryError: the path leads nowhere; the hint names what is near.
    """
    if isinstance(scope, TypeSpec):
        return Place((), "", scope) if path == "" else _walk(scope, check_path(path), path)
    known: dict[str, Place] = scope.__dict__.setdefault("_places", {})
    found = known.get(path)
    if found is None:
        found = _of_row(scope, check_path(path))
        if len(known) < _REMEMBERED:
            known[path] = found
    return found


def _of_row(model: ModelSpec, path: str) -> Place:
    head, _, rest = path.partition(".")
    field = model.field.get(head)
    if head == EXTRA or (field is None and not model.open):
        raise unknown(model, head)
    if field is None:
        return Place((), path, ANY)
    return _walk(field.type, rest, path, head) if rest else Place((), head, field.type)


def _walk(spec: TypeSpec, rest: str, whole: str, done: str = "") -> Place:
    """Follow ``rest`` from a value of type ``spec`` that stands at ``done``."""
    outer: list[str] = []
    for part in rest.split("."):
        while spec.kind in ELEMENTED and not _is_index(part, spec):
            outer.append(done)
            done, spec = "", spec.of or ANY
        spec = _below(spec, part, whole)
        done = f"{done}.{part}" if done else part
    return Place(tuple(outer), done, spec)


def _is_index(part: str, spec: TypeSpec) -> bool:
    return spec.kind is TypeKind.ARRAY and part.isascii() and part.isdigit()


def _below(spec: TypeSpec, part: str, whole: str) -> TypeSpec:
    match spec.kind:
        case TypeKind.ANY | TypeKind.OBJECT:
            return ANY
        case TypeKind.EMBEDDED if spec.model is None:
            return ANY
        case TypeKind.EMBEDDED:
            return _property(spec.model, part)  # type: ignore[arg-type]
        case TypeKind.MAP | TypeKind.ARRAY:
            return spec.of or ANY
        case TypeKind.VECTOR if part.isascii() and part.isdigit():
            return spec.of or NUMBER
        case TypeKind.TUPLE if part.isascii() and part.isdigit() and int(part) < len(spec.items):
            return spec.items[int(part)]
        case TypeKind.GEO if part in {"lat", "lng"}:
            return NUMBER
        case _:
            raise invalid(
                f"{whole!r} leads nowhere: there is no {part!r} in a value of type {spec}",
                "unknown-property",
                "a path goes through objects, maps, arrays (by index or into each element)",
            )


def _property(model: ModelSpec, name: str) -> TypeSpec:
    field = model.field.get(name)
    if field is not None and name != EXTRA:
        return field.type
    if model.open and name != EXTRA:
        return ANY
    raise unknown(model, name)


def unknown(model: ModelSpec, name: str) -> InvalidQueryError:
    """The error for a property that a model does not have."""
    names = [known for known in model.names if known != EXTRA]
    return invalid(
        f"{model.name} has no property {name!r}",
        "unknown-property",
        did_you_mean(name, names),
        model=model.name,
    )
