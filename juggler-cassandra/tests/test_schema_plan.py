"""Schema plans: every difference between declarations and a server, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from cassandra_support import (
    ALL_INFO,
    MEMBERS,
    TEAMS,
    K,
    field,
    model,
    read_schema,
    view,
    with_views,
)

from juggler.spec import ColumnInfo, IndexInfo, IndexSpec, KeySpec, ModelSpec, StoreSchema
from juggler.values import TypeSpec, simple
from juggler_cassandra import schema_plan
from juggler_cassandra.declared import relation_of, type_fields
from juggler_cassandra.settings import CassandraSettings

if TYPE_CHECKING:
    from juggler.connector import SchemaStep

TAGS = TypeSpec(K.SET, of=simple(K.STRING))
USER = model(
    "user",
    [field("id", K.UUID), field("at", K.DATETIME), field("name", K.STRING), field("age", K.INTEGER),
     field("n", K.NUMBER), field("tags", TAGS)],
    ("id",),
    ("-at",),
    ["name"],
)  # fmt: skip
BASE = with_views(ALL_INFO, MEMBERS, TEAMS)


def steps(
    *models: ModelSpec, there: StoreSchema | None = None, mode: Any = "update", **settings: Any
) -> list[SchemaStep]:
    schema = StoreSchema() if there is None else there
    return list(schema_plan.plan(models, schema, mode, CassandraSettings(**settings)).steps)


def shown(found: list[SchemaStep]) -> list[tuple[str, str, str]]:
    return [(step.kind, step.target, step.safety) for step in found]


def natives(found: list[SchemaStep]) -> list[str]:
    return [text for step in found for text in step.native]


def changed(of: ModelSpec, **changes: Any) -> StoreSchema:
    """A server that has the model's table with other columns, key, indexes or facts."""
    info = relation_of(of)
    profile = changes.pop("profile", {})
    if "facts" in changes:
        changes["facts"] = {**info.facts, **changes["facts"]}
    return StoreSchema({of.storage_name: evolve(info, **changes)}, profile)


def columns(of: ModelSpec, **types: str | None) -> tuple[ColumnInfo, ...]:
    """The columns of a model, some of another type, some (None) missing, some more."""
    found = {c.name: c for c in relation_of(of).columns}
    for name, native in types.items():
        if native is None:
            del found[name]
        elif name in found:
            found[name] = evolve(found[name], native_type=native)
        else:
            found[name] = ColumnInfo(name, native, facts={"kind": "regular"})
    return tuple(found.values())


# ---------------------------------------------------------------- making


def test_what_is_missing_is_made_in_order() -> None:
    found = steps(MEMBERS, BASE, USER)
    assert shown(found) == [
        ("create-table", "allInfo", "safe"),
        ("create-table", "user", "safe"),
        ("create-index", "user_name_sai_jx", "online"),
        ("create-view", "members", "online"),
    ]
    assert natives(found) == [
        'CREATE TABLE "allInfo" ("team" text, "league" text, "member" text, "zipCode" double, '
        '"registered" boolean, PRIMARY KEY (("team", "member")))',
        'CREATE TABLE "user" ("id" uuid, "at" timestamp, "name" text, "age" bigint, "n" double, '
        '"tags" frozen<set<text>>, PRIMARY KEY (("id"), "at")) '
        'WITH CLUSTERING ORDER BY ("at" DESC)',
        'CREATE INDEX "user_name_sai_jx" ON "user" ("name") USING \'sai\'',
        'CREATE MATERIALIZED VIEW "members" AS SELECT "team", "registered", "member", "zipCode" '
        'FROM "allInfo" WHERE "team" IS NOT NULL AND "registered" IS NOT NULL AND "member" IS NOT '
        'NULL PRIMARY KEY (("team"), "registered", "member") '
        'WITH CLUSTERING ORDER BY ("registered" ASC, "member" ASC)',
    ]


def test_what_is_there_needs_nothing() -> None:
    there = read_schema(BASE, USER)
    for mode in ("check", "update", "create"):
        assert steps(BASE, MEMBERS, TEAMS, USER, there=there, mode=mode) == []


