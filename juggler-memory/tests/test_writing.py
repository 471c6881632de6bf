from __future__ import annotations

import datetime as dt
import threading
from typing import Any
from uuid import UUID

import pytest
from memory_support import Bench, spec

from juggler.connector import Add, Append, Inc, Remove, WriteOp
from juggler.errors import (
    ConflictError,
    DuplicateKeyError,
    InvalidValueError,
    NotFoundError,
    UnsupportedModelError,
    WriteError,
)
from juggler.spec import EXTRA, FieldSpec, KeySpec, ModelSpec
from juggler.values import MISSING, TypeKind, TypeSpec

USER = spec({"id": "id", "name": "str", "age": "int", "mail": "str"}, unique=("mail",))


@pytest.fixture
def users() -> Bench:
    return Bench(USER)


# ---------------------------------------------------------------- keys


def test_ids_are_counted_above_the_highest_and_zero_is_one(users: Bench) -> None:
    assert users.insert(name="a").key == (1,)
    assert users.insert(id=0, name="zero").key == (0,)
    assert users.insert(id=41).key == (41,)
    assert users.insert().key == (42,)
    users.delete(42)
    assert users.insert().key == (43,)
    assert users.put(id=50).key == (50,)
    assert users.insert().key == (51,)
    assert users.patch(60, {"name": "p"}, create=True).status == "created"
    assert users.insert().key == (61,)


def test_the_made_key_is_in_the_stored_row(users: Bench) -> None:
    key = users.insert(name="a").key
    assert users.one(key) == {"id": 1, "name": "a", "age": None, "mail": None}


def test_text_and_uuid_keys_are_made_random() -> None:
    texts = Bench(spec({"id": "str", "n": "int"}))
    assert texts.insert().key != texts.insert().key
    assert isinstance(Bench(spec({"id": "uuid"})).insert().key[0], UUID)


def test_part_of_a_composite_key_is_not_made() -> None:
    bench = Bench(spec({"a": "int", "b": "int"}, key=("a", "b")))
    with pytest.raises(InvalidValueError, match="'b'"):
        bench.insert(a=1)
    assert bench.ids() == []


def test_floats_that_are_integers_are_the_same_key() -> None:
    bench = Bench(spec({"id": "num", "n": "int"}))
    bench.insert(id=5.0)
    with pytest.raises(DuplicateKeyError):
        bench.insert(id=5)
    assert bench.insert().key == (6,)


# ---------------------------------------------------------------- kinds


def test_insert_never_overwrites(users: Bench) -> None:
    users.insert(id=1, name="a")
    with pytest.raises(DuplicateKeyError) as caught:
        users.insert(id=1, name="b")
    assert caught.value.key == (1,)
    assert caught.value.model == "T"
    assert users.one(1)["name"] == "a"


def test_put_writes_over_and_says_whether_something_was_there(users: Bench) -> None:
    first, second = users.put(id=1, name="a", age=3), users.put(id=1, name="b")
    assert (first.status, first.existed) == ("created", False)
    assert (second.status, second.existed) == ("replaced", True)
    assert users.one(1) == {"id": 1, "name": "b", "age": None, "mail": None}


def test_missing_in_a_row_is_not_touched_by_put_and_null_in_insert(users: Bench) -> None:
    users.write(WriteOp("insert", (1,), (1, "a", MISSING, "m")))
    users.write(WriteOp("put", (1,), (1, "b", 5, MISSING)))
    assert users.one(1) == {"id": 1, "name": "b", "age": 5, "mail": "m"}


def test_replace_and_patch_need_the_row(users: Bench) -> None:
    (result,) = users.write(WriteOp("replace", (1,), (1, "a", None, None)))
    assert result.status == "missing"
    assert isinstance(result.error, NotFoundError)
    assert users.patch(1, {"name": "x"}).status == "missing"
    users.insert(id=1, name="a", age=3)
    users.write(WriteOp("replace", (1,), (1, "b", None, None)))
    assert users.one(1) == {"id": 1, "name": "b", "age": None, "mail": None}
    assert users.delete(2).status == "missing"
    assert users.delete(2).error is None


def test_patch_changes_what_is_given(users: Bench) -> None:
    users.insert(id=1, name="a", age=3)
    result = users.patch(1, {"age": None, "mail": MISSING, "name": "b"})
    assert (result.status, result.existed) == ("patched", True)
    assert users.one(1) == {"id": 1, "name": "b", "age": None, "mail": None}


