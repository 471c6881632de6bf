"""The metaclass: a definition becomes slots for values and, on the class, expressions.

Every model has a metaclass of its own, whose properties give ``User.age`` as an expression, while
``user.age`` is read from a C slot.
"""

from __future__ import annotations

import sys
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from juggler.errors import ConfigurationError
from juggler.model import naming, registry
from juggler.model.access import (
    Accessor,
    MissingAttributeError,
    Overflow,
    RelationAttribute,
    no_attribute,
)
from juggler.model.annotated import Scope, is_property
from juggler.model.binding import LazyCodec
from juggler.model.declare import Body, declared
from juggler.model.hooks import refuse_method
from juggler.model.keys import forced
from juggler.model.names import CLASS_ALIASES, QUERY_ALIASES
from juggler.model.query import Query
from juggler.model.scopes import install as install_scopes
from juggler.query.expressions import Expr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import ParamSpec

    from juggler.model.aio import Aio
    from juggler.model.definition import ModelDefinition

    P = ParamSpec("P")

#: Where other libraries look for a model's options.
_ELSEWHERE = frozenset({"Meta", "Config", "__tablename__"})
M = TypeVar("M")
_serial = count()


class Expressions(dict[str, "Expr[Any]"]):
    """The class-level expressions of a model by attribute, made when they are first asked for."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __missing__(self, attribute: str) -> Any:
        for prop in self.model.__definition__.properties.values():
            if prop.attribute == attribute:
                found = self[attribute] = Expr(prop.name, self.model.__name__)
                return found
        raise no_attribute(self.model, attribute, _attributes(self.model))


@cache
def _class_level(attribute: str) -> property:
    return property(lambda cls: cls.__expressions__[attribute])


@cache
def _relation_level(name: str) -> property:
    def expression(cls: Any) -> Any:
        from juggler.model.relations.scopes import RelationExpr  # noqa: PLC0415 - on first use

        return RelationExpr(cls, name)

    return property(expression)


class ModelMeta(type):
    """The metaclass of models."""

    __definition__: ModelDefinition
    __slot_names__: frozenset[str]

    if not TYPE_CHECKING:  # checkers judge class keywords by Model.__init_subclass__

        def __new__(
            mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /, **keywords: Any
        ) -> Any:
            """Make a model of a class statement."""
            return make_model(mcs, name, bases, namespace, keywords)

        def __init__(
            cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /, **keywords: Any
        ) -> None:
            del keywords  # read already
            type.__init__(cls, name, bases, namespace)

        def __setattr__(cls, name: str, value: Any) -> None:
            refuse_method(cls.__name__, name, value)
            type.__setattr__(cls, name, value)

    @property
    def aio(cls: Callable[P, M]) -> Aio[P, M]:
        """The asynchronous twins of the model's operations: ``await User.aio.find(...)``."""
        from juggler.model.aio import Aio, JoinedAio  # noqa: PLC0415 - loads on first use

        link: Any = cls.__link__  # type: ignore[attr-defined]
        joined = hasattr(type(link), "access") and link.access
        return JoinedAio(cls) if joined else Aio(cls)

    def __adopt__(cls, definition: ModelDefinition) -> None:
        """Take a changed definition: new properties live in the overflow slot."""
        install(cls, definition)
        cls.__definition__ = definition
        cls.__expressions__ = Expressions(cls)
        cls.__codec__ = LazyCodec(cls)

    def __repr__(cls) -> str:
        definition = vars(cls).get("__definition__")
        if definition is None:
            return type.__repr__(cls)
        return f"<model {definition.name}: {', '.join(definition.properties)}>"

    if not TYPE_CHECKING:

        def __getattr__(cls, name: str) -> Any:
            if name.startswith("__"):
                msg = f"type object {cls.__name__!r} has no attribute {name!r}"
                raise AttributeError(msg)
            canonical = CLASS_ALIASES.get(name)
            if canonical is not None:
                return getattr(cls, canonical)
            if name in QUERY_ALIASES:
                return getattr(Query(cls), name)
            known = [n for n in dir(cls) if not n.startswith("_")]
            raise no_attribute(cls, name, {*known, *_attributes(cls)})


