"""The data access of the original documents: create, find, save, destroy and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from juggler import NotFoundError, ValidationError

if TYPE_CHECKING:
    from juggler import DataSource


@pytest.fixture
def users(db: DataSource) -> Any:
    return db.define("User", {"test": str, "name": str, "age": "number"})


def test_find_or_create(users: Any) -> None:
    found, created = users.find_or_create({"where": {"test": "me"}}, {"test": "me"})
    assert (found.test, created) == ("me", True)
    again, created = users.find_or_create({"where": {"test": "me"}}, {"test": "me"})
    assert (again.id, created) == (found.id, False)
    assert users.find_one({"where": {"test": "me"}}).id == found.id


def test_update_or_create(users: Any) -> None:
    made = users.update_or_create({"name": "Ann"})
    assert users.update_or_create({"id": made.id, "age": 3}).to_object() == {
        "id": made.id, "test": None, "name": "Ann", "age": 3,
    }  # fmt: skip
    assert users.upsert({"id": 9, "name": "Zed"}).id == 9


def test_exists_find_by_id_find_and_count(users: Any) -> None:
    users.create_all([{"name": "Ann", "age": 3}, {"name": "Bob", "age": 5}])
    assert users.exists(1) is True
    assert users.exists(3) is False
    assert users.find_by_id(1).name == "Ann"
    assert users.find_by_id(3) is None
    assert [u.name for u in users.find()] == ["Ann", "Bob"]
    assert [u.name for u in users.all({"where": {"age": {"gt": 3}}, "order": "name"})] == ["Bob"]
    assert users.count() == 2
    assert users.count({"age": 3}) == 1


def test_destroy(users: Any) -> None:
    users.create_all([{"name": name} for name in "abcd"])
    assert users.destroy_all({"name": "a"}).changed == 1
    assert users.destroy_by_id(2) is True
    assert users.destroy_by_id(2) is False
    assert users.find_by_id(3).destroy() is True
    assert [u.name for u in users.find()] == ["d"]
    assert users.destroy_all(all=True).changed == 1


def test_save_creates_what_has_no_row_yet(users: Any) -> None:
    users.validates_presence_of("name")
    user = users({"test": "x"})
    with pytest.raises(ValidationError):
        user.save()
    user.save(validate=False)
    assert users.find_by_id(user.id).test == "x"
    user.name = "Ann"
    user.save()
    assert users.find_by_id(user.id).name == "Ann"


def test_update_attributes(users: Any) -> None:
    users.validates_length_of("name", min=2, allow_blank=True)
    user = users.create(name="Ann", age=1)
    user.update_attribute("name", "Eve")
    user.update_attributes({"age": 2})
    with pytest.raises(ValidationError):
        user.update_attributes({"name": "x"})
    assert users.find_by_id(user.id).to_object() == {
        "id": user.id, "test": None, "name": "Eve", "age": 2,
    }  # fmt: skip
    assert (user.name, user.age) == ("Eve", 2)


def test_reload(users: Any) -> None:
    user = users.create(name="Ann")
    users.find_by_id(user.id).patch({"name": "Eve"})
    assert user.name == "Ann"
    assert user.reload().name == "Eve"
    users.destroy_all(all=True)
    with pytest.raises(NotFoundError):
        user.reload()


def test_a_scope_is_defined(users: Any) -> None:
    users.scope("adults", {"where": {"age": {"gte": 18}}})
    users.create_all([{"age": 17}, {"age": 18}])
    assert [u.age for u in users.adults()] == [18]


def test_relations_of_several_objects_at_once(db: DataSource, users: Any) -> None:
    Post = db.define("Post", {"title": str})
    users.has_many(Post, {"as": "posts", "foreignKey": "authorId"})
    ann, bob = users.create(name="Ann"), users.create(name="Bob")
    ann.posts.create({"title": "a"})
    users.include([ann, bob], "posts")
    assert [len(u.posts.loaded) for u in (ann, bob)] == [1, 0]
