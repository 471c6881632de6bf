"""Applying steps of a schema: databases and indexes made and dropped, documents deleted."""

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
    RateLimitedError,
    UnavailableError,
)
from juggler_cloudant.documents import Documents
from juggler_cloudant.io.errors import NotThereError, of_row
from juggler_cloudant.io.reader import Reader, by_ids
from juggler_cloudant.planning.requests import Range, ViewRead, view_path
from juggler_cloudant.schema import Work, database_path, index_body

if TYPE_CHECKING:
    from juggler.connector import OpContext, SchemaStep
    from juggler_cloudant.home import Home, MangoIndex
    from juggler_cloudant.io.client import Client

_BATCH: Final = 500
_PAUSE: Final = 0.05


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
            stubs = [documents.tombstone(doc) for doc in pending]
            answers = client.send(
                "POST", f"{path}/_bulk_docs", ctx, body={"docs": stubs}, cls="write", write=True
            )
            moved = [_moved(answer) for answer in answers if answer.get("error")]
            deleted += len(answers) - len(moved)
            again = by_ids(reader, work.home.database, moved)
            pending = [doc for doc in again.values() if documents.mine(doc)]
        if len(rows) < _BATCH:
            return deleted
        last = rows[-1]["id"]


def _moved(answer: Any) -> str:
    """The id of a document that somebody changed meanwhile.

    Raises:
        JugglerError: the server refused it for another reason, and would again.
    """
    if answer["error"] != "conflict":
        raise of_row(str(answer["error"]), str(answer.get("reason", "")))
    return str(answer["id"])
