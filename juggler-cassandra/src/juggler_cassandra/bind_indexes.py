"""Whether indexes can be what a model declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from juggler.errors import did_you_mean
from juggler.values.types import TypeKind as K
from juggler_cassandra.declared import KINDS, TARGETS, index_kind, index_target, is_single
from juggler_cassandra.types import column_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler.spec import IndexSpec, ModelSpec
    from juggler_cassandra.types import CqlType

_SASI: Final = frozenset(
    {
        "ascii", "text", "tinyint", "smallint", "int", "bigint", "float", "double", "timestamp",
        "date", "time", "uuid", "timeuuid",
    }
)  # fmt: skip


def index_problems(model: ModelSpec) -> Iterator[str]:
    """What keeps the declared indexes from being made."""
    if model.view is not None:
        for spec in model.indexes:
            yield f"index {spec.name} is on a view, which has none: declare another view"
        return
    seen: dict[tuple[str, str, str], str] = {}
    for spec in model.indexes:
        if not is_single(spec):
            yield _several(spec)
            continue
        name = spec.keys[0][0]
        if name not in model.field:
            continue
        yield from _one(model, spec, name)
        place = (name, index_kind(spec), index_target(model, spec))
        other = seen.setdefault(place, spec.name)
        if other != spec.name:
            yield f"indexes {other} and {spec.name} are the same"


def _several(spec: IndexSpec) -> str:
    names = ", ".join(path for path, _ in spec.keys)
    if len(spec.keys) == 1:
        return f"index {spec.name} is on {names}, a path inside of a value, which has no column"
    return (
        f"index {spec.name} is on several properties ({names}); Cassandra indexes one column each: "
        "index=True on each of them, or a view"
    )


def _one(model: ModelSpec, spec: IndexSpec, name: str) -> Iterator[str]:
    field = model.field[name]
    kind, target = index_kind(spec), index_target(model, spec)
    cql = column_type(model, field)
    if kind not in KINDS:
        yield f"index {spec.name} is of kind {kind!r}: {did_you_mean(kind, KINDS)}"
    if model.key.partition == (name,):
        yield f"index {spec.name} is on {name}, the partition key, which needs none"
    if field.type.kind in {K.ANY, K.OBJECT} and cql.is_scalar and cql.name == "text":
        yield f"index {spec.name} is on {name}, which is stored as JSON text: give it a type"
    if cql.user and not cql.frozen:
        yield f"index {spec.name} is on {name}, a type that is not frozen"
    yield from _target(spec, name, cql, target)
    inner = _indexed(cql, target)
    if inner.name == "duration" or (kind == "sai" and inner.name == "blob"):
        yield f"index {spec.name} is on {name}, and {inner} cannot be indexed"
    if kind == "sasi" and (inner.name not in _SASI or cql.is_collection):
        yield f"index {spec.name} is on {name}, and SASI does not index {cql}"
    if cql.name == "vector" and kind != "sai":
        yield f"index {spec.name} is on {name}, and a vector has an index of kind sai alone"


def _target(spec: IndexSpec, name: str, cql: CqlType, target: str) -> Iterator[str]:
    said = spec.options.get("target")
    if said is not None and said not in TARGETS:
        yield f"index {spec.name} has the target {said!r}: {did_you_mean(str(said), TARGETS)}"
    elif said is not None and not cql.is_collection:
        yield f"index {spec.name} has a target, and {name} is no collection"
    elif target in {"keys", "entries"} and cql.name != "map":
        yield f"index {spec.name} is of {target}, and {name} is no map"
    elif cql.is_collection and cql.frozen is not (target == "full"):
        yield (
            f"index {spec.name} is of {target} of {name}, which is {cql}: an index of the elements "
            'needs cassandra={"frozen": False}, one of the whole value the target "full"'
        )


def _indexed(cql: CqlType, target: str) -> CqlType:
    """The type of what the index is about."""
    if not cql.is_collection or target in {"", "full", "entries"}:
        return cql
    return cql.args[0] if target == "keys" else cql.args[-1]
