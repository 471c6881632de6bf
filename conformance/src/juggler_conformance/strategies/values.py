"""Neutral values of each type: small domains for ties and duplicates, and the nasty ones."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hypothesis import strategies as st

from juggler.values.geo import GeoPoint
from juggler.values.types import TypeKind, TypeSpec

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from juggler_conformance.limits import Limits

K = TypeKind
UTC = dt.UTC

#: Texts that stores, drivers and URLs mistreat.  Composed and decomposed forms stand side by side.
NASTY_TEXTS = (
    "",
    " ",
    ".",
    "..",
    "/x",
    "a/b",
    "é",
    "e\u0301",
    "\u00c5",
    "\u212b",
    "\x00",
    "a\x00b",
    "\x7f",
    "😀",
    "\U0010ffff",
    "\ue000",
    "\ufeffb",
    "\u2028",
    "%",
    "_",
    "\\",
    "100%",
    "a_b",
    "a%b",
    "a\\b",
    "null",
    "None",
    "undefined",
    "true",
    "0",
    "-1",
    "1e3",
    "$gt",
    "_id",
    "_design/x",
    "{}",
    "[]",
    "'",
    '"',
    "a'b",
    'a"b',
    "`",
    ";",
    "--",
    "a b",
    "+",
    "?",
    "#",
    "&",
    "\n",
    "\t",
    "a\nb",
    "É",
    "Ж",
    "日本",
    "z" * 300,
)
_TEXTS = ("a", "b", "ab", "B", "ba", "Ab")
_INTS = (0, 1, 2, 3, -1)
_NASTY_INTS = (
    2**31 - 1,
    2**31,
    -(2**31),
    2**53 - 1,
    2**53,
    2**53 + 1,
    -(2**53) - 1,
    2**63 - 1,
    2**63,
    -(2**63),
    -(2**63) - 1,
    10**30,
)
_NUMBERS = (0, 1, 2, 2.5, -1, 0.1)
_NASTY_NUMBERS = (
    float("1e-400"),
    -0.0,
    5e-324,
    1.7976931348623157e308,
    -1e308,
    0.1 + 0.2,
    1e15 + 0.3,
    1e21,
    2**53,
    -(2**53),
    123456789.125,
)
_DECIMALS = tuple(map(Decimal, ("0", "1", "1.10", "1.1", "-0.5", "2.25")))
_NASTY_DECIMALS = tuple(
    map(
        Decimal,
        ("1E+3", "1000", "123456789012345678901234567890.125", "0.0000000000000000001", "-0"),
    )
)
_TIMES = tuple(
    dt.datetime(2020, 1, 1, 0, 0, second, milli * 1000, tzinfo=UTC)
    for second, milli in ((0, 0), (0, 1), (1, 0), (2, 500))
)
_NASTY_TIMES = (
    dt.datetime(1, 1, 1, tzinfo=UTC),
    dt.datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
    dt.datetime(1970, 1, 1, tzinfo=UTC),
    dt.datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    dt.datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
)
_DAYS = (dt.date(2020, 1, 1), dt.date(2020, 1, 2), dt.date(2021, 1, 1))
_NASTY_DAYS = (dt.date(1, 1, 1), dt.date(1970, 1, 1), dt.date(2000, 2, 29), dt.date(9999, 12, 31))
_CLOCKS = (dt.time(0, 0), dt.time(12, 30), dt.time(12, 30, 1))
_SPANS = (dt.timedelta(0), dt.timedelta(seconds=1), dt.timedelta(days=2))
_BLOBS = (b"", b"a", b"ab", b"b")
_NASTY_BLOBS = (b"\x00", b"\xff\xfe", bytes(range(256)))
_UUIDS = tuple(UUID(int=n) for n in (1, 2, 1 << 100, (1 << 128) - 1))
_POINTS = tuple(GeoPoint(*p) for p in ((0, 0), (0, 1), (1, 0), (45.5, -122.5), (51.5, 0)))
_NASTY_POINTS = tuple(GeoPoint(*p) for p in ((90, 0), (-90, 0), (0, 180)))

_POOLS: dict[TypeKind, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    K.STRING: (_TEXTS, NASTY_TEXTS),
    K.TEXT: (_TEXTS, NASTY_TEXTS),
    K.INTEGER: (_INTS, _NASTY_INTS),
    K.NUMBER: (_NUMBERS, _NASTY_NUMBERS),
    K.FLOAT: (tuple(map(float, _NUMBERS)), tuple(map(float, _NASTY_NUMBERS))),
    K.DECIMAL: (_DECIMALS, _NASTY_DECIMALS),
    K.BOOLEAN: ((False, True), ()),
    K.DATETIME: (_TIMES, _NASTY_TIMES),
    K.DATE: (_DAYS, _NASTY_DAYS),
    K.TIME: (_CLOCKS, ()),
    K.DURATION: (_SPANS, ()),
    K.BUFFER: (_BLOBS, _NASTY_BLOBS),
    K.UUID: (_UUIDS, ()),
    K.GEO: (_POINTS, _NASTY_POINTS),
}
_EMPTY: dict[TypeKind, Any] = {K.ARRAY: [], K.SET: frozenset(), K.MAP: {}}
_ANY = (*_TEXTS[:3], *_INTS[:3], 2.5, True, False)


def pool(spec: TypeSpec, limits: Limits) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The small domain of a scalar type and its nasty values, within a connector's limits."""
    tame, nasty = _POOLS.get(spec.kind, ((), ()))
    return tame, tuple(value for value in nasty if limits.takes(value))


