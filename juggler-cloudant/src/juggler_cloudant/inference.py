"""Models out of documents and out of the names of indexes.  Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from juggler.connector import DiscoveredModel
from juggler.spec import ColumnInfo, FieldSpec, IndexSpec, KeySpec, ModelSpec, RelationInfo
from juggler.values import TypeKind as K
from juggler.values import TypeSpec, simple
from juggler_cloudant.names import is_property
from juggler_cloudant.settings import DISCRIMINATOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from juggler_cloudant.home import MangoIndex

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_OWN: Final = re.compile(r"jx-(.+)-base-[0-9a-f]{8}")
_LOOPBACK: Final = re.compile(r"LBModel__(.+?)__LBIndex__.+")


def by_model(
    docs: Sequence[Any], indexes: Sequence[MangoIndex], field: str
) -> dict[str, list[Any]]:
    """The documents of each model that a field, or the name of an index, tells of."""
    named: dict[str, list[Any]] = {}
    for doc in docs:
        if isinstance(doc.get(field), str) and doc[field].isprintable() and doc[field]:
            named.setdefault(doc[field], []).append(doc)
    for index in indexes:
        own = _OWN.fullmatch(index.ddoc) or _LOOPBACK.fullmatch(index.ddoc)
        if own and field in index.fields:
            named.setdefault(own[1], [])
    return named


#: Properties for a field ``id``, which is none of the document's ``_id``.
_OWN_ID: Final = ("ownId", "id_", "id__")
#: Fields that commonly name what a document is.
_NAMING: Final = ("type", "kind", "doc_type", "docType", "model", "class", "entity", "schema")


def naming_field(docs: Sequence[Any]) -> tuple[str, list[str]] | None:
    """The field that seems to name the documents' models, and the models; None without one.

    It is a text in most of the documents, and few different ones.
    """
    texts: dict[str, Counter[str]] = {}
    for doc in docs:
        for name, value in doc.items():
            if isinstance(value, str) and not name.startswith("_"):
                texts.setdefault(name, Counter())[value] += 1
    usual = {name: at for at, name in enumerate(_NAMING)}
    likely = [
        (usual.get(name, len(usual)), -found.total(), name)
        for name, found in texts.items()
        if 2 * found.total() > len(docs) and (name in usual or 1 < len(found) <= _MOST_MODELS)
        and 2 * len(found) <= found.total()
    ]  # fmt: skip
    if not likely:
        return None
    *_, name = min(likely)
    return name, sorted(texts[name])


_MOST_MODELS: Final = 20


def model_of(
    place: Mapping[str, Any],
    name: str,
    docs: Sequence[Any],
    indexes: Sequence[MangoIndex],
    field: str,
) -> DiscoveredModel:
    """A model: properties, key and indexes.

    Args:
        place: options that say where the documents are.
        name: of the model.
        docs: those of the sample that are the model's.
        indexes: of the database.
        field: that names the model of a document.
    """
    key, single = _key(docs)
    names: dict[str, None] = dict.fromkeys(key)
    own = [i for i in indexes if _is_of(i, name)]
    for doc in docs:
        names.update(dict.fromkeys(n for n in doc if is_property(n) and n != field))
    for index in own:
        names.update(dict.fromkeys(p for p in index.fields if p != field and "." not in p))
    fields = _fields(names, docs, key, single=single, generated=not place.get("partitioned"))
    options = dict(place)
    if field != DISCRIMINATOR:
        options["modelIndex"] = field
    if any(n not in doc for doc in docs for n in names if not (single and n == key[0])):
        options["dense"] = False
    spec = ModelSpec(
        name, name, fields, KeySpec(key), _declared(own, field), open=True, options=options
    )
    columns = tuple(ColumnInfo(f.storage_name, str(f.type), f.nullable) for f in fields)
    relation = RelationInfo(
        name, columns=columns, key=KeySpec(key), facts={"database": place["database"]}
    )
    return DiscoveredModel(spec, relation, owner=place["database"], columns=columns)


def _fields(
    names: Iterable[str],
    docs: Sequence[Any],
    key: tuple[str, ...],
    *,
    single: bool,
    generated: bool,
) -> tuple[FieldSpec, ...]:
    """The properties; a single key, which is the first name, stands in the documents' ids."""
    types = {n: _type([doc.get(n) for doc in docs]) for n in names}
    first, *rest = [FieldSpec(n, n, types[n], nullable=n not in key) for n in types]
    if not single:
        return (first, *rest)
    first = evolve(first, type=simple(K.STRING), generated=generated)
    if any(first.name in doc for doc in docs):  # a field of that name, beside the document's _id
        beside = next(name for name in _OWN_ID if name not in types)
        rest.append(FieldSpec(beside, first.name, types[first.name]))
        first = evolve(first, storage_name="_id")
    return (first, *rest)


def _declared(indexes: Iterable[MangoIndex], field: str) -> tuple[IndexSpec, ...]:
    """The indexes as a model declares them: without the field that names the model."""
    return tuple(
        IndexSpec(
            index.name,
            tuple((path, "asc") for path in index.fields if path != field),
            options={"partitioned": True} if index.partitioned else {},
        )
        for index in indexes
        if len(index.fields) > 1
    )


def _is_of(index: MangoIndex, name: str) -> bool:
    return index.ddoc.startswith((f"jx-{name}-{index.name}-", f"LBModel__{name}__"))


def _key(docs: Sequence[Any]) -> tuple[tuple[str, ...], bool]:
    """The key's properties: ``id``, or those whose values stand in ids that are JSON lists."""
    lists: list[tuple[Any, list[Any]]] = []
    for doc in docs:
        try:
            parts = json.loads(doc["_id"]) if doc["_id"].startswith("[") else None
        except ValueError:
            parts = None
        if not isinstance(parts, list):
            return ("id",), True
        lists.append((doc, parts))
    if not lists:
        return ("id",), True
    found: list[str] = []
    for at in range(min(len(parts) for _, parts in lists)):
        name = next(
            (
                n for n in lists[0][0]
                if not n.startswith("_") and n not in found
                and all(len(parts) > at and doc.get(n) == parts[at] for doc, parts in lists)
            ),
            None,
        )  # fmt: skip
        if name is None:
            return ("id",), True
        found.append(name)
    return tuple(found), False


def _type(values: Sequence[Any]) -> TypeSpec:
    """The type of most of the values that are there."""
    kinds = Counter(_kind(value) for value in values if value is not None)
    if not kinds:
        return simple(K.ANY)
    if set(kinds) == {K.INTEGER, K.NUMBER}:
        return simple(K.NUMBER)
    if len(kinds) > 1:
        return simple(K.STRING if set(kinds) <= {K.STRING, K.DATETIME} else K.ANY)
    kind = next(iter(kinds))
    if kind is K.ARRAY:
        inner = [one for value in values if isinstance(value, list) for one in value]
        return TypeSpec(K.ARRAY, of=_type(inner))
    return simple(kind)


def _kind(value: Any) -> K:
    match value:
        case bool():
            return K.BOOLEAN
        case int():
            return K.INTEGER
        case float():
            return K.NUMBER
        case str():
            return K.DATETIME if _MOMENT.fullmatch(value) else K.STRING
        case list():
            return K.ARRAY
        case _:
            return K.OBJECT
