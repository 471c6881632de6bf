"""Values and keys that stores, drivers and URLs mistreat."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from juggler.errors import InvalidValueError, TooLargeError
from juggler.query.tree import Cmp
from juggler.values.types import TypeKind
from juggler_conformance.oracle.values import ORDERED, equal, kind
from juggler_conformance.plain import plain_row
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import NASTY_TEXTS, nasty_values
from juggler_conformance.strategies.queries import DrawnQuery

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Session
    from juggler_conformance.shapes import Shape


#: What connectors put between the parts of a key.
_MARKS = ("", "-", "_", ":", "/", "|", ",", ".", ";", "#", " ", "\x00")

_TIME = TypeKind.DATETIME
_ZONE = "EST5EDT,M3.2.0,M11.1.0"
#: Winter, summer, the hour that New York's clocks leave out, and the two that they show as one.
_MOMENTS = tuple(
    datetime(2024, month, day, hour, 30, tzinfo=UTC)
    for month, day, hour in ((1, 15, 12), (7, 1, 12), (3, 10, 7), (11, 3, 5), (11, 3, 6))
)


@conforms("core", usually="an encoding, normalisation or escaping between here and the disk")
def nasty_values_are_kept(session: Session) -> None:
    """Each nasty value is read back as it was written and found by equality, or refused unsent."""
    for shape in session.shapes:
        for name in shape.plain_names:
            for value in nasty_values(shape.types[name], session.limits):
                _keeps(session, shape, name, value)


def _keeps(session: Session, shape: Shape, name: str, value: Any, told: str = "") -> None:
    session.fresh()
    if told:
        session.journal.note(told)
    with session.explained(), session.db.options(allow_scan=True), session.bench(shape) as bench:
        row = {**dict.fromkeys(shape.types), **_a_key(shape), name: value}
        if not _written(bench, row, claimed=session.limits.any_value):
            return
        bench.get(bench.table.key_of(row))
        bench.find(DrawnQuery(Cmp(name, "eq", value)))
        bench.find(DrawnQuery(Cmp(name, "ne", value)))
        if kind(value) in ORDERED:
            bench.find(DrawnQuery(Cmp(name, "ge", value), order=((name, "desc"),)))


@conforms("core", usually="a time that is converted by the zone of this machine, or loses its zone")
def times_do_not_depend_on_the_zone(session: Session) -> None:
    """Points in time are kept whatever the machine's zone is, also where its clocks change."""
    found = ((s, n) for s in session.shapes for n in s.plain_names if s.types[n].kind is _TIME)
    shape, name = next(found, (None, ""))
    if shape is None:
        return
    with _elsewhere():
        for moment in _MOMENTS:
            _keeps(session, shape, name, moment, f"in the environment TZ={_ZONE}")


@contextmanager
def _elsewhere() -> Iterator[None]:
    """The local time is New York's, where the system can be told so."""
    if not hasattr(time, "tzset"):
        yield
        return
    before = os.environ.get("TZ")
    os.environ["TZ"] = _ZONE
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


@conforms("core", usually="a key that becomes part of a path, a statement or a file name")
def nasty_keys_are_kept(session: Session) -> None:
    """Each nasty key is its own row: written, read, deleted by itself; or refused unsent."""
    shape = session.simple()
    keys = [(text,) for text in NASTY_TEXTS if text]
    try:
        _stay_apart(session, shape, keys)
    except Exception:
        for few in (*zip(keys, strict=False), *pairwise(keys)):
            _stay_apart(session, shape, few)  # the same with less to read
        raise


@conforms("core", keeps=True, usually="the parts of a key are joined to one text, and not escaped")
def parts_of_keys_stay_apart(session: Session) -> None:
    """Keys of several parts that look the same once they are joined are rows of their own."""
    shape = next((shape for shape in session.shapes if len(shape.key_names) > 1), None)
    if shape is None:
        return
    texts = [name for name in shape.key_names if shape.types[name].kind is TypeKind.STRING]
    between = {name: 1 for name in shape.key_names if name not in texts}
    if len(texts) < 2 or any(shape.types[name].kind is not TypeKind.INTEGER for name in between):  # noqa: PLR2004 - a first and a last one
        return
    for mark in _MARKS:
        parts = dict.fromkeys(texts, "1") | between
        keys = [
            {**parts, texts[0]: f"a{mark}1", texts[-1]: "b"},
            {**parts, texts[0]: "a", texts[-1]: f"1{mark}b"},
        ]
        _stay_apart(session, shape, [tuple(key[n] for n in shape.key_names) for key in keys])


def _stay_apart(session: Session, shape: Shape, keys: Sequence[tuple[Any, ...]]) -> None:
    """Write rows of these keys, then read and delete each by itself."""
    session.fresh()
    with session.explained(), session.db.options(allow_scan=True), session.bench(shape) as bench:
        for key in keys:
            row = {**dict.fromkeys(shape.types), **dict(zip(shape.key_names, key, strict=True))}
            _written(bench, row, claimed=session.limits.any_key)
        bench.check()
        for key in list(bench.table.rows):
            bench.get(key)
            bench.delete(key)
            bench.check()


def _written(bench: Bench, row: dict[str, Any], *, claimed: bool) -> bool:
    """Whether the row was written; a refusal is typed, unsent, and only where it is not claimed."""
    key = bench.table.key_of(row)
    bench.touched[key] = None
    with bench.session.recording() as recorder:
        try:
            made = bench.call("create", dict(row))
        except (InvalidValueError, TooLargeError) as error:
            assert not claimed, f"refused, and claimed: {error}"
            sent = [text for call in recorder.calls for text in call.statements]
            assert not sent, f"refused only after {sent}"
            bench.session.reach.refusal(error)
            return False
    bench.table.insert(row)
    got = plain_row(made)
    assert all(equal(got[name], row[name]) for name in row), f"{got!r} instead of {row!r}"
    return True


def _a_key(shape: Shape) -> dict[str, Any]:
    return {
        name: 1 if shape.types[name].kind is TypeKind.INTEGER else "k1" for name in shape.key_names
    }
