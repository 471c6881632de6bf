"""Rows sent in bulk, and what the server's answers, or none, say of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from attrs import define

from juggler.errors import (
    BackendError,
    DuplicateKeyError,
    JugglerError,
    OutcomeUnknownError,
    TooLargeError,
)
from juggler_cloudant.io.errors import NotThereError, missing_database, of_row
from juggler_cloudant.io.reader import by_ids

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from juggler.connector import WriteOp, WriteResult
    from juggler.connector.writes import Status
    from juggler_cloudant.io.reader import Reader

DOCS_A_REQUEST: Final = 500
BYTES_A_REQUEST: Final = 4 << 20


@define
class Row:
    """One row under way."""

    op: WriteOp
    doc_id: str
    result: WriteResult
    #: The document of a whole row, made before anything is sent.
    whole: dict[str, Any] | None = None
    whole_text: str = ""
    #: The document that was read for it, None when there is none.
    current: dict[str, Any] | None = None
    #: The document to send, and its JSON.
    doc: dict[str, Any] | None = None
    text: str = ""
    done: bool = False

    def finish(self, status: Status, error: JugglerError | None = None) -> None:
        """Nothing more is to be done."""
        self.result.status = status
        self.result.error = error
        self.done = True


def send_rows(reader: Reader, rows: Sequence[Row], *, applied: bool) -> bool:
    """Send the rows in chunks; whether anything was applied, now or before."""
    chunks = list(_chunks(rows))
    for number, chunk in enumerate(chunks):
        try:
            answers = _bulk(reader, chunk)
        except TooLargeError as error:
            for row in chunk:
                row.finish("failed", error)
            continue
        except JugglerError as error:
            later = [row for some in chunks[number + 1 :] for row in some]
            applied = _unanswered(reader, error, chunk, several=bool(later)) or applied
            _failed(error, chunk, later, applied=applied)
            return applied
        for row, answer in zip(chunk, answers, strict=True):
            applied = _answered(row, answer) or applied
    return applied


def _unanswered(
    reader: Reader, error: JugglerError, chunk: Sequence[Row], *, several: bool
) -> bool:
    """After a bulk without an answer: see which rows are there as they were sent.

    A single row is left to the core.  A row that is not there may still be written by the server.
    """
    if not isinstance(error, OutcomeUnknownError) or (len(chunk) == 1 and not several):
        return False
    database = reader.documents.home.database
    try:
        found = by_ids(reader, database, [row.doc_id for row in chunk])
    except JugglerError:
        return False
    for row in chunk:
        there = found.get(row.doc_id)
        if _is_as_sent(row, there):
            row.result.version = None if there is None else there["_rev"]
            row.finish(row.result.status)
    return any(row.done for row in chunk)


def _is_as_sent(row: Row, there: dict[str, Any] | None) -> bool:
    if row.op.kind == "delete" or row.doc is None:
        return there is None or bool(there.get("_deleted"))
    if there is None:
        return False
    before = int(str(row.doc.get("_rev", "0-")).partition("-")[0])
    same = {n: v for n, v in there.items() if n != "_rev"} == {
        n: v for n, v in row.doc.items() if n != "_rev"
    }
    return (
        same
        and (row.op.kind != "insert" or "_rev" not in row.doc)
        and (int(there["_rev"].partition("-")[0]) > before)
    )


def _failed(
    error: JugglerError, chunk: Sequence[Row], later: Sequence[Row], *, applied: bool
) -> None:
    """A chunk without an answer: raised when nothing was applied for sure, else told per row."""
    unknown = isinstance(error, OutcomeUnknownError)
    if not applied and not (unknown and later):
        raise error
    for row in chunk:
        if not row.done:
            row.result.version = None
            row.finish("unknown" if unknown else "failed", error)
    for row in later:
        row.finish("failed", _not_sent(error) if unknown else error)


def _not_sent(error: JugglerError) -> JugglerError:
    return BackendError(
        f"not sent, because an earlier part of the bulk got no answer: {error.message}",
        connector="cloudant",
    )


def _chunks(rows: Sequence[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    size = 0
    for row in rows:
        length = len(row.text.encode())
        if chunk and (len(chunk) >= DOCS_A_REQUEST or size + length > BYTES_A_REQUEST):
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
        size += length
    if chunk:
        yield chunk


def _bulk(reader: Reader, chunk: Sequence[Row]) -> list[Any]:
    database = reader.documents.home.database
    body = '{"docs":[' + ",".join(row.text for row in chunk) + "]}"
    try:
        answers: list[Any] = reader.client.send(
            "POST", f"/{quote(database, safe='')}/_bulk_docs", reader.ctx,
            body=body.encode(), cls="write", write=True,
        )  # fmt: skip
    except NotThereError as error:
        raise missing_database(database, reader.documents.model.name) from error
    return answers


def _answered(row: Row, answer: Any) -> bool:
    """Take the server's answer for one row; whether it was applied."""
    if answer.get("rev") and not answer.get("error"):
        row.result.version = None if row.op.kind == "delete" else answer["rev"]
        row.finish(row.result.status)
        return True
    word, reason = str(answer.get("error", "")), str(answer.get("reason", ""))
    if word == "conflict":
        if row.op.kind == "insert":
            row.finish("failed", DuplicateKeyError("", connector="cloudant"))
        elif row.op.if_version is not None:
            row.finish("conflict")
        return False
    row.finish("failed", of_row(word, reason))
    return False
