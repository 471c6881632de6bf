"""Types: texts and back, and values through the driver's own bytes and back, exactly."""

from __future__ import annotations

import datetime as dt
import math
import struct
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid1

import pytest
from cassandra import cqltypes
from cassandra_support import K, field, model
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import ConfigurationError, DecodeError, InvalidValueError, TooLargeError
from juggler.spec import ColumnInfo, KeySpec, ModelSpec, RelationInfo
from juggler.values import GeoPoint, TypeSpec, coercer, simple
from juggler_cassandra.types import CqlType, ModelCodec, fits, neutral_of, pair, parse, type_of
from juggler_cassandra.types.cql import SCALARS
from juggler_cassandra.types.scalars import EPOCH

UTC = dt.UTC
UTF8 = st.characters(codec="utf-8")
TEXT = st.text(UTF8, max_size=8)
MOMENT = st.datetimes(
    dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999), timezones=st.just(UTC)
).map(lambda d: d.replace(microsecond=d.microsecond // 1000 * 1000))

ADDRESS = ModelSpec(
    "Address",
    "Address",
    (field("street", K.STRING), field("since", K.DATETIME), field("floors", TypeSpec(K.ARRAY, of=simple(K.INTEGER)))),
    KeySpec(()),
)  # fmt: skip

VALUES: dict[str, tuple[TypeSpec, st.SearchStrategy[Any]]] = {
    "string": (simple(K.STRING), TEXT),
    "text": (simple(K.TEXT), TEXT),
    "integer": (simple(K.INTEGER), st.integers(-(2**63), 2**63 - 1)),
    "byte": (TypeSpec(K.INTEGER, bits=8), st.integers(-128, 127)),
    "short": (TypeSpec(K.INTEGER, bits=16), st.integers(-(2**15), 2**15 - 1)),
    "int": (TypeSpec(K.INTEGER, bits=32), st.integers(-(2**31), 2**31 - 1)),
    "number": (
        simple(K.NUMBER),
        st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False),
    ),
    "float": (simple(K.FLOAT), st.floats(allow_nan=False, allow_infinity=False)),
    "decimal": (simple(K.DECIMAL), st.decimals(allow_nan=False, allow_infinity=False)),
    "boolean": (simple(K.BOOLEAN), st.booleans()),
    "datetime": (simple(K.DATETIME), MOMENT),
    "date": (simple(K.DATE), st.dates()),
    "time": (simple(K.TIME), st.times()),
    "duration": (simple(K.DURATION), st.timedeltas()),
    "buffer": (simple(K.BUFFER), st.binary(max_size=8)),
    "uuid": (simple(K.UUID), st.uuids()),
    "timeuuid": (simple(K.TIMEUUID), st.builds(uuid1)),
    "inet": (simple(K.INET), st.ip_addresses().map(str)),
    "geopoint": (
        simple(K.GEO),
        st.builds(GeoPoint, st.floats(-90, 90), st.floats(-180, 180)),
    ),
    "any": (
        simple(K.ANY),
        st.recursive(
            st.booleans() | st.integers() | TEXT | MOMENT | st.uuids() | st.decimals(allow_nan=False, allow_infinity=False) | st.binary(max_size=4),
            lambda inner: st.lists(inner, max_size=3)
            | st.dictionaries(TEXT | st.just("$juggler"), inner, max_size=3),
            max_leaves=6,
        ),
    ),
    "list": (TypeSpec(K.ARRAY, of=simple(K.INTEGER)), st.lists(st.integers(-9, 9))),
    "lists": (
        TypeSpec(K.ARRAY, of=TypeSpec(K.ARRAY, of=simple(K.DATETIME))),
        st.lists(st.lists(MOMENT, max_size=2), max_size=2),
    ),
    "set": (TypeSpec(K.SET, of=simple(K.DATE)), st.frozensets(st.dates(), max_size=3)),
    "map": (
        TypeSpec(K.MAP, of=simple(K.DECIMAL), key=simple(K.DATE)),
        st.dictionaries(st.dates(), st.decimals(allow_nan=False, allow_infinity=False), max_size=3),
    ),
    "texts": (TypeSpec(K.MAP, of=simple(K.STRING)), st.dictionaries(TEXT, TEXT, max_size=3)),
    "tuple": (
        TypeSpec(K.TUPLE, items=(simple(K.TIME), simple(K.STRING))),
        st.tuples(st.none() | st.times(), st.none() | TEXT),
    ),
    "vector": (
        TypeSpec(K.VECTOR, of=simple(K.FLOAT), length=2),
        st.tuples(*[st.floats(width=32, allow_nan=False, allow_infinity=False)] * 2),
    ),
    "embedded": (
        TypeSpec(K.EMBEDDED, model=ADDRESS),
        st.fixed_dictionaries(
            {
                "street": st.none() | TEXT,
                "since": st.none() | MOMENT,
                "floors": st.none() | st.lists(st.integers(-9, 9), max_size=2),
            }
        ),
    ),
}  # fmt: skip


def driver_type(cql: CqlType) -> Any:
    """The driver's class for a type."""
    names = {"int": "Int32Type", "bigint": "LongType", "varint": "IntegerType", "smallint": "ShortType",
             "tinyint": "ByteType", "text": "UTF8Type", "blob": "BytesType", "date": "SimpleDateType",
             "timestamp": "DateType", "timeuuid": "TimeUUIDType", "uuid": "UUIDType",
             "inet": "InetAddressType", "counter": "LongType"}  # fmt: skip
    if cql.user:
        fields = [(f.storage_name, driver_type(type_of(f.type))) for f in ADDRESS.fields]
        return cqltypes.UserType.make_udt_class(
            "ks", "address", tuple(n for n, _ in fields[::-1]), tuple(t for _, t in fields[::-1])
        )
    if cql.is_scalar:
        return getattr(cqltypes, names.get(cql.name, f"{cql.name.title()}Type"))
    inner = [driver_type(arg) for arg in cql.args]
    if cql.name == "vector":
        return cqltypes.VectorType.apply_parameters([inner[0], cql.size], None)
    return getattr(cqltypes, f"{cql.name.title()}Type").apply_parameters(inner)


@pytest.mark.parametrize("name", VALUES)
@given(st.data())
def test_a_value_comes_back_as_it_was(name: str, data: Any) -> None:
    spec, values = VALUES[name]
    value = coercer(spec)(data.draw(values))
    cql = type_of(spec)
    both = pair(spec, cql)
    physical = value if both.encode is None else both.encode(value)
    raw = driver_type(cql).serialize(physical, 5)
    read = driver_type(cql).deserialize(raw, 5)
    again = read if both.decode is None else both.decode(read)
    assert again == value
    assert coercer(spec)(again) == value
    if both.decode is not None and name not in {"embedded", "tuple", "list", "lists"}:
        assert both.decode(physical) == value


@pytest.mark.parametrize("name", VALUES)
def test_a_declared_type_reads_as_itself_and_fits(name: str) -> None:
    spec, _ = VALUES[name]
    cql = type_of(spec)
    assert parse(str(cql)) == cql
    assert fits(spec, cql)


def types() -> st.SearchStrategy[CqlType]:
    """Types as the server writes them."""
    scalars = st.sampled_from(sorted(SCALARS - {"counter", "duration"})).map(CqlType)
    users = st.sampled_from(["address", "Address", 'a"b']).map(lambda n: CqlType(n, user=True))
    return st.recursive(
        scalars | users,
        lambda inner: st.one_of(
            inner.map(lambda t: CqlType("list", (t,))),
            inner.map(lambda t: CqlType("set", (t,), frozen=True)),
            st.tuples(inner, inner).map(lambda ts: CqlType("map", ts)),
            st.lists(inner, min_size=1, max_size=3).map(
                lambda ts: CqlType("tuple", tuple(ts), frozen=True)
            ),
        ),
        max_leaves=5,
    ).map(lambda t: t.frozen_inside())


@given(types())
def test_a_type_is_read_as_it_is_written(cql: CqlType) -> None:
    assert parse(str(cql)) == cql
    users = {name: [("a", "int")] for name in ("address", "Address", 'a"b')}
    assert fits(neutral_of(cql, users), cql)


@pytest.mark.parametrize(
    "text",
    ["", "list", "list<", "list<int", "map<int>", "vector<int>", "a b", "<int>", "int>", "set<,>",
     "vector<int, x>", "tuple<>", "list<int>>", "frozen<>", "list<" * 50 + "int" + ">" * 50],
)  # fmt: skip
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="no CQL type"):
        parse(text)


