"""Each operation through the public API: the same on every kind of connector."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import connect
from juggler.connector import Append, Inc, Remove
from juggler.errors import (
    DuplicateKeyError,
    InvalidQueryError,
    NotFoundError,
    UnsupportedModelError,
    ValidationError,
)

if TYPE_CHECKING:
    from juggler import DataSource
    from juggler.connector.port import Recorder

USER = {
    "id": {"type": "string", "id": True},
    "name": {"type": "string", "required": True},
    "age": {"type": "integer", "default": 18},
    "team": "string",
}


@pytest.fixture
def user(db: DataSource) -> Any:
    return db.define("User", USER)


def people(model: Any, *names: str) -> list[Any]:
    return [model.create({"id": name[0], "name": name}) for name in names]


def names(rows: list[Any]) -> list[str]:
    return [row.name for row in rows]


# ---------------------------------------------------------------- create


def test_create_fills_key_and_version_into_the_instance(memory: DataSource) -> None:
    note = memory.define("Note", {"text": "string"})
    made = note({"text": "a"})
    stored = note.create(made)
    assert stored is made
    assert made.id == 1
    assert made.changes == {}
    other = note.find_by_id(1)
    other.patch({"text": "b"})
    with pytest.raises(Exception, match="changed since it was read"):
        made.patch({"text": "c"})
    assert note.find_by_id(1).text == "b"


def test_create_never_overwrites(user: Any) -> None:
    people(user, "ann")
    with pytest.raises(DuplicateKeyError):
        user.create({"id": "a", "name": "again"})
    assert names(user.find()) == ["ann"]


def test_many_rows_are_one_request(user: Any, calls: Recorder) -> None:
    user.find()
    del calls.calls[:]
    result = user.create_all({"id": f"{i:03}", "name": "x"} for i in range(100))
    assert (result.created, calls.hooks) == (100, ["write"])
    assert user.count() == 100


# ---------------------------------------------------------------- upsert, replace, find or create


def test_upsert_creates_or_changes_on_both_kinds_of_connector(user: Any) -> None:
    made = user.upsert({"id": "a", "name": "ann"})
    assert (made.name, made.age) == ("ann", 18)
    changed = user.upsert({"id": "a", "team": "red"})
    assert (changed.name, changed.age, changed.team) == ("ann", 18, "red")
    with pytest.raises(ValidationError):
        user.upsert({"id": "b", "team": "red"})
    assert user.find_by_id("a").to_object() == changed.to_object()
    assert user.count() == 1


def test_upsert_without_a_key_creates(memory: DataSource) -> None:
    note = memory.define("Note", {"text": "string"})
    assert note.upsert({"text": "a"}).id == 1
    assert note.count() == 1


def test_replace_or_create_on_both_kinds_of_connector(user: Any) -> None:
    user.replace_or_create({"id": "a", "name": "ann", "age": 3, "team": "red"})
    replaced = user.replace_or_create({"id": "a", "name": "eve"})
    assert (replaced.name, replaced.age, replaced.team) == ("eve", 18, None)
    assert user.find_by_id("a").to_object() == replaced.to_object()


def test_replacing_gives_what_is_missing_its_default(user: Any) -> None:
    (ann,) = people(user, "ann")
    ann.patch({"age": 40, "team": "red"})
    replaced = user.replace_by_id("a", {"name": "eve"})
    assert (replaced.id, replaced.age, replaced.team) == ("a", 18, None)
    with pytest.raises(NotFoundError):
        user.replace_by_id("z", {"name": "nobody"})
    again = user.find_by_id("a").replace({"name": "ann", "age": 5})
    assert (again.name, again.age) == ("ann", 5)
    assert user.find_by_id("a").age == 5


def test_find_or_create_gives_the_row_and_whether_it_is_new(user: Any) -> None:
    people(user, "ann")
    found, created = user.find_or_create({"where": {"name": "ann"}}, {"id": "x", "name": "other"})
    assert (found.id, created) == ("a", False)
    made, created = user.find_or_create({"where": {"name": "bob"}}, {"id": "b"})
    assert (made.name, made.age, created) == ("bob", 18, True)
    assert user.count() == 2


def test_upsert_with_where(user: Any) -> None:
    made = user.upsert_with_where({"name": "ann"}, {"id": "a", "name": "ann"})
    assert made.id == "a"
    changed = user.upsert_with_where({"name": "ann"}, {"team": "red"})
    assert (changed.id, changed.team) == ("a", "red")
    people(user, "bob", "cyd")
    with pytest.raises(InvalidQueryError) as caught:
        user.upsert_with_where({"age": 18}, {"team": "red"})
    assert caught.value.code == "not-one"
    assert user.count({"team": "red"}) == 1


# ---------------------------------------------------------------- reading


def test_find_one_gives_none_where_nothing_is(user: Any) -> None:
    people(user, "ann", "bob")
    assert user.find_one({"order": "name DESC"}).name == "bob"
    assert user.find_one({"where": {"name": "eve"}}) is None
    assert user.find_one({"where": {"name": "ann"}, "limit": 0}) is None


def test_find_by_id_with_fields_and_include(user: Any, db: DataSource) -> None:
    people(user, "ann")
    post = db.define("Post", {"id": {"type": "string", "id": True}, "userId": "string"})
    user.has_many(post)
    post.create({"id": "p", "userId": "a"})
    assert user.find_by_id("z") is None
    found = user.find_by_id("a", fields=["name"], include="posts")
    assert found.to_json() == {"name": "ann", "posts": [{"id": "p", "userId": "a"}]}
    for form in ("name", ["name"], {"name": True}, {"id": False, "age": False, "team": False}):
        assert user.find_by_id("a", fields=form).to_json() == {"name": "ann"}


def test_fields_of_a_row_by_key_that_are_not_declared(shelf: Any, memory: DataSource) -> None:
    strict = connect(shelf).define("User", USER, {"strict": True})
    strict.create({"id": "a", "name": "ann"})
    with pytest.raises(InvalidQueryError) as caught:
        strict.find_by_id("a", fields=["nam"])
    assert caught.value.hint == "did you mean 'name'?"
    loose = memory.define("User", USER)
    loose.create({"id": "a", "name": "ann", "hat": {"size": 7}})
    found = loose.find_by_id("a", fields=["name", "hat"])
    assert found.to_json() == {"name": "ann", "hat": {"size": 7}}


def test_find_by_ids_keeps_the_order_of_the_keys(user: Any) -> None:
    people(user, "ann", "bob", "cyd")
    assert names(user.find_by_ids(["c", "z", "a", "c"])) == ["cyd", "ann"]
    assert user.find_by_ids([]) == []
    short = user.find_by_ids(["b", "a"], {"fields": ["name"]})
    assert [row.to_json() for row in short] == [{"name": "bob"}, {"name": "ann"}]


def test_access_hooks_hold_for_keys_too(user: Any) -> None:
    people(user, "ann", "bob")

    @user.on_access
    def only_ann(ctx: Any) -> None:
        ctx.query = ctx.query.where({"name": "ann"})

    assert names(user.find_by_ids(["b", "a"])) == ["ann"]
    assert user.find_by_id("b") is None
    assert not user.exists("b")
    assert user.exists("a")


def test_exists_by_key_and_by_condition(user: Any) -> None:
    people(user, "ann")
    assert user.exists("a")
    assert not user.exists("z")
    assert user.exists({"name": "ann"})
    assert not user.exists({"name": "eve"})


def test_counting_is_the_stores_where_it_can(user: Any, db: DataSource, calls: Recorder) -> None:
    people(user, "ann", "bob")
    del calls.calls[:]
    assert user.count() == 2
    assert user.count({"name": {"like": "b%"}}) == 1
    assert set(calls.hooks) == ({"count"} if db.name == "memory" else {"fetch"})


@pytest.mark.parametrize(
    "given",
    [
        {"where": {"secret": "x"}},
        {"where": {"or": [{"name": "ann"}, {"not": {"secret": {"like": "x%"}}}]}},
        {"order": "secret"},
        {"where": {"home.code": 1}},
    ],
)
def test_a_filter_from_outside_may_be_kept_from_hidden_properties(
    db: DataSource, calls: Recorder, given: dict[str, Any]
) -> None:
    shape = {
        **USER,
        "secret": {"type": "string", "hidden": True},
        "home": {"code": {"type": "integer", "hidden": True}, "street": "string"},
    }
    free = db.define("Free", shape)
    assert free.find(given) == []
    guarded = db.define("Guarded", shape, {"prohibitHiddenPropertiesInQuery": True})
    del calls.calls[:]
    with pytest.raises(InvalidQueryError) as caught:
        guarded.find(given)
    assert (caught.value.code, calls.calls) == ("hidden-property", [])
    assert guarded.find({"where": {"home.street": "x"}, "order": "name"}) == []


# ---------------------------------------------------------------- changing and deleting


def test_save_inserts_a_new_row_and_patches_a_stored_one(user: Any, calls: Recorder) -> None:
    ann = user({"id": "a", "name": "ann"})
    ann.save()
    assert user.find_by_id("a").age == 18
    ann.age = 19
    other = user.find_by_id("a")
    other.team = "red"
    other.save()
    ann.save(if_unchanged=False)
    assert user.find_by_id("a").to_object() == {"id": "a", "name": "ann", "age": 19, "team": "red"}
    del calls.calls[:]
    ann.save()
    assert calls.hooks == []
    user.delete_by_id("a")
    ann.age = 20
    with pytest.raises(NotFoundError):
        ann.save()


def test_patch_changes_only_what_is_given(user: Any) -> None:
    (ann,) = people(user, "ann")
    ann.name = "not stored"
    ann.patch({"team": "red"})
    assert user.find_by_id("a").name == "ann"
    assert (ann.name, ann.team) == ("not stored", "red")
    with pytest.raises(InvalidQueryError):
        ann.patch({"id": "b"})


def test_update_all_changes_what_matches_and_says_how_many(user: Any) -> None:
    people(user, "ann", "bob", "cyd")
    assert user.update_all({"name": {"gt": "ann"}}, {"team": "red"}).changed == 2
    assert user.count({"team": "red"}) == 2
    with pytest.raises(InvalidQueryError):
        user.update_all({}, {"team": "red"})
    assert user.update_all({"team": "blue"}, {"age": 3}).changed == 0
    assert user.update_all({"age": 20}, all=True).changed == 3


def test_an_instance_whose_row_it_deleted_is_not_saved_silently(user: Any) -> None:
    one = user.create({"id": "a", "name": "ann", "age": 41})
    assert one.delete()
    assert (one.name, one.age, one.is_new) == ("ann", 41, False)
    for call in (one.save, lambda: one.patch({"age": 1}), one.reload):
        with pytest.raises(NotFoundError):
            call()
    assert one.delete() is False
    assert user.count() == 0


def test_delete_all_needs_a_condition_or_all(user: Any) -> None:
    people(user, "ann", "bob", "cyd")
    for nothing in ({}, None, {"and": []}):
        with pytest.raises(InvalidQueryError) as caught:
            user.delete_all(nothing)
        assert caught.value.code == "needs-all"
    assert user.delete_all({"or": []}).changed == 0
    assert user.delete_all({"name": "bob"}).changed == 1
    assert names(user.find()) == ["ann", "cyd"]
    assert user.delete_all(all=True).changed == 2


def test_writes_by_condition_go_row_by_row_where_the_store_cannot(
    user: Any, db: DataSource, calls: Recorder
) -> None:
    people(user, "ann", "bob")
    del calls.calls[:]
    user.update_all({"name": {"like": "%"}}, {"team": "red"})
    user.delete_all({"team": "red"})
    alone = ["write_where"] * 2
    assert calls.hooks == (alone if db.name == "memory" else ["fetch", "write"] * 2)
    assert user.count() == 0


def test_deleting_by_key_says_whether_it_was_there(user: Any) -> None:
    ann, bob = people(user, "ann", "bob")
    assert user.delete_by_id("a") is True
    assert user.delete_by_id("a") is False
    assert ann.delete() is False
    assert bob.delete() is True
    assert user.count() == 0


def test_a_strict_delete_of_nothing_is_an_error(db: DataSource) -> None:
    user = db.define("User", USER, {"strictDelete": True})
    (ann,) = people(user, "ann")
    assert user.delete_by_id("a") is True
    for call in (lambda: user.delete_by_id("a"), ann.delete):
        with pytest.raises(NotFoundError):
            call()


def test_reload_reads_into_the_same_instance(user: Any) -> None:
    (ann,) = people(user, "ann")
    user.update_all({"id": "a"}, {"team": "red"})
    ann.age = 3
    assert ann.reload() is ann
    assert (ann.team, ann.age, ann.changes) == ("red", 18, {})
    user.delete_by_id("a")
    with pytest.raises(NotFoundError):
        ann.reload()


def test_an_instance_that_was_never_stored_says_so(user: Any) -> None:
    for call in ("reload", "delete"):
        with pytest.raises(NotFoundError) as caught:
            getattr(user({"id": "a", "name": "ann"}), call)()
        assert caught.value.code == "not-stored"


def test_a_model_without_a_key_cannot_be_attached() -> None:
    with pytest.raises(UnsupportedModelError, match="has no key"):
        connect("memory:").define("Log", {"text": "string"}, {"idInjection": False})


# ---------------------------------------------------------------- hooks and relations


HOOKED = ("upsert", "replace_or_create", "find_or_create", "update_all", "delete_all")


@pytest.mark.parametrize("name", HOOKED)
def test_hooks_are_the_same_on_both_kinds_of_connector(user: Any, name: str) -> None:
    people(user, "ann")
    seen: list[str] = []
    for hook in ("access", "before_save", "persist", "loaded", "after_save", "before_delete"):
        user.observe(hook, lambda ctx: seen.append(ctx.hook))
    run = {
        "upsert": lambda: user.upsert({"id": "a", "team": "red"}),
        "replace_or_create": lambda: user.replace_or_create({"id": "a", "name": "eve"}),
        "find_or_create": lambda: user.find_or_create({"where": {"id": "a"}}, {"name": "x"}),
        "update_all": lambda: user.update_all({"id": "a"}, {"team": "red"}),
        "delete_all": lambda: user.delete_all({"id": "a"}),
    }
    run[name]()
    assert (
        seen
        == {
            "upsert": ["before_save", "persist", "loaded", "after_save"],
            "replace_or_create": ["before_save", "persist", "loaded", "after_save"],
            "find_or_create": ["access", "loaded"],
            "update_all": ["access", "before_save", "persist", "after_save"],
            "delete_all": ["access", "before_delete"],
        }[name]
    )


def test_a_relation_that_is_named_twice_is_loaded_once(user: Any, db: DataSource) -> None:
    people(user, "ann")
    post = db.define("Post", {"id": {"type": "string", "id": True}, "userId": "string"})
    user.has_many(post)
    post.create({"id": "p", "userId": "a"})
    (found,) = user.find({"include": ["posts", "posts"]})
    assert [row.id for row in found.posts.loaded] == ["p"]


# ---------------------------------------------------------------- the other colour


def test_in_the_asynchronous_colour(user: Any) -> None:
    async def main() -> None:
        ann = await user.aio.create({"id": "a", "name": "ann"})
        assert (await user.aio.upsert({"id": "a", "team": "red"})).team == "red"
        assert await user.aio.count({"team": "red"}) == 1
        assert (await ann.aio.reload()).team == "red"
        found, created = await user.aio.find_or_create({"where": {"name": "bob"}}, {"id": "b"})
        assert (found.name, created) == ("bob", True)
        assert (await user.aio.update_all({"name": "bob"}, {"age": 1})).changed == 1
        assert names(await user.aio.find_by_ids(["b", "a"])) == ["bob", "ann"]
        assert (await user.aio.delete_all({"age": 1})).changed == 1
        assert await ann.aio.delete() is True

    asyncio.run(main())


def test_upsert_takes_changes_relative_to_what_is_stored(db: DataSource) -> None:
    """To a row that is not there they are added to the defaults."""
    score = db.define("Score", {"id": {"type": "string", "id": True}, "n": "integer",
                                "from": {"type": "integer", "default": 10},
                                "tags": ["string"]})  # fmt: skip
    change = {"n": Inc(2), "from": Inc(1), "tags": Append(["a"])}
    assert score.upsert({"id": "x", **change}).to_object() == {
        "id": "x", "n": 2, "from": 11, "tags": ["a"],
    }  # fmt: skip
    again = score.upsert({"id": "x", **change})
    assert (again.n, again["from"], again.tags) == (4, 12, ["a", "a"])
    assert score.find_by_id("x").to_object() == again.to_object()
    assert score.upsert({"id": "y", "tags": Remove(["a"])}).tags is None, "nothing to remove from"
    assert score.upsert({"id": "x", "tags": Remove(["a"])}).tags == []