def test_patch_with_create_inserts_the_defaults_once(users: Bench) -> None:
    first = users.patch(1, {"name": "a"}, create=True, defaults=(1, "a", 18, None))
    second = users.patch(1, {"name": "b"}, create=True, defaults=(1, "b", 18, None))
    assert (first.status, second.status) == ("created", "patched")
    assert users.one(1) == {"id": 1, "name": "b", "age": 18, "mail": None}


def test_the_key_of_a_row_cannot_be_patched(users: Bench) -> None:
    users.insert(id=1, name="a")
    assert isinstance(users.patch(1, {"id": 2}).error, InvalidValueError)
    assert users.patch(1, {"id": 1, "name": "b"}).status == "patched"
    assert users.ids() == [1]


def test_records_are_what_is_stored(users: Bench) -> None:
    ops = [WriteOp("insert", None, (None, "a", 1, None)), WriteOp("delete", (9,))]
    results = users.write(*ops, records=True)
    assert [r.record for r in results] == [(1, "a", 1, None), None]


# ---------------------------------------------------------------- versions


def test_every_write_gives_a_new_version_and_old_ones_are_refused(users: Bench) -> None:
    created = users.insert(id=1, name="a")
    patched = users.patch(1, {"name": "b"}, if_version=created.version)
    assert patched.status == "patched"
    assert patched.version != created.version
    for op in (
        WriteOp("patch", (1,), {"name": "c"}, if_version=created.version),
        WriteOp("replace", (1,), (1, "c", None, None), if_version=created.version),
        WriteOp("put", (1,), (1, "c", None, None), if_version=created.version),
        WriteOp("delete", (1,), if_version=created.version),
    ):
        (result,) = users.write(op)
        assert result.status == "conflict"
        assert isinstance(result.error, ConflictError)
        assert (result.version, result.record) == (patched.version, (1, "b", None, None))
    assert users.one(1)["name"] == "b"
    assert users.delete(1, if_version=patched.version).status == "deleted"
    (late,) = users.write(WriteOp("put", (1,), (1, "d", None, None), if_version=patched.version))
    assert late.status == "conflict"
    assert users.patch(1, {}, create=True, if_version=patched.version).status == "missing"


def test_a_version_never_comes_back(users: Bench) -> None:
    seen = {users.insert(id=1).version}
    for _ in range(5):
        users.delete(1)
        seen.add(users.insert(id=1).version)
    assert len(seen) == 6


# ---------------------------------------------------------------- unique


def test_unique_values_are_refused_by_every_kind(users: Bench) -> None:
    users.insert(id=1, mail="a@x")
    users.insert(id=2, mail=None)
    users.insert(id=3, mail=None)
    for op in (
        WriteOp("insert", (9,), (9, None, None, "a@x")),
        WriteOp("put", (2,), (2, None, None, "a@x")),
        WriteOp("patch", (2,), {"mail": "a@x"}),
        WriteOp("patch", (9,), {"mail": "a@x"}, create=True),
    ):
        (result,) = users.write(op)
        assert result.status == "failed"
        assert isinstance(result.error, DuplicateKeyError)
        assert "mail" in result.error.message
    assert users.ids() == [1, 2, 3]
    assert users.patch(1, {"mail": "a@x"}).status == "patched"
    users.patch(1, {"mail": "b@x"})
    assert users.patch(2, {"mail": "a@x"}).status == "patched"


def test_unique_over_several_properties_excepts_null() -> None:
    model = spec(
        {"id": "id", "a": "str", "b": "int"}, indexes={"ab": {"keys": ("a", "b"), "unique": True}}
    )
    bench = Bench(model)
    bench.insert(a="x", b=1)
    bench.insert(a="x", b=2)
    bench.insert(a="x", b=None)
    bench.insert(a="x", b=None)
    with pytest.raises(DuplicateKeyError):
        bench.insert(a="x", b=1)
    assert bench.ids({"a": "x", "b": None}) == [3, 4]


