"""The file: exact values, torn ends, damage, one writer, killed writers."""

from __future__ import annotations

import datetime as dt
import json
import logging
import math
import os
import signal
import subprocess
import sys
import textwrap
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from memory_support import Bench, Ctx, spec

from juggler.connector import Inc, WriteOp
from juggler.errors import (
    BackendError,
    ConfigurationError,
    DecodeError,
    InvalidValueError,
    OutcomeUnknownError,
    UnavailableError,
)
from juggler.values import GeoPoint
from juggler_memory.storage import journal as journals
from juggler_memory.storage.values import pack, unpack

NOTE = spec({"id": "id", "text": "str", "n": "int", "doc": "any"}, name="Note", unique=("text",))

texts = st.text(st.characters(codec=None), max_size=8)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(1 << 5000),
    st.floats(allow_nan=False),
    texts,
    st.decimals(allow_nan=False, allow_infinity=False),
    st.datetimes(timezones=st.just(dt.UTC)),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.uuids(),
    st.binary(max_size=5),
    st.builds(GeoPoint, st.floats(-90, 90), st.floats(-180, 180)),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.frozensets(scalars, max_size=3),
        st.dictionaries(texts | st.sampled_from(["$date", "$", "a"]), inner, max_size=3),
        st.dictionaries(st.integers() | st.dates(), inner, max_size=3),
    ),
    max_leaves=8,
)


