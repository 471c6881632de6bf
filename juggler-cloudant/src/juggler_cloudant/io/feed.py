"""The changes of a model's documents, resumable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from juggler.connector import ChangeEvent, ChangePage
from juggler.errors import DecodeError
from juggler_cloudant.io.errors import NotThereError, missing_database

if TYPE_CHECKING:
    from juggler_cloudant.documents import Documents
    from juggler_cloudant.io.reader import Reader


def changes(reader: Reader, since: str | None, want: int) -> ChangePage:
    """About ``want`` changes after ``since``, none only at the end; deletes are Juggler's own.

    The server names a document once, with its last change.
    """
    while True:
        page, full = _page(reader, since, max(want, 1))
        if page.changes or not full:
            return page
        since = page.cursor


def _row(documents: Documents, doc: Any) -> Any:
    """The row of a document, None for one that cannot be read: the stream goes on after it."""
    try:
        return documents.row(doc)
    except DecodeError:
        return None


def _page(reader: Reader, since: str | None, want: int) -> tuple[ChangePage, bool]:
    """One request's changes, and whether there may be more."""
    documents, home = reader.documents, reader.documents.home
    params: dict[str, Any] = {
        "limit": want, "include_docs": "true", "filter": "_selector",
        "since": since or "0",
    }  # fmt: skip
    body = {"selector": {home.field: home.name}}
    path = f"/{quote(home.database, safe='')}/_changes"
    try:
        answer = reader.client.send("POST", path, reader.ctx, body=body, params=params)
    except NotThereError as error:
        raise missing_database(home.database, documents.model.name) from error
    events = []
    for one in answer["results"]:
        doc, gone = one.get("doc") or {}, bool(one.get("deleted"))
        if one["id"].startswith("_design/") or not one["id"].startswith(documents.ids.prefix):
            continue
        if not gone and not documents.mine(doc):
            continue
        events.append(
            ChangeEvent(
                documents.ids.key(one["id"]),
                "delete" if gone else "put",
                one["changes"][-1]["rev"],
                None if gone else _row(documents, doc),
                str(one["seq"]),
            )
        )
    last = str(answer.get("last_seq", since or ""))
    return ChangePage(events, last), len(answer["results"]) >= want
