"""Writing: conflicts, retries, documents of others, answers that never came."""

from __future__ import annotations

from typing import Any

import pytest
from cloudant_support import K, Server, model_of, reader_of, store

from juggler.connector import Append, WriteOp, WriteOptions
from juggler.errors import DuplicateKeyError, InvalidValueError, OutcomeUnknownError
from juggler_cloudant.io.writing import write

MODEL = model_of(name=K.STRING, age=K.INTEGER)


def inserts(*keys: str) -> list[WriteOp]:
    return [WriteOp("insert", (key,), (key, "n", 1)) for key in keys]


class Unreliable(Server):
    """Applies a bulk write and loses the answer, or half of the write too."""

    def __init__(self, *, applied: int) -> None:
        super().__init__()
        self.applied = applied

    def send(self, method: str, path: str, ctx: Any, **options: Any) -> Any:
        answers = None
        if path.endswith("_bulk_docs"):
            before = dict(self.docs)
            answers = super().send(method, path, ctx, **options)
            kept = [one["id"] for one in answers][: self.applied]
            self.docs = {i: d for i, d in self.docs.items() if i in before or i in kept}
            raise OutcomeUnknownError("no answer")
        return super().send(method, path, ctx, **options)


class Busy(Server):
    """Somebody else changes each document once between a read and a write."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def put(self, doc: dict[str, Any]) -> dict[str, Any]:
        if "_rev" in doc and self.times:
            self.times -= 1
            current = self.docs[doc["_id"]]
            super().put({**current, "age": (current["age"] or 0) + 1})
        return super().put(doc)


def test_an_insert_never_overwrites() -> None:
    server = Server()
    reader = reader_of(server, MODEL)
    store(reader, [("a", "old", 1)])
    first, second = write(reader, inserts("a", "b"), WriteOptions())
    assert isinstance(first.error, DuplicateKeyError)
    assert (second.status, server.docs["a"]["name"]) == ("created", "old")


@pytest.mark.parametrize("kind", ["insert", "put", "replace", "patch", "delete"])
def test_a_document_of_another_model_stays(kind: Any) -> None:
    server = Server()
    reader = reader_of(server, MODEL)
    store(reader_of(server, model_of("Other", name=K.STRING)), [("a", "theirs")])
    values: Any = {"name": "x"} if kind == "patch" else ("a", "x", 1)
    (result,) = write(reader, [WriteOp(kind, ("a",), values)], WriteOptions())
    assert server.docs["a"]["name"] == "theirs"
    if kind in {"insert", "put"}:
        assert result.error is not None
        assert result.error.code == "foreign-document"
    else:
        assert result.status == "missing"


def test_a_patch_is_tried_again_on_what_others_wrote() -> None:
    server = Busy(times=3)
    reader = reader_of(server, MODEL)
    store(reader, [("a", "n", 0)])
    (result,) = write(reader, [WriteOp("patch", ("a",), {"name": "x"})], WriteOptions())
    assert result.status == "patched"
    assert (server.docs["a"]["name"], server.docs["a"]["age"]) == ("x", 3)


def test_a_version_is_checked_and_not_tried_again() -> None:
    server = Busy(times=1)
    reader = reader_of(server, MODEL)
    store(reader, [("a", "n", 0)])
    version = server.docs["a"]["_rev"]
    ops = [WriteOp("patch", ("a",), {"name": "x"}, if_version=version)]
    assert write(reader, ops, WriteOptions())[0].status == "conflict"
    assert write(reader, ops, WriteOptions())[0].status == "conflict"
    assert server.docs["a"]["name"] == "n"


def test_contention_without_an_end_is_a_conflict() -> None:
    server = Busy(times=99)
    reader = reader_of(server, MODEL)
    store(reader, [("a", "n", 0)])
    (result,) = write(reader, [WriteOp("patch", ("a",), {"name": "x"})], WriteOptions())
    assert result.status == "conflict"
    assert result.error is not None
    assert result.error.code == "contention"


def test_rows_of_a_bulk_without_an_answer_are_looked_up() -> None:
    server = Unreliable(applied=2)
    reader = reader_of(server, MODEL)
    results = write(reader, inserts("a", "b", "c"), WriteOptions())
    assert [one.status for one in results] == ["created", "created", "unknown"]
    with pytest.raises(OutcomeUnknownError):
        write(reader, inserts("d"), WriteOptions())


def test_a_bad_row_stops_the_bulk_before_anything_is_sent() -> None:
    server = Server()
    reader = reader_of(server, MODEL)
    with pytest.raises(InvalidValueError):
        write(
            reader, [*inserts("a"), WriteOp("insert", ("b",), ("b", "\ud800", 1))], WriteOptions()
        )
    assert not server.sent


def test_replacing_keeps_attachments_and_patching_everything() -> None:
    server = Server()
    reader = reader_of(server, MODEL)
    store(reader, [("a", "n", 0)])
    server.docs["a"] |= {"_attachments": {"x": {"stub": True}}, "theirs": 1}
    write(reader, [WriteOp("patch", ("a",), {"age": 5})], WriteOptions())
    assert (server.docs["a"]["theirs"], server.docs["a"]["age"]) == (1, 5)
    write(reader, [WriteOp("replace", ("a",), ("a", "m", 6))], WriteOptions())
    assert server.docs["a"]["_attachments"] == {"x": {"stub": True}}
    assert "theirs" not in server.docs["a"]


def test_deltas_work_on_what_is_stored() -> None:
    server = Server()
    reader = reader_of(server, model_of(tags=K.ANY))
    store(reader, [("a", ["x"])])
    write(reader, [WriteOp("patch", ("a",), {"tags": Append(["y"])})], WriteOptions())
    assert server.docs["a"]["tags"] == ["x", "y"]
