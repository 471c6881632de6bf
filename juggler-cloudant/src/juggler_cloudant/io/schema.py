"""Reading databases and indexes, and applying steps."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from juggler.connector import StepResult
from juggler.errors import (
    BackendError,
    ConflictError,
    DeadlineError,
    DecodeError,
    RateLimitedError,
    UnavailableError,
)
from juggler.spec import EXTRA, IndexInfo, RelationInfo, StoreSchema
from juggler_cloudant.documents import Documents
from juggler_cloudant.home import home_of, own_indexes, owns
from juggler_cloudant.io.errors import NotThereError
from juggler_cloudant.io.reader import Reader, by_ids
from juggler_cloudant.planning.requests import Range, ViewRead, view_path
from juggler_cloudant.schema import Work, database_path, index_body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import OpContext, SchemaStep
    from juggler.spec import ModelSpec
    from juggler_cloudant.home import Home, MangoIndex
    from juggler_cloudant.io.client import Client
    from juggler_cloudant.settings import CloudantSettings

_BATCH: Final = 500
_SAMPLE: Final = 50
_LOOKED_AT: Final = 1000
_PAUSE: Final = 0.05


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
    base = own_indexes(model, home)[0]
    docs: list[Any] | None = []
    more: dict[str, Any] = {}
    if any(info.facts["ddoc"] == base.ddoc for info in indexes):
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
    unnamed = sum(documents.home.field not in doc for doc in docs)
    return found if found or len(rows) < _LOOKED_AT else None, {"unnamed": unnamed}


def _findings(model: ModelSpec, home: Home, docs: Sequence[Any]) -> dict[str, Any]:
    """What the documents have that the model does not say: other types, missing fields."""
    documents = Documents(model, home)
    misfits: dict[str, str] = {}
    sparse: set[str] = set()
    for field in model.fields:
        if field.name == EXTRA or (documents.ids.single and field.name in model.key.names):
            continue
        read = documents.reader((field.name,)).row
        for doc in docs:
            if field.storage_name not in doc and field.storage_name != "_rev":
                sparse.add(field.name)
            try:
                read(doc)
            except DecodeError:
                misfits.setdefault(field.name, type(doc.get(field.storage_name)).__name__)
    return {"misfits": misfits, "sparse": sorted(sparse), "sampled": len(docs)}


# ---------------------------------------------------------------- applying


def apply_step(client: Client, step: SchemaStep, ctx: OpContext) -> StepResult:
    """Apply one step and wait until it is effective."""
    work: Work = step.opaque
    path = f"/{quote(work.home.database, safe='')}"
    facts: dict[str, Any] = {}
    match step.kind:
        case "create-database":
            _create_database(client, database_path(work.home), ctx)
        case "create-index" if work.index is not None:
            client.send(
                "POST",
                f"{path}/_index",
                ctx,
                body=index_body(work.index, work.home),
                cls="write",
                write=True,
            )
            facts["rows"] = _warm(client, work.home, work.index, ctx)
        case "drop-index" | "drop-foreign-index":
            target = f"_index/_design/{quote(work.ddoc, safe='')}/json/{quote(work.name, safe='')}"
            try:
                client.send("DELETE", f"{path}/{target}", ctx, cls="write", write=True)
            except NotThereError:
                facts["missing"] = True
        case "delete-documents":
            facts["deleted"] = delete_documents(client, work, ctx)
        case _:
            pass
    return StepResult(step, facts)


def _create_database(client: Client, path: str, ctx: OpContext) -> None:
    try:
        client.send("PUT", path, ctx, cls="write", write=True)
    except ConflictError as error:
        if error.code != "exists":
            raise


def _warm(client: Client, home: Home, index: MangoIndex, ctx: OpContext) -> int:
    """Ask until the index is built: the first answer comes when it is."""
    partition = "any" if index.partitioned else None
    read = ViewRead(home.database, index, (Range((), ()),), partition=partition)
    while True:
        try:
            return _total(client, read, ctx)
        except (UnavailableError, BackendError, DeadlineError, RateLimitedError):
            if ctx.remaining is None:
                raise
            time.sleep(_PAUSE)


def _total(client: Client, read: ViewRead, ctx: OpContext) -> int:
    """How many documents an index has."""
    body = {"limit": 0, "reduce": False}
    return int(client.send("POST", view_path(read), ctx, body=body).get("total_rows", 0))


def delete_documents(client: Client, work: Work, ctx: OpContext) -> int:
    """Delete every document of a model, by id, until there is none."""
    documents = Documents(work.model, work.home)
    reader = Reader(client, documents, ctx)
    path = f"/{quote(work.home.database, safe='')}"
    deleted = 0
    last: str | None = None
    while True:
        params = {"limit": _BATCH, "include_docs": "true"}
        if last is not None:
            params["startkey"] = json.dumps(last)
        rows = client.send("GET", f"{path}/_all_docs", ctx, params=params)["rows"]
        pending = [row["doc"] for row in rows if documents.mine(row.get("doc"))]
        while pending:
            stubs = [
                {
                    "_id": d["_id"],
                    "_rev": d["_rev"],
                    "_deleted": True,
                    work.home.field: work.home.name,
                }
                for d in pending
            ]
            answers = client.send(
                "POST", f"{path}/_bulk_docs", ctx, body={"docs": stubs}, cls="write", write=True
            )
            failed = [a["id"] for a in answers if a.get("error")]
            deleted += len(answers) - len(failed)
            again = by_ids(reader, work.home.database, failed)
            pending = [doc for doc in again.values() if documents.mine(doc)]
        if len(rows) < _BATCH:
            return deleted
        last = rows[-1]["id"]
