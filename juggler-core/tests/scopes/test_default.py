"""The default scope: kept to by every operation, left out by ``unscoped``, no part of new rows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import (
    ConfigurationError,
    DuplicateKeyError,
    InvalidQueryError,
    Model,
    NotFoundError,
    Prop,
    prop,
)

from .conftest import names

if TYPE_CHECKING:
    from juggler import DataSource


@pytest.fixture
def task(db: DataSource) -> Any:
    model = db.define(
        "Task",
        {"name": str, "done": bool, "rank": "number"},
        {"scope": {"where": {"done": False}, "order": "rank DESC"}},
    )
    model.create_all(
        {"name": name, "done": done, "rank": rank}
        for name, done, rank in (("a", False, 1), ("b", True, 2), ("c", False, 3), ("d", True, 4))
    )
    return model


def test_every_read_keeps_to_it(task: Any) -> None:
    assert names(task.find()) == ["c", "a"]
    assert names(task.find({"where": {"rank": {"lt": 3}}})) == ["a"]
    assert task.count() == 2
    assert task.find_one({"where": {"name": "b"}}) is None
    assert task.find_by_id(2) is None
    assert task.find_by_id(1).name == "a"
    assert task.find_by_id(1, fields=["name"]).name == "a"
    assert names(task.find_by_ids([4, 3, 2, 1])) == ["c", "a"]
    assert [task.exists(2), task.exists(1), task.exists({"name": "b"})] == [False, True, False]
    assert names(task.stream()) == ["c", "a"]
    assert names(task.where({"rank": {"gt": 0}}).page(10)[0]) == ["c", "a"]
    assert "done" in str(task.explain())


def test_the_callers_order_wins(task: Any) -> None:
    assert names(task.find({"order": "name"})) == ["a", "c"]


def test_the_callers_limit_and_fields_win(db: DataSource) -> None:
    model = db.define("Note", {"a": int, "b": int}, {"scope": {"limit": 1, "fields": ["a"]}})
    model.create_all([{"a": 1, "b": 1}, {"a": 2, "b": 2}])
    assert [one.a for one in model.find()] == [1]
    assert [one.b for one in model.find({"limit": 5, "fields": ["b"]})] == [1, 2]
    assert model.count() == 2
    assert model.delete_all({"a": {"gt": 0}}).changed == 2


def test_unscoped_leaves_it_out(task: Any) -> None:
    assert names(task.unscoped()) == ["a", "b", "c", "d"]
    assert task.unscoped().where({"done": True}).count() == 2
    assert names(task.find({"order": "name"}, unscoped=True)) == ["a", "b", "c", "d"]
    assert task.where({"name": "b"}).unscoped().first().name == "b"
    assert task.find_by_id(2, unscoped=True).name == "b"
    assert names(task.find_by_ids([2, 1], unscoped=True)) == ["b", "a"]
    assert task.count(unscoped=True) == 4


def test_writes_by_condition_keep_to_it(task: Any) -> None:
    assert task.update_all({"rank": {"gt": 0}}, {"rank": 9}).changed == 2
    assert task.delete_all({"rank": {"gt": 0}}).changed == 2
    assert names(task.unscoped()) == ["b", "d"]


def test_the_scope_is_no_condition_of_the_callers(task: Any) -> None:
    for call in (task.delete_all, lambda: task.update_all({"rank": 0})):
        with pytest.raises(InvalidQueryError) as caught:
            call()
        assert caught.value.code == "needs-all"
    assert task.delete_all(all=True).changed == 2
    assert task.count(unscoped=True) == 2


def test_a_hidden_row_is_not_written_by_its_key(task: Any) -> None:
    assert task.delete_by_id(2) is False
    with pytest.raises(NotFoundError):
        task.replace_by_id(2, {"name": "x"})
    for write in (task.upsert, task.replace_or_create):
        with pytest.raises(DuplicateKeyError) as caught:
            write({"id": 2, "name": "x"})
        assert caught.value.code == "outside-scope"
    assert task.find_by_id(2, unscoped=True).name == "b"
    assert task.upsert({"id": 1, "name": "x"}).name == "x"
    assert task.delete_by_id(1) is True


def test_an_instance_at_hand_is_written(task: Any) -> None:
    hidden = task.find_by_id(2, unscoped=True)
    hidden.name = "B"
    hidden.save()
    assert hidden.reload().name == "B"
    assert hidden.delete() is True


def test_new_rows_get_nothing_of_it(task: Any) -> None:
    new = task.create(name="new")
    assert new.done is None
    assert task.find_by_id(new.id) is None
    found, created = task.find_or_create({"where": {"name": "b"}}, {"name": "b", "rank": 7})
    assert (found.done, created) == (None, True)


def test_new_rows_get_its_equalities_when_asked(db: DataSource) -> None:
    model = db.define(
        "Task2",
        {"name": str, "kind": str},
        {"scope": {"where": {"kind": "x", "name": {"neq": "q"}}, "applyOnWrite": True}},
    )
    assert model.create(name="a").kind == "x"
    assert model.create(model({"name": "b"})).kind == "x"
    assert model.create(name="c", kind="y").kind == "y"
    model.create_all([{"name": "d"}, model(name="e")])
    assert model.upsert({"id": 90, "name": "f"}).kind == "x"
    assert model.replace_or_create({"id": 91, "name": "g"}).kind == "x"
    assert names(model.find()) == ["a", "b", "d", "e", "f", "g"]


def test_a_function_is_asked_every_time(db: DataSource) -> None:
    tenant = {"name": "a"}

    class Doc(Model, scope=lambda: {"where": {"tenant": tenant["name"]}}):
        id: Prop[int] = prop(id=True)
        tenant: Prop[str]

    db.attach(Doc)
    Doc.create_all([{"id": 1, "tenant": "a"}, {"id": 2, "tenant": "b"}])
    assert [d.id for d in Doc.find()] == [1]
    tenant["name"] = "b"
    assert [d.id for d in Doc.find()] == [2]
    assert Doc.find_by_id(1) is None


def test_named_scopes_are_within_it(task: Any) -> None:
    task.scope("low", {"where": {"rank": {"lt": 3}}})
    assert names(task.low()) == ["a"]
    assert names(task.low.unscoped()) == ["a", "b"]
    assert task.low.count() == 1
    assert task.low.delete_all().changed == 1
    assert names(task.unscoped()) == ["b", "c", "d"]


def test_relations_and_includes_keep_to_it(db: DataSource) -> None:
    author = db.define("Author", {"name": str})
    book = db.define(
        "Book", {"name": str, "hidden": bool}, {"scope": {"where": {"hidden": {"neq": True}}}}
    )
    author.has_many(book, as_="books")
    book.belongs_to(author, as_="author")
    ann = author.create(name="Ann")
    shown, hidden = ann.books.create(name="s"), ann.books.create(name="h", hidden=True)
    assert names(ann.books()) == ["s"]
    assert ann.books.count() == 1
    assert names(author.find(include="books")[0].books.loaded) == ["s"]
    assert names(author.unscoped().include("books").first().books.loaded) == ["s", "h"]
    assert [a.name for a in author.find({"where": {"books.name": "h"}})] == []
    assert ann.books.find_by_id(hidden.id) is None
    assert ann.books.find_by_id(shown.id).name == "s"
    review = db.define("Review", {"text": str})
    review.belongs_to(book, as_="book")
    one = review.create(text="t", bookId=hidden.id)
    assert one.book() is None
    assert review.find(include="book")[0].book.loaded is None


def test_rules_of_deletes_see_hidden_rows(db: DataSource) -> None:
    owner = db.define("Owner", {"name": str})
    item = db.define("Item", {"off": bool}, {"scope": {"where": {"off": {"neq": True}}}})
    owner.has_many(item, as_="items", on_delete="cascade")
    one = owner.create(name="o")
    one.items.create(off=True)
    one.delete()
    assert item.unscoped().count() == 0


def test_subclasses_inherit_it_or_have_their_own(task: Any) -> None:
    sub = task.extend("SubTask", {"x": int})
    sub.create_all([{"name": "a", "done": True}, {"name": "b", "done": False}])
    assert names(sub.find()) == ["b"]
    other = task.extend("OtherTask", {}, {"scope": {"where": {"done": True}}})
    other.create_all([{"name": "a", "done": True}, {"name": "b", "done": False}])
    assert names(other.find()) == ["a"]


def test_hooks_see_the_scoped_query(task: Any) -> None:
    seen: list[Any] = []
    task.on_access(lambda ctx: seen.append(ctx.query.to_dict().get("where")))
    assert names(task.find()) == ["c", "a"]
    assert task.find_by_id(2) is None
    assert task.count() == 2
    assert all("done" in str(where) for where in seen)


def test_the_other_colour(task: Any) -> None:
    async def main() -> None:
        assert names(await task.aio.find()) == ["c", "a"]
        assert await task.aio.find_by_id(2) is None
        assert (await task.aio.find_by_id(2, unscoped=True)).name == "b"
        assert await task.aio.count() == 2
        assert await task.unscoped().aio.count() == 4
        assert await task.aio.delete_by_id(2) is False

    asyncio.run(main())


def test_what_is_no_filter_is_refused(db: DataSource) -> None:
    for scope in (3, {"were": {}}, {"where": 3}):
        with pytest.raises(ConfigurationError) as caught:
            db.define("Bad", {"a": int}, {"scope": scope})
        assert caught.value.code == "bad-scope"
