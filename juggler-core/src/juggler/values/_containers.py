"""Coercion of lists, sets, maps, tuples and embedded objects: always fresh containers."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from juggler.errors import InvalidValueError, did_you_mean
from juggler.values import _numbers
from juggler.values._plain import as_mapping
from juggler.values._refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    Coercion = Callable[[Any], Any]


def array(of: Coercion) -> Coercion:
    """A list of a list or tuple; None is kept as an element."""

    def coerce(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise refusal(value, "not-a-list", "is no list", "a list or tuple")
        return _each(value, of)

    return coerce


def unique(of: Coercion) -> Coercion:
    """A frozenset of a set, list or tuple; None is no element of a set."""

    def coerce(value: Any) -> frozenset[Any]:
        if not isinstance(value, list | tuple | AbstractSet):
            raise refusal(value, "not-a-list", "is no set", "a set, list or tuple")
        return frozenset(_hashable(e, "a set") for e in _each(list(value), of))

    return coerce


def mapping(key: Coercion, of: Coercion) -> Coercion:
    """A dict whose keys and values follow their own rules."""

    def coerce(value: Any) -> dict[Any, Any]:
        if not isinstance(value, Mapping):
            raise refusal(value, "not-an-object", "is no mapping", "a dict")
        found: dict[Any, Any] = {}
        for name, element in value.items():
            try:
                place = _hashable(key(name), "the keys of a map")
                item = None if element is None else of(element)
            except InvalidValueError as error:
                raise error.at(str(name)[:60]) from None
            if place in found:
                raise refusal(name, "duplicate-key", "is there twice in the map", "distinct keys")
            found[place] = item
        return found

    return coerce


def sequence(items: tuple[Coercion, ...]) -> Coercion:
    """A tuple with one rule per place."""

    def coerce(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) != len(items):
            raise refusal(value, "not-a-tuple", f"is no tuple of {len(items)}", "a list or tuple")
        found = []
        for place, (of, element) in enumerate(zip(items, value, strict=True)):
            try:
                found.append(None if element is None else of(element))
            except InvalidValueError as error:
                raise error.at(place) from None
        return tuple(found)

    return coerce


def vector(size: int | None) -> Coercion:
    """A tuple of ``size`` floats."""

    def coerce(value: Any) -> tuple[float, ...]:
        if not isinstance(value, list | tuple) or (size is not None and len(value) != size):
            raise refusal(
                value, "not-a-vector", f"is no vector of {size} numbers", "a list of floats"
            )
        if any(element is None for element in value):
            raise refusal(value, "not-a-vector", "has a null in it", "numbers only")
        return tuple(_each(value, _numbers.real))

    return coerce


def embedded(owner: str, coercers: Mapping[str, Coercion], extra: Coercion | None) -> Coercion:
    """A dict with every declared property; others follow ``extra`` or, without it, are refused."""

    def coerce(value: Any) -> dict[str, Any]:
        data = as_mapping(value)
        found: dict[str, Any] = dict.fromkeys(coercers)
        for name, element in data.items():
            of = coercers.get(name, extra) if isinstance(name, str) else None
            if of is None:
                hint = did_you_mean(str(name)[:60], coercers)
                error = refusal(name, "unknown-property", f"is no property of {owner}", hint)
                raise error.at(str(name)[:60])
            try:
                found[name] = None if element is None else of(element)
            except InvalidValueError as error:
                raise error.at(name) from None
        return found

    return coerce


def _each(values: Any, of: Coercion) -> list[Any]:
    found = []
    for place, element in enumerate(values):
        try:
            found.append(None if element is None else of(element))
        except InvalidValueError as error:
            raise error.at(place) from None
    return found


def _hashable(value: Any, where: str) -> Any:
    if value is None:
        raise refusal(value, "null-element", f"cannot be in {where}", "leave it out")
    if isinstance(value, list | tuple):
        return tuple(None if e is None else _hashable(e, where) for e in value)
    if isinstance(value, dict):
        raise refusal(value, "not-hashable", f"cannot be in {where}", "scalars, lists or tuples")
    return value
