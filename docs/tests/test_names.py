from __future__ import annotations

import re
from typing import Any

import names
import names_table
import pytest

from juggler import (
    BelongsTo,
    GeoPoint,
    HasMany,
    Model,
    Prop,
    belongs_to,
    connect,
    has_many,
    prop,
)
from juggler.loopback import load
from juggler.model.hooks import HookContext
from juggler.model.names import CLASS_ALIASES, INSTANCE_ALIASES


class User(Model):
    id: Prop[int] = prop(id=True)
    posts: HasMany[Post] = has_many()


class Post(Model):
    id: Prop[int] = prop(id=True)
    user_id: Prop[int | None] = prop(default=None)
    author: BelongsTo[User] = belongs_to(key="user_id")


def test_the_page_is_what_the_tables_say() -> None:
    assert names.main(["--check"]) == 0


@pytest.fixture
def owners() -> dict[str, Any]:
    db = connect("memory:")
    db.attach(User, Post)
    user = User.create(id=1)
    return {
        "User": User,
        "user": user,
        "posts": user.posts,
        "author": user.posts.create(id=1).author,
        "ctx": HookContext("save", "before_save", User),
        "tx": db.transaction(),
        "Color": connect("keyvalue:").define("Color", {"id": {"type": "string", "id": True}}),
        "load": load,
        "query": User.where({}),
        "db": db,
        "point": GeoPoint(1, 2),
    }


def test_every_name_of_juggler_is_there(owners: dict[str, Any]) -> None:
    for _, table in names_table.SECTIONS:
        for row in table:
            owner, _, attribute = row.juggler.partition(".")
            assert not attribute or hasattr(owners[owner], attribute), row.juggler


def test_every_other_spelling_works(owners: dict[str, Any]) -> None:
    for owner, aliases in (("User", CLASS_ALIASES), ("user", INSTANCE_ALIASES)):
        for alias, name in aliases.items():
            assert getattr(owners[owner], alias) == getattr(owners[owner], name)


def test_loopback_spells_its_names_in_camel_case() -> None:
    assert names.camel("update_or_create") == "updateOrCreate"
    page = names.page()
    assert not re.findall(r"\| `\w+_\w+` \| `User\.", page)
