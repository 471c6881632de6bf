"""Typed expressions: ``User.age > 30`` makes the same tree as ``{"age": {"gt": 30}}``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeAlias, TypeVar, cast, overload

from juggler.query._operators import regexp as regexp_node
from juggler.query._refusal import invalid
from juggler.query.shape import Ordering
from juggler.query.tree import (
    AnyElem,
    Between,
    Cmp,
    Condition,
    Contains,
    ContainsKey,
    In,
    IsNull,
    Like,
    Near,
    Not,
    Where,
)
from juggler.values._refusal import show
from juggler.values.like import escape_like

if TYPE_CHECKING:
    import re
    from decimal import Decimal

    from juggler.query.tree import CmpOp
    from juggler.values import GeoPoint

T = TypeVar("T")
#: What compares with whole numbers, too, to type checkers: Python lets a Decimal do so.
Amount: TypeAlias = "Expr[Decimal] | Expr[Decimal | None]"


class Expr(Generic[T]):
    """A property, or a path below one, in conditions and orders.

    Comparisons give a :class:`Condition`; combine those with ``&``, ``|`` and ``~``.  An expression
    has no truth value.

    Args:
        path: the dotted path.
        owner: name of the model, for messages.
    """

    __slots__ = ("owner", "path")

    def __init__(self, path: str, owner: str = "") -> None:
        self.path = path
        self.owner = owner

    def __repr__(self) -> str:
        return f"{self.owner}.{self.path}" if self.owner else self.path or "element"

    # ---------------------------------------------------------------- comparisons

    def __eq__(self, other: T | None) -> Condition:  # type: ignore[override]
        value = self._operand(other)
        return IsNull(self.path) if value is None else Cmp(self.path, "eq", value)

    def __ne__(self, other: T | None) -> Condition:  # type: ignore[override]
        value = self._operand(other)
        return Not(IsNull(self.path)) if value is None else Cmp(self.path, "ne", value)

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __lt__(self: Amount, other: Decimal | int) -> Condition: ...
    @overload
    def __lt__(self, other: T) -> Condition: ...
    def __lt__(self, other: Any) -> Condition:
        return self._compare("lt", other)

    @overload
    def __le__(self: Amount, other: Decimal | int) -> Condition: ...
    @overload
    def __le__(self, other: T) -> Condition: ...
    def __le__(self, other: Any) -> Condition:
        return self._compare("le", other)

    @overload
    def __gt__(self: Amount, other: Decimal | int) -> Condition: ...
    @overload
    def __gt__(self, other: T) -> Condition: ...
    def __gt__(self, other: Any) -> Condition:
        return self._compare("gt", other)

    @overload
    def __ge__(self: Amount, other: Decimal | int) -> Condition: ...
    @overload
    def __ge__(self, other: T) -> Condition: ...
    def __ge__(self, other: Any) -> Condition:
        return self._compare("ge", other)

    @overload
    def between(self: Amount, low: Decimal | int, high: Decimal | int) -> Condition: ...
    @overload
    def between(self, low: T, high: T) -> Condition: ...
    def between(self, low: Any, high: Any) -> Condition:
        """``low <= value <= high``, both ends included."""
        return Between(self.path, self._operand(low), self._operand(high))

    def in_(self, values: Iterable[T | None]) -> Condition:
        """The value is one of these; none of them matches no row (``inq``)."""
        return In(self.path, self._operands(values))

    def not_in(self, values: Iterable[T | None]) -> Condition:
        """The value is none of these; null is among the rest (``nin``)."""
        return Not(In(self.path, self._operands(values)))

    def is_null(self) -> Condition:
        """Null or missing."""
        return IsNull(self.path)

    def exists(self, wanted: bool = True) -> Condition:  # noqa: FBT001, FBT002 - as in the filter
        """There is a value, or with False there is none."""
        return Not(IsNull(self.path)) if wanted else IsNull(self.path)

    # ---------------------------------------------------------------- texts

    def like(self: Expr[str] | Expr[str | None], pattern: str) -> Condition:
        r"""SQL's LIKE on the whole text: ``%`` any run, ``_`` one character, ``\`` escapes."""
        return Like(self.path, pattern)

    def nlike(self: Expr[str] | Expr[str | None], pattern: str) -> Condition:
        """Not like; null is among these."""
        return Not(Like(self.path, pattern))

    def ilike(self: Expr[str] | Expr[str | None], pattern: str) -> Condition:
        """Like, in any case."""
        return Like(self.path, pattern, ci=True)

    def nilike(self: Expr[str] | Expr[str | None], pattern: str) -> Condition:
        """Not like in any case; null is among these."""
        return Not(Like(self.path, pattern, ci=True))

    def regexp(self: Expr[str] | Expr[str | None], pattern: str | re.Pattern[str]) -> Condition:
        """``re.search`` of a regular pattern, ``/pattern/flags`` or a compiled pattern."""
        return regexp_node(self.path, pattern, {})

    def startswith(self: Expr[str] | Expr[str | None], prefix: str) -> Condition:
        """The text begins with ``prefix``, in which no character is special."""
        return Like(self.path, f"{escape_like(prefix)}%")

    # ---------------------------------------------------------------- points

    def near(
        self: Expr[GeoPoint] | Expr[GeoPoint | None],
        point: Any,
        *,
        max_distance: float | None = None,
        min_distance: float | None = None,
        unit: str = "miles",
    ) -> Condition:
        """Near a point; as a whole condition or a part of ``&`` it also orders by the distance.

        Args:
            point: a GeoPoint, ``(lat, lng)``, ``{"lat", "lng"}`` or ``"lat,lng"``.
            max_distance: at most this far, inclusive.
            min_distance: at least this far, inclusive.
            unit: miles, kilometers, meters, feet, radians or degrees.
        """
        return Near(self.path, point, min_distance, max_distance, unit)

    # ---------------------------------------------------------------- collections and paths

    def contains(self, value: Any) -> Condition:
        """The list or set has this element; the map has this value."""
        return Contains(self.path, self._operand(value))

    def contains_key(self, key: Any) -> Condition:
        """The map or object has this key."""
        return ContainsKey(self.path, self._operand(key))

    def any(
        self, where: Condition | Mapping[str, Any] | Callable[[Expr[Any]], Condition]
    ) -> Condition:
        """One element fulfils all of ``where``: a filter's where, or a function of the element.

        ``User.items.any({"sku": "a", "qty": {"gt": 1}})`` is
        ``User.items.any(lambda item: (item["sku"] == "a") & (item["qty"] > 1))``.
        """
        if isinstance(where, Mapping):
            from juggler.query.parse import parse_where  # noqa: PLC0415 - only here

            found: Any = parse_where({"element": {"elemMatch": where}})
            return AnyElem(self.path, found.where)
        made = where if isinstance(where, Condition) else where(Expr(""))
        if not isinstance(made, Condition):
            raise invalid(
                f"{show(made)} is no condition on an element",
                "bad-element-match",
                'item["sku"] == "a"',
            )
        return AnyElem(self.path, cast("Where", made))

    def at(self, path: str | int) -> Expr[Any]:
        """A path below this property: a name, an index of an array, or several with dots."""
        return Expr(f"{self.path}.{path}" if self.path else str(path), self.owner)

    def __getitem__(self, path: str | int) -> Expr[Any]:
        """``User.address["city"]``, the same as ``User.address.at("city")``."""
        return self.at(path)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            msg = f"{self!r} has no operator {name!r}; the path is {self!r}[{name!r}]"
            raise AttributeError(msg)

    #: With ``__getitem__`` alone Python would iterate, without an end.
    __iter__ = None

    # ---------------------------------------------------------------- order

    def asc(self) -> Ordering:
        """This property as an ascending order term; null comes first."""
        return Ordering(self.path, "asc")

    def desc(self) -> Ordering:
        """This property as a descending order term; null comes last."""
        return Ordering(self.path, "desc")

    # ---------------------------------------------------------------- misuse

    def __bool__(self) -> NoReturn:
        raise invalid(
            f"{self!r} has no truth value",
            "truth-value",
            f"compare it: {self!r} == True; combine conditions with & | ~, not and, or, not",
        )

    def __contains__(self, value: object) -> NoReturn:
        raise invalid(
            f"'in' cannot be used with {self!r}", "truth-value", f"{self!r}.contains({show(value)})"
        )

    def _compare(self, op: CmpOp, other: Any) -> Condition:
        return Cmp(self.path, op, self._operand(other))

    def _operands(self, values: Any) -> tuple[Any, ...]:
        if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
            raise invalid(
                f"in_ on {self!r} needs a list, not {show(values)}", "not-a-list", "[first, second]"
            )
        return tuple(self._operand(value) for value in values)

    def _operand(self, value: Any) -> Any:
        if isinstance(value, Expr | Condition):
            raise invalid(
                f"{self!r} is compared with {value!r}"[:200],
                "property-operand",
                "the other side has to be a value: two properties cannot be compared",
            )
        return value
