"""SQLAlchemy's ORM on SQLite in memory: the same cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime  # noqa: TC003 - read by SQLAlchemy at run time

from data import CUSTOMERS, ROWS, orders, row, rows
from sqlalchemy import ForeignKey, create_engine, func, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.pool import StaticPool

OLD = 90
Case = tuple[int, Callable[[], object]]


class Base(DeclarativeBase):
    """The registry."""


class User(Base):
    """The same five properties."""

    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    group: Mapped[str] = mapped_column("grp")
    age: Mapped[int]
    active: Mapped[bool]
    joined: Mapped[datetime]


class Customer(Base):
    """Has ten orders."""

    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list[Order]] = relationship()


class Order(Base):
    """Belongs to a customer."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    total: Mapped[int]


def session(count: int = 0) -> Session:
    """A session on a database of its own, with some rows."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    made = Session(engine)
    if count:
        made.add_all([User(**r) for r in rows(count)])
        made.commit()
    return made


class Alchemy:
    """The cases."""

    def __init__(self) -> None:
        self.big = session(ROWS)
        self.few = session(200)
        self.shop = session()
        self.shop.add_all([Customer(id=i, name=f"customer {i}") for i in range(1, CUSTOMERS + 1)])
        self.shop.flush()
        self.shop.add_all([Order(**one) for one in orders()])
        self.shop.commit()

    def create(self) -> Case:
        """One commit each, as the others do."""
        made = session()

        def run() -> None:
            for i in range(500):
                made.add(User(**row(i)))
                made.commit()

        return 500, run

    def create_all(self) -> Case:
        """All in one commit."""
        made, given = session(), rows()

        def run() -> None:
            made.add_all([User(**r) for r in given])
            made.commit()

        return ROWS, run

    def find_by_id(self) -> Case:
        """By key, not from the identity map."""
        big = self.big

        def run() -> None:
            for i in range(500):
                big.get(User, 1 + i * 997 % ROWS)
            big.expunge_all()

        big.expunge_all()
        return 500, run

    def filter(self) -> Case:
        """An unindexed equality."""
        return 5, lambda: [self._all(select(User).where(User.group == f"g{i}")) for i in range(5)]

    def filter_two(self) -> Case:
        """Two conditions."""
        query = select(User).where(User.age > OLD, User.active.is_(True))
        return 5, lambda: [self._all(query) for _ in range(5)]

    def count(self) -> Case:
        """A range, counted."""
        query = select(func.count()).select_from(User)
        return 5, lambda: [self.big.scalar(query.where(User.age > 50 + i)) for i in range(5)]

    def order(self) -> Case:
        """The first ten of two sort keys."""
        query = select(User).order_by(User.age.desc(), User.name).limit(10)
        return 5, lambda: [self._all(query) for _ in range(5)]

    def patch(self) -> Case:
        """One property of an instance, one commit each."""
        some = list(self.few.scalars(select(User)))
        self.turn = getattr(self, "turn", 0) + 1

        def run() -> None:
            for i, user in enumerate(some):
                user.age = i + self.turn
                self.few.commit()

        return 200, run

    def include(self) -> Case:
        """Two hundred customers with ten orders each."""
        query = select(Customer).options(selectinload(Customer.orders)).limit(200)

        def run() -> None:
            self.shop.expunge_all()
            list(self.shop.scalars(query))

        return 1, run

    def _all(self, query: object) -> object:
        self.big.expunge_all()
        return list(self.big.scalars(query))
