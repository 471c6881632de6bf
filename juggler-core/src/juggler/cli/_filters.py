"""Filters as typed on a command line: JSON, a file, standard input, and options."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from juggler.errors import InvalidQueryError

_EXAMPLE = """'{"where": {"age": {"gte": 18}}}'"""


def read(text: str | None, kind: str = "filter") -> dict[str, Any]:
    """A JSON object out of an argument: the text itself, ``@file`` or ``-`` (standard input).

    Raises:
        InvalidQueryError: ``filter-json`` with the place of the mistake.
    """
    if text is None:
        return {}
    data = _parsed(_text(text), kind)
    if not isinstance(data, dict):
        raise InvalidQueryError(
            f"the {kind} is a JSON {_kind_of(data)}, not an object",
            code="filter-json",
            hint=f"write it like {_EXAMPLE}",
        )
    return data


def _text(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise InvalidQueryError(
            f"{text[1:]!r} cannot be read: {cause}", code="filter-json", hint="@FILE names a file"
        ) from error


def _parsed(text: str, kind: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refused)
    except json.JSONDecodeError as error:
        line = text.splitlines()[error.lineno - 1] if text.strip() else ""
        shown = f": {line.strip()[:80]}" if line else ""
        raise InvalidQueryError(
            f"the {kind} is no JSON: {error.msg} at {error.lineno}:{error.colno}{shown}",
            code="filter-json",
            hint=f"quote it for the shell: {_EXAMPLE}; @FILE and - (standard input) work too",
        ) from error
    except RecursionError as error:
        raise InvalidQueryError(
            f"the {kind} is nested too deeply", code="query-too-deep"
        ) from error


def _refused(word: str) -> Any:
    raise InvalidQueryError(f"{word} is no JSON number", code="filter-json", hint="write a number")


def _kind_of(data: Any) -> str:
    kinds = {list: "list", str: "text", bool: "boolean", int: "number", float: "number"}
    return kinds.get(type(data), "null")


def merged(
    text: str | None,
    *,
    where: str | None,
    order: tuple[str, ...],
    fields: str | None,
    limit: int | None,
    skip: int | None,
) -> dict[str, Any]:
    """The filter of an argument with options on top; a second ``where`` is added to the first.

    Raises:
        InvalidQueryError: ``filter-twice`` when the filter says what an option says, too.
    """
    found = read(text)
    given: dict[str, Any] = {}
    if order:
        given["order"] = list(order)
    if fields is not None:
        given["fields"] = [name.strip() for name in fields.split(",") if name.strip()]
    if limit is not None:
        given["limit"] = limit
    if skip is not None:
        given["skip"] = skip
    for name in given:
        if name in found:
            raise InvalidQueryError(
                f"{name} is in the filter and in --{name}",
                code="filter-twice",
                hint="say it once",
            )
    if where is not None:
        added = read(where, "condition")
        given["where"] = {"and": [found["where"], added]} if "where" in found else added
    return found | given


def condition(*texts: str | None) -> dict[str, Any]:
    """What several arguments say together, of which any may be missing."""
    parts = [read(text, "condition") for text in texts if text is not None]
    return {"and": parts} if len(parts) > 1 else parts[0] if parts else {}
