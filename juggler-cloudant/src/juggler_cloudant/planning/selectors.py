"""Conditions as Mango selectors: what the server can leave out before it sends documents.

Only what is exact, or surely finds too much, is said in a selector: of texts their equality, but no
negation, since the server takes more texts for equal than Juggler does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from juggler.query.tree import And, Cmp, Contains, In, Not, Or, Where
from juggler.spec import EXTRA, path_type
from juggler.values import TypeKind as K
from juggler_cloudant.home import is_dense, stored_path
from juggler_cloudant.planning.bounds import Bound, bound_of, is_alike
from juggler_cloudant.planning.requests import HIGH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from juggler.spec import FieldSpec
    from juggler.values import TypeSpec
    from juggler_cloudant.home import MangoIndex
    from juggler_cloudant.planning.matching import Asked
    from juggler_cloudant.planning.place import Place

#: Values of one condition at most.
_MOST_VALUES: Final = 100


@frozen(eq=False)
class Selector:
    """A condition in Mango, and whether it is exact or finds too much."""

    body: dict[str, Any]
    exact: bool


def selector_of(place: Place, where: Where) -> Selector | None:
    """The selector of a condition, None where the server cannot help."""
    match where:
        case And(parts):
            found = [selector_of(place, part) for part in parts]
            some = [one for one in found if one is not None]
            return _joined("$and", some, exact=len(some) == len(parts)) if some else None
        case Or(parts):
            found = [selector_of(place, part) for part in parts]
            all_of_them = [one for one in found if one is not None]
            return _joined("$or", all_of_them) if len(all_of_them) == len(parts) else None
        case Not(Cmp(path, "eq", value)) | Cmp(path, "ne", value):
            return _other(place, path, (value,))
        case Not(In(path, values)):
            return _other(place, path, values)
        case Contains(path, value):
            return _containing(place, path, value)
        case _:
            return _bounded(place, where)


def pinned(place: Place, index: MangoIndex, asked: Asked, more: Iterable[Selector]) -> Any:
    """The whole selector: it has to name each field of the index, or the server refuses it."""
    parts: list[dict[str, Any]] = []
    for field in index.fields:
        if field == place.home.field:
            continue
        bound = asked.bounds.get(field)
        parts.append({field: {"$exists": True} if bound is None else _condition(bound)})
    parts += [one.body for one in more]
    mark = [{field: {"$eq": name}} for field, name in place.home.mark.items()]
    return {"$and": [*mark, *parts]}


def _joined(word: str, some: list[Selector], *, exact: bool = True) -> Selector:
    if len(some) == 1:
        return Selector(some[0].body, exact and some[0].exact)
    return Selector({word: [one.body for one in some]}, exact and all(one.exact for one in some))


def _bounded(place: Place, part: Where) -> Selector | None:
    path = getattr(part.part if isinstance(part, Not) else part, "path", "")
    spec = _type(place, path)
    if spec is None:
        return None
    bound = bound_of([part], spec, place.model.field.get(path))
    if bound is None or (bound.nulls and not is_dense(place.model, place.home, path)):
        return None
    if bound.values is not None and not 0 < len(bound.values) <= _MOST_VALUES:
        return None
    return Selector({stored_path(place.model, path): _condition(bound)}, not bound.superset)


def _other(place: Place, path: str, values: tuple[Any, ...]) -> Selector | None:
    """None of these values; null is another one, so that it has to stand in the documents."""
    spec = _type(place, path)
    if spec is None or not is_dense(place.model, place.home, path):
        return None
    bound = bound_of([In(path, values)], spec, place.model.field.get(path))
    if bound is None or bound.superset or not bound.values or len(bound.values) > _MOST_VALUES:
        return None
    condition = {"$ne": bound.values[0]} if len(bound.values) == 1 else {"$nin": list(bound.values)}
    return Selector({stored_path(place.model, path): condition}, exact=True)


def _containing(place: Place, path: str, value: Any) -> Selector | None:
    spec = path_type(place.model, path)
    if path not in place.model.field or spec is None or spec.kind not in {K.ARRAY, K.SET}:
        return None
    inner = spec.of
    if inner is None or not _is_alike(place, inner, None):
        return None
    bound = bound_of([Cmp(path, "eq", value)], inner, None)
    if bound is None or bound.values is None or len(bound.values) != 1:
        return None
    condition = {"$elemMatch": {"$eq": bound.values[0]}}
    return Selector({stored_path(place.model, path): condition}, exact=False)


def _type(place: Place, path: str) -> TypeSpec | None:
    """The type at a path that a selector can name, and whose values it can compare."""
    head, *rest = path.split(".")
    if not path or path in place.model.key.names or head not in place.model.field or head == EXTRA:
        return None
    if any(not step or step[0] == "$" or step.isdigit() for step in rest) or head[0] == "$":
        return None
    spec = path_type(place.model, path)
    field = place.model.field.get(path)
    return spec if spec is not None and _is_alike(place, spec, field) else None


def _is_alike(place: Place, spec: TypeSpec, field: FieldSpec | None) -> bool:
    return spec.kind is not K.ANY and is_alike(place.home, spec, field)


def _condition(bound: Bound) -> dict[str, Any]:
    if bound.values is not None:
        if len(bound.values) == 1:
            return {"$eq": bound.values[0]}
        return {"$in": list(bound.values)}
    found: dict[str, Any] = {}
    if bound.low is not None:
        found["$gt" if bound.low[1] else "$gte"] = bound.low[0]
    if bound.high is not None and bound.high[0] is not HIGH:
        found["$lt" if bound.high[1] else "$lte"] = bound.high[0]
    return found
