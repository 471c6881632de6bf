"""What type checkers refuse: every line that ends in ``# E`` is an error, no other is.

Names after ``# E`` are those of the only checkers that refuse the line; ``-ty`` is one that does
not see it.
"""

from __future__ import annotations

from juggler import Model, Prop, has_many, prop

from models import Admin, Bill, Post, User

user = User(name="a")

# values
User(name="a", age="x")  # E
User(nam="x")  # E
User()  # E
User(name="x", id="1")  # E
Admin(level="x", name="x")  # E
user.age = "x"  # E
user.agee  # E
user.name = None  # E

# expressions
User.age > "x"  # E
User.agee  # E
User.age.like("x")  # E
User.age.between("a", "b")  # E
User.age.in_(["a"])  # E
User.name > 3  # E
Bill.total > "x"  # E
Bill.paid < 1.5  # E

# reading
User.find(True)  # E
User.find(User.age)  # E
User.find(user.age > 3)  # E
User.find(limit="x")  # E
User.find(limt=3)  # E -ty
User.count(order="name")  # E -ty
User.where(True)  # E
User.find_one(User.age > 1).age  # E

# writing
User.create(name="x", age="x")  # E
User.create(nam="x")  # E
User.update_all(User.age > 1, 5)  # E
user.save(if_unchange=True)  # E -ty
user.patch("x")  # E

# relations
user.posts.wher()  # E
Post(title="t").author().name  # E


class Wrong(Model):
    x: Prop[int] = prop(default="s")  # E
    y: Prop[int] = prop(defualt=3)  # E
    z: Prop[str] = has_many()  # E -ty


class WrongKeyword(Model, strict=3):  # E pyright ty
    pass


async def asynchronous() -> None:
    await User.aio.create(name="x", age="s")  # E
    await User.aio.create(nam="x")  # E
    await User.aio.find(True)  # E
    (await User.aio.find()).foo  # E
    await user.aio.save(if_unchange=True)  # E -ty
    await user.aio.sav()  # E
