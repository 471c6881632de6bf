"""A typed class's body as a definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from juggler.errors import ConfigurationError, did_you_mean
from juggler.model import annotated, naming, types_of
from juggler.model.definition import ModelDefinition, PropertyDef
from juggler.model.indexes import parse_indexes
from juggler.model.keys import resolve_key
from juggler.model.ldl.words import MODEL_KEPT
from juggler.model.merging import excluded, merge
from juggler.model.properties import make_property
from juggler.model.related import RelationSpec
from juggler.model.typed import PropSpec, is_hint
from juggler.model.views import parse_view, view_properties
from juggler.values.types import ANY

if TYPE_CHECKING:
    from juggler.model.annotated import Scope
    from juggler.spec import KeySpec, ViewSpec

#: Class keywords, and what each takes.
KEYWORDS = {
    "name": "the model's name",
    "table_name": "its name in stores",
    "strict": "True, False or 'filter'",
    "indexes": "indexes by name",
    "key": "Key(partition=…, clustering=…)",
    "versioned": "True or False",
    "writes": "'safe' or 'blind'",
    "managed": "True or False",
    "abstract": "True or False",
    "mixins": "a list of models",
    "id_injection": "True or False",
    "scope": "a filter, or a function that gives one",
    "scopes": "a mapping of names to filters or functions",
    "settings": "a mapping of LoopBack's other settings",
    "of": "the base model of a view",
    "fields": "the properties of a view",
}
_FLAGS = ("versioned", "managed", "abstract", "id_injection")


@define
class Body:
    """What a class statement holds for a definition.

    Attributes:
        name: of the class.
        namespace: of its body; declarations are taken out of it.
        keywords: of the class statement.
        scope: names for its annotations.
        bases: definitions of its model base and mixins, nearest first.
    """

    name: str
    namespace: dict[str, Any]
    keywords: Mapping[str, Any]
    scope: Scope
    base: ModelDefinition | None = None
    mixins: tuple[ModelDefinition, ...] = ()
    properties: dict[str, PropertyDef] = field(factory=dict)
    relations: dict[str, dict[str, Any]] = field(factory=dict)


def declared(body: Body) -> ModelDefinition:
    """The definition of a typed class.

    Raises:
        ConfigurationError: every mistake, with its fix.
    """
    keywords, hints = _keywords(body)
    _members(body)
    base = body.base
    properties: dict[str, PropertyDef] = {}
    relations: dict[str, Mapping[str, Any]] = {}
    for parent in (*body.mixins[::-1], *([base] if base else [])):
        properties |= {
            k: p for k, p in parent.properties.items() if not (p.injected and parent is not base)
        }
        relations |= parent.relations
    for name in excluded(body.name, body.keywords.get("settings"), base):
        del properties[name]
    view = parse_view(body.name, keywords) if keywords.get("of") is not None else None
    if view is None:
        properties, key = _with_key(body, properties, keywords)
    else:
        properties, key, view = _of_view(body, view, keywords["of"])
    strict = keywords.get("strict")
    open_ = (base.open if base is not None and strict is None else strict is False) or False
    return ModelDefinition(
        name=naming.check_model(keywords.get("name", body.name)),
        properties=properties,
        key=key,
        storage_name=keywords.get("table_name"),
        open=open_,
        strict_filter=strict == "filter"
        or (strict is None and base is not None and base.strict_filter),
        indexes=_merged_indexes(body, keywords, properties, is_open=open_),
        view=view,
        managed=keywords.get("managed", True),
        versioned=keywords.get("versioned", base.versioned if base else False),
        writes=keywords.get("writes", base.writes if base else None),
        abstract=keywords.get("abstract", False),
        base=base.name if base is not None and not base.abstract else None,
        relations={**relations, **body.relations},
        settings=_settings(body, keywords),
        hints=_merge_hints(base.hints if base else {}, hints),
        typed=True,
        doc=_first_line(body.namespace.get("__doc__")),
    )


def _with_key(
    body: Body, inherited: dict[str, PropertyDef], keywords: Mapping[str, Any]
) -> tuple[dict[str, PropertyDef], KeySpec | None]:
    """Inherited and own properties, and the key: the model's own, else the base's."""
    key = keywords.get("key")
    own_key = key is not None or any(p.id for p in body.properties.values())
    if own_key:
        inherited = {k: p.evolve(id=0) for k, p in inherited.items() if not p.injected}
    properties = {**inherited, **body.properties}
    base_key = body.base.key if body.base is not None else None
    if not own_key and base_key is not None and base_key.clustering:
        return properties, base_key
    inject = keywords.get("id_injection", True) and not keywords.get("abstract", False)
    return resolve_key(body.name, properties, key=key, inject=inject)


def _of_view(
    body: Body, view: ViewSpec, of: Any
) -> tuple[dict[str, PropertyDef], KeySpec, ViewSpec]:
    """Properties of a view: its base's, under the attributes that the body gives them."""
    base = getattr(of, "__definition__", None)
    if base is None:
        return dict(body.properties), view.key, view
    properties, view = view_properties(view, base, body.name)
    strange = body.properties.keys() - properties.keys()
    if strange:
        raise ConfigurationError(
            f"the view {body.name} declares {min(strange)!r}, which it does not select",
            code="bad-view",
            hint=f"add it to fields, if {base.name} has it",
        )
    for name, own in body.properties.items():
        properties[name] = properties[name].evolve(attribute=own.attribute)
    return properties, view.key, view


