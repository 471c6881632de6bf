"""Regular expressions that cannot hang: a subset that is checked before anything is read.

Python's ``re`` backtracks, so some patterns take years.  A pattern is allowed when the number of
ways to match it at one place is small whatever the text: no back-reference, no look-around, at most
one unbounded repeat on any way through the pattern and none inside another repeat, and few
combinations of optional parts and alternatives.  A larger pattern goes to the linear engine ``re2``
where that is installed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from juggler.errors import CapabilityError, InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Callable

FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
#: Ways to match at one place, the unbounded repeat not counted.
MAX_WAYS = 200
_DEEPEST = 50
_INSTALL = "pip install juggler-core[re2]"


@lru_cache(maxsize=512)
def search_for(pattern: str, flags: str = "") -> Callable[[str], Any]:
    """The search function of a pattern: a match or None, anywhere in a text.

    Args:
        pattern: the pattern, in Python's syntax.
        flags: out of ``i`` (any case), ``m`` (multi-line), ``s`` (dot is any character).

    Raises:
        InvalidQueryError: no valid pattern or flag.
        CapabilityError: beyond the regular subset, and ``re2`` is not installed or refuses it.
    """
    if set(flags) - set(FLAGS):
        raise InvalidQueryError(
            f"{flags!r} are no flags", code="bad-flags", hint="flags are i, m and s"
        )
    bits = 0
    for flag in flags:
        bits |= FLAGS[flag]
    shorter = _without_idle_ends(pattern)
    why = _excess(shorter, bits)
    if why is None:
        return _compile(shorter, bits).search
    return _re2_search(pattern, flags, why)


def _without_idle_ends(pattern: str) -> str:
    """The pattern without ``.*`` at its ends, where a search does not need it."""
    if pattern.startswith(".*") and pattern[2:3] not in {"?", "+", "*", "{"}:
        pattern = pattern[2:]
    if pattern.endswith(".*"):
        body = pattern[:-2]
        if (len(body) - len(body.rstrip("\\"))) % 2 == 0 and "[" not in body and "(?x" not in body:
            pattern = body
    return pattern


def _compile(pattern: str, bits: int) -> re.Pattern[str]:
    try:
        return re.compile(pattern, bits)
    except (re.error, RecursionError, OverflowError, ValueError, Warning) as error:
        _invalid(pattern, error)


def _excess(pattern: str, bits: int) -> str | None:
    """Why a pattern is outside the subset, None when it is inside."""
    from re import _parser  # type: ignore[attr-defined]  # noqa: PLC0415 - only with patterns

    if pattern.count("(") > _DEEPEST:
        return f"it has more than {_DEEPEST} groups"
    try:
        tree = _parser.parse(pattern, bits)
    except (re.error, RecursionError, OverflowError, ValueError, Warning) as error:
        _invalid(pattern, error)
    from juggler.values._ways import Excess, ways  # noqa: PLC0415 - only with patterns

    try:
        if ways(tree).count > MAX_WAYS:
            return "its optional parts and alternatives have too many combinations"
    except Excess as excess:
        return str(excess)
    return None


def _re2_search(pattern: str, flags: str, why: str) -> Callable[[str], Any]:
    shown = pattern[:60]
    try:
        import re2  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - an extra
    except ImportError:
        raise CapabilityError(
            f"the pattern {shown!r} is not regular enough for a search in bounded time: {why}",
            code="pattern-too-large",
            feature="regexp",
            alternatives=(f"{_INSTALL} (a linear engine)", "several like or regexp conditions"),
        ) from None
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = "i" not in flags
    options.dot_nl = "s" in flags
    prefix = "(?m)" if "m" in flags else ""
    try:
        search: Callable[[str], Any] = re2.compile(prefix + pattern, options).search
    except Exception:  # noqa: BLE001 - re2.error is what it documents, not all that it raises
        raise CapabilityError(
            f"the pattern {shown!r} is beyond re2 too: {why}",
            code="pattern-too-large",
            feature="regexp",
            alternatives=("several like or regexp conditions",),
        ) from None
    return search


def _invalid(pattern: str, error: BaseException) -> NoReturn:
    raise InvalidQueryError(
        f"{pattern[:60]!r} is no regular expression: {error}"[:200],
        code="bad-regexp",
        hint="a literal character that has a meaning in patterns is written with a backslash",
    ) from None
