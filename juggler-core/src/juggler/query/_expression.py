"""Writes the Python expression of a bound tree; what the user gave becomes a parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import InvalidValueError
from juggler.query import _undeclared
from juggler.query._leaves import element_type
from juggler.query.tree import (
    All,
    And,
    AnyElem,
    Between,
    Cmp,
    Contains,
    ContainsKey,
    In,
    IsNull,
    Like,
    Near,
    Not,
    Nothing,
    Or,
    Regex,
    StartsWith,
    Where,
)
from juggler.spec import EXTRA
from juggler.values import ANY, ELEMENTED, NUMBER, STRING, GeoPoint, TypeKind, TypeSpec, coercer
from juggler.values.geo import distance
from juggler.values.like import like_matcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler.query.evaluate import Layout

_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_HASHED_FROM = 2


class Writer:
    """Writes expressions over the row ``r``; ``values`` are its parameters ``a0, a1, …``."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.values: list[Any] = []
        self._variables = 0
        self._elements: list[tuple[str, TypeSpec]] = []

    def write(self, where: Where) -> str:
        """The expression of a node; it gives True or False."""
        match where:
            case All():
                return "True"
            case Nothing():
                return "False"
            case And(parts) | Or(parts):
                if not parts:
                    return str(isinstance(where, And))
                word = " and " if isinstance(where, And) else " or "
                return word.join(f"({self.write(part)})" for part in parts)
            case Not(part):
                return f"not ({self.write(part)})"
            case _:
                source, spec = self.access(where.path)
                return _LEAVES[type(where)](self, source, spec, where)

    def value(self, value: Any) -> str:
        """The name of a new parameter."""
        self.values.append(value)
        return f"a{len(self.values) - 1}"

    def variable(self) -> str:
        """The name of a new variable."""
        self._variables += 1
        return f"x{self._variables}"

    def present(self, source: str, spec: TypeSpec, *classes: type) -> tuple[str, str]:
        """A guard that the value is there (and of one of the classes, if undeclared); its name."""
        if source[0] == "e" and source.isalnum():
            name, bound = source, source
        else:
            name = self.variable()
            bound = f"({name} := {source})"
        if spec.kind is not TypeKind.ANY or not classes:
            return f"{bound} is not None", name
        if len(classes) == 1:
            return f"{bound}.__class__ is {self.value(classes[0])}", name
        return f"{bound}.__class__ in {self.value(frozenset(classes))}", name

    # ---------------------------------------------------------------- paths

    def access(self, path: str) -> tuple[str, TypeSpec]:
        """The expression of the value at a path (None where it leads nowhere), and its type."""
        if self._elements:
            source, spec = self._elements[-1]
            return self._below(source, spec, path.split(".")) if path else (source, spec)
        head, _, rest = path.partition(".")
        field = self.layout.model.field.get(head)
        parts = rest.split(".") if rest else []
        if field is None or head == EXTRA:
            extra = f"r[{self.layout.position(EXTRA)}]"
            return self._below(extra, TypeSpec(TypeKind.OBJECT), [head, *parts])
        return self._below(f"r[{self.layout.position(head)}]", field.type, parts)

    def _below(self, source: str, spec: TypeSpec, parts: list[str]) -> tuple[str, TypeSpec]:
        for i, part in enumerate(parts):
            if spec.kind is TypeKind.ANY:
                return f"dig({source}, {self.value(tuple(parts[i:]))})", ANY
            source, spec = self._step(source, spec, part)
        return source, spec

    def _step(self, source: str, spec: TypeSpec, part: str) -> tuple[str, TypeSpec]:
        x = self.variable()
        match spec.kind:
            case TypeKind.OBJECT:
                return self._get(x, source, part), ANY
            case TypeKind.EMBEDDED:
                field = spec.model.field.get(part) if spec.model else None
                return self._get(x, source, part), field.type if field else ANY
            case TypeKind.MAP:
                try:
                    key = coercer(spec.key or STRING)(part)
                except InvalidValueError:
                    return "None", spec.of or ANY
                return self._get(x, source, key), spec.of or ANY
            case TypeKind.GEO:
                name = "lat" if part == "lat" else "lng"
                return f"(None if ({x} := {source}) is None else {x}.{name})", NUMBER
            case TypeKind.ARRAY | TypeKind.VECTOR | TypeKind.TUPLE if (
                part.isascii() and part.isdigit()
            ):
                at = int(part)
                inside = f"({x} := {source}) is not None and len({x}) > {at}"
                below = spec.items[at] if at < len(spec.items) else spec.of or ANY
                return f"({x}[{at}] if {inside} else None)", below
            case _:
                return "None", ANY

    def _get(self, x: str, source: str, key: Any) -> str:
        return f"(None if ({x} := {source}) is None else {x}.get({self.value(key)}))"

    # ---------------------------------------------------------------- leaves

    def equal(self, source: str, spec: TypeSpec, value: Any) -> str:
        """Equality with a literal that is not null."""
        if not _undeclared.is_loose(spec):
            return f"{source} == {self.value(value)}"
        if value.__class__ is bool:
            return f"{source} is {self.value(value)}"
        if value.__class__ in _undeclared.NUMBERS:
            x = self.variable()
            return f"({x} := {source}) == {self.value(value)} and {x}.__class__ is not bool"
        if value.__class__ in {str, bytes}:
            return f"{source} == {self.value(value)}"
        return f"same({source}, {self.value(value)})"

    def cmp(self, source: str, spec: TypeSpec, where: Cmp) -> str:
        """A comparison."""
        value = where.value
        if where.op in {"eq", "ne"}:
            equal = f"{source} is None" if value is None else self.equal(source, spec, value)
            return equal if where.op == "eq" else f"not ({equal})"
        guard, x = self.present(source, spec, *_undeclared.family(value))
        return f"{guard} and {x} {_SIGNS[where.op]} {self.value(value)}"

    def between(self, source: str, spec: TypeSpec, where: Between) -> str:
        """Both bounds included."""
        low, high = _undeclared.family(where.lo), _undeclared.family(where.hi)
        if spec.kind is TypeKind.ANY and low != high:
            return "False"
        guard, x = self.present(source, spec, *low)
        return f"{guard} and {self.value(where.lo)} <= {x} <= {self.value(where.hi)}"

    def membership(self, source: str, spec: TypeSpec, where: In) -> str:
        """One of some values."""
        if _undeclared.is_loose(spec):
            return f"{self.value(_undeclared.among(where.values))}({source})"
        return f"{source} in {self.value(_set_of(where.values))}"

    def text(self, source: str, spec: TypeSpec, test: str) -> str:
        """A test of a text; ``{x}`` in it is the text."""
        guard, x = self.present(source, spec, str)
        return f"{guard} and {test.format(x=x)}"

    def like(self, source: str, spec: TypeSpec, where: Like) -> str:
        """A pattern of wildcards."""
        return self.text(
            source, spec, f"{self.value(like_matcher(where.pattern, where.ci))}({{x}})"
        )

    def regex(self, source: str, spec: TypeSpec, where: Regex) -> str:
        """A regular expression."""
        from juggler.values.regular import search_for  # noqa: PLC0415 - only with patterns

        search = self.value(search_for(where.pattern, where.flags))
        return self.text(source, spec, f"{search}({{x}}) is not None")

    def starts(self, source: str, spec: TypeSpec, where: StartsWith) -> str:
        """A prefix."""
        return self.text(source, spec, f"{{x}}.startswith({self.value(where.prefix)})")

    def contains(self, source: str, spec: TypeSpec, where: Contains) -> str:
        """An element of a collection, a value of a map."""
        if _undeclared.is_loose(spec):
            return f"holds({source}, {self.value(where.value)})"
        guard, x = self.present(source, spec)
        return f"{guard} and {self.value(where.value)} in {x}"

    def contains_key(self, source: str, spec: TypeSpec, where: ContainsKey) -> str:
        """A key of a map or object."""
        guard, x = self.present(source, spec, dict)
        return f"{guard} and {self.value(where.key)} in {x}"

    def any_element(self, source: str, spec: TypeSpec, where: AnyElem) -> str:
        """One element that fulfils a condition."""
        of = element_type(spec)
        inner = where.where
        if spec.kind not in ELEMENTED:
            return self.any_of(f"elements({source})", of, inner)
        guard, x = self.present(source, spec)
        if not _undeclared.is_loose(of) and of.kind not in ELEMENTED:
            match inner:
                case Cmp("", "eq", value) if value is not None:
                    return f"{guard} and {self.value(value)} in {x}"
                case In("", values) if isinstance(found := _set_of(values), frozenset):
                    return f"{guard} and not {self.value(found)}.isdisjoint({x})"
        return f"{guard} and {self.any_of(x, of, inner)}"

    def any_of(self, iterable: str, of: TypeSpec, inner: Where) -> str:
        """A test of the elements; no assignment may stand in the iterable of a comprehension."""
        x = self.variable()
        element = f"e{len(self._elements)}"
        self._elements.append((element, of))
        test = self.write(inner)
        self._elements.pop()
        if iterable.isalnum():
            return f"any({test} for {element} in {iterable})"
        return f"({x} := {iterable}) is not None and any({test} for {element} in {x})"

    def near(self, source: str, spec: TypeSpec, where: Near) -> str:
        """A distance."""
        x = self.variable()
        test = self.value(near_test(where))
        if spec.kind is TypeKind.ANY:
            return f"{test}({source})"
        return f"({x} := {source}) is not None and {test}({x})"


