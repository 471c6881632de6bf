"""Validation by the constraints of a definition, as generated code over a row.

The codes and messages are LoopBack's: ``presence``, ``length.min``, ``format``, ``inclusion``.
A failure is ``(property path, code, message)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from juggler.errors import ValidationError
from juggler.model.properties import make_property
from juggler.model.types_of import TypeRef
from juggler.values.missing import MISSING
from juggler.values.patterns import pattern_search
from juggler.values.types import ELEMENTED, TypeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from juggler.model.codec.parts import Part
    from juggler.model.definition import PropertyDef

Failure: TypeAlias = "tuple[str, str, str]"
Checker: TypeAlias = "Callable[[Any], list[Failure] | None]"

MESSAGES = {
    "presence": "can't be blank",
    "length.min": "too short",
    "length.max": "too long",
    "format": "is invalid",
    "inclusion": "is not included in the list",
    "unknown-property": "is not defined in the model",
}


#: Rule, code, source of what fails, message where LoopBack has none.
_RULES = (
    ("min_length", "length.min", "len({v}) < {a}", ""),
    ("max_length", "length.max", "len({v}) > {a}", ""),
    ("min", "min", "{v} < {a}", "must be {} or more"),
    ("max", "max", "{v} > {a}", "must be {} or less"),
    ("pattern", "format", "{a}({v}) is None", ""),
    ("enum", "inclusion", "{v} not in {a}", ""),
)
_SIZED = frozenset({TypeKind.STRING, TypeKind.TEXT, TypeKind.BUFFER})


def conditions(prop: PropertyDef, *, key: bool) -> list[tuple[str, str, str, Any]]:
    """The rules of a property: ``(code, message, source of the failing condition, argument)``.

    In the source ``{v}`` is the value and ``{a}`` the argument; null fails presence alone.
    """
    found: list[tuple[str, str, str, Any]] = []
    if prop.required and not prop.generated:
        blank = "{v} is None or {v} == '' or {v} == []"
        found.append(("presence", MESSAGES["presence"], blank, None))
    elif not prop.nullable and not prop.generated and not key:
        found.append(("presence", MESSAGES["presence"], "{v} is None", None))
    rules = dict(prop.rules)
    if prop.type.length is not None and prop.type.kind in _SIZED:
        rules["max_length"] = prop.type.length
    for word, code, fails, message in _RULES:
        if word in rules:
            argument = rules[word]
            text = message.format(argument) or MESSAGES[code]
            if word == "pattern":
                argument = pattern_search(argument)
            found.append(
                (code, text, f"{{v}} is not None and {{v}} is not M and {fails}", argument)
            )
    return found


def deep_checker(part: Part) -> Checker | None:
    """Checks what is inside a property: elements of a list, embedded models; None without rules."""
    inner = part.inner
    check = inner.check_embedded if inner is not None and inner.has_rules else None
    return _level(part.type, check)


def _level(spec: Any, check: Checker | None) -> Checker | None:
    if spec.of is None:
        return check if spec.kind is TypeKind.EMBEDDED else None
    below = _both(_level(spec.of, check), _element_checker(spec))
    if below is None:
        return None

    def checker(value: Any) -> list[Failure] | None:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        found: list[Failure] = []
        for place, element in items:
            if element is not None:
                found += prefixed(place, below(element) or ())
        return found or None

    return checker


def _element_checker(spec: Any) -> Checker | None:
    """The rules that the elements of a list have as options."""
    if not spec.options or spec.kind not in ELEMENTED:
        return None
    prop = make_property("element", TypeRef(spec.of), dict(spec.options), model="list")
    rules = [(code, message, _lambda(condition, argument)) for code, message, condition, argument
             in conditions(prop, key=False)]  # fmt: skip
    if not rules:
        return None

    def checker(value: Any) -> list[Failure] | None:
        found = [("", code, message) for code, message, fails in rules if fails(value)]
        return found or None

    return checker


def _lambda(condition: str, argument: Any) -> Callable[[Any], bool]:
    source = "lambda v, a=a: " + condition.format(v="v", a="a")
    return eval(source, {"a": argument, "M": MISSING})  # type: ignore[no-any-return]  # noqa: S307 - from the table above


def _both(one: Checker | None, other: Checker | None) -> Checker | None:
    if one is None or other is None:
        return one or other
    return lambda value: (one(value) or []) + (other(value) or []) or None


def prefixed(place: Any, failures: Sequence[Failure]) -> list[Failure]:
    """Failures inside a value, with its place before their paths."""
    return [
        (f"{place}.{path}" if path else str(place), code, text) for path, code, text in failures
    ]


def validation_error(model: str, failures: Sequence[Failure]) -> ValidationError:
    """The error for failed rules, with details in LoopBack's shape."""
    codes: dict[str, list[str]] = {}
    messages: dict[str, list[str]] = {}
    for path, code, text in failures:
        codes.setdefault(path, []).append(code)
        messages.setdefault(path, []).append(text)
    said = "; ".join(f"`{path}` {', '.join(texts)}" for path, texts in messages.items())
    return ValidationError(
        f"the {model} is not valid: {said}",
        details={"context": model, "codes": codes, "messages": messages},
        hint="error.details has the codes and messages of each property",
        model=model,
    )
