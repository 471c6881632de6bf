"""Tables: made, compared column by column, dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from juggler_cassandra.cql import ddl
from juggler_cassandra.declared import relation_of, table_options, version_column
from juggler_cassandra.schema_plan._indexes import create_index, index_steps
from juggler_cassandra.schema_plan._step import impossible, step
from juggler_cassandra.types import column_type, fits, hints_of, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from juggler.connector import SchemaStep
    from juggler.spec import ColumnInfo, FieldSpec, ModelSpec, RelationInfo
    from juggler_cassandra.schema_plan._step import Target
    from juggler_cassandra.types import CqlType

_ELSEWHERE: Final = "give the model another table and copy the rows"
_OTHER_COLUMN: Final = 'give the property another column, {"columnName": "…"}, and copy the values'
_KEY_KINDS: Final = frozenset({"partition_key", "clustering"})


def create_table(model: ModelSpec, target: Target) -> Iterator[SchemaStep]:
    """The table and its indexes."""
    info = relation_of(model)
    yield step("create-table", model, "safe", ddl.create_table(info, target.keyspace))
    for index in info.indexes:
        yield create_index(model, index, target)


def drop_all(model: ModelSpec, target: Target, dropped: set[str]) -> Iterator[SchemaStep]:
    """The table and its views, which have to go first."""
    there = target.schema.relation(model.storage_name)
    if there is None:
        return
    for view in views_of(model, target):
        dropped.add(view.name)
        text = ddl.drop("MATERIALIZED VIEW", view.name, target.keyspace)
        declared = view.name in {one.storage_name for one in model.views}
        reason = "it is made anew" if declared else "no model declares it: it is not made again"
        safety: Any = "online" if declared else "destructive"
        yield step("drop-view", model, safety, text, target=view.name, reason=reason)
    empty = bool(there.facts.get("empty"))
    yield step(
        "drop-table",
        model,
        "safe" if empty else "destructive",
        ddl.drop("TABLE", model.storage_name, target.keyspace),
        reason="it has no rows" if empty else "its rows are lost",
        reversible=empty,
    )


def views_of(model: ModelSpec, target: Target) -> list[RelationInfo]:
    """The views that the server has of the model's table."""
    found = target.schema.relations.values()
    views = [info for info in found if info.kind == "view" and info.base == model.storage_name]
    return sorted(views, key=lambda info: info.name)


def table_steps(model: ModelSpec, there: RelationInfo, target: Target) -> Iterator[SchemaStep]:
    """From the table that is there to the one that is declared."""
    if there.kind == "view":
        reason = f"{model.storage_name} is a view: declare {model.name} as one, or unmanaged"
        yield impossible("create-table", model, model.storage_name, reason)
        return
    wanted = relation_of(model)
    renamed = _renamed(model, there)
    yield from _rename_steps(model, renamed, target)
    key_steps = list(_key_steps(model, wanted, there, {new: old for old, new in renamed}))
    yield from key_steps
    yield from _columns(model, wanted, there, dict(renamed), target)
    yield from _options(model, there, target)
    yield from index_steps(model, wanted, there, target)
    yield from _surplus_views(model, target)


# ---------------------------------------------------------------- keys


def _renamed(model: ModelSpec, there: RelationInfo) -> list[tuple[str, str]]:
    """(old, new) of key columns that are to be renamed."""
    columns = {column.name for column in there.columns}
    keys = there.key.names if there.key else ()
    found = []
    for field in model.fields:
        old = hints_of(field).get("renamed_from")
        if isinstance(old, str) and old in keys and field.storage_name not in columns:
            found.append((old, field.storage_name))
    return found


def _rename_steps(
    model: ModelSpec, renamed: list[tuple[str, str]], target: Target
) -> Iterator[SchemaStep]:
    for old, new in renamed:
        text = ddl.rename_column(model.storage_name, old, new, target.keyspace)
        yield step(
            "rename-column", model, "safe", text, target=f"{model.storage_name}.{new}",
            reason=f"it was {old}; views are renamed with it",
        )  # fmt: skip


def _key_steps(
    model: ModelSpec, wanted: RelationInfo, there: RelationInfo, old: Mapping[str, str]
) -> Iterator[SchemaStep]:
    if wanted.key is None or there.key is None:
        return
    partition = tuple(old.get(name, name) for name in wanted.key.partition)
    clustering = tuple((old.get(name, name), way) for name, way in wanted.key.clustering)
    table = model.storage_name
    if partition != there.key.partition:
        reason = f"its partition key is ({', '.join(there.key.partition)}): {_ELSEWHERE}"
        yield impossible("change-key", model, table, reason)
    names = [name for name, _ in clustering]
    actual = [name for name, _ in there.key.clustering]
    if names != actual:
        reason = f"its clustering is ({', '.join(actual) or 'none'}): {_ELSEWHERE}"
        yield impossible("change-key", model, table, reason)
    elif clustering != there.key.clustering:
        shown = ", ".join(f"{name} {way}" for name, way in there.key.clustering)
        reason = f"its clustering order is ({shown}), which cannot be turned: {_ELSEWHERE}"
        yield impossible("change-order", model, table, reason)


# ---------------------------------------------------------------- columns


def _columns(
    model: ModelSpec,
    wanted: RelationInfo,
    there: RelationInfo,
    renamed: Mapping[str, str],
    target: Target,
) -> Iterator[SchemaStep]:
    actual = {renamed.get(column.name, column.name): column for column in there.columns}
    fields = {field.storage_name: field for field in model.fields}
    for column in wanted.columns:
        info = actual.get(column.name)
        field = fields.get(column.name)
        if info is None:
            yield from _missing(model, column, field, there, target)
        else:
            yield from _compared(model, column, info, field)
    declared = {column.name for column in wanted.columns}
    for name, info in actual.items():
        if name not in declared:
            yield from _surplus(model, info, there, target)