def test_names_have_their_keyspace() -> None:
    found = natives(steps(USER, BASE, TEAMS, database="shop"))
    assert all('"shop".' in text for text in found)
    assert 'ON "shop"."user"' in found[2]


def test_options_and_static_columns_are_in_the_table() -> None:
    options = {"comment": "it's", "gc_grace_seconds": 60, "compaction": {"class": "X", "on": True}}
    spec = model("t", [field("p", K.STRING), field("c", K.STRING), field("s", K.STRING, static=True)],
                 ("p",), ("c",), options=options, versioned=True)  # fmt: skip
    (text,) = natives(steps(spec))
    assert '"s" text STATIC' in text
    assert '"_version" bigint' in text
    assert text.endswith(
        "WITH comment = 'it''s' AND compaction = {'class': 'X', 'on': 'true'} AND gc_grace_seconds = 60"
    )


def test_recreate_drops_views_first_and_says_what_is_lost() -> None:
    there = read_schema(BASE)
    found = steps(BASE, MEMBERS, TEAMS, there=there, mode="recreate")
    assert shown(found) == [
        ("drop-view", "members", "online"),
        ("drop-view", "teams", "online"),
        ("drop-table", "allInfo", "destructive"),
        ("create-table", "allInfo", "safe"),
        ("create-view", "members", "online"),
        ("create-view", "teams", "online"),
    ]
    empty = evolve(there.relations["allInfo"], facts={"empty": True})
    nothing = StoreSchema({"allInfo": empty})
    assert shown(steps(ALL_INFO, there=nothing, mode="recreate"))[0] == (
        "drop-table", "allInfo", "safe"
    )  # fmt: skip
    by_hand = steps(ALL_INFO, there=there, mode="recreate")
    assert [s.safety for s in by_hand if s.kind == "drop-view"] == ["destructive", "destructive"]
    alone = steps(MEMBERS, there=there, mode="recreate")
    assert shown(alone) == [
        ("drop-view", "members", "online"),
        ("create-view", "members", "online"),
    ]


def test_unmanaged_models_are_left_alone() -> None:
    assert steps(evolve(USER, managed=False)) == []


# ---------------------------------------------------------------- drift


