"""Every way in which a table can differ from its model, on a real server: seen, judged, mended.

All tables are made by hand first, and planned together, since each change of the schema takes time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from attrs import field, frozen

from juggler import (
    Key,
    Model,
    Prop,
    UnsafeMigrationError,
    UnsupportedModelError,
    View,
    connect,
    prop,
)
from servers import server_lasts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler import DataSource

pytestmark = pytest.mark.server
KEYSPACE = "juggler_drift"
BODY = "(p text, c bigint, age bigint, note text, PRIMARY KEY (p, c))"
ORDER = "WITH CLUSTERING ORDER BY (c DESC)"
PROPERTIES = {"p": "string", "c": "integer", "age": "integer", "note": "string"}


@frozen
class Drift:
    """A table as it was made (``TABLE`` is its name), and what its plan has to say.

    Attributes:
        made: statements.
        steps: (kind, target, safety) of the steps; ``TABLE`` is the table's name.
        says: words in the reasons.
        properties: beside and instead of those that every model here has; None takes one away.
        options: settings of the model.
    """

    made: tuple[str, ...]
    steps: tuple[tuple[str, str, str], ...]
    says: str = ""
    properties: dict[str, Any] = field(factory=dict)
    options: dict[str, Any] = field(factory=dict)

    @property
    def possible(self) -> bool:
        """Whether the plan can be applied as it is."""
        return not any(safety in {"impossible", "rewrite"} for *_, safety in self.steps)


TABLE = f"CREATE TABLE TABLE {BODY} {ORDER}"
INDEXED = {"note": {"type": "string", "index": True}}
LIST = {"tags": {"type": ["string"]}}
NESTED = {"home": {"street": "string", "no": "integer"}}
SET = {"type": "set<string>", "cassandra": {"frozen": False}}


def table(columns: str, key: str = "p, c", order: str = ORDER) -> str:
    return f"CREATE TABLE TABLE ({columns}, PRIMARY KEY ({key})) {order}"


DRIFTS: dict[str, Drift] = {
    "same": Drift((TABLE,), ()),
    "number": Drift((table("p ascii, c int, age varint, note text"),), ()),
    "missing": Drift(
        (table("p text, c bigint, note text"),), (("add-column", "TABLE.age", "safe"),)
    ),
    "dropped_same": Drift(
        (TABLE, "ALTER TABLE TABLE DROP age"), (("add-column", "TABLE.age", "safe"),)
    ),
    "dropped_other": Drift(
        (table("p text, c bigint, age set<text>, note text"), "ALTER TABLE TABLE DROP age"),
        (("add-column", "TABLE.age", "impossible"),),
        "was dropped as regular set<text>",
    ),
    "dropped_static": Drift(
        (table("p text, c bigint, age bigint static, note text"), "ALTER TABLE TABLE DROP age"),
        (("add-column", "TABLE.age", "impossible"),),
        "was dropped as static",
    ),
    "surplus": Drift(
        (
            table("p text, c bigint, age bigint, note text, old int"),
            "CREATE INDEX old_by_hand ON TABLE (old)",
        ),
        (("drop-column", "TABLE.old", "info"), ("surplus-index", "old_by_hand", "info")),
        "old_by_hand goes with it",
    ),
    "surplus_viewed": Drift(
        (
            table("p text, c bigint, age bigint, note text, old int"),
            "CREATE MATERIALIZED VIEW by_age AS SELECT p, c, age FROM TABLE WHERE p IS NOT NULL "
            "AND c IS NOT NULL AND age IS NOT NULL PRIMARY KEY (age, p, c)",
        ),
        (("surplus-column", "TABLE.old", "info"), ("surplus-view", "by_age", "info")),
        "as long as the table has views",
    ),
    "type": Drift(
        (table("p text, c bigint, age text, note text"),),
        (("change-type", "TABLE.age", "impossible"),),
        "text cannot become bigint",
    ),
    "frozen": Drift(
        (table("p text, c bigint, age bigint, note text, tags list<text>"),),
        (("change-type", "TABLE.tags", "impossible"),),
        '"frozen": False',
        LIST,
    ),
    "static": Drift(
        (table("p text, c bigint, age bigint static, note text"),),
        (("change-static", "TABLE.age", "impossible"),),
        "it is static",
    ),
    "not_static": Drift(
        (TABLE,),
        (("change-static", "TABLE.age", "impossible"),),
        "it is not static",
        {"age": {"type": "integer", "cassandra": {"static": True}}},
    ),
    "partition": Drift(
        (table("p text, c bigint, age bigint, note text", "(p, note), c"),),
        (("change-key", "TABLE", "impossible"),),
        "its partition key is (p, note)",
    ),
    "clustering": Drift(
        (table("p text, c bigint, age bigint, note text", "p, c, age"),),
        (("change-key", "TABLE", "impossible"),),
        "its clustering is (c, age)",
    ),
    "direction": Drift(
        (table("p text, c bigint, age bigint, note text", order=""),),
        (("change-order", "TABLE", "impossible"),),
        "cannot be turned",
    ),
    "renamed": Drift(
        (
            table("old text, c bigint, age bigint, note text", "old, c"),
            "INSERT INTO TABLE (old, c, age) VALUES ('x', 1, 7)",
        ),
        (("rename-column", "TABLE.p", "safe"),),
        "it was old",
        {"p": {"type": "string", "cassandra": {"renamed_from": "old"}}},
    ),
    "renamed_regular": Drift(
        (table("p text, c bigint, years bigint, note text"),),
        (("rename-column", "TABLE.age", "impossible"), ("drop-column", "TABLE.years", "info")),
        "not in the key and cannot be renamed",
        {"age": {"type": "integer", "cassandra": {"renamed_from": "years"}}},
    ),
    "options": Drift(
        (f"{TABLE} AND gc_grace_seconds = 60 AND comment = 'old'",),
        (("alter-table", "TABLE", "safe"),),
        "options comment, default_time_to_live",
        options={"comment": "new", "default_time_to_live": 60, "gc_grace_seconds": 60},
    ),
    "unindexed": Drift(
        (TABLE,), (("create-index", "TABLE_note_sai_jx", "online"),), properties=INDEXED
    ),
    "indexed": Drift(
        (TABLE, "CREATE INDEX TABLE_age_sai_jx ON TABLE (age) USING 'sai'"),
        (("drop-index", "TABLE_age_sai_jx", "info"),),
        "no property declares it any more",
    ),
    "class": Drift(
        (TABLE, "CREATE INDEX class_by_hand ON TABLE (note)"),
        (
            ("create-index", "TABLE_note_sai_jx", "online"),
            ("surplus-index", "class_by_hand", "info"),
        ),
        properties=INDEXED,
    ),
    "index_options": Drift(
        (
            TABLE,
            "CREATE INDEX TABLE_note_sai_jx ON TABLE (note) USING 'sai' "
            "WITH OPTIONS = {'case_sensitive': 'false'}",
        ),
        (
            ("drop-index", "TABLE_note_sai_jx", "online"),
            ("create-index", "TABLE_note_sai_jx", "online"),
        ),
        "there is no index",
        INDEXED,
    ),
    "index_target": Drift(
        (
            table("p text, c bigint, age bigint, note text, m map<text, text>"),
            "CREATE INDEX TABLE_m_keys_sai_jx ON TABLE (keys(m)) USING 'sai'",
        ),
        (
            ("create-index", "TABLE_m_values_sai_jx", "online"),
            ("drop-index", "TABLE_m_keys_sai_jx", "info"),
        ),
        properties={
            "m": {"type": "map<string, string>", "index": True, "cassandra": {"frozen": False}}
        },
    ),
    "name_taken": Drift(
        (TABLE, "CREATE TABLE other (a int PRIMARY KEY, b int)",
         "CREATE INDEX name_taken_note_sai_jx ON other (b) USING 'sai'"),
        (("create-index", "TABLE_note_sai_jx", "impossible"),),
        "table other has an index of that name",
        INDEXED,
    ),
    "counter": Drift(
        ("CREATE TABLE TABLE (p text, c bigint, age counter, PRIMARY KEY (p, c)) " + ORDER,),
        (("add-column", "TABLE.note", "impossible"), ("change-type", "TABLE.age", "impossible")),
        "counters alone",
    ),
    "a_view": Drift(
        (
            "CREATE TABLE viewed (p text, c bigint, age bigint, note text, PRIMARY KEY (c, p))",
            "CREATE MATERIALIZED VIEW TABLE AS SELECT * FROM viewed WHERE p IS NOT NULL "
            "AND c IS NOT NULL PRIMARY KEY (p, c)",
        ),
        (("create-table", "TABLE", "impossible"),),
        "is a view",
    ),
    "type_field": Drift(
        (
            'CREATE TYPE "type_field_home" (street text, old int)',
            table('p text, c bigint, age bigint, note text, home frozen<"type_field_home">'),
        ),
        (
            ("add-field", "type_field_home.no", "safe"),
            ("surplus-field", "type_field_home.old", "info"),
        ),
        "field cannot be dropped",
        NESTED,
    ),
    "type_changed": Drift(
        (
            'CREATE TYPE "type_changed_home" (street int, no bigint)',
            table('p text, c bigint, age bigint, note text, home frozen<"type_changed_home">'),
        ),
        (("change-field", "type_changed_home.street", "impossible"),),
        "int cannot become text",
        NESTED,
    ),
    "version": Drift(
        (TABLE,), (("add-column", "TABLE._version", "safe"),), options={"versioned": True}
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def drifted(server: str) -> Iterator[DataSource]:
    """A keyspace with all the tables, and the models of them."""
    with connect(f"{server}/{KEYSPACE}", {"consistency": "ONE", "connect_timeout": 60}) as db:
        db.execute(f"DROP KEYSPACE IF EXISTS {KEYSPACE}")
        replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
        db.execute(f"CREATE KEYSPACE {KEYSPACE} WITH replication = {replication}")
        for name, drift in DRIFTS.items():
            for text in drift.made:
                db.execute(text.replace("TABLE TABLE", f"TABLE {name}").replace("TABLE_", f"{name}_")
                           .replace("ON TABLE", f"ON {name}").replace("VIEW TABLE", f"VIEW {name}")
                           .replace("FROM TABLE", f"FROM {name}").replace("INTO TABLE", f"INTO {name}"))  # fmt: skip
            options = dict(drift.options)
            versioned = {"versioned": True} if options.pop("versioned", False) else {}
            key = {"partition": ["p"], "clustering": ["c DESC"]}
            db.define(
                name,
                {**PROPERTIES, **drift.properties},
                {"key": key, "cassandra": options, **versioned},
            )
        yield db
        if server_lasts():
            db.execute(f"DROP KEYSPACE IF EXISTS {KEYSPACE}")


def steps_of(db: DataSource) -> dict[str, set[tuple[str, str, str]]]:
    found: dict[str, set[tuple[str, str, str]]] = {name: set() for name in DRIFTS}
    for step in db.plan():
        found[str(step.model)].add((step.kind, step.target, step.safety))
    return found


def expected(name: str) -> set[tuple[str, str, str]]:
    return {(kind, at.replace("TABLE", name), safety) for kind, at, safety in DRIFTS[name].steps}


def test_every_drift_is_seen_and_mended_or_refused_as_a_whole(drifted: DataSource) -> None:
    found = steps_of(drifted)
    assert found == {name: expected(name) for name in DRIFTS}
    reasons = dict.fromkeys(DRIFTS, "")
    for step in drifted.plan():
        reasons[str(step.model)] += step.reason
    for name, drift in DRIFTS.items():
        assert drift.says in reasons[name], name

    possible = [name for name, drift in DRIFTS.items() if drift.possible]
    for name in DRIFTS.keys() - set(possible):
        with pytest.raises(UnsafeMigrationError, match="nothing was applied"):
            drifted.autoupdate([name, "missing"])
    assert steps_of(drifted) == found, "a refused plan changed something"

    drifted.autoupdate(possible)
    after = steps_of(drifted)
    for name in possible:
        assert {step for step in after[name] if step[2] != "info"} == set(), name
        assert drifted.is_actual(name)
    assert drifted.get_model("renamed").find_by_id(("x", 1)).age == 7
    drifted.get_model("type_field").create(p="x", c=1, home={"street": "s", "no": 3})
    assert drifted.get_model("type_field").find_by_id(("x", 1)).home["no"] == 3
    drifted.get_model("unindexed").create(p="x", c=1, note="n")
    found_by_index = drifted.get_model("unindexed").where({"note": "n"})
    assert found_by_index.explain().to_dict()["path"] == "index"
    assert [row.p for row in found_by_index.all()] == ["x"]

    # What no model declares goes only when that is said.
    drifted.plan(["surplus", "indexed", "index_target"]).apply(allow={"drop"})
    assert not list(drifted.plan(["indexed", "index_target"]))
    columns = {fact["columnName"] for fact in drifted.discover_model_properties("surplus")}
    assert columns == {"p", "c", "age", "note"}
    assert not drifted.check().is_actual


def _views() -> tuple[Any, Any, Any]:
    class Based(Model, key=Key(partition=("p",), clustering=("-c",))):
        p: Prop[str]
        c: Prop[int]
        age: Prop[int | None] = prop(default=None)
        note: Prop[str | None] = prop(default=None)

    class ByNote(View, of=Based, key=Key(partition=("note",), clustering=("-age",))):
        pass

    class ByAge(View, of=Based, key=Key(partition=("age",)), fields=("note",)):
        pass

    return Based, ByNote, ByAge


def test_views_that_differ_are_made_anew_when_that_is_allowed(server: str) -> None:
    options = {"create_keyspace": True, "consistency": "ONE", "connect_timeout": 60}
    with connect(f"{server}/{KEYSPACE}_views", options) as db:
        db.execute(f"DROP KEYSPACE IF EXISTS {KEYSPACE}_views")
        Based, _, ByAge = models = _views()
        with pytest.raises(UnsupportedModelError, match="only one such column is possible"):
            db.attach(*models)
        db.detach(*models)
        db.attach(Based, ByAge)
        assert [step.kind for step in db.plan()] == [
            "create-keyspace", "create-table", "create-view"
        ]  # fmt: skip
        db.plan().apply()
        assert db.check().is_actual
        Based.create_all([{"p": "x", "c": n, "age": n % 2, "note": "n"} for n in range(6)])
        where = "WHERE p IS NOT NULL AND c IS NOT NULL AND age IS NOT NULL"
        for text, says in (
            (f'SELECT p, c, age, note FROM "Based" {where} PRIMARY KEY (age, c, p)', "clustering"),
            (f'SELECT p, c, age FROM "Based" {where} PRIMARY KEY (age, p, c)', "lacks note"),
            (
                f"SELECT p, c, age, note FROM \"Based\" {where} AND p = 'x' PRIMARY KEY (age, p, c)"
                " WITH CLUSTERING ORDER BY (p ASC, c DESC)",
                "leaves rows out",
            ),
        ):
            db.execute('DROP MATERIALIZED VIEW "ByAge"')
            db.execute(f'CREATE MATERIALIZED VIEW "ByAge" AS {text}')
            drop, create = db.plan().steps
            assert (drop.kind, drop.safety, create.kind) == ("drop-view", "rewrite", "create-view")
            assert says in drop.reason
        with pytest.raises(UnsafeMigrationError):
            db.autoupdate()
        db.plan().apply(allow={"rewrite"})
        assert db.is_actual()
        assert len(ByAge.find({"where": {"age": 1}})) == 3, "it was waited for"
        db.execute(f"DROP KEYSPACE {KEYSPACE}_views")


def test_a_keyspace_that_is_missing_or_replicated_otherwise(server: str) -> None:
    url = f"{server}/{KEYSPACE}_none"
    with connect(url, {"consistency": "ONE", "connect_timeout": 60}) as db:
        db.define("Some", PROPERTIES | {"p": {"type": "string", "id": True}})
        with pytest.raises(UnsafeMigrationError, match="create_keyspace=true"):
            db.autoupdate()
    with connect(
        f"{server}/{KEYSPACE}_two",
        {"create_keyspace": True, "consistency": "ONE", "connect_timeout": 60},
    ) as db:
        replication = "{'class': 'NetworkTopologyStrategy', 'datacenter1': 1}"
        db.execute(f"CREATE KEYSPACE {KEYSPACE}_two WITH replication = {replication}")
        db.define("Some", PROPERTIES | {"p": {"type": "string", "id": True}})
        kinds = {(step.kind, step.safety) for step in db.plan()}
        assert kinds == {("alter-keyspace", "info"), ("create-table", "safe")}
        db.execute(f"DROP KEYSPACE {KEYSPACE}_two")
