from __future__ import annotations

from typing import Any

import pytest
from memory_support import Bench, spec

from juggler.errors import CapabilityError, InvalidQueryError, PageTokenError

PEOPLE = spec(
    {"id": "id", "name": "str", "age": "int", "city": "str", "tags": ["str"], "home": "obj"},
    indexes={
        "by_age": ("age",),
        "by_city_age": ("city", "-age"),
        "by_street": ("home.street",),
    },
    unique=("name",),
)


@pytest.fixture
def people() -> Bench:
    bench = Bench(PEOPLE)
    cities = ["Rome", "Oslo", None]
    for i in range(30):
        home = {"street": f"s{i % 4}"} if i % 5 else None
        bench.insert(
            id=i,
            name=f"n{i:02}",
            age=None if i % 7 == 0 else i % 10,
            city=cities[i % 3],
            tags=["a"] * (i % 2),
            home=home,
        )
    return bench


def test_rows_come_in_key_order_whatever_the_order_of_insertion() -> None:
    bench = Bench(spec({"id": "id", "n": "int"}))
    for i in (5, 10, 2, 9, 1, 0):
        bench.insert(id=i)
    assert bench.ids() == [0, 1, 2, 5, 9, 10]
    bench.delete(5)
    bench.insert(id=3)
    assert bench.ids() == [0, 1, 2, 3, 9, 10]
    assert bench.ids(limit=2, skip=0) == [0, 1]


def test_composite_keys_come_in_key_order() -> None:
    bench = Bench(
        spec({"a": "str", "b": "int", "n": "int"}, key=("a",), clustering=(("b", "desc"),))
    )
    for a, b in [("y", 2), ("x", 10), ("y", 1), ("x", 9)]:
        bench.insert(a=a, b=b)
    assert bench.ids() == [("x", 9), ("x", 10), ("y", 1), ("y", 2)]


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ({"id": 3}, "point"),
        ({"id": {"inq": [3, 4, 99]}}, "multi_point"),
        ({"id": {"gt": 20}}, "index"),
        ({"name": "n03"}, "index"),
        ({"age": 3}, "index"),
        ({"age": {"inq": [3, 4]}}, "index"),
        ({"age": {"gte": 3, "lt": 7}}, "index"),
        ({"city": "Rome", "age": {"gt": 3}}, "index"),
        ({"city": "Rome"}, "index"),
        ({"home.street": "s1"}, "index"),
        ({"name": {"like": "n1%"}}, "index"),
        ({"age": None}, "index"),
        ({"or": [{"age": 3}, {"id": 7}, {"name": {"like": "n2%"}}]}, "union"),
        ({"or": [{"age": 3}, {"tags": "a"}]}, "scan"),
        ({"tags": "a"}, "scan"),
        ({"age": {"neq": 3}}, "scan"),
        ({}, "scan"),
    ],
)
def test_the_plan_names_the_path_and_every_path_gives_the_rows_of_a_scan(
    people: Bench, where: Any, path: Any
) -> None:
    plan = people.plan(where)
    assert plan.path == path
    assert plan.guarantee == "exact"
    scanned = Bench(spec({f.name: f.type for f in PEOPLE.fields}))
    for row in people.find():
        scanned.insert(**dict(zip(PEOPLE.names, row, strict=True)))
    assert people.ids(where) == scanned.ids(where)
    assert people.ids(where, page=3) == scanned.ids(where)
    assert people.count(where) == len(scanned.ids(where))
    for order in (["age"], ["-age", "name"], ["city", "-age"], ["-id"], ["id"], ["-city"]):
        wanted = scanned.find(where, order)
        assert people.find(where, order) == wanted
        assert people.find(where, order, page=4) == wanted
        assert people.find(where, order, limit=5, skip=2, page=3) == wanted[:7]
        assert people.find(where, order, limit=5, skip=2) == wanted[:7]


def test_parts_of_composite_keys_are_paths() -> None:
    model = spec(
        {"a": "int", "b": "int", "c": "int", "n": "int"}, key=("a",), clustering=("b", "c")
    )
    bench = Bench(model)
    for a in range(3):
        for b in range(3):
            for c in range(3):
                bench.insert(a=a, b=b, c=c, n=a + b + c)
    for where, path, rows in [
        ({"a": 1}, "partition", 9),
        ({"a": {"inq": [0, 2]}}, "multi_partition", 18),
        ({"a": 1, "b": {"gt": 0}}, "partition", 6),
        ({"a": 1, "b": 1, "c": {"lte": 1}}, "partition", 2),
        ({"a": 1, "b": 1, "c": 1}, "point", 1),
        ({"a": 1, "n": 3}, "partition", 3),
        ({"a": {"gt": 1}}, "index", 9),
        ({"b": 1}, "scan", 9),
    ]:
        plan = bench.plan(where)
        assert (plan.path, len(bench.run(plan)), len(bench.run(plan, 2))) == (path, rows, rows)
    assert bench.plan({"a": 1}).cost.partitions == 1
    assert bench.plan({"a": {"inq": [0, 2]}}).cost.partitions == 2


