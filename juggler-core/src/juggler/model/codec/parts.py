"""The parts of a codec: per property, how its value becomes neutral and how it comes back.

*Neutral* is what rows hold.  An instance holds the same for scalars, copies of lists and mappings,
and instances for embedded models.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import frozen

from juggler.errors import InvalidValueError
from juggler.model.definition import leaf
from juggler.values.coerce import coercer
from juggler.values.equality import stores_same
from juggler.values.geo import GeoPoint
from juggler.values.missing import MISSING
from juggler.values.types import ANY, TypeKind, TypeSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler.model.codec.codec import Codec
    from juggler.model.definition import PropertyDef
    from juggler.spec import FieldSpec

    Convert = Callable[[Any], Any]

#: Numbers beyond 63 bits take the slow path, which bounds them; so does what is not finite.
_WHOLE = "{v}.__class__ is int and {v}.bit_length() < 64"
_REAL = f"{{v}}.__class__ is float and {-(2.0**63)!r} < {{v}} < {2.0**63!r}"
#: Conditions under which a value is neutral as it is.
FAST: dict[TypeKind, str] = {
    TypeKind.STRING: "{v}.__class__ is str",
    TypeKind.TEXT: "{v}.__class__ is str",
    TypeKind.INTEGER: _WHOLE,
    TypeKind.NUMBER: f"({_WHOLE} or {_REAL})",
    TypeKind.FLOAT: _REAL,
    TypeKind.BOOLEAN: "({v} is True or {v} is False)",
    TypeKind.DATETIME: "{v}.__class__ is DT and {v}.tzinfo is UTC "
    "and not {v}.microsecond % 1000 and not {v}.fold",
    TypeKind.DATE: "{v}.__class__ is DATE",
    TypeKind.BUFFER: "{v}.__class__ is bytes",
    TypeKind.UUID: "{v}.__class__ is UUID",
    TypeKind.GEO: "{v}.__class__ is GEO",
    TypeKind.DECIMAL: "{v}.__class__ is DEC and {v}.is_finite()",
}
#: Names that these conditions use.
FAST_NAMES = {
    "DT": dt.datetime, "UTC": dt.UTC, "DATE": dt.date, "UUID": UUID, "GEO": GeoPoint,
    "DEC": Decimal,
}  # fmt: skip
_IS_NEUTRAL: dict[str, Callable[[Any], bool]] = {
    condition: eval("lambda v: " + condition.format(v="v"), dict(FAST_NAMES))  # noqa: S307 - from above
    for condition in FAST.values()
}


@frozen(eq=False)
class Part:
    """One property of a codec.

    Attributes:
        name: the property's name.
        attribute: its attribute.
        slot: whether the attribute is a slot; else it is in the overflow slot.
        type: its type.
        prop: its definition.
        fast: source of the condition under which a value is neutral, or "".
        neutral: anything → neutral value; raises InvalidValueError with ``field``.
        copy: neutral value → what an instance holds; None when it is the same.
        shape: makes instances of mappings given for embedded models; None when there are none.
    """

    name: str
    attribute: str
    slot: bool
    type: TypeSpec
    prop: PropertyDef
    fast: str
    neutral: Convert
    copy: Convert | None
    shape: Convert | None
    inner: Codec | None


def make_part(
    field: FieldSpec, prop: PropertyDef, inner: Codec | None, *, slot: bool, naive_utc: bool
) -> Part:
    """The part of a property; ``inner`` is the codec of the embedded model in its type."""
    spec = field.type
    shape = None if inner is None else named(_shaper(spec, inner), field.name)
    raw = _neutral(spec, inner, naive_utc=naive_utc)
    fast = FAST.get(spec.kind, "")
    if (
        prop.conversions
        or spec.bits
        or not keeps_default(prop)
        or (spec.precision and spec.kind is TypeKind.DATETIME)
    ):
        fast = ""
    return Part(
        name=field.name,
        attribute=prop.attribute,
        slot=slot,
        type=spec,
        prop=prop,
        fast=fast,
        neutral=named(without_default(converted(raw, prop), prop), field.name, fast),
        copy=copier(spec, inner),
        shape=shape,
        inner=inner,
    )


def named(convert: Convert, name: str, fast: str = "") -> Convert:
    """The same conversion, whose errors name the property; ``fast`` as in :class:`Part`."""
    is_neutral = _IS_NEUTRAL.get(fast, _never)

    def neutral(value: Any) -> Any:
        if value is None or value is MISSING or is_neutral(value):
            return value
        try:
            return convert(value)
        except InvalidValueError as error:
            raise error.at(name) from None

    return neutral


def _never(value: Any) -> bool:
    del value
    return False


def converted(convert: Convert, prop: PropertyDef) -> Convert:
    """Coercion followed by the property's conversions (trim, lowercase, …)."""
    steps = [_CONVERSIONS[word](argument) for word, argument in prop.conversions]
    if not steps:
        return convert

    def neutral(value: Any) -> Any:
        value = convert(value)
        for step in steps:
            value = step(value)
        return value

    return neutral


