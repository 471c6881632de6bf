"""Indexes read as views: rows range by range from a place on, and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from juggler.errors import SchemaDriftError
from juggler_cloudant.home import BASE
from juggler_cloudant.io.errors import NotThereError, missing_database, missing_index
from juggler_cloudant.io.reader import Found
from juggler_cloudant.planning import ViewRead
from juggler_cloudant.planning.requests import range_body, view_path
from juggler_cloudant.planning.ways import KEYS_A_REQUEST, RANGES_A_REQUEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import Plan
    from juggler_cloudant.io.reader import Reader
    from juggler_cloudant.planning.ways import Answer

#: Rows of a request at least, where some of them may not be the model's.
AT_LEAST: Final = 100


def rows_of_view(reader: Reader, read: ViewRead, state: Any, want: int) -> Found:
    """Rows of the ranges from a place on: (range, key, document id)."""
    found = Found([], [])
    at, key, last = state or (0, None, None)
    while at < len(read.ranges) and len(found.docs) < want:
        # A range that has more rows than its share is read on alone.
        together = 1 if last is not None or read.partition is not None else RANGES_A_REQUEST
        batch = read.ranges[at : at + together]
        need = want - len(found.docs)
        limit = need + 1 if len(batch) == 1 else max(need // len(batch) + 2, 10)
        if not read.pure:
            limit = max(limit, AT_LEAST)
        bodies = [_page_of(read, one, limit) for one in batch]
        if last is not None:
            bodies[0] |= {"start_key": key, "start_key_doc_id": last}
        for number, rows in enumerate(_query(reader, read, bodies)):
            full = _taken(reader, found, read, at + number, rows=rows, last=last, want=want)
            last = None
            if full or len(rows) >= limit:
                at, key, last = (
                    found.after if full else (at + number, rows[-1].get("key"), rows[-1].get("id"))
                )
                break
        else:
            at, last = at + len(batch), None
    found.after = None if at >= len(read.ranges) else (at, key, last)
    return found


def _taken(
    reader: Reader,
    found: Found,
    read: ViewRead,
    number: int,
    *,
    rows: Sequence[Any],
    last: str | None,
    want: int,
) -> bool:
    """Take the rows that are the model's; whether there are enough now."""
    without = read.ranges[number].without
    for row in rows:
        doc, doc_id = row.get("doc"), row["id"]
        if doc_id == last or doc_id in without or not reader.documents.mine(doc):
            continue
        if len(found.docs) >= want:
            return True
        found.scanned += 1
        found.docs.append(doc)
        found.after = (number, row["key"], doc_id)
        found.marks.append(found.after)
    return False


def _page_of(read: ViewRead, one: Any, limit: int) -> dict[str, Any]:
    body = range_body(one, descending=read.descending)
    return {**body, "limit": limit, "include_docs": True, "reduce": False}


def _query(reader: Reader, read: ViewRead, bodies: list[dict[str, Any]]) -> list[list[Any]]:
    """The rows of each query on a view."""
    path = view_path(read)
    try:
        if len(bodies) == 1 or read.partition is not None:  # which takes no several at once
            return [
                reader.client.send("POST", path, reader.ctx, body=body)["rows"] for body in bodies
            ]
        answer = reader.client.send("POST", f"{path}/queries", reader.ctx, body={"queries": bodies})
        return [one["rows"] for one in answer["results"]]
    except NotThereError as error:
        model = reader.documents.model.name
        if error.database:
            raise missing_database(read.database, model) from error
        raise missing_index(read.index.label or read.index.name, model) from error


def count(reader: Reader, plan: Plan) -> Any:
    """The number of rows where an index knows it, ``NotImplemented`` elsewhere."""
    if plan.path == "empty":
        return 0
    answer: Answer = plan.opaque
    read = answer.read
    if not answer.countable or not isinstance(read, ViewRead):
        return NotImplemented
    total = 0
    for at in range(0, len(read.ranges), KEYS_A_REQUEST):
        bodies = [
            {**range_body(one), "reduce": True} for one in read.ranges[at : at + KEYS_A_REQUEST]
        ]
        try:
            found = _query(reader, read, bodies)
        except SchemaDriftError:
            if read.index.label == BASE:
                return NotImplemented
            raise
        total += sum(row["value"] for rows in found for row in rows)
    return total
