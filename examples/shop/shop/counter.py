"""The counter: what is done in the shop, blocking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler import ConflictError, NotFoundError
from shop import data
from shop.models import Customer, Line, Order, Product, Review, Shipment

if TYPE_CHECKING:
    from collections.abc import Mapping

TRIES = 5


def fill() -> None:
    """Put the first rows into empty stores."""
    if Product.exists():
        return
    Product.create_all(data.PRODUCTS)
    Customer.create_all(data.CUSTOMERS)
    for product in Product.find_by_ids(list(data.PICTURES)):
        product.pictures.create(url=data.PICTURES[product.id])


def place(customer: Customer, cart: Mapping[str, int]) -> Order:
    """Place an order.

    The stock is taken first, product by product; where the store keeps versions, nobody else can
    take the same piece. What was taken is given back when the order cannot be placed.
    """
    taken: list[tuple[str, int]] = []
    order = Order(customer_id=customer.id)
    try:
        for product_id, amount in cart.items():
            order.lines.append(take(product_id, amount))
            taken.append((product_id, amount))
        return order.save()
    except Exception:
        for product_id, amount in taken:
            take(product_id, -amount)
        raise


def take(product_id: str, amount: int) -> Line:
    """Take some of a product out of the stock, or give it back, whoever else does so."""
    for attempt in range(1, TRIES + 1):
        product = Product.find_by_id(product_id)
        if product is None:
            raise NotFoundError(f"there is no product {product_id!r}", key=product_id)
        line = product.take(amount)
        try:
            product.save()
        except ConflictError:
            if attempt == TRIES:
                raise
        else:
            return line
    raise AssertionError


def send(order: Order, carrier: str, place_id: int = 1) -> Shipment:
    """Send an order to one of its customer's addresses."""
    customer = order.customer()
    address = customer.addresses.find_by_id(place_id) if customer is not None else None
    if address is None:
        raise NotFoundError(f"order {order.id} has no address {place_id}", key=place_id)
    shipment: Shipment = order.shipments.create(carrier=carrier, to=address.to_object())
    order.patch({"state": "sent"})
    return shipment


def review(customer: Customer, product_id: str, stars: int, text: str, *urls: str) -> Review:
    """Write a review with pictures; a second one of the same product is refused."""
    written = customer.reviews.create(
        id=f"{product_id}-{customer.id}", product_id=product_id, stars=stars, text=text
    )
    for url in urls:
        written.pictures.create(url=url)
    return written
