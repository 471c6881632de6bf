"""Rows of models copied from one data source to another."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler import GeoPoint, Model, Prop, connect, prop
from juggler.datasource import CopyResult, DataSource
from juggler.errors import (
    CapabilityError,
    ConfigurationError,
    InvalidQueryError,
    JugglerError,
)

if TYPE_CHECKING:
    from pathlib import Path

USER = {
    "id": {"type": "integer", "id": True, "generated": True},
    "name": {"type": "string", "required": True},
    "secret": {"type": "string", "hidden": True},
    "age": "number",
}

Copy = Callable[..., list[CopyResult]]


def blocking(source: DataSource, *args: Any, **options: Any) -> list[CopyResult]:
    return source.copy_to(*args, **options)


def awaited(source: DataSource, *args: Any, **options: Any) -> list[CopyResult]:
    return asyncio.run(source.aio.copy_to(*args, **options))


@pytest.fixture(params=[blocking, awaited])
def copy(request: pytest.FixtureRequest) -> Copy:
    """The copy in either colour."""
    found: Copy = request.param
    return found


@pytest.fixture
def source() -> DataSource:
    """Twelve users, whose keys nobody may give."""
    db = connect("memory:")
    user = db.define("User", USER, {"forceId": True})
    user.create_all({"name": f"n{i}", "secret": "s", "age": i, "more": [i]} for i in range(12))
    return db


def rows(db: DataSource, model: type[Any] | None = None) -> list[dict[str, Any]]:
    """All rows, hidden and undeclared properties too, in the order of their keys."""
    user: Any = model or db.define("User", USER)
    return [one.to_object() for one in user.find(order="id", unscoped=True)]


# ---------------------------------------------------------------- what arrives


def test_all_of_a_row_arrives_under_its_own_key(source: DataSource, copy: Copy) -> None:
    target = connect("memory:")
    seen: list[Any] = []
    (done,) = copy(source, target, "User", batch=5, progress=lambda *told: seen.append(told))
    assert (done.model, done.read, done.written, done.present, done.ok) == ("User", 12, 12, 0, True)
    assert seen == [("User", 5, 12), ("User", 10, 12), ("User", 12, 12)]
    assert not target.models
    copied = rows(target)
    assert copied == rows(source, source.models["User"])
    assert copied[3] == {"id": 4, "name": "n3", "secret": "s", "age": 3, "more": [3]}


def test_a_second_copy_writes_nothing(source: DataSource, copy: Copy) -> None:
    target = connect("memory:")
    copy(source, target)
    (done,) = copy(source, target)
    assert (done.read, done.written, done.present, done.ok) == (12, 0, 12, True)


def test_a_copy_that_broke_off_goes_on_where_it_was(source: DataSource, copy: Copy) -> None:
    target = connect("memory:")

    def broken(_model: str, count: int, _total: int | None) -> None:
        if count > 5:
            msg = "the power went"
            raise OSError(msg)

    with pytest.raises(OSError, match="power"):
        copy(source, target, batch=4, progress=broken)
    (done,) = copy(source, target, batch=4)
    assert (done.written, done.present) == (4, 8)
    assert rows(target) == rows(source, source.models["User"])


def test_a_row_that_differs_is_left_alone_unless_it_may_be_replaced(
    source: DataSource, copy: Copy
) -> None:
    target = connect("memory:")
    there = target.define("User", USER)
    there.create({"id": 3, "name": "other", "secret": "s", "age": 2, "more": [2]})
    there.create({"id": 99, "name": "nobody's"})
    (done,) = copy(source, target)
    assert (done.written, done.present, done.ok) == (11, 0, False)
    assert [(p.key, p.code) for p in done.different] == [(3, "differs")]
    assert "name" in done.different[0].reason
    assert "age" not in done.different[0].reason
    assert there.find_by_id(3).name == "other"

    (again,) = copy(source, target, replace=True)
    assert (again.written, again.present, again.ok) == (1, 11, True)
    assert there.find_by_id(3).name == "n2"
    assert there.find_by_id(99).name == "nobody's"


def test_an_undeclared_property_that_differs_counts(source: DataSource) -> None:
    target = connect("memory:")
    source.copy_to(target)
    target.define("User", USER).find_by_id(1).patch({"more": [7]})
    (done,) = source.copy_to(target)
    assert [(p.key, p.reason) for p in done.different] == [
        (1, "the target's row has another undeclared property")
    ]


def test_a_condition_chooses_the_rows(source: DataSource, copy: Copy) -> None:
    user: Any = source.models["User"]
    target = connect("memory:")
    assert copy(source, target, "User", where={"age": {"lt": 3}})[0].written == 3
    assert copy(source, target, user, where=user.age < 5)[0].written == 2
    assert [row["age"] for row in rows(target)] == [0, 1, 2, 3, 4]


def test_hooks_scopes_and_forced_ids_have_no_say() -> None:
    source = connect("memory:")
    scope = {"where": {"old": False}}
    properties = {"text": "string", "old": "boolean"}
    note = source.define("Note", properties, {"forceId": True, "scope": scope})
    note.create({"text": "a", "old": False})
    note.create({"text": "b", "old": False}).patch({"old": True})

    def shout(context: Any) -> None:
        msg = "no hook is asked"
        raise AssertionError(msg)

    for hook in ("access", "loaded", "before save", "persist"):
        note.observe(hook, shout)
    target = connect("memory:")
    (done,) = source.copy_to(target)
    assert done.written == 2
    assert [n.text for n in target.define("Note", {"text": "string"}).find(order="id")] == [
        "a",
        "b",
    ]


def test_the_target_own_model_says_how_rows_are_stored(source: DataSource) -> None:
    target = connect("memory:")
    mine = target.define(
        "User",
        {**USER, "name": {"type": "string", "columnName": "label"}},
        {"strict": False, "memory": {"table": "people"}},
    )
    assert source.copy_to(target, "User")[0].written == 12
    assert rows(target, mine) == rows(source, source.models["User"])


def test_what_only_the_target_has_gets_its_default_and_makes_no_difference(
    source: DataSource,
) -> None:
    target = connect("memory:")
    stamped = {"type": "string", "defaultFn": "uuid"}
    mine = target.define("User", {**USER, "stamp": stamped})
    assert source.copy_to(target)[0].written == 12
    assert len({one["stamp"] for one in mine.find()}) == 12
    assert source.copy_to(target)[0].present == 12


# ---------------------------------------------------------------- rows that fail


def test_a_row_that_the_declaration_refuses_is_named_and_the_others_are_written(
    source: DataSource, copy: Copy
) -> None:
    target = connect("memory:")
    strict = target.define("User", {**USER, "age": {"type": "number", "max": 9}, "more": "any"})
    (done,) = copy(source, target)
    assert (done.read, done.written, done.ok) == (12, 10, False)
    assert [(p.key, p.code) for p in done.failed] == [(11, "validation"), (12, "validation")]
    assert strict.count() == 10


def test_what_has_no_place_in_the_target_is_no_silent_loss(source: DataSource) -> None:
    target = connect("memory:")
    target.define("User", USER, {"strict": True})
    (done,) = source.copy_to(target)
    assert (done.written, len(done.failed)) == (0, 12)
    assert {p.code for p in done.failed} == {"unknown-property"}


def test_what_the_store_refuses_does_not_keep_the_others_out(copy: Copy) -> None:
    source = connect("memory:")
    note = source.define("Note", {"id": {"type": "string", "id": True}, "size": "number"})
    note.create_all({"id": f"{i}", "size": i} for i in range(9))
    note.create_all([{"id": "_no", "size": 1}, {"id": "tiny", "size": 2e-313}])
    (done,) = copy(source, connect("memory:?emulate=cloudant"))
    assert (done.read, done.written) == (11, 9)
    assert {p.key for p in done.failed} == {"_no", "tiny"}
    assert all(p.reason for p in done.failed)


def test_a_unique_value_that_is_taken_is_a_failure(source: DataSource) -> None:
    target = connect("memory:")
    mine = target.define("User", {**USER, "name": {"type": "string", "index": {"unique": True}}})
    mine.create({"id": 50, "name": "n4"})
    (done,) = source.copy_to(target)
    assert (done.written, [(p.key, p.code) for p in done.failed]) == (11, [(5, "duplicate-value")])


def test_rows_that_fall_together_in_the_target_are_reported() -> None:
    source = connect("memory:")
    word = source.define("Word", {"word": {"type": "string", "id": True}, "n": "number"})
    word.create_all([{"word": "a", "n": 1}, {"word": "A", "n": 2}])
    target = connect("memory:")
    target.define(
        "Word", {"word": {"type": "string", "id": True, "lowercase": True}, "n": "number"}
    )
    (done,) = source.copy_to(target)
    assert (done.written, [p.key for p in done.different]) == (1, ["a"])


# ---------------------------------------------------------------- refused before anything is sent


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda db, other: db.copy_to(db), "copy-target"),
        (lambda db, other: db.copy_to("memory:"), "copy-target"),
        (lambda db, other: db.copy_to(other, "Usr"), "unknown-model"),
        (lambda db, other: other.copy_to(db), "copy-models"),
        (lambda db, other: db.copy_to(other, "User", batch=0), "bulk-option"),
        (lambda db, other: db.copy_to(other, where={"age": 1}), "copy-where"),
        (lambda db, other: db.copy_to(other, "User", where={"agee": 1}), "unknown-property"),
    ],
)
def test_mistakes_are_refused(
    source: DataSource, call: Callable[[DataSource, DataSource], object], code: str
) -> None:
    other = connect("memory:")
    if code == "unknown-property":
        source.define("User", USER, {"strict": True})
    with pytest.raises(JugglerError) as caught:
        call(source, other)
    assert caught.value.code == code
    assert isinstance(caught.value, ConfigurationError | InvalidQueryError)
    assert not other.connected


def test_an_unknown_model_is_answered_with_the_nearest(source: DataSource) -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'User'"):
        source.copy_to(connect("memory:"), "Usr")


def test_one_file_is_one_place_by_whatever_data_source(tmp_path: Path) -> None:
    url = f"memory:?file={tmp_path / 'a.jsonl'}"
    source = connect(url)
    source.define("User", USER)
    with pytest.raises(ConfigurationError, match="same place"):
        source.copy_to(connect(url))


def test_counters_and_views_are_left_out_and_refused_by_name() -> None:
    source = connect("memory:?emulate=cassandra")
    source.define("Hits", {"id": {"type": "uuid", "id": True}, "n": "counter"}, {"writes": "blind"})
    target = connect("memory:")
    (left,) = source.copy_to(target)
    assert "counters" in left.left_out
    assert (left.read, left.ok) == (0, True)
    with pytest.raises(ConfigurationError, match="counters") as caught:
        source.copy_to(target, "Hits")
    assert caught.value.code == "copy-models"


def test_blind_writes_need_replace() -> None:
    source = connect("memory:")
    source.define("Log", {"id": {"type": "string", "id": True}}, {"writes": "blind"})
    source.models["Log"].create({"id": "a"})
    target = connect("memory:?emulate=cassandra")
    with pytest.raises(CapabilityError, match="replace=True"):
        source.copy_to(target, create=True)
    assert not target.connected
    assert source.copy_to(target, create=True, replace=True)[0].written == 1
    assert source.copy_to(target, replace=True)[0].present == 1


# ---------------------------------------------------------------- any values


class Part(Model):
    """What is embedded."""

    size: Prop[int]
    note: Prop[str | None] = prop(default=None)


class Thing(Model):
    """A bit of everything."""

    key: Prop[str] = prop(id=True)
    amount: Prop[Decimal | None] = prop(default=None)
    ratio: Prop[float | None] = prop(default=None)
    at: Prop[dt.datetime | None] = prop(default=None)
    day: Prop[dt.date | None] = prop(default=None)
    raw: Prop[bytes | None] = prop(default=None)
    place: Prop[GeoPoint | None] = prop(default=None)
    tags: Prop[set[str] | None] = prop(default=None)
    counts: Prop[dict[str, int] | None] = prop(default=None)
    part: Prop[Part | None] = prop(default=None)
    parts: Prop[list[Part] | None] = prop(default=None)


EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=8)
PARTS = st.fixed_dictionaries({"size": st.integers(-9, 9)}, optional={"note": TEXT})
THINGS: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.fixed_dictionaries(
        {"key": st.text("abz09", min_size=1, max_size=4)},
        optional={
            "amount": st.decimals(-(10**6), 10**6, places=3),
            "ratio": st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
            "at": st.integers(0, 4 * 10**15).map(lambda us: EPOCH + dt.timedelta(microseconds=us)),
            "day": st.dates(dt.date(1970, 1, 2), dt.date(2100, 1, 1)),
            "raw": st.binary(max_size=9),
            "place": st.builds(GeoPoint, lat=st.integers(-89, 89), lng=st.integers(-179, 179)),
            "tags": st.sets(TEXT, max_size=3),
            "counts": st.dictionaries(TEXT, st.integers(-9, 9), max_size=3),
            "part": PARTS,
            "parts": st.lists(PARTS, max_size=2),
        },
    ),
    max_size=6,
    unique_by=lambda row: row["key"],
)


@pytest.mark.parametrize(
    "place", ["memory:", "memory:?emulate=cassandra", "memory:?emulate=cloudant"]
)
@given(things=THINGS, batch=st.integers(1, 4))
@settings(max_examples=15, deadline=None)
def test_whatever_is_stored_is_the_same_after_the_copy(
    place: str, things: list[dict[str, Any]], batch: int
) -> None:
    source, target = connect("memory:"), connect(place)
    source.attach(Thing)
    Thing.create_all(things)
    before = {one.key: one.to_object() for one in Thing.find()}
    (done,) = source.copy_to(target, batch=batch, create=True)
    assert (done.read, done.written, done.ok) == (len(things), len(things), True)
    (again,) = source.copy_to(target, batch=batch)
    assert (again.written, again.present) == (0, len(things))
    target.attach(Thing)
    assert {one.key: one.to_object() for one in Thing.find(allow_scan=True)} == before
