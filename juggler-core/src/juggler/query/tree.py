"""The filter tree: immutable, hashable nodes that every layer below the user's filter works on.

A path is a dotted text (``address.city``, ``tags.0``).  Before *bind* the literals are the user's;
after it they are neutral values of the path's type.  ``Near`` carries its unit until *bind*, which
turns the distances into metres.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler.values.geo import GeoPoint

CmpOp = Literal["eq", "ne", "lt", "le", "gt", "ge"]


class Condition:
    """A condition of a filter: combine with ``&``, ``|`` and ``~``; it has no truth value."""

    __slots__ = ()

    def __and__(self, other: Condition) -> Condition:
        if not isinstance(other, Condition):
            return NotImplemented
        return all_of(cast("Where", self), cast("Where", other))

    def __or__(self, other: Condition) -> Condition:
        if not isinstance(other, Condition):
            return NotImplemented
        return any_of(cast("Where", self), cast("Where", other))

    def __invert__(self) -> Condition:
        return Not(cast("Where", self))

    def __bool__(self) -> bool:
        from juggler.errors import InvalidQueryError  # noqa: PLC0415 - only on misuse

        raise InvalidQueryError(
            "a condition has no truth value",
            code="truth-value",
            hint="combine conditions with & | ~, not with and, or, not",
        )


@frozen
class All(Condition):
    """Every row (``and: []``, no condition)."""


@frozen
class Nothing(Condition):
    """No row (``or: []``, ``inq: []``, a contradiction)."""


@frozen
class And(Condition):
    """All of the parts."""

    parts: tuple[Where, ...]


@frozen
class Or(Condition):
    """At least one of the parts."""

    parts: tuple[Where, ...]


@frozen
class Not(Condition):
    """The exact complement: null and missing values are in it."""

    part: Where


@frozen
class Cmp(Condition):
    """A comparison; ``eq`` and ``ne`` know null, the others are false for it."""

    path: str
    op: CmpOp
    value: Any


@frozen
class In(Condition):
    """The value is one of ``values`` (after normalisation: distinct, never null)."""

    path: str
    values: tuple[Any, ...]


@frozen
class Between(Condition):
    """``lo <= value <= hi``, both ends included."""

    path: str
    lo: Any
    hi: Any


@frozen
class IsNull(Condition):
    """Null or missing."""

    path: str


@frozen
class Like(Condition):
    r"""SQL's LIKE on the whole text: ``%`` any run, ``_`` one character, ``\`` escapes.

    ``ci`` folds case.
    """

    path: str
    pattern: str
    ci: bool = False


@frozen
class Regex(Condition):
    """``re.search`` within the regular subset; ``flags`` is a text out of ``i``, ``m``, ``s``."""

    path: str
    pattern: str
    flags: str = ""


@frozen
class StartsWith(Condition):
    """The text begins with ``prefix`` (normalisation makes it of ``like 'x%'``)."""

    path: str
    prefix: str


@frozen
class Contains(Condition):
    """The array or set has an element equal to ``value``; the map has such a value.

    Of an undeclared value, lists contain their elements and objects their values.
    """

    path: str
    value: Any


@frozen
class ContainsKey(Condition):
    """The map or object has the key."""

    path: str
    key: Any


@frozen
class AnyElem(Condition):
    """One element of the array fulfils ``where``; paths in it are relative to the element.

    The path ``""`` means the element itself.  Of a map or an undeclared object, the values are the
    elements.
    """

    path: str
    where: Where


@frozen
class Near(Condition):
    """Within ``min_distance``..``max_distance`` (inclusive) of ``point`` on the sphere.

    ``unit`` is miles, kilometers, meters, feet, radians or degrees (LoopBack's words); after bind
    it is always ``meters``.
    """

    path: str
    point: GeoPoint
    min_distance: float | None = None
    max_distance: float | None = None
    unit: str = "miles"


Where: TypeAlias = (
    All
    | Nothing
    | And
    | Or
    | Not
    | Cmp
    | In
    | Between
    | IsNull
    | Like
    | Regex
    | StartsWith
    | Contains
    | ContainsKey
    | AnyElem
    | Near
)

TRUE = All()
FALSE = Nothing()


def all_of(*parts: Where) -> Where:
    """The conjunction, flat, without needless nesting."""
    flat: list[Where] = []
    for part in parts:
        if isinstance(part, And):
            flat += part.parts
        elif part is not TRUE and not isinstance(part, All):
            flat.append(part)
    if not flat:
        return TRUE
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(*parts: Where) -> Where:
    """The disjunction, flat, without needless nesting."""
    flat: list[Where] = []
    for part in parts:
        if isinstance(part, Or):
            flat += part.parts
        elif not isinstance(part, Nothing):
            flat.append(part)
    if not flat:
        return FALSE
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def conjuncts(where: Where) -> tuple[Where, ...]:
    """The parts of a conjunction; a single condition is its own conjunct, ``TRUE`` has none."""
    if isinstance(where, And):
        return where.parts
    return () if isinstance(where, All) else (where,)


def paths(where: Where) -> frozenset[str]:
    """Every path that the tree names (those inside ``AnyElem`` as the array's path)."""
    found: set[str] = set()
    walk(where, lambda node: found.add(node.path) if hasattr(node, "path") else None)
    return frozenset(found)


def walk(where: Where, visit: Callable[[Any], object]) -> None:
    """Call ``visit`` for every node, parents first; not inside ``AnyElem``."""
    visit(where)
    match where:
        case And(parts) | Or(parts):
            for part in parts:
                walk(part, visit)
        case Not(part):
            walk(part, visit)
        case _:
            pass
