from __future__ import annotations

import asyncio
import datetime as dt
import fnmatch
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from juggler import connect
from juggler.errors import (
    CapabilityError,
    ConfigurationError,
    InvalidQueryError,
    InvalidValueError,
    JugglerError,
    NotFoundError,
)
from juggler_memory.globbing import glob_matcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Clock:
    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> Iterator[Any]:
    with connect("keyvalue:", clock=clock) as db:
        yield db.define("Cache")


def test_values_are_set_and_got(cache: Any) -> None:
    at = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    for value in (1, "a", None, True, [1, {"x": 2}], b"\x00\xff", at, 1.5):
        cache.set("key", value)
        assert cache.get("key") == value
        assert type(cache.get("key")) is type(value)
    assert cache.get("unknown") is None


def test_values_are_isolated(cache: Any) -> None:
    value = {"list": [1]}
    cache.set("key", value)
    value["list"].append(2)
    cache.get("key")["list"].append(3)
    assert cache.get("key") == {"list": [1]}


def test_keys_end_with_their_time_to_live(cache: Any, clock: Clock) -> None:
    cache.set("a", 1, ttl=10)
    cache.set("b", 2, dt.timedelta(minutes=1))
    cache.set("c", 3)
    assert (cache.ttl("a"), cache.ttl("b"), cache.ttl("c")) == (10, 60, None)
    clock.time += 9.5
    assert cache.ttl("a") == 0.5
    clock.time += 0.5
    assert cache.get("a") is None
    assert cache.keys() == ["b", "c"]
    with pytest.raises(NotFoundError):
        cache.ttl("a")


def test_expire_sets_and_set_clears_the_time_to_live(cache: Any, clock: Clock) -> None:
    cache.set("a", 1)
    cache.expire("a", 5)
    assert cache.ttl("a") == 5
    assert cache.get("a") == 1
    cache.set("a", 2)
    assert cache.ttl("a") is None
    with pytest.raises(NotFoundError) as caught:
        cache.expire("unknown", 5)
    assert "Cache.set" in caught.value.hint
    clock.time += 100
    assert cache.get("a") == 2


@pytest.mark.parametrize("ttl", [0, -1, float("nan"), float("inf"), "5", True])
def test_times_that_are_no_seconds_are_refused(cache: Any, ttl: Any) -> None:
    with pytest.raises(InvalidValueError, match="time to live"):
        cache.set("a", 1, ttl=ttl)
    assert cache.keys() == []


def test_keys_by_pattern(cache: Any) -> None:
    for key in ("user:1", "user:12", "user:x", "post:1", "*", "[a]"):
        cache.set(key, 1)
    assert cache.keys("user:*") == ["user:1", "user:12", "user:x"]
    assert cache.keys("user:?") == ["user:1", "user:x"]
    assert cache.keys("user:[0-9]*") == ["user:1", "user:12"]
    assert cache.keys("user:[!0-9]") == ["user:x"]
    assert cache.keys(r"\*") == ["*"]
    assert cache.keys(r"\[a]") == ["[a]"]
    assert cache.keys("{user,post}:1") == []
    assert list(cache.iterate_keys("post:*")) == ["post:1"]


def test_delete_says_whether_the_key_was_there(cache: Any) -> None:
    cache.set("a", 1)
    cache.set("b", 1)
    assert cache.delete("a") is True
    assert cache.delete("a") is False
    with pytest.raises(InvalidQueryError):
        cache.delete_all()
    assert cache.delete_all(all=True).changed == 1
    assert cache.keys() == []


def test_built_in_operations_are_there_too(cache: Any) -> None:
    cache.set("a", 1)
    cache.set("b", 2)
    assert cache.delete_all({"value": 1}).changed == 1
    found = cache.find_by_id("b")
    assert found["value"] == 2
    assert found.delete() is True
    assert cache.count() == 0


def test_empty_keys_are_refused(cache: Any) -> None:
    for call in (lambda: cache.get(""), lambda: cache.set("", 1), lambda: cache.get(None)):
        with pytest.raises(JugglerError):
            call()


def test_the_same_in_the_asynchronous_colour(cache: Any) -> None:
    async def run() -> None:
        await cache.aio.set("a", [1], ttl=5)
        assert await cache.aio.get("a") == [1]
        assert await cache.aio.ttl("a") == 5
        await cache.aio.expire("a", 9)
        assert await cache.aio.keys("?") == ["a"]
        assert [key async for key in cache.aio.iterate_keys()] == ["a"]
        assert await cache.aio.delete("a")
        assert (await cache.aio.delete_all(all=True)).changed == 0

    asyncio.run(run())


def test_a_declared_value_keeps_its_type() -> None:
    with connect("keyvalue:") as db:
        score = db.define(
            "Score", {"name": {"type": "string", "id": True}, "value": "integer"}, {"strict": True}
        )
        score.set("ann", "5")
        assert score.get("ann") == 5
        with pytest.raises(InvalidValueError):
            score.set("ann", "five")
        strict = db.define("Strict", {"id": {"type": "string", "id": True}}, {"strict": True})
        with pytest.raises(ConfigurationError, match="keys and values"):
            strict.set("a", 1)


def test_a_file_keeps_values_and_times(tmp_path: Path, clock: Clock) -> None:
    settings = {"file": tmp_path / "cache.jsonl"}
    with connect("keyvalue", settings, clock=clock) as db:
        cache = db.define("Cache")
        cache.set("a", {"b": b"c"}, ttl=10)
        cache.set("d", 1)
    clock.time += 4
    with connect("keyvalue", settings, clock=clock) as db:
        cache = db.define("Cache")
        assert cache.get("a") == {"b": b"c"}
        assert cache.ttl("a") == 6
        clock.time += 6
        assert cache.keys() == ["d"]


def test_its_aliases_and_statements() -> None:
    with connect("kv-memory") as db:
        assert db.name == "keyvalue"
        with pytest.raises((InvalidQueryError, CapabilityError)):
            db.execute("GET a")


# ---------------------------------------------------------------- patterns

texts = st.text("ab*?[]-!", max_size=8)


@given(texts, st.text("ab-!", max_size=8))
@example("a*b*a", "abba")
@example("[!a]", "b")
@example("[a-b]b", "bb")
def test_patterns_match_as_those_of_file_names(pattern: str, text: str) -> None:
    try:
        fits = glob_matcher(pattern)
    except InvalidQueryError:
        return
    assert fits(text) == fnmatch.fnmatchcase(text, pattern)


def test_no_pattern_hangs() -> None:
    assert not glob_matcher("*a" * 499)("a" * 400 + "b" * 5_000)
    with pytest.raises(InvalidQueryError):
        glob_matcher("*a" * 600)


@pytest.mark.parametrize("pattern", ["[", "[]", "[!]", "a\\", "[a"])
def test_patterns_that_are_not_finished_are_refused(pattern: str) -> None:
    with pytest.raises(InvalidQueryError):
        glob_matcher(pattern)
