"""A keyspace made by hand, discovered, written as typed classes, and made again from those."""

from __future__ import annotations

import datetime as dt
import sys
import types
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from juggler import CapabilityError, SchemaMissingError, UnsupportedModelError, connect
from servers import server_lasts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler import DataSource

pytestmark = pytest.mark.server
FOUND, AGAIN = "juggler_found", "juggler_again"
BY_HAND = """
CREATE TYPE place (street text, no int, tags frozen<set<text>>);
CREATE TYPE "Person" (name text, home frozen<place>);
CREATE TYPE "Odd One" ("a b" text);
CREATE TABLE everything (
    p1 text, p2 int, c1 timestamp, c2 uuid,
    a ascii, bi bigint, b blob, bo boolean, d date, de decimal, du duration, db double, f float,
    i inet, n int, s smallint, t text, ti time, ts timestamp, tu timeuuid, ty tinyint, u uuid,
    vi varint, l list<text>, fl frozen<list<int>>, se set<uuid>, m map<text, int>,
    fm frozen<map<text, frozen<list<int>>>>, tp tuple<int, text>, pl frozen<place>, pe "Person",
    odd frozen<"Odd One">, lpl list<frozen<place>>, mpl map<text, frozen<place>>, tpl tuple<int, frozen<place>>,
    ve vector<float, 3>, st text static, "camelCase" text, "order" int,
    PRIMARY KEY ((p1, p2), c1, c2)
) WITH CLUSTERING ORDER BY (c1 DESC, c2 ASC) AND comment = 'all of it'
  AND default_time_to_live = 86400 AND compaction = {'class': 'TimeWindowCompactionStrategy',
  'compaction_window_size': 1, 'compaction_window_unit': 'HOURS'};
CREATE TABLE hits (page text PRIMARY KEY, n counter);
CREATE TABLE "Mixed" (
    id uuid PRIMARY KEY, team text, note text, labels map<text, text>, whole frozen<set<text>>);
CREATE INDEX mixed_team ON "Mixed" (team) USING 'sai' WITH OPTIONS = {'case_sensitive': 'false'};
CREATE INDEX mixed_note ON "Mixed" (note);
CREATE INDEX mixed_labels ON "Mixed" (entries(labels)) USING 'sai';
CREATE INDEX mixed_whole ON "Mixed" (full(whole)) USING 'sai';
CREATE MATERIALIZED VIEW mixed_by_team AS SELECT team, id, note FROM "Mixed"
    WHERE team IS NOT NULL AND id IS NOT NULL PRIMARY KEY (team, id)
    WITH CLUSTERING ORDER BY (id DESC);
"""
ROW: dict[str, Any] = {
    "p1": "", "p2": -(2**31), "c1": dt.datetime(1, 1, 1, tzinfo=dt.UTC), "c2": UUID(int=1),
    "a": "ascii", "bi": 2**63 - 1, "b": b"\0", "bo": False, "d": dt.date(9999, 12, 31),
    "de": Decimal("-0.10"), "du": dt.timedelta(days=1, microseconds=1), "db": 5e-324, "f": 0.5,
    "i": "::1", "n": 2**31 - 1, "s": -(2**15), "t": "\U0010ffff", "ti": dt.time(23, 59, 59, 999999),
    "ts": dt.datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=dt.UTC),
    "tu": UUID("00000000-0000-1000-8000-000000000000"), "ty": 127, "u": UUID(int=2**128 - 1),
    "vi": 2**100, "l": ["x", "x"], "fl": [2**31 - 1], "se": {UUID(int=3)}, "m": {"k": -1},
    "fm": {"k": [1, 2]}, "tp": (7, "x"), "pl": {"street": "s", "no": 1, "tags": {"t"}},
    "pe": {"name": "n", "home": {"street": "s", "no": 2, "tags": None}},
    "lpl": [{"street": "s", "no": 3, "tags": None}],
    "mpl": {"k": {"street": None, "no": 4, "tags": {"u"}}}, "ve": (0.5, 0.25, -1.5), "st": "static",
    "camelCase": "c", "order": 9,
}  # fmt: skip


@pytest.fixture(scope="module")
def found(server: str) -> Iterator[DataSource]:
    """A data source on the keyspace made by hand."""
    options = {"consistency": "ONE", "connect_timeout": 60}
    with connect(f"{server}/{FOUND}", options) as db:
        for keyspace in (FOUND, AGAIN):
            db.execute(f"DROP KEYSPACE IF EXISTS {keyspace}")
        replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
        db.execute(f"CREATE KEYSPACE {FOUND} WITH replication = {replication}")
        for statement in BY_HAND.split(";"):
            if statement.strip():
                db.execute(statement)
        yield db
        for keyspace in (FOUND, AGAIN) if server_lasts() else ():
            db.execute(f"DROP KEYSPACE IF EXISTS {keyspace}")


@pytest.fixture(scope="module")
def typed(found: DataSource) -> Iterator[Any]:
    """The module of typed classes that discovery writes."""
    module = types.ModuleType("discovered_models")
    sys.modules[module.__name__] = module
    exec(compile(found.discover().python(), "models.py", "exec"), vars(module))  # noqa: S102 - ours
    yield module
    del sys.modules[module.__name__]


