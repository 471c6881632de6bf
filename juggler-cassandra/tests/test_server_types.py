"""Types on a real server: tables of every type are made, and boundary values come back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from attrs import evolve
from cassandra_support import K, field, model
from test_types import ADDRESS, VALUES

from juggler.spec import IndexSpec, ModelSpec, StoreSchema
from juggler.values import GeoPoint, TypeSpec, coercer, simple
from juggler_cassandra import cql, schema_plan
from juggler_cassandra.declared import type_fields
from juggler_cassandra.settings import CassandraSettings
from juggler_cassandra.types import ModelCodec

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., Any]

pytestmark = pytest.mark.server
UTC = dt.UTC
#: Values at the ends of each type.
BOUNDARIES: dict[str, list[Any]] = {
    "string": ["", "\0", "é", "\uffff", "\U0010ffff", "x" * 70_000],
    "text": ["a"],
    "integer": [-(2**63), 2**63 - 1, 0],
    "byte": [-128, 127],
    "short": [-(2**15), 2**15 - 1],
    "int": [-(2**31), 2**31 - 1],
    "number": [2**53, -(2**53), 5e-324, 1.7976931348623157e308, 0.1, 0],
    "float": [5e-324, 1.7976931348623157e308, 0.0],
    "decimal": [Decimal("1E-400"), Decimal("1E+400"), Decimal("-0.10"), Decimal("9" * 60)],
    "boolean": [True, False],
    "datetime": [
        dt.datetime(1, 1, 1, tzinfo=UTC),
        dt.datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
        dt.datetime(1960, 1, 1, 0, 0, 0, 1000, tzinfo=UTC),
    ],
    "date": [dt.date(1, 1, 1), dt.date(9999, 12, 31)],
    "time": [dt.time(0), dt.time(23, 59, 59, 999999)],
    "duration": [dt.timedelta.min, dt.timedelta.max, dt.timedelta(microseconds=-1)],
    "buffer": [b"", b"\0\xff"],
    "uuid": [UUID(int=0), UUID(int=2**128 - 1)],
    "timeuuid": [UUID("00000000-0000-1000-8000-000000000000")],
    "inet": ["0.0.0.0", "::", "::ffff:102:304", "2001:db8::1"],  # noqa: S104 - a value
    "geopoint": [GeoPoint(-90, 180), GeoPoint(0, 0)],
    "any": [{"a": [1, None, {"$juggler": b"x"}], "b": Decimal("0.10")}, [], "", 2**70, False],
    "list": [[], [1, 1, 0]],
    "lists": [[[], [dt.datetime(1, 1, 1, tzinfo=UTC)]]],
    "set": [frozenset(), frozenset({dt.date(1, 1, 1), dt.date(9999, 12, 31)})],
    "map": [{}, {dt.date(1, 1, 1): Decimal("1E-400")}],
    "texts": [{"": "", "é": "\0"}],
    "tuple": [(None, None), (dt.time(1), "")],
    "vector": [(0.0, -1.5)],
    "embedded": [
        {"street": None, "since": None, "floors": None},
        {"street": "", "since": dt.datetime(1, 1, 1, tzinfo=UTC), "floors": []},
    ],
}  # fmt: skip
EVERYTHING = model(
    "everything",
    [field("id", K.INTEGER), *(field(f"v_{name}", spec) for name, (spec, _) in VALUES.items())],
)


@pytest.fixture(scope="module")
def everything(cassandra_run: Run) -> Run:
    """The keyspace with a table of every type."""
    _make(cassandra_run, EVERYTHING, types={})
    return cassandra_run


def _make(run: Run, *models: ModelSpec, types: Any = None) -> None:
    there = {"Address": type_fields(ADDRESS)} if types is None else types
    schema = StoreSchema(profile={"types": there})
    for step in schema_plan.plan(models, schema, "create", CassandraSettings()).steps:
        assert step.safety != "impossible", step
        for text in step.native:
            run(text)


def test_boundary_values_come_back(everything: Run) -> None:
    codec = ModelCodec(EVERYTHING)
    names = tuple(c.name for c in codec.columns.values())
    insert = cql.insert("everything", names)
    columns = ", ".join(map(cql.quoted, names))
    longest = max(map(len, BOUNDARIES.values()))
    for number in range(longest):
        row = [number]
        for name, (spec, _) in VALUES.items():
            values = BOUNDARIES[name]
            row.append(coercer(spec)(values[number]) if number < len(values) else None)
        everything(insert, codec.encode(tuple(row)))
        text = f'SELECT {columns} FROM "everything" WHERE "id" = ?'
        (found,) = everything(text, (number,))
        for name, one, two in zip(names, codec.rows.decode(found), row, strict=True):
            assert one == two, name
            assert str(one) == str(two) or name not in {"v_decimal", "v_inet", "v_uuid"}


def test_every_column_can_be_stored_by_element_or_be_static_or_a_counter(
    everything: Run,
) -> None:
    cells = [
        field(f"c_{name}", spec, frozen=False)
        for name, (spec, _) in VALUES.items()
        if spec.kind in {K.ARRAY, K.SET, K.MAP, K.EMBEDDED}
    ]
    statics = [field(f"s_{name}", spec, static=True) for name, (spec, _) in VALUES.items()]
    keys = [field("p", K.STRING), field("c", K.STRING)]
    counters = [field("hits", K.COUNTER), field("total", K.COUNTER, static=True)]
    _make(
        everything,
        model("by_element", [*keys, *cells, *statics], ("p",), ("-c",)),
        model("counted", [*keys, *counters], ("p",), ("c",)),
    )
    add = cql.update("counted", (cql.Assign("hits", "add"),), ("p", "c"))
    everything(add, (2, "a", "b"))
    everything(add, (-5, "a", "b"))
    assert everything('SELECT "hits" FROM "counted" WHERE "p" = ?', ("a",)) == [(-3,)]


def test_every_kind_of_index_is_made(cassandra_run: Run) -> None:
    cells = TypeSpec(K.MAP, of=simple(K.STRING), frozen=False)
    fields = [
        field("p", K.STRING), field("q", K.STRING), field("c", K.INTEGER), field("t", K.STRING),
        field("n", K.NUMBER), field("l", TypeSpec(K.ARRAY, of=simple(K.STRING))),
        field("f", TypeSpec(K.ARRAY, of=simple(K.STRING)), frozen=True),
        field("m", cells), field("v", TypeSpec(K.VECTOR, of=simple(K.FLOAT), length=3)),
        field("u", TypeSpec(K.EMBEDDED, model=evolve(ADDRESS, storage_name="Address2"))),
        field("g", K.GEO), field("s", K.BOOLEAN, static=True),
    ]  # fmt: skip
    wanted = [
        ("q", {}), ("c", {}), ("t", {}), ("t", {"kind": "legacy"}), ("n", {"kind": "legacy"}),
        ("l", {}), ("f", {"target": "full"}), ("m", {}), ("m", {"target": "keys"}),
        ("m", {"target": "entries"}), ("v", {"similarity_function": "cosine"}), ("u", {}),
        ("g", {}), ("s", {}), ("n", {}),
    ]  # fmt: skip
    indexes = tuple(
        IndexSpec(f"i{at}", ((name, "asc"),), options=options)
        for at, (name, options) in enumerate(wanted)
    )
    _make(cassandra_run, model("indexed", fields, ("p", "q"), ("c",), indexes))
    text = "SELECT index_name FROM system_schema.indexes WHERE keyspace_name = ? AND table_name = ?"
    assert len(cassandra_run(text, ("juggler_pure", "indexed"))) == len(wanted)


def test_writes_are_understood(cassandra_run: Run) -> None:
    tags = TypeSpec(K.SET, of=simple(K.STRING))
    keys = [field("p", K.STRING), field("c", K.INTEGER), field("v", K.STRING)]
    more = [
        field("tags", tags, frozen=False),
        field("l", TypeSpec(K.ARRAY, of=simple(K.STRING)), frozen=False),
        field("m", TypeSpec(K.MAP, of=simple(K.STRING)), frozen=False),
    ]
    _make(
        cassandra_run, model("written", [*keys, *more], ("p",), ("c",), options={"version": "rev"})
    )
    run = cassandra_run
    insert = cql.insert("written", ("p", "c", "v", "rev"), absent=True, ttl=True)
    assert run(insert, ("a", 1, "x", 7, 1000))[0][0] is True
    assert run(insert, ("a", 1, "y", 8, 1000))[0][0] is False
    place = ("p", "c")
    patch = cql.update(
        "written", (cql.Assign("v"), cql.Assign("rev")), place, condition=cql.If("rev"), ttl=True
    )
    assert run(patch, (0, "z", 8, "a", 1, 7))[0][0] is True
    assert run(patch, (0, "z", 9, "a", 1, 7))[0][0] is False
    deltas = tuple(
        cql.Assign(name, how)  # type: ignore[arg-type]
        for name, how in (("tags", "add"), ("l", "prepend"), ("m", "entry"))
    )
    text = cql.update("written", deltas, place, condition=cql.If())
    assert run(text, ({"t"}, ["first"], "k", "w", "a", 1))[0][0] is True
    assert run(text, ({"t"}, ["first"], "k", "w", "a", 2))[0][0] is False
    both = cql.batch(
        [cql.insert("written", place), cql.update("written", (cql.Assign("v"),), place)]
    )
    run(both, ("b", 1, None, "b", 1))
    assert run('SELECT "c", "v" FROM "written" WHERE "p" = ?', ("b",)) == [(1, None)]
    plain = cql.insert("written", ("p", "c", "v"), timestamp=True, ttl=True)
    run(plain, ("d", 1, "x", 60, 1_700_000_000_000_000))
    run(cql.delete("written", place, timestamp=True), (1_600_000_000_000_000, "d", 1))
    assert len(run('SELECT "c" FROM "written" WHERE "p" = ?', ("d",))) == 1
    run(cql.delete("written", place, columns=("v",)), ("d", 1))
    run(cql.delete_slice("written", (("p", "="), ("c", ">"), ("c", "<="))), ("d", 0, 1))
    assert run('SELECT "c" FROM "written" WHERE "p" = ?', ("d",)) == []
    assert run(cql.delete("written", place, condition=cql.If()), ("a", 1))[0][0] is True
