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
            from the server's root; ``"ddoc/view"`` reads a view, ``"ddoc/_search/index"`` (and
            ``_nouveau``) a search index.
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
            if _is_http(statement):
                method, _, rest = statement.partition(" ")
                return _http(client, method, rest, params, opts=opts, ctx=ctx)
            names = statement.split("/")
            if _is_index(names) and " " not in statement:
                answer = client.send("POST", path + _index(names), ctx, body=dict(params or {}))
                rows = answer.pop("hits") if "hits" in answer else answer.pop("rows", [])
                return NativeResult(rows, answer)
    except NotThereError as error:
        raise BackendError(
            f"not found: {error.reason}",
            code="not-found",
            hint="" if _is_http(statement) else _elsewhere(database),
            connector="cloudant",
        ) from error
    raise InvalidQueryError(
        "this is no statement for CouchDB",
        code="invalid-native-query",
        hint='{"selector": {…}} for _find, "ddoc/view" for a view, "ddoc/_search/index" for a '
        'search, "GET /path" for HTTP',
        connector="cloudant",
    )


def _elsewhere(database: str) -> str:
    return (
        f"asked of database {database!r}; database= names another, "
        'db.execute("GET /_all_dbs") lists them'
    )


def _is_http(statement: Any) -> bool:
    method, _, rest = str(statement).partition(" ")
    return method in _METHODS and rest.startswith("/")


def _is_index(names: list[str]) -> bool:
    _, *kind, _ = names if len(names) > 1 else ("", "", "")
    return all(names) and kind in ([], ["_view"], ["_search"], ["_nouveau"])


def _index(names: list[str]) -> str:
    """The path of a view, or of an index of the kind that is said."""
    ddoc, *kind, name = names
    return f"/_design/{quote(ddoc, safe='')}/{(kind or ['_view'])[0]}/{quote(name, safe='')}"


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
