"""From a relation's definition to its models and keys, when it is first needed."""

from __future__ import annotations

import weakref
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from juggler.errors import ConfigurationError, InvalidQueryError, did_you_mean
from juggler.model.relations import keys
from juggler.model.relations.kinds import KINDS, Kind
from juggler.model.relations.targets import by_name, declarer, required

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Pairs = tuple[tuple[str, str], ...]


@frozen(eq=False)
class Joining:
    """The joining model of a relation.

    Attributes:
        model: the joining model.
        own: property of this model ↔ property of the joining model.
        other: property of the target ↔ property of the joining model.
        type_property: where the joining rows of a polymorphic relation say which model they mean.
        type_name: what stands there for this relation.
        inverse: whether that is the model on the other side.
    """

    model: Any
    own: Pairs
    other: Pairs
    type_property: str = ""
    type_name: str = ""
    inverse: bool = False


@frozen(eq=False)
class Relation:
    """A relation whose models and keys are known.

    Attributes:
        name: its name.
        kind: its kind.
        model: the model that has it.
        target: the model that it leads to; None where each row says so (polymorphic belongsTo).
        options: its definition in canonical words.
        pairs: property of this model ↔ property of the target.
        through: the joining model, if there is one.
        type_property: where a polymorphic relation's model name stands.
        type_name: what stands there for this model.
        held: the property that holds embedded values or a list of keys.
    """

    name: str
    kind: Kind
    model: Any
    target: Any
    options: Mapping[str, Any]
    pairs: Pairs = ()
    through: Joining | None = None
    type_property: str = ""
    type_name: str = ""
    held: str = ""
    stamp: tuple[Any, ...] = field(default=(), init=False)

    @cached_property
    def own(self) -> tuple[str, ...]:
        """Properties of this model that the relation needs."""
        names: list[str] = [mine for mine, _ in self.pairs]
        if self.through is not None:
            names = [mine for mine, _ in self.through.own]
        if self.held:
            names.append(self.held)
        if self.kind.word == "belongsTo" and self.type_property:
            names.append(self.type_property)
        return tuple(names)

    @cached_property
    def others(self) -> tuple[str, ...]:
        """Properties of the target by which it is found."""
        if self.through is not None:
            return tuple(theirs for theirs, _ in self.through.other)
        return tuple(theirs for _, theirs in self.pairs)

    @cached_property
    def inverted(self) -> bool:
        """Whether ``properties`` are copied from the other side to this one."""
        return self.option("invertProperties")

    def option(self, word: str) -> bool:
        """Whether one of LoopBack's ``options`` is on."""
        return bool(self.options.get("options", {}).get(word))

    def target_of(self, instance: Any) -> Any:
        """The target model; of a polymorphic belongsTo the one that the row names."""
        if self.target is not None:
            return self.target
        named = instance[self.type_property]
        return None if named is None else self.target_named(named)

    def target_named(self, name: str) -> Any:
        """The model that a row of a polymorphic belongsTo names.

        Raises:
            ConfigurationError: ``unresolved-model``.
        """
        return required(self.model, name, f"{self} of a row")

    def __str__(self) -> str:
        return f"{self.model.__name__}.{self.name}"


_known: weakref.WeakKeyDictionary[Any, dict[str, Relation]] = weakref.WeakKeyDictionary()


def raw(model: Any, name: str) -> Mapping[str, Any] | None:
    """What the definition says of a relation, of the model or a base of it."""
    for cls in model.__mro__:
        definition = vars(cls).get("__definition__")
        if definition is not None and name in definition.relations:
            return definition.relations[name]  # type: ignore[no-any-return]
    return None


def names(model: Any) -> list[str]:
    """The names of a model's relations."""
    found: dict[str, None] = {}
    for cls in reversed(model.__mro__):
        definition = vars(cls).get("__definition__")
        if definition is not None:
            found |= dict.fromkeys(definition.relations)
    return list(found)


def relation(model: Any, name: str) -> Relation:
    """A model's relation by name.

    Raises:
        InvalidQueryError: ``unknown-relation`` with a suggestion.
        ConfigurationError: its models or keys are not there.
    """
    known = _known.setdefault(model, {})
    found = known.get(name)
    if found is not None and _fresh(found):
        return found
    given = raw(model, name)
    if given is None:
        raise unknown(model, name)
    made = _resolved(model, name, given)
    object.__setattr__(made, "stamp", _stamp(made))
    known[name] = made
    return made


def unknown(model: Any, name: str) -> InvalidQueryError:
    """The error for a relation that a model does not have."""
    have = names(model)
    hint = did_you_mean(name, have) if have else f"declare it: {model.__name__}.has_many(…)"
    return InvalidQueryError(
        f"{model.__name__} has no relation {name!r:.60}",
        code="unknown-relation",
        hint=hint,
        model=model.__name__,
    )


def _stamp(found: Relation) -> tuple[Any, ...]:
    """The definitions that a relation was resolved with: it is resolved anew when one changes."""
    through = found.through.model if found.through is not None else None
    return tuple(
        (model, model.__definition__)
        for model in (found.model, found.target, through)
        if model is not None
    )


def _fresh(found: Relation) -> bool:
    return all(
        model.__definition__ is definition and not model.__replaced__
        for model, definition in found.stamp
    )


def _resolved(model: Any, name: str, given: Mapping[str, Any]) -> Relation:
    kind = KINDS[given["type"]]
    return _MAKERS[kind.word](model, name, kind, given)


