"""Settings as the server sees them: levels, sessions of one's own, processes, names, encryption."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING, Any

import pytest
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.query import dict_factory

from juggler import (
    CapabilityError,
    ConfigurationError,
    DeadlineError,
    UnavailableError,
    UnsupportedModelError,
    connect,
)
from juggler.connector.url import parse_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler import DataSource

pytestmark = pytest.mark.server
ROWS = {"id": {"type": "string", "id": True}, "name": "string"}
LEVELS = {"ONE": 1, "QUORUM": 4, "LOCAL_QUORUM": 6, "LOCAL_SERIAL": 9, "LOCAL_ONE": 10, "ALL": 5}


class _Seen:
    """The levels of the statements that are sent."""

    def __init__(self, db: DataSource, monkeypatch: pytest.MonkeyPatch) -> None:
        session = db.connector.session
        self.levels: list[int] = []
        send = session.send

        def sent(statement: Any, consistency: int, *args: Any, **more: Any) -> Any:
            self.levels.append(consistency)
            return send(statement, consistency, *args, **more)

        monkeypatch.setattr(session, "send", sent)

    def of(self, act: Callable[[], Any]) -> set[str]:
        self.levels.clear()
        act()
        names = {number: name for name, number in LEVELS.items()}
        return {names[level] for level in self.levels}


def test_the_nearest_level_counts(
    db: DataSource, table: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Call over block over model over data source (which says ONE here)."""
    Plain = table("Levels", ROWS)
    Own = table("OwnLevel", ROWS, cassandra={"consistency": "QUORUM"})
    seen = _Seen(db, monkeypatch)
    by_id = {"where": {"id": "1"}}
    assert seen.of(lambda: Plain.find(by_id)) == {"ONE"}
    assert seen.of(lambda: Plain.find_by_id("1")) == {"ONE"}
    assert seen.of(lambda: Plain.upsert({"id": "1"})) == {"ONE"}
    assert seen.of(lambda: Own.find(by_id)) == {"QUORUM"}
    assert seen.of(lambda: Own.find_by_id("1")) == {"QUORUM"}
    assert seen.of(lambda: Own.replace_or_create({"id": "1"})) == {"QUORUM"}
    assert seen.of(lambda: Own.find(by_id, consistency="LOCAL_ONE")) == {"LOCAL_ONE"}
    assert seen.of(lambda: Own.find(by_id, consistency="strong")) == {"LOCAL_SERIAL"}
    with db.options(consistency="ALL"):
        assert seen.of(lambda: Own.find_by_id("1")) == {"ALL"}
        assert seen.of(lambda: Plain.replace_or_create({"id": "1"})) == {"ALL"}
    with pytest.raises(CapabilityError, match="no consistency level"):
        Plain.find(by_id, consistency="MOST")
    with pytest.raises(UnsupportedModelError, match="no level of reads and writes"):
        db.define("Wrong", ROWS, {"cassandra": {"consistency": "SERIAL"}})


def test_a_session_of_ones_own_stays_as_it_is(url: str, table: Callable[..., Any]) -> None:
    table("Levels", ROWS)
    settings = parse_url(url)[1]
    profile = ExecutionProfile(row_factory=dict_factory, request_timeout=17)
    cluster = Cluster(
        ["127.0.0.1"],
        port=int(settings["port"]),
        protocol_version=5,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
    )
    try:
        session = cluster.connect(settings["database"])
        before, profiles = dict(vars(session)), list(cluster.profile_manager.profiles)
        with connect(
            "cassandra:", {"session": session, "consistency": "ONE", "connect_timeout": 60}
        ) as db:
            Levels = db.define("Levels", ROWS)
            Levels.upsert({"id": "own", "name": "x"})
            assert Levels.find_by_id("own").name == "x"
        assert not session.is_shutdown
        assert session.execute('SELECT name FROM "Levels" WHERE id = %s', ["own"]).one() == {
            "name": "x"
        }
        for name in ("row_factory", "keyspace", "default_fetch_size", "client_protocol_handler"):
            assert getattr(session, name, None) == before.get(name, getattr(session, name, None))
        assert (profile.row_factory, profile.request_timeout) == (dict_factory, 17)
        assert list(cluster.profile_manager.profiles) == profiles
    finally:
        cluster.shutdown()


def _in_child(model: Any, number: int, told: Any) -> None:
    try:
        model.replace_or_create({"id": f"fork-{number}", "name": str(number)})
        told.put((number, model.find_by_id(f"fork-{number}").name))
    except BaseException as error:  # noqa: BLE001 - told to the parent
        told.put((number, repr(error)))


def test_workers_after_a_fork_connect_by_themselves(table: Callable[..., Any]) -> None:
    Levels = table("Levels", ROWS)
    Levels.upsert({"id": "parent", "name": "p"})
    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()
    workers = [context.Process(target=_in_child, args=(Levels, n, told)) for n in range(3)]
    for worker in workers:
        worker.start()
    answers = dict(told.get() for _ in workers)
    for worker in workers:
        worker.join(30)
    assert answers == {n: str(n) for n in range(3)}
    assert Levels.find_by_id("parent").name == "p", "the parent's connection works on"


def test_reads_are_sent_elsewhere_when_they_are_late(url: str, table: Callable[..., Any]) -> None:
    """Only what may be repeated: reads are marked so, writes are not."""
    table("Levels", ROWS)
    options = {
        "consistency": "ONE", "connect_timeout": 60,
        "speculative_delay": 0.05, "speculative_attempts": 1,
    }  # fmt: skip
    with connect(url, options) as db:
        Levels = db.define("Levels", ROWS)
        Levels.upsert({"id": "s", "name": "x"})
        assert Levels.find_by_id("s").name == "x"
        prepared = db.connector.session._prepared
        marks = {text.split()[0]: one.is_idempotent for text, one in prepared.items()}
        assert marks["SELECT"]
        assert not marks.get("UPDATE", False)
        assert not marks.get("INSERT", False)
        profile = db.connector.session._profile
        policy = profile.speculative_execution_policy
        assert (policy.delay, policy.max_attempts) == (0.05, 1)


def test_certificates_are_looked_at_before_anything_is_sent() -> None:
    with (
        pytest.raises(ConfigurationError, match="certificates"),
        connect("cassandra://127.0.0.1:1/x", {"tls_options": {"ca_certs": "/nowhere.pem"}}) as db,
    ):
        db.ping()


def test_a_server_without_tls_is_not_talked_to_in_the_clear(url: str) -> None:
    with (
        connect(url, {"tls": True, "connect_timeout": 1}) as db,
        pytest.raises((UnavailableError, DeadlineError)),
    ):
        db.ping()


def test_a_data_centre_that_is_not_there_is_named(url: str) -> None:
    with (
        connect(url, {"local_dc": "dc9", "connect_timeout": 60}) as db,
        pytest.raises(ConfigurationError, match="no node is in the data centre 'dc9'") as wrong,
    ):
        db.ping()
    assert "datacenter1" in wrong.value.hint


def test_a_host_that_nobody_knows_is_named() -> None:
    with (
        connect("cassandra://no-such-host.invalid/x", {"connect_timeout": 0.1}) as db,
        pytest.raises(UnavailableError, match=r"no address is known of no-such-host\.invalid"),
    ):
        db.ping()