def make_model(
    meta: type[ModelMeta],
    name: str,
    bases: tuple[type, ...],
    namespace: dict[str, Any],
    keywords: dict[str, Any],
) -> Any:
    """The model of a class statement; see :class:`juggler.Model` for the keywords."""
    if namespace.get("__root__"):
        return type.__new__(meta, name, bases, namespace)
    base = _base(name, bases)
    _check_plain(name, base, bases)
    for member, value in namespace.items():
        refuse_method(name, member, value)
        if member in _ELSEWHERE and isinstance(value, str | type):
            raise ConfigurationError(
                f"class {name} has a {member}, which means nothing here",
                code="unknown-option",
                hint=f"options stand in the class line: class {name}(Model, table_name='…')",
            )
    mixins = tuple(_mixin(name, m) for m in keywords.pop("mixins", ()) or ())
    body = Body(
        name=name,
        namespace=namespace,
        keywords=keywords,
        scope=_scope(namespace),
        base=None if vars(base).get("__root__") else base.__definition__,
        mixins=tuple(m.__definition__ for m in mixins),
    )
    definition = declared(body)
    for mixin in mixins:
        for member, value in members(mixin).items():
            namespace.setdefault(member, value)
    model = build(name, bases, namespace, definition, base)
    if mixins:
        from juggler.model.making import bring  # noqa: PLC0415 - it makes classes with this module

        for mixin in mixins:
            bring(model, mixin)
    return model


def _attributes(model: Any) -> list[str]:
    definition = vars(model).get("__definition__")
    return [p.attribute for p in definition.properties.values()] if definition else []


def build(
    name: str,
    bases: tuple[type, ...],
    namespace: dict[str, Any],
    definition: ModelDefinition,
    base: Any,
    *,
    builder: Any = None,
) -> Any:
    """The class of a definition."""
    inherited: frozenset[str] = getattr(base, "__slot_names__", frozenset())
    wanted = [p.attribute for p in definition.properties.values()]
    slots = [
        a
        for a in wanted
        if naming.is_plain(a) and a not in inherited and not isinstance(in_mro(base, a), Accessor)
    ]
    namespace["__slots__"] = tuple(slots)
    namespace["__slot_names__"] = inherited | frozenset(slots)
    namespace["__definition__"] = definition
    namespace["__link__"] = None
    namespace["__builder__"] = builder
    namespace["__replaced__"] = False
    namespace["__serial__"] = next(_serial)
    namespace["__nested__"] = {}
    own: Any = type(f"{name}Meta", _metas(bases), {})
    cls: Any = type.__new__(own, name, bases, namespace)
    cls.__expressions__ = Expressions(cls)
    cls.__codec__ = LazyCodec(cls)
    install(cls, definition)
    registry.remember(cls)
    return cls


def install(cls: Any, definition: ModelDefinition) -> None:
    """Give the class what reads its properties and relations, and classes for embedded models."""
    meta = type(cls)
    for prop in definition.properties.values():
        attribute = prop.attribute
        if attribute not in cls.__slot_names__ and not isinstance(in_mro(cls, attribute), Overflow):
            type.__setattr__(cls, attribute, Overflow(prop.name, attribute))
        if not isinstance(in_mro(meta, attribute), property):
            setattr(meta, attribute, _class_level(attribute))
        if prop.nested is not None and prop.name not in cls.__nested__:
            cls.__nested__[prop.name] = nested_class(cls, prop.name, prop.nested)
    for relation in definition.relations:
        if not isinstance(in_mro(meta, relation), property):
            type.__setattr__(cls, relation, RelationAttribute(relation))
            setattr(meta, relation, _relation_level(relation))
    cls.__force_id__ = forced(definition)
    for name in definition.settings.get("models") or ():
        if not isinstance(in_mro(meta, name), property):
            setattr(meta, name, _related_model(name))
    install_scopes(cls, definition)