def test_unique_is_kept_under_threads() -> None:
    bench = Bench(USER)
    start = threading.Barrier(4)
    won: list[object] = []

    def work(me: int) -> None:
        start.wait()
        for i in range(200):
            try:
                bench.insert(mail=f"{i}@x", name=str(me))
            except DuplicateKeyError:
                continue
            won.append(i)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == list(range(200))
    assert bench.ids() == list(range(1, 201))


def test_unique_over_what_cannot_be_indexed_is_refused_when_bound() -> None:
    inner = spec({"sku": "str"}, name="Item", key=())
    items = TypeSpec(TypeKind.ARRAY, of=TypeSpec(TypeKind.EMBEDDED, model=inner))
    model = spec(
        {"id": "id", "items": items},
        indexes={"sku": {"keys": ("items.sku",), "unique": True}},
    )
    with pytest.raises(UnsupportedModelError, match=r"items\.sku"):
        Bench(model)


# ---------------------------------------------------------------- atomic calls


def test_rows_of_a_call_stand_alone_unless_they_are_atomic(users: Bench) -> None:
    users.insert(id=1)
    ops = (
        WriteOp("insert", (2,), (2, "b", None, None)),
        WriteOp("insert", (1,), (1, "a", None, None)),
        WriteOp("patch", (1,), {"name": "z"}),
    )
    assert [r.status for r in users.write(*ops)] == ["created", "failed", "patched"]
    users.delete(2)
    users.patch(1, {"name": "old"})
    results = users.write(*ops, atomic="all")
    assert [r.status for r in results] == ["failed"] * 3
    assert [type(r.error) for r in results] == [WriteError, DuplicateKeyError, WriteError]
    assert users.ids() == [1]
    assert users.one(1)["name"] == "old"


def test_a_delete_of_nothing_does_not_undo_an_atomic_call(users: Bench) -> None:
    results = users.write(
        WriteOp("insert", (2,), (2, "b", None, None)), WriteOp("delete", (7,)), atomic="all"
    )
    assert [r.status for r in results] == ["created", "missing"]


def test_partitions_are_atomic_one_by_one() -> None:
    bench = Bench(spec({"a": "int", "b": "int", "n": "int"}, key=("a",), clustering=("b",)))
    bench.insert(a=1, b=1)
    results = bench.write(
        WriteOp("insert", (1, 2), (1, 2, None)),
        WriteOp("insert", (2, 1), (2, 1, None)),
        WriteOp("insert", (1, 1), (1, 1, None)),
        atomic="partition",
    )
    assert [r.status for r in results] == ["failed", "created", "failed"]
    assert bench.ids() == [(1, 1), (2, 1)]


def test_an_undone_call_leaves_indexes_versions_and_expiry_as_they_were(users: Bench) -> None:
    version = users.insert(id=1, mail="a").version
    users.write(
        WriteOp("delete", (1,)),
        WriteOp("insert", (2,), (2, None, None, "a"), ttl=5),
        WriteOp("insert", (3,), (3, None, None, "a")),
        atomic="all",
    )
    assert users.ids({"mail": "a"}) == [1]
    assert users.patch(1, {}, if_version=version).status == "patched"
    users.ctx.time += 100
    assert users.ids() == [1]


# ---------------------------------------------------------------- by condition


def test_update_and_delete_by_condition_count_exactly(users: Bench) -> None:
    for i in range(10):
        users.insert(id=i, age=i)
    result = users.update_where({"age": {"gte": 7}}, {"name": "old"})
    assert (result.matched, result.changed) == (3, 3)
    assert users.ids({"name": "old"}) == [7, 8, 9]
    assert users.delete_where({"name": "old"}).changed == 3
    assert users.delete_where({"id": {"inq": [0, 1, 99]}}).changed == 2
    assert users.ids() == [2, 3, 4, 5, 6]
    assert users.delete_where(None).changed == 5
    assert users.count() == 0


def test_a_write_by_condition_applies_to_all_or_to_none(users: Bench) -> None:
    for i in range(4):
        users.insert(id=i, mail=f"m{i}", age=i)
    with pytest.raises(DuplicateKeyError):
        users.update_where({"age": {"gt": 0}}, {"mail": "same"})
    assert [row[3] for row in users.find()] == ["m0", "m1", "m2", "m3"]


# ---------------------------------------------------------------- nested values and deltas


