"""What a client sees when the server is late, hangs, breaks off, or loses its keyspace."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from cassandra import WriteTimeout, WriteType

from juggler import (
    DeadlineError,
    OutcomeUnknownError,
    SchemaMissingError,
    UnavailableError,
    connect,
)
from juggler.connector.url import parse_url
from juggler_cassandra.io import errors
from servers import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from juggler import DataSource

pytestmark = pytest.mark.server
ROWS = {"id": {"type": "string", "id": True}, "name": "string", "rank": "integer"}
#: Far more than a statement takes, far less than a test may.
SHORT = 1.0


@pytest.fixture
def proxy(server: str) -> Iterator[Proxy]:
    settings = parse_url(server)[1]
    with Proxy(int(settings["port"])) as between:
        yield between


@pytest.fixture
def through(
    proxy: Proxy, opened: DataSource, table: Callable[..., Any], request: pytest.FixtureRequest
) -> Iterator[Any]:
    """The model on a data source of its own that goes through the proxy; more settings by param."""
    table("Faulty", ROWS)
    url = f"cassandra://127.0.0.1:{proxy.port}/{opened.connector.session.keyspace}"
    settings = {"consistency": "ONE", "connect_timeout": 60, "timeout": 60}
    with connect(url, settings | getattr(request, "param", {})) as db:
        yield db.define("Faulty", ROWS)


@pytest.fixture
def direct(table: Callable[..., Any]) -> Any:
    return table("Faulty", ROWS)


def fresh() -> str:
    return str(uuid4())


def eventually(ask: Callable[[], Any], *expected: type[Exception]) -> Any:
    """The first answer: the driver reconnects after a second or so."""
    end = time.monotonic() + 60
    while True:
        try:
            return ask()
        except expected:
            if time.monotonic() > end:
                raise


# ---------------------------------------------------------------- connecting


def test_a_late_server_is_waited_for(proxy: Proxy, through: Any) -> None:
    proxy.refuse()
    later = threading.Timer(0.7, proxy.forward)
    later.start()
    assert through.find_by_id("nobody") is None
    later.join()


def test_a_server_that_is_not_there_is_unavailable(proxy: Proxy, opened: DataSource) -> None:
    proxy.refuse()
    url = f"cassandra://127.0.0.1:{proxy.port}/{opened.connector.session.keyspace}"
    with connect(url, {"connect_timeout": 2}) as db:
        with pytest.raises(UnavailableError, match="can be reached"):
            db.ping()
        proxy.forward()
        assert eventually(db.ping, UnavailableError, DeadlineError).product == "Cassandra"


# ---------------------------------------------------------------- while working


def test_a_dropped_connection_is_made_again(proxy: Proxy, through: Any, direct: Any) -> None:
    key = fresh()
    through.create(id=key, name="a")
    proxy.cut_now()
    assert eventually(lambda: through.find_by_id(key), UnavailableError).name == "a"
    changed = eventually(
        lambda: through.upsert({"id": key, "name": "b"}), UnavailableError, OutcomeUnknownError
    )
    assert changed.name == direct.find_by_id(key).name == "b"


def test_a_write_whose_answer_is_cut_off_is_never_a_plain_failure(
    proxy: Proxy, through: Any, direct: Any
) -> None:
    """It was applied, so the call says that, or that it does not know."""
    key = fresh()
    through.create(id=key, name="a")
    held = through.find_by_id(key)
    held.patch({"name": "a"})
    proxy.cut(after=0, side="response", times=3)
    try:
        held.patch({"name": "b"})
    except OutcomeUnknownError as error:
        assert error.outcome == "unknown"
    except UnavailableError:  # the connection was found broken before anything was sent
        assert direct.find_by_id(key).name == "a"
    else:
        assert direct.find_by_id(key).name == "b"
    proxy.forward()
    assert eventually(lambda: through.find_by_id(key), UnavailableError).name in {"a", "b"}


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_server_that_hangs(proxy: Proxy, through: Any, direct: Any, colour: str) -> None:
    """Reads end at their deadline; of writes nobody knows; both work again afterwards."""
    key = fresh()
    through.create(id=key, name="a")
    held = through.find_by_id(key)
    db = through.__link__.source

    def find() -> Any:
        if colour == "sync":
            return through.find_by_id(key)
        return asyncio.run(through.aio.find_by_id(key))

    def patch(name: str) -> Any:
        if colour == "sync":
            return held.patch({"name": name})
        return asyncio.run(held.aio.patch({"name": name}))

    patch("a")  # statements are prepared now
    proxy.hang()
    begun = time.monotonic()
    with db.options(timeout=SHORT):
        with pytest.raises(DeadlineError):
            find()
        with pytest.raises(OutcomeUnknownError):
            patch("b")
    assert time.monotonic() - begun < 10 * SHORT
    proxy.forward()
    eventually(find, UnavailableError, DeadlineError)
    assert direct.find_by_id(key).name in {"a", "b"}
    assert eventually(lambda: patch("c"), UnavailableError).name == "c"


@pytest.mark.parametrize("after", [100, 300, 2000], ids="{} bytes".format)
@pytest.mark.parametrize("through", [{"heartbeat": 1}], indirect=True, ids=[""])
def test_a_bulk_through_a_cut_tells_of_each_row(
    proxy: Proxy, through: Any, direct: Any, after: int
) -> None:
    """Wherever it is: in the answer that a statement is prepared, too, or inside of a frame.

    Of an end inside of a frame the driver hears by its signs of life alone.
    """
    keys = [fresh() for _ in range(200)]
    eventually(lambda: through.find_by_id(keys[0]), UnavailableError)
    proxy.cut(after=after, side="response")
    rows = [{"id": key, "rank": 1} for key in keys]
    # Unavailable it is where the statement could not be prepared: then nothing was sent.
    result = eventually(lambda: through.create_all(rows, on_error="collect"), UnavailableError)
    assert_told(result, keys, direct)


def test_a_bulk_whose_time_is_over_tells_of_each_row(
    proxy: Proxy, through: Any, direct: Any
) -> None:
    """Some rows are answered, others are not, many are not even sent."""
    through.create(id=fresh(), rank=1)  # statements are prepared now
    told: set[str] = set()
    for seconds in (SHORT, 3 * SHORT):  # a slow machine answers nothing within the first
        keys = [fresh() for _ in range(1500)]
        rows = [{"id": key, "rank": 1} for key in keys]
        proxy.delay(0.1)
        with through.__link__.source.options(timeout=seconds):
            result = through.create_all(rows, on_error="collect")
        proxy.forward()
        told = {row.status for row in result.results}
        assert_told(result, keys, direct)
        if "created" in told:
            break
    assert told >= {"created", "failed"}


def test_a_bulk_that_is_awaited_tells_of_each_row_when_its_time_is_over(
    proxy: Proxy, through: Any, direct: Any
) -> None:
    through.create(id=fresh(), rank=1)
    keys = [fresh() for _ in range(1500)]
    rows = [{"id": key, "rank": 1} for key in keys]
    proxy.delay(0.1)
    with through.__link__.source.options(timeout=SHORT):
        result = asyncio.run(through.aio.create_all(rows, on_error="collect"))
    proxy.forward()
    assert_told(result, keys, direct)


def assert_told(result: Any, keys: list[str], direct: Any) -> None:
    there = {row.id for row in direct.find_by_ids(keys)}
    told = {row.key[0]: row.status for row in result.results}
    assert set(told) == set(keys)
    assert {key for key, status in told.items() if status == "created"} <= there
    failed = {key for key, status in told.items() if status == "failed"}
    assert not failed & there, "a row was told to have failed and is there"
    assert {error.key for _, error in result.failed} == {
        (key,) for key, status in told.items() if status != "created"
    }


# ---------------------------------------------------------------- the keyspace


def test_a_keyspace_dropped_under_the_client(server: str) -> None:
    with connect(
        f"{server}/juggler_gone",
        {"create_keyspace": True, "consistency": "ONE", "connect_timeout": 60},
    ) as db:
        Gone = db.define("Gone", ROWS)
        db.autoupdate("Gone")
        Gone.create(id="1", name="a")
        db.execute("DROP KEYSPACE juggler_gone")
        for ask in (
            lambda: Gone.find_by_id("1"),
            lambda: Gone.find({"where": {"id": "1"}}),
            lambda: Gone.create(id="2"),
            lambda: Gone.create_all([{"id": "3"}, {"id": "4"}]),
        ):
            with pytest.raises(Exception) as caught:  # noqa: PT011 - inspected below
                ask()
            error: Any = caught.value
            found = error.exceptions[0] if hasattr(error, "exceptions") else error
            assert isinstance(found, SchemaMissingError), repr(error)
            assert "autoupdate" in found.hint
        db.autoupdate("Gone")
        Gone.create(id="1", name="b")
        assert Gone.find_by_id("1").name == "b"
        db.execute("DROP KEYSPACE juggler_gone")


def test_a_table_made_anew_under_the_client(url: str, table: Callable[..., Any]) -> None:
    """Prepared statements of the old table are not used on the new one."""
    Anew = table("Anew", ROWS)
    Anew.create(id="1", name="a")
    with connect(url, {"consistency": "ONE", "connect_timeout": 60}) as other:
        other.define("Anew", ROWS)
        other.automigrate("Anew", allow_data_loss=True)
    assert Anew.find_by_id("1") is None
    Anew.create(id="1", name="b")
    assert Anew.find_by_id("1").name == "b"


# ---------------------------------------------------------------- transactions without an answer


class _Unanswered:
    """The server applies the next writes, or never sees them, and reports a timeout."""

    def __init__(self, session: Any, monkeypatch: pytest.MonkeyPatch, *, applied: bool) -> None:
        self.applied = applied
        self.left = 1
        self.send = session.send
        monkeypatch.setattr(session, "send", self)

    def __call__(self, statement: Any, *args: Any, **more: Any) -> Any:
        text = statement.prepared_statement.query_string
        if not self.left or text.startswith("SELECT"):
            return self.send(statement, *args, **more)
        self.left -= 1
        if self.applied:
            self.send(statement, *args, **more).result()
        raise WriteTimeout("timeout", consistency=8, write_type=WriteType.CAS)


@pytest.mark.parametrize("applied", [True, False])
def test_a_transaction_that_timed_out_is_decided_by_a_serial_read(
    db: DataSource,
    table: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    applied: bool,
) -> None:
    Versioned = table("Decided", ROWS, versioned=True)
    key = fresh()
    row = Versioned.create(id=key, name="a")
    unanswered = _Unanswered(db.connector.session, monkeypatch, applied=applied)
    assert row.patch({"name": "b"}).name == "b"  # known, or known not to be and sent again
    assert unanswered.left == 0
    assert Versioned.find_by_id(key).name == "b"
    assert row.patch({"name": "c"}).name == "c"  # the version is right, too


def test_an_unconfirmed_delete_and_patch(
    db: DataSource, table: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    Basic = table("Faulty", ROWS)
    key = fresh()
    row = Basic.create(id=key, name="a")
    _Unanswered(db.connector.session, monkeypatch, applied=True)
    assert row.patch({"name": "b"}).name == "b"
    _Unanswered(db.connector.session, monkeypatch, applied=False)
    with pytest.raises(OutcomeUnknownError):
        row.patch({"name": "c"})
    _Unanswered(db.connector.session, monkeypatch, applied=True)
    assert Basic.delete_by_id(key) is None  # gone, and nobody knows by whom
    assert Basic.find_by_id(key) is None
    assert errors.NAME == "cassandra"
