"""What the memory connector can do."""

from __future__ import annotations

from typing import Any

from juggler.connector import Capabilities, full, impossible
from juggler.values import TypeKind

LEVELS = frozenset({"eventual", "default", "session", "strong"})

#: What a file changes is ``persistence``; see :func:`capabilities`.
_COMMON: dict[str, Any] = {
    "push": full(ops={}),
    "order": full(kind="any"),
    "paging": full(kind="keyset", anywhere=True),
    "skip": full(kind="stream"),
    "count": full(kind="exact-fast"),
    "union": full(max_branches=10_000),
    "nested_paths": full(),
    "open_models": full(),
    "geo": full(),
    "types": full(kinds=frozenset(TypeKind)),
    "string_order": full(kind="codepoint"),
    "datetime_precision": full(kind="us"),
    "decimal": full(kind="exact"),
    "integer_range": full(min=None, max=None),
    "nonfinite": impossible("NaN and infinities have no order and no JSON"),
    "empty_collection": full(kind="kept"),
    "key_limits": full(max_bytes=None, empty=True),
    "value_limits": full(max_bytes=None),
    "insert_if_absent": full(),
    "patch": full(kind="native", create=True),
    "put": full(),
    "update_where": full(kind="native"),
    "delete_where": full(kind="native"),
    "affected": full(kind="exact"),
    "versions": full(kind="native"),
    "atomic": full(levels=frozenset({"row", "partition", "batch"})),
    "unique": full(kind="any"),
    "transactions": full(isolation="snapshot"),
    "ttl": full(),
    "timestamp": impossible("the order of writes is their time: memory has one clock and one lock"),
    "counters": full(),
    "collection_deltas": full(),
    "generated_keys": full(kind="counter", kinds=frozenset({TypeKind.INTEGER, TypeKind.NUMBER})),
    "composite_keys": full(),
    "indexes": full(kinds=frozenset({"hash", "ordered", "unique"})),
    "schema": full(
        steps={
            "create-table": "safe",
            "add-column": "safe",
            "change-type": "rewrite",
            "add-index": "safe",
            "change-index": "safe",
            "drop-index": "safe",
            "recreate-table": "destructive",
            "change-key": "impossible",
        }
    ),
    "discovery": full(foreign_keys=False, owners=False),
    "views": impossible("rows are found by any index of the model itself"),
    "async_views": impossible("there are no views"),
    "vector": impossible("there is no nearest-neighbour search in memory"),
    "native_query": impossible("memory has no language of its own"),
    "changes_feed": impossible("memory keeps rows, not their history"),
    "consistency": full(levels=LEVELS),
    "relational": impossible("rows are kept as they are, without foreign keys"),
}


def capabilities(*, file: bool) -> Capabilities:
    """The capabilities of a memory store, with or without a file behind it."""
    persistence = full() if file else impossible("no file is set", hint="memory:?file=PATH")
    return Capabilities(**_COMMON, persistence=persistence)
