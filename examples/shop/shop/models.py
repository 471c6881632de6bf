"""The models of the shop.

People (customers, their reviews and pictures) and trade (products, orders, shipments) may be on two
data sources; relations lead from one to the other.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

from juggler import (
    BelongsTo,
    EmbedsMany,
    HasMany,
    Model,
    Prop,
    Query,
    belongs_to,
    embeds_many,
    has_many,
    now,
    prop,
)


class OutOfStockError(Exception):
    """A product is wanted that is not there in that number."""


def new_key() -> str:
    """A key that every store can hold."""
    return uuid4().hex


class Address(Model):
    """Embedded: in customers, and as a copy in shipments."""

    id: Prop[int | None] = prop(default=None, id=True)
    street: Prop[str] = prop(min_length=2, trim=True)
    city: Prop[str] = prop(trim=True)
    country: Prop[str] = prop(default="IT", uppercase=True, matches=r"^[A-Z]{2}$")


class Picture(Model):
    """Of a product or of a review: `of` is polymorphic."""

    id: Prop[str] = prop(id=True, default_factory=new_key)
    url: Prop[str] = prop(matches=r"^https?://")
    of_id: Prop[str | None] = prop(default=None, index=True)
    of_type: Prop[str | None] = prop(default=None)
    of: BelongsTo[Model] = belongs_to(polymorphic={"selector": "of", "idType": "string"})


class Customer(Model):
    """Who buys, with embedded addresses."""

    id: Prop[str] = prop(id=True, default_factory=new_key)
    name: Prop[str] = prop(min_length=1, trim=True)
    email: Prop[str] = prop(matches=r"^\S+@\S+$", lowercase=True, index=True)
    places: Prop[list[Address]] = prop(default_factory=list)
    addresses: EmbedsMany[Address] = embeds_many(property="places")
    orders: HasMany[Order] = has_many(key="customer_id", on_delete="restrict")
    reviews: HasMany[Review] = has_many(key="customer_id", on_delete="cascade")


class Review(Model):
    """One of a customer about a product: the key says so."""

    id: Prop[str] = prop(id=True)
    product_id: Prop[str] = prop(index=True)
    customer_id: Prop[str] = prop(index=True)
    stars: Prop[int] = prop(ge=1, le=5)
    text: Prop[str] = prop(default="", max_length=1000)
    product: BelongsTo[Product] = belongs_to(key="product_id")
    author: BelongsTo[Customer] = belongs_to(key="customer_id")
    pictures: HasMany[Picture] = has_many(polymorphic="of", on_delete="cascade")


class Product(Model, versioned=True):
    """What is sold; reviews of it are on the other data source.

    Its store has to keep versions, so that two buyers never get the same piece.
    """

    id: Prop[str] = prop(id=True)
    title: Prop[str] = prop(min_length=1)
    cents: Prop[int] = prop(ge=0)
    stock: Prop[int] = prop(default=0, ge=0)
    reviews: HasMany[Review] = has_many(key="product_id", on_delete="cascade")
    pictures: HasMany[Picture] = has_many(polymorphic="of", on_delete="cascade")

    def take(self, amount: int) -> Line:
        """Take some out of the stock, for a line of an order; `save()` makes it so."""
        if amount > self.stock:
            message = f"{self.title}: {amount} wanted, {self.stock} there"
            raise OutOfStockError(message)
        self.stock -= amount
        return Line(product_id=self.id, title=self.title, cents=self.cents, amount=amount)


class Line(Model, id_injection=False):
    """A line of an order, with the title and the price of that day."""

    product_id: Prop[str]
    title: Prop[str]
    cents: Prop[int]
    amount: Prop[int] = prop(ge=1)


class Order(Model):
    """What a customer bought, line by line."""

    id: Prop[str] = prop(id=True, default_factory=new_key)
    customer_id: Prop[str] = prop(index=True)
    state: Prop[str] = prop(default="open", enum=["open", "sent", "done"], index=True)
    placed: Prop[dt.datetime] = prop(default_factory=now)
    changed: Prop[dt.datetime] = prop(default_factory=now)
    lines: Prop[list[Line]] = prop(default_factory=list)
    customer: BelongsTo[Customer] = belongs_to(key="customer_id")
    shipments: HasMany[Shipment] = has_many(key="order_id", on_delete="cascade")

    @property
    def cents(self) -> int:
        """What it costs."""
        return sum(line.cents * line.amount for line in self.lines)

    @classmethod
    def waiting(cls) -> Query[Order]:
        """A scope: what has to be sent."""
        return cls.where(cls.state == "open")


class Shipment(Model):
    """An order on its way, with a copy of the address."""

    id: Prop[str] = prop(id=True, default_factory=new_key)
    order_id: Prop[str] = prop(index=True)
    carrier: Prop[str] = prop(min_length=1)
    to: Prop[Address]
    sent: Prop[dt.datetime] = prop(default_factory=now)
    order: BelongsTo[Order] = belongs_to(key="order_id")


@Order.validates("lines")
def has_lines(order: Order) -> str | None:
    """An order without lines is none."""
    return None if order.lines else "has no lines"


@Order.before_update
def note_change(ctx: Any) -> None:
    """Every change of an order has its time."""
    ctx.instance.changed = now()


PEOPLE = (Customer, Review, Picture)
TRADE = (Product, Order, Shipment)