@lru_cache(maxsize=256)
def or_null(spec: TypeSpec, limits: Limits) -> SearchStrategy[Any]:
    """Values of a type, null about every fourth time; one draw for a scalar."""
    tame, odd = pool(spec, limits)
    if not tame:
        return st.none() | values(spec, limits)
    return st.sampled_from(_weighted(tame, odd, nulls=True))


def _weighted(tame: tuple[Any, ...], odd: tuple[Any, ...], *, nulls: bool = False) -> list[Any]:
    """Three tame values for each nasty one, and nulls first, for the shrinker."""
    times = max(1, round(3 * len(odd) / len(tame)))
    found = [*tame * times, *odd]
    return [*[None] * (len(found) // 3 if nulls else 0), *found]


@lru_cache(maxsize=256)
def values(spec: TypeSpec, limits: Limits, *, nasty: bool = True) -> SearchStrategy[Any]:
    """Values of a type: mostly of a small domain; never null."""
    match spec.kind:
        case K.ARRAY if spec.of is not None:
            return st.lists(values(spec.of, limits, nasty=nasty), max_size=3)
        case K.SET if spec.of is not None:
            return st.frozensets(values(spec.of, limits, nasty=nasty), max_size=3)
        case K.MAP if spec.of is not None:
            names = st.sampled_from(["k", "l", "m n"])
            return st.dictionaries(names, values(spec.of, limits, nasty=nasty), max_size=2)
        case K.TUPLE:
            return st.tuples(*(values(item, limits, nasty=nasty) for item in spec.items))
        case K.EMBEDDED if spec.model is not None:
            parts = {
                f.name: st.none() | values(f.type, limits, nasty=nasty) for f in spec.model.fields
            }
            return st.fixed_dictionaries(parts)
        case K.ANY:
            leaf = st.sampled_from(_ANY)
            return leaf | st.fixed_dictionaries({"k": leaf}) | st.lists(leaf, max_size=2)
        case K.OBJECT:
            return st.dictionaries(st.sampled_from(["k", "l"]), st.sampled_from(_ANY), max_size=2)
        case _:
            tame, odd = pool(spec, limits)
            return st.sampled_from(_weighted(tame, odd if nasty else ()))


def nasty_values(spec: TypeSpec, limits: Limits) -> tuple[Any, ...]:
    """The nasty values of a type, for tests that try each of them."""
    empty = _EMPTY.get(spec.kind)
    return pool(spec, limits)[1] if empty is None else (empty,)


def neighbours(value: Any) -> tuple[Any, ...]:
    """Values right beside a stored one, where bounds go wrong by one."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value - 1, value + 1)
    if isinstance(value, str):
        return (value + "\x00", value[:-1], value + "a", value.swapcase())
    if isinstance(value, float):
        return (value - 1, value + 0.5) if abs(value) < 1e15 else ()  # noqa: PLR2004 - exact halves
    if isinstance(value, dt.datetime) and 1 < value.year < 9999:  # noqa: PLR2004 - the years there are
        return (value - dt.timedelta(milliseconds=1), value + dt.timedelta(milliseconds=1))
    return ()
