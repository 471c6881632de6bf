"""Models out of data: properties are known when the program runs, every name is taken here."""

from __future__ import annotations

from typing import Any

from juggler import DataSource, Model, ModelBuilder

db = DataSource("memory")
User = db.define("User", {"name": str, "age": "number"})
Post = db.from_ldl({"name": "Post", "properties": {"title": "string"}})
User.has_many(Post, {"as": "posts", "foreignKey": "authorId"})
Post.belongs_to(User, as_="author")


def write() -> Any:
    ann = User.create(name="Ann", age=3)
    ann.age = 4
    ann.save()
    User.create({"name": "Bob"})
    post = ann.posts.create(title="x")
    User.update_all({"name": "Ann"}, {"age": 5})
    return post.author().name, User(name="Cid").is_valid()


def read(model: type[Model], one: Model) -> list[Any]:
    found = User.find({"where": {"age": {"gt": 3}}, "include": "posts"})
    first = User.find_by_id(1)
    names: list[Any] = [user.name for user in found]
    if first is not None:
        names.append(first.name)
        read(User, first)
    return [*names, *User.find(User.age > 3), db.models["Post"].find_one(), model, one]


async def wait() -> Any:
    user = await User.aio.create({"name": "Eve"})  # E pyrefly
    return user.name, await user.posts.aio(), User.adults()


def extend() -> Any:
    customer = User.extend("Customer", {"vip": bool})
    found = ModelBuilder().get_model("User")
    return customer.create(vip=True).vip, found and found({"name": "x"}).name
