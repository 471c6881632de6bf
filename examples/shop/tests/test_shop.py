"""The shop on several pairs of stores, in both colours."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from shop import counter, pages, web
from shop.main import main, prepare
from shop.models import Customer, Order, OutOfStockError, Picture, Product, Review, Shipment

from juggler import ConflictError, DataSource, ValidationError, connect

if TYPE_CHECKING:
    from collections.abc import Iterator

CASSANDRA, CLOUDANT = "memory:?emulate=cassandra", "memory:?emulate=cloudant"
STORES = [("memory:", "memory:"), ("memory:",), (CASSANDRA, CLOUDANT), (CLOUDANT, CASSANDRA)]

STORY = """\
Ann <ann@example.org> lives in ['Rome', 'Dublin']
Ann orders 2 Lamp, 1 Clock: 123.00
Bob gets nothing: Clock: 1 wanted, 0 there
2 orders wait
one is sent to Dublin; 1 waits
a second review: refused (duplicate-key)
six stars: refused (validation)
a customer with orders goes: refused (restricted)
Ann: 1 orders, 1 shipments
Bob: 1 orders, 0 shipments
***** Bright. (Ann, 1 pictures)
**** Bright enough. (Bob, 0 pictures)
pictures of: Product chair, Product lamp, Review lamp-ann
orders of Ann: 123.00
2 reviews of the lamp
"""


@pytest.mark.parametrize("urls", STORES)
def test_the_story_is_the_same_everywhere(
    urls: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--on", *urls]) == 0
    assert capsys.readouterr().out == STORY


def test_a_store_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--on", "nowhere:"]) == 2
    assert "unknown-connector" in capsys.readouterr().err


@contextmanager
def opened(*urls: str) -> Iterator[tuple[DataSource, ...]]:
    with connect(urls[0]) as people, connect(urls[-1]) as trade:
        prepare(people, trade)
        counter.fill()
        yield people, trade


@pytest.fixture(params=STORES, ids=" ".join)
def shop(request: pytest.FixtureRequest) -> Iterator[tuple[DataSource, ...]]:
    with opened(*request.param) as sources:
        yield sources


@pytest.fixture
def small_shop() -> Iterator[tuple[DataSource, ...]]:
    with opened("memory:", "memory:") as sources:
        yield sources


@pytest.mark.usefixtures("shop")
def test_what_is_taken_is_given_back_when_an_order_fails() -> None:
    ann = Customer.find_by_id("ann")
    assert ann is not None
    with pytest.raises(OutOfStockError):
        counter.place(ann, {"lamp": 2, "clock": 9})
    with pytest.raises(ValidationError):
        counter.place(ann, {})
    assert [p.stock for p in Product.find_by_ids(["lamp", "clock"])] == [5, 1]
    assert Order.count() == 0


@pytest.mark.usefixtures("shop")
def test_two_buyers_never_get_the_same_piece() -> None:
    first, other = Product.find_by_id("clock"), Product.find_by_id("clock")
    assert first is not None
    assert other is not None
    first.take(1)
    first.save()
    other.take(1)
    with pytest.raises(ConflictError):
        other.save()


@pytest.mark.usefixtures("shop")
def test_what_belongs_to_a_product_goes_with_it() -> None:
    bob = Customer.find_by_id("bob")
    assert bob is not None
    counter.review(bob, "lamp", 4, "", "https://example.org/1.png", "https://example.org/2.png")
    lamp = Product.find_by_id("lamp")
    assert lamp is not None
    assert Picture.count() == 4
    lamp.delete()
    assert [picture.of_id for picture in Picture.find()] == ["chair"]
    assert Review.count() == 0


@pytest.mark.usefixtures("shop")
def test_addresses_are_copied_and_checked() -> None:
    ann = Customer.find_by_id("ann")
    assert ann is not None
    sent = counter.send(counter.place(ann, {"lamp": 1}), "Pony Express", 2)
    ann.addresses.update_by_id(2, {"city": "Cork"})
    found = Shipment.find_by_id(sent.id)
    assert found is not None
    assert (found.to.city, found.to.country) == ("Dublin", "IE")
    with pytest.raises(ValidationError):
        ann.addresses.create(street="x", city="Rome")


# ---------------------------------------------------------------- the web


def asked(*requests: tuple[str, str, Any]) -> list[tuple[int, Any]]:
    """The answers of the pages to several requests, one after the other."""

    async def run() -> list[tuple[int, Any]]:
        return [await pages.answer(*request) for request in requests]

    return asyncio.run(run())


@pytest.mark.usefixtures("shop")
def test_a_visit() -> None:
    (_, all_products), signed, ordered = asked(
        ("GET", "/products", None),
        ("POST", "/customers", {"name": " Eve ", "email": "Eve@x.org", "places": [
            {"id": 1, "street": "Elm 1", "city": "Rome"}]}),
        ("POST", "/customers/ann/orders", {"cart": {"lamp": 1, "chair": 2}}),
    )  # fmt: skip
    assert [product["title"] for product in all_products] == ["Chair", "Clock", "Lamp"]
    assert [len(product["pictures"]) for product in all_products] == [1, 0, 1]
    assert (signed[0], signed[1]["name"], signed[1]["email"]) == (201, "Eve", "eve@x.org")
    assert ordered[1]["lines"][1]["amount"] == 2

    order = ordered[1]["id"]
    review = {"customer": "ann", "stars": 5, "pictures": ["https://x.org/a.png"]}
    sent, written, (_, ann), (_, lamp) = asked(
        ("POST", f"/orders/{order}/shipments", {"carrier": "Pony", "address": 2}),
        ("POST", "/products/lamp/reviews", review),
        ("GET", "/customers/ann", None),
        ("GET", "/products/lamp", None),
    )
    assert (sent[0], sent[1]["to"]["city"]) == (201, "Dublin")
    assert (written[0], len(written[1]["pictures"])) == (201, 1)
    assert ann["orders"][0]["state"] == "sent"
    assert ann["orders"][0]["shipments"][0]["carrier"] == "Pony"
    assert lamp["stock"] == 4
    assert lamp["reviews"][0]["author"]["name"] == "Ann"
    assert lamp["reviews"][0]["pictures"][0]["url"] == "https://x.org/a.png"


@pytest.mark.usefixtures("small_shop")
@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (("GET", "/nowhere", None), 404, None),
        (("POST", "/products", None), 405, None),
        (("GET", "/products/none", None), 404, "not-found"),
        (("POST", "/customers", {"name": "", "email": "x"}), 422, "validation"),
        (("POST", "/customers", {"admin": True}), 400, "bad-request"),
        (("POST", "/customers", [1]), 400, "bad-request"),
        (("POST", "/customers/ann/orders", {"cart": {"clock": 2}}), 409, "out-of-stock"),
        (("POST", "/customers/ann/orders", {"cart": {"none": 1}}), 404, "not-found"),
        (("POST", "/customers/ann/orders", {"cart": {"lamp": -1}}), 400, "bad-request"),
        (("POST", "/customers/ann/orders", {"cart": {}}), 422, "validation"),
        (("POST", "/products/none/reviews", {"customer": "ann", "stars": 1}), 404, "not-found"),
        (("POST", "/products/lamp/reviews", {"customer": "ann", "stars": 9}), 422, "validation"),
        (("POST", "/orders/none/shipments", {}), 404, "not-found"),
    ],
)
def test_mistakes_are_answered(request_: Any, status: int, code: str | None) -> None:
    ((found, told),) = asked(request_)
    assert (found, told.get("code")) == (status, code)
    assert [p.stock for p in Product.find_by_ids(["lamp", "clock"])] == [5, 1]


@pytest.mark.usefixtures("shop")
def test_many_buyers_at_once() -> None:
    async def run() -> list[int]:
        order = ("POST", "/customers/bob/orders", {"cart": {"clock": 1}})
        wanted = [pages.answer(*order) for _ in range(8)]
        return sorted(status for status, _ in await asyncio.gather(*wanted))

    assert asyncio.run(run()) == [201, *[409] * 7]
    assert Order.count() == 1


SIGN_UP = b"""POST /customers HTTP/1.1\r
content-length: 33\r
\r
{"name": "E", "email": "e@x.org"}"""


async def spoken(raw: bytes, port: int) -> tuple[bytes, Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0], json.loads(body)


@pytest.mark.usefixtures("small_shop")
@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"GET /products/lamp?x=1 HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 200 OK"),
        (b"GET /products/%6Camp HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK"),
        (SIGN_UP, b"HTTP/1.1 201 Created"),
        (b"POST /customers HTTP/1.1\r\nContent-Length: 3\r\n\r\n{x}", b"HTTP/1.1 400 Bad Request"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"hello\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"GET / HTTP", b"HTTP/1.1 400 Bad Request"),
    ],
)
def test_http(raw: bytes, line: bytes) -> None:
    async def run() -> tuple[bytes, Any]:
        async with await asyncio.start_server(
            web.talk, "127.0.0.1", 0, limit=web.LONGEST
        ) as server:
            return await spoken(raw, server.sockets[0].getsockname()[1])

    first, body = asyncio.run(run())
    assert first == line
    assert body.get("id") == "lamp" if b"200" in line else body