def _first_line(doc: Any) -> str:
    return doc.strip().partition("\n")[0].strip() if isinstance(doc, str) else ""


def _merged_indexes(
    body: Body, keywords: Mapping[str, Any], properties: Mapping[str, PropertyDef], *, is_open: bool
) -> Any:
    own = parse_indexes(body.name, keywords.get("indexes"), properties, is_open=is_open)
    inherited = body.base.indexes if body.base else ()
    names = {index.name for index in own}
    return (*(i for i in inherited if i.name not in names), *own)


def _merge_hints(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    return {k: {**base.get(k, {}), **own.get(k, {})} for k in {**base, **own}}


def _settings(body: Body, keywords: Mapping[str, Any]) -> dict[str, Any]:
    given = keywords.get("settings") or {}
    for word in given:
        if word not in MODEL_KEPT:
            raise ConfigurationError(
                f"{body.name}: there is no setting {word!r}", code="unknown-option",
                hint=did_you_mean(str(word), MODEL_KEPT),
            )  # fmt: skip
    inherited = body.base.settings if body.base else {}
    own = {**given, **{k: keywords[k] for k in ("scope", "scopes") if k in keywords}}
    return merge(body.name, inherited, own)


def _keywords(body: Body) -> tuple[dict[str, Any], dict[str, Any]]:
    """Class keywords and connector hints."""
    known: dict[str, Any] = {}
    hints: dict[str, Any] = {}
    for word, value in body.keywords.items():
        if word in KEYWORDS:
            known[word] = _checked(body.name, word, value)
        elif is_hint(word, value):
            hints[word] = dict(value)
        else:
            raise ConfigurationError(
                f"class {body.name} has an unknown keyword {word!r}",
                code="unknown-option",
                hint=f"{did_you_mean(word, KEYWORDS)}; a connector's options are a mapping",
            )
    return known, hints


def _checked(model: str, word: str, value: Any) -> Any:
    fits = True
    if word in _FLAGS:
        fits = isinstance(value, bool)
    elif word == "strict":
        fits = isinstance(value, bool) or value in {"filter", "throw", "validate"}
    elif word == "writes":
        fits = value in {None, "safe", "blind"}
    elif word in {"settings", "indexes", "scopes"}:
        fits = value is None or isinstance(value, Mapping)
    elif word == "table_name":
        fits = value is None or (isinstance(value, str) and bool(value))
    if not fits:
        raise ConfigurationError(
            f"class {model}: {word}={value!r:.60}",
            code="bad-option",
            hint=f"{word} is {KEYWORDS[word]}",
        )
    return value


# ---------------------------------------------------------------- members


def _members(body: Body) -> None:
    """Properties and relations out of the class body."""
    namespace = body.namespace
    annotations = namespace.get("__annotations__", {})
    for name, annotation in annotations.items():
        where = f"{body.name}.{name}"
        found = annotated.evaluate(annotation, body.scope, where)
        value = namespace.get(name, None)
        if annotated.is_class_var(found):
            continue
        relation = annotated.relation_of(found)
        if relation is not None:
            namespace.pop(name, None)
            body.relations[name] = _relation(name, where, relation, value)
        elif annotated.is_property(found) or not name.startswith("_"):
            _property(body, name, found, where)
    for name, value in namespace.items():
        if isinstance(value, PropSpec | RelationSpec):
            kind = "Prop[…]"
            if isinstance(value, RelationSpec):
                kind = f"{value.kind[:1].upper()}{value.kind[1:]}[…]"
            raise ConfigurationError(
                f"{body.name}.{name} has no annotation",
                code="no-annotation",
                hint=f"{name}: {kind} = …",
            )


def _property(body: Body, attribute: str, annotation: Any, where: str) -> None:
    given = body.namespace.pop(attribute, PropSpec())
    if isinstance(given, RelationSpec):
        raise ConfigurationError(
            f"{where} is a relation with the annotation of a property",
            code="bad-annotation",
            hint=f"{attribute}: {given.kind[:1].upper()}{given.kind[1:]}[…] = …",
        )
    spec = given if isinstance(given, PropSpec) else _plain_default(given, where)
    name = naming.check_property(spec.name or attribute, body.name)
    if naming.is_reserved(attribute):
        raise ConfigurationError(
            f"{where} is a name that the API needs",
            code="reserved-name",
            hint=f'{attribute}_: {_shown(annotation)} = prop(name="{attribute}")',
        )
    inner = annotation.__args__[0] if annotated.is_property(annotation) else annotation
    ref = annotated.type_ref(inner, where, body.scope)
    if spec.type is not None:
        ref = evolve(types_of.named(spec.type), nullable=ref.nullable)
    nullable = ref.nullable or ref.type == ANY  # Any is None, too
    options = {"nullable": nullable, **spec.options, "attribute": attribute}
    if name in body.properties:
        raise ConfigurationError(
            f"{body.name} has the property {name!r} twice", code="property-name"
        )
    body.properties[name] = make_property(name, ref, options, model=body.name, hints=spec.hints)


def _plain_default(value: Any, where: str) -> PropSpec:
    if callable(value) or isinstance(value, classmethod | staticmethod | property):
        raise ConfigurationError(
            f"{where} is a property and a method",
            code="property-name",
            hint="rename one of them; a function as default is prop(default_factory=…)",
        )
    return PropSpec({"default": value})


def _shown(annotation: Any) -> str:
    if annotated.is_property(annotation):
        inner = annotation.__args__[0]
        return f"Prop[{getattr(inner, '__name__', inner)}]"
    return str(getattr(annotation, "__name__", annotation))


def _relation(name: str, where: str, found: tuple[str, str], value: Any) -> dict[str, Any]:
    kind, target = found
    if value is not None and not isinstance(value, RelationSpec):
        raise ConfigurationError(f"{where} is no relation: {value!r:.60}", code="bad-annotation")
    if value is not None and value.kind != kind:
        raise ConfigurationError(
            f"{where} is annotated as {kind} and declared as {value.kind}",
            code="bad-annotation",
            hint="annotation and function go together: BelongsTo[…] = belongs_to()",
        )
    from juggler.model.relations.kinds import checked  # noqa: PLC0415 - loads with relations

    options = value.options if value else {}
    model = where.rpartition(".")[0]
    if kind == "belongsTo" and options.get("polymorphic"):
        return checked(model, name, {"type": kind, **options})
    return checked(model, name, {"type": kind, "model": target, **options})
