"""Ids grow, do not repeat, and fit their types; the clock is in UTC and milliseconds."""

from __future__ import annotations

import datetime as dt
import re
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from juggler.values import TypeKind, coercer, simple
from juggler.values import ids as made
from juggler.values.clock import now


def test_uuids_grow_and_hold_the_time() -> None:
    before = time.time_ns() // 1_000_000
    found = [made.uuid7() for _ in range(2000)]
    assert found == sorted(found)
    assert len(set(found)) == len(found)
    assert all(one.version == 7 and one.variant == UUID(int=2 << 62).variant for one in found)
    assert before <= found[0].int >> 80 <= before + 60_000


def test_uuids_do_not_repeat_among_threads() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = [
            one
            for batch in pool.map(lambda _: [made.uuid7() for _ in range(500)], range(8))
            for one in batch
        ]
    assert len(set(found)) == 4000


def test_uuids_grow_when_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = made.uuid7()
    monkeypatch.setattr(made.time, "time_ns", lambda: 0)
    assert made.uuid7() > first


def test_a_full_counter_moves_on_to_the_next_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made.time, "time_ns", lambda: 0)
    monkeypatch.setattr(made._clock, "counter", (1 << 42) - 1)
    first = made.uuid7()
    assert made.uuid7() > first


@pytest.mark.parametrize("kind", [TypeKind.STRING, TypeKind.TEXT, TypeKind.UUID, TypeKind.TIMEUUID])
def test_new_keys_fit_their_type(kind: TypeKind) -> None:
    key = made.new_key(simple(kind))
    assert coercer(simple(kind))(key) == key


def test_keys_that_only_a_store_can_make() -> None:
    assert made.new_key(simple(TypeKind.INTEGER)) is None


def test_nanoids_are_safe_in_urls() -> None:
    found = {made.nanoid() for _ in range(500)}
    assert len(found) == 500
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{21}", one) for one in found)
    assert len(made.nanoid(5)) == 5


def test_now_is_utc_in_milliseconds() -> None:
    assert now().tzinfo is dt.UTC
    assert now().microsecond % 1000 == 0
