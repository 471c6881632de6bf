"""Patterns of definitions: what their authors wrote, run in bounded time on what others send.

They may be larger than those of queries: what ``regular`` refuses for its repeats is searched by an
automaton, in time proportional to the text.  Look-around and back-references stay refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

from juggler.errors import CapabilityError
from juggler.values._automaton import Automaton
from juggler.values.regular import MAX_SIZE, search_for

if TYPE_CHECKING:
    from collections.abc import Callable

#: Steps that ``re`` may need for a text before the automaton takes it.
_STEPS = 200_000
_REPEATS = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT})
_SINGLE = frozenset(
    {codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN, codes.CATEGORY, codes.RANGE}
)


@lru_cache(maxsize=512)
def pattern_search(pattern: str) -> Callable[[str], Any]:
    """The search function of a pattern: something for a match anywhere in a text, else None.

    Args:
        pattern: the pattern in Python's syntax, its flags inside.

    Raises:
        InvalidQueryError: no valid pattern.
        CapabilityError: it has look-around or back-references, or is too large.
    """
    try:
        return search_for(pattern)
    except CapabilityError:
        tree = parser.parse(pattern)
        loops, nested, size = _measure(tree, inside=False)
        if size < 0 or size > MAX_SIZE:
            raise
    automaton = Automaton(tree)
    if nested:
        return automaton.search
    quick = re.compile(pattern).search
    longest = int(_STEPS ** (1 / (loops + 1)))
    return lambda text: quick(text) if len(text) <= longest else automaton.search(text)


def _measure(items: Any, *, inside: bool) -> tuple[int, bool, int]:
    """Unbounded repeats, whether one is inside a repeat, size; -1 for what no automaton does."""
    loops, nested, size = 0, False, 0
    for code, argument in items:
        if code in _REPEATS:
            low, high, body = argument
            endless = high is codes.MAXREPEAT
            found = _measure(body, inside=True)
            times = int(low) + 1 if endless else int(high)
            found = (found[0] * max(1, times) + endless, found[1] or (endless and inside), found[2])
            scale = max(1, times)
        elif code is codes.SUBPATTERN:
            found, scale = _measure(argument[3], inside=inside), 1
        elif code is codes.BRANCH:
            parts = [_measure(one, inside=inside) for one in argument[1]]
            smallest = min(part[2] for part in parts)
            total = smallest if smallest < 0 else sum(part[2] for part in parts)
            found, scale = (sum(p[0] for p in parts), any(p[1] for p in parts), total), 1
        elif code is codes.AT or code in _SINGLE:
            found, scale = (0, False, 1), 1
        else:
            found, scale = (0, False, -1), 1
        loops, nested = loops + found[0], nested or found[1]
        if found[2] < 0:
            return loops, nested, -1
        size += found[2] * scale
    return loops, nested, size
