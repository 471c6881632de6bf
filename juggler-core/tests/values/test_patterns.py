"""Patterns of definitions: the same answers as ``re``, in bounded time."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler import ConfigurationError, ModelBuilder, ValidationError, connect
from juggler.errors import CapabilityError
from juggler.values.patterns import pattern_search

PATTERNS = (
    r".+@.+", r"^[^@\s]+@[^@\s]+\.[^@\s]+$", r"(a+)+$", r"^(a|aa)*b", r"(?i)^[a-c]+x?[a-c]+$",
    r"a{2,3}b*(ab)*", r"(a*)*b", r"^\w+ \w+$",
)  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
@given(text=st.text("abx @.A\n", max_size=12))
def test_it_agrees_with_re(pattern: str, text: str) -> None:
    assert bool(pattern_search(pattern)(text)) is bool(re.search(pattern, text))


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"^(a|a)*$", r"a*a*a*a*a*b", r".+@.+"])
def test_no_text_hangs_it(pattern: str) -> None:
    assert not pattern_search(pattern)("a" * 20_000 + "c")


def test_what_is_not_regular_is_refused_when_it_is_declared() -> None:
    with pytest.raises(CapabilityError):
        pattern_search(r"(?=.*\d).{8,}")
    builder = ModelBuilder()
    for pattern in (r"(?=.*\d).{8,}", r"(a)\1", r"(((a{99}){99}){99}b*)*", "("):
        with pytest.raises(ConfigurationError) as caught:
            builder.define("M", {"a": {"type": "string", "pattern": pattern}})
        assert caught.value.code == "bad-pattern"
        model = builder.define("N", {"a": "string"})
        with pytest.raises(ConfigurationError):
            model.validates_format_of("a", with_=pattern)


def test_rules_and_validators_use_it() -> None:
    with connect("memory:") as db:
        model = db.define("M", {"a": {"type": "string", "pattern": "(a+)+$"}, "b": "string"})
        model.validates_format_of("b", with_=re.compile("^(x+x+)+Y$", re.IGNORECASE))
        model.create(a="aaa", b="xxxy")
        for values in ({"a": "a" * 40 + "!", "b": "xxy"}, {"a": "a", "b": "x" * 40}):
            with pytest.raises(ValidationError, match="is invalid"):
                model.create(values)
