"""Models out of a sample of documents, and out of the indexes that the connector made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from attrs import frozen

from juggler.connector import Discovery
from juggler_cloudant.home import MangoIndex
from juggler_cloudant.inference import by_model, model_of, naming_field
from juggler_cloudant.io.errors import NotThereError, no_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler.connector import DiscoveredModel, DiscoverRequest, OpContext
    from juggler_cloudant.io.client import Client
    from juggler_cloudant.settings import CloudantSettings

_PAGE: Final = 500
_STRETCHES: Final = 10


@frozen
class _Sample:
    """Documents of a database, how many it has, and whether it is partitioned."""

    docs: list[Any]
    total: int
    partitioned: bool


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
            sample = _sample(client, database, settings.sample, ctx)
        except NotThereError as error:
            if request.all_owners:
                continue  # deleted since they were listed
            raise no_database(database) from error
        docs = sample.docs
        indexes = _indexes(client, database, ctx)
        place = {"database": database} | ({"partitioned": True} if sample.partitioned else {})
        named = by_model(docs, indexes, settings.model_index)
        models += [
            model_of(place, name, some, indexes, settings.model_index)
            for name, some in sorted(named.items())
            if request.names is None or name in request.names
        ]
        notes.append(f"{database}: {len(docs)} of {sample.total} documents were looked at")
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


def _sample(client: Client, database: str, size: int, ctx: OpContext) -> _Sample:
    """The documents of a database, or as many as wanted from all over it."""
    path = f"/{quote(database, safe='')}"
    facts = client.send("GET", path, ctx, cls="read")
    rows = int(facts.get("doc_count", 0))
    some = (
        _everything(client, path, ctx) if rows <= size else _spread(client, path, rows, size, ctx)
    )
    docs = {
        row["id"]: row["doc"] for row in some
        if row.get("doc") and not row["id"].startswith("_design/")
    }  # fmt: skip
    total = max(rows - _design_documents(client, path, ctx), len(docs))
    partitioned = bool((facts.get("props") or {}).get("partitioned"))
    return _Sample(list(docs.values())[:size], total, partitioned)


def _everything(client: Client, path: str, ctx: OpContext) -> Iterator[Any]:
    last: str | None = None
    while True:
        params = {"limit": _PAGE, "include_docs": "true"}
        if last is not None:
            params["startkey"] = json.dumps(last)
        rows = client.send("GET", f"{path}/_all_docs", ctx, params=params)["rows"]
        yield from rows
        if len(rows) < _PAGE:
            return
        last = rows[-1]["id"]


def _spread(client: Client, path: str, rows: int, size: int, ctx: OpContext) -> Iterator[Any]:
    """Stretches at equal distances: ids often begin with what the documents are."""
    for number in range(_STRETCHES):
        params = {
            "limit": -(-size // _STRETCHES), "skip": number * rows // _STRETCHES,
            "include_docs": "true",
        }  # fmt: skip
        yield from client.send("GET", f"{path}/_all_docs", ctx, params=params)["rows"]


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
            partitioned=bool(one.get("partitioned")),
        )
        for one in found
        if one.get("type") == "json"
    ]
