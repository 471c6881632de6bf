"""What a table, index or view of Cassandra cannot be is said before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from cassandra_support import ALL_INFO, EVENTS, MEMBERS, TEAMS, K, field, model, view, with_views

from juggler import connect
from juggler.errors import ConfigurationError, UnsupportedModelError
from juggler.spec import IndexSpec, KeySpec, ModelSpec, ViewSpec
from juggler.values import TypeSpec, simple
from juggler_cassandra.pure import CassandraPlanning
from juggler_cassandra.settings import CassandraSettings

PURE = CassandraPlanning()
TAGS = TypeSpec(K.SET, of=simple(K.STRING))
MAP = TypeSpec(K.MAP, of=simple(K.STRING))
KEYS = [field("p", K.STRING), field("c", K.STRING)]


def problems(spec: ModelSpec, **settings: Any) -> str:
    """All problems of a model, joined; empty when it is taken."""
    pure = CassandraPlanning(CassandraSettings(**settings)) if settings else PURE
    try:
        pure.bind(spec)
    except UnsupportedModelError as error:
        assert error.problems
        assert error.model == spec.name
        assert error.hint
        return "\n".join(error.problems)
    return ""


def table(*fields: Any, indexes: Any = (), **more: Any) -> ModelSpec:
    return model("t", [*KEYS, *fields], ("p",), ("c",), indexes, **more)


def index(name: str, **options: Any) -> IndexSpec:
    return IndexSpec(f"by_{name}", ((name, "asc"),), options=options)


@pytest.mark.parametrize(
    "spec", [ALL_INFO, EVENTS, MEMBERS, TEAMS, with_views(ALL_INFO, MEMBERS, TEAMS)]
)
def test_models_that_fit_are_taken(spec: ModelSpec) -> None:
    assert problems(spec) == ""


WRONG: list[tuple[str, ModelSpec, str]] = [
    ("table name", model("a-b", {"id": K.STRING}), "cannot be a table's name"),
    ("long name", model("a" * 223, {"id": K.STRING}), "cannot be a table's name"),
    ("one column twice", table(field("x", K.STRING, storage_name="y"), field("y", K.STRING)), "same column"),
    ("duration key", model("t", {"id": K.DURATION}), "no order"),
    ("open", evolve(table(), open=True), "fixed columns"),
    ("unique", table(field("x", K.STRING, unique=True)), "only keys are unique"),
    ("counting key", model("t", [field("id", K.INTEGER, generated=True)]), "make it a string or uuid"),
    ("unknown option", table(field("x", K.STRING, dataTyp="int")), "did you mean 'dataType'"),
    ("unknown setting", table(options={"commment": "x"}), "did you mean 'comment'"),
    ("no type", table(field("x", K.STRING, dataType="list<")), "no CQL type"),
    ("other type", table(field("x", K.STRING, dataType="int")), "cannot hold"),
    ("set as list", table(field("x", TypeSpec(K.ARRAY, of=simple(K.STRING)), dataType="set<text>")), "cannot hold"),
    ("hidden counter", table(field("x", K.ANY, dataType="counter")), "type counter"),
    ("microseconds", table(field("x", TypeSpec(K.DATETIME, precision=6))), "milliseconds"),
    ("vector of texts", table(field("x", TypeSpec(K.VECTOR, of=simple(K.STRING), length=2))), "of numbers"),
    ("endless vector", table(field("x", TypeSpec(K.VECTOR, of=simple(K.FLOAT)))), "1 to 8,192"),
    ("rounded text", table(field("x", K.STRING, round=True)), "no vector"),
    ("set of durations", table(field("x", TypeSpec(K.SET, of=simple(K.DURATION)))), "no order"),
    ("static without rows", model("t", [field("id", K.STRING), field("s", K.STRING, static=True)]), "each partition is one row"),
    ("static key", model("t", [field("p", K.STRING), field("c", K.STRING, static=True)], ("p",), ("c",)), "cannot be static"),
    ("mixed counters", table(field("n", K.COUNTER), field("x", K.STRING)), "counters alone"),
    ("inner counter", table(field("n", TypeSpec(K.ARRAY, of=simple(K.COUNTER)))), "column of its own"),
    ("versioned counters", table(field("n", K.COUNTER), options={"version": "v"}), "no versions"),
    ("safe counters", table(field("n", K.COUNTER), options={"writes": "safe"}), "light-weight"),
    ("version of text", table(field("v", K.STRING), options={"version": "v"}), "has to be an integer"),
    ("blind versions", evolve(table(), versioned=True, options={"writes": "blind"}), "blind"),
    ("several in an index", table(indexes=[IndexSpec("i", (("p", "asc"), ("c", "asc")))]), "one column each"),
    ("path in an index", table(field("m", MAP), indexes=[IndexSpec("i", (("m.x", "asc"),))]), "no column"),
    ("index on the partition", table(indexes=[index("p")]), "needs none"),
    ("kind of index", table(field("x", K.STRING), indexes=[index("x", kind="btree")]), "kind 'btree'"),
    ("index of bytes", table(field("x", K.BUFFER), indexes=[index("x")]), "cannot be indexed"),
    ("index of durations", table(field("x", K.DURATION), indexes=[index("x")]), "cannot be indexed"),
    ("index of anything", table(field("x", K.ANY), indexes=[index("x")]), "JSON text"),
    ("index of frozen elements", table(field("x", TAGS, frozen=True), indexes=[index("x", target="values")]), '"full"'),
    ("index of keys of a set", table(field("x", TAGS), indexes=[index("x", target="keys")]), "no map"),
    ("index target", table(field("x", MAP), indexes=[index("x", target="key")]), "did you mean 'keys'"),
    ("target of a text", table(field("x", K.STRING), indexes=[index("x", target="keys")]), "no collection"),
    ("index twice", table(field("x", K.STRING), indexes=[index("x"), IndexSpec("again", (("x", "asc"),))]), "the same"),
    ("SASI on a set", table(field("x", TAGS), indexes=[index("x", kind="sasi")]), "SASI"),
    ("index on a view", evolve(MEMBERS, indexes=(index("zipCode"),)), "another view"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "says"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_what_cannot_be_is_refused_with_its_reason(spec: ModelSpec, says: str) -> None:
    assert says in problems(spec)


def test_problems_come_all_at_once() -> None:
    found = problems(
        table(field("x", K.STRING, unique=True), field("d", K.BUFFER), indexes=[index("d")])
    )
    assert len(found.splitlines()) == 2


def address(name: str = "Address", **fields: Any) -> TypeSpec:
    inner = ModelSpec(name, name, tuple(field(n, k) for n, k in fields.items()), KeySpec(()))
    return TypeSpec(K.EMBEDDED, model=inner)


def test_user_defined_types_have_names_that_they_can_have() -> None:
    assert problems(table(field("a", address(street=K.STRING)))) == ""
    assert "type's name" in problems(table(field("a", address("An address", street=K.STRING))))
    assert "field's name" in problems(table(field("a", address(**{"zip-code": K.STRING}))))
    assert "field's name" in problems(table(field("a", address(**{"class": K.STRING}))))
    assert "needs one" in problems(table(field("a", address())))
    nested = address("Outer", inner=address("Inner", n=TypeSpec(K.DATETIME, precision=6)))
    assert "a.inner.n asks for microseconds" in problems(table(field("a", nested)))


def test_collections_with_an_index_are_stored_by_element() -> None:
    spec = table(field("x", TAGS), indexes=[index("x")])
    assert problems(spec) == ""
    assert PURE.capabilities(spec).empty_collection["kind"] == "null"
    assert PURE.capabilities(table(field("x", TAGS))).empty_collection["kind"] == "kept"


# ---------------------------------------------------------------- views


def broken(key: Any, clustering: Any, *, base: ModelSpec = ALL_INFO, **changes: Any) -> str:
    """Problems of a base with a view whose key is just as given."""
    one = view("v", base, ("team",), ("member",))
    spec = KeySpec(tuple(key), tuple((name, "asc") for name in clustering))
    one = evolve(one, key=spec, view=ViewSpec(base.name, spec), **changes)
    return problems(with_views(base, one))


def test_a_view_has_its_bases_key_and_one_column_more() -> None:
    assert broken(["league"], ["team", "member"]) == ""
    assert "lacks member" in broken(["team"], ["league"])
    assert "only one" in broken(["league"], ["registered", "team", "member"])


def test_a_views_key_is_of_columns_that_can_be_one() -> None:
    base = model(
        "b",
        [*KEYS, field("m", MAP), field("s", K.STRING, static=True), field("d", K.DURATION)],
        ("p",),
        ("c",),
    )
    for name, says in (("m", "cannot be in a key"), ("s", "static"), ("d", "cannot be in a key")):
        one = view("v", base, (name,), ("p", "c"), ("c",))
        assert says in problems(with_views(base, one))
    assert "does not have" in broken(["nothing"], ["team", "member"])


def test_static_columns_are_in_no_view() -> None:
    base = model(
        "b", [*KEYS, field("x", K.STRING), field("s", K.STRING, static=True)], ("p",), ("c",)
    )
    assert "fields=" in problems(view("v", base, ("x",), ("p", "c")))
    listed = view("v", base, ("x",), ("p", "c"), ("x",))
    assert problems(listed) == problems(with_views(base, listed)) == ""


def test_views_are_of_tables_without_counters() -> None:
    counted = model("b", [*KEYS, field("n", K.COUNTER)], ("p",), ("c",))
    assert "counters" in problems(with_views(counted, view("v", counted, ("c",), ("p",))))
    assert "views are of tables" in problems(
        with_views(MEMBERS, view("v", MEMBERS, ("member",), ()))
    )


def test_views_have_names_of_their_own_and_no_ttl() -> None:
    assert "share their names" in problems(
        with_views(ALL_INFO, evolve(MEMBERS, storage_name="allInfo"))
    )
    assert "default_time_to_live" in problems(evolve(MEMBERS, options={"default_time_to_live": 5}))


# ---------------------------------------------------------------- claims and settings


def test_claims_follow_the_way_of_writing() -> None:
    safe = PURE.capabilities(ALL_INFO)
    blind = PURE.capabilities(evolve(ALL_INFO, options={"writes": "blind"}))
    assert (bool(safe.insert_if_absent), bool(blind.insert_if_absent)) == (True, False)
    assert (safe.affected["kind"], blind.affected["kind"]) == ("exact", "unknown")
    assert (bool(safe.timestamp), bool(blind.timestamp)) == (False, True)
    assert not safe.versions
    assert PURE.capabilities(evolve(ALL_INFO, versioned=True)).versions["kind"] == "column"
    counted = PURE.capabilities(table(field("n", K.COUNTER)))
    assert (bool(counted.ttl), bool(counted.insert_if_absent)) == (False, False)
    assert PURE.capabilities(model("t", {"id": K.STRING})).key_limits["empty"] is False


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"consistency": "quorom"}, "did you mean"),
        ({"write_consistency": "most"}, "no consistency"),
        ({"concurrency": 0}, "at least 1"),
        ({"views": "some"}, "one of"),
        ({"local_datacentre": "x"}, "did you mean"),
    ],
)
def test_settings_are_checked(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        CassandraSettings.of(given, connector="cassandra")


def test_settings_have_loopbacks_names_too() -> None:
    found = CassandraSettings.of(
        {"contactPoints": ["a", "b:9043"], "keyspace": "shop", "createKeyspace": "true",
         "replication": '{"class": "NetworkTopologyStrategy", "dc1": 3}', "localDc": "dc1"}
    )  # fmt: skip
    assert found.endpoints == (("a", None), ("b", 9043))
    assert (found.database, found.create_keyspace, found.local_dc) == ("shop", True, "dc1")
    assert found.replication["dc1"] == 3
    assert found.max_partitions == 100
    assert found.write_level("strong") == "LOCAL_QUORUM"


def test_the_emulator_needs_no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins  # noqa: PLC0415 - to see what is imported
    import sys  # noqa: PLC0415

    kept = builtins.__import__
    for name in [n for n in sys.modules if n.split(".")[0] == "juggler_cassandra"]:
        monkeypatch.delitem(sys.modules, name)

    def checked(name: str, *args: Any) -> Any:
        assert name.split(".", maxsplit=1)[0] != "cassandra", "the driver is imported"
        return kept(name, *args)

    monkeypatch.setattr(builtins, "__import__", checked)
    with connect("memory:?emulate=cassandra") as db:
        thing = db.define(
            "Thing",
            {
                "team": {"type": "string", "id": 1},
                "member": {"type": "string", "id": 2},
                "n": "number",
            },
        )
        thing.create({"team": "a", "member": "", "n": 1})
        assert [t.n for t in thing.find({"where": {"team": "a", "member": ""}})] == [1]
        found = thing.where({"n": 1}).explain()
        assert "full scan" in found.refused
        assert not db.plan()
