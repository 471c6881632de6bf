"""Pages of a plan, and rows by key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from juggler.connector import Page, Rows
from juggler.errors import BackendError, SchemaDriftError, UnavailableError
from juggler.query import evaluate
from juggler_cloudant.home import BASE
from juggler_cloudant.io.reader import Found, documents_of, send
from juggler_cloudant.io.selecting import selected
from juggler_cloudant.io.views import AT_LEAST, rows_of_view
from juggler_cloudant.planning import AllDocs, Find, Keys, Union, ViewRead
from juggler_cloudant.planning.id_ranges import all_between
from juggler_cloudant.planning.requests import all_docs_path
from juggler_cloudant.planning.ways import KEYS_A_REQUEST, Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from juggler.connector import Key, Plan
    from juggler_cloudant.io.reader import Reader
    from juggler_cloudant.planning import Read


def fetch(reader: Reader, plan: Plan, cursor: bytes | None, want: int) -> Page:
    """At most ``want`` rows from the cursor on."""
    if plan.path == "empty":
        return Page(())
    answer: Answer = plan.opaque
    state = None if cursor is None else json.loads(cursor)
    found = _pull(reader, answer.read, state, max(want, 1))
    rows_of = reader.documents.reader(plan.fields).row
    marks = found.marks
    return Page(
        [rows_of(doc) for doc in found.docs],
        None if found.after is None else _cursor(found.after),
        [doc["_rev"] for doc in found.docs],
        found.scanned,
        cursor_after=lambda i: _cursor(marks[i]),
    )


def _cursor(mark: Any) -> bytes:
    return json.dumps(mark, separators=(",", ":"), ensure_ascii=False).encode()


def _pull(reader: Reader, read: Read, state: Any, want: int) -> Found:
    match read:
        case ViewRead() if read.index.label == BASE:
            return _based(reader, read, state, want)
        case ViewRead():
            return rows_of_view(reader, read, state, want)
        case Find():
            return _find(reader, read, state, want)
        case AllDocs():
            return _all_docs(reader, read, state, want)
        case Keys():
            return _keys(reader, read, state, want)
        case Union():
            return _union(reader, read, state, want)


def _based(reader: Reader, read: ViewRead, state: Any, want: int) -> Found:
    """Rows of the base index; without it, one by one: documents are the model's or not."""
    if not isinstance(state, dict):
        try:
            return rows_of_view(reader, read, state, want)
        except SchemaDriftError:
            state = {"id": state[2] if state else None}
    (one,) = read.ranges
    plain = all_between(
        read.database, reader.documents.ids.prefix, one.low_id, one.high_id, one.without,
        descending=read.descending,
    )  # fmt: skip
    found = _all_docs(reader, plain, state["id"], want)
    found.marks = [{"id": mark} for mark in found.marks]
    found.after = None if found.after is None else {"id": found.after}
    return found


# ---------------------------------------------------------------- selectors


def _find(reader: Reader, read: Find, state: Any, want: int) -> Found:
    """The first page by the selector; the others, and one that takes too long, by the view."""
    if state is None and reader.client.pins:
        try:
            return selected(reader, read, want)
        except UnavailableError:
            pass  # so few documents fit that the answer does not come in time: page by page
        except BackendError as error:
            if "allow_fallback" not in error.message:
                raise
            reader.client.pins = False
        except SchemaDriftError:
            if read.view.index.label != BASE:
                raise
    layout = evaluate.Layout(reader.documents.model, reader.documents.model.names)
    test = evaluate.predicate(layout, read.where)
    found = _pull(reader, read.view, state, want)
    kept = [i for i, doc in enumerate(found.docs) if test(reader.documents.row(doc))]
    found.docs = [found.docs[i] for i in kept]
    found.marks = [found.marks[i] for i in kept]
    return found


# ---------------------------------------------------------------- ids


def _all_docs(reader: Reader, read: AllDocs, state: Any, want: int) -> Found:
    """Documents between two ids from an id on, those of the model."""
    found = Found([], [])
    last: str | None = state
    first, end = (read.high, read.low) if read.descending else (read.low, read.high)
    path = all_docs_path(read)
    while len(found.docs) < want:
        limit = max(want - len(found.docs) + 1, AT_LEAST)
        start = first if last is None else last
        params = {"limit": limit, "include_docs": "true"}
        if read.descending:
            params["descending"] = "true"
        if start is not None:
            params["startkey"] = json.dumps(start)
        if end is not None:
            params["endkey"] = json.dumps(end)
        rows = send(reader, "GET", path, read.database, params=params)["rows"]
        for row in rows:
            if row["id"] == last:
                continue
            if len(found.docs) >= want:
                found.after = found.marks[-1]
                return found
            found.scanned += 1
            if row["id"] not in read.without and reader.documents.mine(row.get("doc")):
                found.docs.append(row["doc"])
                found.marks.append(row["id"])
        if len(rows) < limit:
            found.after = None
            return found
        last = found.after = rows[-1]["id"]
    return found


def _keys(reader: Reader, read: Keys, state: Any, want: int) -> Found:
    found = Found([], [])
    at = state or 0
    while at < len(read.keys) and len(found.docs) < want:
        some = read.keys[at : at + min(KEYS_A_REQUEST, want - len(found.docs))]
        for number, doc in enumerate(documents_of(reader, read.database, some)):
            if doc is not None:
                found.scanned += 1
                found.docs.append(doc)
                found.marks.append(at + number + 1)
        at += len(some)
    found.after = None if at >= len(read.keys) else at
    return found


def get(reader: Reader, keys: Sequence[Key], fields: tuple[str, ...]) -> Rows:
    """Rows by key, in the order of the keys."""
    docs = documents_of(reader, reader.documents.home.database, keys)
    row = reader.documents.reader(fields).row
    return Rows(
        [None if doc is None else row(doc) for doc in docs],
        [None if doc is None else doc["_rev"] for doc in docs],
    )


# ---------------------------------------------------------------- unions


def _union(reader: Reader, read: Union, state: Any, want: int) -> Found:
    """Rows of each branch that fulfil its condition and that of no branch before it."""
    tests = list(_tests(reader, read))
    found = Found([], [])
    at, inner = state or (0, None)
    while at < len(read.branches) and len(found.docs) < want:
        part = _pull(reader, read.branches[at].read, inner, want - len(found.docs))
        found.scanned += part.scanned
        for doc, mark in zip(part.docs, part.marks, strict=True):
            row = reader.documents.row(doc)
            if tests[at](row) and not any(test(row) for test in tests[:at]):
                found.docs.append(doc)
                found.marks.append((at, mark))
        inner = part.after
        if inner is None:
            at += 1
    found.after = None if at >= len(read.branches) else (at, inner)
    return found


def _tests(reader: Reader, read: Union) -> Iterator[Callable[[Any], bool]]:
    model = reader.documents.model
    layout = evaluate.Layout(model, model.names)
    for branch in read.branches:
        yield evaluate.predicate(layout, branch.where)
