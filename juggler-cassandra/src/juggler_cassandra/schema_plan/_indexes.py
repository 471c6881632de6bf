"""Indexes: compared by what they index and how, not by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler_cassandra.cql import ddl
from juggler_cassandra.declared import is_ours
from juggler_cassandra.schema_plan._step import Waits, impossible, step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from juggler.connector import SchemaStep
    from juggler.spec import IndexInfo, ModelSpec, RelationInfo
    from juggler_cassandra.schema_plan._step import Target


def create_index(
    model: ModelSpec, index: IndexInfo, target: Target, reason: str = ""
) -> SchemaStep:
    """The step that makes an index; its name must be free in the whole keyspace."""
    table = model.storage_name
    names: Mapping[str, str] = target.schema.profile.get("index_names") or {}
    if index.kind == "sasi" and not _enabled(target, "sasi_indexes_enabled"):
        reason = "SASI indexes are disabled on the server (sasi_indexes_enabled)"
        return impossible("create-index", model, index.name, reason)
    if names.get(index.name, table) != table:
        reason = f"table {names[index.name]} has an index of that name; drop or rename that one"
        return impossible("create-index", model, index.name, reason)
    text = ddl.create_index(index, table, target.keyspace)
    waits = Waits("index", index.name, table)
    return step(
        "create-index", model, "online", text, target=index.name, reason=reason, waits=waits
    )


def index_steps(
    model: ModelSpec, wanted: RelationInfo, there: RelationInfo, target: Target
) -> Iterator[SchemaStep]:
    """From the indexes that are there to the ones that are declared."""
    left = {index.name: index for index in there.indexes}
    for index in wanted.indexes:
        same = next((one for one in left.values() if _same(index, one)), None)
        if same is not None:
            del left[same.name]
            if same.facts.get("building"):
                waits = Waits("index", same.name, model.storage_name)
                yield step(
                    "build-index", model, "online", target=same.name,
                    reason="it is being built", waits=waits,
                )  # fmt: skip
            continue
        blocking = [one for one in left.values() if _blocks(index, one)]
        for one in blocking:
            del left[one.name]
            yield _replaced(model, one, target)
        reason = (
            "its column has no such index" if not blocking else f"instead of {blocking[0].name}"
        )
        yield create_index(model, index, target, reason)
    for index in left.values():
        yield _surplus(model, index, target)


def _replaced(model: ModelSpec, index: IndexInfo, target: Target) -> SchemaStep:
    """An index that stands in the way of the declared one."""
    ours = is_ours(index.name)
    text = ddl.drop("INDEX", index.name, target.keyspace)
    why = f"it is of kind {index.kind} with {_options(index) or 'no options'}"
    more = "; between the two there is no index" if ours else "; it was made by hand"
    return step(
        "drop-index", model, "online" if ours else "rewrite", text, target=index.name,
        reason=why + more,
    )  # fmt: skip


def _surplus(model: ModelSpec, index: IndexInfo, target: Target) -> SchemaStep:
    if not is_ours(index.name):
        reason = "no property declares it, and it was made by hand"
        return step("surplus-index", model, "info", target=index.name, reason=reason)
    text = ddl.drop("INDEX", index.name, target.keyspace)
    reason = "no property declares it any more"
    return step("drop-index", model, "info", text, target=index.name, reason=reason)


def _same(wanted: IndexInfo, actual: IndexInfo) -> bool:
    return (
        _place(wanted) == _place(actual)
        and wanted.kind == actual.kind
        and _options(wanted) == _options(actual)
    )


def _blocks(wanted: IndexInfo, actual: IndexInfo) -> bool:
    """Whether both cannot be there: the same place, and the same name or kind."""
    same_place = _place(wanted) == _place(actual)
    return same_place and (wanted.name == actual.name or wanted.kind == actual.kind)


def _place(index: IndexInfo) -> tuple[Any, str]:
    return index.keys, str(index.facts.get("target") or "")


def _options(index: IndexInfo) -> dict[str, str]:
    given: Mapping[str, Any] = index.facts.get("options") or {}
    return {str(name): str(value) for name, value in given.items()}


def _enabled(target: Target, name: str) -> bool:
    switches: Mapping[str, Any] = target.schema.profile.get("settings") or {}
    return bool(switches.get(name, True))