def test_order_by_an_index_walks_it_and_puts_nulls_lowest(people: Bench) -> None:
    plan = people.plan(order=["-age", "name"], limit=4)
    assert plan.path == "index"
    assert "in the order of by_age" in plan.statements[0].text
    wanted = sorted(people.find(), key=lambda r: (r[2] is None, -(r[2] or 0), r[1]))
    assert people.run(plan) == wanted[:4]
    assert (
        people.run(people.plan(order=["age"], limit=3))
        == sorted(people.find(), key=lambda r: (r[2] is not None, r[2] or 0, r[0]))[:3]
    )


def test_pages_survive_deletes_inserts_and_updates_at_their_boundary(people: Bench) -> None:
    for order in ([], ["age"], ["-age"], ["-id"], ["name"], ["city", "-age"]):
        plan = people.plan(order=order)
        whole = people.run(plan)
        first = people.connector.fetch(plan, None, 10, people.ctx)
        last = first.rows[-1]
        people.delete(last[0])
        rest = people.connector.fetch(plan, first.cursor, 100, people.ctx)
        assert list(rest.rows) == whole[10:]
        people.insert(**dict(zip(PEOPLE.names, last, strict=True)))
        again = people.connector.fetch(plan, first.cursor, 100, people.ctx)
        assert list(again.rows) == whole[10:]


def test_a_page_can_end_behind_any_of_its_rows(people: Bench) -> None:
    for order in ([], ["-age"]):
        plan = people.plan(order=order)
        page = people.connector.fetch(plan, None, 10, people.ctx)
        cursor = page.cursor_after(3)
        rest = people.connector.fetch(plan, cursor, 100, people.ctx)
        assert list(rest.rows) == people.run(plan)[4:]


def test_a_limit_holds_over_pages(people: Bench) -> None:
    plan = people.plan(limit=7, skip=2)
    assert plan.limit_pushed
    assert len(people.run(plan, 4)) == 9
    assert people.ids(limit=0) == []


def test_versions_come_with_rows(people: Bench) -> None:
    page = people.connector.fetch(people.plan({"age": 3}), None, 10, people.ctx)
    got = people.connector.get(PEOPLE, [(row[0],) for row in page.rows], PEOPLE.names, people.ctx)
    assert list(page.versions) == list(got.versions)
    assert len(set(page.versions)) == len(page.versions)


def test_get_keeps_the_order_of_keys_and_projects(people: Bench) -> None:
    found = people.connector.get(PEOPLE, [(4,), (99,), (2,)], ("name", "id"), people.ctx)
    assert list(found.rows) == [("n04", 4), None, ("n02", 2)]


def test_hints_and_what_was_rejected_are_in_the_plan(people: Bench) -> None:
    plan = people.plan({"age": 3, "city": "Rome"})
    assert dict(plan.rejected)["index by_street"] == "another index leads to fewer rows"
    assert "by_city_age" in plan.statements[0].text
    hinted = people.plan({"age": 3, "city": "Rome"}, index="by_age")
    assert "index by_age" in hinted.statements[0].text
    assert sorted(people.run(hinted)) == sorted(people.run(plan))
    with pytest.raises(InvalidQueryError, match="neither"):
        people.plan({"tags": "a"}, index="by_age")
    with pytest.raises(InvalidQueryError, match="no index") as caught:
        people.plan({"age": 3}, index="by_agee")
    assert "by_age" in caught.value.hint


def test_scans_say_what_would_serve_them(people: Bench) -> None:
    plan = people.plan({"tags": "a"})
    assert plan.cost.needs == {"allow_scan"}
    assert plan.suggestions == ("tags: index=True",)
    assert people.plan().cost.needs == frozenset()
    assert people.plan(order=["home.street"]).path == "scan"


def test_views_and_unknown_consistency_are_refused(people: Bench) -> None:
    with pytest.raises(CapabilityError):
        people.plan(view="x")
    with pytest.raises(CapabilityError):
        people.plan(consistency="quorum")
    assert people.plan(consistency="strong").path == "scan"


def test_a_cursor_of_somebody_else_is_refused(people: Bench) -> None:
    for cursor in (b"", b"{}", b"[1,2]", b"\xff"):
        with pytest.raises(PageTokenError):
            people.connector.fetch(people.plan(), cursor, 5, people.ctx)