def nested() -> Bench:
    inner = ModelSpec(
        "Home",
        "Home",
        (
            FieldSpec("street", "street", TypeSpec(TypeKind.STRING)),
            FieldSpec("nr", "nr", TypeSpec(TypeKind.INTEGER)),
        ),
        KeySpec(()),
    )
    numbers = TypeSpec(TypeKind.MAP, key=TypeSpec(TypeKind.INTEGER), of=TypeSpec(TypeKind.STRING))
    return Bench(
        spec(
            {
                "id": "id",
                "home": TypeSpec(TypeKind.EMBEDDED, model=inner),
                "doc": "any",
                "tags": ["str"],
                "set": {"str"},
                "map": numbers,
                "n": "int",
                "count": TypeSpec(TypeKind.COUNTER),
                "pair": TypeSpec(TypeKind.TUPLE, items=(TypeSpec(TypeKind.STRING),) * 2),
            }
        )
    )


def test_paths_change_copies_of_nested_values() -> None:
    bench = nested()
    bench.insert(id=1, doc={"a": {"b": [1, 2, {"c": 3}]}}, tags=["x", "y"], pair=("p", "q"))
    (before,) = bench.get(1)
    changes = {
        "doc.a.b.2.c": 9,
        "doc.new.deep": True,
        "home.street": "s",
        "tags.1": "z",
        "map.7": "seven",
        "pair.0": "o",
    }
    assert bench.patch(1, changes).status == "patched"
    assert before[2] == {"a": {"b": [1, 2, {"c": 3}]}}
    row = bench.one(1)
    assert row["doc"] == {"a": {"b": [1, 2, {"c": 9}]}, "new": {"deep": True}}
    assert row["home"] == {"street": "s", "nr": None}
    assert (row["tags"], row["map"], row["pair"]) == (["x", "z"], {7: "seven"}, ("o", "q"))


@pytest.mark.parametrize(
    ("path", "value"),
    [("tags.5", "x"), ("tags.a", "x"), ("n.x", 1), ("home.zip", "x"), ("nope", 1), ("doc.s.x", 1)],
)
def test_paths_that_lead_nowhere_are_refused_and_change_nothing(path: Any, value: Any) -> None:
    bench = nested()
    bench.insert(id=1, tags=["a"], n=1, doc={"s": "text"})
    before = bench.get(1)
    result = bench.patch(1, {"n": 2, path: value})
    assert result.status == "failed"
    assert isinstance(result.error, InvalidValueError)
    assert result.error.field == path
    assert bench.get(1) == before


def test_deltas() -> None:
    bench = nested()
    bench.insert(id=1, tags=["a"], set=frozenset({"a"}), map={1: "a"}, n=5)
    bench.patch(
        1,
        {
            "tags": Append(["b", "a"]),
            "set": Add({"b"}),
            "map": Add({2: "b"}),
            "n": Inc(-2),
            "count": Inc(3),
            "doc.list": Append([1]),
            "doc.n": Inc(),
        },
    )
    row = bench.one(1)
    assert row["tags"] == ["a", "b", "a"]
    assert row["set"] == {"a", "b"}
    assert row["map"] == {1: "a", 2: "b"}
    assert (row["n"], row["count"]) == (3, 3)
    assert row["doc"] == {"list": [1], "n": 1}
    bench.patch(
        1,
        {
            "tags": Remove(["a"]),
            "set": Remove({"a", "z"}),
            "map": Remove({1}),
            "doc.list": Append([0], front=True),
        },
    )
    row = bench.one(1)
    assert (row["tags"], row["set"], row["map"]) == (["b"], {"b"}, {2: "b"})
    assert row["doc"]["list"] == [0, 1]
    bench.patch(1, {"tags": Add(["b", "c"])})
    assert bench.one(1)["tags"] == ["b", "c"]


def test_a_delta_that_does_not_fit_is_refused() -> None:
    bench = nested()
    bench.insert(id=1, doc="text", n=1)
    for change in ({"n": Append([1])}, {"doc": Inc()}, {"tags": Inc()}, {"home": Add({"x": 1})}):
        assert isinstance(bench.patch(1, change).error, InvalidValueError)


