"""Writing rows: read what is there, decide, send in bulk under revisions, again where they moved.

A document of another model is never overwritten.  A row is written only over the revision that was
read, so that whoever comes between is a conflict, and the row is tried again unless the caller gave
the version.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, Final

from juggler.connector import WriteResult
from juggler.errors import ConflictError, DuplicateKeyError, JugglerError
from juggler_cloudant.io.bulk import Row, send_rows
from juggler_cloudant.io.reader import by_ids
from juggler_cloudant.patching import prepared, settled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import WriteOp, WriteOptions
    from juggler_cloudant.io.reader import Reader

TRIES: Final = 5
_JITTER: Final = 0.02
_KEPT: Final = frozenset({"_id", "_rev", "_attachments"})


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
        _read_current(reader, pending)
        for row in pending:
            _decide(reader, row)
        applied = send_rows(reader, [row for row in pending if not row.done], applied=applied)
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


def _read_current(reader: Reader, pending: Sequence[Row]) -> None:
    """Read what is there, except for inserts, which need not know."""
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
        return documents.tombstone(current)
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
