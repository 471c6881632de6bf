"""The table of operators: LoopBack's words and the nodes that they make."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from juggler.errors import InvalidValueError
from juggler.query._literals import literal
from juggler.query._refusal import MAX_LIST, MAX_PATTERN, invalid, too_long
from juggler.query.tree import (
    Between,
    Cmp,
    Contains,
    ContainsKey,
    In,
    IsNull,
    Like,
    Near,
    Not,
    Regex,
    Where,
)
from juggler.values import BOOLEAN, NUMBER, coercer
from juggler.values._refusal import show

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from juggler.query.tree import CmpOp

    #: (path, operand, the sibling keys that belong to the operator) → node
    Build = Callable[[str, Any, Mapping[str, Any]], Where]

_FLAG_BITS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
_FLAGS = "flags are i (any case), m (multi-line), s (dot is any character) and g (ignored)"


def _equal(path: str, value: Any, _: Mapping[str, Any]) -> Where:
    return IsNull(path) if value is None else Cmp(path, "eq", literal(value))


def _unequal(path: str, value: Any, _: Mapping[str, Any]) -> Where:
    return Not(IsNull(path)) if value is None else Cmp(path, "ne", literal(value))


def _range(op: CmpOp, word: str) -> Build:
    def build(path: str, value: Any, _: Mapping[str, Any]) -> Where:
        return Cmp(path, op, literal(not_null(path, word, value)))

    return build


def _between(path: str, value: Any, _: Mapping[str, Any]) -> Where:
    if not isinstance(value, list | tuple) or len(value) != 2:  # noqa: PLR2004 - low and high
        raise invalid(
            f"between on {path!r} needs a list of two values, not {show(value)}",
            "bad-between",
            f"{{'{path}': {{'between': [low, high]}}}}",
        )
    low, high = (literal(not_null(path, "between", bound)) for bound in value)
    return Between(path, low, high)


def _in(path: str, value: Any, _: Mapping[str, Any]) -> Where:
    if not isinstance(value, list | tuple | set | frozenset):
        raise invalid(
            f"inq on {path!r} needs a list, not {show(value)}",
            "not-a-list",
            f"{{'{path}': {{'inq': [first, second]}}}}",
        )
    if len(value) > MAX_LIST:
        raise too_long(f"inq on {path!r}", len(value))
    return In(path, tuple(literal(element) for element in value))


def _like(word: str, *, ci: bool) -> Build:
    def build(path: str, value: Any, options: Mapping[str, Any]) -> Where:
        text(path, word, value)
        flags = _flags(path, options.get("options", ""), "i")
        return Like(path, value, ci or "i" in flags)

    return build


def regexp(path: str, value: Any, options: Mapping[str, Any]) -> Where:
    """A pattern text, ``/pattern/flags`` or a compiled pattern."""
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, bytes):
            raise invalid(f"the pattern on {path!r} is bytes", "bad-regexp", "re.compile('text')")
        if value.flags & (re.ASCII | re.VERBOSE | re.LOCALE):
            raise invalid(
                f"the pattern on {path!r} has other flags than i, m, s", "bad-regexp", _FLAGS
            )
        pattern = value.pattern
        flags = "".join(flag for flag, bit in _FLAG_BITS.items() if value.flags & bit)
    else:
        pattern, flags = text(path, "regexp", value), ""
        if pattern.startswith("/") and (end := pattern.rfind("/")) > 0:
            pattern, flags = pattern[1:end], _flags(path, pattern[end + 1 :], "gims")
    flags += _flags(path, options.get("options", ""), "gims")
    return Regex(path, pattern, "".join(sorted(set(flags) - {"g"})))


def _exists(path: str, value: Any, _: Mapping[str, Any]) -> Where:
    try:
        wanted = coercer(BOOLEAN)(not_null(path, "exists", value))
    except InvalidValueError:
        raise invalid(
            f"exists on {path!r} needs true or false, not {show(value)}",
            "bad-exists",
            f"{{'{path}': {{'exists': True}}}}",
        ) from None
    return Not(IsNull(path)) if wanted else IsNull(path)


def _near(path: str, value: Any, options: Mapping[str, Any]) -> Where:
    unit = options.get("unit")
    return Near(
        path,
        literal(not_null(path, "near", value)),
        _distance(path, options.get("minDistance")),
        _distance(path, options.get("maxDistance")),
        "miles" if unit is None else unit,
    )


def _contains(path: str, value: Any, _: Mapping[str, Any]) -> Where:
    return Contains(path, literal(value))


def _contains_key(path: str, value: Any, _: Mapping[str, Any]) -> Where:
    return ContainsKey(path, literal(not_null(path, "containsKey", value)))


#: Operators on one value; those that hold conditions are in *parse*.
OPERATORS: dict[str, Build] = {
    "eq": _equal,
    "neq": _unequal,
    "gt": _range("gt", "gt"),
    "gte": _range("ge", "gte"),
    "lt": _range("lt", "lt"),
    "lte": _range("le", "lte"),
    "between": _between,
    "inq": _in,
    "nin": lambda path, value, options: Not(_in(path, value, options)),
    "like": _like("like", ci=False),
    "nlike": lambda path, value, options: Not(_like("nlike", ci=False)(path, value, options)),
    "ilike": _like("ilike", ci=True),
    "nilike": lambda path, value, options: Not(_like("nilike", ci=True)(path, value, options)),
    "regexp": regexp,
    "exists": _exists,
    "near": _near,
    "contains": _contains,
    "containsKey": _contains_key,
}

#: Words that combine conditions, and those that hold one on an element.
LOGICAL = frozenset({"and", "or", "nor", "not"})
MATCHES = frozenset({"elemMatch", "any"})
#: Every word that makes an object a condition.
WORDS = frozenset(OPERATORS) | LOGICAL | MATCHES

#: Keys that stand beside an operator and belong to it.
SIBLINGS: dict[str, tuple[str, ...]] = {
    "options": ("regexp", "like", "nlike", "ilike", "nilike"),
    "maxDistance": ("near",),
    "minDistance": ("near",),
    "unit": ("near",),
}


def not_null(path: str, word: str, value: Any) -> Any:
    """The operand, which must not be null."""
    if value is None:
        raise invalid(
            f"{word} on {path!r} has null, which has no place in an order or a text",
            "null-literal",
            f"rows without a value: {{'{path}': None}}; with one: {{'{path}': {{'neq': None}}}}",
        )
    return value


def text(path: str, word: str, value: Any) -> str:
    """The operand, which must be a text of bearable length."""
    if not isinstance(not_null(path, word, value), str):
        hint = "a compiled pattern goes with regexp" if isinstance(value, re.Pattern) else "a text"
        raise invalid(f"{word} on {path!r} needs a text, not {show(value)}", "not-a-text", hint)
    if len(value) > MAX_PATTERN:
        raise invalid(
            f"the pattern of {word} on {path!r} has {len(value)} characters",
            "query-too-large",
            f"at most {MAX_PATTERN}",
        )
    return str(value)


def _flags(path: str, flags: Any, allowed: str) -> str:
    if flags is None:
        return ""
    if not isinstance(flags, str) or len(flags) > MAX_PATTERN or set(flags) - set(allowed):
        raise invalid(
            f"{show(flags)} are no flags for the pattern on {path!r}",
            "bad-flags",
            f"{_FLAGS}; a pattern that begins with a slash is written '/\\/usr/'",
        )
    return flags


def _distance(path: str, value: Any) -> float | None:
    if value is None:
        return None
    try:
        distance = coercer(NUMBER)(value)
    except InvalidValueError:
        distance = -1
    if distance < 0:
        raise invalid(
            f"{show(value)} is no distance from {path!r}", "bad-distance", "a number, 0 or more"
        )
    return float(min(distance, 1e300))
