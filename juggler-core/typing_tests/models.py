"""Models that the typing tests share."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from juggler import (
    BelongsTo,
    HasMany,
    HasOne,
    Key,
    Model,
    Prop,
    Query,
    View,
    belongs_to,
    has_many,
    has_one,
    length,
    now,
    prop,
)


class Base(Model, abstract=True):
    id: Prop[str] = prop(id=True, generated=True)
    created: Prop[dt.datetime] = prop(default_factory=now)


class Made(Model):
    id: Prop[str] = prop(id=True, default_factory=str, generated=True, max_length=36)
    number: Prop[int] = prop(generated=True, precision=9, scale=0)


class Address(Model):
    street: Prop[str] = prop(default="")


class User(Base, name="user", table_name="users", cassandra={"compaction": "LCS"}):
    name: Prop[str] = prop(min_length=1)
    age: Prop[int] = prop(default=0, index=True, ge=0)
    email: Prop[str | None] = prop(default=None, matches=".+@.+", cloudant={"x": 1})
    role: Prop[Literal["admin", "user"]] = prop(default="user")
    tags: Prop[list[Annotated[str, length(64)]]] = prop(default_factory=list)
    home: Prop[Address | None] = prop(default=None)
    posts: HasMany[Post] = has_many()
    profile: HasOne[Profile] = has_one()

    @classmethod
    def adults(cls, floor: int = 18) -> Query[User]:
        return cls.where(cls.age >= floor)


class Bill(Base):
    total: Prop[Decimal]
    paid: Prop[Decimal | None] = prop(default=None)


class Admin(User):
    level: Prop[int] = prop(default=1)


class Post(Base):
    title: Prop[str]
    author_id: Prop[str | None] = prop(default=None)
    author: BelongsTo[User] = belongs_to(key="author_id")


class Profile(Base):
    user_id: Prop[str] = prop()
    text: Prop[str] = prop(default="")


class Member(Model, key=Key(partition=("team",), clustering=("-name",))):
    team: Prop[str]
    name: Prop[str]


class Members(View, of=Member, key=("name",)):
    """By name."""
