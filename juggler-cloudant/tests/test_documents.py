"""Rows as documents and back; keys as ids."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve
from cloudant_support import SETTINGS, K, model_of
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import DecodeError, InvalidValueError
from juggler.model.naming import problem_of
from juggler.spec import EXTRA, FieldSpec, KeySpec
from juggler.values import GeoPoint, TypeSpec, simple
from juggler_cloudant.capabilities import Keeps, keeps_of
from juggler_cloudant.documents import Documents
from juggler_cloudant.home import home_of
from juggler_cloudant.values import any_in, any_out, decoder, encoder

TIMES = st.datetimes(timezones=st.just(dt.UTC)).map(
    lambda v: v.replace(microsecond=v.microsecond // 1000 * 1000)
)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
KINDS: dict[K, st.SearchStrategy[Any]] = {
    K.STRING: st.text(),
    K.INTEGER: st.integers(),
    K.NUMBER: NUMBERS,
    K.FLOAT: st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
    K.DECIMAL: st.decimals(allow_nan=False, allow_infinity=False, places=4),
    K.BOOLEAN: st.booleans(),
    K.DATETIME: TIMES,
    K.DATE: st.dates(),
    K.TIME: st.times(),
    K.DURATION: st.timedeltas(),
    K.BUFFER: st.binary(),
    K.UUID: st.uuids(),
    K.GEO: st.builds(GeoPoint, st.integers(-90, 90), st.integers(-180, 180)),
}


def documents(model: Any) -> Documents:
    return Documents(model, home_of(model, SETTINGS))


HOSTILE = st.sampled_from(
    ["id", "name", "a.b", "$x", "", "and", "*", "_x", "a\nb", "\ud800", "x" * 256, "save", "é f"]
)


@given(st.dictionaries(HOSTILE | st.text(), st.integers()))
def test_fields_of_others_have_any_name(fields: dict[str, int]) -> None:
    """What no property can be named is not seen, and stays; the key is the document's id."""
    spec = model_of(name=K.INTEGER)
    found = documents(
        evolve(spec, open=True, fields=(*spec.fields, FieldSpec(EXTRA, EXTRA, simple(K.OBJECT))))
    )
    doc = {"_rev": "1-x", **fields, "_id": "k"}
    key, name, extra = found.row(doc)
    assert (key, name) == ("k", fields.get("name"))
    assert set(extra or {}) == {
        n for n in fields
        if not problem_of(n) and not n.startswith("_") and n not in {"id", "name"}
    }  # fmt: skip
    kept = found.changed(doc, {"name": 5})
    assert kept == {**doc, "name": 5}


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
def test_values_survive(kind: K, data: st.DataObject) -> None:
    value = data.draw(KINDS[kind])
    for spec in (
        simple(kind),
        TypeSpec(K.ARRAY, of=simple(kind)),
        TypeSpec(K.MAP, of=simple(kind)),
        TypeSpec(K.TUPLE, items=(simple(kind),)),
    ):
        inside = {K.ARRAY: [value], K.MAP: {"k": value}, K.TUPLE: (value,)}.get(spec.kind, value)
        write, read = encoder(spec), decoder(spec)
        stored = json.loads(json.dumps(write(inside) if write else inside))
        back = read(stored) if read else stored
        assert back == inside
        assert type(back) is type(inside)


@given(
    st.recursive(
        st.none() | st.text() | st.booleans() | NUMBERS | TIMES | st.uuids() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("$date"), inner),
        max_leaves=8,
    )
)
def test_values_of_undeclared_type_survive(value: Any) -> None:
    assert any_in(json.loads(json.dumps(any_out(value)))) == value


def test_moments_have_one_shape() -> None:
    write = encoder(simple(K.DATETIME))
    assert write
    assert write(dt.datetime(1, 2, 3, tzinfo=dt.UTC)) == "0001-02-03T00:00:00.000Z"
    assert write(dt.datetime(2020, 1, 1, 0, 0, 0, 1000, dt.UTC)) == "2020-01-01T00:00:00.001Z"


def test_decimals_are_equal_when_their_texts_are() -> None:
    write = encoder(simple(K.DECIMAL))
    assert write
    assert write(Decimal("1.10")) == write(Decimal("1.1")) == "1.1"
    assert write(Decimal("-0")) == "0"
    scaled = encoder(TypeSpec(K.DECIMAL, scale=2))
    assert scaled
    assert scaled(Decimal("1.1")) == 110


