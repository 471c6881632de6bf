"""What a model is, before it is a class: properties, settings, relations, as plain data.

Typed classes and LDL documents both become a :class:`ModelDefinition`; classes, connector specs and
LDL documents are made from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from juggler.errors import ConfigurationError
from juggler.spec import EXTRA, FieldSpec, IndexSpec, KeySpec, ModelSpec, ViewSpec
from juggler.values.missing import MISSING
from juggler.values.types import TypeKind, TypeSpec, simple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@define(frozen=True)
class PropertyDef:
    """One property.

    Attributes:
        name: the property's name.
        type: its neutral type.
        required: whether None is refused (a ``presence`` rule).
        nullable: whether None is a value of it; False for typed ``Prop[int]``, True in LDL.
        id: 0 for no key, else its place in the key from 1 on.
        generated: whether store or core makes the value.
        default: a value, or MISSING.
        default_fn: a function without arguments, or the name of a built-in one (``uuid``, ``now``).
        index: False, True, or index options.
        unique: whether the store has to refuse a second row with this value.
        storage_name: column or document field, None for the name.
        collation: see :class:`juggler.spec.FieldSpec`.
        doc: a sentence for readers.
        hidden: never in JSON.
        protected: in JSON only at top level.
        rules: constraints in canonical words (``min max min_length max_length pattern
            precision scale enum``).
        conversions: in order, out of ``trim lowercase uppercase format``.
        hints: per connector name.
        extra: unknown LDL keys, kept.
        attribute: the Python attribute (``count_`` for a property named ``count``).
        model: name of the embedded model that the type refers to, empty for none.
        nested: definition of an embedded model that is written inside the property.
        target: definition of ``model``, once it is known.
        embeds: the class of ``model``, where the class itself was given.
        keyed: whether what is embedded keeps a key that it was given (embedsMany finds it by that).
        injected: whether it is the key that a definition without one was given.
    """

    name: str
    type: TypeSpec
    required: bool = False
    nullable: bool = True
    id: int = 0
    generated: bool = False
    default: Any = MISSING
    default_fn: Callable[[], Any] | str | None = None
    index: bool | Mapping[str, Any] = False
    unique: bool = False
    storage_name: str | None = None
    collation: Any = "codepoint"
    doc: str = ""
    hidden: bool = False
    protected: bool = False
    rules: Mapping[str, Any] = field(factory=dict)
    conversions: tuple[tuple[str, Any], ...] = ()
    hints: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    extra: Mapping[str, Any] = field(factory=dict)
    attribute: str = ""
    model: str = ""
    nested: ModelDefinition | None = None
    target: ModelDefinition | None = field(default=None, eq=False, repr=False)
    injected: bool = False
    embeds: Any = field(default=None, eq=False, repr=False)
    keyed: bool = field(default=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.attribute:
            object.__setattr__(self, "attribute", self.name)

    @property
    def default_kind(self) -> Any:
        """``none``, ``value`` or ``function``."""
        if self.default_fn is not None:
            return "function"
        return "none" if self.default is MISSING else "value"

    @property
    def embedded(self) -> ModelDefinition | None:
        """Definition of the embedded model in the type, written inside or referred to."""
        return self.nested or self.target

    def evolve(self, **changes: Any) -> PropertyDef:
        """A copy with changes."""
        return evolve(self, **changes)


@define(frozen=True)
class ModelDefinition:
    """A model as data.

    Attributes:
        name: the model's name.
        properties: by name, in order of definition.
        key: partition and clustering property names.
        storage_name: table or collection, None for the name.
        open: True keeps undeclared properties, False refuses them, None lets the connector decide.
        strict_filter: drop undeclared properties silently (LoopBack's ``strict: 'filter'``).
        indexes: declared indexes by name.
        view: a view of another model, or None.
        managed: False marks a model over something made by hand.
        versioned: demand versions when attached.
        writes: ``safe``, ``blind`` or None for the data source's.
        abstract: only a base for others.
        base: name of the base model, or None.
        relations: relation definitions by name (LDL form).
        settings: all other LoopBack settings that Juggler knows (``plural``, ``scope``, …).
        hints: connector settings, ``{"cassandra": {...}}``.
        extra: unknown LDL keys, kept.
        typed: whether it came from a typed class (foreign keys are then named ``book_id``).
        doc: a sentence for readers.
    """

    name: str
    properties: Mapping[str, PropertyDef]
    key: KeySpec | None = None
    storage_name: str | None = None
    open: bool | None = None
    strict_filter: bool = False
    indexes: tuple[IndexSpec, ...] = ()
    view: ViewSpec | None = None
    managed: bool = True
    versioned: bool = False
    writes: str | None = None
    abstract: bool = False
    base: str | None = None
    relations: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    settings: Mapping[str, Any] = field(factory=dict)
    hints: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    extra: Mapping[str, Any] = field(factory=dict)
    typed: bool = False
    doc: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """Key property names in key order (LoopBack's ``idNames``)."""
        return self.key.names if self.key else ()

    def spec(
        self,
        connector: str,
        *,
        open_models: bool = False,
        aliases: tuple[str, ...] = (),
        inside: tuple[str, ...] = (),
        keyed: bool = False,
    ) -> ModelSpec:
        """The model as a connector sees it.

        Args:
            connector: the connector's name; its hints and storage names are taken.
            open_models: whether the connector keeps undeclared properties.
            aliases: other names under which hints may stand.
            inside: names of the models that this one is embedded in.
            keyed: whether it keeps a key that it was given there.

        Raises:
            ConfigurationError: ``unresolved-model`` when an embedded model is not defined yet.
        """
        names = (connector, *aliases)
        hints = _merged(self.hints, names)
        is_open = open_models if self.open is None else self.open
        context = _Context(self, names, open_models, (*inside, self.name))
        fields = [
            _field(p, context)
            for p in self.properties.values()
            if not (p.injected and inside) or keyed
        ]
        if is_open:
            fields.append(FieldSpec(EXTRA, EXTRA, simple(TypeKind.OBJECT)))
        # What finds rows by itself needs no index; a part of a key may.
        alone = () if self.key is None else self.key.partition
        single = tuple(
            IndexSpec(
                f"{p.name}_index",
                ((p.name, "asc"),),
                unique=p.unique,
                options=dict(p.index) if not isinstance(p.index, bool) else {},
            )
            for p in self.properties.values()
            if p.index and alone != (p.name,)
        )
        return ModelSpec(
            name=self.name,
            storage_name=hints.get("table") or self.storage_name or self.name,
            fields=tuple(fields),
            key=KeySpec(()) if inside or self.key is None else self.key,
            indexes=() if inside else single + self.indexes,
            view=self.view,
            managed=self.managed,
            open=is_open,
            versioned=self.versioned,
            options={**hints, **({"writes": self.writes} if self.writes else {})},
        )

    def evolve(self, **changes: Any) -> ModelDefinition:
        """A copy with changes."""
        return evolve(self, **changes)


def _merged(hints: Mapping[str, Mapping[str, Any]], names: tuple[str, ...]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for name in reversed(names):
        merged.update(hints.get(name, {}))
    return merged


@define(frozen=True)
class _Context:
    """What the fields of one model need: hints' names, openness, the models around it."""

    model: ModelDefinition
    names: tuple[str, ...]
    open_models: bool
    inside: tuple[str, ...]


def _field(prop: PropertyDef, context: _Context) -> FieldSpec:
    model = context.model
    hints = _merged(prop.hints, context.names)
    column = hints.get("column") or hints.get("columnName")
    return FieldSpec(
        name=prop.name,
        storage_name=column or prop.storage_name or prop.name,
        type=_type(prop, context) if prop.model or prop.nested else prop.type,
        nullable=prop.name not in model.ids and not prop.required and prop.nullable,
        collation=hints.get("collation", prop.collation),
        default_kind=prop.default_kind,
        unique=prop.unique,
        generated=prop.generated,
        hints={context.names[0]: hints} if hints else {},
    )


def _type(prop: PropertyDef, context: _Context) -> TypeSpec:
    """The type with its embedded model in it; inside itself a model is a plain object."""
    if prop.model and prop.model in context.inside:
        return with_leaf(prop.type, simple(TypeKind.OBJECT))
    definition = prop.embedded
    if definition is None:
        raise ConfigurationError(
            f"property {prop.name!r} of {context.model.name} refers to the model {prop.model!r}, "
            "which is not defined",
            code="unresolved-model",
            hint=f"define {prop.model!r} first, or correct the type's name",
            model=context.model.name,
        )
    spec = definition.spec(
        context.names[0],
        open_models=context.open_models,
        aliases=context.names[1:],
        inside=context.inside,
        keyed=prop.keyed,
    )
    return with_leaf(prop.type, TypeSpec(TypeKind.EMBEDDED, model=spec))


def leaf(spec: TypeSpec) -> TypeSpec:
    """What an array, set, vector or map finally holds; any other type itself."""
    while spec.of is not None:
        spec = spec.of
    return spec


def with_leaf(spec: TypeSpec, inner: TypeSpec) -> TypeSpec:
    """The type with another leaf."""
    if spec.of is None:
        return inner
    return evolve(spec, of=with_leaf(spec.of, inner))
