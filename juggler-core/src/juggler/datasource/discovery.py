"""What the store holds, as facts and as model definitions (LoopBack's ``discover*`` calls).

Every call asks the connector once per page of tables; results have the names of LoopBack's
discovery (``owner tableName columnName dataType …``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from juggler.connector.results import DiscoverRequest
from juggler.datasource._discovered import Discovered, ldl_of, model_name
from juggler.errors import ConfigurationError, SchemaMissingError, did_you_mean
from juggler.spec import EXTRA

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from juggler.connector.port import Port
    from juggler.connector.results import DiscoveredModel, Discovery, ForeignKey
    from juggler.datasource.source import DataSource

Facts = dict[str, Any]


async def read(
    source: DataSource,
    port: Port,
    names: Sequence[str] | None = None,
    *,
    owner: str | None = None,
    views: bool = False,
    all_owners: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> Discovery:
    """Ask the connector.

    Raises:
        CapabilityError: the connector discovers nothing.
        ConfigurationError: limit or offset are no counts.
    """
    for word, value in (("limit", limit), ("offset", offset)):
        if value is not None and value < 0:
            raise ConfigurationError(
                f"{word} has to be a number from 0 on", code="discovery", hint=f"{word}=20"
            )
    source.capabilities_of(None).require("discovery", connector=source.name)
    request = DiscoverRequest(
        names=None if names is None else tuple(names),
        owner=owner,
        views=views,
        all_owners=all_owners,
        limit=limit,
        offset=offset,
    )
    found: Discovery = await port.call("discover", request)
    return found


async def model_definitions(source: DataSource, port: Port, **options: Any) -> list[Facts]:
    """``{"type", "name", "owner"}`` of each table, and of each view with ``views=True``."""
    found = await read(source, port, **options)
    return [
        {"type": model.kind, "name": model.relation.name, "owner": model.owner}
        for model in found.models
    ]


async def model_properties(
    source: DataSource, port: Port, name: str, *, owner: str | None = None
) -> list[Facts]:
    """The columns of a table or view, in the store's order."""
    model = await _one(source, port, name, owner)
    columns = model.columns or model.relation.columns
    return [
        {
            "owner": model.owner,
            "tableName": model.relation.name,
            "columnName": column.name,
            "dataType": column.native_type,
            "dataLength": column.facts.get("length"),
            "dataPrecision": column.facts.get("precision"),
            "dataScale": column.facts.get("scale"),
            "nullable": column.nullable,
        }
        for column in columns
    ]


async def primary_keys(
    source: DataSource, port: Port, name: str, *, owner: str | None = None
) -> list[Facts]:
    """The columns of the primary key, in key order."""
    model = await _one(source, port, name, owner)
    columns = [_column(model, key) for key in model.spec.key.names]
    return [
        {
            "owner": model.owner,
            "tableName": model.relation.name,
            "columnName": column,
            "keySeq": number,
            "pkName": model.relation.facts.get("primary_key"),
        }
        for number, column in enumerate(columns, 1)
    ]


async def foreign_keys(
    source: DataSource, port: Port, name: str, *, owner: str | None = None
) -> list[Facts]:
    """The foreign keys of a table."""
    found = await _named(source, port, name, owner)
    return [_key_facts(key) for key in found.foreign_keys if key.table == name]


async def exported_foreign_keys(
    source: DataSource, port: Port, name: str, *, owner: str | None = None
) -> list[Facts]:
    """The foreign keys of other tables that refer to this one."""
    await _named(source, port, name, owner)
    found = await read(source, port, owner=owner)
    keys = [key for key in found.foreign_keys if key.ref_table == name]
    keys.sort(key=lambda key: (key.owner or "", key.table, key.name, key.seq))
    return [_key_facts(key) for key in keys]


async def schemas(
    source: DataSource,
    port: Port,
    name: str,
    *,
    owner: str | None = None,
    associations: bool = False,
    views: bool = True,
    all_owners: bool = False,
    visited: MutableMapping[str, Any] | None = None,
) -> dict[str, Facts]:
    """LDL documents by table name: the table's, and with ``associations`` those it refers to."""
    known = {} if visited is None else visited
    found = await following(
        source,
        port,
        name,
        owner=owner,
        views=views,
        all_owners=all_owners,
        follow=associations,
        known=known,
    )
    documents = found.documents(relations=associations)
    new = {found.table_of(label): document for label, document in documents.items()}
    known.update(new)
    return new


