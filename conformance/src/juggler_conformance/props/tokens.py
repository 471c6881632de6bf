"""Page tokens that somebody tampered with."""

from __future__ import annotations

import base64
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from attrs import evolve
from hypothesis import strategies as st

from juggler import Query
from juggler.errors import PageTokenError
from juggler_conformance.props._draws import any_shape, some_rows
from juggler_conformance.registry import conforms

if TYPE_CHECKING:
    from juggler.query.tokens import TokenCodec
    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session

_EVERYTHING: dict[str, Any] = {}


def _with_token(session: Session, check: Any, *, scale: float = 0.5) -> None:
    """Run ``check(bench, token, draw)`` with the token of a first page."""
    if not session.caps.paging:
        return

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            some_rows(draw, bench)
            if len(bench.table.rows) > 1:
                page, token = Query.of(bench.model, _EVERYTHING).page(1)
                assert len(page) == 1
                assert token is not None, "more rows, and no token"
                check(bench, token, draw)

    session.examples(body, scale=scale)


def _refused(bench: Bench, token: Any, reason: str, filter_: Any = _EVERYTHING) -> None:
    with bench.session.recording() as recorder:
        try:
            answer = Query.of(bench.model, filter_).page(1, token)
        except PageTokenError as error:
            bench.session.reach.refusal(error)
            bench.session.reach.saw("token", error.reason)
            assert error.reason == reason, f"{error.reason} instead of {reason}: {error}"
        else:
            message = f"the token {token!r} was taken ({reason}): {answer!r}"
            raise AssertionError(message)
    assert not recorder.hooks, f"refused only after {recorder.hooks}"


@conforms("query", usually="the signature is not checked, or not over the whole token")
def forged_tokens_are_refused(session: Session) -> None:
    """A token with any byte changed, cut or made up is refused before the connector sees it."""

    def check(bench: Bench, token: str, draw: Draw) -> None:
        at = draw(st.integers(0, len(token) - 1))
        other = draw(st.sampled_from("AZaz09-_"))
        changed = token[:at] + other + token[at + 1 :]
        if changed != token:
            _refused(bench, changed, "forged")
        _refused(bench, token[:at], "forged")
        _refused(bench, token + "A", "forged")
        _refused(bench, base64.urlsafe_b64encode(b"\x01" * 80).decode(), "forged")
        for junk in ("", "x", "\x00", "é" * 50, 5, b"bytes"):
            _refused(bench, junk, "forged")

    _with_token(session, check)


@conforms("query", usually="the token is not bound to where, order and fields")
def tokens_of_another_query_are_refused(session: Session) -> None:
    """A token is good for its own query only: other where, order or fields are a mismatch."""

    def check(bench: Bench, token: str, draw: Draw) -> None:
        name = bench.shape.key_names[0]
        others: list[dict[str, Any]] = [
            {"where": {name: {"neq": None}, bench.shape.plain_names[0]: None}},
            {"order": f"{name} DESC"},
            {"fields": [name]},
        ]
        _refused(bench, token, "mismatch", draw(st.sampled_from(others)))
        page, _ = Query.of(bench.model, _EVERYTHING).page(5, token)
        assert page, "the same token for its own query, and another page size"

    _with_token(session, check)


@conforms("query", usually="expiry is written into the token and not read")
def expired_tokens_are_refused(session: Session) -> None:
    """A token whose time is over is refused."""

    def check(bench: Bench, token: str, draw: Draw) -> None:
        del draw
        codec: TokenCodec = bench.session.inside.db.tokens
        query = Query.of(bench.model, _EVERYTHING).explain().plan.query
        fresh = codec.decode(token, query.fingerprint, 0.0)
        _refused(bench, codec.encode(evolve(fresh, expires=1.0)), "expired")

    _with_token(session, check, scale=0.2)


@conforms("query", usually="one secret for all processes")
def tokens_of_another_process_are_refused(session: Session) -> None:
    """Without a common secret a foreign token is forged, and the refusal says what to set."""
    if not session.caps.paging:
        return
    program = (
        "from juggler.query.tokens import Token, TokenCodec\n"
        "print(TokenCodec().encode(Token('x', b'', 1)))"
    )
    made = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    with session.bench(session.shapes[0]) as bench:
        _refused(bench, made.stdout.strip(), "forged")
