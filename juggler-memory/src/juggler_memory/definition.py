"""What a table is declared to be, as data: columns, key, indexes; and its JSON in a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from juggler.errors import DecodeError
from juggler.spec import EXTRA, FieldSpec, IndexSpec, KeySpec, ModelSpec
from juggler.values import ANY, TypeKind, TypeSpec
from juggler_memory.indexes import IndexDefinition

if TYPE_CHECKING:
    from collections.abc import Iterable


@frozen
class TableDefinition:
    """A table as it was declared last, in storage names.

    Attributes:
        name: the collection.
        model: name of the model that declared it.
        columns: type by column, in order of declaration.
        key: partition and clustering columns.
        indexes: its indexes, those of unique columns included.
    """

    name: str
    model: str
    columns: dict[str, TypeSpec]
    key: KeySpec
    indexes: tuple[IndexDefinition, ...] = ()

    def index(self, name: str) -> IndexDefinition | None:
        """The index of that name."""
        return next((index for index in self.indexes if index.name == name), None)

    def evolve(self, **changes: Any) -> TableDefinition:
        """A copy with changes."""
        return evolve(self, **changes)


def collection_of(model: ModelSpec) -> str:
    """Where a model's rows are: LoopBack's ``memory.collection``, else the storage name."""
    return str(model.options.get("collection") or model.storage_name)


def definition_of(model: ModelSpec) -> TableDefinition:
    """The table that a model declares."""
    columns = {f.name: f.storage_name for f in model.fields}
    key = KeySpec(
        tuple(columns[name] for name in model.key.partition),
        tuple((columns[name], direction) for name, direction in model.key.clustering),
    )
    declared = [_in_columns(index, columns, model.name) for index in model.indexes]
    alone = {index.paths for index in declared if index.unique}
    implied = [
        IndexDefinition(
            f"{f.storage_name}_unique", ((f.storage_name, "asc"),), unique=True, owner=model.name
        )
        for f in model.fields
        if f.unique and (f.storage_name,) not in alone and model.key.names != (f.name,)
    ]
    return TableDefinition(
        collection_of(model),
        model.name,
        {f.storage_name: f.type for f in model.fields},
        key,
        (*declared, *implied),
    )


def _in_columns(index: IndexSpec, columns: dict[str, str], owner: str) -> IndexDefinition:
    keys = []
    for path, direction in index.keys:
        head, dot, rest = path.partition(".")
        column = columns.get(head) or f"{EXTRA}.{head}"
        keys.append((column + dot + rest, direction))
    return IndexDefinition(index.name, tuple(keys), index.unique, owner)


# ---------------------------------------------------------------- as JSON


def to_json(definition: TableDefinition) -> dict[str, Any]:
    """The definition as a file holds it."""
    return {
        "name": definition.name,
        "model": definition.model,
        "columns": {name: type_to_json(spec) for name, spec in definition.columns.items()},
        "key": list(definition.key.partition),
        "clustering": [list(part) for part in definition.key.clustering],
        "indexes": [
            {
                "name": i.name,
                "keys": [list(part) for part in i.keys],
                "unique": i.unique,
                "owner": i.owner,
            }
            for i in definition.indexes
        ],
    }


def from_json(data: dict[str, Any]) -> TableDefinition:
    """The definition that :func:`to_json` wrote; DecodeError for anything else."""
    try:
        return TableDefinition(
            data["name"],
            data["model"],
            {name: type_from_json(spec) for name, spec in data["columns"].items()},
            KeySpec(tuple(data["key"]), _pairs(data["clustering"])),
            tuple(
                IndexDefinition(i["name"], _pairs(i["keys"]), bool(i["unique"]), i["owner"])
                for i in data["indexes"]
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DecodeError("a table's definition is unreadable", native=repr(error)) from error


def _pairs(parts: Iterable[Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((str(path), direction) for path, direction in parts)


def type_text(spec: TypeSpec) -> str:
    """A type as text, equal for equal types."""
    return json.dumps(type_to_json(spec), sort_keys=True)


def type_to_json(spec: TypeSpec, within: frozenset[str] = frozenset()) -> Any:
    """A type as JSON: its kind alone where it has no parameters.

    A model that contains itself is written once; ``within`` names those around.
    """
    data: dict[str, Any] = {
        name: value
        for name in ("bits", "precision", "scale", "length")
        if (value := getattr(spec, name)) is not None
    }
    if spec.of is not None:
        data["of"] = type_to_json(spec.of, within)
    if spec.key is not None:
        data["key"] = type_to_json(spec.key, within)
    if spec.items:
        data["items"] = [type_to_json(item, within) for item in spec.items]
    if spec.model is not None and spec.model.name not in within:
        data["model"] = _embedded_to_json(spec.model, within | {spec.model.name})
    return {"kind": str(spec.kind), **data} if data else str(spec.kind)


def type_from_json(data: Any) -> TypeSpec:
    """The type that :func:`type_to_json` wrote."""
    if isinstance(data, str):
        return TypeSpec(TypeKind(data))
    given = dict(data)
    kind = TypeKind(given.pop("kind"))
    for name in ("of", "key"):
        if name in given:
            given[name] = type_from_json(given[name])
    if "items" in given:
        given["items"] = tuple(type_from_json(item) for item in given["items"])
    if "model" in given:
        given["model"] = _embedded_from_json(given["model"])
    return TypeSpec(kind, **given)


def _embedded_to_json(model: ModelSpec, within: frozenset[str]) -> dict[str, Any]:
    return {
        "name": model.name,
        "open": model.open,
        "fields": {f.name: type_to_json(f.type, within) for f in model.fields if f.name != EXTRA},
    }


def _embedded_from_json(data: dict[str, Any]) -> ModelSpec:
    fields = [FieldSpec(name, name, type_from_json(spec)) for name, spec in data["fields"].items()]
    if data["open"]:
        fields.append(FieldSpec(EXTRA, EXTRA, ANY))
    return ModelSpec(data["name"], data["name"], tuple(fields), KeySpec(()), open=data["open"])
