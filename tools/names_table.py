"""LoopBack's names beside Juggler's: what no rule gives. Other spellings come from Juggler itself.

A name of Juggler is written as it is called on `User` (a model), `user` (an instance), `query`,
`db` (a data source), `posts` (a relation to many), `author` (one to one), `ctx` (a hook's context),
`tx`, `Color` (a model of a key-value store) or `point`; a test looks up each of them.
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
    Name(
        "Model.createAll, create([…])",
        "User.create_all",
        "a result per row; `replace=True` writes over what is there",
    ),
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

DEFINITIONS = (
    Name("ModelBuilder.define", "db.define", "a second definition replaces the first"),
    Name("defineProperty", "db.define_property"),
    Name("extendModel", "db.extend_model"),
    Name("buildModels", "db.build_models"),
    Name("buildModelFromInstance", "db.build_model_from_instance"),
    Name("resolveType", "db.resolve_type"),
    Name("getSchemaName", "db.get_schema_name"),
    Name("getModelDefinition", "db.get_model_definition"),
    Name("defineValueType", "db.define_value_type"),
    Name("deleteModelByName", "db.delete_model_by_name"),
    Name("deleteAllModels", "db.delete_all_models"),
    Name("defineForeignKey", "db.define_foreign_key"),
    Name("modelBuilder.mixins.define", "db.mixins"),
    Name("Model.defineProperty", "User.define_property"),
    Name("Model.mixin", "User.mixin", "several at once, by name or by class"),
    Name("Model.extend", "User", "`class Admin(User): ...`, or `base` in the settings"),
    Name("Model.definition", "User.ldl", "the document; `juggler ldl User --python` the class"),
    Name("-", "db.from_ldl", "a document, or a path to one"),
    Name("app (loopback-boot)", "load", "`juggler.loopback.load(PATH)`: a project as it is"),
)

RULES = (
    Name("validatesPresenceOf", "User.validates_presence_of"),
    Name("validatesAbsenceOf", "User.validates_absence_of"),
    Name("validatesLengthOf", "User.validates_length_of", "`is` is written `is_`"),
    Name("validatesNumericalityOf", "User.validates_numericality_of"),
    Name("validatesInclusionOf", "User.validates_inclusion_of", "`in` is written `in_`"),
    Name("validatesExclusionOf", "User.validates_exclusion_of"),
    Name("validatesFormatOf", "User.validates_format_of", "`with` is written `with_`"),
    Name("validatesUniquenessOf", "User.validates_uniqueness_of", "advisory, as there"),
    Name("validate, validateAsync", "User.validates", "returns a text instead of calling `err()`"),
    Name("isValid", "user.is_valid", "`await user.aio.is_valid()` with async rules"),
    Name("errors", "user.errors", "messages by property"),
    Name("-", "user.validate", "raises the `ValidationError`"),
)

HOOKS = (
    Name("observe", "User.observe", "`before save` and `before_save`"),
    Name("removeObserver", "User.remove_observer"),
    Name("clearObservers", "User.clear_observers"),
    Name("observe('access')", "User.on_access"),
    Name("observe('loaded')", "User.on_loaded"),
    Name("observe('before save'), beforeSave", "User.before_save", "one list for both kinds"),
    Name("observe('after save'), afterSave", "User.after_save"),
    Name("observe('persist')", "User.persist", "changes reach the returned instance"),
    Name("observe('before delete'), beforeDestroy", "User.before_delete"),
    Name("observe('after delete'), afterDestroy", "User.after_delete"),
    Name("beforeValidate", "User.before_validate"),
    Name("afterValidate", "User.after_validate"),
    Name("beforeCreate", "User.before_create"),
    Name("afterCreate", "User.after_create"),
    Name("beforeUpdate", "User.before_update"),
    Name("afterUpdate", "User.after_update"),
    Name("beforeInitialize", "User.before_initialize"),
    Name(
        "afterInitialize",
        "User.after_initialize",
        "of rows that are read it is `User.on_loaded`",
    ),
    Name("ctx.instance, ctx.currentInstance", "ctx.instance"),
    Name("ctx.data", "ctx.data"),
    Name("ctx.where, ctx.query", "ctx.query"),
    Name("ctx.isNewInstance", "ctx.is_new"),
    Name("ctx.hookState", "ctx.state", "shared by all rows of a bulk, too"),
    Name("ctx.info", "ctx.result"),
    Name("ctx.Model", "ctx.model"),
)

RELATIONS = (
    Name("Model.hasMany", "User.has_many", "`books: HasMany[Book] = has_many()`"),
    Name("Model.belongsTo", "User.belongs_to"),
    Name("Model.hasOne", "User.has_one"),
    Name("Model.hasAndBelongsToMany", "User.has_and_belongs_to_many"),
    Name("Model.referencesMany", "User.references_many"),
    Name("Model.embedsOne", "User.embeds_one"),
    Name("Model.embedsMany", "User.embeds_many"),
    Name("Model.include", "User.include", "for instances that are there"),
    Name(
        "user.posts(filter)", "posts.find_one", "`user.posts(filter)`, and `posts.find_one(filter)`"
    ),
    Name("user.posts.build", "posts.build"),
    Name("user.posts.create", "posts.create"),
    Name("user.posts.add", "posts.add"),
    Name("user.posts.remove", "posts.remove"),
    Name("user.posts.findById", "posts.find_by_id"),
    Name("user.posts.updateById", "posts.update_by_id"),
    Name("user.posts.destroy(id)", "posts.delete_by_id"),
    Name("user.posts.exists", "posts.exists"),
    Name("user.posts.count", "posts.count"),
    Name("user.posts.updateAll", "posts.update_all"),
    Name("user.posts.destroyAll", "posts.delete_all", "never beyond the relation"),
    Name("user.posts(true)", "posts.reload", "without it every call asks, nothing is stale"),
    Name("user.__cachedRelations", "posts.loaded"),
    Name("-", "posts.where", "a lazy query"),
    Name("post.author(), post.author.get", "author.reload", "`post.author()` keeps what it read"),
    Name("post.author(user)", "author.set", "`post.author = user`"),
    Name("post.author.create", "author.create"),
    Name("post.author.update", "author.update"),
    Name("-", "author.id", "needs no request"),
    Name("foreignKey: … (options)", "User.has_many", "`key=`, `through=`, `key_through=`"),
    Name("-", "User.has_many", "`on_delete=`: restrict, cascade, nullify"),
)

SCOPES = (
    Name("Model.scope", "User.scope", "chaining leaves the scopes as they are"),
    Name("settings.scope", "User.unscoped", "leaves the default scope out"),
)

TRANSACTIONS = (
    Name("beginTransaction", "db.transaction", "a `with` block; hooks and nested calls join it"),
    Name("tx.commit", "tx.commit"),
    Name("tx.rollback", "tx.rollback"),
    Name("tx.isActive", "tx.active"),
)

KEYVALUE = (
    Name("Model.get", "Color.get"),
    Name("Model.set", "Color.set", "`ttl` in seconds"),
    Name("Model.expire", "Color.expire"),
    Name("Model.ttl", "Color.ttl"),
    Name("Model.keys", "Color.keys"),
    Name("Model.iterateKeys", "Color.iterate_keys"),
    Name("Model.delete", "Color.delete"),
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
    Name("isNewRecord", "user.is_new_record"),
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
    ("Definitions", DEFINITIONS),
    ("Models", MODELS),
    ("Instances", INSTANCES),
    ("Filters and queries", QUERIES),
    ("Validation", RULES),
    ("Hooks", HOOKS),
    ("Relations", RELATIONS),
    ("Scopes", SCOPES),
    ("Transactions", TRANSACTIONS),
    ("Data sources", SOURCES),
    ("Key-value stores", KEYVALUE),
    ("Points", POINTS),
)

FILTER_WORDS = """\
Filters keep LoopBack's words: `where order limit skip offset fields include`, `and or nor`,
`eq neq gt gte lt lte between inq nin like nlike ilike nilike regexp exists`,
`near maxDistance minDistance unit`. The typed spelling of each, and what means something else, is
in [Queries](queries.md)."""
