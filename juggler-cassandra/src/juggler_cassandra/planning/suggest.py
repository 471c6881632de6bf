"""Declarations that would make a scan cheap, ready to paste."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from juggler.values.types import TypeKind as K
from juggler_cassandra.planning.literals import EQUATABLE
from juggler_cassandra.types import is_static

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler.query import QuerySpec
    from juggler.spec import FieldSpec
    from juggler_cassandra.planning.conditions import Facts, Reading
    from juggler_cassandra.planning.relations import Known

_PYTHON = {
    K.STRING: "str",
    K.TEXT: "str",
    K.INTEGER: "int",
    K.NUMBER: "float",
    K.FLOAT: "float",
    K.DECIMAL: "Decimal",
    K.BOOLEAN: "bool",
    K.DATETIME: "datetime",
    K.DATE: "date",
    K.TIME: "time",
    K.BUFFER: "bytes",
    K.UUID: "UUID",
    K.TIMEUUID: "UUID",
}


def suggestions(query: QuerySpec, known: Known, reading: Reading) -> tuple[str, ...]:
    """At most one view, one index and one key that would serve the filter."""
    facts = [f for f in reading.by_column.values() if f.equal is not None or f.bounded or f.others]
    equal = [f for f in facts if f.equal is not None]
    found = [*_view(query, known, equal), *_index(query, known, facts), *_key(query, known, equal)]
    return tuple(dict.fromkeys(found))


def _index(query: QuerySpec, known: Known, facts: list[Facts]) -> Iterator[str]:
    """An index on the first column that one can be on; a view has none."""
    if known.base.is_view:
        return
    for one in facts:
        field = one.column.field
        alone = known.base.keys == (one.column.name,)
        plain = one.column.type.is_scalar and one.column.type.name in EQUATABLE - {"blob"}
        textual = one.equal is None and one.bounded and one.column.type.name in {"text", "ascii"}
        if not alone and not textual and (plain or one.others):
            yield f"class {query.model.name}: {field.name}: {_indexed(field)}"
            return


def _indexed(field: FieldSpec) -> str:
    """The property with an index; one that may be null stays so."""
    said = 'cassandra={"static": True}, ' if is_static(field) else ""
    if not field.nullable or field.type.kind in {K.ARRAY, K.SET, K.MAP}:
        return f"Prop[{_python(field)}] = prop({said}index=True)"
    return f"Prop[{_python(field)} | None] = prop(default=None, {said}index=True)"


def _view(query: QuerySpec, known: Known, equal: list[Facts]) -> Iterator[str]:
    """A view whose partition is what the filter compares with ``=``."""
    model = query.model
    base = known.base.base or model.name
    base_key = model.key.names
    added = [f for f in equal if f.column.field.name not in base_key]
    keys = [f for f in equal if f.column.field.name in base_key]
    partition = [f.column.field.name for f in (*added[:1], *keys) if not f.column.static]
    if not partition:
        return
    ordered = [
        f"-{path}" if direction == "desc" else path
        for path, direction in query.order
        if path in base_key and path not in partition
    ]
    columns = [known.codec.columns[name].name for name in partition]
    if any(list(there.keys) == columns for there in (known.base, *known.views)):
        return
    name = _title(base) + "By" + "".join(_title(part) for part in partition)
    clustering = f", clustering=({_listed(ordered)})" if ordered else ""
    key = f"key=Key(partition=({_listed(partition)}){clustering})"
    fields = ""
    if any(map(is_static, model.fields)):  # a view has no static columns: the others, then
        taken = {*base_key, *partition}
        others = [f.name for f in model.fields if not is_static(f) and f.name not in taken]
        fields = f", fields=({_listed(others or list(base_key))})"
    yield f"class {name}(View, of={base}, {key}{fields}): ..."


def _key(query: QuerySpec, known: Known, equal: list[Facts]) -> Iterator[str]:
    """Another key for the table: what is compared with ``=``, then what is ordered by."""
    model = query.model
    if known.base.is_view or not equal:
        return
    partition = [f.column.field.name for f in equal if not f.column.static]
    behind = [
        f"-{path}" if direction == "desc" else path
        for path, direction in query.order
        if path in model.field and path not in partition
    ]
    rest = [name for name in model.key.names if name not in (*partition, *behind)]
    rest = [name for name in rest if f"-{name}" not in behind]
    if not partition or partition == list(model.key.partition):
        return
    clustering = [*behind, *rest]
    more = f", clustering=({_listed(clustering)})" if clustering else ""
    yield f"key=Key(partition=({_listed(partition)}){more})"


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names) + ("," if len(names) == 1 else "")


def _title(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"\W|_", name))


def _python(field: FieldSpec) -> str:
    spec = field.type
    if spec.kind in {K.ARRAY, K.SET} and spec.of is not None:
        inner = _PYTHON.get(spec.of.kind, "Any")
        return f"{'list' if spec.kind is K.ARRAY else 'set'}[{inner}]"
    if spec.kind is K.MAP:
        return "dict[str, Any]"
    return _PYTHON.get(spec.kind, "Any")
