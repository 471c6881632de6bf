"""Default values: what a new row gets where nothing is given."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from juggler.errors import ConfigurationError, InvalidValueError, did_you_mean
from juggler.values.clock import now
from juggler.values.coerce import coercer
from juggler.values.ids import nanoid
from juggler.values.missing import MISSING
from juggler.values.types import ANY, TEXTUAL, TypeKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler.model.definition import PropertyDef
    from juggler.values.types import TypeSpec

#: Built-in functions by their LDL names.
FUNCTIONS: dict[str, Callable[[], Any]] = {
    "guid": lambda: str(uuid4()),
    "uuid": lambda: str(uuid4()),
    "uuidv4": lambda: str(uuid4()),
    "now": now,
    "shortid": nanoid,
    "nanoid": nanoid,
}
#: Values that LDL writes for a function.
SPELLINGS = {"$now": "now"}
_IMMUTABLE = (str, int, float, bool, bytes, dt.date, dt.time, dt.timedelta, type(None))


def check_function(name: str, where: str) -> str:
    """The name of a built-in function.

    Raises:
        ConfigurationError: ``unknown-default``.
    """
    if name in FUNCTIONS:
        return name
    raise ConfigurationError(
        f"{where}: there is no default function {name!r}",
        code="unknown-default",
        hint=did_you_mean(name, FUNCTIONS),
    )


def neutral(spec: TypeSpec, value: Any, where: str) -> Any:
    """A value of a definition (default, bound, choice) as its type's neutral value.

    Raises:
        ConfigurationError: ``bad-default`` when it does not fit.
    """
    kind = spec.kind
    try:
        return coercer(ANY if kind is TypeKind.EMBEDDED or _holds_models(spec) else spec)(value)
    except InvalidValueError as error:
        raise ConfigurationError(
            f"{where}: {error.message}", code="bad-default", hint=error.hint
        ) from None


def _holds_models(spec: TypeSpec) -> bool:
    while spec.of is not None:
        spec = spec.of
    return spec.kind is TypeKind.EMBEDDED


def maker(prop: PropertyDef, coerce: Callable[[Any], Any]) -> tuple[str, Any]:
    """How to make a property's default.

    Returns:
        ``("none", None)``, ``("constant", value)`` for a value that may be shared, or
        ``("call", function)`` whose results are fresh neutral values.
    """
    made = prop.default_fn
    if prop.extra.get("applyDefaultOnWrites") is False:
        return "none", None
    if made is None:
        if prop.default is MISSING:
            return "none", None
        value = coerce(prop.default)
        if isinstance(value, _IMMUTABLE):
            return "constant", value
        return "call", lambda: coerce(prop.default)
    if isinstance(made, str):
        function = FUNCTIONS[made]
        if made == "now":
            function = _moment(prop.type)
        return "call", lambda: coerce(function())
    return "call", lambda: coerce(made())


def _moment(spec: TypeSpec) -> Callable[[], Any]:
    if spec.kind is TypeKind.DATE:
        return lambda: now().date()
    if spec.kind is TypeKind.TIME:
        return lambda: now().time()
    if spec.kind in TEXTUAL:
        return lambda: now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return now
