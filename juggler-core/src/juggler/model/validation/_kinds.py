"""The kinds of validation: one entry per kind, with LoopBack's codes and default messages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: A kind's check: (value, options) → the failed part (``""`` for the kind as a whole), or None.
Check: TypeAlias = "Callable[[Any, Mapping[str, Any]], str | None]"


@frozen
class Kind:
    """A kind: its check, its parts with their messages, and the options that it takes."""

    name: str
    messages: Mapping[str, str]
    options: frozenset[str] = frozenset()
    check: Check | None = None


@frozen(eq=False)
class Validation:
    """One rule of a model.

    Attributes:
        kind: its kind.
        property: the property that it is about.
        options: ``message`` (a text, or a text per part), ``code``, ``if_``, ``unless``,
            ``allow_blank``, ``allow_null`` and the kind's own.
        function: of a custom rule.
    """

    kind: str
    property: str
    options: Mapping[str, Any] = field(factory=dict)
    function: Callable[[Any], Any] | None = None

    def failure(self, part: str) -> tuple[str, str, str]:
        """(property, code, message) of a failed part."""
        kind = KINDS[self.kind]
        code = self.options.get("code") or (f"{self.kind}.{part}" if part else self.kind)
        message = self.options.get("message")
        if not isinstance(message, str):
            chosen = message.get(part) if message else None
            said = kind.messages.get(part) or BLANK.get(part) or kind.messages[""]
            message = chosen or said
        return self.property, code, message


def blank(value: Any) -> bool:
    """None, an empty text, array or mapping, and NaN."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or (hasattr(value, "__len__") and len(value) == 0)


def _presence(value: Any, options: Mapping[str, Any]) -> str | None:
    del options
    return "" if blank(value) else None


def _absence(value: Any, options: Mapping[str, Any]) -> str | None:
    del options
    return None if blank(value) else ""


def _length(value: Any, options: Mapping[str, Any]) -> str | None:
    size = len(value) if hasattr(value, "__len__") else len(str(value))
    if options.get("min") is not None and size < options["min"]:
        return "min"
    if options.get("max") is not None and size > options["max"]:
        return "max"
    if options.get("is_") is not None and size != options["is_"]:
        return "is"
    return None


def _numericality(value: Any, options: Mapping[str, Any]) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "number"
    return "int" if options.get("int") and value != int(value) else None


def _inclusion(value: Any, options: Mapping[str, Any]) -> str | None:
    return None if value in options["in_"] else ""


def _exclusion(value: Any, options: Mapping[str, Any]) -> str | None:
    return "" if value in options["in_"] else None


def _format(value: Any, options: Mapping[str, Any]) -> str | None:
    found = isinstance(value, str | int | float) and options["search"](str(value))
    return None if found else ""


#: Every kind; ``custom`` and ``uniqueness`` are run apart: they call functions and the store.
KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("presence", {"": "can't be blank"}, check=_presence),
        Kind("absence", {"": "can't be set"}, check=_absence),
        Kind(
            "length",
            {"": "is invalid", "min": "too short", "max": "too long", "is": "length is wrong"},
            frozenset({"min", "max", "is_"}),
            _length,
        ),
        Kind(
            "numericality",
            {"": "is invalid", "number": "is not a number", "int": "is not an integer"},
            frozenset({"int"}),
            _numericality,
        ),
        Kind("inclusion", {"": "is not included in the list"}, frozenset({"in_"}), _inclusion),
        Kind("exclusion", {"": "is reserved"}, frozenset({"in_"}), _exclusion),
        Kind("format", {"": "is invalid"}, frozenset({"with_"}), _format),
        Kind("uniqueness", {"": "is not unique"}, frozenset({"scoped_to", "ignore_case"})),
        Kind("custom", {"": "is invalid"}),
    )
}
#: Kinds that judge blank values themselves; the others fail for them unless they are allowed.
ABOUT_BLANK: Final = frozenset({"presence", "absence"})
#: Messages of the parts that say so.
BLANK: Final[Mapping[str, str]] = {"null": "is null", "blank": "is blank"}
#: Options that every kind takes.
COMMON: Final = frozenset({"message", "code", "if_", "unless", "allow_blank", "allow_null"})
#: LoopBack's spellings.
SPELLINGS: Final[Mapping[str, str]] = {
    "is": "is_", "in": "in_", "with": "with_", "if": "if_", "scopedTo": "scoped_to",
    "ignoreCase": "ignore_case", "allowBlank": "allow_blank", "allowNull": "allow_null",
}  # fmt: skip
#: Options without which a kind says nothing.
NEEDED: Final[Mapping[str, str]] = {"inclusion": "in_", "exclusion": "in_", "format": "with_"}
