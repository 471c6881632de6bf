"""Settings and binding: what is refused before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from cloudant_support import SETTINGS, K, model_of

from juggler import connect
from juggler.errors import ConfigurationError, UnsupportedModelError
from juggler.spec import FieldSpec, IndexSpec, KeySpec, StoreSchema
from juggler.values import simple
from juggler_cloudant import CloudantSettings
from juggler_cloudant.pure import PureHooks


@pytest.mark.parametrize(
    ("url", "service"),
    [
        ("cloudant://me:pw@127.0.0.1:5984/shop", "http://127.0.0.1:5984"),
        ("couchdb://localhost", "http://localhost:5984"),
        ("cloudant://me:pw@db.example.com/shop", "https://db.example.com"),
        ("cloudant://me:pw@db.example.com:5984/shop?tls=false", "http://db.example.com:5984"),
        ("cloudant:https://me:pw@localhost:6984/prefix/shop", "https://localhost:6984/prefix"),
    ],
)
def test_urls(url: str, service: str) -> None:
    with connect(url) as db:
        assert db.settings["url" if ":https" in url else "host"]
        assert db.connector.settings.service_url == service


@pytest.mark.parametrize(
    "given",
    [
        {"auth": "iam"},
        {"auth": "basic"},
        {"model_index": "_x"},
        {"pool_size": 0},
        {"rate_query": 0},
        {"ids": "strange"},
    ],
)
def test_settings_that_do_not_go_together_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        CloudantSettings.of({"host": "localhost", **given})


def problems(model: Any, settings: CloudantSettings = SETTINGS) -> str:
    with pytest.raises(UnsupportedModelError) as caught:
        PureHooks(settings).bind(model)
    return "; ".join(caught.value.problems)


def test_mixed_directions_are_refused_or_made_one() -> None:
    index = IndexSpec("both", (("name", "asc"), ("age", "desc")))
    model = evolve(model_of(name=K.STRING, age=K.INTEGER), indexes=(index,))
    assert "both directions" in problems(model)
    PureHooks(CloudantSettings(host="localhost", coerce_directions=True)).bind(model)


def test_models_that_documents_cannot_hold_are_refused() -> None:
    hidden = FieldSpec("x", "_x", simple(K.STRING))
    assert "'_' is the server's own" in problems(model_of(x=hidden))
    assert "option 'databse'" in problems(evolve(model_of(), options={"databse": "x"}))
    selected = evolve(model_of(), options={"modelSelector": {"type": "x"}})
    assert "modelIndex names the field" in problems(selected)
    assert "database is named 'Shop'" in problems(evolve(model_of(), options={"database": "Shop"}))
    taken = FieldSpec("m", "loopback__model__name", simple(K.STRING))
    assert "where the model's name stands" in problems(model_of(m=taken))
    unique = FieldSpec("mail", "mail", simple(K.STRING), unique=True)
    assert "only a document's id is unique" in problems(model_of(mail=unique))
    assert "has no key" in problems(evolve(model_of(), key=KeySpec(())))


def test_a_fresh_server_gets_a_database_and_every_index() -> None:
    model = model_of(indexes=(("name",),), name=K.STRING)
    steps = PureHooks(SETTINGS).plan_schema([model], StoreSchema(), "update").steps
    assert [step.kind for step in steps] == ["create-database", "create-index", "create-index"]
    assert '{"fields": [{"loopback__model__name": "asc"}, {"name": "asc"}]}' in steps[2].native[0]


def test_models_that_cannot_be_partitioned() -> None:
    db = connect("cloudant://localhost")
    index = {"a": {"keys": {"n": 1}, "options": {"partitioned": True}}}
    for properties, more in (
        ({"id": {"type": "number", "id": True}}, {}),
        ({"a": {"type": "string", "id": 1}, "b": {"type": "string", "id": 2}}, {}),
        ({"id": {"type": "string", "id": True}}, {"ids": "prefixed"}),
    ):
        with pytest.raises(UnsupportedModelError, match="partition:rest"):
            db.define("Wrong", properties, {"cloudant": {"partitioned": True, **more}})
    with pytest.raises(UnsupportedModelError, match="database is not"):
        db.define("Wrong", {"n": "number"}, {"indexes": index})
