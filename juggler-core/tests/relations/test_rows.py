"""has_many, belongs_to and has_one: what their handles read, write and refuse."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import (
    BelongsTo,
    ConfigurationError,
    DataSource,
    DuplicateKeyError,
    HasMany,
    HasOne,
    InvalidQueryError,
    InvalidValueError,
    Model,
    NotFoundError,
    Prop,
    belongs_to,
    has_many,
    has_one,
    prop,
)

if TYPE_CHECKING:
    from juggler.connector.port import Recorder


class User(Model):
    id: Prop[int] = prop(id=True, generated=True)
    name: Prop[str] = prop(default="")
    posts: HasMany[Post] = has_many()
    profile: HasOne[Profile] = has_one(properties={"name": "title"})
    good: HasMany[Post] = has_many(scope={"where": {"stars": {"gt": 3}}, "order": "stars DESC"})


class Post(Model):
    id: Prop[int] = prop(id=True, generated=True)
    title: Prop[str] = prop(default="")
    stars: Prop[int] = prop(default=0)
    user_id: Prop[int | None] = prop(default=None)
    user: BelongsTo[User] = belongs_to()


class Profile(Model):
    id: Prop[int] = prop(id=True, generated=True)
    title: Prop[str] = prop(default="")
    user_id: Prop[int | None] = prop(default=None)


@pytest.fixture
def ann(db: DataSource) -> User:
    db.attach(User, Post, Profile)
    ann, bob = User.create(name="ann"), User.create(name="bob")
    for stars in (1, 5, 4):
        ann.posts.create(title=f"a{stars}", stars=stars)
    bob.posts.create(title="b5", stars=5)
    return ann


def titles(rows: list[Any]) -> list[str]:
    return [row.title for row in rows]


# ---------------------------------------------------------------- has_many


def test_the_handle_reads_its_rows_only(ann: User) -> None:
    assert titles(ann.posts()) == ["a1", "a5", "a4"]
    assert titles(ann.posts({"where": {"stars": {"gt": 3}}, "order": "stars"})) == ["a4", "a5"]
    assert titles(ann.posts(Post.stars > 3, limit=1)) == ["a5"]  # type: ignore[call-arg]
    assert titles(ann.posts.where(Post.stars > 3).order(Post.stars).all()) == ["a4", "a5"]
    assert ann.posts.count() == 3
    assert ann.posts.count(Post.stars > 3) == 2
    assert ann.posts.exists({"title": "a1"})
    assert not ann.posts.exists({"title": "b5"})


def test_the_handle_asks_every_time(ann: User, calls: Recorder) -> None:
    ann.posts()
    ann.posts()
    assert len(calls.calls) == 2


def test_attribute_access_is_no_request(ann: User, calls: Recorder) -> None:
    handle = ann.posts
    assert handle.loaded is None
    repr(handle)
    assert calls.calls == []


def test_no_condition_leaves_the_scope(ann: User) -> None:
    bob = User.find_one({"where": {"name": "bob"}})
    assert bob is not None
    assert ann.posts({"where": {"user_id": bob.id}}) == []
    assert ann.posts.where({"or": [{"user_id": bob.id}, {"stars": 1}]}).count() == 1
    assert ann.posts.find_by_id(4) is None
    assert not ann.posts.exists(4)
    assert ann.posts.delete_all({"title": "b5"}).changed == 0
    assert ann.posts.update_all({"stars": 9}).changed == 3  # type: ignore[call-arg]
    assert ann.posts.delete_all().changed == 3
    assert titles(Post.find()) == ["b5"]
    assert bob.posts()[0].stars == 5


def test_a_scope_is_part_of_every_question(ann: User) -> None:
    assert titles(ann.good()) == ["a5", "a4"]
    assert ann.good.count() == 2
    assert titles(ann.good({"order": "stars"})) == ["a4", "a5"]
    assert ann.good.delete_all().changed == 2
    assert titles(ann.posts()) == ["a1"]


def test_build_and_create_give_the_key(ann: User) -> None:
    post = ann.posts.build({"title": "n"})
    assert (post.user_id, Post.count()) == (ann.id, 4)
    post.save()
    assert ann.posts.create(Post(title="o")).user_id == ann.id
    with pytest.raises(InvalidValueError) as caught:
        ann.posts.create(title="x", user_id=2)
    assert caught.value.code == "foreign-key"


def test_the_key_cannot_be_changed_in_the_scope(ann: User) -> None:
    with pytest.raises(InvalidQueryError) as caught:
        ann.posts.update_all({}, {"user_id": 2})
    assert caught.value.code == "foreign-key"


def test_an_unsaved_instance_has_no_rows(ann: User, calls: Recorder) -> None:
    new = User(name="new")
    Post.create(title="nobody's")
    del calls.calls[:]
    assert new.posts() == []
    assert new.posts.count() == 0
    assert new.posts.delete_all().changed == 0
    assert calls.calls == []
    with pytest.raises(NotFoundError) as caught:
        new.posts.create(title="x")
    assert caught.value.code == "not-stored"
    assert Post.count() == 5


def test_add_and_remove_change_the_key(ann: User) -> None:
    post = Post.create(title="loose")
    ann.posts.add(post)
    assert Post.find_by_id(post.id).user_id == ann.id  # type: ignore[union-attr]
    ann.posts.remove(post.id)
    assert Post.find_by_id(post.id).user_id is None  # type: ignore[union-attr]
    with pytest.raises(NotFoundError):
        ann.posts.remove(4)


def test_rows_by_key_stay_in_the_scope(ann: User) -> None:
    handle: Any = ann.posts
    assert handle.update_by_id(1, {"stars": 2}).stars == 2
    with pytest.raises(NotFoundError):
        handle.update_by_id(4, {"stars": 2})
    assert handle.delete_by_id(1)
    assert not handle.delete_by_id(4)
    assert titles(Post.find()) == ["a5", "a4", "b5"]


def test_a_handle_is_no_list(ann: User) -> None:
    with pytest.raises(ConfigurationError):
        bool(ann.posts)
    with pytest.raises(ConfigurationError):
        list(ann.posts)  # type: ignore[call-overload]
    with pytest.raises(AttributeError):
        ann.posts = []  # type: ignore[misc, assignment]
    with pytest.raises(AttributeError):
        ann.posts.fnd()  # type: ignore[attr-defined]


def test_reload_keeps_what_it_read(ann: User) -> None:
    handle: Any = ann.posts
    handle.reload()
    assert titles(ann.posts.loaded or []) == ["a1", "a5", "a4"]


def test_methods_of_the_definition(db: DataSource) -> None:
    page = db.define("Page", {"words": int})
    book = db.define("Book")
    book.has_many(page, methods={"longest": lambda pages: pages({"order": "words DESC"})[0]})
    one = book.create()
    one.pages.create(words=3)
    one.pages.create(words=30)
    assert one.pages.longest().words == 30


def test_the_asynchronous_twins(ann: User) -> None:
    async def main() -> None:
        assert titles(await ann.posts.aio()) == ["a1", "a5", "a4"]
        assert titles(await ann.posts.aio({"where": {"stars": 5}})) == ["a5"]
        post = await ann.posts.aio.create(title="n")
        assert await ann.posts.aio.count() == 4
        assert await ann.posts.aio.exists(post.id)
        assert (await post.user.aio()).name == "ann"  # type: ignore[union-attr]
        assert (await ann.posts.aio.find_by_id(post.id)).title == "n"  # type: ignore[union-attr]
        assert (await ann.posts.aio.delete_all({"title": "n"})).changed == 1

    asyncio.run(main())


# ---------------------------------------------------------------- belongs_to


def test_belongs_to_is_fetched_once(ann: User, calls: Recorder) -> None:
    post = Post.find({"limit": 1})[0]
    del calls.calls[:]
    assert post.user.id == ann.id
    assert post.user.loaded is None
    assert calls.calls == []
    assert post.user() is post.user()
    assert post.user.loaded is not None
    assert len(calls.calls) == 1
    post.user(reload=True)
    post.user(True)  # type: ignore[call-arg]  # noqa: FBT003 - the original's spelling
    assert len(calls.calls) == 3


def test_a_changed_key_is_asked_again(ann: User) -> None:
    post = Post.find({"limit": 1})[0]
    assert post.user().name == "ann"  # type: ignore[union-attr]
    post.user_id = 2
    assert post.user.loaded is None
    assert post.user().name == "bob"  # type: ignore[union-attr]
    post.user_id = None
    assert post.user() is None
    assert post.user.id is None


def test_assignment_sets_the_key(ann: User, calls: Recorder) -> None:
    post = Post(title="x")
    post.user = ann  # type: ignore[assignment]
    assert (post.user_id, post.user()) == (ann.id, ann)
    assert calls.calls == []
    post.user.set(None)
    assert post.user_id is None
    with pytest.raises(InvalidValueError) as caught:
        post.user = 5  # type: ignore[assignment]
    assert caught.value.code == "wrong-model"
    with pytest.raises(NotFoundError):
        post.user = User(name="unsaved")  # type: ignore[assignment]


def test_belongs_to_creates_its_row_and_refers_to_it(ann: User) -> None:
    post = Post.create(title="x")
    user = post.user.create(name="new")
    assert post.user() is user
    assert Post.find_by_id(post.id).user_id == user.id  # type: ignore[union-attr]
    handle: Any = post.user
    handle.remove()
    assert Post.find_by_id(post.id).user_id is None  # type: ignore[union-attr]
    assert User.exists(user.id)


def test_a_key_without_a_row_leads_nowhere(ann: User) -> None:
    assert Post(user_id=99).user() is None


# ---------------------------------------------------------------- has_one


def test_has_one(ann: User) -> None:
    assert ann.profile() is None
    profile = ann.profile.create()
    assert (profile.title, profile.user_id) == ("ann", ann.id)
    assert ann.profile() is profile
    with pytest.raises(DuplicateKeyError) as caught:
        ann.profile.create()
    assert caught.value.code == "has-one-taken"
    handle: Any = ann.profile
    assert handle.update({"title": "b"}).title == "b"
    assert handle.delete()
    assert not handle.delete()
    assert Profile.count() == 0


# ---------------------------------------------------------------- plain data


def test_what_is_loaded_stands_in_json(ann: User) -> None:
    post = Post.find({"limit": 1})[0]
    assert "user" not in post.to_json()
    post.user()
    assert post.to_json()["user"] == {"id": 1, "name": "ann"}
    assert post.to_object()["user"] == {"id": 1, "name": "ann"}
    assert "user" not in post.to_object(only_schema=True)
    assert "user" not in Post(post.to_object(only_schema=True)).to_object()
    post.user_id = 2
    assert "user" not in post.to_json()


def test_loaded_relations_are_not_written(ann: User) -> None:
    post = Post.find({"limit": 1})[0]
    post.user()
    post.title = "new"
    post.save()
    assert Post.upsert(post).title == "new"
    assert Post(post).title == "new"


def test_a_circle_ends(ann: User) -> None:
    User.include([ann], "posts")
    for post in ann.posts.loaded or []:
        post.user = ann  # type: ignore[assignment]
    data = ann.to_json()
    assert [p["title"] for p in data["posts"]] == ["a1", "a5", "a4"]
    assert "user" not in data["posts"][0]
