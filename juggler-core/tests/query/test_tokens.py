"""Page tokens cannot be made, changed, kept or moved to another query."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import ConfigurationError, PageTokenError
from juggler.query.tokens import Token, TokenCodec

CODEC = TokenCodec(["a secret"])
TEXT = CODEC.encode(Token("query", b"\x00cursor", 20))


def reason(codec: TokenCodec, text: Any, query: str = "query", now: float = 0) -> str:
    with pytest.raises(PageTokenError) as caught:
        codec.decode(text, query, now)
    assert caught.value.hint
    return caught.value.reason


@given(st.text(), st.binary(), st.integers(0, 2**60), st.none() | st.floats(1, 1e12))
def test_a_token_comes_back(query: str, cursor: bytes, emitted: int, expires: float | None) -> None:
    query = query.encode("utf-8", "replace").decode()
    token = Token(query, cursor, emitted, expires)
    assert CODEC.decode(CODEC.encode(token), query, 0) == token


@pytest.mark.parametrize("place", range(len(TEXT)))
def test_no_character_can_be_changed(place: int) -> None:
    other = "A" if TEXT[place] != "A" else "B"
    assert reason(CODEC, TEXT[:place] + other + TEXT[place + 1 :]) == "forged"


@given(st.text() | st.binary() | st.none() | st.integers() | st.text("ABCab01-_=", max_size=90))
def test_anything_else_is_forged(text: Any) -> None:
    assert reason(CODEC, text) == "forged"


@pytest.mark.parametrize(
    "text", [TEXT[:-1], TEXT + "=", TEXT + "A", TEXT[1:], " " + TEXT, TEXT + "\n"]
)
def test_there_is_one_spelling(text: str) -> None:
    assert reason(CODEC, text) == "forged"


def test_a_token_belongs_to_its_query() -> None:
    assert reason(CODEC, TEXT, "another") == "mismatch"


def test_a_token_expires() -> None:
    text = CODEC.encode(Token("query", b"", 0, expires=100.0))
    assert CODEC.decode(text, "query", 99.9).expires == 100.0
    assert reason(CODEC, text, now=100.0) == "expired"


def test_secrets_can_be_changed() -> None:
    both = TokenCodec(["new", "a secret"])
    assert both.decode(TEXT, "query", 0).emitted == 20
    assert reason(CODEC, both.encode(Token("query", b""))) == "forged"


def test_without_a_secret_tokens_live_as_long_as_the_process() -> None:
    assert TokenCodec().decode(TokenCodec().encode(Token("query", b"")), "query", 0).emitted == 0
    with pytest.raises(PageTokenError) as caught:
        TokenCodec().decode(TEXT, "query", 0)
    assert "JUGGLER_TOKEN_SECRET" in caught.value.hint


def test_a_signature_of_another_secret_with_our_key_id_is_forged() -> None:
    data = base64.urlsafe_b64decode(TEXT + "=" * (-len(TEXT) % 4))
    foreign = TokenCodec(["other"]).encode(Token("query", b"", 99))
    other = base64.urlsafe_b64decode(foreign + "=" * (-len(foreign) % 4))
    mixed = data[:5] + other[5:]
    assert reason(CODEC, base64.urlsafe_b64encode(mixed).rstrip(b"=").decode()) == "forged"


def test_secrets_do_not_show_and_cannot_be_empty() -> None:
    assert "a secret" not in repr(CODEC)
    with pytest.raises(ConfigurationError):
        TokenCodec([""])