def _missing(
    model: ModelSpec,
    column: ColumnInfo,
    field: FieldSpec | None,
    there: RelationInfo,
    target: Target,
) -> Iterator[SchemaStep]:
    place = f"{model.storage_name}.{column.name}"
    if column.facts.get("kind") in _KEY_KINDS:
        return  # said by the key's comparison
    old = None if field is None else hints_of(field).get("renamed_from")
    if isinstance(old, str) and any(info.name == old for info in there.columns):
        reason = f"{old} is not in the key and cannot be renamed: {_OTHER_COLUMN}"
        yield impossible("rename-column", model, place, reason)
        return
    counters = any(info.native_type == "counter" for info in there.columns)
    plain = [i for i in there.columns if i.facts.get("kind") == "regular"]
    if (column.native_type == "counter") is not counters and (counters or plain):
        reason = f"a table has counters alone beside its key, or none: {_ELSEWHERE}"
        yield impossible("add-column", model, place, reason)
        return
    dropped = (there.facts.get("dropped") or {}).get(column.name)
    if dropped is not None and not _addable(column, dropped):
        was = f"{dropped.get('kind', 'regular')} {dropped.get('type')}"
        reason = f"a column of that name was dropped as {was}: {_OTHER_COLUMN}"
        yield impossible("add-column", model, place, reason)
        return
    text = ddl.add_column(model.storage_name, column, target.keyspace)
    yield step("add-column", model, "safe", text, target=place)


def _addable(column: ColumnInfo, dropped: Mapping[str, Any]) -> bool:
    """Whether a dropped column may come back: the same type, and static or not as before."""
    same = parse(column.native_type) == parse(str(dropped.get("type", "")))
    was_static = dropped.get("kind") == "static"
    return same and was_static is (column.facts.get("kind") == "static")


def _compared(
    model: ModelSpec, column: ColumnInfo, info: ColumnInfo, field: FieldSpec | None
) -> Iterator[SchemaStep]:
    place = f"{model.storage_name}.{column.name}"
    wanted, actual = parse(column.native_type), parse(info.native_type)
    if field is None:
        if column.name == version_column(model) and actual.name != "bigint":
            reason = f"it is {actual} and has to be bigint: {_OTHER_COLUMN}"
            yield impossible("change-type", model, place, reason)
    elif not _same(field, column_type(model, field), actual):
        reason = f"{info.native_type} cannot become {wanted} in place: {_OTHER_COLUMN}"
        if wanted.multicell is not actual.multicell and fits(field.type, actual):
            reason = f"it is {info.native_type}: {_unfrozen(actual)}, or {_OTHER_COLUMN}"
        yield impossible("change-type", model, place, reason)
    static = column.facts.get("kind") == "static"
    was_static = info.facts.get("kind") == "static"
    if static is not was_static:
        reason = (
            f"it is {'static' if was_static else 'not static'}, which cannot change: {_ELSEWHERE}"
        )
        yield impossible("change-static", model, place, reason)


def _unfrozen(actual: CqlType) -> str:
    return f'declare it so, cassandra={{"frozen": {actual.frozen}}}'


def _same(field: FieldSpec, wanted: CqlType, actual: CqlType) -> bool:
    """Whether a column holds the property as it is declared; a wider or narrower number does."""
    if not fits(field.type, actual) or wanted.multicell is not actual.multicell:
        return False
    return wanted.name == actual.name or not (wanted.user or actual.user)


def _surplus(
    model: ModelSpec, info: ColumnInfo, there: RelationInfo, target: Target
) -> Iterator[SchemaStep]:
    place = f"{model.storage_name}.{info.name}"
    if info.facts.get("kind") in _KEY_KINDS:
        return  # said by the key's comparison
    if views_of(model, target):
        reason = "no property uses it; it cannot be dropped as long as the table has views"
        yield step("surplus-column", model, "info", target=place, reason=reason)
        return
    held = [i.name for i in there.indexes if i.keys and i.keys[0][0] == info.name]
    texts = [ddl.drop("INDEX", name, target.keyspace) for name in held]
    texts.append(ddl.drop_column(model.storage_name, info.name, target.keyspace))
    reason = "no property uses it" + (f"; its index {held[0]} goes with it" if held else "")
    yield step("drop-column", model, "info", *texts, target=place, reason=reason, reversible=False)


# ---------------------------------------------------------------- options, views


def _options(model: ModelSpec, there: RelationInfo, target: Target) -> Iterator[SchemaStep]:
    actual: Mapping[str, Any] = there.facts.get("options") or {}
    changed = {
        name: value
        for name, value in table_options(model).items()
        if not _equal_option(value, actual.get(name))
    }
    if changed:
        text = ddl.alter_table(model.storage_name, changed, target.keyspace)
        yield step("alter-table", model, "safe", text, reason=f"options {', '.join(changed)}")


def _equal_option(wanted: Any, actual: Any) -> bool:
    """Whether an option is as declared; of a mapping the declared entries count."""
    if isinstance(wanted, dict):
        there = actual if hasattr(actual, "get") else {}
        return all(_text(value) == _text(there.get(name)) for name, value in wanted.items())
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        try:
            return float(actual) == wanted
        except (TypeError, ValueError):
            return False
    return _text(wanted) == _text(actual)


def _text(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.rpartition(".")[2] if text.startswith("org.apache.") else text


def _surplus_views(model: ModelSpec, target: Target) -> Iterator[SchemaStep]:
    declared = {view.storage_name for view in model.views}
    for view in views_of(model, target):
        if view.name not in declared:
            reason = "no model of this data source declares it"
            yield step("surplus-view", model, "info", target=view.name, reason=reason)
