"""Models out of a sample of documents, and out of the indexes that the connector made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from juggler.connector import Discovery
from juggler_cloudant.home import MangoIndex
from juggler_cloudant.inference import by_model, model_of, naming_field
from juggler_cloudant.io.errors import NotThereError, no_database

if TYPE_CHECKING:
    from juggler.connector import DiscoveredModel, DiscoverRequest, OpContext
    from juggler_cloudant.io.client import Client
    from juggler_cloudant.settings import CloudantSettings

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
        named = by_model(docs, indexes, settings.model_index)
        models += [
            model_of(database, name, some, indexes, settings.model_index)
            for name, some in sorted(named.items())
            if request.names is None or name in request.names
        ]
        notes.append(f"{database}: {len(docs)} of {total} documents were looked at")
        unnamed = [doc for doc in docs if doc.get(settings.model_index) in (None, "")]
        if unnamed:
            notes.append(_unnamed(database, unnamed, settings.model_index))
    stop = None if request.limit is None else request.offset + request.limit
    return Discovery(models[request.offset : stop], notes=tuple(notes))


def _unnamed(database: str, docs: list[Any], field: str) -> str:
    likely = naming_field(docs)
    told = f"{database}: {len(docs)} of them have no field {field!r}: "
    if likely is None:
        return (
            f"{told}model_index= says which field names a document's model; where none does, "
            "'cloudant': {'modelIndex': False} in a model makes all of them its rows"
        )
    name, models = likely
    shown = ", ".join(models[:_SHOWN]) + (", …" if len(models) > _SHOWN else "")
    return f"{told}model_index={name!r} would find the models {shown}"


_SHOWN: Final = 10


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
