"""What the connector can do, per product: the only place where products differ."""

from __future__ import annotations

import sys
from typing import Any, Final

from attrs import evolve, frozen

from juggler.connector import Capabilities, emulated, full, impossible, partial
from juggler.values import TypeKind as K

#: Kinds whose documents' values compare and sort on the server exactly as Juggler does.
EXACT: Final = frozenset(
    {K.BOOLEAN, K.INTEGER, K.NUMBER, K.FLOAT, K.DATETIME, K.DATE, K.TIME, K.UUID, K.TIMEUUID}
)
#: Kinds of which an equality finds all the rows, and maybe others.
SUPERSET: Final = frozenset({K.STRING, K.TEXT, K.INET, K.DECIMAL, K.BUFFER})
KINDS: Final = frozenset(K) - {K.COUNTER}
MAX_ID_BYTES: Final = 7168
LEVELS: Final = frozenset({"eventual", "default", "session"})

_PUSHED: Final[dict[tuple[K, str], str]] = {
    **{
        (kind, op): "exact" for kind in EXACT for op in ("eq", "lt", "le", "gt", "ge", "in", "null")
    },
    **{(kind, op): "superset" for kind in SUPERSET for op in ("eq", "in")},
    **{(kind, "null"): "exact" for kind in SUPERSET},
}
_STEPS: Final = {
    "create-database": "safe",
    "create-index": "online",
    "drop-index": "online",
    "delete-documents": "destructive",
    "drop-foreign-index": "info",
    "foreign-index": "info",
    "change-type": "impossible",
    "stray-documents": "info",
    "other-forms": "info",
    "sparse-documents": "info",
    "partitioned-database": "impossible",
    "unnamed-documents": "info",
    "collation-changed": "info",
}

_COMMON: Final[dict[str, Any]] = {
    "push": full(ops=_PUSHED),
    "order": partial("along an index, and never by texts", kind="pattern"),
    "paging": full(kind="keyset", anywhere=True),
    "skip": emulated("rows are read and dropped", kind="stream"),
    "count": partial("counted by the server where an index answers alone", kind="exact-fast"),
    "union": full(max_branches=32),
    "nested_paths": emulated("in Python"),
    "open_models": full(),
    "geo": emulated("in Python"),
    "types": full(kinds=KINDS),
    "string_order": partial("the server orders texts by language (ICU)", kind="icu"),
    "datetime_precision": full(kind="ms"),
    "decimal": full(kind="string"),
    "integer_range": full(min=None, max=None),
    "nonfinite": impossible("JSON has no NaN and no infinities"),
    "empty_collection": full(kind="kept"),
    "key_limits": partial(
        "a key is a document's id: no empty text, no '.' or '..', no leading '_'; models in one "
        "database share ids, unless ids='prefixed'",
        max_bytes=MAX_ID_BYTES,
        empty=False,
        shared=True,
        apart={"ids": "prefixed"},
    ),
    "value_limits": partial(
        "numbers nearer to 0 than 2.3e-308 are refused; texts are Unicode",
        smallest=sys.float_info.min,
    ),
    "insert_if_absent": full(),
    "patch": emulated("read, changed, written under its version", kind="rmw", create=True),
    "put": full(),
    "update_where": emulated("by key", kind="by-key"),
    "delete_where": emulated("by key", kind="by-key"),
    "affected": full(kind="exact"),
    "versions": full(kind="native"),
    "atomic": full(levels=frozenset({"row"})),
    "unique": impossible("only a document's id is unique", kind="key"),
    "composite_keys": emulated("a document's id is the key as a JSON list"),
    "collection_deltas": emulated("read, changed, written under its version"),
    "indexes": full(kinds=frozenset({"json"})),
    "schema": full(steps=_STEPS),
    "discovery": partial("from a sample of documents", foreign_keys=False, owners=True),
    "native_query": full(language="Mango, views, HTTP"),
    "changes_feed": full(filter="server"),
    "consistency": full(levels=LEVELS),
    "persistence": full(),
    "views": impossible("rows are found by any index of the model itself"),
    "async_views": impossible("there are no views of models"),
    "vector": impossible("the server has no nearest-neighbour search"),
    "transactions": impossible("each document is written by itself"),
    "ttl": impossible("documents do not expire"),
    "timestamp": impossible("the order of revisions decides, not a time"),
    "counters": impossible("a document's number is changed by read and write, not by a counter"),
    "generated_keys": impossible("keys are made by Juggler, so that a repeated insert is safe"),
    "relational": impossible("documents have no fixed columns"),
}

COUCHDB: Final = Capabilities(**_COMMON)

_NO_INDEX: Final = "the PouchDB server's indexes answer otherwise than CouchDB's"
#: Get, many keys, id range and scan; everything else is left to Juggler.
POUCHDB: Final = evolve(
    COUCHDB,
    push=impossible(_NO_INDEX),
    order=impossible(_NO_INDEX, kind="none"),
    count=emulated("by reading", kind="scan"),
    union=impossible(_NO_INDEX),
    changes_feed=emulated("every change is read, and the model's are told", filter="client"),
    indexes=emulated(f"taken and not made: {_NO_INDEX}", kinds=frozenset({"json"})),
    integer_range=partial("the PouchDB server rounds larger ones", min=-(2**53) + 1, max=2**53 - 1),
    key_limits=partial(
        "a key is a document's id: as on CouchDB, and of characters before U+D800, the first one "
        "before U+00FF; the PouchDB server loses or misplaces others",
        **COUCHDB.key_limits.detail,
        first="\xfe",
        highest="\ud7ff",
    ),
    schema=full(
        steps={
            name: _STEPS[name]
            for name in (
                "create-database",
                "delete-documents",
                "change-type",
                "stray-documents",
                "sparse-documents",
            )
        }
    ),
)


@frozen
class Keeps:
    """What a server keeps of JSON, as its capabilities say.

    Attributes:
        largest: the largest integer, None when there is none.
        first: the highest character that an id may begin with, None for any.
        highest: the highest character in an id, None for any.
    """

    largest: int | None = None
    first: str | None = None
    highest: str | None = None


#: Everything.
KEEPS: Final = Keeps()


def keeps_of(product: str) -> Keeps:
    """What a product keeps."""
    claims = capabilities_of(product)
    keys = claims.key_limits
    return Keeps(claims.integer_range.get("max"), keys.get("first"), keys.get("highest"))


def capabilities_of(product: str) -> Capabilities:
    """The capabilities of a product: ``couchdb``, ``cloudant`` or ``pouchdb``."""
    return POUCHDB if product == "pouchdb" else COUCHDB
