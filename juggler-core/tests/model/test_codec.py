"""Codecs: instances and mappings become rows of neutral values, and come back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler import (
    MISSING,
    GeoPoint,
    InvalidQueryError,
    InvalidValueError,
    Key,
    Model,
    ModelBuilder,
    Prop,
    ValidationError,
    length,
    prop,
)
from juggler.connector.writes import Add, Append, Inc, Remove

if TYPE_CHECKING:
    from juggler.model.codec.codec import Codec

UTC = dt.UTC


class Address(Model):
    street: Prop[str] = prop(default="", trim=True, max_length=10)
    floor: Prop[int | None] = prop(default=None, ge=0)


class User(Model):
    id: Prop[int] = prop(id=True, generated=True)
    name: Prop[str] = prop(min_length=1, trim=True)
    age: Prop[int] = prop(default=0, ge=0)
    score: Prop[float] = prop(default=1.5)
    active: Prop[bool] = prop(default=True)
    at: Prop[dt.datetime | None] = prop(default=None)
    day: Prop[dt.date | None] = prop(default=None)
    token: Prop[UUID | None] = prop(default=None)
    money: Prop[Decimal | None] = prop(default=None)
    data: Prop[bytes | None] = prop(default=None)
    place: Prop[GeoPoint | None] = prop(default=None)
    tags: Prop[list[str]] = prop(default_factory=list)
    marks: Prop[set[int]] = prop(default_factory=set)
    meta: Prop[dict[str, Any]] = prop(default_factory=dict)
    home: Prop[Address | None] = prop(default=None)
    homes: Prop[list[Address]] = prop(default_factory=list)


def codec(model: Any = User) -> Codec:
    found: Codec = model.__codec__
    return found


def row(**values: Any) -> tuple[Any, ...]:
    return codec().encode_map({"name": "Ann", **values})


def position(name: str) -> int:
    return codec().spec.position[name]


# ---------------------------------------------------------------- coercion


def test_values_are_coerced_in_place() -> None:
    user = User({"name": " Ann ", "age": "41", "token": "123e4567-e89b-12d3-a456-426614174000"})
    found = codec().encode(user)
    assert (user.name, user.age) == ("Ann", 41)
    assert isinstance(user.token, UUID)
    assert found[position("age")] == 41


def test_instance_and_mapping_give_the_same_row() -> None:
    values = {
        "name": " Ann ",
        "age": "3",
        "home": {"street": " a ", "floor": "2"},
        "tags": ("x", 1),
    }
    assert codec().encode(User(values)) == codec().encode_map(values)


def test_a_value_that_does_not_fit_names_its_property() -> None:
    with pytest.raises(InvalidValueError) as caught:
        codec().encode(User({"name": "Ann", "homes": [{"floor": 1}, {"floor": "x"}]}))
    assert caught.value.field == "homes.1.floor"
    with pytest.raises(InvalidValueError) as caught:
        codec().encode_map({"age": True})
    assert caught.value.field == "age"


def test_naive_datetimes_are_refused_and_aware_ones_floored() -> None:
    with pytest.raises(InvalidValueError, match="time zone"):
        row(at=dt.datetime(2024, 5, 1))  # noqa: DTZ001 - the mistake
    found = row(at=dt.datetime(2024, 5, 1, 12, 0, 0, 123_456, tzinfo=UTC))
    assert found[position("at")].microsecond == 123_000


def test_numbers_beyond_reason_take_the_slow_way() -> None:
    assert row(age=1 << 70)[position("age")] == 1 << 70
    with pytest.raises(InvalidValueError):
        row(score=float("nan"))
    with pytest.raises(InvalidValueError):
        row(score=float("inf"))
    assert row(score=1e300)[position("score")] == 1e300


# ---------------------------------------------------------------- defaults


def test_defaults_are_fresh_for_every_instance() -> None:
    one, other = User(name="a"), User(name="b")
    one.tags.append("x")
    one.meta["k"] = 1
    assert other.tags == []
    assert other.meta == {}
    assert row()[position("tags")] is not row()[position("tags")]


def test_null_is_a_value_and_keeps_the_default_away() -> None:
    user: Any = User({"name": "a", "age": None})
    assert user.age is None


def test_built_in_default_functions() -> None:
    made = ModelBuilder().define(
        "Doc",
        {
            "a": {"type": "string", "defaultFn": "uuid"},
            "b": {"type": "uuid", "defaultFn": "guid"},
            "c": {"type": "date", "default": "$now"},
            "d": {"type": "string", "defaultFn": "nanoid"},
            "e": {"type": "string", "default": lambda: "made"},
            "f": {"type": "string", "default": "$now"},
            "g": {"type": "dateonly", "defaultFn": "now"},
        },
    )
    doc: Any = made({})
    assert UUID(doc.a) != UUID(str(made({})["a"]))
    assert isinstance(doc.b, UUID)
    assert doc.c.tzinfo is UTC
    assert len(doc.d) == 21
    assert doc.e == "made"
    assert doc.f.endswith("Z")
    assert doc.g.isoformat() in {
        dt.datetime.now(UTC).date().isoformat(), doc.c.date().isoformat()
    }  # fmt: skip


# ---------------------------------------------------------------- isolation


def test_rows_and_instances_share_no_container() -> None:
    stored = row(tags=["a"], meta={"k": [1]}, home={"street": "x"}, marks=[1])
    one, other = codec().decode(stored), codec().decode(stored)
    one.tags.append("b")
    one.meta["k"].append(2)
    one.home.street = "changed"
    one.marks.add(9)
    assert codec().encode(other) == stored
    assert stored[position("tags")] == ["a"]
    assert stored[position("meta")] == {"k": [1]}
    assert stored[position("home")] == {"street": "x", "floor": None}
    assert stored[position("marks")] == frozenset({1})


def test_a_new_instance_holds_a_set_that_can_be_changed() -> None:
    user = User(name="Ann")
    user.marks.add(1)
    found = codec().encode(user)
    assert found[position("marks")] == frozenset({1})
    assert user.marks == {1}


def test_the_callers_list_stays_the_instances_list() -> None:
    tags = ["a"]
    user = User(name="Ann", tags=tags)
    found = codec().encode(user)
    codec().settle(user, found, "1")
    assert user.tags is tags
    assert found[position("tags")] is not tags


def test_decoding_many_keeps_versions() -> None:
    rows = [row(name="a"), row(name="b")]
    assert [u.name for u in codec().decode_all(rows)] == ["a", "b"]
    assert [u._version for u in codec().decode_all(rows, ["1", None])] == ["1", None]


# ---------------------------------------------------------------- embedded models


def test_embedded_values_become_instances_in_any_form() -> None:
    user = User({"name": "a", "home": {"street": "x"}, "homes": [{"street": "y"}, Address()]})
    assert isinstance(user.home, Address)
    assert [type(h) for h in user.homes] == [Address, Address]
    assert codec().decode(codec().encode(user)).homes[0].street == "y"


def test_embedded_models_have_no_injected_key() -> None:
    assert row(home={"street": "x"})[position("home")] == {"street": "x", "floor": None}


def test_what_is_no_embedded_value_is_refused() -> None:
    for wrong in ("text", 5, ["x"], User(name="x")):
        with pytest.raises(InvalidValueError) as caught:
            row(home=wrong)
        assert caught.value.field.startswith("home")
    with pytest.raises(InvalidValueError) as caught:
        row(homes=[{}, {"stret": "x"}])
    assert "street" in caught.value.hint
    assert caught.value.field == "homes.1.stret"


# ---------------------------------------------------------------- undeclared properties


def test_a_strict_model_refuses_undeclared_values_with_a_suggestion() -> None:
    for make in (
        lambda: User({"nmae": 1}),
        lambda: codec().encode_map({"nmae": 1}),
        lambda: codec().encode_patch({"nmae": 1}),
    ):
        with pytest.raises(InvalidValueError) as caught:
            make()
        assert caught.value.code == "unknown-property"
        assert "'name'" in caught.value.hint


def test_strict_filter_drops_them() -> None:
    model = ModelBuilder().define("F", {"a": "number"}, {"strict": "filter"})
    found: Any = model({"a": 1, "b": 2})
    assert found.to_object() == {"id": None, "a": 1}
    assert codec(model).encode_patch({"b": 1}) == {}


def test_an_open_model_keeps_them_as_copies() -> None:
    model = ModelBuilder().define("Open", {"a": "number"})
    kept = {"deep": [1]}
    found: Any = model({"a": 1, "b": kept})
    kept["deep"].append(2)
    assert found.extra == {"b": {"deep": [1]}}
    assert found["b"] == {"deep": [1]}
    assert found.b == {"deep": [1]}
    stored = codec(model).encode(found)
    assert stored[-1] == {"b": {"deep": [1]}}
    again = codec(model).decode(stored)
    again.extra["b"]["deep"].append(3)
    assert codec(model).changed(again, codec(model).encode(again)) == {"b": {"deep": [1, 3]}}
    assert stored[-1] == {"b": {"deep": [1]}}


@pytest.mark.parametrize("name", ["a.b", "$x", "", "and", "x\x00", 5])
def test_undeclared_names_that_filters_could_not_reach_are_refused(name: Any) -> None:
    model = ModelBuilder().define("Open", {})
    with pytest.raises(InvalidValueError) as caught:
        model({name: 1})
    assert caught.value.code == "property-name"


# ---------------------------------------------------------------- rules


def failures(**values: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        codec().validate(row(**values))
    found: dict[str, list[str]] = caught.value.details["codes"]
    return found


def test_rules_give_loopbacks_codes() -> None:
    codec().validate(row())
    assert failures(name="") == {"name": ["length.min"]}
    assert failures(name=None) == {"name": ["presence"]}
    assert failures(age=-1, name="") == {"age": ["min"], "name": ["length.min"]}
    assert failures(home={"street": "x" * 11, "floor": -1}) == {
        "home.street": ["length.max"],
        "home.floor": ["min"],
    }
    assert failures(homes=[{}, {"floor": -1}]) == {"homes.1.floor": ["min"]}


def test_the_error_has_loopbacks_shape_and_a_note_per_property() -> None:
    with pytest.raises(ValidationError) as caught:
        codec().validate(row(name=""))
    assert caught.value.details == {
        "context": "User",
        "codes": {"name": ["length.min"]},
        "messages": {"name": ["too short"]},
    }
    assert caught.value.__notes__ == ["name: too short"]


def test_every_rule() -> None:
    model = ModelBuilder().define(
        "Ruled",
        {
            "required": {"type": "string", "required": True},
            "list": {"type": ["string"], "required": True},
            "pattern": {"type": "string", "pattern": "/^a.c$/i"},
            "length": {"type": "string", "length": 3},
            "least": {"type": "string", "minLength": 2},
            "min": {"type": "number", "min": 1},
            "max": {"type": "date", "max": "2024-01-01"},
            "enum": {"type": "string", "enum": ["a", "b"]},
            "few": {"type": ["number"], "maxLength": 1},
            "elements": [{"type": "string", "length": 2, "pattern": "x"}],
        },
    )
    good = {"required": "x", "list": ["x"], "pattern": "ABC", "length": "abc", "least": "ab",
            "min": 1, "max": "2023-01-01", "enum": "a", "few": [1],
            "elements": ["x", "yx"]}  # fmt: skip
    ruled = codec(model)
    ruled.validate(ruled.encode_map(good))
    bad = {"required": "", "list": [], "pattern": "abd", "length": "abcd", "least": "a", "min": 0,
           "max": "2025-01-01", "enum": "c", "few": [1, 2], "elements": ["x", "abc"]}  # fmt: skip
    with pytest.raises(ValidationError) as caught:
        ruled.validate(ruled.encode_map(bad))
    assert caught.value.details["codes"] == {
        "required": ["presence"], "list": ["presence"], "pattern": ["format"],
        "length": ["length.max"], "least": ["length.min"], "min": ["min"], "max": ["max"],
        "enum": ["inclusion"], "few": ["length.max"],
        "elements.1": ["length.max", "format"],
    }  # fmt: skip


def test_a_patch_is_judged_by_what_it_changes() -> None:
    changes = codec().encode_patch({"age": "-3"})
    assert changes == {"age": -3}
    with pytest.raises(ValidationError):
        codec().validate_patch(changes)
    codec().validate_patch({"age": 3})


def test_conversions() -> None:
    model = ModelBuilder().define(
        "C",
        {
            "a": {"type": "string", "trim": True, "lowercase": True},
            "b": {"type": "string", "uppercase": True},
            "c": {"type": "string", "format": "{:0>5}"},
        },
    )
    found = model({"a": " AbC ", "b": "x", "c": 42})
    assert found.to_object() == {"id": None, "a": "abc", "b": "X", "c": "00042"}
    assert codec(model).encode_patch({"a": " Q "}) == {"a": "q"}


# ---------------------------------------------------------------- keys


class Member(Model, key=Key(partition=("team",), clustering=("-name",))):
    team: Prop[str]
    name: Prop[int]
    note: Prop[str | None] = prop(default=None)


def test_keys_in_every_form() -> None:
    one, two = codec(), codec(Member)
    assert one.coerce_key(5) == one.coerce_key("5") == one.coerce_key((5,)) == (5,)
    assert one.coerce_key({"id": "5"}) == (5,)
    assert one.coerce_key(User({"id": 5, "name": "a"})) == (5,)
    assert two.coerce_key(("a", "1")) == two.coerce_key({"name": 1, "team": "a"}) == ("a", 1)
    assert two.coerce_key(Member(team="a", name=1)) == ("a", 1)


@pytest.mark.parametrize(
    "wrong", [None, (), ("a",), ("a", 1, 2), "a", ("a", None), {"team": "a"}, {"team": "a", "x": 1}]
)
def test_incomplete_keys_are_refused(wrong: Any) -> None:
    with pytest.raises(InvalidValueError) as caught:
        codec(Member).coerce_key(wrong)
    assert caught.value.code == "bad-key"
    assert "(team, name)" in caught.value.hint


def test_keys_do_not_change() -> None:
    member = codec(Member)
    stored = member.encode_map({"team": "a", "name": 1})
    member.same_key(stored, {"team": "a", "note": "x"})
    with pytest.raises(InvalidQueryError) as caught:
        member.same_key(stored, {"name": 2})
    assert caught.value.code == "key-change"
    with pytest.raises(InvalidQueryError):
        member.with_key_values({"team": "b"}, ("a", 1))
    assert member.with_key_values({"note": "x"}, ("a", 1)) == {"note": "x", "team": "a", "name": 1}
    assert member.without_key({"team": 1, "note": 2}) == {"note": 2}
    assert member.key_in({"team": "a"}) is None
    assert member.key_in({"team": "a", "name": "3"}) == ("a", 3)
    assert member.with_key(stored, ("z", 9))[:2] == ("z", 9)


# ---------------------------------------------------------------- changes and deltas


def test_changed_names_what_differs_and_by_type_too() -> None:
    user = codec().decode(row(meta={"n": 1}))
    assert codec().changed(user, codec().encode(user)) == {}
    user.age = 9
    user.meta["n"] = True
    assert codec().changed(user, codec().encode(user)) == {"age": 9, "meta": {"n": True}}


def test_deltas() -> None:
    found = codec().encode_patch(
        {"age": Inc(2), "tags": Append([1]), "marks": Remove(["1"]), "meta": Add({"k": 1})}
    )
    assert found["tags"] == Append(["1"])
    assert found["marks"] == Remove(frozenset({1}))
    changed = codec().apply(row(age=1, tags=["x"], marks=[1, 2], meta={"a": 0}), found)
    assert [changed[position(n)] for n in ("age", "tags", "marks", "meta")] == [
        3, ["x", "1"], frozenset({2}), {"a": 0, "k": 1},
    ]  # fmt: skip
    with pytest.raises(InvalidValueError) as caught:
        codec().encode_patch({"name": Inc(1)})
    assert caught.value.code == "bad-delta"


# ---------------------------------------------------------------- projections


def test_a_projection_loads_what_is_wanted_and_remembers_the_key() -> None:
    decode = codec().decode_partial(("id", "name", "tags"), ("name", "tags"))
    (user,) = decode([(7, "Ann", ["x"])], ["v"])
    assert user.name == "Ann"
    assert user.to_object() == {"name": "Ann", "tags": ["x"]}
    with pytest.raises(AttributeError, match="not loaded"):
        user.age  # noqa: B018 - the access is the test
    assert codec().key_of(user._row) == (7,)
    user.name = "Eve"
    found = codec().encode(user)
    assert found[position("age")] is MISSING
    assert codec().changed(user, found) == {"name": "Eve"}
    assert user.changes == {"name": ("Ann", "Eve")}
    codec().validate(found)


def test_settling_a_part_keeps_what_else_the_instance_shows() -> None:
    user = codec().decode(row(age=1))
    user.age, user.name = 5, "unsaved"
    changed = codec().apply(user._row, {"age": 5})
    codec().settle(user, changed, "2", only={"age": 5})
    assert (user.name, user.changes) == ("unsaved", {"name": ("Ann", "unsaved")})


# ---------------------------------------------------------------- properties

json_like = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
users = st.fixed_dictionaries(
    {"name": st.text(min_size=1)},
    optional={
        "age": st.integers(0, 200),
        "score": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
        "active": st.booleans(),
        "at": st.datetimes(timezones=st.just(UTC)) | st.none(),
        "day": st.dates() | st.none(),
        "token": st.builds(uuid4) | st.none(),
        "money": st.decimals(allow_nan=False, allow_infinity=False) | st.none(),
        "data": st.binary(max_size=5) | st.none(),
        "tags": st.lists(st.text(max_size=3), max_size=3),
        "marks": st.sets(st.integers(), max_size=3),
        "meta": st.dictionaries(st.text(max_size=3), json_like, max_size=3),
        "home": st.none() | st.fixed_dictionaries({"street": st.text(max_size=5)}),
        "homes": st.lists(st.fixed_dictionaries({"floor": st.integers() | st.none()}), max_size=3),
    },
)


@given(users)
def test_encode_and_decode_are_inverse(values: dict[str, Any]) -> None:
    stored = codec().encode_map(values)
    found = codec().decode(stored)
    assert codec().encode(found) == stored
    assert found.changes == {}
    assert codec().encode_map(found.to_object()) == stored
    assert codec().encode(User(values)) == stored


@given(st.dictionaries(st.sampled_from([*User.__definition__.properties, "other"]), json_like))
def test_any_values_are_a_row_or_one_of_our_errors(values: dict[str, Any]) -> None:
    refused = None
    try:
        stored = codec().encode_map(values)
    except InvalidValueError as error:
        refused = error
    if refused is not None:
        assert refused.field
        assert refused.hint
        return
    assert codec().encode_map(codec().decode(stored).to_object()) == stored


def test_elements_keep_their_options_in_typed_classes_too() -> None:
    class Mail(Model):
        to: Prop[list[Annotated[str, length(3)]]] = prop(default_factory=list)

    with pytest.raises(ValidationError) as caught:
        codec(Mail).validate(codec(Mail).encode_map({"to": ["abc", "abcd"]}))
    assert caught.value.details["codes"] == {"to.1": ["length.max"]}
