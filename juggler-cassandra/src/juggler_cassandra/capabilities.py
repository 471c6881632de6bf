"""What Cassandra can do, as claims; they depend on a model's key, columns and way of writing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from juggler.connector import Cap, Capabilities, emulated, full, impossible, partial
from juggler.errors import ConfigurationError
from juggler.values.types import TypeKind as K
from juggler_cassandra.declared import KINDS, version_column
from juggler_cassandra.planning.literals import EQUATABLE, ORDERED
from juggler_cassandra.planning.planner import MAX_BRANCHES
from juggler_cassandra.settings import LEVELS, SERIAL
from juggler_cassandra.types import MAX_KEY_BYTES, column_type
from juggler_cassandra.types.mapping import SCALAR_OF

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.spec import ModelSpec
    from juggler_cassandra.settings import CassandraSettings

MAX_TTL: Final = 630_720_000
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
#: The largest mutation that a node takes by default.
_MAX_WRITE: Final = 16 * 1024 * 1024
#: Replicas that a level needs.
_LEAST: Final = {"TWO": 2, "THREE": 3}
_NOT_COMPARED: Final = frozenset({K.ANY, K.OBJECT, K.COUNTER, K.DURATION})


def writes_blind(model: ModelSpec | None, settings: CassandraSettings) -> bool:
    """Whether no write to the model is a light-weight transaction; counters take none."""
    said = model.options.get("writes") if model is not None else None
    return (said or settings.writes) == "blind" or has_counters(model)


def has_counters(model: ModelSpec | None) -> bool:
    """Whether the model's table is one of counters."""
    return model is not None and any(field.type.kind is K.COUNTER for field in model.fields)


def capabilities(model: ModelSpec | None, settings: CassandraSettings) -> Capabilities:
    """The claims for a model, or in general (None)."""
    return Capabilities(
        **_COMMON,
        **_by_values(model),
        **_by_writes(model, settings),
        # A keyspace that is there already may be replicated in any way.
        consistency=consistency(settings.replication if settings.create_keyspace else {}),
    )


def consistency(replication: Mapping[str, Any]) -> Cap:
    """The levels that a keyspace of some replication can reach, and those of one side alone.

    Args:
        replication: as in CQL: ``class``, and ``replication_factor`` or a number per data centre;
            empty where it is not known.
    """
    if not replication:
        replication = {"class": "NetworkTopologyStrategy", "any": 3}
    simple = str(replication.get("class", "")).endswith("SimpleStrategy")
    replicas = sum(
        int(str(value).partition("/")[0]) for name, value in replication.items() if name != "class"
    )
    beyond = {name for name, least in _LEAST.items() if replicas < least}
    levels = LEVELS - SERIAL - {"ANY"} - beyond - ({"EACH_QUORUM"} if simple else set())
    return full(
        levels=frozenset({"eventual", "default", "session", "strong"} | levels),
        reads=SERIAL,
        writes=frozenset({"ANY"}),
    )


def _pushed() -> dict[tuple[K, str], str]:
    found: dict[tuple[K, str], str] = {}
    for kind, column in SCALAR_OF.items():
        if kind in _NOT_COMPARED:
            continue
        if column in EQUATABLE:
            found |= {(kind, "eq"): "exact", (kind, "in"): "exact"}
        if column in ORDERED:
            found |= {(kind, op): "exact" for op in ("lt", "le", "gt", "ge", "between")}
    found |= {(kind, "startswith"): "exact" for kind in (K.STRING, K.TEXT)}
    found |= {(kind, "contains"): "exact" for kind in (K.ARRAY, K.SET, K.MAP)}
    return found


