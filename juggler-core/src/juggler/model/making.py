"""Classes out of definitions, and changes of classes that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import ConfigurationError, did_you_mean
from juggler.model import naming
from juggler.model.access import Accessor
from juggler.model.base import Model
from juggler.model.definition import ModelDefinition
from juggler.model.keys import resolve_key
from juggler.model.ldl.reading import read_properties
from juggler.model.meta import ModelMeta, build, in_mro, members, put_beside
from juggler.model.scopes import add_scope, scope_named
from juggler.model.validation import mark_validated
from juggler.values.callers import caller_module

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.model.definition import PropertyDef


def make_class(
    definition: ModelDefinition, base: Any = None, *, builder: Any = None, module: str = "__main__"
) -> Any:
    """The class of a definition that was no class statement."""
    parent = Model if base is None else base
    name = naming.class_name(definition.name)
    namespace = {"__module__": module, "__qualname__": name, "__doc__": definition.doc or None}
    return build(name, (parent,), namespace, definition, parent, builder=builder)


def add_properties(model: Any, forms: Mapping[str, Any]) -> None:
    """Add properties to a class that is there; a model that is attached is attached anew."""
    definition: ModelDefinition = model.__definition__
    own = read_properties(definition.name, forms)
    _adopt(model, {**definition.properties, **own})


def add_definitions(model: Any, properties: Mapping[str, PropertyDef]) -> None:
    """Add properties that are defined already, or replace them, as :func:`add_properties` does."""
    _adopt(model, {**model.__definition__.properties, **properties})


def mix_in(model: Any, others: tuple[Any, ...]) -> None:
    """Copy the properties and methods that a model lacks from other models."""
    properties = dict(model.__definition__.properties)
    for other in others:
        if not isinstance(other, ModelMeta):
            raise ConfigurationError(
                f"{other!r:.60} is no model to mix in",
                code="bad-mixin",
                hint=f"{model.__name__}.mixin(Timestamps)",
            )
        theirs: dict[str, PropertyDef] = {
            name: prop.evolve(id=0)
            for name, prop in other.__definition__.properties.items()
            if not prop.injected
        }
        properties = {**theirs, **properties} if not properties else {**properties, **{
            name: prop for name, prop in theirs.items() if name not in properties}}  # fmt: skip
    _adopt(model, properties)
    for other in others:
        bring(model, other)


def bring(model: Any, other: Any) -> None:
    """Give a model the hooks, validations, scopes and relations of one that is mixed in."""
    for cls in reversed(other.__mro__):
        if isinstance(cls, ModelMeta) and not vars(cls).get("__root__"):
            _bring(model, cls)


def _bring(model: Any, cls: Any) -> None:
    for name, value in members(cls).items():
        if not hasattr(model, name):
            setattr(model, name, value)
    for name, functions in vars(cls).get("__own_hooks__", {}).items():
        for function in functions:
            model.observe(name, function)
    rules = vars(cls).get("__own_validators__")
    if rules:
        model.__own_validators__ = [*(vars(model).get("__own_validators__") or ()), *rules]
        mark_validated(model)
    for scope in vars(cls).get("__scopes__", {}).values():
        if scope_named(model, scope.name) is None:
            add_scope(model, scope)
    for name, relation in cls.__definition__.relations.items():
        if name not in model.__definition__.relations:
            from juggler.model.relations.declaring import install  # noqa: PLC0415 - on first use

            install(model, name, relation)


def accessor_of(model: Any, name: str) -> Accessor:
    """The descriptor that a getter or setter of a property is put into.

    Raises:
        ConfigurationError: ``unknown-property``.
    """
    definition: ModelDefinition = model.__definition__
    prop = definition.properties.get(name)
    if prop is None:
        raise ConfigurationError(
            f"{definition.name} has no property {name!r}",
            code="unknown-property",
            hint=did_you_mean(name, definition.properties),
            model=definition.name,
        )
    found = vars(model).get(prop.attribute)
    if isinstance(found, Accessor):
        return found
    made = Accessor(prop.name, prop.attribute)
    inherited = in_mro(model, prop.attribute)
    if isinstance(inherited, Accessor):
        made.getter, made.setter = inherited.getter, inherited.setter
    put_beside(model, prop.attribute, made)
    model.__slot_names__ = model.__slot_names__ - {prop.attribute}
    _adopt(model, dict(definition.properties))
    return made


def _adopt(model: Any, properties: dict[str, PropertyDef]) -> None:
    definition: ModelDefinition = model.__definition__
    flagged = {n for n, p in properties.items() if p.id and not p.injected}
    if flagged and flagged != set(definition.ids):
        properties = {n: p for n, p in properties.items() if not p.injected}
        properties, key = resolve_key(definition.name, properties, inject=False)
    else:
        key = definition.key
    link = model.__link__
    model.__adopt__(definition.evolve(properties=properties, key=key))
    if link is not None:
        link.source.attach(model)
    refresh_outer(model)


def refresh_outer(model: Any, seen: tuple[Any, ...] = ()) -> None:
    """Let the models that embed a model know it as it is now."""
    for outer in list(vars(model).get("__outer__") or ()):
        if outer.__replaced__ or outer in seen:
            continue
        outer.__adopt__(outer.__definition__)
        if outer.__link__ is not None:
            outer.__link__.source.attach(outer)
        refresh_outer(outer, (*seen, model))


def placeholder(name: str, builder: Any) -> Any:
    """A class for a name that is not defined yet; using it is an error."""
    definition = ModelDefinition(name, {}, settings={"unresolved": True})
    model = make_class(definition, builder=builder, module=caller_module())
    model.__codec__ = _Unresolved(name)
    return model


def resolve_placeholder(model: Any, definition: ModelDefinition, base: Any = None) -> None:
    """Fill a placeholder in; what its base has besides properties is copied."""
    model.__adopt__(definition)
    if base is not None:
        bring(model, base)


def setup(model: Any) -> None:
    """Run the class method ``setup`` of a model, which a base has for its subclasses."""
    function = getattr(model, "setup", None)
    if callable(function):
        function()


class _Unresolved:
    """The codec of a placeholder."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise ConfigurationError(
            f"the model {self.name!r} is not defined yet",
            code="unresolved-model",
            hint=f"define({self.name!r}, {{…}})",
            model=self.name,
        )
