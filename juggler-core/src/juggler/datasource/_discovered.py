"""Discovered tables as model definitions: names, LDL documents, relations along foreign keys."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from juggler.errors import ConfigurationError
from juggler.model.ldl.writing import type_text
from juggler.spec import EXTRA
from juggler.values.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from juggler.connector.results import DiscoveredModel, ForeignKey
    from juggler.spec import FieldSpec, IndexSpec, ModelSpec
    from juggler.values.types import TypeSpec

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
        *,
        known: Mapping[str, str] | None = None,
        notes: Iterable[str] = (),
    ) -> Discovered:
        """Name the models after their tables; two tables never share a name."""
        named: dict[str, DiscoveredModel] = {}
        for model in models:
            taken = {*named, *(known or {}).values()}
            named[_free(model_name(model.relation.name), model.relation.name, taken)] = model
        return cls(named, keys, connector, owner, (*notes, *_notes(keys)), known or {})

    def documents(self, *, relations: bool = True) -> dict[str, Document]:
        """LDL documents by model name: types that columns have, then tables, then views."""
        tables = {model.relation.name: name for name, model in self.models.items()}
        inner = embedded_models(self.models.values())
        types: dict[str, str] = {}
        for table in inner:
            taken = {*self.models, *types.values()}
            types[table] = _free(model_name(table), f"{table}_type", taken)
        documents = {types[table]: _embedded(spec, types) for table, spec in inner.items()}
        for name, model in sorted(self.models.items(), key=lambda item: item[1].kind):
            documents[name] = ldl_of(
                model, self.connector, name=name, tables=tables, owner=self.owner, types=types
            )
        if relations:
            for key in self._single_keys():
                owner = tables.get(key.table)
                target = tables.get(key.ref_table) or self.known.get(key.ref_table)
                if owner is not None and target is not None:
                    _relate(documents[owner], self.models[owner], key, target)
        return documents

    def table_of(self, name: str) -> str:
        """The table of a model; the own name of a document that is no table's."""
        model = self.models.get(name)
        return name if model is None else model.relation.name

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
        from juggler.model.typed_source import python_source  # noqa: PLC0415 - only for writing

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
    types: Mapping[str, str] | None = None,
) -> Document:
    """The LDL document of one table or view.

    Args:
        model: the table or view.
        connector: the connector's name.
        name: the model's, made of the table's when it is not given.
        tables: model names by table, for the base of a view.
        owner: where it stands, None for the data source's own place.
        types: names of the documents of embedded models; one that is not there is nested.
    """
    spec = model.spec
    names = property_names(model)
    partition = [names[key] for key in spec.key.partition]
    options: Document = {"tableName": model.relation.name, "idInjection": False}
    own = {**({"schema": owner} if owner is not None else {}), **spec.options}
    if own:
        options[connector] = own
    if spec.indexes:
        options["indexes"] = {index.name: _index(index, names) for index in spec.indexes}
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
        names[f.name]: _property(f, names[f.name], partition, types or {})
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


def embedded_models(models: Iterable[DiscoveredModel]) -> dict[str, ModelSpec]:
    """The models inside of columns by their storage names, those that others use first."""
    found: dict[str, ModelSpec] = {}
    for model in models:
        for f in model.spec.fields:
            _collect(f.type, found)
    return found


def _collect(spec: TypeSpec, found: dict[str, ModelSpec]) -> None:
    for part in (spec.of, spec.key, *spec.items):
        if part is not None:
            _collect(part, found)
    if spec.model is not None and spec.model.storage_name not in found:
        for f in spec.model.fields:
            _collect(f.type, found)
        found[spec.model.storage_name] = spec.model


def _embedded(spec: ModelSpec, types: Mapping[str, str]) -> Document:
    """The document of a model that is no table: abstract, so that it is never attached."""
    return {
        "name": types[spec.storage_name],
        "options": {"tableName": spec.storage_name, "idInjection": False, "abstract": True},
        "properties": {
            f.name: _property(f, f.name, (), types) for f in spec.fields if f.name != EXTRA
        },
    }


def _index(index: IndexSpec, names: Mapping[str, str]) -> Document:
    found: Document = {
        "keys": {names.get(name, name): -1 if way == "desc" else 1 for name, way in index.keys}
    }
    if index.unique:
        found["unique"] = True
    if index.options:
        found["options"] = dict(index.options)
    return found


def _property(
    f: FieldSpec, name: str, partition: Sequence[str], types: Mapping[str, str]
) -> Document:
    found: Document = {"type": type_word(f.type, types)}
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
    return found | {connector: dict(own) for connector, own in f.hints.items() if own}


def type_word(spec: TypeSpec, types: Mapping[str, str]) -> Any:
    """The type as LDL writes it."""
    if spec.kind is TypeKind.ARRAY:
        return [type_word(spec.of, types)] if spec.of is not None else ["any"]
    if spec.kind is TypeKind.EMBEDDED and spec.model is not None:
        known = types.get(spec.model.storage_name)
        inner = (f for f in spec.model.fields if f.name != EXTRA)
        return known or {f.name: type_word(f.type, types) for f in inner}
    held = spec.of.model if spec.of is not None else None
    return type_text(spec, types.get(held.storage_name, "") if held is not None else "")


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
