"""The changes of a model's documents, resumable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from juggler.connector import ChangeEvent, ChangePage
from juggler.errors import BackendError, DecodeError, PageTokenError
from juggler_cloudant.io.reader import send

if TYPE_CHECKING:
    from juggler_cloudant.documents import Documents
    from juggler_cloudant.io.reader import Reader


def changes(reader: Reader, since: str | None, want: int, *, selects: bool) -> ChangePage:
    """About ``want`` changes after ``since``, none only at the end; deletes are Juggler's own.

    The server names a document once, with its last change.

    Args:
        reader: of the model.
        since: where to go on; None is the beginning.
        want: changes of one request.
        selects: whether the server can leave out the documents of others.
    """
    while True:
        page, full = _page(reader, since, max(want, 1), selects=selects)
        if page.changes or not full:
            return page
        since = page.cursor


def _row(documents: Documents, doc: Any) -> Any:
    """The row of a document, None for one that cannot be read: the stream goes on after it."""
    try:
        return documents.row(doc)
    except DecodeError:
        return None


def _page(
    reader: Reader, since: str | None, want: int, *, selects: bool
) -> tuple[ChangePage, bool]:
    """One request's changes, and whether there may be more."""
    documents, home = reader.documents, reader.documents.home
    params: dict[str, Any] = {"limit": want, "include_docs": "true", "since": since or "0"}
    path = f"/{quote(home.database, safe='')}/_changes"
    options: dict[str, Any] = {"params": params}
    if selects:
        params["filter"] = "_selector"
        options["body"] = {"selector": home.mark}
    try:
        answer = send(reader, "POST" if selects else "GET", path, home.database, **options)
    except BackendError as error:
        if since is None or "'since'" not in error.message:
            raise
        raise PageTokenError(
            f"{since!r:.80} is no place in the changes of {home.database!r}",
            reason="forged",
            hint="since= takes the token of a change, 'now', or None for the beginning",
            connector="cloudant",
        ) from error
    events = [
        ChangeEvent(
            documents.ids.key(one["id"]),
            "delete" if one.get("deleted") else "put",
            one["changes"][-1]["rev"],
            None if one.get("deleted") else _row(documents, one["doc"]),
            str(one["seq"]),
        )
        for one in answer["results"]
        if _is_of(documents, one)
    ]
    last = str(answer.get("last_seq", since or ""))
    return ChangePage(events, last), len(answer["results"]) >= want


def _is_of(documents: Documents, change: Any) -> bool:
    """Whether a change is of the model; a deletion of ours says whose it is."""
    if change["id"].startswith("_design/") or not change["id"].startswith(documents.ids.prefix):
        return False
    doc = change.get("doc") or {}
    if change.get("deleted"):
        return all(doc.get(field) == name for field, name in documents.home.mark.items())
    return documents.mine(doc)