REFUSED: list[tuple[TypeSpec, str | None, Any]] = [
    (simple(K.INTEGER), None, 2**63),
    (simple(K.INTEGER), "int", 2**31),
    (simple(K.NUMBER), None, 2**53 + 1),
    (simple(K.NUMBER), "bigint", 0.5),
    (simple(K.NUMBER), "float", 0.1),
    (simple(K.DECIMAL), "varint", Decimal("0.5")),
    (simple(K.DECIMAL), None, Decimal("1e9999999999")),
    (simple(K.STRING), None, "a\ud800"),
    (simple(K.STRING), "ascii", "é"),
    (simple(K.UUID), "timeuuid", UUID(int=1)),
    (simple(K.INET), None, "fe80::1%eth0"),
    (TypeSpec(K.ARRAY, of=simple(K.STRING)), None, ["a", None]),
    (TypeSpec(K.MAP, of=simple(K.STRING)), None, {"a": None}),
    (TypeSpec(K.VECTOR, of=simple(K.FLOAT), length=1), None, (0.1,)),
    (TypeSpec(K.VECTOR, of=simple(K.FLOAT), length=1), None, (1e300,)),
]


@pytest.mark.parametrize(("spec", "column", "value"), REFUSED)
def test_what_would_be_rounded_or_cut_is_refused(
    spec: TypeSpec, column: str | None, value: Any
) -> None:
    thing = model(
        "T", [field("id", K.STRING), field("v", spec, **({"dataType": column} if column else {}))]
    )
    codec = ModelCodec(thing)
    with pytest.raises(InvalidValueError) as caught:
        codec.encode(("a", value))
    assert caught.value.field == "v"
    assert caught.value.hint