def _to_rows(model: Any, name: str, kind: Kind, given: Mapping[str, Any]) -> Relation:
    """HasMany and hasOne: the foreign key is in the target."""
    target = by_name(model, name, "model", given["model"])
    if given.get("through"):
        return _through(model, name, kind, given, target)
    own = keys.referred(model, given, where=f"{model.__name__}.{name}")
    if given.get("polymorphic"):
        poly = keys.polymorphic(given["polymorphic"], target, default=name)
        key = keys.shared(target, model, given, poly, own, relation=name)
        return Relation(
            name, kind, model, target, given, _zip(own, key, model, name),
            type_property=poly.discriminator, type_name=model.__definition__.name,
        )  # fmt: skip
    key = keys.foreign(target, model, given, declarer(model, name), own, relation=name)
    return Relation(name, kind, model, target, given, _zip(own, key, model, name))


def _through(model: Any, name: str, kind: Kind, given: Mapping[str, Any], target: Any) -> Relation:
    joining = by_name(model, name, "through", given["through"])
    where = f"{model.__name__}.{name}"
    own = keys.referred(model, given, where=where)
    other = keys.primary(target)
    second = {"foreignKey": given["keyThrough"]} if given.get("keyThrough") else {}
    of: tuple[str, str, bool] = ("", "", False)
    if not given.get("polymorphic"):
        mine = keys.foreign(joining, model, given, declarer(model, name), own, relation=name)
        theirs = keys.foreign(joining, target, second, target, other, relation=name, taken=mine)
    else:
        poly = keys.polymorphic(given["polymorphic"], joining, default=name)
        inverse = poly.invert or bool(given.get("invert"))
        if inverse:
            mine = keys.foreign(joining, model, given, declarer(model, name), own, relation=name)
            theirs = keys.shared(joining, target, second, poly, other, relation=name)
        else:
            mine = keys.shared(joining, model, given, poly, own, relation=name)
            theirs = keys.foreign(joining, target, second, target, other, relation=name)
        of = (poly.discriminator, (target if inverse else model).__definition__.name, inverse)
    return Relation(
        name, kind, model, target, given,
        through=Joining(
            joining, _zip(own, mine, model, name), _zip(other, theirs, model, name), *of
        ),
    )  # fmt: skip


def _joined(model: Any, name: str, kind: Kind, given: Mapping[str, Any]) -> Relation:
    """hasAndBelongsToMany: a joining model, made where none is named."""
    from juggler.model.relations.joining import joining_of  # noqa: PLC0415 - few models need it

    target = by_name(model, name, "model", given["model"])
    if given.get("polymorphic"):
        return _through(model, name, kind, given, target)
    said = dict(given)
    inverse = keys.inferred(target, target, keys.primary(target))
    if keys.named(given) and keys.named(given) in inverse and not given.get("keyThrough"):
        # the original documents name the other side's key here
        said["keyThrough"] = said.pop("foreignKey")
    said["through"] = joining_of(model, name, said, target).__definition__.name
    return _through(model, name, kind, said, target)


def _belongs_to(model: Any, name: str, kind: Kind, given: Mapping[str, Any]) -> Relation:
    if given.get("polymorphic"):
        poly = keys.polymorphic(given["polymorphic"], model, default=name)
        key = keys.named(given) or (poly.key,)
        theirs = keys.listed(given.get("primaryKey")) or ("id",)
        keys.ensure(model, key, (keys.id_type(poly),), of=None, relation=name, shared=True)
        keys.ensure_type(model, poly.discriminator, relation=name)
        return Relation(
            name, kind, model, None, given, _zip(key, theirs, model, name),
            type_property=poly.discriminator,
        )  # fmt: skip
    target = by_name(model, name, "model", given["model"])
    theirs = keys.referred(target, given, where=f"{model.__name__}.{name}")
    key = keys.belonging(model, name, target, given, theirs)
    return Relation(name, kind, model, target, given, _zip(key, theirs, model, name))


def _references(model: Any, name: str, kind: Kind, given: Mapping[str, Any]) -> Relation:
    target = by_name(model, name, "model", given["model"])
    theirs = keys.referred(target, given, where=f"{model.__name__}.{name}")
    held = keys.list_of(model, name, target, given, theirs)
    return Relation(
        name, kind, model, target, given, tuple((held, one) for one in theirs), held=held
    )  # fmt: skip


def _embedded(model: Any, name: str, kind: Kind, given: Mapping[str, Any]) -> Relation:
    target = by_name(model, name, "model", given["model"])
    held = keys.embedding(model, name, target, given, many=kind.many)
    return Relation(name, kind, model, target, given, held=held)


def _zip(mine: Iterable[str], theirs: Iterable[str], model: Any, name: str) -> Pairs:
    left, right = tuple(mine), tuple(theirs)
    if len(left) != len(right):
        raise ConfigurationError(
            f"{model.__name__}.{name}: {len(left)} and {len(right)} properties cannot be one key: "
            f"{', '.join(left)} and {', '.join(right)}",
            code="bad-key",
            hint="foreignKey names one property for each part of the key, in its order",
            model=model.__name__,
        )
    return tuple(zip(left, right, strict=True))


_MAKERS: dict[str, Callable[[Any, str, Kind, Mapping[str, Any]], Relation]] = {
    "hasMany": _to_rows,
    "hasOne": _to_rows,
    "belongsTo": _belongs_to,
    "hasAndBelongsToMany": _joined,
    "referencesMany": _references,
    "embedsOne": _embedded,
    "embedsMany": _embedded,
}
