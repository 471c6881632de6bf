"""``memory:?emulate=cassandra`` against the server: the same plans, costs, refusals and rows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from juggler import JugglerError, Key, Model, Prop, View, connect, prop

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.server
EXAMPLES = int(os.environ.get("JUGGLER_EXAMPLES", "60"))


def models() -> tuple[Any, Any]:
    """A model with an index and a view, anew for each data source."""

    class Happening(Model, key=Key(partition=("tenant", "day"), clustering=("-seq",))):
        tenant: Prop[str]
        day: Prop[int]
        seq: Prop[int]
        kind: Prop[str | None] = prop(default=None, index=True)
        n: Prop[float | None] = prop(default=None)
        note: Prop[str | None] = prop(default=None)
        tags: Prop[list[str]] = prop(default_factory=list)

    class ByNote(View, of=Happening, key=Key(partition=("note",))):
        pass

    return Happening, ByNote


DOMAINS: dict[str, list[Any]] = {
    "tenant": ["a", "b", ""],
    "day": [1, 2],
    "seq": [0, 1, 2, 3],
    "kind": ["k", "l", None],
    "n": [0, 1.5, None],
    "note": ["x", "xy", None],
}
ROWS = [
    {"tenant": tenant, "day": day, "seq": seq, "kind": DOMAINS["kind"][(day + seq) % 3],
     "n": DOMAINS["n"][seq % 3], "note": DOMAINS["note"][(seq + len(tenant)) % 3],
     "tags": ["t"] * (seq % 2)}
    for tenant in DOMAINS["tenant"] for day in DOMAINS["day"] for seq in DOMAINS["seq"]
]  # fmt: skip
COMPARED = ("path", "guarantee", "order", "limit_pushed", "pushed", "residual", "cost", "relation")


def _conditions() -> st.SearchStrategy[Any]:
    def one(name: str) -> st.SearchStrategy[Any]:
        values = [value for value in DOMAINS[name] if value is not None]
        value = st.sampled_from(values)
        return st.one_of(
            st.sampled_from(DOMAINS[name]),
            st.fixed_dictionaries({"neq": value}),
            st.lists(value, max_size=3).map(lambda found: {"inq": found}),
            st.fixed_dictionaries({}, optional={"gte": value, "lt": value}).filter(bool),
        ).map(lambda condition: {name: condition})

    leaf = st.sampled_from(sorted(DOMAINS)).flatmap(one)
    return st.recursive(
        leaf,
        lambda inner: st.builds(
            lambda word, parts: {word: parts},
            st.sampled_from(["and", "and", "or"]),
            st.lists(inner, min_size=1, max_size=4),
        ),
        max_leaves=6,
    )


FILTERS = st.fixed_dictionaries(
    {"where": _conditions()},
    optional={
        "order": st.lists(
            st.sampled_from(["seq", "seq DESC", "n", "kind DESC", "tenant", "day"]),
            min_size=1,
            max_size=2,
            unique_by=lambda text: text.split()[0],
        ),
        "limit": st.integers(0, 9),
        "skip": st.integers(0, 3),
    },
)


@pytest.fixture(scope="module")
def pair(url: str, opened: Any) -> Iterator[list[Any]]:
    """The same models on both, with the same rows: the server first."""
    opened.ping()
    options = {"create_keyspace": True, "consistency": "ONE", "connect_timeout": 60}
    with (
        connect(url, options) as real,
        connect("memory:?emulate=cassandra", {"consistency": "ONE", "connect_timeout": 60}) as told,
    ):
        pair = []
        for db in (real, told):
            both = Happening, _ = models()
            db.attach(*both)
            db.automigrate(list(both), allow_data_loss=True)
            Happening.create_all(ROWS)
            pair.append(Happening)
        yield pair


def _answer(model: Any, asked: dict[str, Any], **options: Any) -> Any:
    try:
        return [row.to_object() for row in model.find(asked, **options)]
    except JugglerError as error:
        return type(error).__name__, error.code, error.hint


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(FILTERS, st.sampled_from([None, "eventual", "strong"]))
def test_plans_refusals_and_rows_are_the_servers(
    pair: list[Any], asked: dict[str, Any], consistency: str | None
) -> None:
    options = {} if consistency is None else {"consistency": consistency}
    plans = []
    for model in pair:
        try:
            found = model.explain(asked, **options).to_dict()
            plans.append({name: found.get(name) for name in COMPARED})
        except JugglerError as error:
            plans.append({"error": type(error).__name__, "code": error.code})
    assert plans[0] == plans[1]
    event(str(plans[0].get("path") or plans[0].get("code")))
    assert _answer(pair[0], asked, **options) == _sorted_like(
        _answer(pair[1], asked, **options), _answer(pair[0], asked, **options), asked
    )
    whole = [_answer(model, asked, allow_scan=True, **options) for model in pair]
    assert whole[0] == _sorted_like(whole[1], whole[0], asked)


def _sorted_like(found: Any, other: Any, asked: dict[str, Any]) -> Any:
    """Without an order, any order will do, and with a limit any rows."""
    if asked.get("order") or not isinstance(found, list) or not isinstance(other, list):
        return found
    if asked.get("limit") or asked.get("skip"):
        return other if len(found) == len(other) else found
    places = {repr(row): at for at, row in enumerate(other)}
    return sorted(found, key=lambda row: places.get(repr(row), -1))