def test_rounding_is_asked_for_by_its_name() -> None:
    spec = TypeSpec(K.VECTOR, of=simple(K.FLOAT), length=1)
    codec = ModelCodec(model("T", [field("id", K.STRING), field("v", spec, round=True)]))
    assert codec.encode(("a", (0.1,)))[1] == [struct.unpack("f", struct.pack("f", 0.1))[0]]


def test_times_below_the_millisecond_are_floored_on_both_sides_of_the_epoch() -> None:
    for micros, ms in ((1_999, 1), (-1, -1), (-1_000, -1), (-1_001, -2)):
        value = EPOCH + dt.timedelta(microseconds=micros)
        encode = pair(simple(K.DATETIME), type_of(simple(K.DATETIME))).encode
        assert encode is not None
        assert encode(value) == ms


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_a_moment_of_the_driver_is_the_one_that_was_written(ms: int) -> None:
    driver = cqltypes.DateType.deserialize(struct.pack(">q", ms), 5)
    decode = pair(simple(K.DATETIME), type_of(simple(K.DATETIME))).decode
    assert decode is not None
    assert decode(driver) == decode(ms) == EPOCH + dt.timedelta(milliseconds=ms)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (K.DATETIME, 2**62),
        (K.DATE, 0),
        (K.TIME, 1),
        (K.ANY, "{"),
    ],
)
def test_what_python_cannot_hold_is_a_decode_error(kind: K, value: Any) -> None:
    decode = pair(simple(kind), type_of(simple(kind))).decode
    assert decode is not None
    with pytest.raises(DecodeError):
        decode(value)


def test_zero_has_one_sign() -> None:
    encode = pair(simple(K.FLOAT), type_of(simple(K.FLOAT))).encode
    assert encode is not None
    assert math.copysign(1, encode(-0.0)) == 1


def test_an_existing_column_decides_how_a_number_is_written() -> None:
    thing = model("T", {"id": K.STRING, "n": K.NUMBER})
    info = RelationInfo("T", columns=(ColumnInfo("id", "text"), ColumnInfo("n", "int")))
    codec = ModelCodec(thing, info)
    assert codec.encode(("a", 5)) == ("a", 5)
    assert codec.encode(("a", 5.0))[1].__class__ is int
    with pytest.raises(InvalidValueError):
        codec.encode(("a", 2**31))
    assert codec.rows.decode(("a", 5)) == ("a", 5)


def test_a_sole_partition_key_is_not_empty_and_parts_may_be() -> None:
    one = ModelCodec(model("T", {"id": K.STRING}))
    with pytest.raises(InvalidValueError, match="empty"):
        one.encode_key(("",))
    two = ModelCodec(model("T", {"a": K.STRING, "b": K.STRING}, ("a", "b")))
    assert two.encode_key(("", "")) == ("", "")
    cell = ModelCodec(model("T", {"a": K.STRING, "b": K.STRING}, ("a",), ("b",)))
    assert cell.encode_key(("x", "")) == ("x", "")


def test_keys_have_a_length() -> None:
    codec = ModelCodec(model("T", {"a": K.STRING, "b": K.STRING}, ("a",), ("b",)))
    assert codec.encode_key(("x" * 65_535, "y"))
    for key in (("x" * 65_536, "y"), ("x", "é" * 32_768)):
        with pytest.raises(TooLargeError):
            codec.encode_key(key)


def test_partition_keys_of_equal_value_have_the_same_bytes() -> None:
    codec = ModelCodec(model("T", {"d": K.DECIMAL, "n": K.NUMBER}, ("d", "n")))
    one, two = codec.encode_key((Decimal("1.50"), 2)), codec.encode_key((Decimal("1.5"), 2.0))
    assert [str(v) for v in one] == [str(v) for v in two] == ["1.5", "2.0"]
    assert str(codec.encode_key((Decimal("0E+5"), -0.0))[0]) == "0"
    assert str(codec.encode_key((Decimal(1500), 0))[0]) == "1.5E+3"


def test_empty_collections_are_null_where_one_is_stored_by_element() -> None:
    tags = TypeSpec(K.SET, of=simple(K.STRING))
    thing = model("T", [field("id", K.STRING), field("a", tags), field("b", tags, frozen=False)])
    codec = ModelCodec(thing)
    assert codec.empty_is_null
    assert codec.encode(("x", frozenset(), frozenset())) == ("x", None, None)
    plain = ModelCodec(model("T", [field("id", K.STRING), field("a", tags)]))
    assert plain.encode(("x", frozenset())) == ("x", [])
