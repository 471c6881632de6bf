"""Writing definitions as the source of typed classes (``juggler ldl MODEL --python``)."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from juggler.model import naming
from juggler.model.definition import ModelDefinition, PropertyDef
from juggler.model.ldl.reading import definition_from_ldl, document_parts
from juggler.model.ldl.writing import plain_data
from juggler.model.typed_source_values import Imports, annotation, call, literal, options_of

if TYPE_CHECKING:
    from juggler.spec import KeySpec

Document = Mapping[str, Any]
_WIDTH = 100
_RELATION_WORDS = {"foreignKey": "key", "keyThrough": "key_through", "onDelete": "on_delete"}
_RELATION_NAMES = {
    "hasMany": ("HasMany", "has_many"),
    "hasOne": ("HasOne", "has_one"),
    "belongsTo": ("BelongsTo", "belongs_to"),
    "hasAndBelongsToMany": ("HasAndBelongsToMany", "has_and_belongs_to_many"),
    "embedsOne": ("EmbedsOne", "embeds_one"),
    "embedsMany": ("EmbedsMany", "embeds_many"),
    "referencesMany": ("ReferencesMany", "references_many"),
}
_DEFAULTS = {"managed": True, "versioned": False, "abstract": False, "writes": None}
#: What the lines of a class use: an attribute of such a name would hide it from those below.
_TAKEN = frozenset({
    "Any", "Annotated", "Decimal", "GeoPoint", "Key", "Model", "Prop", "UUID", "View", "bool",
    "bytes", "dict", "dt", "float", "frozenset", "int", "list", "now", "object", "prop", "set",
    "str", "tuple", "uuid4", *(name for names in _RELATION_NAMES.values() for name in names),
})  # fmt: skip
_KEPT = "    # kept from LDL, without an effect here: "


def python_source(documents: Sequence[Document | ModelDefinition]) -> str:
    """The source of a module with one typed class per definition.

    Args:
        documents: LDL documents or definitions, in any order; a base comes before its models.

    Raises:
        ConfigurationError: a document is no definition.
    """
    definitions = [_definition(document) for document in documents]
    module = _Module({d.name: d for d in definitions})
    for definition in definitions:
        module.write(definition)
    return module.text()


def _definition(document: Document | ModelDefinition) -> ModelDefinition:
    if isinstance(document, ModelDefinition):
        return document
    name, properties, settings = document_parts(document)
    return definition_from_ldl(name or "Model1", properties, settings)


@define
class _Module:
    """The module being written."""

    definitions: Mapping[str, ModelDefinition]
    imports: Imports = field(factory=Imports)
    classes: dict[str, str] = field(factory=dict)
    open: set[str] = field(factory=set)

    def text(self) -> str:
        """The whole module."""
        head = '"""Models."""\n\nfrom __future__ import annotations\n'
        parts = [f"{head}\n{self.imports.text()}".rstrip(), *self.classes.values()]
        return "\n\n\n".join(parts) + "\n"

    def write(self, definition: ModelDefinition) -> None:
        """Add the class of a definition; its base and what is nested in it come before it."""
        name = _class(definition.name)
        if name in self.classes or name in self.open:
            return
        self.open.add(name)  # a circle of bases ends here
        base = self.definitions.get(definition.base or "")
        if base is not None:
            self.write(base)
        if definition.view is not None and definition.view.of in self.definitions:
            self.write(self.definitions[definition.view.of])
        lines = self.body(definition, base)
        self.classes[name] = "\n".join([self.head(name, definition, base), *lines])

    # ------------------------------------------------------------ the class statement

    def head(self, name: str, definition: ModelDefinition, base: ModelDefinition | None) -> str:
        """``class User(Model, table_name="users"):``."""
        if definition.view is not None:
            parent = self.imports.juggler("View")
        elif base is not None:
            parent = _class(base.name)
        else:
            parent = self.imports.juggler("Model")
        arguments = [parent, *self.keywords(name, definition)]
        line = f"class {name}({', '.join(arguments)}):"
        if len(line) <= _WIDTH:
            return line
        return "\n".join([f"class {name}(", *(f"    {a}," for a in arguments), "):"])

    def keywords(self, name: str, definition: ModelDefinition) -> list[str]:
        """The class's keywords."""
        given: dict[str, Any] = {}
        if definition.name != name:
            given["name"] = definition.name
        if definition.storage_name is not None:
            given["table_name"] = definition.storage_name
        if definition.strict_filter:
            given["strict"] = "filter"
        elif definition.open:
            given["strict"] = False
        if definition.indexes:
            given["indexes"] = {i.name: _index(i) for i in definition.indexes}
        given |= {
            word: getattr(definition, word)
            for word, default in _DEFAULTS.items()
            if getattr(definition, word) != default
        }
        if definition.key is None and not definition.abstract:
            given["id_injection"] = False
        if definition.settings:
            plain, _ = _functions_apart(definition.settings)
            if plain:
                given["settings"] = plain
        texts = [f"{word}={literal(value)}" for word, value in given.items()]
        return [*self.keys(definition), *texts, *call(definition.hints)]

    def keys(self, definition: ModelDefinition) -> list[str]:
        """``of``, ``key`` and ``fields``."""
        view, key = definition.view, definition.key
        if view is not None:
            known = view.of in self.definitions
            of = _class(view.of) if known else literal(view.of)
            fields = [f"fields={literal(view.fields)}"] if view.fields else []
            return [f"of={of}", self.key(view.key), *fields]
        return [self.key(key)] if key is not None and key.clustering else []

    def key(self, key: KeySpec) -> str:
        """``key=Key(partition=…, clustering=…)``."""
        clustering = tuple(f"-{n}" if way == "desc" else n for n, way in key.clustering)
        more = f", clustering={literal(clustering)}" if clustering else ""
        return f"key={self.imports.juggler('Key')}(partition={literal(key.partition)}{more})"

    # ------------------------------------------------------------ the body

    def body(self, definition: ModelDefinition, base: ModelDefinition | None) -> list[str]:
        """Docstring, properties, relations."""
        inherited = base.properties if base is not None else {}
        _, functions = _functions_apart(definition.settings)
        lines = [f"    # {path} is a function: write it as {path}=… above" for path in functions]
        for prop in definition.properties.values():
            if definition.view is None and inherited.get(prop.name) != prop:
                lines += self.property(definition, prop)
        for name, relation in definition.relations.items():
            if base is None or base.relations.get(name) != relation:
                lines.append(self.relation(name, relation, definition))
        if definition.extra:
            lines.append(f"{_KEPT}{dict(definition.extra)!r}")
        empty = all(line.lstrip().startswith("#") for line in lines)
        doc = definition.doc or (f"{definition.name}." if empty else "")
        return [*([f"    {_docstring(doc)}", ""] if doc else []), *lines][: None if lines else 1]

    def property(self, owner: ModelDefinition, prop: PropertyDef) -> list[str]:
        """One property's lines."""
        attribute = _attribute(prop.attribute)
        embedded = prop.model
        if prop.nested is not None:
            embedded = f"{naming.class_name(owner.name)}_{naming.class_name(prop.name)}"
            self.write(prop.nested.evolve(name=embedded))
        in_key = owner.key is not None and bool(owner.key.clustering)
        if in_key and owner.key is not None and prop.name in owner.key.names:
            prop = evolve(prop, nullable=False)  # a part of the key is always there
        options = options_of(prop, self.imports, attribute, in_key=in_key)
        inner = annotation(prop, _class(embedded), self.imports)
        start = f"    {attribute}: {self.imports.juggler('Prop')}[{inner}]"
        lines = [start]
        if options:
            start += f" = {self.imports.juggler('prop')}("
            lines = [f"{start}{', '.join(options)})"]
            if len(lines[0]) > _WIDTH:
                lines = [start, *(f"        {option}," for option in options), "    )"]
        return [*([f"{_KEPT}{dict(prop.extra)!r}"] if prop.extra else []), *lines]

    def relation(self, name: str, relation: Mapping[str, Any], definition: ModelDefinition) -> str:
        """One relation's line."""
        kind, function = _RELATION_NAMES.get(str(relation.get("type")), ("", ""))
        if not kind or not name.isidentifier():
            return f"    # relation {name!r}: {dict(relation)!r}"
        target = _class(str(relation["model"])) if relation.get("model") else "Model"
        options = {
            _RELATION_WORDS.get(word, word): value
            for word, value in relation.items()
            if word not in {"type", "model"} and value not in ("", None)
        }
        if relation.get("polymorphic"):
            options["polymorphic"] = self.polymorphic(name, relation, definition)
        arguments = ", ".join(call(options))
        annotated = f"{self.imports.juggler(kind)}[{target}]"
        return f"    {name}: {annotated} = {self.imports.juggler(function)}({arguments})"

    def polymorphic(
        self, name: str, relation: Mapping[str, Any], definition: ModelDefinition
    ) -> Any:
        """The word ``polymorphic``, with keys that a typed class would call otherwise."""
        said = relation["polymorphic"]
        holder: ModelDefinition | None = definition
        if relation["type"] != "belongsTo":
            holder = self.definitions.get(relation.get("through") or relation["model"])
        if holder is None or holder.typed:
            return said
        given = said if isinstance(said, Mapping) else {}
        selector = said if isinstance(said, str) else given.get("selector") or given.get("as")
        base = str(selector or name)
        keys = {"foreignKey": f"{base}Id", "discriminator": f"{base}Type"}
        return {
            **({"selector": base} if selector else {}),
            **{word: key for word, key in keys.items() if key in holder.properties},
            **given,
        } or said


