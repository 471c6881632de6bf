"""Discovered tables as model definitions: names, LDL documents, relations along foreign keys."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from juggler.errors import ConfigurationError
from juggler.spec import EXTRA
from juggler.values.types import TypeKind, TypeSpec

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from juggler.connector.results import DiscoveredModel, ForeignKey
    from juggler.spec import FieldSpec

Document = dict[str, Any]


@frozen
class Discovered:
    """Models that were found in a store.

    Attributes:
        models: by model name.
        foreign_keys: between their tables.
        connector: the connector's name.
        owner: the owner that was asked for, None for the data source's own.
        notes: what could not be expressed.
        known: names of models that relations may lead to besides, by table.
    """

    models: Mapping[str, DiscoveredModel]
    foreign_keys: Sequence[ForeignKey]
    connector: str
    owner: str | None = None
    notes: tuple[str, ...] = ()
    known: Mapping[str, str] = field(factory=dict)

    @classmethod
    def of(
        cls,
        models: Iterable[DiscoveredModel],
        keys: Sequence[ForeignKey],
        connector: str,
        owner: str | None = None,
        known: Mapping[str, str] | None = None,
    ) -> Discovered:
        """Name the models after their tables; two tables never share a name."""
        named: dict[str, DiscoveredModel] = {}
        for model in models:
            taken = {*named, *(known or {}).values()}
            named[_free(model_name(model.relation.name), model.relation.name, taken)] = model
        return cls(named, keys, connector, owner, tuple(_notes(keys)), known or {})

    def documents(self, *, relations: bool = True) -> dict[str, Document]:
        """LDL documents by model name, tables before views."""
        tables = {model.relation.name: name for name, model in self.models.items()}
        documents = {
            name: ldl_of(model, self.connector, name=name, tables=tables, owner=self.owner)
            for name, model in sorted(self.models.items(), key=lambda item: item[1].kind)
        }
        if relations:
            for key in self._single_keys():
                owner = tables.get(key.table)
                target = tables.get(key.ref_table) or self.known.get(key.ref_table)
                if owner is not None and target is not None:
                    _relate(documents[owner], self.models[owner], key, target)
        return documents

    def ldl(self) -> list[Document]:
        """The LDL documents in a list."""
        return list(self.documents().values())

    def write(self, path: str | Path) -> Path:
        """Write the definitions: typed classes to ``*.py``, LDL documents to ``*.json``.

        Raises:
            ConfigurationError: the name ends otherwise.
        """
        target = Path(path)
        if target.suffix == ".json":
            text = json.dumps(self.ldl(), indent=2, ensure_ascii=False) + "\n"
        elif target.suffix == ".py":
            text = self.python()
        else:
            raise ConfigurationError(
                f"{target.name!r} is neither Python nor JSON",
                code="discovery",
                hint="write('models.py') gives typed classes, write('models.json') LDL",
            )
        target.write_text(text, encoding="utf-8")
        return target

    def python(self) -> str:
        """The source of typed classes."""
        from juggler.model.source import python_source  # noqa: PLC0415 - only for writing

        return python_source(self.ldl())

    def __len__(self) -> int:
        return len(self.models)

    def __str__(self) -> str:
        lines = [f"{len(self.models)} models discovered with {self.connector}"]
        for name, model in self.models.items():
            fields = ", ".join(f"{f.name}: {f.type}" for f in model.spec.fields if f.name != EXTRA)
            lines.append(f"  {name} ({model.kind} {model.relation.name})  {fields}")
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    def _single_keys(self) -> list[ForeignKey]:
        several = {(key.table, key.name) for key in self.foreign_keys if key.seq > 1}
        return [key for key in self.foreign_keys if (key.table, key.name) not in several]


def ldl_of(
    model: DiscoveredModel,
    connector: str,
    *,
    name: str = "",
    tables: Mapping[str, str] | None = None,
    owner: str | None = None,
) -> Document:
    """The LDL document of one table or view."""
    spec = model.spec
    names = property_names(model)
    partition = [names[key] for key in spec.key.partition]
    options: Document = {"tableName": model.relation.name, "idInjection": False}
    if owner is not None:
        options[connector] = {"schema": owner}
    if model.kind == "view":
        options["managed"] = False
        options["view"] = _view(model, names, tables or {})
    if spec.key.clustering:
        options["key"] = {
            "partition": partition,
            "clustering": [_direction(names[key], way) for key, way in spec.key.clustering],
        }
        partition = []
    properties = {
        names[f.name]: _property(f, names[f.name], partition)
        for f in spec.fields
        if f.name != EXTRA
    }
    return {
        "name": name or model_name(model.relation.name),
        "options": options,
        "properties": properties,
    }


def property_names(model: DiscoveredModel) -> dict[str, str]:
    """The property of each field: the connector's own name, else the column in camelCase."""
    taken: dict[str, str] = {}
    for f in model.spec.fields:
        if f.name != EXTRA:
            wanted = camel(f.name) if f.name == f.storage_name else f.name
            taken[f.name] = wanted if wanted not in taken.values() else f.name
    return taken


