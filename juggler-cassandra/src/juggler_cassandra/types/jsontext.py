"""Values of type any and object as JSON text.

Plain JSON stays plain JSON, so that others can read it; a date, Decimal, UUID, bytes or point is an
object with the one key ``$juggler``.
"""

from __future__ import annotations

import json
from typing import Any

from juggler.errors import DecodeError
from juggler.values import tagged

_MARK = "$juggler"
_PAIRS = "m"
_PLAIN = (str, bool, int, float)


def dumps(value: Any) -> str:
    """A neutral value of type any or object as a text."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def loads(text: str) -> Any:
    """The value of a text that :func:`dumps`, or another writer of JSON, made.

    Raises:
        DecodeError: the text is no JSON.
    """
    try:
        return json.loads(text, object_hook=_unmarked)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise DecodeError(
            f"a column of type any holds {text[:60]!r}, which is no JSON",
            hint='declare the property as a string: {"type": "string"}',
        ) from error


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        if _MARK in value:  # as pairs: an object with that key would be read as a marked value
            return {_MARK: [_PAIRS, [[name, _plain(item)] for name, item in value.items()]]}
        return {name: _plain(item) for name, item in value.items()}
    return {_MARK: tagged.tag(value)}


def _unmarked(found: dict[str, Any]) -> Any:
    if found.keys() != {_MARK}:
        return found
    mark, inner = found[_MARK]
    return dict(inner) if mark == _PAIRS else tagged.untag([mark, inner])