def same(a: Any, b: Any) -> bool:
    """Equal, of the same types all the way down."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    if isinstance(a, float):
        return repr(a) == repr(b)
    return bool(a == b)


@given(values)
@example({"$date": 1})
@example({"$object": {"$date": "2020-01-01"}})
@example(-0.0)
@example(math.inf)
@example(Decimal("1.10"))
@example("\ud83d\ude00")
def test_values_come_back_exactly(value: Any) -> None:
    text = json.dumps(pack(value), ensure_ascii=False, allow_nan=False)
    raw = text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass")
    assert same(unpack(json.loads(raw)), value)


@pytest.mark.parametrize("bad", [{"$date": 5}, {"$what": 1}, {"$map": [[[], 1]]}, {"$int": None}])
def test_json_of_somebody_else_is_refused(bad: Any) -> None:
    with pytest.raises(DecodeError):
        unpack(bad)


def test_unknown_types_are_refused() -> None:
    with pytest.raises(InvalidValueError):
        pack(object())


# ---------------------------------------------------------------- a store on a file


def note(path: Path, **settings: Any) -> Bench:
    return Bench(NOTE, file=path, **settings)


def close(bench: Bench) -> None:
    bench.connector.close(bench.ctx)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notes.jsonl"


def test_rows_versions_expiry_indexes_and_the_id_counter_are_kept(path: Path) -> None:
    bench = note(path)
    bench.insert(text="a", doc={"at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)})
    bench.insert(text="b", n=1)
    version = bench.patch(2, {"n": Inc(4)}).version
    bench.insert(text="c")
    bench.delete(3)
    bench.write(WriteOp("insert", None, (None, "d", None, None), ttl=100))
    rows = bench.find()
    close(bench)
    again = note(path)
    assert again.find() == rows
    assert again.plan({"text": "b"}).path == "index"
    assert again.ids({"text": "b"}) == [2]
    assert again.patch(2, {"n": 0}, if_version=version).status == "patched"
    assert again.insert(text="e").key == (5,)
    again.ctx.time += 100
    assert again.ids() == [1, 2, 5]
    close(again)


def test_the_file_is_readable_lines(path: Path) -> None:
    bench = note(path)
    bench.insert(text="grüße", n=1)
    bench.delete(1)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0]["juggler-memory"] == 1
    assert lines[1]["table"]["columns"] == {
        "id": "integer",
        "text": "string",
        "n": "integer",
        "doc": "any",
    }
    put, delete = lines[2]["write"][0], lines[3]["write"][0]
    assert (put["put"], put["row"]) == ("Note", {"id": 1, "text": "grüße", "n": 1})
    assert delete == {"delete": "Note", "key": [1]}
    assert [line["n"] for line in lines] == [0, 1, 2, 3]
    assert "grüße" in path.read_text()
    close(bench)


def test_a_call_is_one_line(path: Path) -> None:
    bench = note(path)
    before = len(path.read_bytes().splitlines())
    bench.write(*(WriteOp("insert", None, (None, f"{i}", 1, None)) for i in range(50)))
    bench.update_where({"n": 1}, {"n": 2})
    assert len(path.read_bytes().splitlines()) == before + 3  # the definition comes first
    close(bench)


def test_compaction_keeps_everything_in_one_step(path: Path) -> None:
    bench = note(path, compact_at=4_000)
    for i in range(40):
        bench.put(id=i % 7, text=f"{i}", n=i)
    rows, size = bench.find(), path.stat().st_size
    assert size < 10_000
    assert {p.name for p in path.parent.iterdir()} == {"notes.jsonl", "notes.jsonl.lock"}
    close(bench)
    again = note(path)
    assert again.find() == rows
    assert again.insert(text="new").key == (7,)
    close(again)


def test_what_an_interrupted_compaction_left_is_removed(path: Path) -> None:
    close(note(path))
    scratch = path.with_name("notes.jsonl.compact")
    scratch.write_bytes(b"half")
    close(note(path))
    assert not scratch.exists()


# ---------------------------------------------------------------- crashes


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[tuple[int, Any]]]:
    """A file, and after each acknowledged call: its size and the rows."""
    path = tmp_path_factory.mktemp("history") / "notes.jsonl"
    bench = note(path)
    states: list[tuple[int, Any]] = [(0, []), (path.stat().st_size, [])]

    def acknowledged(_: Any) -> None:
        states.append((path.stat().st_size, bench.find()))

    acknowledged(bench.insert(text="a\nb", doc={"x": [1]}))
    acknowledged(bench.insert(text="ü\ud800", n=2))
    acknowledged(bench.patch(1, {"n": 5}))
    acknowledged(bench.delete(2))
    acknowledged(bench.write(*(WriteOp("insert", None, (None, f"{i}", i, None)) for i in range(3))))
    acknowledged(bench.update_where({"n": {"gt": 0}}, {"n": 9}))
    close(bench)
    return path.read_bytes(), states


def rows_at(states: list[tuple[int, Any]], size: int) -> Any:
    return [rows for end, rows in states if end <= size][-1]


crash = settings(
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@crash
@given(data=st.data())
def test_a_crash_at_any_byte_leaves_the_last_acknowledged_state(
    history: Any, tmp_path: Path, data: Any
) -> None:
    content, states = history
    cut = data.draw(st.integers(0, len(content)))
    path = tmp_path / "torn.jsonl"
    path.write_bytes(content[:cut])
    bench = note(path)
    assert bench.find() == rows_at(states, cut)
    whole = content[:cut].rfind(b"\n") + 1
    recovery = bench.connector.store.journal.recovered
    assert (recovery.size, recovery.dropped) == (whole, cut - whole)
    assert ("dropped" in str(recovery)) == (cut != whole)
    bench.put(id=1, text="after")
    rows = bench.find()
    close(bench)
    again = note(path)
    assert again.find() == rows
    close(again)


@crash
@given(data=st.data())
def test_garbage_in_the_last_line_costs_that_line_alone(
    history: Any, tmp_path: Path, data: Any
) -> None:
    content, states = history
    begin = content[:-1].rfind(b"\n") + 1
    at = data.draw(st.integers(begin, len(content) - 1))
    byte = data.draw(st.integers(0, 255))
    damaged = content[:at] + bytes([byte]) + content[at + 1 :]
    path = tmp_path / "garbage.jsonl"
    path.write_bytes(damaged)
    bench = note(path)
    assert bench.find() == rows_at(states, len(content) if damaged == content else begin)
    close(bench)


@crash
@given(data=st.data())
def test_damage_in_the_middle_is_never_passed_over(history: Any, tmp_path: Path, data: Any) -> None:
    content, states = history
    begin = content[:-1].rfind(b"\n") + 1
    at = data.draw(st.integers(0, begin - 1))
    flipped = content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]
    path = tmp_path / "damaged.jsonl"
    path.write_bytes(flipped)
    with pytest.raises((DecodeError, ConfigurationError)) as caught:
        note(path)
    assert path.read_bytes() == flipped
    if isinstance(caught.value, ConfigurationError):
        return
    assert "repair" in caught.value.hint
    bench = note(path, repair=True)
    good = content[:at].rfind(b"\n") + 1
    assert bench.find() == rows_at(states, good)
    saved = bench.connector.store.journal.recovered.saved
    assert saved.read_bytes() == flipped[good:]
    saved.unlink()
    close(bench)


def test_what_was_dropped_is_told(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bench = note(path)
    bench.insert(text="a")
    close(bench)
    with path.open("ab") as file:
        file.write(b'{"write": [{"put": "Note", "row": {"te')
    with caplog.at_level(logging.WARNING, "juggler.memory"):
        bench = note(path)
    (message,) = [record.getMessage() for record in caplog.records]
    assert message.startswith("notes.jsonl: dropped 38 bytes after line 3")
    assert message in bench.connector.ping(bench.ctx).limits["recovery"]
    assert bench.connector.store.journal.recovered.text.endswith('"te')
    close(bench)


WRITER = """
    import sys
    from juggler.connector import WriteOp, WriteOptions
    sys.path.insert(0, sys.argv[2])
    from pathlib import Path
    from test_storage import NOTE, note
    bench = note(Path(sys.argv[1]), compact_at=20_000, fsync=sys.argv[3])
    for i in range(100_000):
        bench.write(*(WriteOp("put", (k,), (k, None, i, None)) for k in range(5)))
        print(i, flush=True)