@pytest.mark.parametrize(
    ("kind", "key", "doc_id"),
    [
        (K.STRING, "a/b", "a/b"),
        (K.INTEGER, 10, "10"),
        (K.NUMBER, 10.0, "10"),
        (K.NUMBER, 2.5, "2.5"),
        (K.UUID, UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_a_single_key_is_the_id(kind: K, key: Any, doc_id: str) -> None:
    made = documents(model_of(id=kind))
    assert made.ids.make((key,)) == doc_id
    assert made.ids.key(doc_id) == (key,)
    assert made.whole(doc_id, (key,)) == {"_id": doc_id, "loopback__model__name": "Pet"}


def test_a_composite_key_is_a_list_and_its_parts_are_fields() -> None:
    model = evolve(model_of(team=K.STRING, at=K.INTEGER), key=KeySpec(("team",), (("at", "asc"),)))
    made = documents(model)
    assert made.ids.make(("a\\b", 2)) == '["a\\\\b",2]'
    assert made.ids.key('["x",2]') == ("x", 2)
    assert made.whole("i", (None, "x", 2))["team"] == "x"


@pytest.mark.parametrize("text", ["", ".", "..", "_design/x", "_", "x" * 8000, "\ud800"])
def test_ids_that_do_harm_are_refused(text: str) -> None:
    ids = documents(model_of()).ids
    with pytest.raises(InvalidValueError) as caught:
        ids.make((text,))
    assert caught.value.code == "invalid-key"
    assert ids.find((text,)) is None


def test_patches_leave_what_they_do_not_name() -> None:
    made = documents(model_of(name=K.STRING, age=K.INTEGER))
    doc = {"_id": "a", "_attachments": {"x": {}}, "theirs": 1, "name": "n", "age": 3}
    assert made.changed(doc, {"age": 4}) == {**doc, "age": 4}


def test_undeclared_properties_stand_beside_the_others() -> None:
    model = model_of(name=K.STRING)
    extra = FieldSpec(EXTRA, EXTRA, simple(K.OBJECT))
    made = documents(evolve(model, fields=(*model.fields, extra), open=True))
    doc = made.whole("a", ("a", "n", {"colour": "red"}))
    assert doc["colour"] == "red"
    assert made.row(doc) == ("a", "n", {"colour": "red"})
    for name in ("_x", "loopback__model__name"):
        with pytest.raises(InvalidValueError):
            made.whole("a", ("a", "n", {name: 1}))


def test_what_cannot_be_read_names_the_document() -> None:
    made = documents(model_of(age=K.INTEGER))
    with pytest.raises(DecodeError, match="'a' is no row of Pet: age is 'old'"):
        made.row({"_id": "a", "age": "old"})


def test_what_json_cannot_hold_is_refused() -> None:
    made = documents(model_of(name=K.STRING, size=K.FLOAT))
    with pytest.raises(InvalidValueError):
        made.text(made.whole("a", ("a", "\ud800", 1.0)))
    with pytest.raises(InvalidValueError):
        made.whole("a", ("a", "x", 5e-324))


@pytest.mark.parametrize("value", [2**53, -(2**53), [1, {"a": 2**60}]])
def test_integers_that_a_server_would_round_are_refused(value: Any) -> None:
    model = model_of(value=K.ANY)
    home = home_of(model, SETTINGS)
    kept, bounded = Documents(model, home), Documents(model, home, Keeps(largest=2**53 - 1))
    doc = kept.whole("a", ("a", value))
    assert json.loads(kept.text(doc))["value"] == value
    with pytest.raises(InvalidValueError, match="round"):
        bounded.text(doc)
    assert bounded.text(bounded.whole("a", ("a", 2**53 - 1)))


def test_ids_that_a_server_would_lose_are_refused() -> None:
    model = model_of()
    bare = Documents(model, home_of(model, SETTINGS), keeps_of("pouchdb")).ids
    for text in ("\xff", "日本", "a\U0001f600", "a\ue000"):
        assert bare.find((text,)) is None
        with pytest.raises(InvalidValueError, match="this server"):
            bare.make((text,))
    assert bare.find(("a日本",)) == "a日本"
