"""The properties that relations stand on: inferred, checked, and added to dictionary models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.errors import ConfigurationError, did_you_mean
from juggler.model.definition import PropertyDef
from juggler.model.keys import resolve_key
from juggler.model.making import add_definitions
from juggler.model.relations.words import camel, joined, key_names, list_name, plural, snake
from juggler.model.types_of import EMBEDDED
from juggler.model.types_of import named as type_named
from juggler.values.types import ANY, STRING, TypeKind, TypeSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.spec import KeySpec

Names = tuple[str, ...]


@frozen
class Polymorphic:
    """How a polymorphic relation is stored: the key's and the type's property.

    Through a joining model, ``invert`` says that they name the model on the other side.
    """

    key: str
    discriminator: str
    id_type: Any = None
    invert: bool = False


def polymorphic(given: Any, holder: Any, *, default: str) -> Polymorphic:
    """The properties of a polymorphic relation in the model that holds them."""
    said: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    selector = given if isinstance(given, str) else said.get("selector") or said.get("as")
    base = str(selector or default)
    typed = holder.__definition__.typed
    return Polymorphic(
        said.get("foreignKey") or joined((base, "id"), typed=typed),
        said.get("discriminator") or joined((base, "type"), typed=typed),
        said.get("idType"),
        bool(said.get("invert")),
    )


def id_type(poly: Polymorphic) -> TypeSpec:
    """The type of a polymorphic key: as said, else any."""
    return ANY if poly.id_type is None else type_named(poly.id_type).type


def listed(given: Any) -> Names:
    """One name or several."""
    if not given:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)


def named(given: Mapping[str, Any]) -> Names:
    """The foreign key that a definition names."""
    return listed(given.get("foreignKey"))


def primary(model: Any) -> Names:
    """The key of a model.

    Raises:
        ConfigurationError: ``no-key``.
    """
    names: Names = model.__definition__.ids
    if not names:
        raise ConfigurationError(
            f"the model {model.__name__} has no key to refer to",
            code="no-key",
            hint="give it one, or name a property of it: primaryKey='code'",
            model=model.__name__,
        )
    return names


def referred(model: Any, given: Mapping[str, Any], *, where: str) -> Names:
    """The properties that a foreign key refers to: ``primaryKey``, else the key."""
    said = listed(given.get("primaryKey"))
    for name in said:
        _have(model, name, where)
    return said or primary(model)


def types(model: Any, names: Sequence[str]) -> tuple[TypeSpec, ...]:
    """The types of properties."""
    properties = model.__definition__.properties
    return tuple(properties[name].type for name in names)


def inferred(holder: Any, other: Any, parts: Names) -> tuple[Names, Names]:
    """Names of a foreign key to a model, in the holder's way first."""
    typed = holder.__definition__.typed
    base = other.__definition__.name
    return key_names(base, parts, typed=typed), key_names(base, parts, typed=not typed)


def foreign(
    holder: Any,
    owner: Any,
    given: Mapping[str, Any],
    name_of: Any,
    refers: Names,
    *,
    relation: str,
    taken: Names = (),
) -> Names:
    """The foreign key in ``holder`` to ``owner``: named, inferred, or added.

    Args:
        holder: the model that has it.
        owner: the model that it refers to.
        given: a definition that may name it.
        name_of: the model after which an inferred key is named.
        refers: the properties that it refers to.
        relation: the relation's name, for errors.
        taken: properties that are another key already.
    """
    said = named(given)
    if not said:
        ways = inferred(holder, name_of, refers)
        said = next((way for way in ways if _has_all(holder, way) and way != taken), ())
        said = said or _inverse(holder, owner, taken) or ways[0]
    if said == taken:
        raise ConfigurationError(
            f"{owner.__name__}.{relation}: both keys in {holder.__name__} would be {said[0]!r}",
            code="bad-key",
            hint="name them: foreignKey='followerId', keyThrough='followedId'",
            model=owner.__name__,
        )
    ensure(holder, said, types(owner, refers), of=owner, relation=relation)
    return said