async def schema(source: DataSource, port: Port, name: str, *, owner: str | None = None) -> Facts:
    """The LDL document of one table or view, without relations."""
    model = await _one(source, port, name, owner)
    return ldl_of(model, source.name, owner=owner)


async def everything(
    source: DataSource,
    port: Port,
    owner: str | None = None,
    *,
    views: bool = True,
    relations: bool = True,
) -> Discovered:
    """All tables of an owner, as definitions that can be written to a file or built."""
    found = await read(source, port, owner=owner, views=views)
    keys = found.foreign_keys if relations else ()
    return Discovered.of(found.models, keys, source.name, owner, notes=found.notes)


async def following(
    source: DataSource,
    port: Port,
    name: str,
    *,
    owner: str | None = None,
    views: bool = True,
    all_owners: bool = False,
    follow: bool = True,
    known: Mapping[str, Any],
) -> Discovered:
    """A table and, along its foreign keys, those it refers to; without those that are known."""
    names = {table: _model_name(table, model) for table, model in known.items()}
    models: dict[str, DiscoveredModel] = {}
    keys: list[ForeignKey] = []
    todo = [(name, owner)]
    while todo:
        table, where = todo.pop(0)
        if table in models or table in names:
            continue
        found = await _named(source, port, table, where, views=views, all_owners=all_owners)
        models[table] = next(m for m in found.models if m.relation.name == table)
        if follow:
            own = [key for key in found.foreign_keys if key.table == table]
            keys += own
            todo += [(key.ref_table, key.ref_owner or where) for key in own]
    return Discovered.of(list(models.values()), keys, source.name, owner, known=names)


def _model_name(table: str, known: Any) -> str:
    """The name of a model that was discovered before: a class, or a document."""
    if isinstance(known, Mapping) and isinstance(known.get("name"), str):
        return str(known["name"])
    definition = getattr(known, "__definition__", None)
    return model_name(table) if definition is None else str(definition.name)


async def build(
    source: DataSource,
    port: Port,
    name: str,
    *,
    owner: str | None = None,
    associations: bool = True,
    views: bool = True,
    all_owners: bool = False,
    visited: MutableMapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Model classes by name, defined on the data source; relations stand in the definitions."""
    known = {} if visited is None else visited
    found = await following(
        source,
        port,
        name,
        owner=owner,
        views=views,
        all_owners=all_owners,
        follow=associations,
        known=known,
    )
    built = {
        label: source.from_ldl(document)
        for label, document in found.documents(relations=associations).items()
    }
    known.update({found.table_of(label): model for label, model in built.items()})
    return built


async def _one(source: DataSource, port: Port, name: str, owner: str | None) -> DiscoveredModel:
    found = await _named(source, port, name, owner)
    return next(model for model in found.models if model.relation.name == name)


async def _named(
    source: DataSource,
    port: Port,
    name: str,
    owner: str | None,
    *,
    views: bool = True,
    all_owners: bool = False,
) -> Discovery:
    """What is known of one table; its storage name, exactly."""
    found = await read(source, port, (name,), owner=owner, views=views, all_owners=all_owners)
    if any(model.relation.name == name for model in found.models):
        return found
    others = await read(source, port, owner=owner, views=views, limit=_SUGGESTED)
    known = [model.relation.name for model in others.models]
    raise SchemaMissingError(
        f"{source.name} has no table or view {name!r}" + (f" of {owner}" if owner else ""),
        hint=did_you_mean(name, known) or "the store is empty",
        connector=source.name,
    )


#: Tables looked at for a suggestion.
_SUGGESTED = 200


def _column(model: DiscoveredModel, name: str) -> str:
    return next(
        (f.storage_name for f in model.spec.fields if f.name == name and name != EXTRA), name
    )


def _key_facts(key: ForeignKey) -> Facts:
    return {
        "fkOwner": key.owner,
        "fkName": key.name,
        "fkTableName": key.table,
        "fkColumnName": key.column,
        "keySeq": key.seq,
        "pkOwner": key.ref_owner,
        "pkName": None,
        "pkTableName": key.ref_table,
        "pkColumnName": key.ref_column,
    }