def _functions_apart(settings: Any) -> tuple[dict[str, Any], list[str]]:
    """Settings as plain data, and the paths of the functions in them."""
    found: dict[str, Any] = {}
    functions: list[str] = []
    for word, value in settings.items():
        inner = value if isinstance(value, Mapping) else {}
        named = [k for k, v in inner.items() if _is_function(v)]
        functions += [word] if _is_function(value) else [f"{word}.{k}" for k in named]
        if not _is_function(value):
            kept = {k: v for k, v in inner.items() if k not in named}
            found[word] = plain_data(kept if named else value)
    return found, functions


def _is_function(value: Any) -> bool:
    return callable(value) and not any(hasattr(value, a) for a in ("__definition__", "to_dict"))


def _index(index: Any) -> dict[str, Any]:
    return {
        "keys": {n: -1 if way == "desc" else 1 for n, way in index.keys},
        **({"options": dict(index.options)} if index.options else {}),
        **({"unique": True} if index.unique else {}),
    }


def _attribute(attribute: str) -> str:
    """An attribute that a class body can have."""
    if attribute in _TAKEN:
        return f"{attribute}_"
    if naming.is_plain(attribute):
        return attribute
    text = naming.class_name(attribute).removeprefix("Model_").strip("_")
    return naming.attribute_of(text) if naming.is_plain(text) else f"value_{text}"


def _class(name: Any) -> str:
    """The name of a model's class."""
    found = naming.class_name(name)
    return f"{found}_" if found in _TAKEN else found


def _docstring(doc: str) -> str:
    text = textwrap.shorten(doc, _WIDTH - 12, placeholder="…")
    return '"""' + text.replace("\\", "\\\\").replace('"', "'") + '"""'
