"""Setting values by annotation: texts of URLs and files become what the setting says."""

from __future__ import annotations

import json
import math
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from juggler.errors import ConfigurationError, did_you_mean

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
_NULL = frozenset({"none", "null"})


class Unfit(Exception):  # noqa: N818 - never leaves this module's callers
    """The value is no such thing; the text says what would be."""


def fit(annotation: Any, value: Any) -> Any:
    """The value as its annotation says.

    Args:
        annotation: a resolved annotation: ``str int float bool Path Any``, a ``Literal``, a union
            with None, ``tuple[T, ...]``, ``list[T]``, ``dict``, ``Mapping``, or any other class,
            whose instances are taken as they are.
        value: what was given; texts are read, other values have to be of the type already.

    Raises:
        Unfit: with what is expected.
    """
    origin = get_origin(annotation)
    if annotation is Any or annotation is object:
        return value
    if origin in {Union, types.UnionType}:
        return _union(get_args(annotation), value)
    if origin is Literal:
        return _literal(get_args(annotation), value)
    return _plain(origin or annotation, get_args(annotation), value)


def _union(members: tuple[Any, ...], value: Any) -> Any:
    rest = [member for member in members if member is not type(None)]
    if len(rest) < len(members) and (
        value is None or (isinstance(value, str) and value.strip().lower() in _NULL)
    ):
        return None
    wanted: list[str] = []
    for member in rest:
        try:
            return fit(member, value)
        except Unfit as unfit:
            wanted.append(str(unfit))
    raise Unfit(" or ".join(dict.fromkeys(wanted)))


def _literal(choices: tuple[Any, ...], value: Any) -> Any:
    for choice in choices:
        if value == choice and type(value) is type(choice):
            return choice
    if isinstance(value, str):
        for choice in choices:
            if value.strip().lower() == str(choice).lower():
                return choice
        near = did_you_mean(value, [str(choice) for choice in choices])
        raise Unfit(f"one of {', '.join(map(str, choices))} ({near})")
    raise Unfit(f"one of {', '.join(map(str, choices))}")


def _plain(kind: Any, args: tuple[Any, ...], value: Any) -> Any:
    convert = _TABLE.get(kind)
    if convert is not None:
        return convert(value, args)
    if isinstance(kind, type) and not isinstance(value, kind):
        raise Unfit(f"a {kind.__name__}")
    return value


def _text(value: Any, _args: tuple[Any, ...]) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and not _huge(value):
        return str(value)
    raise Unfit("a text")


def _integer(value: Any, _args: tuple[Any, ...]) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.isascii() and len(value) < _DIGITS:
        try:
            return int(value.replace("_", "x"))
        except ValueError:
            pass
    raise Unfit("an integer")


def _number(value: Any, _args: tuple[Any, ...]) -> float:
    if isinstance(value, str):
        try:
            value = float(value.replace("_", "x"))
        except ValueError:
            raise Unfit("a number") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit("a number")
    try:
        number = float(value)
    except OverflowError:
        raise Unfit("a finite number") from None
    if not math.isfinite(number):
        raise Unfit("a finite number")
    return number


def _boolean(value: Any, _args: tuple[Any, ...]) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _TRUE | _FALSE:
        return value.strip().lower() in _TRUE
    if isinstance(value, int) and value in {0, 1}:
        return bool(value)
    raise Unfit("true or false")


def _path(value: Any, _args: tuple[Any, ...]) -> Path:
    if isinstance(value, Path):
        return value
    if isinstance(value, str) and value and "\0" not in value:
        return Path(value)
    raise Unfit("a path")


def _items(value: Any, args: tuple[Any, ...]) -> list[Any]:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, Mapping | bytes) or not isinstance(value, Sequence):
        raise Unfit("a list")
    of = args[0] if args else Any
    return [fit(of, item) for item in value]


def _tuple(value: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(_items(value, args))


def _mapping(value: Any, args: tuple[Any, ...]) -> dict[Any, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise Unfit("a mapping (JSON in a URL)") from None
    if not isinstance(value, Mapping):
        raise Unfit("a mapping")
    return {key: fit(args[1], item) if len(args) > 1 else item for key, item in value.items()}


def _function(value: Any, _args: tuple[Any, ...]) -> Any:
    if not callable(value):
        raise Unfit("a function")
    return value


#: Longer texts are no settings; Python itself refuses to read integers of some thousand digits.
_DIGITS = 100
_TABLE: dict[Any, Callable[[Any, tuple[Any, ...]], Any]] = {
    str: _text,
    int: _integer,
    float: _number,
    bool: _boolean,
    Path: _path,
    list: _items,
    tuple: _tuple,
    dict: _mapping,
    Mapping: _mapping,
    Sequence: _tuple,
    Callable: _function,
}


def misfit(
    name: str, value: Any, expected: str, *, secret: bool, connector: str
) -> ConfigurationError:
    """The error for a setting whose value does not fit; a secret value is not shown."""
    shown = "" if secret else f", not {_short(value)}"
    return ConfigurationError(
        f"setting {name!r} has to be {expected}{shown}",
        code="invalid-setting",
        hint=f"set {name} to {expected}",
        connector=connector or None,
    )


def _huge(value: float) -> bool:
    """Whether it is an integer that Python refuses to print."""
    return isinstance(value, int) and value.bit_length() > _BITS


def _short(value: Any) -> str:
    if not isinstance(value, str | int | float | None) or (isinstance(value, int) and _huge(value)):
        return f"this {type(value).__name__}"
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


_SHOWN = 60
_BITS = 1024
