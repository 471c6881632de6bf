"""The base class of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, dataclass_transform

from juggler.model import naming
from juggler.model.definition import ModelDefinition
from juggler.model.hooks import Hooked
from juggler.model.instance import Instance
from juggler.model.meta import ModelMeta
from juggler.model.reads import Reads
from juggler.model.related import (
    belongs_to,
    embeds_many,
    embeds_one,
    has_and_belongs_to_many,
    has_many,
    has_one,
    references_many,
)
from juggler.model.relations.methods import Related
from juggler.model.schema import Schema
from juggler.model.scopes import Scoped
from juggler.model.typed import prop
from juggler.model.validation import Validated, ValidatedInstance
from juggler.model.writes import ClassWrites, InstanceWrites

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Literal, Self

    from juggler.model.aio import InstanceAio
    from juggler.model.typed import Key

    class _Coloured:
        """Declared apart from Model: a checker takes ``User.aio`` from the metaclass, then."""

        aio: InstanceAio[Self]

else:

    class _Coloured:
        """The asynchronous twins of an instance's methods."""

        __slots__ = ()

        @property
        def aio(self) -> Any:
            """The asynchronous twins: ``await user.aio.save()``."""
            from juggler.model.aio import InstanceAio  # noqa: PLC0415 - loads on first use

            return InstanceAio(self)


@dataclass_transform(
    kw_only_default=True,
    field_specifiers=(
        prop, has_many, has_one, belongs_to, has_and_belongs_to_many, embeds_one, embeds_many,
        references_many,
    ),
)  # fmt: skip
class Model(
    Instance,
    Reads,
    ClassWrites,
    InstanceWrites,
    Schema,
    Hooked,
    Validated,
    ValidatedInstance,
    Related,
    Scoped,
    _Coloured,
    metaclass=ModelMeta,
):
    """A model: a class whose instances are rows of a store.

    Properties are declared as ``age: Prop[int] = prop(default=0)``; class keywords are

    * ``name``: the model's name, by default the class's;
    * ``table_name``: its name in stores;
    * ``strict``: False keeps undeclared properties, ``"filter"`` drops them;
    * ``indexes``: ``{"by_name": ("name", "-category")}``;
    * ``key``: ``Key(partition=("team",), clustering=("member",))``;
    * ``versioned``: demand versions, for optimistic locking;
    * ``writes``: ``"safe"`` or ``"blind"``;
    * ``managed``: False for a table made by hand;
    * ``abstract``: only a base for others;
    * ``mixins``: models whose properties and methods are copied;
    * ``id_injection``: False for a model without a key;
    * ``scope``: the default scope, a filter or a function that gives one;
    * ``scopes``: named scopes, filters or functions by name;
    * ``settings``: other settings in LoopBack's words;
    * a connector's name with a mapping of its options.
    """

    __root__ = True
    __slots__ = ()

    if TYPE_CHECKING:

        def __init_subclass__(
            cls,
            *,
            name: str = ...,
            table_name: str = ...,
            strict: bool | Literal["filter"] = ...,
            indexes: Mapping[str, Any] = ...,
            key: Key | str | tuple[str, ...] = ...,
            versioned: bool = ...,
            writes: Literal["safe", "blind"] = ...,
            managed: bool = ...,
            abstract: bool = ...,
            mixins: Iterable[type[Model]] = ...,
            id_injection: bool = ...,
            scope: Any = ...,
            scopes: Mapping[str, Any] = ...,
            settings: Mapping[str, Any] = ...,
            **hints: Mapping[str, Any],
        ) -> None: ...


class View(Model):
    """A read-only view of a model under another key.

    ``class Members(View, of=AllInfo, key=Key(partition=("team",), clustering=("member",))): ...``
    """

    __root__ = True
    __slots__ = ()

    if TYPE_CHECKING:

        def __init_subclass__(
            cls,
            *,
            of: type[Model] | str,
            key: Key | str | tuple[str, ...],
            fields: Iterable[str] = ...,
            name: str = ...,
            table_name: str = ...,
            managed: bool = ...,
            **hints: Mapping[str, Any],
        ) -> None: ...


# A property may have an alias's name: it hides the alias.  ``id`` and ``name`` are everybody's.
naming.reserve({*dir(Model), *dir(ModelMeta)} - {"name", "id"})
for _root in (Model, View):
    _root.__definition__ = ModelDefinition(_root.__name__, {}, abstract=True)
    _root.__link__ = _root.__builder__ = None
    _root.__replaced__ = _root.__force_id__ = False
