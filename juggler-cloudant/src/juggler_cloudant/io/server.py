"""What a server says that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler_cloudant.io.errors import NotThereError, no_couchdb

if TYPE_CHECKING:
    from juggler.connector import OpContext
    from juggler_cloudant.io.client import Client


def server_of(client: Client, ctx: OpContext) -> tuple[str, str, frozenset[str]]:
    """Product (``couchdb``, ``cloudant``, ``pouchdb``), version and features of the server.

    Raises:
        ConfigurationError: ``no-couchdb``: something else answers.
    """
    try:
        content, kind = client.raw("GET", "/", ctx, cls="read")
    except NotThereError as error:
        raise no_couchdb(f"404 {error.reason}".strip()) from error
    if content and "json" not in kind and not content.lstrip().startswith(b"{"):
        raise no_couchdb(f"{kind or 'an answer'} that is no JSON")
    data = client.data(content, write=False, request="GET /")
    if not isinstance(data, dict) or "version" not in data:
        raise no_couchdb("JSON that does not name a version")
    vendor = str((data.get("vendor") or {}).get("name", "")).lower()
    features = frozenset(map(str, data.get("features") or ()))
    if "express-pouchdb" in data:
        return "pouchdb", str(data.get("version", "")), features
    product = "cloudant" if "cloudant" in vendor or "ibm" in vendor else "couchdb"
    return product, str(data.get("version", "")), features
