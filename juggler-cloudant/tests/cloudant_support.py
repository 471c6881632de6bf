"""A server in a few lines: documents, views with a language's order, bulk writes under revisions.

It orders texts as the real one does in what matters: characters that are ignored, case that only
breaks ties, accents between.  So a plan that takes a text's order or equality for exact is wrong
here too, without a server.
"""

from __future__ import annotations

import functools
import json
import operator
import unicodedata
from typing import Any
from urllib.parse import unquote

from juggler.connector.port import Context, SyncPort
from juggler.spec import FieldSpec, IndexSpec, KeySpec, ModelSpec
from juggler.values import TypeKind, simple
from juggler_cloudant import CloudantSettings
from juggler_cloudant.documents import Documents
from juggler_cloudant.home import home_of, own_indexes
from juggler_cloudant.io.errors import NotThereError
from juggler_cloudant.io.reader import Reader
from juggler_cloudant.planning import HIGH

K = TypeKind
SETTINGS = CloudantSettings(host="localhost")


def model_of(
    model: str = "Pet", /, indexes: tuple[tuple[str, ...], ...] = (), **kinds: Any
) -> ModelSpec:
    """A model with a text as its key ``id``, and indexes named after their keys."""
    fields = {"id": K.STRING, **kinds}
    return ModelSpec(
        model,
        model,
        tuple(
            made if isinstance(made, FieldSpec) else FieldSpec(n, n, simple(made))
            for n, made in fields.items()
        ),
        KeySpec(("id",)),
        tuple(IndexSpec("_".join(keys), tuple((key, "asc") for key in keys)) for keys in indexes),
    )


# ---------------------------------------------------------------- the language's order


@functools.lru_cache(maxsize=4096)
def collated(text: str) -> tuple[Any, ...]:
    """Sort key of a text: what matters first, then accents, then case."""
    first: list[Any] = []
    second: list[Any] = []
    third: list[Any] = []
    for char in unicodedata.normalize("NFD", text):
        kind = unicodedata.category(char)
        if kind in {"Cc", "Cf"} and char not in "\t\n\r":
            continue
        if kind.startswith("M"):
            second.append((len(first), char))
            continue
        rank = 3 if kind.startswith("L") else 2 if kind.startswith("N") else 1
        if char == "\uffff":
            rank = 9
        first.append((rank, char.casefold()))
        third.append(char.isupper())
    return tuple(first), tuple(second), tuple(third)


def order_of(value: Any) -> Any:
    """Sort key of any JSON value."""
    match value:
        case None:
            return (0,)
        case bool():
            return (1, value)
        case int() | float():
            return (2, value)
        case str():
            return (3, collated(value))
        case list() | tuple():
            return (4, tuple(order_of(one) for one in value))
        case dict():
            return (5, tuple((collated(n), order_of(v)) for n, v in value.items()))
    raise TypeError(value)


def selects(selector: dict[str, Any], doc: dict[str, Any]) -> bool:
    """What Mango says of a document."""
    for name, value in selector.items():
        match name:
            case "$and":
                fits = all(selects(part, doc) for part in value)
            case "$or":
                fits = any(selects(part, doc) for part in value)
            case _:
                fits = name in doc and all(holds(doc[name], op, v) for op, v in value.items())
        if not fits:
            return False
    return True


def holds(stored: Any, op: str, value: Any) -> bool:
    """One operator on a field that is there."""
    mine = order_of(stored)
    match op:
        case "$exists":
            return bool(value)
        case "$in":
            return any(mine == order_of(one) for one in value)
        case "$nin":
            return all(mine != order_of(one) for one in value)
        case "$elemMatch":
            return isinstance(stored, list) and any(
                holds(one, *next(iter(value.items()))) for one in stored
            )
    return bool(COMPARED[op](mine, order_of(value)))


COMPARED: dict[str, Any] = {
    "$eq": operator.eq, "$ne": operator.ne, "$lt": operator.lt, "$lte": operator.le,
    "$gt": operator.gt, "$gte": operator.ge,
}  # fmt: skip


# ---------------------------------------------------------------- the server


