"""Regular expressions that cannot hang: a subset that is checked before anything is read.

Python's ``re`` backtracks, so some patterns take years.  A pattern is allowed when the number of
ways to match it at one place is small whatever the text: no back-reference, no look-around, at most
one unbounded repeat on any way through the pattern and none inside another repeat, and few
combinations of optional parts and alternatives.  In long texts such a pattern is searched by an
automaton, in time proportional to the text.  A larger pattern goes to the linear engine ``re2``
where that is installed.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, NoReturn

from juggler.errors import CapabilityError, InvalidQueryError
from juggler.values._automaton import Automaton
from juggler.values._ways import Excess, Ways, is_anchored, ways

if TYPE_CHECKING:
    from collections.abc import Callable

FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
#: Ways to match at one place, the unbounded repeat not counted.
MAX_WAYS = 200
#: Items of a pattern with its repeats written out.
MAX_SIZE = 5_000
_DEEPEST = 50
#: Steps that ``re`` may need for one text, and per character of a text of any length.
_STEPS = 2_000_000
_QUICK = 50
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
    try:
        tree = _parsed(shorter, bits)
        found = _checked(tree)
    except Excess as excess:
        return _re2_search(pattern, flags, str(excess))
    return _search(_compile(shorter, bits), tree, found)


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


def _parsed(pattern: str, bits: int) -> Any:
    if pattern.count("(") > _DEEPEST:
        raise Excess(f"it has more than {_DEEPEST} groups")
    try:
        return parser.parse(pattern, bits)
    except (re.error, RecursionError, OverflowError, ValueError, Warning) as error:
        _invalid(pattern, error)


def _checked(tree: Any) -> Ways:
    """The ways of a pattern; Excess when it is outside the subset."""
    found = ways(tree)
    if found.count > MAX_WAYS:
        raise Excess("its optional parts and alternatives have too many combinations")
    if found.size > MAX_SIZE:
        raise Excess("its repeats are too long")
    return found


def _search(compiled: re.Pattern[str], tree: Any, found: Ways) -> Callable[[str], Any]:
    """``re`` where it is quick whatever the text, else only up to some length of the text."""
    anchored = is_anchored(tree, multiline=bool(compiled.flags & re.MULTILINE))
    if found.count * found.size <= _QUICK and (anchored or not found.loops):
        return compiled.search
    longest = _STEPS // (found.count * found.size)
    if found.loops and not anchored:
        longest = math.isqrt(longest)
    automaton: list[Automaton] = []

    def search(text: str) -> Any:
        if len(text) <= longest or not text:
            return compiled.search(text)
        if not automaton:
            automaton.append(Automaton(tree))
        return automaton[0].search(text)

    return search


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


def _invalid(pattern: str, error: object) -> NoReturn:
    raise InvalidQueryError(
        f"{pattern[:60]!r} is no regular expression: {error}"[:200],
        code="bad-regexp",
        hint="a literal character that has a meaning in patterns is written with a backslash",
    ) from None
