from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.cli import _filters
from juggler.errors import JugglerError

if TYPE_CHECKING:
    from pathlib import Path

NOTHING: dict[str, Any] = {"where": None, "order": (), "fields": None, "limit": None, "skip": None}


def test_a_filter_comes_as_text_from_a_file_or_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "filter.json"
    file.write_text('{"limit": 3}', encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO('{"limit": 4}'))
    assert _filters.read('{"limit": 2}') == {"limit": 2}
    assert _filters.read(f"@{file}") == {"limit": 3}
    assert _filters.read("-") == {"limit": 4}
    assert _filters.read(None) == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{where: 1}", "no JSON"),
        ("", "no JSON"),
        ("[1]", "a JSON list, not an object"),
        ("null", "a JSON null, not an object"),
        ('{"a": NaN}', "NaN is no JSON number"),
        ("@no such file", "cannot be read"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_filter_is_said_in_one_line(text: str, told: str) -> None:
    with pytest.raises(JugglerError, match=told) as refused:
        _filters.read(text)
    assert "\n" not in refused.value.message


def test_the_place_of_a_mistake_is_named() -> None:
    with pytest.raises(JugglerError, match=r"at 2:10: \"where\": oops") as refused:
        _filters.read('{\n"where": oops\n}')
    assert refused.value.code == "filter-json"


@given(st.text(max_size=80))
def test_any_text_is_an_object_or_a_refusal(text: str) -> None:
    if text.startswith("@") or text == "-":
        return
    try:
        assert isinstance(_filters.read(text), dict)
    except JugglerError as error:
        assert error.code in {"filter-json", "query-too-deep"}  # noqa: PT017 - one of two outcomes


def test_options_join_the_filter_and_conditions_are_added() -> None:
    options = NOTHING | {
        "where": '{"b": 2}',
        "order": ("a DESC", "b"),
        "fields": "a, b",
        "limit": 0,
    }
    assert _filters.merged('{"where": {"a": 1}, "skip": 2}', **options) == {
        "where": {"and": [{"a": 1}, {"b": 2}]},
        "order": ["a DESC", "b"],
        "fields": ["a", "b"],
        "limit": 0,
        "skip": 2,
    }


def test_saying_a_thing_twice_is_refused() -> None:
    with pytest.raises(JugglerError, match="--limit") as refused:
        _filters.merged('{"limit": 1}', **(NOTHING | {"limit": 1}))
    assert refused.value.code == "filter-twice"
