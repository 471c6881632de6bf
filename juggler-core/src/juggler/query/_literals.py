"""Literals of a filter before they meet a model: copied, and bounded in depth and size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.query._refusal import MAX_DEPTH, MAX_LIST, dollar, invalid, too_deep, too_long
from juggler.values._refusal import show


def literal(value: Any, depth: int = 1) -> Any:
    """A copy of a literal, so that the caller's lists and dicts stay the caller's.

    Raises:
        InvalidQueryError: nested too deep, too long, or with a key that is no text or begins
            with ``$``.
    """
    if isinstance(value, str | int | float) or value is None:
        return value
    if isinstance(value, Mapping):
        _check(value, depth)
        return {_name(name): literal(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        _check(value, depth)
        return [literal(inner, depth + 1) for inner in value]
    if isinstance(value, set | frozenset):
        _check(value, depth)
        return frozenset(value)
    return value


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise too_deep()
    if len(value) > MAX_LIST:
        raise too_long("a literal", len(value))


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise invalid(f"{show(name)} is no property name", "bad-literal", "keys are texts")
    if name.startswith("$"):
        raise dollar(name)
    return name