def model_name(table: str) -> str:
    """``INVENTORY_ITEM`` → ``InventoryItem``; what is mixed already keeps its capitals."""
    name = camel(table)
    return name[:1].upper() + name[1:]


def camel(text: str) -> str:
    """``PRODUCT_ID`` → ``productId``; what is mixed already keeps its capitals."""
    parts = [part for part in re.split(r"[\s_.-]+", text) if part]
    shaped = [part.lower() if part.isupper() or part.islower() else part for part in parts]
    if not shaped:
        return text
    first, *rest = shaped
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def _property(f: FieldSpec, name: str, partition: Sequence[str]) -> Document:
    found: Document = {"type": type_word(f.type)}
    if name in partition:
        found["id"] = partition.index(name) + 1 if len(partition) > 1 else True
    if f.generated:
        found["generated"] = True
    if not f.nullable:
        found["required"] = True
    if f.unique and "id" not in found:
        found["unique"] = True
    for word in ("length", "precision", "scale"):
        value = getattr(f.type, word)
        if value is not None and f.type.of is None:
            found[word] = value
    if f.storage_name != name:
        found["columnName"] = f.storage_name
    return found


def type_word(spec: TypeSpec) -> Any:
    """The type as LDL writes it."""
    if spec.kind is TypeKind.ARRAY:
        return [type_word(spec.of)] if spec.of is not None else ["any"]
    if spec.kind is TypeKind.EMBEDDED and spec.model is not None:
        return {f.name: type_word(f.type) for f in spec.model.fields if f.name != EXTRA}
    return str(spec)


def _view(model: DiscoveredModel, names: Mapping[str, str], tables: Mapping[str, str]) -> Any:
    base = tables.get(model.base or "")
    if base is None:
        return True
    key = model.spec.key
    return {
        "of": base,
        "partition": [names[part] for part in key.partition],
        "clustering": [_direction(names[part], way) for part, way in key.clustering],
        "fields": [
            names[f.name] for f in model.spec.fields if f.name != EXTRA and f.name not in key.names
        ],
    }


def _direction(name: str, way: str) -> str:
    return f"{name} DESC" if way == "desc" else name


def _relate(document: Document, model: DiscoveredModel, key: ForeignKey, target: str) -> None:
    names = property_names(model)
    column = next((names[f.name] for f in model.spec.fields if f.storage_name == key.column), None)
    if column is None:
        return
    relations = document["options"].setdefault("relations", {})
    name = target[:1].lower() + target[1:]
    if name in relations or name in document["properties"]:
        name = f"{column}Rel"
    relations[name] = {"type": "belongsTo", "model": target, "foreignKey": column}


def _notes(keys: Sequence[ForeignKey]) -> Iterable[str]:
    for key in keys:
        if key.seq > 1:
            yield f"foreign key {key.name} of {key.table} has several columns: no relation made"


def _free(wanted: str, table: str, taken: Container[str]) -> str:
    return wanted if wanted not in taken else table
