"""Writing rows: read what is there, decide, send in bulk under revisions, again where they moved.

A document of another model is never overwritten.  A row is written only over the revision that was
read, so that whoever comes between is a conflict, and the row is tried again unless the caller gave
the version.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from attrs import define

from juggler.connector import WriteResult
from juggler.errors import (
    AuthorizationError,
    BackendError,
    ConflictError,
    DuplicateKeyError,
    JugglerError,
    OutcomeUnknownError,
    TooLargeError,
)
from juggler_cloudant.io.errors import NotThereError, missing_database
from juggler_cloudant.io.reader import by_ids
from juggler_cloudant.patching import prepared, settled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from juggler.connector import WriteOp, WriteOptions
    from juggler.connector.writes import Status
    from juggler_cloudant.io.reader import Reader

TRIES: Final = 5
DOCS_A_REQUEST: Final = 500
BYTES_A_REQUEST: Final = 4 << 20
_JITTER: Final = 0.02
_KEPT: Final = frozenset({"_id", "_rev", "_attachments"})


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


def write(reader: Reader, ops: Sequence[WriteOp], opts: WriteOptions) -> list[WriteResult]:
    """Write each row; every value is checked before anything is sent."""
    rows = [_prepared(reader, index, op) for index, op in enumerate(ops)]
    applied = False
    for attempt in range(TRIES):
        pending = [row for row in rows if not row.done]
        if not pending:
            break
        if attempt:
            time.sleep(random.uniform(0, _JITTER * 2**attempt))  # noqa: S311 - jitter
        _read_current(reader, pending, attempt)
        for row in pending:
            _decide(reader, row)
        applied = _send(reader, [row for row in pending if not row.done], applied=applied)
    for row in rows:
        if not row.done:
            row.finish("conflict", _contention(reader, row))
    _explain_duplicates(reader, rows)
    if opts.records:
        for row in rows:
            if row.doc is not None and row.result.error is None and row.op.kind != "delete":
                row.result.record = reader.documents.row(row.doc)
    return [row.result for row in rows]


def _prepared(reader: Reader, index: int, op: WriteOp) -> Row:
    result = WriteResult(index, op.key, "failed")
    doc_id, whole, text = prepared(reader.documents, op)
    if doc_id is None:
        gone = Row(op, "", result)
        result.existed = False
        gone.finish("missing")  # no document can have that id
        return gone
    return Row(op, doc_id, result, whole, whole_text=text)


def _read_current(reader: Reader, pending: Sequence[Row], attempt: int) -> None:
    """Read what is there, except for inserts, which need not know."""
    del attempt
    wanted = [row for row in pending if row.op.kind != "insert"]
    found = by_ids(reader, reader.documents.home.database, [row.doc_id for row in wanted])
    for row in wanted:
        doc = found.get(row.doc_id)
        row.current = None if doc is None or doc.get("_deleted") else doc


def _decide(reader: Reader, row: Row) -> None:
    """What to send for a row, or its result when there is nothing to send."""
    documents, op, current = reader.documents, row.op, row.current
    mine = current is not None and documents.mine(current)
    creates = op.kind in {"insert", "put"} or (op.kind == "patch" and op.create)
    if current is not None and not mine and creates:
        row.finish("failed", _foreign(reader, row))
        return
    if current is None or not mine:
        row.result.existed = False
        if creates and op.if_version is None:
            row.doc, row.text = row.whole or {}, row.whole_text
            row.result.status = "created"
        else:
            row.finish("missing")
        return
    row.result.existed = True
    if op.if_version is not None and op.if_version != current["_rev"]:
        row.result.version = current["_rev"]
        row.finish("conflict")
        return
    row.doc = _changed(reader, row, current)
    row.text = documents.text(row.doc)


def _changed(reader: Reader, row: Row, current: dict[str, Any]) -> dict[str, Any]:
    documents, op = reader.documents, row.op
    if op.kind == "delete":
        row.result.status = "deleted"
        home = documents.home
        return {
            "_id": row.doc_id, "_rev": current["_rev"], "_deleted": True, home.field: home.name,
        }  # fmt: skip
    if op.kind == "patch":
        row.result.status = "patched"
        changes = settled(documents.model, documents.row(current), op.values or {})  # type: ignore[arg-type]
        kept = {n: v for n, v in current.items() if not n.startswith("_") or n in _KEPT}
        return documents.changed(kept, changes)
    row.result.status = "replaced"
    doc = {**(row.whole or {}), "_rev": current["_rev"]}
    if "_attachments" in current:
        doc["_attachments"] = current["_attachments"]
    return doc


# ---------------------------------------------------------------- sending


def _send(reader: Reader, rows: Sequence[Row], *, applied: bool) -> bool:
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
    if word in {"forbidden", "unauthorized"}:
        row.finish("failed", AuthorizationError(f"{word}: {reason}", connector="cloudant"))
    elif word in {"too_large", "document_too_large"}:
        row.finish("failed", TooLargeError(f"{word}: {reason}", connector="cloudant"))
    else:
        row.finish("failed", BackendError(f"{word}: {reason}", connector="cloudant"))
    return False


# ---------------------------------------------------------------- errors


def _contention(reader: Reader, row: Row) -> ConflictError:
    return ConflictError(
        f"{reader.documents.model.name} {row.doc_id!r} was changed by others {TRIES} times over",
        code="contention",
        retryable=True,
        connector="cloudant",
        model=reader.documents.model.name,
        key=row.op.key,
    )


def _foreign(reader: Reader, row: Row) -> DuplicateKeyError:
    documents = reader.documents
    owner = (row.current or {}).get(documents.home.field)
    whose = f"of {owner!r}" if owner is not None else "without a model's name"
    return DuplicateKeyError(
        f"database {documents.home.database!r} has a document {row.doc_id!r} {whose} already",
        code="foreign-document",
        hint="models in one database share ids: give another key, or set ids='prefixed'",
        connector="cloudant",
        model=documents.model.name,
        key=row.op.key,
    )


def _explain_duplicates(reader: Reader, rows: Sequence[Row]) -> None:
    """Say of inserts that met a document whose it is."""
    met = [row for row in rows if isinstance(row.result.error, DuplicateKeyError)
           and not row.result.error.message]  # fmt: skip
    if not met:
        return
    database = reader.documents.home.database
    try:
        found = by_ids(reader, database, [row.doc_id for row in met])
    except JugglerError:
        found = {}
    for row in met:
        row.current = found.get(row.doc_id)
        row.result.existed = True
        if row.current is not None and not reader.documents.mine(row.current):
            row.result.error = _foreign(reader, row)
        else:
            row.result.error = DuplicateKeyError(
                f"{reader.documents.model.name} has a row with the key {row.doc_id!r} already",
                hint="upsert() changes it, replace_or_create() replaces it",
                connector="cloudant",
                model=reader.documents.model.name,
                key=row.op.key,
            )
