"""Writing definitions as LDL documents, so that reading them gives the same definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from juggler.model import naming
from juggler.model.ldl import words as ldl_words
from juggler.model.types_of import NAMES
from juggler.query import Condition, parse_where
from juggler.query.unparse import where_to_dict
from juggler.values.jsonable import to_jsonable
from juggler.values.missing import MISSING
from juggler.values.types import TypeKind

if TYPE_CHECKING:
    from juggler.model.definition import ModelDefinition, PropertyDef
    from juggler.spec import IndexSpec
    from juggler.values.types import TypeSpec

#: Canonical options → LDL's words (the first spelling of each).
_WORDS = {
    canonical: word
    for word, canonical in reversed(ldl_words.PROPERTY.items())
    if word not in {"limit", "description"}
}
#: Kinds that LDL spells otherwise than their names.
_KINDS = {TypeKind.FLOAT: "double", TypeKind.DATETIME: "date"}


_FLAGS = {"managed": True, "versioned": False, "abstract": False, "typed": False, "writes": None}


def to_ldl(definition: ModelDefinition) -> dict[str, Any]:
    """The LDL document of a definition: name, base, description, properties, relations, options.

    It is JSON-able.  A function (a default's, a scope's) that is no built-in one is written as its
    name, and reading such a document is refused.
    """
    document: dict[str, Any] = {"name": definition.name}
    if definition.base is not None:
        document["base"] = definition.base
    if definition.doc:
        document["description"] = definition.doc
    document["properties"] = {
        p.name: _property(p, definition) for p in definition.properties.values() if not p.injected
    }
    if definition.relations:
        document["relations"] = to_jsonable({k: dict(v) for k, v in definition.relations.items()})
    options = _options(definition)
    if options:
        document["options"] = options
    return document


def _options(definition: ModelDefinition) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if definition.storage_name is not None:
        found["tableName"] = definition.storage_name
    if definition.strict_filter:
        found["strict"] = "filter"
    elif definition.open is not None:
        found["strict"] = not definition.open
    if definition.key is not None and definition.key.clustering and definition.view is None:
        found["key"] = _key(definition.key)
    if definition.key is None and not definition.abstract:
        found["idInjection"] = False
    if definition.indexes:
        found["indexes"] = {index.name: _index(index) for index in definition.indexes}
    if definition.view is not None:
        view = definition.view
        found["view"] = {"of": view.of, **_key(view.key), "fields": list(view.fields)}
    found |= {
        word: getattr(definition, word)
        for word, default in _FLAGS.items()
        if getattr(definition, word) != default
    }
    if definition.base is not None:  # which may be versioned
        found["versioned"] = definition.versioned
    rest = {**definition.settings, **definition.hints, **definition.extra}
    return {**found, **to_jsonable({k: plain_data(v) for k, v in rest.items()})}


def _key(key: Any) -> dict[str, Any]:
    return {
        "partition": list(key.partition),
        "clustering": [f"-{name}" if way == "desc" else name for name, way in key.clustering],
    }


def _index(index: IndexSpec) -> dict[str, Any]:
    options = {**index.options, **({"unique": True} if index.unique else {})}
    keys = {name: -1 if way == "desc" else 1 for name, way in index.keys}
    return {"keys": keys, **({"options": to_jsonable(options)} if options else {})}


def plain_data(value: Any) -> Any:
    """Mappings as dicts, all through, so that they are JSON-able."""
    if isinstance(value, Mapping):
        return {k: plain_data(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(v) for v in value]
    if isinstance(value, Condition):
        return {"where": where_to_dict(parse_where(value))}
    if hasattr(value, "__definition__"):
        return value.__definition__.name
    if hasattr(value, "to_dict"):  # a query as a scope
        return value.to_dict()
    return function_name(value) if callable(value) else value


# ---------------------------------------------------------------- properties


def _property(prop: PropertyDef, owner: ModelDefinition) -> Any:
    """The property: its type alone where that says everything."""
    options = _property_options(prop, owner)
    type_ = _type(prop)
    if not options and not isinstance(type_, dict):
        return type_
    return {"type": type_, **options}


#: Attributes of a property → LDL's words, with the value that goes without saying.
_SAID = (
    ("generated", "generated", False),
    ("required", "required", False),
    ("nullable", "nullable", True),
    ("unique", "unique", False),
    ("hidden", "hidden", False),
    ("protected", "protected", False),
    ("default", "default", MISSING),
    ("index", "index", False),
    ("storage_name", "columnName", None),
    ("collation", "collation", "codepoint"),
    ("doc", "doc", ""),
)


def _property_options(prop: PropertyDef, owner: ModelDefinition) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if prop.id and not (owner.key is not None and owner.key.clustering) and owner.view is None:
        found["id"] = prop.id if len(owner.ids) > 1 else True
    for name, word, unsaid in _SAID:
        value = getattr(prop, name)
        if value is not unsaid and value != unsaid:
            found[word] = to_jsonable(plain_data(value))
    if prop.default_fn is not None:
        found["defaultFn"] = function_name(prop.default_fn)
    if prop.attribute != naming.attribute_of(prop.name):
        found["attribute"] = prop.attribute
    found |= _sizes(prop.type)
    found |= {_WORDS[word]: to_jsonable(plain_data(value)) for word, value in prop.rules.items()}
    found |= dict(prop.conversions)
    return {**found, **to_jsonable(plain_data({**prop.hints, **prop.extra}))}


def _sizes(spec: TypeSpec) -> dict[str, Any]:
    """The parameters of a type that are options in LDL."""
    if spec.kind is TypeKind.VECTOR:
        return {}
    words = ("length", "precision", "scale", "bits")
    return {word: value for word in words if (value := getattr(spec, word)) is not None}


def function_name(function: Any) -> str:
    """The LDL name of a default function."""
    if isinstance(function, str):
        return function
    return f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', 'function')}"


def _type(prop: PropertyDef) -> Any:
    return type_form(prop.type, prop.model, prop.nested)


def type_form(spec: TypeSpec, model: str, nested: ModelDefinition | None) -> Any:
    """A type in LDL: a name, a list of one type, or the properties of a nested model."""
    if spec.kind is TypeKind.ARRAY and spec.of is not None:
        inner = type_form(spec.of, model, nested)
        options = {_WORDS[k]: to_jsonable(_listed(v)) for k, v in spec.options}
        bare = not options and not isinstance(inner, dict)
        return [inner] if bare else [{"type": inner, **options}]
    if spec.kind is TypeKind.EMBEDDED and nested is not None:
        return {p.name: _property(p, nested) for p in nested.properties.values()} or "object"
    return type_text(spec, model)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple | set | frozenset) else value


def type_text(spec: TypeSpec, model: str = "") -> str:
    """A type as text: ``map<string, [Address]>`` is no LDL, ``map<string, list<Address>>`` is."""
    inner = type_text(spec.of, model) if spec.of is not None else ""
    match spec.kind:
        case TypeKind.EMBEDDED:
            return model_text(model)
        case TypeKind.ARRAY:
            return f"list<{inner}>"
        case TypeKind.SET:
            return f"set<{inner}>"
        case TypeKind.MAP:
            return f"map<{type_text(spec.key) if spec.key else 'string'}, {inner}>"
        case TypeKind.TUPLE:
            return f"tuple<{', '.join(type_text(item) for item in spec.items)}>"
        case TypeKind.VECTOR:
            return f"vector<{inner}, {spec.length}>"
        case kind:
            return _KINDS.get(kind, str(kind))


def model_text(name: str) -> str:
    """A model's name as a type; one that reads as another type is marked."""
    plain = name.strip().lower() not in NAMES and not any(c in name for c in "<>,:")
    return name if plain else f"model:{name}"
