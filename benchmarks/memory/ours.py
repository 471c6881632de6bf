"""Juggler on its memory connector: each case gives (operations, what to run)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from data import CUSTOMERS, ROWS, orders, person, row, rows

from juggler import HasMany, Model, Prop, connect, has_many, prop

Case = tuple[int, Callable[[], object]]


def model() -> Any:
    """A fresh model of five properties on a data source of its own."""

    class User(Model):
        id: Prop[int] = prop(id=True, generated=True)
        name: Prop[str]
        group: Prop[str]
        age: Prop[int]
        active: Prop[bool]
        joined: Prop[datetime]

    connect("memory:").attach(User)
    return User


def wide() -> Any:
    """A model of eight properties, as the budget of decoding counts them."""

    class Wide(Model):
        id: Prop[int] = prop(id=True)
        name: Prop[str]
        group: Prop[str]
        age: Prop[int]
        active: Prop[bool]
        joined: Prop[datetime]
        score: Prop[float]
        note: Prop[str | None]

    connect("memory:").attach(Wide)
    return Wide


class Customer(Model):
    """Has ten orders."""

    id: Prop[int] = prop(id=True)
    name: Prop[str]
    orders: HasMany[Order] = has_many(foreign_key="customer_id")


class Order(Model):
    """Belongs to a customer."""

    id: Prop[int] = prop(id=True)
    customer_id: Prop[int] = prop(index=True)
    total: Prop[int]


class Checked(Model):
    """Five rules, as the peer has them."""

    id: Prop[int | None] = prop(id=True, default=None)
    name: Prop[str] = prop(min_length=2, max_length=40)
    email: Prop[str] = prop(matches=r"^[^@]+@[^@]+$")
    age: Prop[int]
    role: Prop[str] = prop(enum=("admin", "user", "guest"))


class Ours:
    """The cases."""

    def __init__(self) -> None:
        self.big = model()
        self.big.create_all(rows())
        self.few = model()
        self.few.create_all(rows(200))
        self.stored = [self.big.__link__.codec.encode_map(r) for r in rows()]
        self.decode_wide = wide().__link__.codec.decode_all
        self.stored_wide = [(i, *row(i).values(), i / 4, None) for i in range(ROWS)]
        connect("memory:").attach(Checked)
        connect("memory:").attach(Customer, Order)
        Customer.create_all([{"id": i, "name": f"customer {i}"} for i in range(1, CUSTOMERS + 1)])
        Order.create_all(orders())

    def create(self) -> Case:
        """One instance after the other."""
        user = model()

        def run() -> None:
            for i in range(2000):
                user.create(row(i))

        return 2000, run

    def create_all(self) -> Case:
        """All at once."""
        user, given = model(), rows()
        return ROWS, lambda: user.create_all(given)

    def find_by_id(self) -> Case:
        """By key."""
        big = self.big

        def run() -> None:
            for i in range(2000):
                big.find_by_id(1 + i * 997 % ROWS)

        return 2000, run

    def filter(self) -> Case:
        """An unindexed equality: 200 of 20,000 rows."""
        return 5, lambda: [self.big.find({"where": {"group": f"g{i}"}}) for i in range(5)]

    def filter_two(self) -> Case:
        """Two conditions."""
        where = {"and": [{"age": {"gt": 90}}, {"active": True}]}
        return 5, lambda: [self.big.find({"where": where}) for _ in range(5)]

    def count(self) -> Case:
        """A range, counted."""
        return 5, lambda: [self.big.count({"age": {"gt": 50 + i}}) for i in range(5)]

    def order(self) -> Case:
        """The first ten of two sort keys."""
        given = {"order": ["age DESC", "name ASC"], "limit": 10}
        return 5, lambda: [self.big.find(given) for _ in range(5)]

    def patch(self) -> Case:
        """One property of an instance."""
        some = self.few.find({"limit": 200})
        self.turn = getattr(self, "turn", 0) + 1

        def run() -> None:
            for i, user in enumerate(some):
                user.patch({"age": i + self.turn})

        return 200, run

    def validate(self) -> Case:
        """Make an instance and check five rules."""

        def run() -> None:
            for i in range(5000):
                Checked(person(i)).is_valid()

        return 5000, run

    def instantiate(self) -> Case:
        """Make an instance of what a user gives."""
        big, given = self.big, rows(5000)
        return 5000, lambda: [big(r) for r in given]

    def include(self) -> Case:
        """Two hundred customers with ten orders each."""
        given = {"include": "orders", "limit": 200}
        return 1, lambda: Customer.find(given)

    def decode(self) -> Case:
        """Stored rows to instances."""
        return ROWS, lambda: self.decode_wide(self.stored_wide)

    def hand(self) -> Case:
        """A comprehension by hand and the decoding, against ``filter``."""
        decode, stored = self.big.__link__.codec.decode_all, self.stored
        groups = [f"g{i}" for i in range(5)]
        return 5, lambda: [decode([r for r in stored if r[2] == group]) for group in groups]

    def find_by_id_of_few(self) -> Case:
        """By key among 200 rows: the time does not grow with the number of rows."""
        few = self.few

        def run() -> None:
            for i in range(2000):
                few.find_by_id(1 + i * 97 % 200)

        return 2000, run

    def overhead(self) -> Case:
        """An operation that reads nothing: what Juggler itself costs."""
        big = self.big

        def run() -> None:
            for _ in range(2000):
                big.find_by_id(-1)

        return 2000, run
