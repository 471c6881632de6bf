"""From the user's filter to the tree: syntax only; *bind* judges it against the model.

The spelling is LoopBack's.  A filter is ``{where, order, limit, skip | offset, fields, include}``.
A where is an object: ``and``, ``or``, ``nor`` (lists) and ``not`` (an object) combine, every other
key is a property path whose value is a condition:

* an object whose keys are all operators: all of them have to hold;
* an object none of whose keys is an operator: equality with that object (for properties that hold
  objects; ``{"eq": {...}}`` says so explicitly, and is needed when its keys look like operators);
* ``None``: null or missing; a compiled pattern: ``regexp``; anything else: equality.

``and or nor not`` may also stand inside a condition, over conditions of the same path.  In an
element match (``elemMatch``, ``any``) an object of operators is about the element itself, any other
about properties of the element.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.errors import InvalidValueError, did_you_mean
from juggler.query._literals import literal
from juggler.query._operators import LOGICAL, MATCHES, OPERATORS, SIBLINGS, WORDS, regexp
from juggler.query._refusal import (
    MAX_CONDITIONS,
    MAX_DEPTH,
    MAX_LIST,
    check_path,
    dollar,
    invalid,
    too_deep,
    too_long,
)
from juggler.query.shape import FieldsSel, parse_fields, parse_order
from juggler.query.tree import TRUE, AnyElem, Cmp, Condition, IsNull, Not, Where, all_of, any_of
from juggler.values import INTEGER, coercer
from juggler.values._refusal import show

if TYPE_CHECKING:
    from juggler.query.spec import OrderTerm

FILTER_KEYS = ("where", "order", "limit", "skip", "offset", "fields", "include")


@frozen
class Filter:
    """A parsed filter, not yet bound to a model.

    Attributes:
        where: the tree, with the user's literals.
        order: terms (path, direction), the most significant first.
        limit: rows at most, None for all.
        skip: rows left out at the beginning.
        fields: properties to keep or to leave out, None for all.
        include: relations to load, as given.
    """

    where: Where = TRUE
    order: tuple[OrderTerm, ...] = ()
    limit: int | None = None
    skip: int = 0
    fields: FieldsSel | None = None
    include: Any = None


def parse_filter(data: Mapping[str, Any] | None) -> Filter:
    """A LoopBack filter as a :class:`Filter`; the argument is not changed.

    Raises:
        InvalidQueryError: an unknown key, operator or form; see :func:`parse_where`.
    """
    if data is None:
        return Filter()
    if not isinstance(data, Mapping):
        raise invalid(f"{show(data)} is no filter", "bad-filter", "{'where': {…}, 'order': …}")
    for key in data:
        if key not in FILTER_KEYS:
            raise invalid(
                f"{show(key)} is no part of a filter",
                "unknown-filter-key",
                f"{did_you_mean(key, FILTER_KEYS)}; a condition: {{'where': {{{show(key)}: …}}}}",
            )
    return Filter(
        where=parse_where(data.get("where")),
        order=parse_order(data.get("order")),
        limit=parse_count("limit", data.get("limit")),
        skip=_skip(data),
        fields=parse_fields(data.get("fields")),
        include=literal(data.get("include")),
    )


def parse_where(data: Mapping[str, Any] | Condition | None) -> Where:
    """A LoopBack where as a tree; None and ``{}`` are every row.

    Raises:
        InvalidQueryError: an unknown operator, an empty condition, a null where none can be, a
            list of the wrong size, a key with ``$``, too many levels or conditions.
    """
    return TRUE if data is None else _Parser().where(data, 1)


def parse_count(name: str, value: Any) -> int | None:
    """A limit or skip: an integer from 0 on, or its text; None stays None."""
    try:
        count: int | None = coercer(INTEGER)(value)
    except InvalidValueError:
        count = -1
    if count is not None and count < 0:
        raise invalid(f"{show(value)} is no {name}", f"bad-{name}", "an integer, 0 or more")
    return count


def _skip(data: Mapping[str, Any]) -> int:
    skip, offset = (parse_count(name, data.get(name)) for name in ("skip", "offset"))
    if skip is not None and offset is not None and skip != offset:
        raise invalid(
            f"skip is {skip} and offset is {offset}",
            "skip-and-offset",
            "they mean the same; give one",
        )
    return skip if skip is not None else offset or 0


class _Parser:
    """Walks a where; counts its conditions."""

    def __init__(self) -> None:
        self.conditions = 0

    def where(self, data: Any, depth: int, *, element: bool = False) -> Where:
        """An object of paths and logical words; within an element match also one of operators."""
        if isinstance(data, Condition):
            return data  # type: ignore[return-value]
        if depth > MAX_DEPTH:
            raise too_deep()
        if not isinstance(data, Mapping):
            raise invalid(f"{show(data)} is no where", "bad-where", "{'property': value}")
        if element and any(key in WORDS and key not in LOGICAL for key in data):
            return self.condition("", data, depth)
        parts = [
            self.logical(key, value, depth, element=element)
            if key in LOGICAL
            else self.condition(check_path(key), value, depth)
            for key, value in data.items()
        ]
        return all_of(*parts)

    def logical(self, word: str, value: Any, depth: int, *, element: bool) -> Where:
        """``and``, ``or``, ``nor`` over a list of wheres, ``not`` over one."""
        if word == "not":
            return Not(self.where(value, depth + 1, element=element))
        return _combine(
            word, [self.where(part, depth + 1, element=element) for part in _list(word, value)]
        )

    def condition(self, path: str, value: Any, depth: int) -> Where:
        """What a path has to fulfil."""
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            raise invalid(
                f"the filter has more than {MAX_CONDITIONS} conditions",
                "query-too-large",
                "use inq with a list, or ask in several queries",
            )
        if depth > MAX_DEPTH:
            raise too_deep()
        if value is None:
            return IsNull(path)
        if isinstance(value, re.Pattern):
            return regexp(path, value, {})
        if not isinstance(value, Mapping):
            return Cmp(path, "eq", literal(value, depth))
        return self.operators(path, value, depth)

    def operators(self, path: str, data: Mapping[Any, Any], depth: int) -> Where:
        """All the operators of an object, or equality with it."""
        if not data:
            raise invalid(
                f"the condition on {path!r} is empty",
                "empty-condition",
                f"leave it out for every row; {{'{path}': {{'eq': {{}}}}}} for the empty object",
            )
        if not any(key in WORDS for key in data):
            return Cmp(path, "eq", literal(data, depth))
        parts = []
        for word, operand in data.items():
            if word in SIBLINGS:
                _check_sibling(path, word, data)
            else:
                parts.append(self.operator(path, word, operand, data, depth))
        return all_of(*parts)

    def operator(
        self, path: str, word: Any, operand: Any, data: Mapping[Any, Any], depth: int
    ) -> Where:
        """One operator."""
        if word in OPERATORS:
            return OPERATORS[word](path, operand, data)
        if word in MATCHES:
            if not isinstance(operand, Mapping | Condition):
                raise invalid(
                    f"{word} on {path!r} needs an object of conditions, not {show(operand)}",
                    "bad-element-match",
                    f"{{'{path}': {{'contains': value}}}} looks for an element",
                )
            return AnyElem(path, self.where(operand, depth + 1, element=True))
        if word == "not":
            return Not(self.condition(path, operand, depth + 1))
        if word in LOGICAL:
            return _combine(
                word, [self.condition(path, part, depth + 1) for part in _list(word, operand)]
            )
        if isinstance(word, str) and word.startswith("$"):
            raise dollar(word)
        raise invalid(
            f"{show(word)} on {path!r} is no operator, and stands beside one",
            "unknown-operator",
            did_you_mean(str(word)[:60], WORDS),
        )


def _combine(word: str, parts: list[Where]) -> Where:
    if word == "and":
        return all_of(*parts)
    found = any_of(*parts)
    return found if word == "or" else Not(found)


def _list(word: str, value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise invalid(
            f"{word} needs a list, not {show(value)}", "not-a-list", f"{{'{word}': [{{…}}]}}"
        )
    if len(value) > MAX_LIST:
        raise too_long(word, len(value))
    return list(value)


def _check_sibling(path: str, word: str, data: Mapping[Any, Any]) -> None:
    owners = SIBLINGS[word]
    if not any(owner in data for owner in owners):
        raise invalid(
            f"{word} on {path!r} belongs to {' or '.join(owners)}, which is not there",
            "stray-option",
            f"{{'{path}': {{'{owners[0]}': …, '{word}': …}}}}",
        )


__all__ = [
    "FieldsSel",
    "Filter",
    "parse_count",
    "parse_fields",
    "parse_filter",
    "parse_order",
    "parse_where",
]