def keeps_default(prop: PropertyDef) -> bool:
    """Whether a value that equals the default is stored (LoopBack's ``persistDefaultValues``)."""
    return not any(
        prop.extra.get(word) is False for word in ("persistDefaultValues", "applyDefaultOnWrites")
    )


def without_default(convert: Convert, prop: PropertyDef) -> Convert:
    """The same conversion; where defaults are not kept, None stands for the default."""
    if keeps_default(prop) or prop.default is MISSING:
        return convert
    default = convert(prop.default)

    def neutral(value: Any) -> Any:
        value = convert(value)
        return None if stores_same(value, default) else value

    return neutral


_CONVERSIONS: dict[str, Callable[[Any], Convert]] = {
    "trim": lambda _: str.strip,
    "lowercase": lambda _: str.lower,
    "uppercase": lambda _: str.upper,
    "format": lambda spec: lambda value: format(value, spec),
}


def convert_literal(prop: PropertyDef, value: Any) -> Any:
    """A text literal of a filter after the property's conversions."""
    if value.__class__ is str:
        for word, argument in prop.conversions:
            value = _CONVERSIONS[word](argument)(value)
    return value


# ---------------------------------------------------------------- instance → neutral


def _neutral(spec: TypeSpec, inner: Codec | None, *, naive_utc: bool) -> Convert:
    if inner is None or leaf(spec).kind is not TypeKind.EMBEDDED:
        return coercer(spec, naive_utc=naive_utc)
    of = spec.of
    if of is None:
        return inner.embed
    element = _neutral(of, inner, naive_utc=naive_utc)
    if spec.kind is TypeKind.MAP:
        key = (
            coercer(spec.key, naive_utc=naive_utc)
            if spec.key
            else coercer(TypeSpec(TypeKind.STRING))
        )
        return lambda value: {key(k): _at(k, element, v) for k, v in _mapping(value).items()}
    return lambda value: [_at(i, element, v) for i, v in enumerate(_list(value))]


def _at(place: Any, convert: Convert, value: Any) -> Any:
    if value is None:
        return None
    try:
        return convert(value)
    except InvalidValueError as error:
        raise error.at(place) from None


def _list(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return value
    raise InvalidValueError(f"{value!r:.60} is no list", code="not-a-list", hint="a list or tuple")


def _mapping(value: Any) -> Mapping[Any, Any]:
    if isinstance(value, Mapping):
        return value
    raise InvalidValueError(f"{value!r:.60} is no mapping", code="not-an-object", hint="a dict")


def _shaper(spec: TypeSpec, inner: Codec) -> Convert:
    """Mappings that stand for embedded instances become instances; everything else stays."""
    if spec.of is None:
        model = inner.model

        def shape(value: Any) -> Any:
            return model(value) if isinstance(value, dict) else value

        return shape
    element = _shaper(spec.of, inner)

    def shape_all(value: Any) -> Any:
        if spec.kind is TypeKind.MAP:
            if not isinstance(value, dict):
                return value
            made = {k: _at(k, element, v) for k, v in value.items()}
            return value if all(v is value[k] for k, v in made.items()) else made
        if not isinstance(value, list | tuple):
            return value
        items = [_at(i, element, v) for i, v in enumerate(value)]
        unchanged = isinstance(value, list) and all(map(operator.is_, items, value))
        return value if unchanged else items

    return shape_all


# ---------------------------------------------------------------- neutral → instance


def copier(spec: TypeSpec, inner: Codec | None) -> Convert | None:
    """Neutral value → what an instance holds, None when it can be shared."""
    of = spec.of
    match spec.kind:
        case TypeKind.EMBEDDED if inner is not None:
            return inner.unfold
        case TypeKind.ANY | TypeKind.OBJECT | TypeKind.EMBEDDED:
            return plain_copy
        case TypeKind.SET:
            return set
        case TypeKind.ARRAY | TypeKind.MAP:
            element = copier(of or ANY, inner)
        case _:
            return None
    if spec.kind is TypeKind.MAP:
        if element is None:
            return dict
        return lambda value: {k: None if v is None else element(v) for k, v in value.items()}
    if element is None:
        return list
    return lambda value: [None if v is None else element(v) for v in value]


def plain_copy(value: Any) -> Any:
    """A copy of a JSON-like value; leaves are shared."""
    kind = value.__class__
    if kind is dict:
        return {k: plain_copy(v) for k, v in value.items()}
    if kind is list:
        return [plain_copy(v) for v in value]
    if kind is frozenset:
        return set(value)
    return value
