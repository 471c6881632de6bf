"""Validation by the constraints of a definition, as generated code over a row.

The codes and messages are LoopBack's: ``presence``, ``length.min``, ``format``, ``inclusion``.
A failure is ``(property path, code, message)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen

from juggler.errors import ValidationError
from juggler.model.properties import make_property
from juggler.model.types_of import TypeRef
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


@frozen
class Rule:
    """A rule of a property, as source.

    Attributes:
        code: its code in LoopBack's words.
        message: what is said when it fails.
        fails: source of the failing condition: ``{v}`` is the value, ``{a}`` the argument.
        argument: what the value is compared with.
    """

    code: str
    message: str
    fails: str
    argument: Any = None


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
#: Source of the condition that a value is null.
NULL = "{v} is None"
_SCALARS = (
    TypeKind.INTEGER, TypeKind.NUMBER, TypeKind.FLOAT, TypeKind.DECIMAL, TypeKind.BOOLEAN,
    TypeKind.DATETIME, TypeKind.DATE, TypeKind.UUID, TypeKind.GEO,
)  # fmt: skip
#: What is blank of a kind, where it is not null, an empty text or an empty list.
_BLANK: dict[TypeKind, str] = {
    **dict.fromkeys(_SCALARS, NULL),
    **dict.fromkeys((TypeKind.STRING, TypeKind.TEXT), f"{NULL} or {{v}} == ''"),
}


def conditions(prop: PropertyDef, *, key: bool) -> tuple[Rule | None, list[Rule]]:
    """The rule that there has to be a value, and the rules of a value that is there.

    The latter are not made for null and MISSING: null fails presence alone.
    """
    rules = dict(prop.rules)
    if prop.type.length is not None and prop.type.kind in _SIZED:
        rules["max_length"] = prop.type.length
    present = []
    for word, code, fails, message in _RULES:
        if word in rules:
            argument = rules[word]
            text = message.format(argument) or MESSAGES[code]
            if word == "pattern":
                argument = pattern_search(argument)
            present.append(Rule(code, text, fails, argument))
    fails = _absent(prop, key=key)
    return Rule("presence", MESSAGES["presence"], fails) if fails else None, present


def _absent(prop: PropertyDef, *, key: bool) -> str:
    """Source of the condition that a needed value is not there; empty where none is needed."""
    if prop.generated or (key and not prop.required):
        return ""
    if not prop.required:
        return "" if prop.nullable else NULL
    return _BLANK.get(prop.type.kind, f"{NULL} or {{v}} == '' or {{v}} == []")


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
    absent, present = conditions(prop, key=False)
    wanted = present if absent is None else [absent, *present]
    rules = [(("", rule.code, rule.message), _test(rule)) for rule in wanted]
    if not rules:
        return None

    def checker(value: Any) -> list[Failure] | None:
        return [failure for failure, fails in rules if fails(value)] or None

    return checker


def _test(rule: Rule) -> Callable[[Any], bool]:
    source = "lambda v: " + rule.fails.format(v="v", a="a")
    return eval(source, {"a": rule.argument})  # type: ignore[no-any-return]  # noqa: S307 - from the table above


def _both(one: Checker | None, other: Checker | None) -> Checker | None:
    if one is None or other is None:
        return one or other
    return lambda value: (one(value) or []) + (other(value) or []) or None


def prefixed(place: Any, failures: Sequence[Failure]) -> list[Failure]:
    """Failures inside a value, with its place before their paths."""
    return [
        (f"{place}.{path}" if path else str(place), code, text) for path, code, text in failures
    ]


def by_property(failures: Sequence[Failure]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Codes and messages of failures by property."""
    codes: dict[str, list[str]] = {}
    messages: dict[str, list[str]] = {}
    for path, code, text in failures:
        codes.setdefault(path, []).append(code)
        messages.setdefault(path, []).append(text)
    return codes, messages


def validation_error(model: str, failures: Sequence[Failure]) -> ValidationError:
    """The error for failed rules, with details in LoopBack's shape."""
    codes, messages = by_property(failures)
    said = "; ".join(f"`{path}` {', '.join(texts)}" for path, texts in messages.items())
    return ValidationError(
        f"the {model} is not valid: {said}",
        details={"context": model, "codes": codes, "messages": messages},
        hint="error.details has the codes and messages of each property",
        model=model,
    )
