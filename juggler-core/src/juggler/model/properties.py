"""One property out of a type and options: the same for typed classes and LDL.

The options' words here are the canonical ones; ``prop(...)`` and LDL translate theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.errors import ConfigurationError, JugglerError
from juggler.model import defaults, naming
from juggler.model.definition import PropertyDef
from juggler.values.missing import MISSING
from juggler.values.patterns import pattern_search
from juggler.values.types import NUMERIC, ORDERED, TEXTUAL, TypeKind, TypeSpec

if TYPE_CHECKING:
    from juggler.model.types_of import TypeRef

#: Canonical options, and what each takes.
OPTIONS: dict[str, str] = {
    "id": "True, or its place in the key from 1 on",
    "generated": "True or False",
    "required": "True or False",
    "nullable": "True or False",
    "default": "a value",
    "default_fn": "a function without arguments, or the name of a built-in one",
    "index": "True, False or a mapping of index options",
    "unique": "True or False",
    "length": "a whole number of characters or bytes",
    "min_length": "a whole number",
    "max_length": "a whole number",
    "precision": "a whole number of digits",
    "scale": "a whole number of digits",
    "bits": "8, 16, 32 or 64",
    "pattern": "a regular expression",
    "min": "a value of the property's type",
    "max": "a value of the property's type",
    "enum": "a list of values of the property's type",
    "trim": "True or False",
    "lowercase": "True or False",
    "uppercase": "True or False",
    "format": "a format specification such as '0>5'",
    "doc": "a text",
    "hidden": "True or False",
    "protected": "True or False",
    "storage_name": "a text",
    "collation": "'codepoint', 'ascii-safe' or 'icu'",
    "attribute": "a text",
}
#: Options that make no sense for the elements of a list.
_ELEMENT_NEVER = frozenset(
    {"id", "generated", "index", "unique", "default", "default_fn", "attribute"}
)
_FLAGS = (
    "generated", "required", "nullable", "unique", "trim", "lowercase", "uppercase", "hidden",
    "protected",
)  # fmt: skip
_COUNTS = ("length", "min_length", "max_length", "precision", "scale", "bits")
_COLLATIONS = ("codepoint", "ascii-safe", "icu")
_WIDTHS = (8, 16, 32, 64)
_MOST = 1 << 31
_SIZED = TEXTUAL | {TypeKind.BUFFER}
_COUNTED = _SIZED | {TypeKind.ARRAY, TypeKind.SET, TypeKind.MAP}
#: Fill and alignment, width, precision: no larger than a value may be.
_FORMAT = re.compile(r"(?:.?[<>^])?[0-9]{0,4}(?:\.[0-9]{1,4})?s?", re.DOTALL)
_JS_PATTERN = re.compile(r"/(.*)/([gimsuy]*)", re.DOTALL)


def make_property(
    name: str,
    ref: TypeRef,
    options: Mapping[str, Any],
    *,
    model: str,
    hints: Mapping[str, Mapping[str, Any]] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> PropertyDef:
    """A property.

    Raises:
        ConfigurationError: an option has a value that it cannot have, with what it takes.
    """
    where = f"{model}.{name}"
    everything = {**ref.options, **options}
    given: dict[str, Any] = {k: v for k, v in everything.items() if v is not None or k == "default"}
    _check(given, where)
    spec = _sized(ref.type, given)
    default, default_fn = _default(spec, given, where)
    index = given.get("index", False)
    unique = given.get("unique", False)
    if isinstance(index, Mapping):
        unique = unique or bool(index.get("unique"))
        index = dict(index) or True
    return PropertyDef(
        name=name,
        type=spec,
        required=given.get("required", False),
        nullable=given.get("nullable", True),
        id=int(given.get("id", 0)),
        generated=given.get("generated", False),
        default=default,
        default_fn=default_fn,
        index=index,
        unique=unique,
        storage_name=given.get("storage_name"),
        collation=given.get("collation", "codepoint"),
        doc=given.get("doc", ""),
        hidden=given.get("hidden", False),
        protected=given.get("protected", False),
        rules=_rules(spec, given, where),
        conversions=_conversions(spec, given, where),
        hints={k: dict(v) for k, v in (hints or {}).items()},
        extra=dict(extra or {}),
        attribute=given.get("attribute") or naming.attribute_of(name),
        model=ref.model,
        nested=ref.nested,
        target=ref.target,
        embeds=ref.cls,
    )


def array_of(ref: TypeRef, options: Mapping[str, Any], where: str) -> TypeRef:
    """A list whose elements have options of their own (``[{"type": "string", "length": 64}]``).

    Raises:
        ConfigurationError: an option that elements cannot have, or has a wrong value.
    """
    given = {**ref.options, **options}
    wrong = _ELEMENT_NEVER & given.keys()
    if wrong:
        raise ConfigurationError(
            f"{where}: the elements of a list have no {min(wrong)}",
            code="bad-option",
            hint="put it on the property itself",
        )
    made = make_property("elements", evolve(ref, options={}), given, model=where)
    kept = tuple(sorted(given.items(), key=lambda item: item[0]))
    return evolve(ref, type=made.type).wrap(TypeKind.ARRAY, options=kept)


def _check(given: Mapping[str, Any], where: str) -> None:
    for option, value in given.items():
        if not _fits(option, value):
            raise ConfigurationError(
                f"{where}: {option}={_short(value)}",
                code="bad-option",
                hint=f"{option} takes {OPTIONS[option]}",
            )


def _fits(option: str, value: Any) -> bool:
    if option in _FLAGS:
        return isinstance(value, bool)
    if option in _COUNTS:
        whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST
        return whole and (option != "bits" or value in _WIDTHS)
    match option:
        case "id":
            return isinstance(value, bool) or (isinstance(value, int) and 0 < value < _MOST)
        case "index":
            return isinstance(value, bool | Mapping)
        case "doc" | "storage_name" | "attribute" | "format":
            return isinstance(value, str)
        case "pattern":
            return isinstance(value, str | re.Pattern)
        case "enum":
            return isinstance(value, list | tuple | set | frozenset) and bool(value)
        case "collation":
            return value in _COLLATIONS
        case "default_fn":
            return isinstance(value, str) or callable(value)
        case _:
            return True


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"  # noqa: PLR2004 - as long as a line bears


def _sized(spec: TypeSpec, given: Mapping[str, Any]) -> TypeSpec:
    """The type with the parameters that options give it."""
    changes: dict[str, Any] = {}
    longest = given.get("length", given.get("max_length"))
    if longest is not None and spec.kind in _SIZED:
        changes["length"] = longest
    if spec.kind in NUMERIC:
        changes |= {k: given[k] for k in ("precision", "scale") if k in given}
    if spec.kind is TypeKind.DATETIME and "precision" in given:
        changes["precision"] = given["precision"]
    if spec.kind is TypeKind.INTEGER and "bits" in given:
        changes["bits"] = given["bits"]
    return evolve(spec, **changes) if changes else spec


def _default(spec: TypeSpec, given: Mapping[str, Any], where: str) -> tuple[Any, Any]:
    default: Any = given.get("default", MISSING)
    function = given.get("default_fn")
    if isinstance(default, str) and default in defaults.SPELLINGS:  # "$now"
        default, function = MISSING, function or defaults.SPELLINGS[default]
    if callable(default):
        default, function = MISSING, function or default
    if isinstance(function, str):
        defaults.check_function(function, where)
    if default is not MISSING and function is not None:
        raise ConfigurationError(
            f"{where} has a default and a default function",
            code="bad-default",
            hint="keep one of the two",
        )
    if default is MISSING:
        return MISSING, function
    return defaults.neutral(spec, default, f"{where}: default"), None


def _rules(spec: TypeSpec, given: Mapping[str, Any], where: str) -> dict[str, Any]:
    rules: dict[str, Any] = {}
    for word in ("min", "max"):
        if word in given:
            _needs(spec, ORDERED, word, where, "min_length and max_length bound a text's length")
            rules[word] = defaults.neutral(spec, given[word], f"{where}: {word}")
    for word in ("min_length", "max_length"):
        if word in given and not (word == "max_length" and spec.kind in _SIZED):
            _needs(spec, _COUNTED, word, where, "min and max bound a number")
            rules[word] = given[word]
    if "pattern" in given:
        _needs(spec, TEXTUAL, "pattern", where, "a pattern is for texts")
        rules["pattern"] = pattern_text(given["pattern"], where)
    if "enum" in given:
        rules["enum"] = tuple(
            defaults.neutral(spec, value, f"{where}: enum") for value in given["enum"]
        )
    return rules


def _needs(spec: TypeSpec, kinds: frozenset[TypeKind], word: str, where: str, hint: str) -> None:
    if spec.kind not in kinds or (word in {"min", "max"} and spec.kind in TEXTUAL):
        raise ConfigurationError(
            f"{where}: {word} does not go with the type {spec}", code="bad-option", hint=hint
        )


def pattern_text(pattern: Any, where: str) -> str:
    """A pattern as text with its flags inside: out of a text, ``/…/i`` or a compiled one."""
    if isinstance(pattern, re.Pattern):
        flags = "".join(
            c
            for c, f in zip("ims", (re.IGNORECASE, re.MULTILINE, re.DOTALL), strict=True)
            if pattern.flags & f
        )
        text = pattern.pattern
    elif not isinstance(pattern, str):
        raise ConfigurationError(
            f"{where}: {pattern!r:.60} is no pattern",
            code="bad-pattern",
            hint=r"a regular expression, as a text or compiled: r'^\d+$'",
        )
    elif found := _JS_PATTERN.fullmatch(pattern):
        flags, text = "".join(c for c in "ims" if c in found[2]), found[1]
    else:
        flags, text = "", pattern
    text = f"(?{flags}){text}" if flags else text
    try:
        pattern_search(text)
    except (JugglerError, TypeError) as error:
        why = error.message if isinstance(error, JugglerError) else str(error)
        raise ConfigurationError(
            f"{where}: the pattern {_short(text)} is wrong: {why}",
            code="bad-pattern",
            hint="a pattern without look-around and back-references, or a function: validates(…)",
        ) from None
    return str(text)


def _conversions(
    spec: TypeSpec, given: Mapping[str, Any], where: str
) -> tuple[tuple[str, Any], ...]:
    found: list[tuple[str, Any]] = [
        (word, True) for word in ("trim", "lowercase", "uppercase") if given.get(word)
    ]
    if given.get("format"):
        found.append(("format", _format(given["format"], where)))
    if found and spec.kind not in TEXTUAL:
        raise ConfigurationError(
            f"{where}: {found[0][0]} is for texts, not for {spec}", code="bad-option"
        )
    return tuple(found)


def _format(text: str, where: str) -> str:
    """A format specification, with or without its braces (``{:0>5}``)."""
    spec = text[2:-1] if text.startswith("{:") and text.endswith("}") else text
    if _FORMAT.fullmatch(spec):
        return spec
    raise ConfigurationError(
        f"{where}: {_short(text)} is no format of a text",
        code="bad-option",
        hint="a format specification such as '0>5' (five characters, padded with 0)",
    )
