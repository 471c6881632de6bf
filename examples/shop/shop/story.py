"""A day in the shop, told in blocking calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler import JugglerError
from shop import counter
from shop.models import Customer, Order, OutOfStockError, Picture, Product, Review

if TYPE_CHECKING:
    from collections.abc import Callable


def tell() -> None:
    """Sell, send, review; then look at it from several sides."""
    counter.fill()
    ann, bob = Customer.find_by_ids(["ann", "bob"])
    print(f"{ann.name} <{ann.email}> lives in {[place.city for place in ann.addresses()]}")

    order = counter.place(ann, {"lamp": 2, "clock": 1})
    lines = ", ".join(f"{line.amount} {line.title}" for line in order.lines)
    print(f"Ann orders {lines}: {euros(order.cents)}")
    try:
        counter.place(bob, {"lamp": 1, "clock": 1})
    except OutOfStockError as error:
        print(f"Bob gets nothing: {error}")
    chairs = counter.place(bob, {"chair": 4})

    print(f"{Order.waiting().count()} orders wait")
    shipment = counter.send(order, "Pony Express", place_id=2)
    print(f"one is sent to {shipment.to.city}; {Order.waiting().count()} waits")
    chairs.reload()

    counter.review(ann, "lamp", 5, "Bright.", "https://example.org/at-home.png")
    counter.review(bob, "lamp", 4, "Bright enough.")
    refused("a second review", lambda: counter.review(bob, "lamp", 1, "On second thoughts…"))
    refused("six stars", lambda: counter.review(bob, "chair", 6, ""))
    refused("a customer with orders goes", ann.delete)
    look()


def look() -> None:
    """Relations across the two data sources."""
    # A store may have no index for an order: a few rows are sorted here.
    everybody = Customer.find({"include": {"orders": "shipments"}})
    for customer in sorted(everybody, key=lambda one: one.name):
        orders = customer.orders.loaded or []
        sent = sum(len(order.shipments.loaded or []) for order in orders)
        print(f"{customer.name}: {len(orders)} orders, {sent} shipments")

    lamp = Product.find_by_id("lamp", include=["pictures", {"reviews": ["author", "pictures"]}])
    reviews = (lamp.reviews.loaded or []) if lamp is not None else []
    for review in sorted(reviews, key=lambda one: -one.stars):
        author, pictures = review.author.loaded, review.pictures.loaded or []
        name = author.name if author is not None else "somebody"
        print(f"{'*' * review.stars} {review.text} ({name}, {len(pictures)} pictures)")

    shown = sorted(f"{picture.of_type} {picture.of_id}" for picture in Picture.find())
    print(f"pictures of: {', '.join(shown)}")
    of_ann = Order.find({"where": {"customer.email": "ann@example.org"}})
    print(f"orders of Ann: {', '.join(euros(order.cents) for order in of_ann)}")
    print(f"{Review.where(Review.product_id == 'lamp').count()} reviews of the lamp")


def refused(what: str, call: Callable[[], object]) -> None:
    """Show the error of a call that has to fail."""
    try:
        call()
    except JugglerError as error:
        print(f"{what}: refused ({error.code})")
    else:
        message = f"{what} was not refused"
        raise AssertionError(message)


def euros(cents: int) -> str:
    """An amount as people read it."""
    return f"{cents / 100:.2f}"
