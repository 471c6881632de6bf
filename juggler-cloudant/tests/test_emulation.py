"""``memory:?emulate=cloudant`` plans, refuses and counts as the connector does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cloudant_support import SETTINGS
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler import connect
from juggler.connector import WriteOp
from juggler.errors import CostGuardError, InvalidValueError, JugglerError, UnsupportedModelError
from juggler_cloudant.documents import Documents
from juggler_cloudant.home import home_of
from juggler_cloudant.patching import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler import DataSource

PROPERTIES = {
    "id": {"type": "string", "id": True},
    "name": {"type": "string", "index": True},
    "category": {"type": "string"},
    "age": {"type": "number", "index": True},
    "born": {"type": "date"},
    "tags": ["string"],
}
INDEXES = {"category_age": {"keys": {"category": 1, "age": 1}}, "born": {"keys": {"born": -1}}}
VALUES: dict[str, list[Any]] = {
    "id": ["a", "b", "ä"],
    "name": ["x", "X", ""],
    "category": ["cat", "dog"],
    "age": [1, 2.5, -3],
    "born": ["2020-01-01T00:00:00.000Z"],
    "tags": ["t"],
}


def define(db: DataSource) -> Any:
    return db.define("Pet", PROPERTIES, {"strict": True, "indexes": INDEXES})


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Any, Any]]:
    """The model on the connector, which never connects, and on memory."""
    with connect("cloudant://localhost") as real, connect("memory:?emulate=cloudant") as emulated:
        model = define(emulated)
        model.create_all([{"id": f"k{i}", "age": i, "name": f"n{i % 3}"} for i in range(9)])
        yield define(real), model


@st.composite
def leaves(draw: Any) -> dict[str, Any]:
    name = draw(st.sampled_from(list(VALUES)))
    one = st.sampled_from(VALUES[name])
    ways = [one, one.map(lambda v: {"neq": v}), st.just(None)]
    if name == "tags":
        return {name: draw(one)}
    ways.append(st.lists(one, min_size=1, max_size=3).map(lambda v: {"inq": v}))
    ways += [one.map(lambda v, op=op: {op: v}) for op in ("gt", "gte", "lt", "lte")]
    ways.append(st.tuples(one, one).map(lambda v: {"between": list(v)}))
    if name in {"id", "name", "category"}:
        ways.append(st.just({"like": "a%"}))
    return {name: draw(st.one_of(ways))}


def wheres() -> st.SearchStrategy[dict[str, Any]]:
    def more(inner: Any) -> Any:
        some = st.lists(inner, min_size=1, max_size=3)
        return st.builds(lambda parts, word: {word: parts}, some, st.sampled_from(["and", "or"]))

    return st.just({}) | st.recursive(leaves(), more, max_leaves=4)


def filters() -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from([name for name in PROPERTIES if name != "tags"])
    term = st.builds(lambda name, way: f"{name} {way}", names, st.sampled_from(["ASC", "DESC"]))
    return st.fixed_dictionaries(
        {"where": wheres()},
        optional={
            "order": st.lists(term, min_size=1, max_size=2, unique_by=lambda t: t.split()[0]),
            "limit": st.integers(0, 5),
            "skip": st.integers(0, 3),
        },
    )


def explained(model: Any, asked: dict[str, Any], options: dict[str, Any]) -> Any:
    """The plan with its cost and the guard's verdict; or the refusal."""
    try:
        query = model.where(asked["where"])
        query = query.order(*asked["order"]) if "order" in asked else query
        for name in ("limit", "skip"):
            query = getattr(query, name)(asked[name]) if name in asked else query
        return query.using(**options).explain().to_dict()
    except JugglerError as error:
        return type(error), error.code, error.message, error.hint


@settings(max_examples=200, deadline=None)
@given(
    filters(),
    st.sampled_from([{}, {}, {"index": "name_index"}, {"index": "category_age"}, {"index": "no"}]),
)
def test_plans_costs_and_refusals_are_the_connectors(
    pair: tuple[Any, Any], asked: dict[str, Any], options: dict[str, Any]
) -> None:
    real, emulated = pair
    assert explained(real, asked, options) == explained(emulated, asked, options)


def test_a_scan_is_refused_in_both(pair: tuple[Any, Any]) -> None:
    told = []
    for model in pair:
        with pytest.raises(CostGuardError) as caught:
            model.find({"where": {"category": {"like": "%g"}}})
        told.append((caught.value.code, caught.value.message, caught.value.hint))
    assert told[0] == told[1]
    assert len(pair[1].find({"where": {"age": {"gte": 3}}, "order": "age DESC"})) == 6


@pytest.mark.parametrize(
    "row",
    [{"id": "."}, {"id": ".."}, {"id": "_design/x"}, {"id": "a", "age": 1e-320},
     {"id": "a", "name": "\ud800"}, {"id": "x" * 8000}],
)  # fmt: skip
def test_values_that_a_document_cannot_hold_are_refused_in_both(
    pair: tuple[Any, Any], row: dict[str, Any]
) -> None:
    real, emulated = pair
    told = []
    with pytest.raises(InvalidValueError) as caught:
        emulated.create(dict(row))
    told.append((caught.value.code, caught.value.message))
    spec = real.__link__.spec
    stored = tuple(row.get(name) for name in spec.names)
    with pytest.raises(InvalidValueError) as caught:
        prepared(Documents(spec, home_of(spec, SETTINGS)), WriteOp("insert", stored[:1], stored))
    assert told == [(caught.value.code, caught.value.message)]


def test_partitions_and_servers_that_answer_by_key_alone_are_emulated_too() -> None:
    properties = {"id": {"type": "string", "id": True}, "n": "number"}
    index = {"n": {"keys": {"n": 1}, "options": {"partitioned": True}}}
    settings = {"strict": True, "indexes": index, "cloudant": {"partitioned": True}}
    told = []
    for url in ("cloudant://localhost", "memory:?emulate=cloudant"):
        with connect(url) as db:
            model = db.define("Part", properties, settings)
            told.append([
                explained(model, {"where": where}, {})
                for where in ({"id": {"like": "a:%"}, "n": 3}, {"id": {"like": "a%"}}, {"n": 3})
            ])  # fmt: skip
    assert told[0] == told[1]
    assert [plan["path"] for plan in told[1]] == ["partition", "index", "scan"]
    with connect("memory:?emulate=cloudant") as db:
        model = db.define("Part", properties, settings)
        with pytest.raises(InvalidValueError, match="partition:rest"):
            model.create({"id": "a"})
        model.create_all([{"id": f"{team}:{n}", "n": n} for team in "ab" for n in range(3)])
        assert [r["id"] for r in model.find({"where": {"id": {"like": "a:%"}, "n": 2}})] == ["a:2"]
    other = {"emulate_settings": {"product": "pouchdb"}}
    with connect("memory:?emulate=cloudant", other) as db, pytest.raises(CostGuardError):
        define(db).find({"where": {"age": 3}})


def test_models_that_are_refused_are_refused_in_both() -> None:
    mixed = {"indexes": {"both": {"keys": {"a": 1, "b": -1}}}}
    told = []
    for url in ("cloudant://localhost", "memory:?emulate=cloudant"):
        with connect(url) as db, pytest.raises(UnsupportedModelError) as caught:
            db.define("Mixed", {"id": {"type": "string", "id": True}, "a": str, "b": str}, mixed)
        told.append(caught.value.problems)
    assert told[0] == told[1]
