"""From the user's tree to the model's: paths resolved, literals coerced, misfits refused.

On an array or set a positive operator on a scalar means *any element* and becomes ``AnyElem``; its
negative is the complement of that (*no element*); a list literal is the whole value; null is the
property's own null.  A path that goes by name through an array (``items.sku``) is about each
element in the same way, and is null where the array is null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import InvalidQueryError, InvalidValueError, did_you_mean
from juggler.query import _leaves
from juggler.query._paths import Place, place, unknown
from juggler.query._refusal import MAX_CONDITIONS, MAX_DEPTH, MAX_LIST, invalid, too_deep, too_long
from juggler.query.tree import (
    All,
    And,
    AnyElem,
    Cmp,
    Condition,
    In,
    IsNull,
    Near,
    Not,
    Nothing,
    Or,
    Where,
    all_of,
    any_of,
    conjuncts,
)
from juggler.values import ELEMENTED, ORDERED, TypeKind, TypeSpec
from juggler.values._refusal import show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from juggler.query.shape import FieldsSel
    from juggler.query.spec import OrderTerm
    from juggler.spec import ModelSpec

#: Levels of a bound tree; a parsed one has at most ``MAX_DEPTH``, expressions may add a few.
_LEVELS = MAX_DEPTH + 4


def bind_where(model: ModelSpec, where: Where, *, naive_utc: bool = False) -> Where:
    """The tree with the model's paths and neutral literals.

    Args:
        model: the model whose rows are meant.
        where: the tree of a parsed filter or of expressions.
        naive_utc: take datetimes without zone as UTC instead of refusing them.

    Raises:
        InvalidQueryError: an unknown property, an operator that the property's type does not have,
            a literal that does not fit, a pattern that is none, too many levels or conditions.
        CapabilityError: a pattern beyond the regular subset, and no ``re2``.
    """
    try:
        return _Binder(naive_utc).bind(model, where, 1)
    except InvalidQueryError as error:
        error.model = error.model or model.name
        raise


class _Binder:
    def __init__(self, naive_utc: bool) -> None:  # noqa: FBT001 - one private caller
        self.naive_utc = naive_utc
        self.conditions = 0

    def bind(self, scope: ModelSpec | TypeSpec, where: Where, depth: int) -> Where:
        """Bind a node in a row, or in an element of an array."""
        if depth > _LEVELS:
            raise too_deep()
        match where:
            case All() | Nothing():
                return where
            case And() | Or():
                kind = type(where)
                parts = [self.bind(scope, part, depth + 1) for part in _flat(kind, where)]
                return all_of(*parts) if kind is And else any_of(*parts)
            case Not(part):
                return Not(self.bind(scope, part, depth + 1))
            case Condition():
                return self.leaf(scope, where, depth)
        raise invalid(f"{show(where)} is no condition", "bad-where", "User.age > 3, or a dict")

    def leaf(self, scope: ModelSpec | TypeSpec, where: Any, depth: int) -> Where:
        """Bind a condition on one path."""
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            raise too_long("the filter", self.conditions)
        found = place(scope, getattr(where, "path", None))
        if isinstance(where, Cmp) and where.op == "ne":
            equal = self.leaf(scope, Cmp(where.path, "eq", where.value), depth)
            if isinstance(equal, Cmp):
                return Cmp(equal.path, "ne", equal.value)
            return Not(equal)
        if isinstance(where, IsNull) or (
            isinstance(where, Cmp) and where.value is None and where.op == "eq"
        ):
            return _null(found)
        if isinstance(where, In):
            return self.membership(found, where.values)
        if isinstance(where, AnyElem):
            inner = self.bind(_leaves.element(found, where.path), where.where, depth + 1)
            return _within(found.outer, AnyElem(found.path, inner))
        return _within(found.outer, self.at(found.path, found.type, where))

    def membership(self, found: Place, values: Any) -> Where:
        """``inq``: null apart, and on arrays whole lists apart from elements."""
        if len(values) > MAX_LIST:
            raise too_long(f"inq on {found.path!r}", len(values))
        parts: list[Where] = []
        given = [value for value in values if value is not None]
        spec = found.type
        whole = [v for v in given if _is_whole(spec, v)]
        each = [v for v in given if not _is_whole(spec, v)] if spec.kind in ELEMENTED else []
        if whole:
            bound = In(found.path, tuple(self.literal(found.path, spec, v) for v in whole))
            parts.append(_within(found.outer, bound))
        if each:
            of = Place((*found.outer, found.path), "", _leaves.element_type(spec))
            parts.append(self.membership(of, each))
        if len(given) < len(values):
            parts.append(_null(found))
        return any_of(*parts)

    def at(self, path: str, spec: TypeSpec, where: Any) -> Where:
        """A positive condition at a path of a known type; ``path`` replaces the condition's own."""
        if spec.kind in ELEMENTED and not _is_about_whole(spec, where):
            return AnyElem(path, self.at("", _leaves.element_type(spec), where))
        return _leaves.bind(self.literal, path, spec, where)

    def literal(self, path: str, spec: TypeSpec, value: Any) -> Any:
        """A literal as the neutral value of its type."""
        try:
            return _leaves.neutral(spec, value, naive_utc=self.naive_utc)
        except InvalidValueError as error:
            raise _leaves.misfit(path, spec, value, error) from None


