"""One way to refuse a query, and the sizes beyond which it is refused."""

from __future__ import annotations

from typing import Any

from juggler.errors import InvalidQueryError
from juggler.values._refusal import show

#: Levels of ``and``, ``or``, ``nor``, ``not`` and element match, and levels of a literal.
MAX_DEPTH = 32
#: Elements of ``inq``, of a logical list and of a literal.
MAX_LIST = 10_000
#: Conditions of a whole filter.
MAX_CONDITIONS = 10_000
#: Characters and parts of a dotted path.
MAX_PATH = 500
MAX_PARTS = 32
#: Characters of a pattern.
MAX_PATTERN = 2_000


def invalid(message: str, code: str, hint: str = "", **facts: Any) -> InvalidQueryError:
    """The error, to be raised."""
    return InvalidQueryError(message, code=code, hint=hint, **facts)


def too_deep() -> InvalidQueryError:
    """The error for a filter or literal with too many levels."""
    return invalid(
        f"the filter is nested more than {MAX_DEPTH} levels deep",
        "query-too-deep",
        "flatten it: nested and/or of one kind can be one list",
    )


def too_long(what: str, length: int) -> InvalidQueryError:
    """The error for a list with too many elements."""
    return invalid(
        f"{what} has {length} elements",
        "query-too-large",
        f"at most {MAX_LIST}; ask in several queries, or use a condition on another property",
    )


def check_path(path: Any) -> str:
    """A property path that can be one: dotted, no empty part, no part that begins with ``$``."""
    if not isinstance(path, str):
        raise invalid(f"{show(path)} is no property path", "bad-path", "a text like 'address.city'")
    if len(path) > MAX_PATH or path.count(".") >= MAX_PARTS:
        raise invalid(
            f"{show(path)} is too long for a path",
            "bad-path",
            f"at most {MAX_PATH} characters and {MAX_PARTS} parts",
        )
    if path.startswith("$") or ".$" in path:
        raise dollar(path)
    if not path or path[0] == "." or path[-1] == "." or ".." in path:
        raise invalid(f"{path!r} is no property path", "bad-path", "a text like 'address.city'")
    return path


def dollar(name: str) -> InvalidQueryError:
    """The error for a key that begins with ``$``."""
    return invalid(
        f"{show(name)} begins with '$'",
        "dollar-key",
        "native operators are not passed through: write gt, inq, …; db.execute runs native text",
    )