def shared(
    holder: Any,
    owner: Any,
    given: Mapping[str, Any],
    poly: Polymorphic,
    refers: Names,
    *,
    relation: str,
) -> Names:
    """The foreign key of a polymorphic relation in ``holder``, beside the type of its owner."""
    said = named(given) or (poly.key,)
    ensure(holder, said, types(owner, refers), of=owner, relation=relation, shared=True)
    ensure_type(holder, poly.discriminator, relation=relation)
    return said


def belonging(
    model: Any, relation: str, target: Any, given: Mapping[str, Any], refers: Names
) -> Names:
    """The foreign key of a belongsTo: named, after the relation, or added."""
    said = named(given)
    if not said:
        typed = model.__definition__.typed
        ways = (
            key_names(relation, refers, typed=typed),
            key_names(relation, refers, typed=not typed),
        )
        said = next((way for way in ways if _has_all(model, way)), ways[0])
    ensure(model, said, types(target, refers), of=target, relation=relation)
    return said


def list_of(model: Any, relation: str, target: Any, given: Mapping[str, Any], refers: Names) -> str:
    """The property that lists the keys of a referencesMany."""
    said = named(given)
    typed = model.__definition__.typed
    bases = (target.__definition__.name, relation)
    ways = [list_name(base, typed=way) for way in (typed, not typed) for base in bases]
    held = said[0] if said else next((w for w in ways if _has_all(model, (w,))), ways[0])
    several = len(refers) > 1  # then each is a mapping by property
    inner = TypeSpec(TypeKind.OBJECT) if several else types(target, refers)[0]
    ensure(model, (held,), (TypeSpec(TypeKind.ARRAY, of=inner),), of=target, relation=relation)
    kind = model.__definition__.properties[held].type.kind
    if kind not in {TypeKind.ARRAY, TypeKind.ANY}:
        raise ConfigurationError(
            f"{model.__name__}.{held} is no list", code="bad-key", hint=f"{held}: Prop[list[…]]"
        )
    return held


def embedding(
    model: Any, relation: str, target: Any, given: Mapping[str, Any], *, many: bool
) -> str:
    """The property that holds embedded values."""
    said = given.get("property")
    if not said:
        typed = model.__definition__.typed
        name = target.__definition__.name
        way = snake if typed else camel
        said = way(plural(name) if many else name)
        if said == relation:
            said = f"_{said}"
    form = EMBEDDED
    keyed = many or bool(given.get("options", {}).get("persistent"))
    if many:
        form = TypeSpec(TypeKind.ARRAY, of=form)
    if said not in model.__definition__.properties:
        _may_add(model, said, target, relation, shown=f"list[{target.__name__}]" if many else "")
        prop = PropertyDef(
            said, form, model=target.__definition__.name, target=target.__definition__,
            embeds=target, keyed=keyed, **_made(given, many=many),
        )  # fmt: skip
        add_definitions(model, {said: prop})
    elif given.get("default"):
        raise ConfigurationError(
            f"{model.__name__}.{relation}: the property {said!r} is declared by itself",
            code="bad-option",
            hint=f"give it the default there: {said} = prop(default_factory={target.__name__})",
            model=model.__name__,
        )
    elif keyed and not (prop := model.__definition__.properties[said]).keyed:
        add_definitions(model, {said: prop.evolve(keyed=True)})
    return str(said)


def _made(given: Mapping[str, Any], *, many: bool) -> dict[str, Any]:
    """What stands in the property of a new row, as an argument of its definition."""
    if many:
        omitted = given.get("options", {}).get("omitDefaultEmbeddedItem")
        return {} if omitted else {"default_fn": list}
    said = given.get("default")
    if not said:
        return {}
    if callable(said):
        return {"default_fn": said}
    return {"default": {} if said is True else dict(said)}


