"""What a model declares against what its table is: the differences, as steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.connector import SchemaStep
from juggler.errors import JugglerError
from juggler.spec import ColumnInfo, IndexInfo, RelationInfo
from juggler.values import coercer
from juggler_memory.definition import definition_of, type_text
from juggler_memory.indexes import Index, entry_function, type_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler.connector import Key
    from juggler.spec import ModelSpec
    from juggler.values import TypeSpec
    from juggler_memory.definition import TableDefinition
    from juggler_memory.indexes import IndexDefinition
    from juggler_memory.table import Table

#: Rows that a refusal names.
_SHOWN = 5


@frozen
class Change:
    """What a step does to a table; the ``opaque`` of its :class:`SchemaStep`."""

    model: ModelSpec
    declared: TableDefinition
    name: str = ""


def relation_of(table: Table, models: tuple[ModelSpec, ...] = ()) -> RelationInfo:
    """A table as the contract reports it.

    For the models given, ``facts`` also say which stored rows stand against what they declare.
    """
    definition = table.definition
    facts: dict[str, Any] = {"empty": not table.rows}
    for model in models:
        facts.update(_obstacles(table, definition_of(model)))
    return RelationInfo(
        definition.name,
        "table",
        tuple(
            ColumnInfo(name, type_text(spec), nullable=name not in definition.key.names)
            for name, spec in definition.columns.items()
        ),
        definition.key,
        tuple(
            IndexInfo(i.name, i.keys, kind="hash", unique=i.unique, facts={"owner": i.owner})
            for i in definition.indexes
        ),
        facts=facts,
    )


def differences(model: ModelSpec, relation: RelationInfo) -> Iterator[SchemaStep]:
    """The steps from a table to what a model declares, in the order to apply."""
    declared = definition_of(model)
    if relation.key is None or declared.key.names != relation.key.names:
        yield _step("change-key", declared, model, "", "impossible", _KEY.format(model=model.name))
        return
    actual = {column.name: column.native_type for column in relation.columns}
    for name, spec in declared.columns.items():
        if name not in actual:
            yield _step("add-column", declared, model, name, "safe", f"as {spec}")
        elif actual[name] != type_text(spec):
            yield _retype(declared, model, name, relation)
    yield from _index_steps(declared, model, relation)
    for name in actual:
        if name not in declared.columns:
            reason = f"{model.name} does not declare it; its values are kept"
            yield _step("surplus-column", declared, model, name, "info", reason)


_KEY = (
    "rows cannot change their key: db.automigrate({model!r}, allow_data_loss=True) empties the "
    "collection, another storage name leaves the rows where they are"
)


def _retype(
    declared: TableDefinition, model: ModelSpec, name: str, relation: RelationInfo
) -> SchemaStep:
    misfits = relation.facts.get(f"misfits:{name}")
    if misfits:
        reason = f"{misfits}; correct them first"
        return _step("change-type", declared, model, name, "impossible", reason)
    safety = "rewrite" if relation.facts.get(f"rewrites:{name}") else "safe"
    return _step("change-type", declared, model, name, safety, f"to {declared.columns[name]}")


def _index_steps(
    declared: TableDefinition, model: ModelSpec, relation: RelationInfo
) -> Iterator[SchemaStep]:
    for info in relation.indexes:
        if info.facts.get("owner") == model.name and declared.index(info.name) is None:
            reason = f"{model.name} does not declare it any more"
            yield _step("drop-index", declared, model, info.name, "safe", reason)
    for index in declared.indexes:
        there = relation.index(index.name)
        if there is None or (there.keys, there.unique) != (index.keys, index.unique):
            kind = "add-index" if there is None else "change-index"
            duplicates = relation.facts.get(f"duplicates:{index.name}")
            if duplicates:
                reason = f"{duplicates}; correct them first"
                yield _step(kind, declared, model, index.name, "impossible", reason)
            else:
                reason = f"{'unique ' if index.unique else ''}over {', '.join(index.paths)}"
                yield _step(kind, declared, model, index.name, "safe", reason)


def _step(  # noqa: PLR0917 - a row of facts
    kind: str, declared: TableDefinition, model: ModelSpec, name: str, safety: Any, reason: str
) -> SchemaStep:
    target = f"{declared.name}.{name}" if name else declared.name
    change = Change(model, declared, name)
    return SchemaStep(kind, target, safety, reason=reason, model=model.name, opaque=change)


# ---------------------------------------------------------------- rows in the way


def _obstacles(table: Table, declared: TableDefinition) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, spec in declared.columns.items():
        stored = table.definition.columns.get(name)
        if stored is None or type_text(stored) == type_text(spec):
            continue
        misfits, changed = conversion(table, name, spec)
        if misfits:
            found[f"misfits:{name}"] = f"{name} is no {spec} in {_rows(misfits)}"
        elif changed:
            found[f"rewrites:{name}"] = f"{len(changed)} rows"
    for index in declared.indexes:
        if index.unique and table.definition.index(index.name) != index:
            same = duplicates(table, declared, index)
            if same:
                paths = ", ".join(index.paths)
                found[f"duplicates:{index.name}"] = f"the same {paths} is in {_rows(same)}"
    return found


def _rows(keys: list[Key]) -> str:
    shown = ", ".join(repr(key[0] if len(key) == 1 else key) for key in keys[:_SHOWN])
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return f"rows {shown}{more}"


def conversion(table: Table, column: str, spec: TypeSpec) -> tuple[list[Key], dict[Key, Any]]:
    """The keys whose value is none of a type, and the values that become others by it."""
    coerce = coercer(spec)
    at = table.columns.index(column)
    misfits: list[Key] = []
    changed: dict[Key, Any] = {}
    for key, row in table.rows.items():
        try:
            value = coerce(row[at])
        except JugglerError:
            misfits.append(key)
            continue
        if type(value) is not type(row[at]) or value != row[at]:
            changed[key] = value
    return misfits, changed


def duplicates(table: Table, declared: TableDefinition, index: IndexDefinition) -> list[Key]:
    """The keys of rows that a unique index would refuse: all of each group that is equal."""
    parts = []
    for path in index.paths:
        column, _, below = path.partition(".")
        if column not in table.columns:
            return []
        spec = declared.columns[column]
        parts.append((table.columns.index(column), below, type_at(path, spec)))
    trial = Index(index, entry_function(parts), sortable=False)
    for key, row in table.rows.items():
        trial.move(key, None, row)
    groups = [keys for entry, keys in trial.entries.items() if None not in entry and len(keys) > 1]
    return sorted(key for keys in groups for key in keys)
