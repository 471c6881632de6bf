"""Statements of the server's own: Mango bodies, views, HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from juggler.connector import NativeResult
from juggler.errors import BackendError, InvalidQueryError
from juggler_cloudant.io.errors import NotThereError
from juggler_cloudant.io.streams import download

if TYPE_CHECKING:
    from juggler.connector import OpContext
    from juggler_cloudant.io.client import Client
    from juggler_cloudant.settings import CloudantSettings

_METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD"})


def run(
    client: Client,
    settings: CloudantSettings,
    statement: Any,
    params: Any,
    *,
    opts: Mapping[str, Any],
    ctx: OpContext,
) -> NativeResult:
    """Run a statement.

    Args:
        client: of the data source.
        settings: of the data source; their database is meant unless ``database=`` is given.
        statement: a mapping is a Mango body for ``_find``; ``"METHOD /path"`` is an HTTP request
            from the server's root; ``"ddoc/view"`` reads a view.
        params: of a view, or of an HTTP request: its URL parameters for GET, its body otherwise.
        opts: ``database``; of an HTTP request ``headers``, ``raw=True`` for the answer's bytes, and
            ``stream=True`` for an iterator of their pieces.
        ctx: the operation's context.

    Raises:
        InvalidQueryError: the statement is none of these.
    """
    database = str(opts.get("database") or settings.default_database)
    path = f"/{quote(database, safe='')}"
    try:
        if isinstance(statement, Mapping):
            answer = client.send("POST", f"{path}/_find", ctx, body=dict(statement))
            return NativeResult(answer.pop("docs"), answer)
        if isinstance(statement, str):
            method, _, rest = statement.partition(" ")
            if method in _METHODS and rest.startswith("/"):
                return _http(client, method, rest, params, opts=opts, ctx=ctx)
            ddoc, _, view = statement.partition("/")
            if view and " " not in statement:
                where = f"{path}/_design/{quote(ddoc, safe='')}/_view/{quote(view, safe='')}"
                answer = client.send("POST", where, ctx, body=dict(params or {}))
                return NativeResult(answer.pop("rows"), answer)
    except NotThereError as error:
        raise BackendError(
            f"not found: {error.reason}", code="not-found", connector="cloudant"
        ) from error
    raise InvalidQueryError(
        "this is no statement for CouchDB",
        code="invalid-native-query",
        hint='{"selector": {…}} for _find, "ddoc/view" for a view, "GET /path" for HTTP',
        connector="cloudant",
    )


def _http(
    client: Client, method: str, path: str, params: Any, *, opts: Mapping[str, Any], ctx: OpContext
) -> NativeResult:
    reads = method in {"GET", "HEAD"}
    if opts.get("stream") and reads:
        response = client.opened(
            method, path, ctx, params=dict(params or {}), headers=opts.get("headers"), cls="read"
        )
        return NativeResult([iter(()) if response is None else download(response, path)])
    content, kind = client.raw(
        method,
        path,
        ctx,
        params=dict(params or {}) if reads else None,
        body=None if reads or params == {} else params,
        headers=opts.get("headers"),
        cls="read" if reads else "write",
        write=not reads,
    )
    answer: Any = content
    if "json" in kind and method != "HEAD" and not opts.get("raw"):
        answer = client.data(content, write=not reads, request=f"{method} {path}")
    rows = answer if isinstance(answer, list) else [answer]
    return NativeResult(rows, {})