def ensure(
    holder: Any,
    names: Names,
    kinds: Sequence[TypeSpec],
    *,
    of: Any,
    relation: str,
    shared: bool = False,
) -> None:
    """See that a foreign key is there; dictionary models get what they lack.

    Args:
        holder: the model that has it.
        names: its properties.
        kinds: their types.
        of: the model that it refers to.
        relation: the relation's name, for errors.
        shared: whether keys of several models stand there (polymorphic): its type is left alone.

    Raises:
        ConfigurationError: ``missing-key`` with the line to add, for typed classes.
    """
    missing = {}
    for name, type_ in zip(names, kinds, strict=False):
        if name in holder.__definition__.properties:
            continue
        _may_add(holder, name, of, relation, type_=type_)
        missing[name] = PropertyDef(name, type_, index=type_.of is None)
    if missing:
        add_definitions(holder, missing)
        holder.__foreign__ = {**vars(holder).get("__foreign__", {}), **dict.fromkeys(missing, of)}
    if not shared:
        _retype(holder, names, kinds)


def ensure_type(holder: Any, name: str, *, relation: str) -> None:
    """See that the property for the name of the other model is there."""
    ensure(holder, (name,), (STRING,), of=None, relation=relation)


def _retype(holder: Any, names: Names, kinds: Sequence[TypeSpec]) -> None:
    """Give keys that were added the type of the key that they refer to, once a store decided it."""
    added = vars(holder).get("__foreign__", {})
    properties = holder.__definition__.properties
    changed = {
        name: properties[name].evolve(type=type_)
        for name, type_ in zip(names, kinds, strict=False)
        if name in added and properties[name].type != type_ and not properties[name].id
    }
    if changed:
        add_definitions(holder, changed)


def _may_add(
    holder: Any,
    name: str,
    of: Any,
    relation: str,
    *,
    type_: TypeSpec | None = None,
    shown: str = "",
) -> None:
    definition = holder.__definition__
    if name in definition.relations:
        raise ConfigurationError(
            f"the relation {relation!r} needs a property {name!r} of {holder.__name__}, "
            "which is the name of a relation there",
            code="relation-name",
            hint=f"rename the relation {name!r}, or name another key: foreignKey='…'",
            model=holder.__name__,
        )
    if not definition.typed and definition.managed and definition.view is None:
        return
    text = shown or (of.__name__ if type_ is None and of is not None else _shown(type_))
    line = f"{name}: Prop[{text} | None] = prop(default=None)"
    raise ConfigurationError(
        f"the relation {relation!r} needs the property {name!r} of {holder.__name__}",
        code="missing-key",
        hint=f"add to {holder.__name__}:  {line}   or name another: key={name!r}"
        if definition.typed
        else f"declare {name!r} in {holder.__name__}, which is over something made by hand",
        model=holder.__name__,
    )


def _shown(type_: TypeSpec | None) -> str:
    words = {
        TypeKind.STRING: "str", TypeKind.INTEGER: "int", TypeKind.NUMBER: "float",
        TypeKind.UUID: "UUID", TypeKind.ANY: "Any", TypeKind.DATETIME: "datetime",
        TypeKind.OBJECT: "dict[str, Any]",
    }  # fmt: skip
    if type_ is None:
        return "Any"
    if type_.of is not None:
        return f"list[{_shown(type_.of)}]"
    return words.get(type_.kind, str(type_))


def _has_all(model: Any, names: Names) -> bool:
    return all(name in model.__definition__.properties for name in names)


def _inverse(holder: Any, owner: Any, taken: Names) -> Names:
    """The key of the only belongsTo of a typed holder that leads to the owner."""
    definition = holder.__definition__
    if not definition.typed:
        return ()
    lineage = {cls.__definition__.name for cls in owner.__mro__ if "__definition__" in vars(cls)}
    found = [
        named(given) or key_names(name, primary(owner), typed=True)
        for name, given in definition.relations.items()
        if given["type"] == "belongsTo" and given.get("model") in lineage
    ]
    found = [way for way in found if way != taken]
    return found[0] if len(found) == 1 and _has_all(holder, found[0]) else ()


def _have(model: Any, name: str, where: str) -> None:
    properties = model.__definition__.properties
    if name not in properties:
        raise ConfigurationError(
            f"{where}: {model.__name__} has no property {name!r}",
            code="unknown-property",
            hint=did_you_mean(name, properties),
            model=model.__name__,
        )


def with_id(
    model: str, properties: Mapping[str, PropertyDef]
) -> tuple[dict[str, PropertyDef], KeySpec | None]:
    """The properties with an injected key."""
    return resolve_key(model, properties)
