"""The tutorial on a real server: every question, its answer, what is refused and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import tutorial

from juggler import (
    CapabilityError,
    CostGuardError,
    DataSource,
    JugglerError,
    SchemaDriftError,
    connect,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    from servers import cassandra_url  # noqa: PLC0415 - only where a server is wanted

    with cassandra_url() as address:
        yield f"{address.rstrip('/')}/tutorial_test"


@pytest.fixture(scope="module")
def db(url: str) -> Iterator[DataSource]:
    """A keyspace of its own, so that every test runs alone."""
    keyspace = url.rpartition("/")[2]
    with connect(url, {"connect_timeout": 60}) as source:
        source.execute(f"DROP KEYSPACE IF EXISTS {keyspace}")
        replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
        source.execute(f"CREATE KEYSPACE {keyspace} WITH replication = {replication}")
        yield source
        source.execute(f"DROP KEYSPACE {keyspace}")


def test_views_made_by_hand(db: DataSource, capsys: pytest.CaptureFixture[str]) -> None:
    all_info, members, teams = tutorial.by_hand(db)
    tutorial.wait_for(lambda: members.find(allow_scan=True), 5)
    tutorial.wait_for(lambda: teams.find(allow_scan=True), 4)

    blue, unregistered, both, north, green = tutorial.five_finds(members, teams)

    # The partial `id` did not make two rows of one team into one.
    assert sorted(row["member"] for row in blue) == ["Bob", "Mary"]
    assert sorted(row["member"] for row in unregistered) == ["Mary", "Peter"]
    assert [(row["member"], row["zipCode"]) for row in both] == [("Bob", 98004)]
    assert north == [{"league": "North", "team": "Blue"}, {"league": "North", "team": "Green"}]
    assert green == [{"league": "North", "team": "Green"}]
    refused = capsys.readouterr().out
    assert refused.count("refused: [cost-guard]") == 2
    assert 'key=Key(partition=("registered",))' in refused
    assert 'key=Key(partition=("team",))' in refused

    # Rows with an empty member are rows as any.
    assert all_info.count({"team": "Blue"}, allow_scan=True) == 3
    assert all_info.find_by_id({"team": "Blue", "member": ""}).league == "North"
    with pytest.raises(CapabilityError, match="view of allInfo"):
        members.create({"team": "Blue", "member": "Ann", "registered": True})
    with pytest.raises(SchemaDriftError, match="team, registered, member"):
        members.find_by_id("Blue")


def test_the_second_view_as_it_used_to_be_made(db: DataSource) -> None:
    tutorial.by_hand(db)
    with pytest.raises(JugglerError, match="Unknown column 'member'"):
        db.execute(
            'CREATE MATERIALIZED VIEW teams2 AS SELECT team, league FROM "allInfo" '
            "WHERE team IS NOT NULL AND member IS NOT NULL AND league IS NOT NULL "
            "PRIMARY KEY (league, team, member)"
        )


def test_views_declared_in_the_model(db: DataSource, capsys: pytest.CaptureFixture[str]) -> None:
    tutorial.clear(db)
    found = tutorial.declared(db)
    printed = capsys.readouterr().out
    assert printed.count("create-view") == 3
    assert found["unregistered"] == found["routed"] == ["Mary", "Peter"]
    assert found["north"] == ["Blue", "Green"]
    (green,) = found["green"]
    assert green["league"] == "North"
    assert "member" not in green
    assert 'FROM "Registered"' in found["plan"]
    assert "rejected  partition of all_info" in found["plan"]
    with pytest.raises(CostGuardError):
        tutorial.AllInfo.find({"where": {"registered": False}})
    with pytest.raises(CapabilityError, match="view of"):
        tutorial.Leagues.create({"league": "North", "team": "Pink", "member": ""})
    assert db.check().is_actual


def test_the_program_runs_again(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    other = f"{url}_program"
    with connect(other, {"connect_timeout": 60}) as db:
        db.execute("DROP KEYSPACE IF EXISTS tutorial_test_program")
    tutorial.main(other)
    tutorial.main(other)
    printed = capsys.readouterr().out
    assert printed.count("refused: [cost-guard]") == 4
    assert "unregistered: ['Mary', 'Peter']" in printed