@cache
def _related_model(name: str) -> property:
    """A model that the setting ``models`` names: ``Cart.Item``; it may be defined later."""

    def found(cls: Any) -> Any:
        from juggler.model.relations.targets import required  # noqa: PLC0415 - on first use

        said = cls.__definition__.settings["models"][name]
        return required(cls, said, f"{cls.__name__}.{name}") if isinstance(said, str) else said

    return property(found)


def nested_class(owner: Any, name: str, definition: ModelDefinition) -> Any:
    """The class of a model that is written inside a property."""
    root = next(c for c in owner.__mro__ if vars(c).get("__root__"))
    namespace = {"__module__": owner.__module__, "__qualname__": f"{owner.__qualname__}.{name}"}
    title = f"{owner.__name__}_{naming.class_name(name)}"
    return build(title, (root,), namespace, definition, root, builder=owner.__builder__)


def put_beside(cls: Any, attribute: str, descriptor: Any) -> None:
    """Put a descriptor for instances beside the class-level expression of an attribute."""
    meta = type(cls)
    setattr(meta, attribute, None)  # a property there would take the assignment
    type.__setattr__(cls, attribute, descriptor)
    setattr(meta, attribute, _class_level(attribute))


def in_mro(cls: type, name: str) -> Any:
    """What a class or the nearest base has under a name, as it stands there."""
    return next((vars(c)[name] for c in cls.__mro__ if name in vars(c)), None)


def _metas(bases: tuple[type, ...]) -> tuple[type, ...]:
    metas = [m for m in dict.fromkeys(type(b) for b in bases) if m is not type]
    return tuple(m for m in metas if not any(m is not o and issubclass(o, m) for o in metas))


def _base(name: str, bases: tuple[type, ...]) -> Any:
    models = [b for b in bases if isinstance(b, ModelMeta)]
    if len(models) != 1:
        raise ConfigurationError(
            f"class {name} has several bases: {', '.join(m.__name__ for m in models)}",
            code="one-base",
            hint=f"class {name}({models[0].__name__}, mixins=[{models[-1].__name__}])",
        )
    return models[0]


def _check_plain(name: str, model: Any, bases: tuple[type, ...]) -> None:
    """Refuse properties in a base that is no model: nobody would read them.

    Raises:
        ConfigurationError: ``bad-mixin``.
    """
    for cls in (c for b in bases if not isinstance(b, ModelMeta) for c in b.__mro__):
        for given in vars(cls).get("__annotations__", {}).values():
            if is_property(given) or (isinstance(given, str) and given.startswith("Prop[")):
                raise ConfigurationError(
                    f"class {name}: its base {cls.__name__} declares properties and is no model",
                    code="bad-mixin",
                    hint=f"class {cls.__name__}(Model, abstract=True), and "
                    f"class {name}({model.__name__}, mixins=[{cls.__name__}])",
                )


def _mixin(name: str, mixin: Any) -> Any:
    if isinstance(mixin, ModelMeta) and not vars(mixin).get("__root__"):
        return mixin
    raise ConfigurationError(
        f"class {name}: {mixin!r:.60} is no model to mix in",
        code="bad-mixin",
        hint="mixins=[Timestamps], where class Timestamps(Model, abstract=True)",
    )


def members(model: Any) -> Mapping[str, Any]:
    """Methods and constants that a model's own class body holds."""
    slots = set(vars(model).get("__slots__", ()))
    return {
        name: value
        for name, value in vars(model).items()
        if not name.startswith("__") and name not in slots
        and not isinstance(value, Overflow | RelationAttribute)
    }  # fmt: skip


def _scope(namespace: Mapping[str, Any]) -> Scope:
    """Names around the class statement that is being executed."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(
        "juggler.model."
    ):
        frame = frame.f_back
    return Scope(namespace, frame.f_locals, frame.f_globals)


__all__ = ["MissingAttributeError", "ModelMeta", "build", "install", "members", "nested_class"]
