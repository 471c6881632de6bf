"""LoopBack's names beside Juggler's: what no rule gives. Other spellings come from Juggler itself.

A name of Juggler is written as it is called on `User` (a model), `user` (an instance), `query`,
`db` (a data source) or `point`; a test looks up each of them.
"""

from __future__ import annotations

from typing import NamedTuple


class Name(NamedTuple):
    """One line of the table."""

    loopback: str
    juggler: str
    note: str = ""


MODELS = (
    Name("Model.create", "User.create", "never overwrites: `DuplicateKeyError`"),
    Name("Model.createAll, create([…])", "User.create_all", "a result per row"),
    Name("Model.find", "User.find", "no hidden limit; may be refused for its cost"),
    Name("Model.findOne", "User.find_one"),
    Name("Model.findById", "User.find_by_id", "keys of several properties, too"),
    Name("Model.findByIds", "User.find_by_ids"),
    Name("Model.findOrCreate", "User.find_or_create", "gives `(instance, created)`"),
    Name("Model.upsert", "User.upsert", "defaults and rules as in `create`"),
    Name("Model.upsertWithWhere", "User.upsert_with_where"),
    Name("Model.replaceOrCreate", "User.replace_or_create"),
    Name("Model.replaceById", "User.replace_by_id"),
    Name("Model.updateAll", "User.update_all", "without a condition only with `all=True`"),
    Name("Model.deleteAll", "User.delete_all", "without a condition only with `all=True`"),
    Name("Model.deleteById", "User.delete_by_id"),
    Name("Model.count", "User.count", "takes a condition; a filter is an error"),
    Name("Model.exists", "User.exists", "takes a key or a condition"),
    Name("Model.getIdName", "User.id_name"),
    Name("Model.definition.idNames", "User.id_names"),
    Name("Model.attachTo", "User.attach_to"),
    Name("-", "User.where", "a lazy query"),
    Name("-", "User.stream", "all rows with bounded memory"),
    Name("-", "User.explain", "the plan and its cost"),
    Name("callbacks, promises", "User.aio", "every operation again, for `await`"),
)

INSTANCES = (
    Name("save", "user.save", "a row that is gone is an error; `validate=False`; no `throws`"),
    Name("patchAttributes", "user.patch"),
    Name("replaceAttributes", "user.replace"),
    Name("deleteById, delete", "user.delete"),
    Name("reload", "user.reload", "into the same instance"),
    Name("propertyChanged", "user.property_changed"),
    Name("reset", "user.reset"),
    Name("toObject", "user.to_object"),
    Name("toJSON", "user.to_json"),
    Name("-", "user.changes", "stored and present value of what differs"),
)

QUERIES = (
    Name("filter.where", "query.where"),
    Name("filter.order", "query.order", "a direction that is none is an error"),
    Name("filter.limit", "query.limit", "0 is no row"),
    Name("filter.skip, filter.offset", "query.skip"),
    Name("filter.fields", "query.fields"),
    Name("filter.include", "query.include"),
    Name("-", "query.using", "`index=`, `allow_scan=True`, `timeout=` and others"),
    Name("-", "query.page", "with a signed token"),
    Name("-", "query.pages", "page after page"),
)

SOURCES = (
    Name("new DataSource", "db", "`connect(…)` is the same as `DataSource(…)`"),
    Name("createModel, define", "db.define"),
    Name("attach", "db.attach"),
    Name("getModel", "db.get_model"),
    Name("models", "db.models"),
    Name("definitions", "db.definitions"),
    Name("settings", "db.settings", "secrets are masked"),
    Name("connector", "db.connector"),
    Name("connected", "db.connected"),
    Name("connect, ready", "db.ready", "operations wait by themselves"),
    Name("disconnect", "db.close", "`db.disconnect` is the same"),
    Name("on('connected', …)", "db.on"),
    Name("ping", "db.ping"),
    Name("execute, connector.execute", "db.execute"),
    Name("automigrate", "db.automigrate", "`allow_data_loss=True` where rows would be lost"),
    Name("autoupdate", "db.autoupdate", "refused as a whole where it is not safe"),
    Name("isActual", "db.is_actual"),
    Name("-", "db.plan", "the steps, to look at before `apply`"),
    Name("freeze", "db.freeze"),
    Name("isRelational", "db.is_relational"),
    Name("getTypes", "db.types"),
    Name("tableName", "db.table_name"),
    Name("columnName", "db.column_name"),
    Name("columnNames", "db.column_names"),
    Name("columnMetadata", "db.column_metadata"),
    Name("idName", "db.id_name"),
    Name("idNames", "db.id_names"),
    Name("idColumnName", "db.id_column_name"),
    Name("defineOperation", "db.define_operation"),
    Name("enableRemote", "db.enable_remote"),
    Name("disableRemote", "db.disable_remote"),
    Name("getOperation", "db.get_operation"),
    Name("operations", "db.operations"),
    Name("discoverModelDefinitions", "db.discover_model_definitions"),
    Name("discoverModelProperties", "db.discover_model_properties"),
    Name("discoverPrimaryKeys", "db.discover_primary_keys"),
    Name("discoverForeignKeys", "db.discover_foreign_keys"),
    Name("discoverExportedForeignKeys", "db.discover_exported_foreign_keys"),
    Name("discoverSchema", "db.discover_schema"),
    Name("discoverSchemas", "db.discover_schemas"),
    Name("discoverAndBuildModels", "db.discover_and_build_models"),
    Name("-", "db.discover", "everything at once, to be written as typed classes"),
    Name("-", "db.options", "options of the calls in a block"),
)

POINTS = (
    Name("new GeoPoint", "point", "`GeoPoint(lat, lng)`; other forms by `GeoPoint.of`"),
    Name("distanceTo", "point.distance_to", "miles, as there"),
)

SECTIONS = (
    ("Models", MODELS),
    ("Instances", INSTANCES),
    ("Filters and queries", QUERIES),
    ("Data sources", SOURCES),
    ("Points", POINTS),
)

FILTER_WORDS = """\
Filters keep LoopBack's words: `where order limit skip offset fields include`, `and or nor`,
`eq neq gt gte lt lte between inq nin like nlike ilike nilike regexp exists`,
`near maxDistance minDistance unit`. The typed spelling of each, and what means something else, is
in [Queries](queries.md)."""
