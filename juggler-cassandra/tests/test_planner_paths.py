"""The path of typical filters: the CQL, what is left for Python, the reasons and the advice."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from attrs import evolve
from cassandra_support import (
    ALL_INFO,
    MEMBERS,
    TEAMS,
    K,
    field,
    model,
    params,
    plan,
    query,
    read_schema,
    texts,
    view,
    with_views,
)

from juggler.errors import CapabilityError, InvalidQueryError
from juggler.query.tree import TRUE, Cmp
from juggler.spec import IndexInfo, IndexSpec
from juggler.values import TypeSpec, simple
from juggler_cassandra.planning import Planner
from juggler_cassandra.settings import CassandraSettings

BASE = with_views(ALL_INFO, MEMBERS, TEAMS)
TUTORIAL = read_schema(BASE)
LOG = model(
    "log",
    {"tenant": K.STRING, "day": K.DATE, "at": K.DATETIME, "seq": K.INTEGER, "kind": K.STRING,
     "n": K.NUMBER, "tags": TypeSpec(K.SET, of=simple(K.STRING))},
    ("tenant", "day"),
    ("-at", "seq"),
)  # fmt: skip
COLUMNS = '"tenant", "day", "at", "seq", "kind", "n", "tags"'
DAY = {"tenant": "a", "day": "2024-05-01"}


def of_log(where: Any, order: Any = (), *indexes: str | IndexSpec, **more: Any) -> Any:
    made = model("log", LOG.fields, LOG.key.partition, ("-at", "seq"), indexes)
    return plan(made, where, order, schema=read_schema(made), **more)


# ---------------------------------------------------------------- the tutorial


def test_rows_of_a_team_are_a_partition_of_the_view() -> None:
    found = plan(MEMBERS, {"team": "Blue"}, schema=TUTORIAL)
    assert (found.path, found.relation, found.guarantee) == ("partition", "members", "exact")
    assert texts(found) == [
        'SELECT "team", "registered", "member", "zipCode" FROM "members" WHERE "team" = ?'
    ]
    assert params(found) == [("Blue",)]


def test_a_team_and_a_clustering_column_are_a_slice() -> None:
    found = plan(MEMBERS, {"and": [{"team": "Blue"}, {"registered": True}]}, schema=TUTORIAL)
    assert texts(found)[0].endswith('WHERE "team" = ? AND "registered" = ?')
    assert found.residual is TRUE


def test_fields_bring_the_key_with_them() -> None:
    found = plan(TEAMS, {"league": "North"}, schema=TUTORIAL, fields=("league", "team"))
    assert found.fields == ("league", "team", "member")
    assert texts(found) == ['SELECT "league", "team", "member" FROM "teams" WHERE "league" = ?']


@pytest.mark.parametrize(
    ("of", "where", "declaration"),
    [
        (MEMBERS, {"registered": False}, 'class AllInfoByRegistered(View, of=allInfo, key=Key(partition=("registered",))): ...'),
        (TEAMS, {"team": "Green"}, 'class AllInfoByTeam(View, of=allInfo, key=Key(partition=("team",))): ...'),
    ],
)  # fmt: skip
def test_a_clustering_column_alone_is_a_scan_with_the_view_that_would_serve(
    of: Any, where: Any, declaration: str
) -> None:
    found = plan(of, where, schema=TUTORIAL)
    assert (found.path, found.cost.cls) == ("scan", "scan")
    assert found.cost.needs == {"allow_scan"}
    assert found.suggestions == (declaration,)
    assert "does not bind its partition column" in found.rejected[0][1]


def test_the_suggested_view_serves() -> None:
    by_registered = view("by_registered", ALL_INFO, ("registered",), ())
    found = plan(by_registered, {"registered": False}, schema=read_schema(ALL_INFO, by_registered))
    assert found.path == "partition"


def test_an_unmanaged_view_has_the_key_that_the_server_says() -> None:
    partial = evolve(
        model("members", {f.name: f.type for f in MEMBERS.fields}, ("team",)), managed=False
    )
    found = plan(partial, {"team": "Blue"}, "registered ASC", schema=TUTORIAL)
    assert (found.path, found.order) == ("partition", "satisfied")
    assert found.opaque.branches[0].clustering[0].column == "registered"


# ---------------------------------------------------------------- routing to views


def test_a_base_is_answered_by_a_view_only_at_a_level_that_promises_no_more() -> None:
    where = {"league": "North"}
    default = plan(BASE, where, schema=TUTORIAL)
    assert default.path == "scan"
    assert 'consistency="eventual" lets view teams answer' in default.suggestions
    assert dict(default.rejected)["view teams"].startswith("it lags behind")
    eventual = plan(BASE, where, schema=TUTORIAL, consistency="eventual")
    assert (eventual.path, eventual.relation) == ("view", "teams")
    assert eventual.statements[0].facts["consistency"] == "LOCAL_ONE"
    assert any("after its base" in text for text in eventual.warnings)
    always = plan(BASE, where, schema=TUTORIAL, settings={"views": "all"})
    assert always.path == "view"
    never = plan(BASE, where, schema=TUTORIAL, consistency="eventual", settings={"views": "never"})
    assert never.path == "scan"


def test_a_view_that_is_named_is_read() -> None:
    found = plan(BASE, {"league": "North"}, schema=TUTORIAL, view="teams")
    assert found.relation == "teams"
    with pytest.raises(InvalidQueryError, match="no view"):
        plan(BASE, {"league": "North"}, schema=TUTORIAL, view="team")
    with pytest.raises(InvalidQueryError, match="cannot serve"):
        plan(BASE, {"team": "Blue"}, schema=TUTORIAL, view="members")


def test_rows_that_a_view_lacks_keep_it_from_answering() -> None:
    found = plan(BASE, {"team": "Blue"}, schema=TUTORIAL, consistency="eventual")
    assert found.path == "scan"
    assert "rows without registered are not in it" in dict(found.rejected)["view members"]
    there = {"team": "Blue", "registered": {"neq": None}}
    found = plan(BASE, there, schema=TUTORIAL, consistency="eventual")
    assert found.relation == "members"


def test_an_empty_partition_is_not_looked_for_in_a_view() -> None:
    found = plan(BASE, {"league": ""}, schema=TUTORIAL, consistency="eventual")
    assert found.path == "scan"
    assert "empty" in dict(found.rejected)["view teams"]


def test_a_view_of_other_rows_is_not_read_by_itself() -> None:
    info = TUTORIAL.relations["teams"]
    partial = evolve(info, facts={**info.facts, "where": "league IS NOT NULL AND team = 'Blue'"})
    schema = evolve(TUTORIAL, relations={**TUTORIAL.relations, "teams": partial})
    found = plan(BASE, {"league": "North"}, schema=schema, consistency="eventual")
    assert found.path == "scan"
    assert "WHERE clause" in dict(found.rejected)["view teams"]


def test_columns_that_a_view_lacks_are_read_in_the_base() -> None:
    where = {"team": "Blue", "registered": True}
    found = plan(BASE, where, schema=TUTORIAL, consistency="eventual")
    branch = found.opaque.branches[0]
    assert (found.path, branch.base) == ("view", "allInfo")
    assert branch.columns == ("team", "member", "registered")
    assert branch.extra == 1
    assert found.residual == found.query.where
    few = plan(BASE, where, schema=TUTORIAL, consistency="eventual", fields=("member", "zipCode"))
    assert few.opaque.branches[0].base is None
    assert few.residual is TRUE


def test_a_view_gives_the_order_that_the_base_does_not() -> None:
    turned = view("turned", LOG, ("tenant", "day"), ("at", "seq"))
    base = with_views(LOG, turned)
    found = plan(base, DAY, ["at ASC", "seq ASC"], schema=read_schema(base), consistency="eventual")
    assert (found.relation, found.order) == ("turned", "satisfied")


# ---------------------------------------------------------------- keys and partitions


def test_a_whole_key_is_a_point() -> None:
    found = plan(BASE, {"team": "Blue", "member": ""}, schema=TUTORIAL)
    assert (found.path, found.cost.requests, found.cost.est_rows) == ("point", 1, 1)
    assert texts(found)[0].endswith('WHERE "team" = ? AND "member" = ?')


def test_keys_are_points_in_the_order_asked_for() -> None:
    where = {"team": {"inq": ["b", "a"]}, "member": {"inq": ["y", "x"]}}
    found = plan(BASE, where, ["member DESC"], schema=TUTORIAL)
    assert (found.path, found.order, found.cost.requests) == ("multi_point", "satisfied", 4)
    values = found.opaque.branches[0].values
    assert values == (("a", "y"), ("b", "y"), ("a", "x"), ("b", "x"))


def test_keys_in_alternatives_are_points_too() -> None:
    where = {"or": [{"team": "a", "member": "x"}, {"team": "b", "member": "y"},
                    {"team": "a", "member": {"inq": ["x", "z"]}}]}  # fmt: skip
    found = plan(BASE, where, schema=TUTORIAL)
    assert found.path == "multi_point"
    assert sorted(found.opaque.branches[0].values) == [("a", "x"), ("a", "z"), ("b", "y")]
    assert found.residual is TRUE


def test_null_is_out_of_in_and_a_null_key_is_nothing() -> None:
    found = plan(BASE, {"team": "a", "member": {"inq": [None, "x"]}}, schema=TUTORIAL)
    assert found.path == "point"
    assert plan(BASE, {"team": None}, schema=TUTORIAL).path == "empty"
    one = model("one", {"id": K.STRING, "n": K.INTEGER})
    assert plan(one, {"id": ""}).path == "empty"
    assert plan(one, {"id": {"inq": ["", "a"]}}).path == "point"


def test_what_no_column_can_hold_is_nothing_and_asks_nobody() -> None:
    one = model("one", {"id": K.STRING, "n": K.INTEGER}, indexes=["n"])
    assert plan(one, {"n": 2**70}).path == "empty"
    assert plan(one, {"id": "a\ud800"}).path == "empty"
    assert plan(one, {"id": "a", "n": {"gt": 5, "lt": 3}}).path == "empty"


def test_a_slice_takes_bounds_once_each_and_ends_at_a_range() -> None:
    found = of_log({**DAY, "at": {"gte": "2024-05-01", "lt": "2024-05-02"}, "seq": {"gt": 1}})
    assert texts(found) == [
        f'SELECT {COLUMNS} FROM "log" WHERE "tenant" = ? AND "day" = ? AND "at" >= ? AND "at" < ? '
        'AND "seq" > ? ALLOW FILTERING'
    ]
    assert params(found)[0][:2] == ("a", dt.date(2024, 5, 1))


def test_values_of_a_clustering_column_may_be_followed() -> None:
    found = of_log({**DAY, "at": {"inq": ["2024-05-01", "2024-05-02"]}, "seq": {"gt": 1}})
    assert texts(found)[0].endswith('AND "at" IN ? AND "seq" > ?')


def test_filtering_is_inside_a_partition_alone() -> None:
    assert "ALLOW FILTERING" in texts(of_log({**DAY, "kind": "k"}))[0]
    assert "ALLOW FILTERING" not in texts(of_log(DAY))[0]
    scan = of_log({"kind": "k"})
    assert "ALLOW FILTERING" not in texts(scan)[0]
    assert scan.residual == Cmp("kind", "eq", "k")
    profile = {"settings": {"allow_filtering_enabled": False}}
    schema = evolve(read_schema(LOG), profile=profile)
    left = plan(LOG, {**DAY, "kind": "k"}, schema=schema)
    assert left.residual == Cmp("kind", "eq", "k")


def test_what_cql_cannot_say_is_left() -> None:
    where = {**DAY, "kind": {"neq": "k"}, "n": {"inq": [None, 1]}, "tags": None}
    found = of_log(where)
    assert len(found.residual.parts) == 3
    assert "kind" not in texts(found)[0].partition("WHERE")[2]


def test_a_prefix_is_a_range_and_a_pattern_begins_with_one() -> None:
    thing = model("t", {"p": K.STRING, "c": K.STRING}, ("p",), ("c",))
    exact = plan(thing, {"p": "a", "c": {"like": "k%"}})
    assert texts(exact)[0].endswith('"c" >= ? AND "c" < ?')
    assert params(exact) == [("a", "k", "l")]
    assert exact.residual is TRUE
    loose = plan(thing, {"p": "a", "c": {"like": "k%x"}})
    assert params(loose) == [("a", "k", "l")]
    assert loose.residual is not TRUE


# ---------------------------------------------------------------- order


@pytest.mark.parametrize(
    ("order", "state", "tail"),
    [
        (["at DESC"], "satisfied", '"day" = ?'),
        (["at DESC", "seq ASC"], "satisfied", '"day" = ?'),
        (["at ASC"], "ties", 'ORDER BY "at" ASC, "seq" DESC'),
        (["tenant ASC", "at DESC"], "satisfied", '"day" = ?'),
        (["at ASC", "seq DESC"], "satisfied", 'ORDER BY "at" ASC, "seq" DESC'),
        (["at ASC", "seq ASC"], "none", '"day" = ?'),
        (["seq ASC"], "none", '"day" = ?'),
        (["kind ASC"], "none", '"day" = ?'),
    ],
)
def test_orders_of_a_partition(order: list[str], state: str, tail: str) -> None:
    found = of_log(DAY, order)
    assert found.order == state
    assert texts(found)[0].endswith(tail)


def test_a_fixed_column_is_no_order() -> None:
    assert of_log({**DAY, "at": "2024-05-01"}, ["at ASC", "seq DESC"]).order == "satisfied"
    assert of_log({**DAY, "kind": "k"}, ["kind DESC", "at DESC"]).order == "satisfied"


def test_partitions_are_merged_when_they_are_ordered() -> None:
    where = {"tenant": "a", "day": {"inq": ["2024-05-01", "2024-05-02"]}}
    found = of_log(where, ["at DESC"], limit=10)
    assert (found.path, found.order, found.limit_pushed) == ("multi_partition", "satisfied", True)
    assert found.cost.partitions == 2
    names = [found.fields[term.position] for term in found.opaque.merge]
    assert names == ["at", "tenant", "day", "seq"]
    assert [term.descending for term in found.opaque.merge] == [True, False, False, False]
    assert of_log(where).opaque.merge == ()


def test_the_limit_goes_to_the_store_only_when_nothing_is_left() -> None:
    assert of_log(DAY, limit=3, skip=2).opaque.limit == 5
    assert texts(of_log(DAY, limit=3))[0].endswith("LIMIT ?")
    assert of_log({**DAY, "kind": None}, limit=3).opaque.limit is None
    assert of_log(DAY, ["at ASC"], limit=3).opaque.limit is None


def test_uuids_are_not_ordered_as_cassandra_orders_them() -> None:
    thing = model("t", {"p": K.STRING, "u": K.UUID}, ("p",), ("u",))
    assert plan(thing, {"p": "a"}, ["u ASC"]).order == "none"
    left = plan(thing, {"p": "a", "u": {"gt": "123e4567-e89b-12d3-a456-426614174000"}})
    assert left.residual is not TRUE


# ---------------------------------------------------------------- indexes


def test_an_index_finds_values_and_ranges_of_numbers() -> None:
    equal = of_log({"kind": "k"}, (), "kind", "n")
    assert (equal.path, equal.guarantee) == ("index", "exact")
    ranged = of_log({"kind": "k", "n": {"between": [1, 5]}}, (), "kind", "n")
    assert texts(ranged)[0].endswith('WHERE "kind" = ? AND "n" >= ? AND "n" <= ?')
    text = of_log({"kind": {"gt": "k"}}, (), "kind")
    assert text.path == "scan"
    assert dict(text.rejected)["index log_kind_sai_jx"] == "it finds no ranges of text"


def test_an_index_takes_one_value_so_several_are_a_union() -> None:
    found = of_log({"kind": {"inq": ["k", "l"]}}, (), "kind")
    assert (found.path, len(found.opaque.branches)) == ("union", 2)
    assert found.opaque.branches[1].again == Cmp("kind", "eq", "k")
    assert found.residual is TRUE
    assert of_log({"kind": {"inq": [str(n) for n in range(40)]}}, (), "kind").path == "scan"


def test_zero_has_two_signs_in_the_store() -> None:
    found = of_log({"n": 0}, (), "n")
    assert texts(found)[0].endswith('"n" >= ? AND "n" <= ?')
    above = of_log({"n": {"gt": 1}}, (), "n")
    assert params(above)[0][-1] == float("inf")  # NaN is above it


def test_a_legacy_index_finds_values_alone_one_at_a_time() -> None:
    kind = IndexSpec("k", (("kind", "asc"),), options={"kind": "legacy"})
    n = IndexSpec("n", (("n", "asc"),), options={"kind": "legacy"})
    found = of_log({"kind": "k", "n": 5}, (), kind, n)
    assert texts(found)[0].endswith('WHERE "kind" = ?')
    assert found.residual == Cmp("n", "eq", 5)
    assert of_log({"n": 5}, (), n).path == "scan"  # doubles are looked up by their bytes


def test_an_index_that_folds_case_is_checked_again() -> None:
    folds = IndexSpec("k", (("kind", "asc"),), options={"case_sensitive": False})
    found = of_log({"kind": "k"}, (), folds)
    assert (found.path, found.guarantee) == ("index", "superset")
    assert found.residual == Cmp("kind", "eq", "k")
    assert any("folds case" in text for text in found.warnings)


def test_an_index_keeps_order_away_even_when_it_is_not_used() -> None:
    where = {**DAY, "n": {"gt": 1}}
    natural = of_log(where, ["at DESC"], "n")
    assert (natural.order, natural.residual) == ("satisfied", TRUE)
    turned = of_log(where, ["at ASC"], "n")
    assert turned.order == "ties"
    assert turned.residual == Cmp("n", "gt", 1)
    assert '"n"' not in texts(turned)[0].partition("WHERE")[2].partition("ORDER")[0]
    free = of_log({**DAY, "kind": "k"}, ["at ASC"], "n")
    assert free.residual is TRUE
    key = of_log({**DAY, "kind": "k"}, ["at ASC"], "day")
    assert key.residual == Cmp("kind", "eq", "k")


def test_collections_are_asked_by_element() -> None:
    found = of_log({**DAY, "tags": {"contains": "x"}})
    assert texts(found)[0].endswith('"tags" CONTAINS ? ALLOW FILTERING')
    indexed = of_log({"tags": {"contains": "x"}}, (), "tags")
    assert indexed.path == "index"
    props = [field("id", K.STRING), field("m", TypeSpec(K.MAP, of=simple(K.STRING)), frozen=False)]
    entries = IndexSpec("m", (("m", "asc"),), options={"target": "entries"})
    thing = model("t", props, indexes=[entries])
    assert texts(plan(thing, {"m.color": "red"}))[0].endswith('"m"[?] = ?')


def test_one_index_serves_all_that_is_asked_of_its_collection() -> None:
    props = [*LOG.fields, field("m", TypeSpec(K.MAP, of=simple(K.STRING)), frozen=False)]
    keys = IndexSpec("m", (("m", "asc"),), options={"target": "keys"})
    log = model("log", props, LOG.key.partition, ("-at", "seq"), [keys])
    where = {**DAY, "and": [{"m": {"containsKey": "c"}}, {"m": {"contains": "1"}}]}
    assert "ALLOW FILTERING" not in texts(plan(log, where))[0]
    assert "ALLOW FILTERING" in texts(plan(log, {**DAY, "m": {"contains": "1"}}))[0]


def test_an_index_in_building_is_not_used() -> None:
    schema = read_schema(LOG)
    info = schema.relations["log"]
    building = IndexInfo("i", (("kind", "asc"),), "sai", facts={"building": True})
    schema = evolve(schema, relations={"log": evolve(info, indexes=(building,))})
    assert plan(LOG, {"kind": "k"}, schema=schema).path == "scan"


def test_a_hint_has_to_serve() -> None:
    assert of_log({"kind": "k"}, (), "kind", index="log_kind_sai_jx").path == "index"
    with pytest.raises(InvalidQueryError, match="no index"):
        of_log({"kind": "k"}, (), "kind", index="kind")
    with pytest.raises(InvalidQueryError, match="cannot serve"):
        of_log({"kind": {"gt": "k"}}, (), "kind", index="log_kind_sai_jx")


def test_alternatives_of_which_one_is_a_scan_are_a_scan() -> None:
    assert of_log({"or": [DAY, {"kind": "k"}]}).path == "scan"
    found = of_log({"or": [DAY, {"kind": "k"}]}, (), "kind")
    assert (found.path, len(found.statements)) == ("union", 2)


def test_scans_say_what_would_help() -> None:
    found = of_log({"kind": "k"}, ["at DESC"])
    assert found.suggestions == (
        'class LogByKind(View, of=log, key=Key(partition=("kind",), clustering=("-at",))): ...',
        "class log: kind: Prop[str | None] = prop(default=None, index=True)",
        'key=Key(partition=("kind",), clustering=("-at", "tenant", "day", "seq"))',
    )
    assert of_log({"n": {"gt": 1}}).suggestions == (
        "class log: n: Prop[float | None] = prop(default=None, index=True)",
    )
    assert of_log({}).cost.needs == frozenset()


# ---------------------------------------------------------------- levels


def test_levels_are_cassandras_own() -> None:
    assert of_log(DAY).statements[0].facts["consistency"] == "LOCAL_QUORUM"
    assert of_log(DAY, settings={"consistency": "one"}).opaque.consistency == "ONE"
    assert of_log(DAY, consistency="EACH_QUORUM").opaque.consistency == "EACH_QUORUM"
    assert of_log(DAY, consistency="strong").opaque.consistency == "LOCAL_SERIAL"
    for level in ("ANY", "most"):
        with pytest.raises(CapabilityError):
            of_log(DAY, consistency=level)
    with pytest.raises(CapabilityError, match="one partition"):
        of_log({}, consistency="strong")


def test_a_serial_read_uses_no_index() -> None:
    found = of_log({**DAY, "kind": "k"}, (), "kind", consistency="strong")
    assert found.residual == Cmp("kind", "eq", "k")


# ---------------------------------------------------------------- other columns


def test_versions_and_ghosts_are_in_the_branch() -> None:
    versioned = evolve(LOG, versioned=True)
    found = plan(versioned, DAY)
    assert found.opaque.version == "_version"
    assert found.opaque.branches[0].columns[-1] == "_version"
    assert found.opaque.branches[0].extra == 1
    static = model("t", [field("p", K.STRING), field("c", K.STRING), field("s", K.STRING, static=True)],
                   ("p",), ("c",))  # fmt: skip
    assert plan(static, {"p": "a"}).opaque.branches[0].ghost == "c"
    assert plan(static, {"p": "a"}).opaque.countable is False
    assert plan(static, {"p": "a", "c": {"gt": "b"}}).opaque.branches[0].ghost is None


def test_slices_of_the_table_can_be_deleted_as_such() -> None:
    assert of_log(DAY).opaque.deletable
    assert of_log({**DAY, "at": {"gt": "2024-05-01"}}).opaque.deletable
    assert not of_log({**DAY, "kind": "k"}).opaque.deletable
    assert not of_log({"kind": "k"}, (), "kind").opaque.deletable
    assert not plan(MEMBERS, {"team": "Blue"}, schema=TUTORIAL).opaque.deletable


def test_columns_have_their_own_names() -> None:
    thing = model("t", [field("id", K.STRING, storage_name='Key"1'), field("n", K.INTEGER)])
    found = plan(thing, {"id": "a"})
    assert texts(found) == ['SELECT "Key""1", "n" FROM "t" WHERE "Key""1" = ?']


def test_a_planner_remembers_a_model_as_long_as_nothing_changed() -> None:
    planner = Planner(CassandraSettings())
    schema = read_schema(LOG)
    first = planner.known(LOG, schema)
    assert planner.known(LOG, schema) is first
    assert planner.known(LOG, read_schema(LOG)) is not first
    assert planner.plan(query(LOG, DAY), schema).path == "partition"
