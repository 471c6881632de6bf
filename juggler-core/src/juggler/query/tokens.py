"""Page tokens: signed, bound to their query, checked before a connector sees anything.

A token is ``base64url(version | key id | HMAC-SHA256 | body)``.  It is signed, not secret: whoever
has it can read the cursor, nobody can change it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.errors import ConfigurationError, PageTokenError

if TYPE_CHECKING:
    from collections.abc import Iterable

_VERSION = b"\x01"
_ID_SIZE = 4
_MAC_SIZE = 32
_HEAD = 1 + _ID_SIZE + _MAC_SIZE
_LONGEST = 1 << 20
#: For data sources without a secret of their own: tokens then end with the process.
_PROCESS_SECRET = secrets.token_bytes(32)
_FRESH = "ask for the first page again"


@frozen
class Token:
    """Where a page ended.

    Attributes:
        fingerprint: of the query that the token belongs to.
        cursor: the position, opaque here.
        emitted: rows given out so far.
        expires: seconds since the epoch after which it is refused, None for never.
    """

    fingerprint: str
    cursor: bytes
    emitted: int = 0
    expires: float | None = None


class TokenCodec:
    """Signs and checks tokens.

    Args:
        secret_texts: secrets, the newest first: it signs, all are accepted, so that secrets can be
            changed.  Without any, a random one of this process is used.

    Attributes:
        lasting: whether tokens are good in other processes, too.
    """

    def __init__(self, secret_texts: Iterable[str | bytes] = ()) -> None:
        keys = [text.encode() if isinstance(text, str) else bytes(text) for text in secret_texts]
        if not all(keys):
            raise ConfigurationError(
                "a token secret is empty",
                code="empty-secret",
                hint="a long random text in token_secret or JUGGLER_TOKEN_SECRET",
            )
        self.lasting = bool(keys)
        keys = keys or [_PROCESS_SECRET]
        self._keys = {_key_id(key): key for key in reversed(keys)}
        self._newest = keys[0]

    def __repr__(self) -> str:
        return f"<TokenCodec of {len(self._keys)} secrets>"

    def encode(self, token: Token) -> str:
        """The token as text that is safe in URLs."""
        body = json.dumps(
            [
                token.fingerprint,
                base64.b64encode(token.cursor).decode("ascii"),
                token.emitted,
                token.expires,
            ],
            separators=(",", ":"),
        ).encode()
        key_id = _key_id(self._newest)
        data = _VERSION + key_id + _sign(self._newest, key_id, body) + body
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")

    def decode(self, text: Any, fingerprint: str, now: float) -> Token:
        """The token of a text.

        Args:
            text: what the caller sent.
            fingerprint: of the query that it is used for.
            now: seconds since the epoch.

        Raises:
            PageTokenError: reason ``forged`` (not signed by us), ``mismatch`` (of another query,
                order, field list, or of a model whose types changed) or ``expired``.
        """
        token = self._read(text)
        if token.expires is not None and now >= token.expires:
            raise PageTokenError("the page token has expired", reason="expired", hint=_FRESH)
        if not hmac.compare_digest(token.fingerprint.encode(), fingerprint.encode()):
            raise PageTokenError(
                "the page token belongs to another query",
                reason="mismatch",
                hint=f"use it with the same where, order and fields, or {_FRESH}",
            )
        return token

    def _read(self, text: Any) -> Token:
        data = _decoded(text)
        key_id, mac, body = data[1 : 1 + _ID_SIZE], data[1 + _ID_SIZE : _HEAD], data[_HEAD:]
        key = self._keys.get(key_id)
        if (
            data[:1] != _VERSION
            or key is None
            or not hmac.compare_digest(mac, _sign(key, key_id, body))
        ):
            raise self._forged()
        query, cursor, emitted, expires = json.loads(body)
        return Token(query, base64.b64decode(cursor), emitted, expires)

    def _forged(self) -> PageTokenError:
        if self.lasting:
            hint = f"{_FRESH}; if the secret was changed, keep the old one second in token_secret"
        else:
            hint = (
                "tokens of another process need a common secret: "
                "set token_secret of the data source or JUGGLER_TOKEN_SECRET"
            )
        return PageTokenError("the page token was not made here", reason="forged", hint=hint)


def _decoded(text: Any) -> bytes:
    if isinstance(text, str) and len(text) <= _LONGEST:
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            data = b""
        # One spelling per token: the bits that padding leaves over have to be zero.
        if len(data) > _HEAD and base64.urlsafe_b64encode(data).rstrip(b"=") == text.encode():
            return data
    raise PageTokenError("this is no page token", reason="forged", hint=_FRESH)


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"juggler key id" + key).digest()[:_ID_SIZE]


def _sign(key: bytes, key_id: bytes, body: bytes) -> bytes:
    return hmac.new(key, _VERSION + key_id + body, hashlib.sha256).digest()
