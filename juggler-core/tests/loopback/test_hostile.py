"""Whatever stands in a document: it is loaded and the rest reported, nothing falls over."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from loopback_projects import META, model, write

from juggler.loopback import load

WORDS = st.sampled_from(
    ["string", "Number", "date", "B", "A", "Nowhere", "hasMany", "belongsTo", "", "id", "n", "$now",
     "true", "a.b", "find", "uuid", "-1", "desc", "bId", "count", "embedsMany", "referencesMany"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["type", "model", "foreignKey", "required", "default", "id", "index", "n", "b", "options",
     "polymorphic", "through", "keys", "where", "order", "limit", "strict", "base", "mysql", "bId",
     "property", "generated", "scope", "unique", "bs", "count", "length", "min", "pattern"]
)  # fmt: skip
JSON = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers(-3, 3) | st.floats(0, 1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
PARTS = [
    "properties", "relations", "options", "indexes", "mixins", "acls", "methods", "hidden",
    "protected", "scope", "scopes", "strict", "base", "plural", "idInjection", "validations",
    "forceId", "tableName", "description", "mysql", "models", "excludeBaseProperties",
]  # fmt: skip
RELATION = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["hasMany", "hasOne", "belongsTo", "hasAndBelongsToMany", "referencesMany",
             "embedsOne", "embedsMany"]),
        "model": st.sampled_from(["A", "B", "b", "Nowhere", ""]),
    },
    optional={
        "foreignKey": JSON, "through": st.sampled_from(["B", "C", ""]), "polymorphic": JSON,
        "options": JSON, "property": WORDS, "scope": JSON, "keyThrough": WORDS, "primaryKey": WORDS,
    },
)  # fmt: skip
DOCUMENT = st.fixed_dictionaries({}, optional=dict.fromkeys(PARTS, JSON)) | st.fixed_dictionaries(
    {"relations": st.dictionaries(NAMES, RELATION, max_size=4)},
    optional={"properties": st.dictionaries(NAMES, JSON, max_size=4)},
)


@settings(max_examples=40)
@given(DOCUMENT, JSON)
def test_any_document(document: dict[str, Any], config: Any) -> None:
    entry = config if isinstance(config, dict) and not config.keys() & {"base"} else {}
    files = {
        "server/datasources.json": {"db": {"connector": "memory"}},
        "server/model-config.json": {
            "_meta": META,
            "A": {**entry, "dataSource": "db"},
            "B": {"dataSource": "db"},
        },
        "common/models/a.json": {"name": "A", **document},
        "common/models/b.json": model("B", {"n": "number"}),
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        load(write(Path(folder), files)) as project,
    ):
        assert project["B"].create(n=1).n == 1
        assert ("A" in project.models) or project.report.about("A")
        assert str(project.report)