def test_increments_of_many_threads_all_count() -> None:
    bench = nested()
    bench.insert(id=1, n=0)
    threads = [
        threading.Thread(target=lambda: [bench.patch(1, {"n": Inc()}) for _ in range(200)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bench.one(1)["n"] == 800


def test_open_models_patch_undeclared_properties() -> None:
    bench = Bench(spec({"id": "id", "n": "int"}, is_open=True))
    bench.insert(id=1, **{EXTRA: {"color": "red"}})
    bench.patch(1, {"color": "blue", "size.w": 3, "n": 1})
    assert bench.one(1) == {"id": 1, "n": 1, EXTRA: {"color": "blue", "size": {"w": 3}}}
    assert bench.ids({"color": "blue"}) == [1]
    assert bench.ids({"size.w": 3}) == [1]


def test_undeclared_properties_can_be_indexed() -> None:
    bench = Bench(spec({"id": "id"}, is_open=True, indexes={"by_color": ("color",)}))
    for i, color in enumerate(["red", "blue", None, 5, True, "red"]):
        bench.insert(id=i, **{EXTRA: {"color": color} if color else None})
    assert bench.plan({"color": "red"}).path == "index"
    assert bench.ids({"color": "red"}) == [0, 5]
    assert bench.ids({"color": None}) == [2]
    assert bench.ids({"color": 5}) == [3]


# ---------------------------------------------------------------- time to live


def test_rows_end_when_their_time_is_over(users: Bench) -> None:
    users.write(
        WriteOp("insert", (1,), (1, "a", None, "m"), ttl=10),
        WriteOp("insert", (2,), (2, "b", None, None)),
    )
    users.ctx.time += 9
    assert users.ids() == [1, 2]
    users.patch(1, {"name": "later"})
    users.ctx.time += 1
    assert users.get(1) == [None]
    assert users.ids() == [2]
    assert users.count() == 1
    assert users.insert(id=1, mail="m").status == "created"
    users.ctx.time += 1_000
    assert users.ids() == [1, 2]


def test_a_full_write_ends_the_time_to_live_and_a_ttl_renews_it(users: Bench) -> None:
    users.write(WriteOp("insert", (1,), (1, "a", None, None), ttl=10))
    users.put(id=1, name="b")
    users.write(WriteOp("insert", (2,), (2, "a", None, None), ttl=10))
    users.patch(2, {"name": "b"}, ttl=50)
    users.ctx.time += 20
    assert users.ids() == [1, 2]
    users.ctx.time += 30
    assert users.ids() == [1]


def test_an_expired_row_is_missing_to_writes(users: Bench) -> None:
    users.write(WriteOp("insert", (1,), (1, "a", None, None), ttl=10))
    users.ctx.time += 10
    assert users.patch(1, {"name": "b"}).status == "missing"
    assert users.update_where(None, {"age": 1}).matched == 0


# ---------------------------------------------------------------- isolation


def test_iteration_is_right_while_others_write() -> None:
    bench = Bench(spec({"id": "id", "n": "int"}, indexes={"by_n": ("n",)}))
    for i in range(500):
        bench.insert(id=i, n=i % 5)
    stop = threading.Event()
    broken: list[BaseException] = []

    def read() -> None:
        try:
            while not stop.is_set():
                for where in ({"n": 3}, {"n": {"gt": 2}}, None):
                    ids = bench.ids(where, page=50)
                    assert ids == sorted(set(ids))
                assert bench.get(0)[0] == (0, 0)
        except BaseException as error:  # noqa: BLE001 - shown by the main thread
            broken.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for i in range(1_000, 1_400):
        bench.insert(id=i, n=i % 5)
        bench.delete(1 + i % 499)
        bench.insert(id=1 + i % 499, n=3)
    stop.set()
    reader.join()
    assert not broken


def test_a_row_that_was_read_does_not_change_with_the_store() -> None:
    bench = Bench(spec({"id": "id", "doc": "any"}))
    bench.insert(id=1, doc={"a": [1]})
    (read,) = bench.get(1)
    bench.patch(1, {"doc.a": Append([2])})
    bench.patch(1, {"doc.b": 1})
    assert read == (1, {"a": [1]})


def test_datetimes_keep_their_microseconds() -> None:
    bench = Bench(spec({"id": "id", "at": "when"}))
    at = dt.datetime(2020, 1, 2, 3, 4, 5, 678_901, tzinfo=dt.UTC)
    bench.insert(id=1, at=at)
    assert bench.one(1)["at"] == at