def _flat(kind: type[And | Or], where: And | Or) -> Iterable[Where]:
    """The parts of nested nodes of one kind, without recursion: chains of ``&`` can be long."""
    stack: list[Any] = [iter(where.parts)]
    while stack:
        for part in stack[-1]:
            if isinstance(part, kind):
                stack.append(iter(part.parts))
                break
            yield part
        else:
            stack.pop()


def _within(outer: tuple[str, ...], where: Where) -> Where:
    for path in reversed(outer):
        where = AnyElem(path, where)
    return where


def _null(found: Place) -> Where:
    where: Where = IsNull(found.path)
    for path in reversed(found.outer):
        where = any_of(IsNull(path), AnyElem(path, where))
    return where


def _is_about_whole(spec: TypeSpec, where: Any) -> bool:
    match where:
        case Cmp(_, "eq", value):
            return _is_whole(spec, value)
        case _:
            return _leaves.is_for_collections(where)


def _is_whole(spec: TypeSpec, value: Any) -> bool:
    return spec.kind not in ELEMENTED or isinstance(value, list | tuple | set | frozenset)


# ---------------------------------------------------------------- order and fields


def bind_order(model: ModelSpec, order: tuple[OrderTerm, ...]) -> tuple[OrderTerm, ...]:
    """The order with the model's paths; a path named twice counts once, the first time.

    ``distance(location)`` orders by the distance of a near condition on ``location``.

    Raises:
        InvalidQueryError: an unknown path, or one whose type has no order.
    """
    bound: dict[str, OrderTerm] = {}
    for path, direction in order:
        if path.startswith("-") and path not in model.field:
            raise invalid(
                f"{path!r} is no order: the direction is a word",
                "bad-order",
                f"'{path[1:]} DESC'",
                model=model.name,
            )
        location = distance_path(path)
        found = place(model, location or path)
        spec = found.type
        wanted = {TypeKind.GEO, TypeKind.ANY} if location else {*ORDERED, TypeKind.ANY}
        if found.outer or spec.kind not in wanted:
            what = "goes through an array" if found.outer else f"is of type {spec}"
            raise invalid(
                f"{model.name} cannot be ordered by {path!r}, which {what}",
                "unorderable",
                "order by a property that holds one text, number, boolean or date",
                model=model.name,
            )
        bound.setdefault(path, (path, direction))
    return tuple(bound.values())


def distance_path(path: str) -> str | None:
    """``location`` of ``distance(location)``, None of any other path."""
    return path[9:-1] if path.startswith("distance(") and path.endswith(")") else None


def order_for(where: Where, order: tuple[OrderTerm, ...]) -> tuple[OrderTerm, ...]:
    """The order of a bound query: the given one, else by the distance of a top-level near.

    Raises:
        InvalidQueryError: a ``distance(…)`` without a near condition on that path at the top.
    """
    near = [part.path for part in conjuncts(where) if isinstance(part, Near)]
    for path, _ in order:
        location = distance_path(path)
        if location is not None and location not in near and not isinstance(where, Nothing):
            raise invalid(
                f"there is no point to measure {path!r} from",
                "no-near",
                f"{{'where': {{'{location}': {{'near': [lat, lng]}}}}}}",
            )
    return order if order or not near else ((f"distance({near[0]})", "asc"),)


def bind_fields(
    model: ModelSpec, fields: FieldsSel | tuple[str, ...] | None
) -> tuple[str, ...] | None:
    """The properties to give out, None for all.

    Without the names to leave out, an open model keeps its undeclared properties (``EXTRA``).

    Raises:
        InvalidQueryError: an unknown or dotted name.
    """
    if fields is None:
        return None
    names = fields if isinstance(fields, tuple) else fields.names
    for name in names:
        if "." in name:
            raise invalid(
                f"{name!r} is no property: fields takes no paths",
                "dotted-field",
                f"'{name.partition('.')[0]}' keeps the whole property",
            )
        if name not in model.field and not model.open:
            raise unknown(model, name)
    if not getattr(fields, "exclude", False):
        return tuple(dict.fromkeys(names))
    if undeclared := [name for name in names if name not in model.field]:
        raise invalid(
            f"{undeclared[0]!r} is not declared in {model.name} and cannot be left out",
            "undeclared-field",
            f"{did_you_mean(undeclared[0], model.names)}; or list the properties to keep",
            model=model.name,
        )
    return tuple(name for name in model.names if name not in names)
