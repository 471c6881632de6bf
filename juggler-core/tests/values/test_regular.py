"""Regular expressions: a subset that cannot hang, the same everywhere."""

from __future__ import annotations

import re
import re._parser as parser
import sys
import types
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler.errors import CapabilityError, InvalidQueryError
from juggler.values._automaton import Automaton
from juggler.values.regular import search_for


@pytest.fixture(autouse=True)
def _no_re2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    search_for.cache_clear()


ALLOWED = [
    "",
    "abc",
    "a.b",
    "^a",
    "b$",
    "a*",
    "a.*b",
    "[a-z]+",
    "(abc)?d",
    "a{2,5}",
    "(ab){3}",
    "(?:ab)+",
    "(?P<x>a)b",
    "foo|ba(r|z)",
    "(foo|bar)*x",
    "a*|b*",
    r"^\d{1,3}\.\d{1,3}\.\d{1,3}$",
    ".*abc.*",
    r"a\.*",
    "(?i)abc",
    r"\bword\b",
    "[^/]+/x",
    "x?y?z?",
    "(a*)b",
    "(ab*)?",
]
REFUSED = [
    "(a+)+",
    "(a*)*",
    "(a|a)*",
    "(a|ab)*c",
    ".*.*.*x",
    "a*b*",
    "(a*)(b*)",
    "(a?){50}",
    "(a{1,50}){1,50}b",
    "a?" * 30 + "a" * 30,
    "(a|b?)+",
    r"(a)\1",
    "(?=a)b",
    "(?!a)b",
    "(?<=a)b",
    "(a)?(?(1)b|c)",
    "(?>a)b",
    "a*+b",
    "(x+x+)+y",
    "(.*)*",
    "(aa|aa){40}",
    "a{0,500}b{0,500}",
    "[ab]*[bc]*d",
    "(ab?)*",
    "(" * 51 + ")" * 51,
]
INVALID = ["(", "[", "a{2,1}", "*", "(?P<1>a)", "a**", "(?z)", r"\g", "[z-a]", "(" * 400]


@pytest.mark.parametrize("pattern", ALLOWED)
def test_regular_patterns_search_as_in_python(pattern: str) -> None:
    search = search_for(pattern)
    for text in ("", "abc", "xabcx", "aaa", "foobarx", "10.20.30", "a.b\n", "b"):
        assert (search(text) is not None) == (re.search(pattern, text) is not None)


@pytest.mark.parametrize("pattern", REFUSED)
def test_the_others_name_the_engine_that_takes_them(pattern: str) -> None:
    with pytest.raises(CapabilityError) as caught:
        search_for(pattern)
    assert "pip install juggler-core[re2]" in caught.value.hint
    assert caught.value.feature == "regexp"


@pytest.mark.parametrize("pattern", INVALID)
def test_what_is_no_pattern_is_a_bad_query(pattern: str) -> None:
    with pytest.raises((InvalidQueryError, CapabilityError)) as caught:
        search_for(pattern)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(("flags", "text"), [("i", "ABC"), ("m", "x\nabc"), ("s", "a\nc")])
def test_flags(flags: str, text: str) -> None:
    pattern = {"i": "abc", "m": "^abc", "s": "a.c"}[flags]
    assert search_for(pattern, flags)(text)
    assert not search_for(pattern)(text)
    with pytest.raises(InvalidQueryError):
        search_for("a", "x")


@settings(max_examples=500)
@given(st.text("ab()*+?|{}[]^$.,123\\", max_size=14), st.text("ab", max_size=400))
def test_whatever_is_allowed_answers_as_python_does(pattern: str, text: str) -> None:
    try:
        search = search_for(pattern)
    except (InvalidQueryError, CapabilityError):
        return
    assert (search(text) is not None) == (re.search(pattern, text) is not None)


PIECES = st.sampled_from(
    [
        "a",
        "b",
        ".",
        "[ab]",
        "a?",
        "a{0,3}",
        "(a|b)",
        "(ab|a)",
        "a*",
        ".*",
        "(ab)*",
        "$",
        "^",
        "\\b",
        "\\B",
        "\\A",
        "\\Z",
        "[^a]",
        "\\w",
        "\\s",
        "\\d",
        "\\n",
        "é",
        "(?i:A)",
        "(?m:^)",
        "(?m:$)",
        "(^|a)",
    ]
)


@settings(max_examples=500)
@given(
    st.lists(PIECES, max_size=6).map("".join),
    st.sampled_from([re.NOFLAG, re.IGNORECASE, re.MULTILINE, re.DOTALL]),
    st.text("abAB\n é1_", min_size=1, max_size=12),
)
def test_the_automaton_for_long_texts_agrees_with_python(
    pattern: str, flags: re.RegexFlag, text: str
) -> None:
    found = Automaton(parser.parse(pattern, flags)).search(text)
    assert (found is not None) == (re.search(pattern, text, flags) is not None)


def test_long_texts_take_time_in_their_length_only() -> None:
    for pattern in ("[a-z]+x", "(?:aa)*b?(a?c?){3}x", "a{0,100}a+?b"):
        assert search_for(pattern)("a" * 300_000) is None
        assert search_for(pattern)("a" * 300_000 + "bx")


def test_re2_takes_over_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    class Options:
        log_errors = case_sensitive = True
        dot_nl = False

    def compile_it(pattern: str, options: Options) -> Any:
        seen.append((pattern, options.case_sensitive, options.dot_nl))
        if "\\1" in pattern:
            raise ValueError("no back-references")
        return re.compile("never")

    monkeypatch.setitem(
        sys.modules, "re2", types.SimpleNamespace(Options=Options, compile=compile_it)
    )
    search_for.cache_clear()
    assert search_for("(a+)+", "ims")("x") is None
    assert search_for("abc")("abc")
    assert seen == [("(?m)(a+)+", False, True)]
    with pytest.raises(CapabilityError, match="beyond re2"):
        search_for(r"(a)\1")
    search_for.cache_clear()
