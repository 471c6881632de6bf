"""Rules of an upsert: what is given holds for stored rows too, what is missing for new ones."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from juggler import ValidationError, connect


@pytest.fixture
def user() -> Any:
    model = connect("memory:").define(
        "User", {"id": {"type": "string", "id": True}, "name": "string", "mail": "string"}
    )
    model.validates_presence_of("mail")
    model.validates_length_of("name", max=3)
    model.create({"id": "a", "name": "Ann", "mail": "x"})
    return model


def test_a_given_value_that_breaks_a_rule_is_refused_for_a_stored_row(user: Any) -> None:
    for upsert in (user.upsert, lambda data: asyncio.run(_awaited(user.aio.upsert(data)))):
        with pytest.raises(ValidationError):
            upsert({"id": "a", "name": "Annabel"})
    assert user.find_by_id("a").name == "Ann"


def test_what_is_not_given_may_be_there_already(user: Any) -> None:
    assert user.upsert({"id": "a", "name": "Bob"}).mail == "x"
    with pytest.raises(ValidationError):
        user.upsert({"id": "b", "name": "Bob"})


def test_what_before_validate_changes_of_given_values_is_written(user: Any) -> None:
    @user.before_validate
    def tidy(ctx: Any) -> None:
        ctx.instance.name = ctx.instance.name.strip()
        ctx.instance.mail = ctx.instance.mail or "none"

    assert user.upsert({"id": "a", "name": " Bob "}).name == "Bob"
    assert user.find_by_id("a").mail == "x"
    assert user.upsert({"id": "b", "name": " Cy  "}).to_object() == {
        "id": "b", "name": "Cy", "mail": "none",
    }  # fmt: skip

    @user.before_validate
    def spoil(ctx: Any) -> None:
        ctx.instance.name = "longer"

    with pytest.raises(ValidationError):
        user.upsert({"id": "a", "name": "Z"})
    assert user.find_by_id("a").name == "Bob"


async def _awaited(awaitable: Any) -> Any:
    return await awaitable
