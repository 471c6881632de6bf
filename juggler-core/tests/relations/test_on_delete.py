"""What becomes of rows that refer to a deleted one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import ConflictError, DataSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler.connector.port import Recorder


def models(db: DataSource, rule: str) -> tuple[Any, Any]:
    user, post = db.define("User", {"name": str}), db.define("Post")
    user.has_many(post, on_delete=rule)
    for name in ("ann", "bob"):
        user.create(name=name).posts.create()
    return user, post


WAYS: list[Callable[[Any], object]] = [
    lambda user: user.find_by_id(1).delete(),
    lambda user: user.delete_by_id(1),
    lambda user: user.delete_all({"name": "ann"}),
    lambda user: asyncio.run(user.aio.delete_by_id(1)),
]


@pytest.mark.parametrize("way", WAYS)
def test_cascade_deletes_what_refers(db: DataSource, way: Callable[[Any], object]) -> None:
    user, post = models(db, "cascade")
    way(user)
    assert [p.userId for p in post.find()] == [2]
    assert user.count() == 1


@pytest.mark.parametrize("way", WAYS)
def test_nullify_empties_the_key(db: DataSource, way: Callable[[Any], object]) -> None:
    user, post = models(db, "nullify")
    way(user)
    assert [p.userId for p in post.find()] == [None, 2]


@pytest.mark.parametrize("way", WAYS)
def test_restrict_refuses(db: DataSource, way: Callable[[Any], object]) -> None:
    user, post = models(db, "restrict")
    with pytest.raises(ConflictError) as caught:
        way(user)
    assert caught.value.code == "restricted"
    assert (user.count(), post.count()) == (2, 2)
    post.delete_all({"userId": 1})
    way(user)
    assert user.count() == 1


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_the_default(db: DataSource, way: Callable[[Any], object]) -> None:
    user, post = models(db, "nothing")
    way(user)
    assert [p.userId for p in post.find()] == [1, 2]


def test_a_refusal_comes_before_every_change(db: DataSource) -> None:
    user, post, note = db.define("User"), db.define("Post"), db.define("Note")
    user.has_many(post, on_delete="cascade")
    user.has_many(note, on_delete="restrict")
    one = user.create()
    one.posts.create()
    one.notes.create()
    with pytest.raises(ConflictError):
        one.delete()
    assert post.count() == 1


def test_a_refusal_further_down_comes_before_every_change(db: DataSource) -> None:
    user, post, note = db.define("User"), db.define("Post"), db.define("Note")
    user.has_many(note, on_delete="cascade")
    user.has_many(post, on_delete="cascade")
    post.has_many(note, on_delete="restrict")
    one = user.create()
    one.notes.create()
    one.posts.create().notes.create()
    for way in (one.delete, lambda: user.delete_by_id(1), lambda: user.delete_all(all=True)):
        with pytest.raises(ConflictError) as caught:
            way()
        assert caught.value.code == "restricted"
    assert (user.count(), post.count(), note.count()) == (1, 1, 2)


@pytest.mark.parametrize("rule", ["cascade", "nullify"])
def test_a_delete_that_conflicts_changes_nothing_else(db: DataSource, rule: str) -> None:
    user, post = models(db, rule)
    stale = user.find_by_id(1)
    user.find_by_id(1).patch({"name": "eve"})
    with pytest.raises(ConflictError):
        stale.delete()
    assert [p.userId for p in post.find()] == [1, 2]
    assert stale.delete(if_unchanged=False) is True
    assert [p.userId for p in post.find()] == ([2] if rule == "cascade" else [None, 2])


def test_rules_go_on_downwards_and_circles_end(db: DataSource) -> None:
    node = db.define("Node")
    node.has_many("children", {"model": "Node", "foreignKey": "parentId", "onDelete": "cascade"})
    top = node.create()
    for _ in range(2):
        child = top.children.create()
        for _ in range(2):
            child.children.create()
    other = node.create()
    top.patch({"parentId": 3})
    top.delete()
    assert [n.id for n in node.find()] == [other.id]


def test_joining_rows_go_and_the_other_side_stays(db: DataSource) -> None:
    tag, post = db.define("Tag"), db.define("Post")
    post.has_and_belongs_to_many("tags", on_delete="cascade")
    one, two = post.create(), post.create()
    red = one.tags.create(name="red")
    two.tags.add(red)
    one.delete()
    assert tag.count() == 1
    assert [t.name for t in two.tags()] == ["red"]
    assert db.get_model("PostTag").count() == 1  # type: ignore[union-attr]


def test_of_polymorphic_relations_only_the_own_rows_go(db: DataSource) -> None:
    picture, user, shop = db.define("Picture"), db.define("User"), db.define("Shop")
    for model in (user, shop):
        model.has_many(picture, polymorphic="owner", on_delete="cascade")
        model.create().pictures.create()
    user.delete_by_id(1)
    assert [p.ownerType for p in picture.find()] == ["Shop"]


def test_one_request_for_each_relation(db: DataSource, calls: Recorder) -> None:
    user, _ = models(db, "cascade")
    del calls.calls[:]
    user.delete_all(all=True)
    assert len(calls.calls) == 3
    del calls.calls[:]
    user.create().delete()
    assert len(calls.calls) == 3