"""


@pytest.mark.parametrize("fsync", ["always", "interval", "never"])
def test_a_killed_writer_loses_nothing_acknowledged(path: Path, fsync: Any) -> None:
    here = str(Path(__file__).parent)
    program = [sys.executable, "-c", textwrap.dedent(WRITER), str(path), here, fsync]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as writer:  # noqa: S603
        assert writer.stdout is not None
        for line in writer.stdout:
            if int(line) >= 120:
                break
        os.kill(writer.pid, signal.SIGKILL)
        last = int([line, *writer.stdout.read().split("\n")[:-1]][-1])
    bench = note(path)
    numbers = {row[2] for row in bench.find()}
    assert len(bench.find()) == 5
    assert numbers in ({last}, {last + 1})
    close(bench)


# ---------------------------------------------------------------- one writer


def test_a_second_writer_is_told_who_has_the_file(path: Path) -> None:
    bench = note(path)
    with pytest.raises(UnavailableError, match="another data source of this process"):
        note(path)
    program = [
        sys.executable,
        "-c",
        textwrap.dedent(WRITER),
        str(path),
        str(Path(__file__).parent),
        "never",
    ]
    other = subprocess.run(program, capture_output=True, text=True, check=False)  # noqa: S603
    assert f"is open in process {os.getpid()}" in other.stderr
    close(bench)
    close(note(path))


def test_a_child_reads_what_there_was_and_cannot_write(path: Path) -> None:
    bench = note(path)
    bench.insert(text="a")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        report = "?"
        try:
            bench.connector.open(bench.ctx)
            count = len(bench.find())
            try:
                bench.insert(text="b")
            except UnavailableError as error:
                report = f"{count} {error.code} {len(bench.find())}"
        finally:
            os.write(write, report.encode())
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 100) == b"1 file-unusable 1"
    os.close(read)
    os.close(write)
    bench.insert(text="b")
    close(bench)
    again = note(path)
    assert again.ids() == [1, 2]
    close(again)


# ---------------------------------------------------------------- what can go wrong


def test_a_file_of_somebody_else_is_left_alone(path: Path) -> None:
    for content in (b'{"name": "x"}\n', b"hello", b"\n", b'{"juggler-memory": 2, "n": 0'):
        path.write_bytes(content)
        if content.startswith(b'{"jugg'):
            close(note(path))  # the torn beginning of ours
            continue
        with pytest.raises(ConfigurationError):
            note(path)
        assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as caught:
        note(tmp_path / "nowhere" / "x.jsonl")
    assert "folder" in caught.value.hint
    assert not caught.value.retryable


def test_a_full_disk_leaves_memory_and_file_as_they_were(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = note(path)
    bench.insert(text="a")
    content, rows = path.read_bytes(), bench.find()

    def full(fd: int, data: bytes) -> int:
        if len(data) > 20:
            return os.pwrite(fd, data[:20], len(content)) and 20
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(journals.os, "write", full)
        with pytest.raises(BackendError, match="No space left"):
            bench.insert(text="b" * 100)
        with pytest.raises(BackendError):
            bench.delete_where(None)
    assert path.read_bytes() == content
    assert bench.find() == rows
    bench.insert(text="b")
    close(bench)
    again = note(path)
    assert [row[1] for row in again.find()] == ["a", "b"]
    close(again)


def test_a_write_that_cannot_be_taken_back_is_unknown_and_stops_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = note(path)
    bench.insert(text="a")

    def broken(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(journals.os, "fsync", broken)
        with pytest.raises(OutcomeUnknownError):
            bench.insert(text="b")
    with pytest.raises(UnavailableError):
        bench.insert(text="c")
    assert bench.ids() == [1]


def test_a_failed_compaction_keeps_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bench = note(path, compact_at=2_000)

    def broken(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", broken)
    for i in range(60):
        bench.put(id=1, text=f"{i}")
    assert "could not be compacted" in caplog.text
    close(bench)
    monkeypatch.undo()
    again = note(path)
    assert again.one(1)["text"] == "59"
    close(again)


def test_a_closed_store_opens_again(path: Path) -> None:
    bench = note(path)
    bench.insert(text="a")
    close(bench)
    with pytest.raises(UnavailableError):
        bench.insert(text="b")
    bench.connector.open(Ctx())
    assert bench.insert(text="b").key == (2,)
    assert bench.ids() == [1, 2]
    close(bench)


def test_interval_makes_writes_durable_from_a_thread(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    monkeypatch.setattr(journals.os, "fsync", synced.append)
    bench = note(path, fsync="interval", fsync_interval=0.01)
    synced.clear()
    bench.insert(text="a")
    timer = bench.connector.store.journal._timer
    assert timer is not None
    timer.join(10)
    assert len(synced) == 1
    close(bench)


def test_uuids_and_points_are_keys_and_values_of_a_file(path: Path) -> None:
    model = spec({"id": "uuid", "at": "geo"}, name="Place")
    bench = Bench(model, file=path)
    key = UUID(int=7)
    bench.insert(id=key, at=GeoPoint(1, 2))
    bench.delete(UUID(int=8))
    close(bench)
    again = Bench(model, file=path)
    assert again.one(key) == {"id": key, "at": GeoPoint(1, 2)}
    close(again)
