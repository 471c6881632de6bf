"""What reading needs, and documents by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from attrs import define, frozen

from juggler_cloudant.io.errors import NotThereError, missing_database
from juggler_cloudant.planning.ways import KEYS_A_REQUEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import Key, OpContext
    from juggler_cloudant.documents import Documents
    from juggler_cloudant.io.client import Client


@frozen
class Reader:
    """What reading needs."""

    client: Client
    documents: Documents
    ctx: OpContext


@define
class Found:
    """Documents, and after each of them the place where reading goes on."""

    docs: list[Any]
    marks: list[Any]
    after: Any = None
    scanned: int = 0


def documents_of(reader: Reader, database: str, keys: Sequence[Key]) -> list[Any]:
    """The documents of keys, None where there is none of the model; one is read by its path."""
    ids = [reader.documents.ids.find(key) for key in keys]
    found = by_ids(reader, database, [one for one in ids if one is not None])
    mine = reader.documents.mine
    return [found[one] if one is not None and mine(found.get(one)) else None for one in ids]


def by_ids(reader: Reader, database: str, ids: Sequence[str]) -> dict[str, Any]:
    """Whatever documents have these ids, of any model; missing ones are left out."""
    path = f"/{quote(database, safe='')}"
    if not ids:
        return {}
    if len(ids) == 1:
        try:
            doc = reader.client.send(
                "GET", f"{path}/{quote(ids[0], safe='')}", reader.ctx, cls="read"
            )
        except NotThereError as error:
            if error.database:
                raise missing_database(database, reader.documents.model.name) from error
            return {}
        return {ids[0]: doc}
    found: dict[str, Any] = {}
    distinct = list(dict.fromkeys(ids))
    for at in range(0, len(distinct), KEYS_A_REQUEST):
        body = {"keys": distinct[at : at + KEYS_A_REQUEST]}
        params = {"include_docs": "true"}
        rows = send(reader, "POST", f"{path}/_all_docs", database, body=body, params=params)["rows"]
        found.update((row["key"], row["doc"]) for row in rows if row.get("doc"))
    return found


def send(reader: Reader, method: str, path: str, database: str, **options: Any) -> Any:
    """A request about a database; that it is not there is an error that says so."""
    try:
        return reader.client.send(method, path, reader.ctx, **options)
    except NotThereError as error:
        raise missing_database(database, reader.documents.model.name) from error
