"""Definitions that change: what is adopted, what is drift, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from memory_support import Bench, spec

from juggler.connector import DiscoverRequest
from juggler.errors import DuplicateKeyError, MigrationError, SchemaDriftError
from juggler.spec import EXTRA

if TYPE_CHECKING:
    from pathlib import Path

V1: dict[str, Any] = {"id": "id", "name": "str", "age": "str"}


def user(fields: dict[str, Any] | None = None, **more: Any) -> Any:
    return spec(fields or V1, name="User", **more)


def again(bench: Bench, model: Any) -> Bench:
    """The same store under another definition."""
    return Bench(model, bench.connector)


def kinds(bench: Bench, mode: str = "update") -> list[tuple[str, str]]:
    return [(step.kind, step.safety) for step in bench.steps(mode)]


def test_attached_models_need_no_plan() -> None:
    bench = Bench(user(indexes={"by_name": ("name",)}, unique=("age",)))
    assert bench.steps() == []
    bench.insert(name="a", age="1")
    with pytest.raises(DuplicateKeyError):
        bench.insert(name="b", age="1")
    assert bench.plan({"name": "a"}).path == "index"
    assert bench.steps() == []


def test_a_table_that_nobody_planned_follows_the_definition() -> None:
    bench = Bench(user())
    bench.insert(name="a", age="1")
    bench.insert(name="b", age="2")
    new = again(bench, user({"id": "id", "age": "int", "mail": "str"}, indexes={"i": ("age",)}))
    assert new.find() == [(1, 1, None), (2, 2, None)]
    assert new.ids({"age": {"gt": 1}}) == [2]
    assert new.steps() == [step for step in new.steps() if step.safety == "info"]


def test_what_no_plan_could_do_is_refused_before_anything_happens() -> None:
    bench = Bench(user())
    bench.insert(name="a", age="x")
    bench.insert(name="a", age="2")
    typed = again(bench, user({"id": "id", "name": "str", "age": "int"}))
    with pytest.raises(SchemaDriftError, match="age is no integer in rows 1"):
        typed.find()
    unique = again(bench, user(unique=("name",)))
    assert unique.ids() == [1, 2]
    with pytest.raises(SchemaDriftError, match="the same name is in rows 1, 2"):
        unique.insert(name="b")
    assert kinds(unique) == [("add-index", "impossible")]
    bench.patch(1, {"name": "b"})
    unique.insert(name="c")
    with pytest.raises(DuplicateKeyError):
        unique.insert(name="c")


def test_planned_tables_drift_until_they_are_updated() -> None:
    bench = Bench(user(indexes={"by_name": ("name",)}))
    bench.migrate("recreate")
    bench.insert(name="a", age="1")
    v2 = again(
        bench,
        user({"id": "id", "name": "str", "age": "int", "mail": "str"}, unique=("mail",)),
    )
    assert kinds(v2) == [
        ("change-type", "rewrite"),
        ("add-column", "safe"),
        ("drop-index", "safe"),
        ("add-index", "safe"),
    ]
    with pytest.raises(SchemaDriftError, match="autoupdate") as caught:
        v2.find()
    assert "db.autoupdate('User')" in caught.value.hint
    v2.migrate()
    assert v2.steps() == []
    assert v2.find() == [(1, "a", 1, None)]
    v2.insert(mail="m")
    with pytest.raises(DuplicateKeyError):
        v2.insert(mail="m")
    assert v2.connector.store.tables["User"].index("by_name") is None


def test_new_columns_are_null_and_new_indexes_unused_until_planned() -> None:
    bench = Bench(user())
    bench.migrate("recreate")
    bench.insert(name="a", age="1")
    v2 = again(bench, user({**V1, "mail": "str"}, indexes={"by_mail": ("mail",)}))
    v2.schema = v2.connector.read_schema([v2.model], v2.ctx)
    assert v2.find() == [(1, "a", "1", None)]
    v2.insert(name="b", mail="m")
    assert v2.ids({"mail": "m"}) == [2]
    assert v2.plan({"mail": "m"}).path == "scan"
    assert kinds(v2) == [("add-column", "safe"), ("add-index", "safe")]
    v2.migrate()
    v2.schema = v2.connector.read_schema([v2.model], v2.ctx)
    assert v2.plan({"mail": "m"}).path == "index"
    assert v2.ids({"mail": "m"}) == [2]


def test_a_new_unique_guard_blocks_writes_until_it_is_there() -> None:
    bench = Bench(user())
    bench.migrate("recreate")
    bench.insert(name="a")
    v2 = again(bench, user(unique=("name",)))
    assert v2.ids() == [1]
    with pytest.raises(SchemaDriftError):
        v2.insert(name="b")
    with pytest.raises(SchemaDriftError):
        v2.update_where(None, {"name": "b"})
    v2.migrate()
    v2.insert(name="b")


def test_a_unique_index_over_duplicates_is_impossible_and_names_the_rows() -> None:
    bench = Bench(user())
    bench.migrate("recreate")
    for i in range(8):
        bench.insert(name="same", age=str(i))
    v2 = again(bench, user(unique=("name",)))
    (step,) = v2.steps()
    assert step.safety == "impossible"
    assert "rows 1, 2, 3, 4, 5 and 3 more" in step.reason
    with pytest.raises(MigrationError, match="the same name"):
        v2.connector.apply_schema(step, v2.ctx)
    assert kinds(v2) == [("add-index", "impossible")]


def test_types_change_only_when_every_value_fits() -> None:
    bench = Bench(user())
    bench.migrate("recreate")
    bench.insert(age="12")
    bench.insert(age=None)
    v2 = again(bench, user({"id": "id", "name": "str", "age": "int"}))
    assert kinds(v2) == [("change-type", "rewrite")]
    bench.insert(age="twelve")
    (step,) = v2.steps()
    assert (step.safety, step.reason) == (
        "impossible",
        "age is no integer in rows 3; correct them first",
    )
    with pytest.raises(MigrationError):
        v2.connector.apply_schema(step, v2.ctx)
    bench.delete(3)
    v2.migrate()
    assert v2.find() == [(1, None, 12), (2, None, None)]


def test_types_that_say_the_same_need_no_rewrite() -> None:
    bench = Bench(user())
    bench.migrate("recreate")
    bench.insert(age="12")
    v2 = again(bench, user({"id": "id", "name": "str", "age": "any"}))
    assert kinds(v2) == [("change-type", "safe")]


def test_the_key_of_stored_rows_cannot_change() -> None:
    bench = Bench(user())
    bench.insert(name="a")
    v2 = again(bench, user(key=("name",)))
    with pytest.raises(SchemaDriftError, match="key"):
        v2.find()
    assert kinds(v2) == [("change-key", "impossible")]
    assert kinds(v2, "recreate") == [("recreate-table", "destructive")]
    v2.migrate("recreate")
    assert v2.find() == []
    v2.insert(id=1, name="x")
    assert v2.ids({"name": "x"}) == ["x"]


def test_the_key_of_an_empty_table_is_free() -> None:
    bench = Bench(user())
    bench.insert(name="a")
    bench.delete(1)
    v2 = again(bench, user(key=("name",)))
    v2.insert(id=5, name="x")
    assert v2.ids() == ["x"]


def test_recreate_empties_and_starts_the_counter_anew() -> None:
    bench = Bench(user())
    assert kinds(bench, "recreate") == [("recreate-table", "safe")]
    bench.insert(name="a")
    assert kinds(bench, "recreate") == [("recreate-table", "destructive")]
    bench.migrate("recreate")
    assert bench.find() == []
    assert bench.insert(name="b").key == (1,)


def test_create_makes_only_what_is_missing() -> None:
    bench = Bench(user())
    actual = bench.connector.read_schema(None, bench.ctx)
    steps = bench.connector.plan_schema([bench.model], actual, "create").steps
    assert [(s.kind, s.safety) for s in steps] == [("create-table", "safe")]
    bench.connector.apply_schema(steps[0], bench.ctx)
    bench.insert(name="a")
    bench.connector.apply_schema(steps[0], bench.ctx)
    assert bench.ids() == [1]
    actual = bench.connector.read_schema(None, bench.ctx)
    assert bench.connector.plan_schema([bench.model], actual, "create").steps == ()


def test_unmanaged_models_are_never_planned() -> None:
    bench = Bench(user(managed=False))
    assert bench.steps() == []
    assert bench.steps("recreate") == []


def test_the_fingerprint_moves_with_the_structure_not_with_rows() -> None:
    def fingerprint(bench: Bench) -> str:
        return str(bench.connector.read_schema([bench.model], bench.ctx).fingerprint)

    bench = Bench(user(unique=("name",)))
    bench.migrate("recreate")
    bench.insert(name="a")
    before = fingerprint(bench)
    bench.insert(name="b")
    assert fingerprint(bench) == before
    v2 = again(bench, user())
    v2.migrate()
    assert fingerprint(v2) != before


# ---------------------------------------------------------------- several models, open models


def test_models_share_a_collection() -> None:
    dogs = spec(
        {"id": "id", "name": "str", "bark": "int"}, name="Dog", options={"collection": "Pet"}
    )
    cats = spec(
        {"name": "str", "id": "id", "purr": "int"},
        name="Cat",
        options={"collection": "Pet"},
        unique=("purr",),
    )
    dog = Bench(dogs)
    cat = Bench(cats, dog.connector)
    dog.insert(name="rex", bark=1)
    cat.insert(name="tom", purr=7)
    assert dog.find() == [(1, "rex", 1), (2, "tom", None)]
    assert cat.find() == [("rex", 1, None), ("tom", 2, 7)]
    assert cat.find({"purr": 7}) == [("tom", 2, 7)]
    cat.put(id=1, name="felix")
    assert dog.find({"id": 1}) == [(1, "felix", 1)]
    dog.patch(2, {"name": "bello"})
    assert cat.one(2) == {"name": "bello", "id": 2, "purr": 7}
    with pytest.raises(DuplicateKeyError):
        cat.insert(purr=7)
    assert dog.steps() == [s for s in dog.steps() if s.safety == "info"]
    got = cat.connector.get(cats, [(2,)], ("purr", "name"), cat.ctx)
    assert list(got.rows) == [(7, "bello")]


def test_properties_that_become_declared_take_their_values_along() -> None:
    bench = Bench(spec(V1, name="User", is_open=True))
    bench.insert(name="a", **{EXTRA: {"size": "5", "color": "red"}})
    bench.insert(name="b", **{EXTRA: {"color": "blue"}})
    v2 = again(bench, spec({**V1, "size": "int"}, name="User", is_open=True))
    assert v2.find() == [
        (1, "a", None, 5, {"color": "red"}),
        (2, "b", None, None, {"color": "blue"}),
    ]
    v3 = again(bench, spec({**V1, "size": "int", "color": "int"}, name="User", is_open=True))
    with pytest.raises(SchemaDriftError, match="row 1 of User holds a color"):
        v3.find()


# ---------------------------------------------------------------- files


def test_a_file_remembers_what_was_declared(tmp_path: Path) -> None:
    path = tmp_path / "users.jsonl"
    bench = Bench(user(unique=("name",)), file=path)
    bench.insert(name="a", age="1")
    bench.connector.close(bench.ctx)
    v2 = Bench(user({**V1, "age": "int"}), file=path)
    assert sorted(kinds(v2)) == [("change-type", "rewrite"), ("drop-index", "safe")]
    with pytest.raises(SchemaDriftError):
        v2.find()
    v2.migrate()
    v2.insert(name="a", age=2)
    v2.connector.close(v2.ctx)
    v3 = Bench(user({**V1, "age": "int"}), file=path)
    assert v3.steps() == []
    assert v3.find() == [(1, "a", 1), (2, "a", 2)]
    v3.migrate("recreate")
    v3.connector.close(v3.ctx)
    assert Bench(user({**V1, "age": "int"}), file=path).find() == []


def test_columns_that_no_plan_added_are_kept_by_the_file(tmp_path: Path) -> None:
    path = tmp_path / "users.jsonl"
    bench = Bench(user(), file=path)
    bench.insert(name="a")
    bench.connector.close(bench.ctx)
    wide = user({"id": "id", "mail": "str", **V1})
    v2 = Bench(wide, file=path)
    v2.insert(name="b", mail="m")
    v2.connector.close(v2.ctx)
    v3 = Bench(wide, file=path)
    assert v3.find() == [(1, None, "a", None), (2, "m", "b", None)]
    assert kinds(v3) == [("add-column", "safe")]
    v3.connector.close(v3.ctx)


# ---------------------------------------------------------------- discovery


def test_tables_are_discovered_as_they_were_declared() -> None:
    bench = Bench(
        spec(
            {"id": "id", "name": "str", "tags": ["str"]},
            name="User",
            storage_name="users",
            unique=("name",),
            indexes={"by_name": ("name", "-id")},
            is_open=True,
        )
    )
    bench.insert(name="a")
    Bench(spec({"id": "id"}, name="Other"), bench.connector).insert()
    found = bench.connector.discover(DiscoverRequest(), bench.ctx)
    assert [m.spec.name for m in found.models] == ["Other", "User"]
    model = found.models[1].spec
    assert model.storage_name == "users"
    assert model.names == ("id", "name", "tags", EXTRA)
    assert model.open
    assert model.field["name"].unique
    assert [(i.name, i.keys) for i in model.indexes] == [
        ("by_name", (("name", "asc"), ("id", "desc")))
    ]
    assert str(model.field["tags"].type) == "[string]"
    page = bench.connector.discover(DiscoverRequest(limit=1, offset=1), bench.ctx)
    assert [m.spec.name for m in page.models] == ["User"]
    only = bench.connector.discover(DiscoverRequest(names=("users",)), bench.ctx)
    assert [m.spec.name for m in only.models] == ["User"]