_COMMON: Final[dict[str, Cap]] = {
    "push": partial(
        "by key, partition, index or view; the rest is evaluated in Python", ops=_pushed()
    ),
    "order": partial(
        "the order of the clustering key, or its reverse, inside partitions", kind="pattern"
    ),
    "paging": full(kind="keyset", anywhere=True),
    "skip": emulated("rows are read and dropped", kind="stream"),
    "count": partial("counting reads the rows that are counted", kind="scan"),
    "union": full(max_branches=MAX_BRANCHES),
    "nested_paths": emulated("in Python"),
    "geo": emulated("in Python"),
    "views": full(),
    "async_views": full(),
    "open_models": impossible("a table has fixed columns"),
    "vector": impossible("vectors are stored, but not searched by distance"),
    "types": full(kinds=frozenset(K)),
    "string_order": full(kind="codepoint"),
    "datetime_precision": full(kind="ms"),
    "decimal": full(kind="exact"),
    "integer_range": full(min=_SMALLEST, max=_LARGEST),
    "nonfinite": impossible("NaN and infinities are refused"),
    "value_limits": partial(
        "64-bit integers, numbers that a double holds, well-formed Unicode, no null in collections",
        max_bytes=_MAX_WRITE,
    ),
    "unique": impossible("only keys are unique in Cassandra", kind="key"),
    "transactions": impossible("Cassandra has none that span partitions"),
    "generated_keys": impossible("Cassandra counts no keys; uuids are made by Juggler"),
    "composite_keys": full(),
    "indexes": full(kinds=KINDS),
    "schema": full(
        steps={
            "create-keyspace": "safe",
            "create-type": "safe",
            "add-field": "safe",
            "create-table": "safe",
            "add-column": "safe",
            "alter-table": "safe",
            "rename-column": "safe",
            "create-index": "online",
            "create-view": "online",
            "drop-index": "online",
            "drop-view": "online",
            "drop-column": "destructive",
            "drop-table": "destructive",
            **dict.fromkeys(
                (
                    "alter-keyspace",
                    "surplus-column",
                    "surplus-field",
                    "surplus-index",
                    "surplus-view",
                ),
                "info",
            ),
            **dict.fromkeys(("build-index", "build-view"), "online"),
            **dict.fromkeys(
                ("change-field", "change-key", "change-order", "change-static", "change-type"),
                "impossible",
            ),
        }
    ),
    "discovery": full(foreign_keys=False, owners=True),
    "native_query": full(language="CQL"),
    "changes_feed": impossible("change data capture is a matter of the nodes"),
    "relational": impossible("there are no foreign keys and no joins"),
    "persistence": full(),
    "update_where": emulated("by key, row by row", kind="by-key"),
    "delete_where": emulated("by key, row by row", kind="by-key"),
}


def _by_values(model: ModelSpec | None) -> dict[str, Cap]:
    cells = model is not None and _has_cells(model)
    sole = model is not None and len(model.key.partition) == 1
    return {
        "empty_collection": full(kind="null" if cells else "kept"),
        "collection_deltas": full()
        if cells or model is None
        else impossible('no collection is stored by element: cassandra={"frozen": False}'),
        "key_limits": partial(
            f"at most {MAX_KEY_BYTES:,} bytes" + (", and not empty" if sole else ""),
            max_bytes=MAX_KEY_BYTES,
            empty=not sole,
        ),
        "counters": full()
        if model is None or has_counters(model)
        else impossible("Inc adds to counters, and the model has none"),
        "ttl": impossible("counters live for ever")
        if has_counters(model)
        else full(max_seconds=MAX_TTL),
    }


def _has_cells(model: ModelSpec) -> bool:
    """Whether a collection is stored by element, so that empty is null."""
    try:
        return any(column_type(model, field).multicell for field in model.fields)
    except ConfigurationError:  # a data type that is none: bind says it
        return False


def _by_writes(model: ModelSpec | None, settings: CassandraSettings) -> dict[str, Cap]:
    atomic: dict[str, Any] = {"levels": frozenset({"row"})}
    if writes_blind(model, settings):
        why = (
            "this model writes blindly (writes='blind'): nothing is looked at before it is written"
        )
        if has_counters(model):
            why = "counters are only added to: there is no light-weight transaction on them"
        return {
            "insert_if_absent": impossible(why),
            "patch": full(kind="native", create=True),
            "put": full(),
            "affected": partial(why, kind="unknown"),
            "versions": impossible(why),
            "atomic": full(**atomic),
            "timestamp": full(),
        }
    versioned = model is not None and version_column(model) is not None
    ask = "a row has a version only where the model asks for it: versioned=True"
    return {
        "insert_if_absent": full(),
        "patch": full(kind="native", create=False),
        "put": full(),
        "affected": full(kind="exact"),
        "versions": full(kind="column")
        if versioned
        else partial(ask, kind="column")
        if model is None
        else impossible(ask),
        "atomic": full(**atomic),
        "timestamp": impossible("a light-weight transaction takes no timestamp: writes='blind'"),
    }
