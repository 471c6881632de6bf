"""The core's default check of models against capabilities."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from juggler.connector import Capabilities, full, impossible
from juggler.connector.checks import check_model, model_problems
from juggler.errors import UnsupportedModelError
from juggler.spec import EXTRA, FieldSpec, IndexSpec, KeySpec, ModelSpec, ViewSpec
from juggler.values.types import INTEGER, STRING, TypeKind, TypeSpec, simple

ALL = Capabilities(
    types=full(),
    composite_keys=full(),
    unique=full(kind="any"),
    indexes=full(),
    views=full(),
    versions=full(),
    open_models=full(),
    counters=full(),
    generated_keys=full(),
)
ID = FieldSpec("id", "id", INTEGER, generated=True)
NAME = FieldSpec("name", "name", STRING)


def model(*fields: FieldSpec, key: KeySpec | None = None, **more: Any) -> ModelSpec:
    return ModelSpec("User", "user", (ID, NAME, *fields), key or KeySpec(("id",)), **more)


GEO = FieldSpec("place", "place", TypeSpec(TypeKind.ARRAY, of=simple(TypeKind.GEO)))
INNER = ModelSpec("Inner", "Inner", (FieldSpec("at", "at", simple(TypeKind.TIME)),), KeySpec(()))
EMBEDDED = FieldSpec("inner", "inner", TypeSpec(TypeKind.EMBEDDED, model=INNER))
SIMPLE = frozenset({TypeKind.STRING, TypeKind.INTEGER})
CASES: list[tuple[ModelSpec, dict[str, Any], str]] = [
    (model(key=KeySpec(())), {}, "it has no key"),
    (
        model(key=KeySpec(("id",), (("name", "asc"),))),
        {"composite_keys": None},
        "(id, name) has several",
    ),
    (model(key=KeySpec(("nothing",))), {}, "nothing of the key is no property"),
    (model(GEO, key=KeySpec(("place",))), {}, "no single value"),
    (model(), {"generated_keys": None}, "id is a generated integer: "),
    (model(), {"generated_keys": full(kinds={TypeKind.UUID})}, "make it a string or uuid"),
    (model(GEO), {"types": full(kinds=SIMPLE)}, "place needs the type array"),
    (model(GEO), {"types": full(kinds=SIMPLE)}, "place needs the type geopoint"),
    (model(EMBEDDED), {"types": full(kinds=SIMPLE)}, "inner needs the type time"),
    (model(FieldSpec("n", "n", simple(TypeKind.COUNTER))), {"counters": None}, "n is a counter"),
    (
        model(FieldSpec("mail", "mail", STRING, unique=True)),
        {"unique": None},
        "mail is declared unique",
    ),
    (
        model(FieldSpec("mail", "mail", STRING, unique=True)),
        {"unique": full(kind="key")},
        "only the key is unique in this store",
    ),
    (
        model(indexes=(IndexSpec("u", (("name", "asc"),), unique=True),)),
        {"unique": None},
        "index u is declared unique",
    ),
    (
        model(indexes=(IndexSpec("i", (("name", "asc"),)),)),
        {"indexes": None},
        "index i is declared",
    ),
    (model(indexes=(IndexSpec("i", (("nme", "asc"),)),)), {}, "index i names nme"),
    (model(view=ViewSpec("Base", KeySpec(("id",)))), {"views": None}, "it is or has a view"),
    (model(versioned=True), {"versions": None}, "it demands versions"),
    (
        model(FieldSpec(EXTRA, EXTRA, simple(TypeKind.OBJECT)), open=True),
        {"open_models": None},
        "keeps undeclared properties",
    ),
]


@pytest.mark.parametrize(("spec", "lacking", "words"), CASES)
def test_what_the_connector_cannot_is_refused(
    spec: ModelSpec, lacking: dict[str, Any], words: str
) -> None:
    changes = {name: cap or impossible("not here") for name, cap in lacking.items()}
    with pytest.raises(UnsupportedModelError) as caught:
        check_model("shelf", spec, evolve(ALL, **changes))
    assert any(words in problem for problem in caught.value.problems)
    assert (caught.value.connector, caught.value.model) == ("shelf", "User")
    assert "shelf" in caught.value.message


@pytest.mark.parametrize(("spec", "lacking", "words"), CASES)
def test_what_the_connector_can_is_not(
    spec: ModelSpec, lacking: dict[str, Any], words: str
) -> None:
    problems = model_problems("shelf", spec, ALL)
    assert [p for p in problems if words in p] == ([] if lacking else problems)


def test_a_model_inside_itself_ends() -> None:
    tree = FieldSpec("next", "next", TypeSpec(TypeKind.EMBEDDED, model=INNER))
    outer = ModelSpec("Inner", "Inner", (tree,), KeySpec(()))
    spec = model(FieldSpec("tree", "tree", TypeSpec(TypeKind.EMBEDDED, model=outer)))
    assert model_problems("shelf", spec, ALL) == []


def test_a_connector_that_names_no_types_takes_all() -> None:
    assert model_problems("shelf", model(GEO), evolve(Capabilities(), generated_keys=full())) == []


def test_a_unique_property_that_is_the_key_is_no_problem() -> None:
    spec = ModelSpec("A", "a", (FieldSpec("id", "id", STRING, unique=True),), KeySpec(("id",)))
    assert model_problems("shelf", spec, Capabilities()) == []