_LEAVES: dict[type, Callable[..., str]] = {
    Cmp: Writer.cmp,
    In: Writer.membership,
    Between: Writer.between,
    IsNull: lambda _writer, source, _spec, _where: f"{source} is None",
    Like: Writer.like,
    Regex: Writer.regex,
    StartsWith: Writer.starts,
    Contains: Writer.contains,
    ContainsKey: Writer.contains_key,
    AnyElem: Writer.any_element,
    Near: Writer.near,
}


def _set_of(values: tuple[Any, ...]) -> Any:
    """The values in the form in which ``in`` is fastest."""
    if len(values) < _HASHED_FROM:
        return values
    try:
        return frozenset(values)
    except TypeError:  # lists and dicts
        return values


def near_test(where: Near) -> Callable[[Any], bool]:
    """Whether a value is a point within the distances of a near condition."""
    low = 0.0 if where.min_distance is None else where.min_distance
    high = where.max_distance
    measure = measure_from(where.point, where.unit)

    def test(value: Any) -> bool:
        away = measure(value)
        return away is not None and low <= away and (high is None or away <= high)

    return test


def measure_from(point: GeoPoint, unit: str) -> Callable[[Any], float | None]:
    """The distance of a value from a point, None of what is no point."""

    def measure(value: Any) -> float | None:
        found = _undeclared.point_of(value)
        return None if found is None else distance(point, found, unit)

    return measure
