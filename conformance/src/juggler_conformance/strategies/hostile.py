"""Input that nobody means well: arbitrary JSON, wrong shapes, catastrophic patterns, deep trees."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

#: Patterns that a backtracking engine never finishes, and some that are no patterns at all.
CATASTROPHES = (
    "(a+)+$",
    "(a|a)*b",
    "(a|aa)+$",
    ".*.*.*x",
    "(.*)*",
    "(x+x+)+y",
    "((a{1,100}){1,100}){1,100}",
    "a{1,100000}",
    "(?=a)*",
    "(a)\\1+",
    "(?P<n>a)(?P=n)*b",
    "[",
    "(",
    "*",
    "a{2,1}",
    "\\",
    "(?",
    "(?#",
    "(?i",
    "(?a)x",
    "\x00",
    "(" * 200 + ")" * 200,
    "|" * 1000,
    "(?:" * 90 + "a" + ")*" * 90,
    "\\p{L}",
    "(?>a)",
    "a" * 5000,
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(?<=a+)b",
    "\ud800",
)
_WORDS = (
    "where",
    "order",
    "limit",
    "skip",
    "offset",
    "fields",
    "include",
    "and",
    "or",
    "nor",
    "not",
    "eq",
    "neq",
    "gt",
    "lt",
    "between",
    "inq",
    "nin",
    "like",
    "nlike",
    "ilike",
    "regexp",
    "exists",
    "near",
    "maxDistance",
    "unit",
    "contains",
    "containsKey",
    "elemMatch",
    "any",
    "options",
    "$where",
    "$gt",
    "__proto__",
    "constructor",
    "__class__",
    "__init__",
    "id",
    "name",
    "rank",
    "score",
    "ok",
    "at",
    "",
    ".",
    "..",
    "a.b",
    "name.",
    ".name",
    "name..x",
    "0",
    "*",
)
_SCALARS = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2**63,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "a",
    "\x00",
    "1",
    "true",
    "null",
    "\ud800",
    "2020-01-01",
    "x" * 3000,
    "name DESC",
    "name SIDEWAYS",
    "/a/z",
    *CATASTROPHES[:6],
)


@lru_cache(maxsize=1)
def hostile_json() -> SearchStrategy[Any]:
    """Anything that JSON can hold, and a little that it cannot."""
    leaf = st.sampled_from(_SCALARS) | st.text(max_size=4) | st.integers() | st.floats()
    names = st.sampled_from(_WORDS) | st.text(max_size=4)
    return st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
        max_leaves=8,
    )


@st.composite
def hostile_filters(draw: DrawFn) -> Any:
    """Things to give as a filter: junk, nearly right ones, deep ones, huge ones."""
    way = draw(st.integers(0, 9))
    if way == 0:
        return draw(hostile_json())
    if way == 1:
        return {"where": deep(draw(st.sampled_from(("and", "or", "not", "nor", "elemMatch", "x"))))}
    if way == 2:  # noqa: PLR2004 - patterns against rows with long texts
        word = draw(st.sampled_from(("regexp", "like", "ilike", "nlike")))
        return {"where": {"name": {word: draw(st.sampled_from(CATASTROPHES))}}}
    if way == 3:  # noqa: PLR2004 - one list beyond any bound
        return [0] * 10_001
    if way <= 6:  # noqa: PLR2004 - junk at one operator
        return {"where": {draw(st.sampled_from(_WORDS)): draw(hostile_json())}}
    return {draw(st.sampled_from(_WORDS[:7])): draw(hostile_json())}


def deep(word: str, levels: int = 100) -> Any:
    """A hundred levels of one combining word."""
    tree: Any = {"name": "a"}
    for _ in range(levels):
        tree = {word: [tree]} if word in {"and", "or", "nor"} else {word: tree}
    return tree
