"""LIKE: the whole text, three special characters, and no way to make it slow."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import InvalidQueryError
from juggler.values.like import escape_like, fold, like_literal, like_matcher, like_prefix

PATTERN = st.text("ab%_", max_size=8)
TEXT = st.text("ab", max_size=8)


def naive(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(naive(pattern[1:], text[i:]) for i in range(len(text) + 1))
    return bool(text) and pattern[0] in {"_", text[0]} and naive(pattern[1:], text[1:])


@given(PATTERN, TEXT)
def test_it_agrees_with_plain_recursion(pattern: str, text: str) -> None:
    assert like_matcher(pattern)(text) == naive(pattern, text)


@given(st.text())
def test_an_escaped_text_is_like_itself_only(text: str) -> None:
    assert like_matcher(escape_like(text))(text)
    assert not like_matcher(escape_like(text))(text + "x")
    assert like_literal(escape_like(text)) == text
    assert like_prefix(escape_like(text) + "%") == (text, True)


@pytest.mark.parametrize(
    ("pattern", "text", "ci", "expected"),
    [
        ("", "", False, True),
        ("", "x", False, False),
        ("M", "xMx", False, False),
        (".", "x", False, False),
        ("a|M", "M", False, False),
        ("^a", "a", False, False),
        ("[", "[", False, True),
        (r"100\%", "100%", False, True),
        (r"100\%", "1000", False, False),
        (r"a\b", "ab", False, True),
        (r"a\\b", r"a\b", False, True),
        ("a_b", "a😀b", False, True),
        ("a_b", "a\nb", False, True),
        ("a%b", "a\n\nb", False, True),
        ("%a____%", "aaa", False, False),
        ("%____a%", "aaa", False, False),
        ("É", "é", True, True),
        ("É", "é", False, False),
        ("stra_e", "STRAßE", True, True),
        ("ß", "ẞ", True, True),
        ("ss", "ß", True, False),
        ("ΣΑΣ", "σας", True, True),
    ],
)
def test_examples(pattern: str, text: str, ci: bool, expected: bool) -> None:
    assert like_matcher(pattern, ci)(text) is expected


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [
        ("ab%", ("ab", True)),
        ("ab", ("ab", False)),
        ("ab_", ("ab", False)),
        ("ab%c", ("ab", False)),
        ("%", ("", True)),
        ("ab%%", ("ab", True)),
        ("", ("", False)),
        (r"a\%%", ("a%", True)),
    ],
)
def test_the_prefix_of_a_pattern(pattern: str, prefix: tuple[str, bool]) -> None:
    assert like_prefix(pattern) == prefix


def test_a_lone_backslash_is_refused() -> None:
    with pytest.raises(InvalidQueryError, match="backslash"):
        like_matcher("a\\")


def test_it_is_not_slow_where_a_regular_expression_would_never_end() -> None:
    assert not like_matcher("%a" * 500 + "b")("a" * 20_000)
    assert not like_matcher("%_a_" * 50 + "b", True)("a" * 5_000)  # noqa: FBT003


def test_folding_joins_exactly_what_case_folding_joins_in_one_character() -> None:
    groups: dict[str, set[str]] = {}
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if char.casefold() != char or char.lower() != char:
            groups.setdefault(char.casefold(), set()).add(fold(char))
            assert len(fold(char)) == 1
    assert all(len(found) == 1 for found in groups.values())
