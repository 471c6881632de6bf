"""What type checkers know of models: every line holds under mypy --strict, pyright and ty.

``# E pyrefly`` stands where pyrefly alone sees an error.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, assert_type

from models import Address, Admin, Bill, Member, Post, User

from juggler import Model, Query
from juggler.model.handles import Many, ManyExpr, One
from juggler.model.results import BulkResult, Count
from juggler.query import Condition, Ordering
from juggler.query.expressions import Expr

user = User(name="a", age=3)

# instances and classes
assert_type(user.age, int)
assert_type(user.email, str | None)
assert_type(user.created, dt.datetime)
assert_type(user.tags, list[str])
assert_type(user.home, Address | None)
assert_type(User.age, Expr[int])
assert_type(User.email, Expr[str | None])
assert_type(Admin.age, Expr[int])
assert_type(Admin(name="x", level=2).level, int)
user.age = 4
user.email = None

# expressions
assert_type(User.age > 30, Condition)
assert_type(User.email == None, Condition)  # noqa: E711 - null in a filter
assert_type((User.age > 3) & ~User.email.is_null(), Condition)
assert_type(User.name.like("a%") | User.age.between(1, 2), Condition)
assert_type(User.age.in_([1, 2]), Condition)
assert_type((Bill.total > 100) & (Bill.paid <= Decimal("9.5")), Condition)
assert_type(Bill.total.between(1, Decimal(2)), Condition)
assert_type(User.age.desc(), Ordering)

# reading
assert_type(User.find(User.age > 30, order=User.name, limit=10), list[User])
assert_type(User.find({"where": {"age": {"gt": 30}}}), list[User])
assert_type(
    User.find(order=[User.name, User.age.desc()], fields=["name"], include="posts"), list[User]
)
assert_type(User.find(User.adults(), limit=3), list[User])
assert_type(Admin.find(), list[Admin])
assert_type(User.find_one(User.age > 3), User | None)
assert_type(User.find_by_id("1", fields=[User.name]), User | None)
assert_type(Member.find_by_id(team="a", name="b"), Member | None)
assert_type(User.find_by_ids(["1", "2"]), list[User])
assert_type(User.count(User.age > 3, allow_scan=True), int)
assert_type(User.exists("1"), bool)
assert_type(User.where(User.age > 3), Query[User])
assert_type(User.adults(21), Query[User])

# queries
query = User.where(User.age > 3).order(User.name).limit(3).fields("name").include(User.posts)
assert_type(query, Query[User])
assert_type(query.all(), list[User])
assert_type(query.first(), User | None)
assert_type(query.one(), User)
assert_type(query.page(10), tuple[list[User], str | None])
assert_type(query.update_all({"age": 0}), Count)
for one in query:
    assert_type(one, User)
for one in User.stream(User.age > 3, page_size=500):
    assert_type(one, User)

# writing
assert_type(User.create(name="x"), User)
assert_type(User.create({"name": "x"}), User)
assert_type(Admin.create(name="x", level=2), Admin)
assert_type(User.create_all([{"name": "x"}, user], on_error="collect"), BulkResult)
assert_type(User.upsert({"id": "1", "age": 3}), User)
assert_type(User.upsert(user), User)
assert_type(User.find_or_create(User.name == "x", {"name": "x"}), tuple[User, bool])
assert_type(User.update_all(User.age < 0, {"age": 0}), Count)
assert_type(User.delete_all(User.age < 0), Count)
assert_type(User.delete_by_id("1"), bool | None)
assert_type(user.save(if_unchanged=True, timeout=2.0), User)
assert_type(user.patch({"age": 3}), User)
assert_type(user.reload(), User)
assert_type(user.delete(), bool | None)
assert_type(user.to_object(), dict[str, Any])
assert_type(user.changes, dict[str, tuple[Any, Any]])

# relations
post = Post(title="t")
assert_type(User.posts, ManyExpr[Post])
assert_type(user.posts, Many[Post])
assert_type(user.posts(), list[Post])
assert_type(user.posts.where(Post.title == "x"), Query[Post])
assert_type(user.posts.create(title="x"), Post)
assert_type(post.author, One[User])
assert_type(post.author(), User | None)
post.author = user


async def asynchronous() -> None:
    assert_type(await User.aio.find(User.age > 3), list[User])  # E pyrefly
    assert_type(await User.aio.create(name="x", age=3), User)  # E pyrefly
    assert_type(await User.aio.create({"name": "x"}), User)  # E pyrefly
    assert_type(await Admin.aio.create(name="x", level=3), Admin)  # E pyrefly
    assert_type(await User.aio.find_by_id("1"), User | None)  # E pyrefly
    made = await User.aio.find_or_create({"where": {}}, {"name": "x"})  # E pyrefly
    assert_type(made, tuple[User, bool])  # E pyrefly
    assert_type(await User.aio.count(), int)  # E pyrefly
    assert_type(await user.aio.save(), User)
    assert_type(await user.aio.delete(), bool | None)
    assert_type(await query, list[User])
    assert_type(await query.aio.first(), User | None)
    assert_type(await user.posts.aio(), list[Post])
    assert_type(await post.author.aio(), User | None)
    async for row in query:
        assert_type(row, User)
    async for row in User.aio.stream():  # E pyrefly
        assert_type(row, User)  # E pyrefly


def generic(model: type[Model]) -> int:
    return model.count()


assert_type(generic(User), int)
