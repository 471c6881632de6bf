"""The validators of the original documents, with their messages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import JugglerError

if TYPE_CHECKING:
    from juggler import DataSource


@pytest.fixture
def users(db: DataSource) -> Any:
    return db.define(
        "User",
        {
            "name": str, "password": str, "state": str, "age": "any", "gender": str, "role": str,
            "email": str, "team": str,
        },
    )  # fmt: skip


def messages(instance: Any, name: str) -> list[str]:
    instance.is_valid()
    found: list[str] = (instance.errors or {}).get(name, [])
    return found


def test_render_the_user_or_its_errors(users: Any) -> None:
    users.validates_presence_of("name")

    def controller(user: Any) -> str:
        return f"render {user.name}" if user.is_valid() else f"flash {dict(user.errors)}"

    assert controller(users(name="Ann")) == "render Ann"
    assert controller(users()) == "flash {'name': [\"can't be blank\"]}"


def test_presence(db: DataSource) -> None:
    Post = db.define("Post", {"title": str, "body": str})
    Post.validates_presence_of("title", {"message": "can not be blank"})
    Post.validates_presence_of("body")
    assert messages(Post(), "title") == ["can not be blank"]
    assert messages(Post(body=""), "body") == ["can't be blank"]


def test_length(users: Any) -> None:
    users.validates_length_of(
        "password", min=6, max=20, message={"min": "too short", "max": "too long"}
    )
    assert messages(users(password="x"), "password") == ["too short"]
    assert messages(users(password="x" * 21), "password") == ["too long"]
    users.validates_length_of("password", {"min": 7, "message": {"min": "too weak"}})
    assert messages(users(password="x" * 6), "password") == ["too weak"]
    users.validates_length_of("state", {"is": 2, "message": {"is": "is not valid state name"}})
    assert messages(users(state="XYZ"), "state") == ["is not valid state name"]
    users.validates_length_of("role", is_=3, allow_null=True)
    assert messages(users(role="ab"), "role") == ["length is wrong"]


def test_numericality(users: Any) -> None:
    users.validates_numericality_of("age", {"message": {"number": "..."}})
    assert messages(users(age="old"), "age") == ["..."]
    assert messages(users(age=1.5), "age") == []
    users.validates_numericality_of("age", {"int": True, "message": {"int": "whole, please"}})
    assert messages(users(age=1.5), "age") == ["whole, please"]
    assert messages(users(age=2), "age") == []


def test_inclusion_and_exclusion(db: DataSource, users: Any) -> None:
    users.validates_inclusion_of("gender", {"in": ["male", "female"]})
    users.validates_inclusion_of(
        "role", {"in": ["admin", "moderator", "user"], "message": "is not allowed"}
    )
    assert messages(users(gender="x", role="user"), "gender") == ["is not included in the list"]
    assert messages(users(gender="male", role="root"), "role") == ["is not allowed"]
    Company = db.define("Company", {"domain": str})
    Company.validates_exclusion_of("domain", {"in": ["www", "admin"]})
    assert messages(Company(domain="www"), "domain") == ["is reserved"]
    assert messages(Company(domain="shop"), "domain") == []


def test_format_and_uniqueness(users: Any) -> None:
    users.validates_format_of("email", {"with": r".+@.+"})
    assert messages(users(email="nobody"), "email") == ["is invalid"]
    users.validates_uniqueness_of("email", {"scopedTo": ["team"]})
    users.create(email="a@b", team="x")
    assert messages(users(email="a@b", team="x"), "email") == ["is not unique"]
    assert messages(users(email="a@b", team="y"), "email") == []


def test_a_custom_validator(users: Any) -> None:
    @users.validates("name", message="Bad name")
    def custom_validator(user: Any) -> bool:
        return bool(user.name != "bad")

    user = users({"name": "Peter"})
    assert user.is_valid() is True
    user.name = "bad"
    assert user.is_valid() is False
    assert dict(user.errors) == {"name": ["Bad name"]}


def test_a_custom_validator_that_awaits(users: Any) -> None:
    @users.validates("name", message="Bad name")
    async def custom_validator(user: Any) -> bool:
        await asyncio.sleep(0)
        return bool(user.name != "bad")

    user = users({"name": "Peter"})
    with pytest.raises(JugglerError, match="custom_validator"):
        user.is_valid()

    async def main() -> None:
        assert await user.aio.is_valid() is True
        user.name = "bad"
        assert await user.aio.is_valid() is False

    asyncio.run(main())


def test_several_properties_in_one_call(users: Any) -> None:
    users.validates_presence_of("name", "email", {"message": "please"})
    user = users()
    assert user.is_valid() is False
    assert dict(user.errors) == {"name": ["please"], "email": ["please"]}