def test_typed_classes_are_what_is_there(found: DataSource, typed: Any) -> None:
    found.attach(typed.Everything, typed.Mixed, typed.Hits, typed.MixedByTeam)
    assert not found.plan().pending, str(found.plan())
    odd, tpl = found.discover().notes
    assert odd.startswith("everything.odd is left out")
    assert tpl.startswith("everything.tpl is left out")
    typed.Everything.create(ROW)
    row = typed.Everything.find_by_id(tuple(ROW[n] for n in ("p1", "p2", "c1", "c2"))).to_object()
    for name, value in ROW.items():
        assert row[name] == value, name
    typed.Mixed.create(id=UUID(int=1), team="Blue", labels={"a": "b"})
    assert [m.id for m in typed.Mixed.find({"where": {"team": "blue"}})] == []
    assert [m.id for m in typed.Mixed.find({"where": {"labels.a": "b"}})] == [UUID(int=1)]
    assert [m.id for m in typed.MixedByTeam.find({"where": {"team": "Blue"}})] == [UUID(int=1)]
    with pytest.raises(CapabilityError, match="view of"):
        typed.MixedByTeam.create(team="Red", id=UUID(int=2))


def test_documents_build_the_same_models(found: DataSource, server: str) -> None:
    with connect(f"{server}/{FOUND}", {"consistency": "ONE", "connect_timeout": 60}) as db:
        built = {document["name"]: db.from_ldl(document) for document in found.discover().ldl()}
        assert not db.plan().pending, str(db.plan())
        assert built["Mixed"].find({"where": {"note": "none"}}) == []
        assert [fact["columnName"] for fact in db.discover_primary_keys("everything")] == [
            "p1", "p2", "c1", "c2",
        ]  # fmt: skip
        assert db.discover_foreign_keys("everything") == []
        kinds = {fact["name"]: fact["type"] for fact in db.discover_model_definitions(views=True)}
        assert (kinds["mixed_by_team"], kinds["hits"]) == ("view", "table")
        assert {fact["owner"] for fact in db.discover_model_definitions()} == {FOUND}


def test_another_keyspace_is_read_and_never_mistaken(
    found: DataSource, url: str, opened: DataSource
) -> None:
    assert opened.ping().product == "Cassandra"
    with connect(url, {"consistency": "ONE", "connect_timeout": 60}) as db:
        documents = {document["name"]: document for document in db.discover(owner=FOUND).ldl()}
        assert documents["Hits"]["options"]["cassandra"] == {"schema": FOUND}
        with pytest.raises(UnsupportedModelError, match="it is of the keyspace 'juggler_found'"):
            db.from_ldl(documents["Hits"])
    with connect(url.replace("juggler_io", found.connector.session.keyspace)) as db:
        assert db.from_ldl(documents["Hits"]).find() == []
    with (
        connect(
            url.replace("juggler_io", "juggler_foud"), {"consistency": "ONE", "connect_timeout": 60}
        ) as db,
        pytest.raises(SchemaMissingError, match="no keyspace 'juggler_foud'") as missing,
    ):
        db.discover()
    assert "'juggler_found'" in missing.value.hint


LEFT_OUT = {("everything", "tpl"), ("everything", "odd")}
_SCHEMA = {
    "columns": "table_name, column_name, type, kind, position, clustering_order",
    "types": "type_name, field_names, field_types",
    "tables": "table_name, comment, default_time_to_live, compaction",
}


def test_made_again_they_are_the_same(found: DataSource, typed: Any, server: str) -> None:
    """Every column, type and index of the tables, from the classes alone, in another keyspace."""
    with connect(
        f"{server}/{AGAIN}", {"create_keyspace": True, "consistency": "ONE", "connect_timeout": 60}
    ) as db:
        for model in (typed.Everything, typed.Mixed, typed.Hits):
            db.from_ldl(_document(found, model))
        for document in found.discover().ldl():
            if document["options"].get("abstract"):
                db.from_ldl(document)
        db.autoupdate()
        for table, columns in _SCHEMA.items():
            one, two = (_rows(found, table, columns, keyspace) for keyspace in (FOUND, AGAIN))
            kept = [row for row in one if row[:2] not in LEFT_OUT and row[0] != "Odd One"]
            assert kept == two, table
        one, two = (_indexes(found, keyspace) for keyspace in (FOUND, AGAIN))
        assert one == two


def _document(found: DataSource, model: Any) -> dict[str, Any]:
    return next(d for d in found.discover().ldl() if d["name"] == model.__name__)


def _rows(db: DataSource, table: str, columns: str, keyspace: str) -> list[Any]:
    query = f"SELECT {columns} FROM system_schema.{table} WHERE keyspace_name = ?"
    rows = [tuple(map(str, row.values())) for row in db.execute(query, [keyspace])]
    return sorted(row for row in rows if row[0] != "mixed_by_team")


def _indexes(db: DataSource, keyspace: str) -> list[Any]:
    query = "SELECT table_name, kind, options FROM system_schema.indexes WHERE keyspace_name = ?"
    rows = db.execute(query, [keyspace])
    return sorted(str((r["table_name"], r["kind"], sorted(r["options"].items()))) for r in rows)
