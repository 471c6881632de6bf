"""What stands in the body of a typed class: ``Prop[int] = prop(...)`` and ``Key``.

To type checkers these are descriptors: ``User.age`` is an ``Expr[int]``, ``user.age`` an ``int``.
At run time the class gets slots instead, and the class-level expressions come from the metaclass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from attrs import field, frozen

from juggler.errors import ConfigurationError, did_you_mean
from juggler.model.ldl.words import is_connector_name
from juggler.model.properties import OPTIONS

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Collection, Mapping

    from juggler.model.base import Model
    from juggler.query.expressions import Expr

T = TypeVar("T")

#: Words of ``prop`` → canonical options.
WORDS = {
    "default_factory": "default_fn",
    "matches": "pattern",
    "ge": "min",
    "le": "max",
    "column": "storage_name",
}


@frozen
class PropSpec:
    """What ``prop(...)`` was given: options, and connector hints by name."""

    options: Mapping[str, Any] = field(factory=dict)
    hints: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    name: str | None = None
    type: str | None = None


@frozen
class Length:
    """Length of a text, for ``Annotated[str, length(64)]``."""

    max: int
    min: int = 0


def length(max: int, *, min: int = 0) -> Length:
    """How long the texts in a list may be.

    Used as ``Prop[list[Annotated[str, length(64)]]]``.
    """
    return Length(max, min)


if TYPE_CHECKING:

    class Prop(Generic[T]):
        """A property: ``User.age`` is an expression, ``user.age`` its value."""

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> Expr[T]: ...
        @overload
        def __get__(self, instance: Model, owner: type[Any]) -> T: ...
        def __get__(self, instance: Any, owner: type[Any]) -> Any: ...
        def __set__(self, instance: Model, value: T) -> None: ...

else:

    class Prop(Generic[T]):
        """A property: ``User.age`` is an expression, ``user.age`` its value."""


def _names(given: str | Collection[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


@frozen
class Key:
    """A key of several properties: ``Key(partition=("team",), clustering=("member", "-at"))``.

    A minus before a clustering property means descending.
    """

    partition: tuple[str, ...] = field(converter=_names)
    clustering: tuple[str, ...] = field(default=(), converter=_names)


@overload
def prop(
    *,
    generated: Literal[True],
    init: Literal[False] = False,
    id: bool | int = ...,
    index: bool | Mapping[str, Any] = ...,
    unique: bool = ...,
    required: bool = ...,
    length: int = ...,
    min_length: int = ...,
    max_length: int = ...,
    precision: int = ...,
    scale: int = ...,
    bits: Literal[8, 16, 32, 64] = ...,
    matches: str | re.Pattern[str] = ...,
    ge: Any = ...,
    le: Any = ...,
    enum: Collection[Any] = ...,
    trim: bool = ...,
    lowercase: bool = ...,
    uppercase: bool = ...,
    format: str = ...,
    collation: Literal["codepoint", "ascii-safe", "icu"] = ...,
    doc: str = ...,
    type: str = ...,
    name: str = ...,
    column: str = ...,
    hidden: bool = ...,
    protected: bool = ...,
    **hints: Mapping[str, Any],
) -> Prop[Any]: ...
@overload
def prop(
    *,
    default: T,
    id: bool | int = ...,
    index: bool | Mapping[str, Any] = ...,
    unique: bool = ...,
    required: bool = ...,
    length: int = ...,
    min_length: int = ...,
    max_length: int = ...,
    precision: int = ...,
    scale: int = ...,
    bits: Literal[8, 16, 32, 64] = ...,
    matches: str | re.Pattern[str] = ...,
    ge: Any = ...,
    le: Any = ...,
    enum: Collection[Any] = ...,
    trim: bool = ...,
    lowercase: bool = ...,
    uppercase: bool = ...,
    format: str = ...,
    collation: Literal["codepoint", "ascii-safe", "icu"] = ...,
    doc: str = ...,
    type: str = ...,
    name: str = ...,
    column: str = ...,
    hidden: bool = ...,
    protected: bool = ...,
    **hints: Mapping[str, Any],
) -> Prop[T]: ...
@overload
def prop(
    *,
    default_factory: Callable[[], T],
    id: bool | int = ...,
    index: bool | Mapping[str, Any] = ...,
    unique: bool = ...,
    required: bool = ...,
    length: int = ...,
    min_length: int = ...,
    max_length: int = ...,
    precision: int = ...,
    scale: int = ...,
    bits: Literal[8, 16, 32, 64] = ...,
    matches: str | re.Pattern[str] = ...,
    ge: Any = ...,
    le: Any = ...,
    enum: Collection[Any] = ...,
    trim: bool = ...,
    lowercase: bool = ...,
    uppercase: bool = ...,
    format: str = ...,
    collation: Literal["codepoint", "ascii-safe", "icu"] = ...,
    doc: str = ...,
    type: str = ...,
    name: str = ...,
    column: str = ...,
    hidden: bool = ...,
    protected: bool = ...,
    **hints: Mapping[str, Any],
) -> Prop[T]: ...
@overload
def prop(  # pyright: ignore[reportOverlappingOverload] - without a default
    *,
    id: bool | int = ...,
    index: bool | Mapping[str, Any] = ...,
    unique: bool = ...,
    required: bool = ...,
    length: int = ...,
    min_length: int = ...,
    max_length: int = ...,
    precision: int = ...,
    scale: int = ...,
    bits: Literal[8, 16, 32, 64] = ...,
    matches: str | re.Pattern[str] = ...,
    ge: Any = ...,
    le: Any = ...,
    enum: Collection[Any] = ...,
    trim: bool = ...,
    lowercase: bool = ...,
    uppercase: bool = ...,
    format: str = ...,
    collation: Literal["codepoint", "ascii-safe", "icu"] = ...,
    doc: str = ...,
    type: str = ...,
    name: str = ...,
    column: str = ...,
    hidden: bool = ...,
    protected: bool = ...,
    **hints: Mapping[str, Any],
) -> Prop[Any]: ...
@overload
def prop(
    *,
    generated: Literal[True],
    default_factory: Callable[[], T],
    id: bool | int = ...,
    index: bool | Mapping[str, Any] = ...,
    unique: bool = ...,
    required: bool = ...,
    length: int = ...,
    min_length: int = ...,
    max_length: int = ...,
    precision: int = ...,
    scale: int = ...,
    bits: Literal[8, 16, 32, 64] = ...,
    matches: str | re.Pattern[str] = ...,
    ge: Any = ...,
    le: Any = ...,
    enum: Collection[Any] = ...,
    trim: bool = ...,
    lowercase: bool = ...,
    uppercase: bool = ...,
    format: str = ...,
    collation: Literal["codepoint", "ascii-safe", "icu"] = ...,
    doc: str = ...,
    type: str = ...,
    name: str = ...,
    column: str = ...,
    hidden: bool = ...,
    protected: bool = ...,
    **hints: Mapping[str, Any],
) -> Prop[T]: ...
def prop(*args: Any, **options: Any) -> Any:
    """A property of a class body, as in ``age: Prop[int] = …(default=0, index=True, ge=0)``.

    Args:
        *args: none; everything is given by name.
        **options: the arguments below.
        default: its value in new rows where none is given.
        default_factory: a function without arguments that makes it.
        id: whether it is (part of) the key; a number gives its place.
        generated: whether store or library makes its value.
        index: whether it is indexed; a mapping holds the index's options.
        unique: whether the store has to refuse a second row with the value.
        required: whether blank values are refused.
        matches: a regular expression that is searched in the text.
        ge: smallest value.
        le: largest value.
        length: largest length of a text or of bytes (``max_length`` is the same).
        min_length: smallest length of a text or list.
        max_length: largest length of a text or list.
        enum: the values that it may have.
        trim: whether spaces around the text are removed.
        lowercase: whether the text is put in lower case.
        uppercase: whether the text is put in upper case.
        format: a format specification for the text (``"0>5"``).
        precision: digits of a decimal.
        scale: digits of a decimal after the point.
        bits: width of an integer.
        collation: how a store may order the text.
        doc: a sentence for readers.
        type: the type in LDL's words where an annotation cannot say it (``timeuuid``, ``inet``).
        name: the property's name where the attribute needs another (``count_``).
        column: its name in stores.
        hidden: whether it is left out of JSON.
        protected: whether it is left out of nested JSON.
        **hints: options of a connector by its name (``cassandra={"column": "x"}``).

    Returns:
        A declaration for the class body.

    Raises:
        ConfigurationError: ``unknown-option`` with a suggestion.
    """
    if args:
        raise ConfigurationError(
            "prop() takes its arguments by name",
            code="bad-option",
            hint=f"prop(default={args[0]!r})",
        )
    options.pop("init", None)
    name, type_ = options.pop("name", None), options.pop("type", None)
    given: dict[str, Any] = {}
    hints: dict[str, Mapping[str, Any]] = {}
    for word, value in options.items():
        canonical = WORDS.get(word, word)
        if canonical in OPTIONS and word not in HIDDEN_WORDS:
            given[canonical] = value
        elif is_hint(word, value):
            hints[word] = value
        else:
            known = (set(OPTIONS) - HIDDEN_WORDS) | set(WORDS) | {"name", "type"}
            raise ConfigurationError(
                f"prop() has no option {word!r}",
                code="unknown-option",
                hint=_ELSEWHERE.get(word) or did_you_mean(word, known),
            )
    return PropSpec(given, hints, name, type_)


#: Words of documents and of other libraries, and what they are here.
_ELSEWHERE = {
    "min": "ge=…", "max": "le=…", "pattern": "matches=…", "regex": "matches=…",
    "choices": "enum=[…]", "primary_key": "id=True", "column_name": "column=…",
    "nullable": "Prop[str | None]", "null": "Prop[str | None]", "defaultFn": "default_factory=…",
    "validator": '@User.validates("name"), after the class',
}  # fmt: skip
#: Canonical options that ``prop`` spells otherwise.
HIDDEN_WORDS = frozenset(
    {"default_fn", "pattern", "min", "max", "storage_name", "attribute", "nullable"}
)


def is_hint(word: str, value: Any) -> bool:
    """Whether an option is a connector's: a mapping under a name that is near no word of ours."""
    return is_connector_name(word) and hasattr(value, "keys")
