"""A server that dies, hangs, cuts, is overloaded: nothing acknowledged is lost or guessed."""

from __future__ import annotations

import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from juggler import DataSource, connect
from juggler.errors import (
    DeadlineError,
    JugglerError,
    OutcomeUnknownError,
    RateLimitedError,
    UnavailableError,
)
from servers import CouchDB, Proxy, couchdb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CouchDB]:
    """A CouchDB of our own: it is killed."""
    data: Path = tmp_path_factory.mktemp("couchdb")
    with couchdb(product="couchdb", data=data) as made:
        yield made


@pytest.fixture
def proxy(server: CouchDB) -> Iterator[Proxy]:
    with Proxy(server.port) as made:
        yield made


@pytest.fixture
def db(server: CouchDB, proxy: Proxy) -> Iterator[DataSource]:
    """Behind the proxy."""
    login = f"{server.username}:{server.password}"
    url = f"cloudant://{login}@127.0.0.1:{proxy.port}/t{uuid.uuid4().hex}"
    with connect(url, {"retries": 4, "timeout": 20}) as made:
        yield made


@pytest.fixture
def pet(db: DataSource) -> Any:
    model = db.define(
        "Pet", {"id": {"type": "string", "id": True}, "n": {"type": "number", "index": True}}
    )
    db.autoupdate("Pet")
    return model


def stored(server: CouchDB, db: DataSource) -> dict[str, Any]:
    """What the server has, asked without the connector."""
    name = db.connector.settings.database
    status, found = server.request("GET", f"/{name}/_all_docs?include_docs=true")
    assert status == 200
    return {row["id"]: row["doc"] for row in found["rows"] if row["id"][0] != "_"}


def rows(count: int, first: int = 0) -> list[dict[str, Any]]:
    return [{"id": f"p{i:05}", "n": i} for i in range(first, first + count)]


# ---------------------------------------------------------------- answers that do not come whole


def test_a_read_whose_answer_is_cut_is_asked_again(pet: Any, proxy: Proxy) -> None:
    pet.create_all(rows(200))
    for after in (0, 10, 600, 5_000):
        proxy.cut(after)
        assert len(pet.find()) == 200
        proxy.forward()


@pytest.mark.parametrize("after", [0, 20, 150])
def test_a_create_whose_answer_is_cut_is_looked_up(
    pet: Any, proxy: Proxy, server: CouchDB, db: DataSource, after: int
) -> None:
    pet.count()
    proxy.cut(after)
    made = pet.create({"id": f"a{after}", "n": 1})
    proxy.forward()
    made["n"] = 2
    made.save()
    assert stored(server, db)[f"a{after}"]["n"] == 2


@pytest.mark.parametrize("side", ["request", "response"])
@pytest.mark.parametrize("after", [100, 30_000, 70_000])
def test_a_bulk_that_is_cut_says_of_every_row_what_is_known(
    pet: Any, proxy: Proxy, server: CouchDB, db: DataSource, side: Any, after: int
) -> None:
    pet.count()
    proxy.cut(after, side)
    result = pet.create_all(rows(1200), on_error="collect")
    proxy.forward()
    there = stored(server, db)
    known = {"created": True, "failed": False}
    for row in result.results:
        if row.status in known:
            assert (row.key[0] in there) is known[row.status], row
    assert {row.status for row in result.results} <= {"created", "failed", "unknown"}


def test_a_hanging_server_ends_at_the_deadline(
    pet: Any, proxy: Proxy, server: CouchDB, db: DataSource
) -> None:
    pet.create({"id": "a", "n": 1})
    proxy.hang()
    start = time.monotonic()
    with db.options(timeout=0.5), pytest.raises((DeadlineError, UnavailableError)):
        pet.find_by_id("a")
    with db.options(timeout=0.5), pytest.raises((OutcomeUnknownError, DeadlineError)):
        pet.update_all({"id": "a"}, {"n": 2})
    assert time.monotonic() - start < 5
    proxy.forward()
    assert stored(server, db)["a"]["n"] in {1, 2}
    assert pet.find_by_id("a")["n"] in {1, 2}


def test_a_slow_server_is_waited_for(pet: Any, proxy: Proxy) -> None:
    proxy.delay(0.05)
    pet.create_all(rows(50))
    assert pet.count() == 50


# ---------------------------------------------------------------- overload


def test_requests_that_are_refused_for_now_are_made_again(pet: Any, proxy: Proxy) -> None:
    before = proxy.answered
    proxy.answer(429, times=2, headers={"Retry-After": "0"}, body=b'{"error":"too_many_requests"}')
    pet.create({"id": "a", "n": 1})
    proxy.answer(503, times=2, body=b"{}")
    assert pet.find_by_id("a")["n"] == 1
    proxy.answer(429, times=1, path="_bulk_docs", headers={"Retry-After": "0"})
    assert len(pet.create_all(rows(600)).results) == 600
    assert proxy.answered - before == 5
    assert pet.count() == 601


def test_a_storm_of_refusals_ends_in_its_error(pet: Any, proxy: Proxy, db: DataSource) -> None:
    proxy.answer(429, times=1000, headers={"Retry-After": "0"})
    with db.options(timeout=2), pytest.raises(RateLimitedError):
        pet.create({"id": "a", "n": 1})
    proxy.forward()
    assert pet.find_by_id("a") is None


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_write_that_ends_in_5xx_is_unknown_and_never_sent_twice(
    pet: Any, proxy: Proxy, server: CouchDB, db: DataSource, status: int
) -> None:
    pet.create({"id": "a", "n": 1})
    before = proxy.answered
    proxy.answer(status, times=1000, path="_bulk_docs", body=b"{}")
    with pytest.raises(OutcomeUnknownError):
        pet.update_all({"id": "a"}, {"n": 2})
    assert proxy.answered - before == 1
    proxy.forward()
    assert stored(server, db)["a"]["n"] == 1


# ---------------------------------------------------------------- the server itself


def test_nothing_acknowledged_is_lost_when_the_server_is_killed_and_stopped(
    pet: Any, server: CouchDB, db: DataSource
) -> None:
    made: set[str] = set()
    unknown: set[str] = set()
    patched: dict[str, int] = {}
    stop = threading.Event()
    lock = threading.Lock()

    def write(writer: int) -> None:
        number = 0
        while not stop.is_set():
            key = f"w{writer}-{number}"
            number += 1
            try:
                pet.create({"id": key, "n": 0})
                with lock:
                    made.add(key)
                pet.update_all({"id": key}, {"n": 1})
                with lock:
                    patched[key] = 1
            except OutcomeUnknownError:
                with lock:
                    unknown.add(key)
            except JugglerError:
                stop.wait(0.05)

    threads = [threading.Thread(target=write, args=(i,)) for i in range(3)]
    with db.options(timeout=5):
        for thread in threads:
            thread.start()
        for end in (server.kill, server.stop):
            _grows(patched)
            end()
            server.start()
            server.wait_ready()
        _grows(patched)
        stop.set()
        for thread in threads:
            thread.join()
    there = stored(server, db)
    assert made <= set(there) <= made | unknown
    assert [key for key in patched if there[key]["n"] != 1] == []
    assert pet.count() == len(there)


def _grows(some: dict[str, int], by: int = 20, seconds: float = 60) -> None:
    """Wait until there is more."""
    wanted, end = len(some) + by, time.monotonic() + seconds
    while len(some) < wanted:
        assert time.monotonic() < end, "nothing gets through"
        time.sleep(0.02)
