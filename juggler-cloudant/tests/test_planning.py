"""The planner and the reading of its plans, against the core's own evaluation."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve
from cloudant_support import SETTINGS, K, Server, model_of, reader_of, store
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler.errors import BackendError, CapabilityError, InvalidQueryError, UnavailableError
from juggler.query import QuerySpec
from juggler.query.evaluate import Layout, select
from juggler.query.normalise import normalise
from juggler.query.order import sorter, values_of
from juggler.query.spec import ReadOptions
from juggler.query.tree import (
    TRUE,
    And,
    Between,
    Cmp,
    In,
    IsNull,
    Like,
    Not,
    Nothing,
    Or,
    StartsWith,
    Where,
)
from juggler.spec import FieldSpec, KeySpec, ModelSpec, StoreSchema
from juggler.values import simple
from juggler_cloudant.io.reading import fetch
from juggler_cloudant.io.views import count
from juggler_cloudant.planning import Find, Keys, Union, ViewRead, plan_query

PET = model_of(
    indexes=(("name",), ("age",), ("kind", "age"), ("slug",), ("at", "name"), ("ok",)),
    name=K.STRING,
    kind=K.STRING,
    age=K.NUMBER,
    ok=K.BOOLEAN,
    at=K.DATETIME,
    slug=FieldSpec("slug", "slug", simple(K.STRING), collation="ascii-safe"),
    free=K.STRING,
)
#: The same, to which all the documents of a database belong.
ALONE = evolve(PET, options={"modelIndex": False})
_TIME = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
VALUES: dict[str, list[Any]] = {
    "id": ["a", "B", "b", "ä", "k1", "k10", "k2", "Z"],
    "name": ["a", "A", "a\x01", "ä", "a\u0308", "ab", "b", "B", "", "z\ufeff"],
    "kind": ["cat", "Cat", "dog"],
    "age": [0, 1, 1.5, 2, -1, 2**53 + 1, 10**30],
    "ok": [True, False],
    "at": [_TIME, _TIME + dt.timedelta(milliseconds=1), _TIME + dt.timedelta(days=400)],
    "slug": ["a", "a-b", "ab", "b", "a.1"],
    "free": ["x", "y"],
}


def rows() -> st.SearchStrategy[list[tuple[Any, ...]]]:
    cells = [
        st.sampled_from(VALUES["id"]),
        *(st.none() | st.sampled_from(VALUES[name]) for name in PET.names[1:]),
    ]
    return st.lists(st.tuples(*cells), max_size=14, unique_by=lambda row: row[0])


@st.composite
def leaves(draw: Any) -> Where:
    name = draw(st.sampled_from(PET.names))
    one = st.sampled_from(VALUES[name])
    ways: list[Any] = [
        st.builds(Cmp, st.just(name), st.sampled_from(["eq", "ne"]), one),
        st.builds(In, st.just(name), st.lists(one, min_size=1, max_size=3).map(tuple)),
        st.just(IsNull(name)),
        st.just(Not(IsNull(name))),
    ]
    if name != "ok":
        ways += [
            st.builds(Cmp, st.just(name), st.sampled_from(["lt", "le", "gt", "ge"]), one),
            st.builds(Between, st.just(name), one, one),
        ]
    if name in {"id", "name", "kind", "slug"}:
        ways += [st.builds(StartsWith, st.just(name), one), st.just(Like(name, "a%b"))]
    found: Where = draw(st.one_of(ways))
    return Not(found) if draw(st.integers(0, 5)) == 0 else found


def wheres() -> st.SearchStrategy[Where]:
    def more(inner: Any) -> Any:
        some = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.builds(And, some) | st.builds(Or, some)

    return st.just(TRUE) | st.recursive(leaves(), more, max_leaves=5)


def orders() -> st.SearchStrategy[tuple[Any, ...]]:
    term = st.tuples(st.sampled_from(PET.names), st.sampled_from(["asc", "desc"]))
    return st.lists(term, max_size=2, unique_by=lambda t: t[0]).map(tuple)


def fetched(reader: Any, plan: Any, want: int) -> list[tuple[Any, ...]]:
    """All rows of a plan, some at a time, going on in the middle of every second page."""
    found: list[tuple[Any, ...]] = []
    cursor = None
    for turn in range(10_000):
        page = fetch(reader, plan, cursor, want)
        assert len(page.rows) <= want
        taken = list(page.rows)
        cursor = page.cursor
        if turn % 2 and len(taken) > 1:
            taken.pop()
            cursor = page.cursor_after(len(taken) - 1)
        found += taken
        if cursor is None:
            return found
    raise AssertionError("paging does not end")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([PET, PET, ALONE]), rows(), wheres(), orders(), st.sampled_from([1, 2, 100]))
def test_laws(
    model: ModelSpec, stored: list[tuple[Any, ...]], where: Where, order: tuple[Any, ...], want: int
) -> None:
    server = Server()
    reader = reader_of(server, model)
    store(reader, stored)
    if model is PET:
        store(reader_of(server, model_of("Other", name=K.STRING)), [("zz", "a")])
    where = normalise(where)
    plan = plan_query(QuerySpec(model, where, order), StoreSchema(declared=True), SETTINGS)
    again = plan_query(QuerySpec(model, where, order), StoreSchema(declared=True), SETTINGS)
    assert plan.fingerprint == again.fingerprint
    layout = Layout(model, plan.fields)
    matching = select(layout, where)(stored)
    got = fetched(reader, plan, want)
    assert len(set(got)) == len(got)
    assert set(select(layout, plan.residual)(got)) == set(matching)
    assert set(matching) <= set(got)
    if plan.guarantee == "exact":
        assert plan.residual is TRUE
        assert set(got) == set(matching)
    if order and plan.order == "satisfied":
        assert got == sorter(layout, order, where)(got)
    if order and plan.order == "ties":
        values = values_of(layout, order, where)
        assert [values(r) for r in got] == [values(r) for r in sorter(layout, order, where)(got)]
    if plan.residual is TRUE:
        assert count(reader, plan) in {NotImplemented, len(matching)}
    if plan.limit_pushed:
        assert plan.residual is TRUE
        assert not order or plan.order == "satisfied"


def plan(where: Where, order: tuple[Any, ...] = (), model: Any = PET, **options: Any) -> Any:
    query = QuerySpec(model, normalise(where), order, options=ReadOptions(**options))
    return plan_query(query, StoreSchema(declared=True), SETTINGS)


def index_of(found: Any) -> str:
    read = found.opaque.read
    view = read.view if isinstance(read, Find) else read
    assert isinstance(view, ViewRead)
    return view.index.label


def test_texts_are_found_by_index_and_tested_again() -> None:
    found = plan(Cmp("name", "eq", "admin"))
    assert (found.path, index_of(found)) == ("index", "name")
    assert found.pushed == found.residual == Cmp("name", "eq", "admin")


def test_texts_in_code_point_order_are_never_ranged_or_sorted_by_the_server() -> None:
    assert plan(Cmp("name", "gt", "a")).path == "scan"
    assert plan(TRUE, (("name", "asc"),)).order == "none"
    assert plan(Cmp("slug", "gt", "a")).residual is TRUE
    assert plan(Cmp("slug", "gt", "A")).path == "scan"
    assert plan(TRUE, (("slug", "asc"),)).order == "satisfied"


@pytest.mark.parametrize("where", [Cmp("name", "ne", "a"), Not(In("name", ("a", "b")))])
def test_negations_of_texts_are_never_pushed(where: Where) -> None:
    assert plan(where).pushed is TRUE


def test_the_smallest_index_is_taken_then_the_first_name() -> None:
    model = model_of(
        indexes=(("name", "city"), ("name", "city", "category")),
        name=K.STRING, city=K.STRING, category=K.STRING,
    )  # fmt: skip
    where = And((Cmp("name", "eq", "foo"), Cmp("city", "eq", "bar")))
    found = plan(where, model=model)
    assert index_of(found) == "name_city"
    assert ("index name_city_category", "name_city fits better") in found.rejected
    assert index_of(plan(where, model=model, index="name_city_category")) == "name_city_category"


def test_an_index_that_cannot_serve_is_refused() -> None:
    with pytest.raises(InvalidQueryError, match="no index 'nmae'") as caught:
        plan(Cmp("name", "eq", "a"), index="nmae")
    assert "'name'" in caught.value.hint
    with pytest.raises(CapabilityError, match="cannot answer"):
        plan(Cmp("name", "eq", "a"), index="age")


def test_a_scan_says_what_to_declare() -> None:
    found = plan(And((Cmp("free", "eq", "x"), Cmp("age", "ne", 4))))
    assert found.cost.cls == "scan"
    assert found.suggestions == (
        '"indexes": {"by_free": {"keys": {"free": 1}}}, then db.autoupdate()',
    )


def test_an_order_by_texts_says_what_to_declare() -> None:
    (told,) = plan(TRUE, (("free", "asc"),)).suggestions
    assert told.startswith('"collation": "icu" on free takes')
    assert told.endswith('"indexes": {"by_free": {"keys": {"free": 1}}}, then db.autoupdate()')


def test_keys_and_unions() -> None:
    assert isinstance(plan(In("id", ("a", "b"))).opaque.read, Keys)
    either = Or((Cmp("name", "eq", "a"), Cmp("age", "gt", 3)))
    assert isinstance(plan(either).opaque.read, Union)
    assert plan(Or((Cmp("name", "eq", "a"), Cmp("free", "eq", "x")))).path == "scan"


def test_a_value_that_many_rows_have_is_read_on_alone() -> None:
    server = Server()
    reader = reader_of(server, PET)
    store(reader, [(f"k{n:03}", f"n{n % 40 if n < 40 else 3}", "cat", n, None, None, None, None)
                   for n in range(400)])  # fmt: skip
    found = plan(In("name", tuple(f"n{n}" for n in range(40))))
    server.sent.clear()
    assert len(fetched(reader, found, 1000)) == 400
    assert len(server.sent) <= 4


def test_documents_of_others_may_lack_fields() -> None:
    sparse = model_of(indexes=(("name", "age"),), name=K.STRING, age=K.NUMBER)
    query = QuerySpec(sparse, Cmp("name", "eq", "a"))
    loose = type(SETTINGS)(host="localhost", dense=False)
    found = plan_query(query, StoreSchema(declared=True), loose)
    assert found.path == "scan"
    assert any("documents without age" in why for _, why in found.rejected)
    ordered = evolve(query, where=TRUE, order=(("age", "asc"),))
    assert plan_query(ordered, StoreSchema(declared=True), SETTINGS).path == "scan"
    assert plan_query(ordered, StoreSchema(declared=True), SETTINGS).suggestions
    assert plan_query(ordered, StoreSchema(declared=True), loose).suggestions == ()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (K.DATETIME, _TIME),
        (K.DATE, _TIME.date()),
        (K.UUID, UUID(int=5)),
        (K.DECIMAL, Decimal("1.5")),
    ],
)
def test_documents_of_others_may_write_values_in_other_forms(kind: Any, value: Any) -> None:
    loose = evolve(SETTINGS, dense=False)

    def planned(where: Where, order: Any = (), collation: Any = "codepoint") -> Any:
        field = FieldSpec("at", "at", simple(kind), collation=collation)
        query = QuerySpec(model_of(indexes=(("at",),), at=field), where, order)
        return plan_query(query, StoreSchema(declared=True), loose)

    for where in (Cmp("at", "eq", value), Cmp("at", "gt", value), In("at", (value,))):
        found = planned(where)
        assert (found.path, found.residual) == ("scan", where)
    assert "ascii-safe" in planned(Cmp("at", "eq", value)).suggestions[0]
    assert planned(TRUE, (("at", "desc"),)).order == "none"
    assert planned(Not(IsNull("at"))).path == "index"
    assert planned(Cmp("at", "eq", value), collation="ascii-safe").path == "index"


def test_a_server_without_indexes_has_keys_ids_and_scans() -> None:
    def bare(where: Where, order: Any = (), **options: Any) -> Any:
        query = QuerySpec(PET, normalise(where), order, options=ReadOptions(**options))
        return plan_query(query, StoreSchema(declared=True), SETTINGS, indexed=False)

    assert bare(Cmp("id", "eq", "a")).path == "point"
    assert bare(Cmp("name", "eq", "a")).path == "scan"
    assert bare(Cmp("name", "eq", "a")).suggestions == ()
    with pytest.raises(CapabilityError, match="PouchDB"):
        bare(Cmp("name", "eq", "a"), index="name")
    assert bare(Between("id", "a", "k")).residual is TRUE
    assert bare(TRUE, (("id", "desc"),)).order == "satisfied"


def test_without_the_base_index_rows_are_told_apart_one_by_one() -> None:
    server = Server()
    reader = reader_of(server, PET)
    other = reader_of(server, model_of("Other"))
    store(reader, [(key, *(None for _ in PET.names[1:])) for key in "adcb"])
    store(other, [("aa",), ("bb",)])
    server.indexes.clear()

    def read(where: Where, order: Any = ()) -> list[str]:
        made = plan(where, order)
        assert count(reader, made) is NotImplemented
        found: list[str] = []
        cursor: bytes | None = None
        while True:
            page = fetch(reader, made, cursor, 2)
            found += [row[0] for row in page.rows]
            cursor = page.cursor
            if cursor is None:
                return found

    assert read(TRUE) == ["a", "b", "c", "d"]
    assert read(TRUE, (("id", "desc"),)) == ["d", "c", "b", "a"]
    assert read(Between("id", "a", "b"), (("id", "asc"),)) == ["a", "b"]
    assert read(Cmp("id", "gt", "b")) == ["c", "d"]


def test_nothing_needs_no_request() -> None:
    assert plan(Nothing()).cost.requests == 0


def test_a_consistency_that_is_none_is_refused() -> None:
    with pytest.raises(CapabilityError, match="consistency"):
        plan(TRUE, consistency="strong")


def test_texts_that_no_document_can_hold_are_not_sent() -> None:
    found = plan(Cmp("name", "eq", "\ud800"))
    assert (found.path, found.cost.requests, found.opaque.read.ranges) == ("index", 0, ())
    some = plan(In("name", ("a", "\ud800")))
    assert [one.start for one in some.opaque.read.ranges] == [("Pet", "a")]
    assert plan(Cmp("id", "gt", "\ud800")).path == "scan"
    server = Server()
    assert not fetched(reader_of(server, PET), found, 10)
    assert not server.sent


def test_numbers_that_cannot_be_written_are_not_sent() -> None:
    assert plan(Cmp("age", "gt", 10**5000)).path == "scan"
    assert plan(Cmp("age", "gt", 5e-324)).path == "scan"


def selector(found: Any) -> Any:
    assert isinstance(found.opaque.read, Find)
    (statement,) = found.statements
    assert statement.text == "POST /juggler/_find"
    assert statement.params["allow_fallback"] is False
    assert statement.params["use_index"][1] == index_of(found)
    return statement.params["selector"]["$and"][1:]


def test_the_first_parts_of_a_key_are_a_stretch_of_ids() -> None:
    city = ModelSpec(
        "City", "City",
        (FieldSpec("land", "land", simple(K.STRING)), FieldSpec("no", "no", simple(K.NUMBER)),
         FieldSpec("name", "name", simple(K.STRING))),
        KeySpec(("land", "no")),
    )  # fmt: skip
    server = Server()
    reader = reader_of(server, city)
    store(reader, [(land, n, "x") for land in ("J", "JP", 'J"', "J,", "é") for n in (1, 2, 10)])
    for land in ("J", "JP", 'J"', "J,", "é", "X", ""):
        found = plan(And((Cmp("land", "eq", land), Cmp("name", "eq", "x"))), model=city)
        assert (found.path, found.residual) == ("index", Cmp("name", "eq", "x"))
        wanted = [] if land in {"X", ""} else [(land, n) for n in (1, 2, 10)]
        assert sorted(row[:2] for row in fetched(reader, found, 2)) == wanted
    (told,) = plan(Cmp("no", "gt", 3), model=city).suggestions
    assert told.startswith('"indexes": {"by_no"')


def test_what_an_index_does_not_answer_is_a_selector_on_it() -> None:
    found = plan(And((Cmp("name", "eq", "a"), Cmp("age", "gt", 2), Cmp("kind", "eq", "cat"))))
    assert index_of(found) == "kind_age"
    assert selector(found) == [
        {"kind": {"$eq": "cat"}}, {"age": {"$gt": 2, "$lt": ""}}, {"name": {"$eq": "a"}},
    ]  # fmt: skip
    assert found.residual == And((Cmp("name", "eq", "a"), Cmp("kind", "eq", "cat")))
    found = plan(And((Cmp("age", "ge", 2), Cmp("ok", "ne", value=True), Not(In("age", (3, 4))))))
    assert selector(found) == [
        {"age": {"$gte": 2, "$lt": ""}}, {"age": {"$nin": [3, 4]}}, {"ok": {"$ne": True}},
    ]  # fmt: skip
    assert (found.guarantee, found.residual) == ("exact", TRUE)


@pytest.mark.parametrize(
    "where",
    [
        Cmp("name", "ne", "a"), Not(In("name", ("a",))), Cmp("name", "gt", "a"), Like("name", "%a"),
        Or((Cmp("ok", "eq", value=True), Cmp("name", "ne", "a"))), Not(Between("age", 1, 2)),
    ],
)  # fmt: skip
def test_what_the_server_would_answer_otherwise_is_no_selector(where: Where) -> None:
    found = plan(And((Cmp("kind", "eq", "cat"), where)))
    assert isinstance(found.opaque.read, ViewRead)
    assert normalise(where) in found.residual.parts


def test_selectors_take_nothing_for_granted_of_documents_of_others() -> None:
    foreign = evolve(SETTINGS, dense=False)
    conditions = (Cmp("kind", "eq", "cat"), Cmp("ok", "ne", value=True), Cmp("at", "eq", _TIME))
    query = QuerySpec(model_of(indexes=(("kind",),), kind=K.STRING, ok=K.BOOLEAN, at=K.DATETIME),
                      normalise(And(conditions)))  # fmt: skip
    found = plan_query(query, StoreSchema(declared=True), foreign)
    assert isinstance(found.opaque.read, ViewRead)
    assert selector(plan_query(query, StoreSchema(declared=True), SETTINGS))


def test_pages_after_the_first_and_answers_that_take_too_long_are_read_by_the_view() -> None:
    server = Server()
    reader = reader_of(server, PET)
    store(reader, [(f"k{n}", "n", "cat", n % 3, n % 2 == 0, None, "s", "x") for n in range(12)])
    found = plan(And((Cmp("kind", "eq", "cat"), Cmp("ok", "eq", value=True))), (("age", "asc"),))
    wanted = sorted((n % 3, f"k{n}") for n in range(0, 12, 2))
    for want in (1, 2, 5, 6, 7):
        server.sent.clear()
        assert [(row[3], row[0]) for row in fetched(reader, found, want)] == wanted
        paths = [path.rpartition("/")[2] for _, path in server.sent]
        assert paths == ["_find", *["kind_age"] * (len(paths) - 1)]
    ask = server.send

    def slow(method: str, path: str, ctx: Any, **options: Any) -> Any:
        if path.endswith("_find"):
            raise UnavailableError("no answer in time")
        return ask(method, path, ctx, **options)

    server.send = slow  # type: ignore[method-assign]
    assert [(row[3], row[0]) for row in fetched(reader, found, 100)] == wanted

    def old(method: str, path: str, ctx: Any, **options: Any) -> Any:
        if path.endswith("_find"):
            raise BackendError("invalid_key: Invalid key allow_fallback for this request")
        return ask(method, path, ctx, **options)

    server.send = old  # type: ignore[method-assign]
    server.sent.clear()
    for _ in range(2):
        assert [(row[3], row[0]) for row in fetched(reader, found, 100)] == wanted
    assert len(server.sent) == 2
