"""A model with every kind of property, and strategies for rows and filters of it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from juggler.query import bind_where, parse_where
from juggler.spec import EXTRA, FieldSpec, KeySpec, ModelSpec
from juggler.values import GeoPoint, TypeKind, TypeSpec, coercer, simple

K = TypeKind
UTC = dt.UTC


def model(
    name: str, key: tuple[str, ...] = (), /, *, is_open: bool = False, **types: Any
) -> ModelSpec:
    """A model of these properties; a type is a kind or a TypeSpec."""
    fields = [
        FieldSpec(n, n, t if isinstance(t, TypeSpec) else simple(t)) for n, t in types.items()
    ]
    if is_open:
        fields.append(FieldSpec(EXTRA, EXTRA, simple(K.OBJECT)))
    return ModelSpec(name, name, tuple(fields), KeySpec(key), open=is_open)


def array(of: Any) -> TypeSpec:
    """The type of arrays of a type."""
    return TypeSpec(K.ARRAY, of=of if isinstance(of, TypeSpec) else simple(of))


ADDRESS = model("Address", city=K.STRING, zip=K.INTEGER)
ITEM = model("Item", sku=K.STRING, qty=K.INTEGER, tags=array(K.STRING))
THING = model(
    "Thing",
    ("id", "part"),
    is_open=True,
    id=K.INTEGER,
    part=K.STRING,
    name=K.STRING,
    n=K.NUMBER,
    flag=K.BOOLEAN,
    at=K.DATETIME,
    dec=K.DECIMAL,
    tags=array(K.STRING),
    nums=array(K.NUMBER),
    items=array(TypeSpec(K.EMBEDDED, model=ITEM)),
    address=TypeSpec(K.EMBEDDED, model=ADDRESS),
    loc=K.GEO,
    obj=K.OBJECT,
    anything=K.ANY,
    counts=TypeSpec(K.MAP, of=simple(K.INTEGER)),
    marks=TypeSpec(K.SET, of=simple(K.INTEGER)),
)

TEXTS = st.sampled_from(["", "a", "A", "ab", "b", "a%b", "é", "x\ny", "😀", "\ufffd"])
NUMBERS = st.sampled_from([-1, 0, 0.0, 1, 1.0, 1.5, 2, 2**60, Decimal("1.5"), Decimal(2)])
MOMENTS = st.sampled_from([dt.datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3)])
POINTS = st.builds(GeoPoint, st.sampled_from([0, 1, 50]), st.sampled_from([0, 2, -3]))
SCALARS = TEXTS | NUMBERS | st.booleans() | MOMENTS
ANYTHING = st.recursive(
    SCALARS | st.none() | POINTS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2)
    ),
    max_leaves=4,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b"]), ANYTHING, max_size=2)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "name": TEXTS,
    "n": NUMBERS,
    "flag": st.booleans(),
    "at": MOMENTS,
    "dec": st.sampled_from([Decimal(0), Decimal("1.5"), Decimal("1.50"), Decimal(7)]),
    "tags": st.lists(TEXTS | st.none(), max_size=3),
    "nums": st.lists(NUMBERS, max_size=3),
    "items": st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "sku": TEXTS,
                "qty": st.sampled_from([0, 1, 2]),
                "tags": st.lists(TEXTS, max_size=2),
            },
        ),
        max_size=2,
    ),
    "address": st.fixed_dictionaries(
        {}, optional={"city": TEXTS, "zip": st.sampled_from([0, 1, 2])}
    ),
    "loc": POINTS,
    "obj": OBJECTS,
    "anything": ANYTHING,
    "counts": st.dictionaries(
        st.sampled_from(["a", "b"]), st.sampled_from([0, 1]) | st.none(), max_size=2
    ),
    "marks": st.lists(st.sampled_from([0, 1, 2]), max_size=3),
}
#: Paths and the literals that fit them.
PATHS: dict[str, st.SearchStrategy[Any]] = {
    **VALUES,
    "id": st.sampled_from([0, 1, "1"]),
    "tags.0": TEXTS,
    "items.sku": TEXTS,
    "items.tags": TEXTS,
    "items.1.qty": st.sampled_from([0, 1, 2]),
    "address.city": TEXTS,
    "address.zip": st.sampled_from([0, 1, 2]),
    "loc.lat": NUMBERS,
    "obj.a": SCALARS,
    "obj.a.b": SCALARS,
    "obj.b.0": SCALARS,
    "anything.a": SCALARS,
    "counts.a": st.sampled_from([0, 1]),
    "ghost": SCALARS,
    "ghost.a": SCALARS,
}
#: Elements of the collections, for ``contains`` and for plain equality.
ELEMENTS: dict[str, st.SearchStrategy[Any]] = {
    "tags": TEXTS,
    "nums": NUMBERS,
    "marks": st.sampled_from([0, 1]),
    "obj": ANYTHING,
    "anything": ANYTHING,
    "counts": st.sampled_from([0, 1]),
    "items.tags": TEXTS,
    "ghost": ANYTHING,
}
#: What is never compared with one of its elements.
WHOLE = {"obj", "counts"}
RANGES = [
    "id",
    "name",
    "n",
    "flag",
    "at",
    "dec",
    "tags.0",
    "items.sku",
    "items.1.qty",
    "address.city",
    "loc.lat",
    "obj.a",
    "obj.b.0",
    "anything",
    "anything.a",
    "counts.a",
    "ghost",
    "ghost.a",
]
TEXT_PATHS = [
    "name",
    "tags",
    "tags.0",
    "items.sku",
    "items.tags",
    "address.city",
    "obj.a",
    "anything",
    "ghost",
]
PATTERNS = st.sampled_from(["", "%", "a%", "%b", "a_b", "_", r"a\%b", "%a%b%", "a", "É", "%\n%"])
REGEXPS = st.sampled_from(["a", "^a", "/A/i", "b$", "^$", "a.*b", "/x.y/s"])


@st.composite
def conditions(draw: Any) -> dict[str, Any]:
    """A where on one path, valid for THING."""
    kind = draw(
        st.sampled_from(["equal", "in", "range", "text", "collection", "null", "near", "key"])
    )
    if kind == "equal":
        path = draw(st.sampled_from([*PATHS]))
        literals = PATHS[path] if path in WHOLE else PATHS[path] | ELEMENTS.get(path, st.nothing())
        return {path: {draw(st.sampled_from(["eq", "neq"])): draw(literals)}}
    if kind == "in":
        path = draw(st.sampled_from([*PATHS]))
        literals = PATHS[path] if path in WHOLE else PATHS[path] | ELEMENTS.get(path, st.nothing())
        values = draw(st.lists(literals | st.none(), max_size=3))
        return {path: {draw(st.sampled_from(["inq", "nin"])): values}}
    if kind == "range":
        return draw(_ranges())
    if kind == "text":
        path = draw(st.sampled_from(TEXT_PATHS))
        if draw(st.booleans()):
            return {path: {"regexp": draw(REGEXPS)}}
        return {path: {draw(st.sampled_from(["like", "nlike", "ilike", "nilike"])): draw(PATTERNS)}}
    if kind == "collection":
        path = draw(st.sampled_from([*ELEMENTS]))
        return {path: {"contains": draw(ELEMENTS[path])}}
    if kind == "null":
        path = draw(st.sampled_from([*PATHS]))
        return {path: draw(st.sampled_from([None, {"exists": True}, {"neq": None}]))}
    if kind == "near":
        sides = draw(
            st.fixed_dictionaries(
                {},
                optional=dict.fromkeys(
                    ["maxDistance", "minDistance"], st.sampled_from([0, 100, 4000])
                ),
            )
        )
        return {
            draw(st.sampled_from(["loc", "obj.a", "ghost"])): {"near": str(draw(POINTS)), **sides}
        }
    path = draw(st.sampled_from(["counts", "obj", "anything", "ghost"]))
    return {path: {"containsKey": draw(st.sampled_from(["a", "c"]))}}


@st.composite
def _ranges(draw: Any) -> dict[str, Any]:
    path = draw(st.sampled_from(RANGES))
    scalars = PATHS[path] if path != "anything" else SCALARS
    if draw(st.booleans()):
        return {path: {draw(st.sampled_from(["gt", "gte", "lt", "lte"])): draw(scalars)}}
    return {path: {"between": [draw(scalars), draw(scalars)]}}


def _matches(inner: Any) -> Any:
    sides = st.fixed_dictionaries(
        {},
        optional={
            "sku": TEXTS,
            "qty": st.fixed_dictionaries({"gt": st.sampled_from([0, 1])}),
            "tags": TEXTS,
        },
    )
    own = st.fixed_dictionaries({}, optional={"gt": TEXTS, "lt": TEXTS, "like": PATTERNS}).filter(
        bool
    )
    return (
        st.builds(lambda where: {"items": {"elemMatch": where}}, sides)
        | st.builds(lambda where: {"tags": {"any": where}}, own)
        | st.builds(lambda where: {"anything": {"any": where}}, own)
        | st.builds(lambda where: {"obj": {"any": {"a": where}}}, own)
        | inner
    )


FILTERS = st.recursive(
    _matches(conditions()),
    lambda inner: (
        st.builds(
            lambda word, parts: {word: parts},
            st.sampled_from(["and", "or", "nor"]),
            st.lists(inner, max_size=3),
        )
        | st.builds(lambda part: {"not": part}, inner)
    ),
    max_leaves=6,
)


def bound(where: Any) -> Any:
    """A filter's where, bound to THING."""
    return bind_where(THING, parse_where(where))


@st.composite
def rows(draw: Any, size: int = 6) -> list[tuple[Any, ...]]:
    """Rows of THING with different keys, in any order."""
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from([0, 1, 2, 10]), st.sampled_from(["a", "b"])),
            unique=True,
            max_size=size,
        )
    )
    coercers = [coercer(field.type) for field in THING.fields]
    found = []
    for key in keys:
        data = draw(st.fixed_dictionaries({}, optional=VALUES))
        extra = draw(st.none() | st.fixed_dictionaries({"ghost": ANYTHING}))
        values = {**data, "id": key[0], "part": key[1], EXTRA: extra}
        found.append(
            tuple(
                coerce(values.get(name)) for coerce, name in zip(coercers, THING.names, strict=True)
            )
        )
    return found


def as_dict(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row as the naive reader wants it."""
    data = dict(zip(THING.names, row, strict=True))
    return {**(data.pop(EXTRA) or {}), **data}