DRIFT: list[tuple[str, StoreSchema, tuple[str, str, str], str]] = [
    ("column missing", changed(USER, columns=columns(USER, age=None)), ("add-column", "user.age", "safe"), ""),
    ("column dropped as another type", changed(USER, columns=columns(USER, age=None), facts={"dropped": {"age": {"type": "text", "kind": "regular"}}}), ("add-column", "user.age", "impossible"), "dropped as regular text"),
    ("column dropped as static", changed(USER, columns=columns(USER, age=None), facts={"dropped": {"age": {"type": "bigint", "kind": "static"}}}), ("add-column", "user.age", "impossible"), "static"),
    ("column dropped as the same", changed(USER, columns=columns(USER, age=None), facts={"dropped": {"age": {"type": "bigint", "kind": "regular"}}}), ("add-column", "user.age", "safe"), ""),
    ("surplus column", changed(USER, columns=columns(USER, old="int")), ("drop-column", "user.old", "info"), "no property"),
    ("type", changed(USER, columns=columns(USER, age="text")), ("change-type", "user.age", "impossible"), "cannot become"),
    ("frozen", changed(USER, columns=columns(USER, tags="set<text>")), ("change-type", "user.tags", "impossible"), '"frozen": False'),
    ("static", changed(USER, columns=tuple(evolve(c, facts={"kind": "static"}) if c.name == "age" else c for c in columns(USER))), ("change-static", "user.age", "impossible"), "static"),
    ("partition key", changed(USER, key=KeySpec(("name",), (("at", "desc"),))), ("change-key", "user", "impossible"), "copy the rows"),
    ("clustering", changed(USER, key=KeySpec(("id",), (("name", "asc"),))), ("change-key", "user", "impossible"), "clustering"),
    ("direction", changed(USER, key=KeySpec(("id",), (("at", "asc"),))), ("change-order", "user", "impossible"), "cannot be turned"),
    ("index missing", changed(USER, indexes=()), ("create-index", "user_name_sai_jx", "online"), "no such index"),
    ("surplus index", changed(USER, indexes=(*relation_of(USER).indexes, IndexInfo("user_age_sai_jx", (("age", "asc"),), "sai"))), ("drop-index", "user_age_sai_jx", "info"), "any more"),
    ("index by hand", changed(USER, indexes=(*relation_of(USER).indexes, IndexInfo("mine", (("age", "asc"),), "sai"))), ("surplus-index", "mine", "info"), "by hand"),
    ("index in building", changed(USER, indexes=(evolve(relation_of(USER).indexes[0], facts={"building": True}),)), ("build-index", "user_name_sai_jx", "online"), "being built"),
    ("a view of that name", StoreSchema({"user": evolve(relation_of(MEMBERS), name="user")}), ("create-table", "user", "impossible"), "is a view"),
    ("counter beside columns", changed(USER, columns=(*columns(USER, age=None), ColumnInfo("hits", "counter", facts={"kind": "regular"}))), ("add-column", "user.age", "impossible"), "counters"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("there", "step", "says"), [d[1:] for d in DRIFT], ids=[d[0] for d in DRIFT]
)
def test_every_drift_has_its_step(
    there: StoreSchema, step: tuple[str, str, str], says: str
) -> None:
    for mode in ("check", "update"):
        found = steps(USER, there=there, mode=mode)
        assert step in shown(found)
        (one,) = [s for s in found if (s.kind, s.target, s.safety) == step]
        assert says in one.reason
        assert bool(one.native) is (
            step[2] in {"safe", "online"} and not step[0].startswith("build")
        ) or step[0].startswith("drop")
        assert one.model == "user"


def test_a_wider_or_narrower_number_is_no_drift() -> None:
    for native in ("int", "varint", "smallint"):
        assert steps(USER, there=changed(USER, columns=columns(USER, age=native, n=native))) == []
    assert steps(USER, there=changed(USER, columns=columns(USER, name="ascii"))) == []


def test_a_surplus_column_takes_its_index_along_and_stays_under_a_view() -> None:
    more = IndexInfo("old_i", (("old", "asc"),), "sai")
    there = changed(
        USER, columns=columns(USER, old="int"), indexes=(*relation_of(USER).indexes, more)
    )
    (drop,) = [s for s in steps(USER, there=there) if s.kind == "drop-column"]
    assert drop.native == ('DROP INDEX "old_i"', 'ALTER TABLE "user" DROP "old"')
    base = read_schema(BASE)
    info = base.relations["allInfo"]
    held = evolve(
        info, columns=(*info.columns, ColumnInfo("old", "int", facts={"kind": "regular"}))
    )
    there = StoreSchema({**base.relations, "allInfo": held})
    (kept,) = steps(BASE, there=there)
    assert (kept.kind, kept.native) == ("surplus-column", ())


def test_a_key_column_is_renamed_where_that_is_declared() -> None:
    renamed = model(
        "user",
        [field("uid", K.UUID, renamed_from="id"), *USER.fields[1:]],
        ("uid",),
        ("-at",),
        ["name"],
    )
    found = steps(renamed, there=changed(USER))
    assert shown(found) == [("rename-column", "user.uid", "safe")]
    assert natives(found) == ['ALTER TABLE "user" RENAME "id" TO "uid"']
    other = model(
        "user",
        [*USER.fields[:3], field("years", K.INTEGER, renamed_from="age"), *USER.fields[4:]],
        ("id",),
        ("-at",),
        ["name"],
    )
    found = steps(other, there=changed(USER))
    assert ("rename-column", "user.years", "impossible") in shown(found)
    plain = model("user", [field("uid", K.UUID), *USER.fields[1:]], ("uid",), ("-at",), ["name"])
    assert ("change-key", "user", "impossible") in shown(steps(plain, there=changed(USER)))


def test_options_are_altered_as_far_as_they_are_declared() -> None:
    wanted = evolve(
        USER, options={"gc_grace_seconds": 60, "compaction": {"class": "LeveledCompactionStrategy"}}
    )
    same = {
        "gc_grace_seconds": 60,
        "comment": "x",
        "compaction": {
            "class": "org.apache.cassandra.db.compaction.LeveledCompactionStrategy",
            "n": "4",
        },
    }
    assert steps(wanted, there=changed(USER, facts={"options": same})) == []
    (found,) = steps(
        wanted, there=changed(USER, facts={"options": {**same, "gc_grace_seconds": 864000}})
    )
    assert found.native == ('ALTER TABLE "user" WITH gc_grace_seconds = 60',)


def test_an_index_of_another_kind_is_made_anew() -> None:
    legacy = IndexInfo("user_name_legacy_jx", (("name", "asc"),), "legacy")
    found = steps(USER, there=changed(USER, indexes=(legacy,)))
    assert shown(found) == [
        ("drop-index", "user_name_legacy_jx", "info"), ("create-index", "user_name_sai_jx", "online")
    ]  # fmt: skip
    folds = evolve(relation_of(USER).indexes[0], facts={"options": {"case_sensitive": "false"}})
    found = steps(USER, there=changed(USER, indexes=(folds,)))
    assert shown(found) == [
        ("drop-index", "user_name_sai_jx", "online"), ("create-index", "user_name_sai_jx", "online")
    ]  # fmt: skip
    by_hand = evolve(folds, name="mine")
    assert shown(steps(USER, there=changed(USER, indexes=(by_hand,))))[0] == (
        "drop-index", "mine", "rewrite"
    )  # fmt: skip
    same = evolve(relation_of(USER).indexes[0], name="mine")
    assert steps(USER, there=changed(USER, indexes=(same,))) == []


def test_names_and_switches_of_the_server_are_known() -> None:
    taken = {"index_names": {"user_name_sai_jx": "other"}}
    (step,) = steps(USER, there=changed(USER, indexes=(), profile=taken))
    assert (step.safety, "other" in step.reason) == ("impossible", True)
    off = {"settings": {"materialized_views_enabled": False, "sasi_indexes_enabled": False}}
    there = StoreSchema(read_schema(ALL_INFO).relations, off)
    assert steps(with_views(ALL_INFO, MEMBERS), MEMBERS, there=there)[0].safety == "impossible"
    sasi = model(
        "user",
        USER.fields,
        ("id",),
        ("-at",),
        [IndexSpec("i", (("name", "asc"),), options={"kind": "sasi"})],
    )
    assert steps(sasi, there=changed(USER, indexes=(), profile=off))[0].safety == "impossible"


def test_an_index_has_a_name_that_is_its_own() -> None:
    from juggler_cassandra.declared import index_name  # noqa: PLC0415 - of this test

    one, two = index_name("t", "a b", "sai"), index_name("t", "a_b", "sai")
    assert one != two
    assert one.replace("_", "").isalnum()
    assert len(index_name("t" * 222, "c" * 500, "sai")) <= 222


# ---------------------------------------------------------------- views


def test_a_view_that_differs_is_made_anew_only_when_that_is_allowed() -> None:
    base = read_schema(BASE)
    info = base.relations["members"]
    differences = {
        "its partition key": evolve(info, key=KeySpec(("member",), (("team", "asc"), ("registered", "asc")))),
        "its clustering": evolve(info, key=KeySpec(("team",), (("registered", "desc"), ("member", "asc")))),
        "it lacks zipCode": evolve(info, columns=tuple(c for c in info.columns if c.name != "zipCode")),
        "it leaves rows out": evolve(info, facts={"where": "team = 'x' AND member IS NOT NULL AND registered IS NOT NULL"}),
        "not of allInfo": evolve(info, base="other"),
    }  # fmt: skip
    for says, other in differences.items():
        there = StoreSchema({**base.relations, "members": other})
        found = [
            s
            for s in steps(BASE, MEMBERS, there=there)
            if s.target == "members" and s.kind != "surplus-view"
        ]
        assert [s.kind for s in found] == ["drop-view", "create-view"]
        assert (found[0].safety, says in found[0].reason) == ("rewrite", True)
    more = evolve(info, columns=(*info.columns, ColumnInfo("league", "text")))
    assert steps(BASE, MEMBERS, there=StoreSchema({**base.relations, "members": more})) == []
    table = evolve(info, kind="table")
    (step,) = steps(MEMBERS, there=StoreSchema({"members": table}))
    assert step.safety == "impossible"
    building = evolve(info, facts={**info.facts, "building": True})
    (step,) = steps(BASE, MEMBERS, there=StoreSchema({**base.relations, "members": building}))
    assert (step.kind, step.safety) == ("build-view", "online")


def test_a_view_that_nobody_declares_is_named() -> None:
    (step,) = steps(with_views(ALL_INFO, MEMBERS), there=read_schema(BASE))
    assert shown([step]) == [("surplus-view", "teams", "info")]


def test_a_view_is_of_its_bases_table() -> None:
    base = evolve(ALL_INFO, storage_name="all_info")
    other = view("m", base, ("league",), ("team",))
    texts = natives(steps(base, other))
    assert 'FROM "all_info"' in texts[1]


# ---------------------------------------------------------------- keyspace and types


def test_a_keyspace_is_made_when_that_is_allowed() -> None:
    missing = StoreSchema(profile={"keyspace_exists": False})
    found = steps(USER, there=missing, database="shop", create_keyspace=True)
    assert found[0].native == (
        'CREATE KEYSPACE IF NOT EXISTS "shop" WITH replication = '
        "{'class': 'SimpleStrategy', 'replication_factor': '1'}",
    )
    (refused, *_) = steps(USER, there=missing, database="shop")
    assert (refused.kind, refused.safety) == ("create-keyspace", "impossible")
    other = {"class": "org.apache.cassandra.locator.SimpleStrategy", "replication_factor": "3"}
    there = evolve(changed(USER), profile={"keyspace_exists": True, "replication": other})
    (info,) = steps(USER, there=there, database="shop", create_keyspace=True)
    assert (info.kind, info.safety) == ("alter-keyspace", "info")
    assert steps(USER, there=there, database="shop") == []


def test_types_are_made_before_they_are_used_and_only_grow() -> None:
    inner = ModelSpec(
        "Street", "Street", (field("name", K.STRING), field("no", K.INTEGER)), KeySpec(())
    )
    outer = ModelSpec(
        "Address", "Address", (field("street", TypeSpec(K.EMBEDDED, model=inner)),), KeySpec(())
    )
    spec = model("t", [field("id", K.STRING), field("home", TypeSpec(K.EMBEDDED, model=outer))])
    found = steps(spec)
    assert [s.target for s in found] == ["Street", "Address", "t"]
    assert found[1].native == ('CREATE TYPE "Address" ("street" frozen<"Street">)',)
    assert '"home" frozen<"Address">' in found[2].native[0]
    whole = {"Street": type_fields(inner), "Address": type_fields(outer)}
    there = changed(spec, profile={"types": whole})
    assert steps(spec, there=there) == []
    less = changed(spec, profile={"types": {**whole, "Street": (("name", "text"),)}})
    assert natives(steps(spec, there=less)) == ['ALTER TYPE "Street" ADD "no" bigint']
    other = changed(
        spec, profile={"types": {**whole, "Street": (("name", "int"), ("no", "bigint"))}}
    )
    (step,) = steps(spec, there=other)
    assert (step.kind, step.safety) == ("change-field", "impossible")
    more = changed(
        spec, profile={"types": {**whole, "Street": (*type_fields(inner), ("x", "int"))}}
    )
    (step,) = steps(spec, there=more)
    assert (step.kind, step.safety) == ("surplus-field", "info")
    renamed = changed(spec, columns=columns(spec, home='frozen<"Other">'), profile={"types": whole})
    assert shown(steps(spec, there=renamed)) == [("change-type", "t.home", "impossible")]


def test_the_version_has_a_column_of_its_own() -> None:
    versioned = evolve(USER, versioned=True)
    found = steps(versioned, there=changed(USER))
    assert natives(found) == ['ALTER TABLE "user" ADD "_version" bigint']
    wrong = changed(versioned, columns=columns(versioned, _version="text"))
    assert shown(steps(versioned, there=wrong)) == [("change-type", "user._version", "impossible")]
