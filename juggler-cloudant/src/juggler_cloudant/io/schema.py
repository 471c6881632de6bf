"""Which databases and indexes there are, and what a sample of the documents has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from juggler.errors import BackendError, DecodeError, UnavailableError
from juggler.spec import EXTRA, IndexInfo, RelationInfo, StoreSchema
from juggler.values import TypeKind as K
from juggler_cloudant.documents import Documents
from juggler_cloudant.home import BASE, home_of, own_indexes, owns
from juggler_cloudant.io.errors import NotThereError
from juggler_cloudant.planning.requests import ViewRead, view_path
from juggler_cloudant.schema import Misfit
from juggler_cloudant.values import decoder, encoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import OpContext
    from juggler.spec import FieldSpec, ModelSpec
    from juggler_cloudant.home import Home
    from juggler_cloudant.io.client import Client
    from juggler_cloudant.settings import CloudantSettings

_SAMPLE: Final = 50
_LOOKED_AT: Final = 1000


def read_schema(
    client: Client, models: Sequence[ModelSpec], settings: CloudantSettings, ctx: OpContext,
    product: str,
) -> StoreSchema:  # fmt: skip
    """Which databases and indexes there are for the models."""
    databases: dict[str, tuple[Any, list[Any]] | None] = {}
    relations: dict[str, RelationInfo] = {}
    for model in models:
        home = home_of(model, settings)
        if home.database not in databases:
            databases[home.database] = _database(client, home.database, ctx, product)
        found = databases[home.database]
        if found is not None:
            relations[model.storage_name] = _relation(client, model, home, found, ctx)
    return StoreSchema(relations, {"product": product})


def _database(
    client: Client, name: str, ctx: OpContext, product: str
) -> tuple[Any, list[Any]] | None:
    path = f"/{quote(name, safe='')}"
    try:
        facts = client.send("GET", path, ctx, cls="read")
        if product == "pouchdb":
            return facts, []
        return facts, client.send("GET", f"{path}/_index", ctx, cls="query")["indexes"]
    except NotThereError:
        return None


def _relation(
    client: Client, model: ModelSpec, home: Home, found: tuple[Any, list[Any]], ctx: OpContext
) -> RelationInfo:
    facts, raw = found
    indexes = tuple(_index(home, one) for one in raw if one.get("type") == "json")
    partitioned = bool((facts.get("props") or {}).get("partitioned"))
    base = next((index for index in own_indexes(model, home) if index.label == BASE), None)
    docs: list[Any] | None = []
    more: dict[str, Any] = {}
    if base is not None and any(info.facts["ddoc"] == base.ddoc for info in indexes):
        read = ViewRead(home.database, base, ())
        docs, more = _sample_of_base(client, Documents(model, home), read, facts, ctx)
    elif facts.get("doc_count"):
        docs, more = _sample(client, Documents(model, home), ctx)
    return RelationInfo(
        model.storage_name,
        key=model.key,
        indexes=indexes,
        facts={
            "database": home.database,
            "partitioned": partitioned,
            "empty": docs is not None and not docs,
            **more,
            **_findings(model, home, docs or ()),
        },
    )


def _index(home: Home, raw: Any) -> IndexInfo:
    ddoc = str(raw["ddoc"]).removeprefix("_design/")
    definition = raw["def"]
    fields = tuple(next(iter(one.items())) for one in definition["fields"])
    return IndexInfo(
        raw["name"],
        tuple((path, way) for path, way in fields),
        "json",
        ours=owns(home, ddoc, raw["name"]),
        facts={
            "ddoc": ddoc,
            "fields": [path for path, _ in fields],
            "partial": definition.get("partial_filter_selector") or None,
            "partitioned": bool(raw.get("partitioned")),
        },
    )


def _sample_of_base(
    client: Client, documents: Documents, read: ViewRead, facts: Any, ctx: OpContext
) -> tuple[list[Any] | None, dict[str, Any]]:
    """The first documents of a model, and how many documents of the database are of none."""
    home = documents.home
    path = f"/{quote(home.database, safe='')}"
    body = {"key": [home.name], "limit": _SAMPLE, "reduce": False, "include_docs": True}
    try:
        answer = client.send("POST", view_path(read), ctx, body=body)
        design = f"{path}/_design/{quote(read.index.ddoc, safe='')}/_info"
        built = client.send("GET", design, ctx, cls="read")["view_index"]
        others = client.send("GET", f"{path}/_design_docs", ctx, params={"limit": 0})
    except (NotThereError, BackendError, UnavailableError):
        return None, {}
    named = int(answer.get("total_rows", 0)) + int(others.get("total_rows") or 0)
    return (
        [row["doc"] for row in answer["rows"] if documents.mine(row.get("doc"))],
        {
            "unnamed": max(0, int(facts.get("doc_count", 0)) - named),
            "collators": len(built.get("collator_versions") or ()),
        },
    )


def _sample(
    client: Client, documents: Documents, ctx: OpContext
) -> tuple[list[Any] | None, dict[str, Any]]:
    """As of the base index, where there is none: None where too many are looked at to tell."""
    path = f"/{quote(documents.home.database, safe='')}/_all_docs"
    params = {"limit": _LOOKED_AT, "include_docs": "true"}
    try:
        rows = client.send("GET", path, ctx, params=params)["rows"]
    except (NotThereError, BackendError, UnavailableError):
        return None, {}
    docs = [row["doc"] for row in rows if row.get("doc") and not row["id"].startswith("_design/")]
    found = [doc for doc in docs if documents.mine(doc)][:_SAMPLE]
    unnamed = sum(not {*documents.home.mark} <= {*doc} for doc in docs)
    return found if found or len(rows) < _LOOKED_AT else None, {"unnamed": unnamed}


def _findings(model: ModelSpec, home: Home, docs: Sequence[Any]) -> dict[str, Any]:
    """What the documents have that the model does not say: other types, missing fields."""
    documents = Documents(model, home)
    misfits: dict[str, Misfit] = {}
    forms: dict[str, Misfit] = {}
    sparse: set[str] = set()
    for field in model.fields:
        if field.name == EXTRA or (documents.ids.single and field.name in model.key.names):
            continue
        stored = field.storage_name
        if stored != "_rev" and any(stored not in doc for doc in docs):
            sparse.add(field.name)
        among = [doc for doc in docs if doc.get(stored) is not None]
        wrong = [doc for doc in among if not _fits(documents, field.name, doc)]
        if wrong:
            kind = type(wrong[0][stored]).__name__
            misfits[field.name] = Misfit(kind, [doc["_id"] for doc in wrong], len(among))
        other = [doc for doc in among if doc not in wrong and not _is_formed(field, doc[stored])]
        if other:
            shown = repr(other[0][stored])
            forms[field.name] = Misfit(shown, [doc["_id"] for doc in other], len(among))
    return {"misfits": misfits, "forms": forms, "sparse": sorted(sparse), "sampled": len(docs)}


#: Kinds that JSON lacks, so that others may write them otherwise.
_FORMED: Final = frozenset({K.DATETIME, K.DATE, K.TIME, K.UUID, K.TIMEUUID, K.DECIMAL, K.BUFFER})


def _is_formed(field: FieldSpec, stored: Any) -> bool:
    """Whether a value is stored as this connector writes it."""
    if field.type.kind not in _FORMED:
        return True
    read, write = decoder(field.type), encoder(field.type)
    return read is None or write is None or bool(write(read(stored)) == stored)


def _fits(documents: Documents, name: str, doc: Any) -> bool:
    try:
        documents.reader((name,)).row(doc)
    except DecodeError:
        return False
    return True
