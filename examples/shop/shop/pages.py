"""The web service without HTTP: a method, a path and data become a status and data.

Everything here awaits the asynchronous twins of the models' operations.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

from juggler import ConflictError, DuplicateKeyError, JugglerError, NotFoundError, ValidationError
from shop.models import Customer, Order, OutOfStockError, Product, Review

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Answer = tuple[int, Any]
    Page = Callable[..., Awaitable[Any]]

OK, CREATED, BAD, NOT_FOUND, NO_METHOD, CONFLICT, INVALID = 200, 201, 400, 404, 405, 409, 422
TRIES: Final = 5
T = TypeVar("T")


async def products(data: Any) -> Any:
    """All products with their pictures."""
    del data
    found = await Product.aio.find(include="pictures")
    return [one.to_json() for one in sorted(found, key=lambda one: one.title)]


async def product(data: Any, key: str) -> Any:
    """A product with its reviews, their authors and pictures."""
    del data
    include = ["pictures", {"reviews": ["author", "pictures"]}]
    found = await Product.aio.find_by_id(key, include=include)
    return needed(found, key).to_json()


async def customer(data: Any, key: str) -> Any:
    """A customer with orders and shipments."""
    del data
    found = await Customer.aio.find_by_id(key, include={"orders": "shipments"})
    return needed(found, key).to_json()


async def sign_up(data: Any) -> Any:
    """A new customer."""
    created = await Customer.aio.create(fields(data, "name", "email", "places"))
    return created.to_json()


async def place_order(data: Any, key: str) -> Any:
    """Place an order: `{"cart": {"lamp": 2}}`; the same as the counter does."""
    buyer = needed(await Customer.aio.find_by_id(key), key)
    cart = fields(data, "cart").get("cart")
    if not isinstance(cart, dict) or not all(isinstance(n, int) and n > 0 for n in cart.values()):
        raise BadRequestError('{"cart": {"lamp": 2}}')
    order, taken = Order(customer_id=buyer.id), []
    try:
        for product_id, amount in cart.items():
            order.lines.append(await take(product_id, amount))
            taken.append((product_id, amount))
        await order.aio.save()
    except Exception:
        for product_id, amount in taken:
            await take(product_id, -amount)
        raise
    return order.to_json()


async def take(product_id: str, amount: int) -> Any:
    """Take some of a product out of the stock, or give it back."""
    for attempt in range(1, TRIES + 1):
        found = needed(await Product.aio.find_by_id(product_id), product_id)
        line = found.take(amount)
        try:
            await found.aio.save()
        except ConflictError:
            if attempt == TRIES:
                raise
        else:
            return line
    raise AssertionError


async def write_review(data: Any, key: str) -> Any:
    """Write a review of a product: `{"customer": "ann", "stars": 5, "pictures": [url]}`."""
    given = fields(data, "customer", "stars", "text", "pictures")
    await must_exist(Product, key)
    author = needed(await Customer.aio.find_by_id(str(given.get("customer"))), "customer")
    written = await author.reviews.aio.create(
        {
            "id": f"{key}-{author.id}",
            "product_id": key,
            "stars": given.get("stars"),
            "text": given.get("text", ""),
        }
    )
    for url in given.get("pictures") or []:
        await written.pictures.aio.create(url=url)
    found = await Review.aio.find_by_id(written.id, include="pictures")
    return needed(found, written.id).to_json()


async def send_order(data: Any, key: str) -> Any:
    """Send an order: `{"carrier": "Pony Express", "address": 1}`."""
    given = fields(data, "carrier", "address")
    order = needed(await Order.aio.find_by_id(key), key)
    buyer = needed(await order.customer.aio(), order.customer_id)
    address = await buyer.addresses.aio.find_by_id(given.get("address", 1))
    to = needed(address, "address").to_object()
    sent = await order.shipments.aio.create(carrier=given.get("carrier"), to=to)
    await order.aio.patch({"state": "sent"})
    return sent.to_json()


PAGES: Final[dict[tuple[str, str], Page]] = {
    ("GET", r"/products"): products,
    ("GET", r"/products/([^/]+)"): product,
    ("POST", r"/products/([^/]+)/reviews"): write_review,
    ("POST", r"/customers"): sign_up,
    ("GET", r"/customers/([^/]+)"): customer,
    ("POST", r"/customers/([^/]+)/orders"): place_order,
    ("POST", r"/orders/([^/]+)/shipments"): send_order,
}


async def answer(method: str, path: str, data: Any = None) -> Answer:
    """Answer a request; every error of Juggler becomes a status, with its code and hint."""
    known = [(m, page, found) for (m, p), page in PAGES.items() if (found := re.fullmatch(p, path))]
    for allowed, page, found in known:
        if allowed == method:
            try:
                done = await page(data, *found.groups())
            except (JugglerError, OutOfStockError) as error:
                return refused(error)
            return (CREATED if method == "POST" else OK), done
    return (NO_METHOD if known else NOT_FOUND), {"error": f"no {method} {path}"}


class BadRequestError(JugglerError):
    """The data of a request are not what the page takes."""

    default_code = "bad-request"

    def __init__(self, takes: str) -> None:
        super().__init__("the data are not what this takes", hint=takes)


def refused(error: JugglerError | OutOfStockError) -> Answer:
    """The status and the data of an error."""
    if isinstance(error, OutOfStockError):
        return CONFLICT, {"error": str(error), "code": "out-of-stock"}
    told: dict[str, Any] = {"error": error.message, "code": error.code, "hint": error.hint}
    match error:
        case ValidationError():
            return INVALID, {**told, "details": error.details}
        case NotFoundError():
            return NOT_FOUND, told
        case DuplicateKeyError() | ConflictError():
            return CONFLICT, told
    return BAD, told


def fields(data: Any, *names: str) -> dict[str, Any]:
    """The data of a request, if they have these names alone."""
    if not isinstance(data, dict) or not data.keys() <= set(names):
        raise BadRequestError(f"an object with {', '.join(names)}")
    return data


def needed(found: T | None, key: str) -> T:
    """What was looked for, or the error that it is not there."""
    if found is None:
        raise NotFoundError(f"there is no {key!r:.60}", key=key)
    return found


async def must_exist(model: Any, key: str) -> None:
    """Refuse a key that no row has."""
    if not await model.aio.exists(key):
        raise NotFoundError(f"there is no {key!r:.60}", key=key)