class Server:
    """What ``Client.send`` talks to."""

    pins = True

    def __init__(self) -> None:
        self.docs: dict[str, dict[str, Any]] = {}
        self.indexes: dict[tuple[str, str], tuple[str, ...]] = {}
        self.sent: list[tuple[str, str]] = []

    def send(self, method: str, path: str, ctx: Any, **options: Any) -> Any:
        del ctx
        body, params = options.get("body"), options.get("params") or {}
        if isinstance(body, bytes):
            body = json.loads(body)
        self.sent.append((method, path))
        parts = [unquote(part) for part in path.strip("/").split("/")]
        match parts[1:]:
            case ["_design", ddoc, "_view", name]:
                return {"rows": self.view(ddoc, name, body)}
            case ["_design", ddoc, "_view", name, "queries"]:
                return {"results": [{"rows": self.view(ddoc, name, q)} for q in body["queries"]]}
            case ["_find"]:
                return {"docs": self.find(body)}
            case ["_all_docs"] if method == "POST":
                return {"rows": [self.row(doc_id) for doc_id in body["keys"]]}
            case ["_all_docs"]:
                return {"rows": self.all_docs(params)}
            case ["_bulk_docs"]:
                return [self.put(doc) for doc in body["docs"]]
            case [doc_id]:
                if doc_id not in self.docs:
                    raise NotThereError("missing")
                return dict(self.docs[doc_id])
        raise AssertionError(path)

    def row(self, doc_id: str) -> dict[str, Any]:
        doc = self.docs.get(doc_id)
        return {"key": doc_id, "id": doc_id, "doc": dict(doc) if doc else None}

    def all_docs(self, params: Any) -> list[dict[str, Any]]:
        ids = sorted(self.docs, key=str.encode)
        if params.get("descending"):
            ids.reverse()
        down = bool(params.get("descending"))
        if "startkey" in params:
            start = json.loads(params["startkey"]).encode()
            ids = [i for i in ids if (i.encode() <= start if down else i.encode() >= start)]
        if "endkey" in params:
            end = json.loads(params["endkey"]).encode()
            ids = [i for i in ids if (i.encode() >= end if down else i.encode() <= end)]
        return [self.row(i) for i in ids[: params["limit"]]]

    def view(self, ddoc: str, name: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        fields = self.indexes.get((ddoc, name))
        if fields is None:
            raise NotThereError("missing")
        found = [
            ([doc[f] for f in fields], doc)
            for doc in self.docs.values()
            if all(f in doc for f in fields)
        ]
        rows = sorted(
            ((order_of(k), d["_id"].encode(), k, d) for k, d in found), key=lambda r: r[:2]
        )
        down = bool(body.get("descending"))
        if down:
            rows.reverse()
        start, end = order_of(body["start_key"]), order_of(body["end_key"])
        first = body.get("start_key_doc_id", "\U0010ffff" * 2 if down else "").encode()
        last = body.get("end_key_doc_id", "" if down else "\U0010ffff" * 2).encode()
        inclusive = body.get("inclusive_end", True)
        low, high = ((end, last), (start, first)) if down else ((start, first), (end, last))
        kept = [
            row for row in rows
            if low <= row[:2] <= high and (inclusive or row[0] != end)
        ]  # fmt: skip
        if body.get("reduce"):
            return [{"key": None, "value": len(kept)}] if kept else []
        return [{"id": d["_id"], "key": k, "doc": dict(d)} for _, _, k, d in kept[: body["limit"]]]

    def find(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        ddoc, name = body["use_index"][0].removeprefix("_design/"), body["use_index"][1]
        down = "desc" in body["sort"][0].values()
        low, high = ([], [HIGH]) if not down else ([HIGH], [])
        everything = {"start_key": low, "end_key": high, "descending": down, "limit": 1 << 30}
        rows = self.view(ddoc, name, everything)
        asked = {field for part in body["selector"]["$and"] for field in part}
        assert set(self.indexes[ddoc, name]) <= asked, "the server would not take this index"
        found = [row["doc"] for row in rows if selects(body["selector"], row["doc"])]
        return found[: body["limit"]]

    def put(self, doc: dict[str, Any]) -> dict[str, Any]:
        doc_id, old = doc["_id"], self.docs.get(doc["_id"])
        if (old or {}).get("_rev") != doc.get("_rev"):
            return {"id": doc_id, "error": "conflict", "reason": "Document update conflict."}
        rev = f"{int((doc.get('_rev') or '0-').split('-')[0]) + 1}-x"
        if doc.get("_deleted"):
            del self.docs[doc_id]
        else:
            self.docs[doc_id] = {**doc, "_rev": rev}
        return {"ok": True, "id": doc_id, "rev": rev}


class _Shared:
    """The little of a port that a context asks for."""

    name = "cloudant"
    clock = staticmethod(lambda: 0.0)
    transaction = staticmethod(lambda: None)
    io = "blocking"


def context() -> Context:
    """A context without a deadline."""
    return Context(SyncPort(_Shared()))  # type: ignore[arg-type]


def reader_of(server: Server, model: ModelSpec, settings: CloudantSettings = SETTINGS) -> Reader:
    """Reads a model on a server; its indexes are there."""
    home = home_of(model, settings)
    for index in own_indexes(model, home):
        server.indexes[index.ddoc, index.name] = index.fields
    return Reader(server, Documents(model, home), context())  # type: ignore[arg-type]


def store(reader: Reader, rows: list[tuple[Any, ...]]) -> None:
    """Put rows into the server."""
    documents = reader.documents
    for row in rows:
        key = tuple(row[i] for i in documents.model.key_positions)
        doc = json.loads(documents.text(documents.whole(documents.ids.make(key), row)))
        reader.client.put(doc)  # type: ignore[attr-defined]
