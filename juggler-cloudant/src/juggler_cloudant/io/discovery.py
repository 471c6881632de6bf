"""Models out of a sample of documents, and out of the indexes that the connector made."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from juggler.connector import DiscoveredModel, Discovery
from juggler.spec import ColumnInfo, FieldSpec, IndexSpec, KeySpec, ModelSpec, RelationInfo
from juggler.values import TypeKind as K
from juggler.values import TypeSpec, simple
from juggler_cloudant.home import MangoIndex
from juggler_cloudant.io.errors import NotThereError, no_database
from juggler_cloudant.settings import DISCRIMINATOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import DiscoverRequest, OpContext
    from juggler_cloudant.io.client import Client
    from juggler_cloudant.settings import CloudantSettings

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_OWN: Final = re.compile(r"jx-(.+)-base-[0-9a-f]{8}")
_LOOPBACK: Final = re.compile(r"LBModel__(.+?)__LBIndex__.+")
_PAGE: Final = 500


def discover(
    client: Client, settings: CloudantSettings, request: DiscoverRequest, ctx: OpContext
) -> Discovery:
    """The models of a database; the notes say how many documents were looked at."""
    databases = [request.owner or settings.default_database]
    if request.all_owners:
        found = client.send("GET", "/_all_dbs", ctx, cls="read")
        databases = [name for name in found if not name.startswith("_")]
    models: list[DiscoveredModel] = []
    notes: list[str] = []
    for database in databases:
        try:
            docs, total = _sample(client, database, settings.sample, ctx)
        except NotThereError as error:
            if request.all_owners:
                continue  # deleted since they were listed
            raise no_database(database) from error
        indexes = _indexes(client, database, ctx)
        named = _by_model(docs, indexes, settings.model_index)
        models += [
            _model(database, name, some, indexes, settings)
            for name, some in sorted(named.items())
            if request.names is None or name in request.names
        ]
        notes.append(f"{database}: {len(docs)} of {total} documents were looked at")
        if unnamed := sum(settings.model_index not in doc for doc in docs):
            notes.append(
                f"{database}: {unnamed} of them have no field {settings.model_index!r}: "
                "model_index= says which field names a document's model"
            )
    stop = None if request.limit is None else request.offset + request.limit
    return Discovery(models[request.offset : stop], notes=tuple(notes))


def _sample(client: Client, database: str, size: int, ctx: OpContext) -> tuple[list[Any], int]:
    path = f"/{quote(database, safe='')}"
    docs: list[Any] = []
    last: str | None = None
    total = int(client.send("GET", path, ctx, cls="read").get("doc_count", 0))
    total -= _design_documents(client, path, ctx)
    while len(docs) < size:
        params = {"limit": _PAGE, "include_docs": "true"}
        if last is not None:
            params["startkey"] = json.dumps(last)
        rows = client.send("GET", f"{path}/_all_docs", ctx, params=params)["rows"]
        docs += [
            row["doc"] for row in rows
            if row["id"] != last and row.get("doc") and not row["id"].startswith("_design/")
        ]  # fmt: skip
        if len(rows) < _PAGE:
            break
        last = rows[-1]["id"]
    return docs[:size], total


def _design_documents(client: Client, path: str, ctx: OpContext) -> int:
    params = {"startkey": '"_design/"', "endkey": '"_design0"'}
    rows = client.send("GET", f"{path}/_all_docs", ctx, params=params)["rows"]
    return len(rows)


def _indexes(client: Client, database: str, ctx: OpContext) -> list[MangoIndex]:
    try:
        found = client.send("GET", f"/{quote(database, safe='')}/_index", ctx)["indexes"]
    except NotThereError:
        return []
    return [
        MangoIndex(
            str(one["ddoc"]).removeprefix("_design/"),
            one["name"],
            tuple(next(iter(field)) for field in one["def"]["fields"]),
        )
        for one in found
        if one.get("type") == "json"
    ]


def _by_model(
    docs: Sequence[Any], indexes: Sequence[MangoIndex], field: str
) -> dict[str, list[Any]]:
    named: dict[str, list[Any]] = {}
    for doc in docs:
        if isinstance(doc.get(field), str):
            named.setdefault(doc[field], []).append(doc)
    for index in indexes:
        own = _OWN.fullmatch(index.ddoc) or _LOOPBACK.fullmatch(index.ddoc)
        if own:
            named.setdefault(own[1], [])
    return named


def _model(
    database: str,
    name: str,
    docs: Sequence[Any],
    indexes: Sequence[MangoIndex],
    settings: CloudantSettings,
) -> DiscoveredModel:
    field = settings.model_index
    key, single = _key(docs)
    names: dict[str, None] = dict.fromkeys(key)
    own = [i for i in indexes if _is_of(i, name)]
    for doc in docs:
        names.update(dict.fromkeys(n for n in doc if not n.startswith("_") and n != field))
    for index in own:
        names.update(dict.fromkeys(p for p in index.fields if p != field and "." not in p))
    types = {n: _type([doc.get(n) for doc in docs]) for n in names}
    if single:
        types[key[0]] = simple(K.STRING)
    fields = tuple(
        FieldSpec(n, n, types[n], nullable=n not in key, generated=single and n == key[0])
        for n in names
    )
    declared = tuple(
        IndexSpec(i.name, tuple((p, "asc") for p in i.fields if p != field))
        for i in own
        if len(i.fields) > 1
    )
    options: dict[str, Any] = {"database": database}
    if field != DISCRIMINATOR:
        options["modelIndex"] = field
    if any(n not in doc for doc in docs for n in names if not (single and n == key[0])):
        options["dense"] = False
    spec = ModelSpec(name, name, fields, KeySpec(key), declared, open=True, options=options)
    columns = tuple(ColumnInfo(n, str(types[n]), n not in key) for n in names)
    relation = RelationInfo(name, columns=columns, key=KeySpec(key), facts={"database": database})
    return DiscoveredModel(spec, relation, owner=database, columns=columns)


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
