"""The words of LDL documents: model settings, property options, names of connectors."""

from __future__ import annotations

from difflib import get_close_matches

#: LDL's property options → canonical ones.
PROPERTY = {
    "id": "id",
    "generated": "generated",
    "required": "required",
    "nullable": "nullable",
    "default": "default",
    "defaultFn": "default_fn",
    "index": "index",
    "unique": "unique",
    "length": "length",
    "limit": "length",
    "maxLength": "max_length",
    "minLength": "min_length",
    "precision": "precision",
    "scale": "scale",
    "bits": "bits",
    "pattern": "pattern",
    "min": "min",
    "max": "max",
    "enum": "enum",
    "trim": "trim",
    "lowercase": "lowercase",
    "uppercase": "uppercase",
    "format": "format",
    "doc": "doc",
    "description": "doc",
    "hidden": "hidden",
    "protected": "protected",
    "columnName": "storage_name",
    "collation": "collation",
    "attribute": "attribute",
}

#: Options of LoopBack that are kept for later layers and change nothing here.
PROPERTY_KEPT = frozenset(
    {
        "applyDefaultOnWrites", "comments", "display", "example", "http", "itemType", "jsonSchema",
        "persistDefaultValues", "persistUndefinedAsNull", "root", "title", "updateOnly",
        "useDefaultIdType",
    }
)  # fmt: skip

#: Model settings that have a place of their own in a definition.
MODEL = frozenset(
    {
        "abstract", "base", "description", "doc", "hidden", "hiddenProperties", "idInjection",
        "indexes", "key", "managed", "name", "options", "properties", "protected",
        "protectedProperties", "relations", "settings", "strict", "super", "tableName", "typed",
        "versioned", "view", "writes",
    }
)  # fmt: skip

#: Settings of LoopBack that are kept in ``definition.settings``.
MODEL_KEPT = frozenset(
    {
        "acls", "allowEternalTokens", "anonymous", "automaticValidation", "cacheTTL",
        "caseSensitiveEmail", "configurableHooks", "configureModelMerge", "crossDependencies",
        "defaultPermission", "emailVerificationRequired", "excludeBaseProperties", "forceId",
        "http", "injectOptionsFromRemoteContext", "maxDepthOfData", "maxDepthOfQuery", "maxTTL",
        "methods", "mixins", "models", "parentRef", "persistUndefinedAsNull", "plural",
        "pluralModelName", "prohibitHiddenPropertiesInQuery", "public", "realmDelimiter",
        "realmRequired", "remoting", "replaceOnPUT", "restrictResetPasswordTokenScope",
        "saltWorkFactor", "scope", "scopes", "strictDelete", "strictEmbeddedModels",
        "strictObjectIDCoercion", "trackChanges", "ttl", "updateOnLoad", "validateUpsert",
        "validations",
    }
)  # fmt: skip

#: Names under which LoopBack documents carry a connector's options.
CONNECTORS = frozenset(
    {
        "cassandra", "cloudant", "couchdb", "couchdb2", "dashdb", "db2", "elasticsearch", "es",
        "informix", "kv-redis", "memory", "mongodb", "mssql", "mysql", "oracle", "postgresql",
        "redis", "rest", "soap", "sqlite", "sqlite3", "transient",
    }
)  # fmt: skip

_OURS = frozenset(PROPERTY) | PROPERTY_KEPT | MODEL | MODEL_KEPT | frozenset(PROPERTY.values())


def is_connector_name(word: str) -> bool:
    """Whether a mapping under this word is a connector's: a known one, or near no word of ours."""
    if word in CONNECTORS:
        return True
    return word not in _OURS and not get_close_matches(word, _OURS, n=1, cutoff=0.8)
