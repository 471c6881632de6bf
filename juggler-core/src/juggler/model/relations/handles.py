"""What every handle of a relation is made of: actions written once, in both colours."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from juggler.errors import ConfigurationError
from juggler.model.access import no_attribute
from juggler.model.link import link_of
from juggler.model.options import run
from juggler.model.relations.kept import keep, kept
from juggler.model.relations.resolve import relation
from juggler.values.missing import MISSING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from juggler.model.link import Operations
    from juggler.model.relations.resolve import Relation

    Ops = Callable[[Any], Operations]


def blocking(model: Any) -> Operations:
    """The operations of a model in the blocking colour."""
    return link_of(model).sync


def asynchronous(model: Any) -> Operations:
    """The operations of a model in the asynchronous colour."""
    return link_of(model).aio


def action(function: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
    """The blocking form of an action; ``handle.aio`` has the other one.

    An action is ``async def name(self, ops, ...)``: ``ops(model)`` are a model's operations in the
    caller's colour.
    """

    @wraps(function)
    def call(self: Any, /, *args: Any, **options: Any) -> Any:
        return run(function(self, blocking, *args, **options), {})  # type: ignore[arg-type]

    call.__action__ = function  # type: ignore[attr-defined]
    return call


class HandleAio:
    """The asynchronous twins of a handle's actions: ``await user.posts.aio()``."""

    __slots__ = ("_handle",)

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def __call__(self, *args: Any, **options: Any) -> Any:
        """What calling the handle gives."""
        return self._action("__call__")(*args, **options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._action(ALIASES.get(name, name))

    def _action(self, name: str) -> Any:
        handle = self._handle
        found = getattr(getattr(type(handle), name, None), "__action__", None)
        if found is not None:
            return partial(found, handle, asynchronous)
        return handle._method(name, asynchronous)

    def __dir__(self) -> list[str]:
        kind = type(self._handle)
        return [n for n in dir(kind) if hasattr(getattr(kind, n, None), "__action__")]


#: Other names of actions, LoopBack's.
ALIASES = {
    "find": "__call__",
    "destroy": "delete",
    "destroy_all": "delete_all",
    "destroy_by_id": "delete_by_id",
    "link": "add",
    "unlink": "remove",
    "get": "__call__",
}


class Handle:
    """A relation of one instance."""

    __slots__ = ("_instance", "_name")

    def __init__(self, instance: Any, name: str) -> None:
        self._instance = instance
        self._name = name

    @property
    def relation(self) -> Relation:
        """The relation, its models and keys known."""
        return relation(type(self._instance), self._name)

    @property
    def aio(self) -> HandleAio:
        """The asynchronous twins of its actions."""
        return HandleAio(self)

    @property
    def loaded(self) -> Any:
        """What was loaded for the keys as they are now; None before."""
        found = kept(self._instance, self.relation)
        return None if found is MISSING else found

    def _keep(self, value: Any) -> Any:
        keep(self._instance, self.relation, value)
        return value

    def _method(self, name: str, ops: Ops) -> Any:
        """A function that the definition adds under ``methods``.

        Raises:
            MissingAttributeError: there is none of that name.
        """
        methods = self.relation.options.get("methods") or {}
        if name in methods:
            return partial(methods[name], self if ops is blocking else self.aio)
        known = [n for n in dir(type(self)) if not n.startswith("_")]
        missing = no_attribute(type(self._instance), f"{self._name}.{name}", [*known, *methods])
        target = self.relation.target
        if target is not None and name in target.__definition__.properties:
            missing.hint = f"call it, which asks the store: {self._name}()"
            if not self.relation.kind.many:
                missing.hint += f".{name}"
        raise missing

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in ALIASES and hasattr(type(self), ALIASES[name]):
            return getattr(self, ALIASES[name])
        return self._method(name, blocking)

    def __bool__(self) -> bool:
        raise ConfigurationError(
            f"a relation has no truth value: {self!r}",
            code="truth-value",
            hint=f"call it: {self._name}(); or {self._name}.exists()",
        )

    def __iter__(self) -> Any:
        raise ConfigurationError(
            f"{self!r} is a handle: nothing is read before it is called",
            code="not-iterable",
            hint=f"for one in {self._name}(): …",
        )

    def __repr__(self) -> str:
        return f"<{self.relation} of {self._instance!r:.80}>"


def handle_of(instance: Any, name: str) -> Handle:
    """The handle of an instance's relation."""
    found = relation(type(instance), name)
    return _class_of(found)(instance, name)


def _class_of(found: Relation) -> type[Handle]:
    word = "through" if found.through is not None else found.kind.word
    handle = _CLASSES.get(word)
    if handle is None:
        from juggler.model.relations import (  # noqa: PLC0415
            embeds,
            embeds_list,
            one,
            references,
            rows,
            through,
        )

        _CLASSES.update(
            {
                "hasMany": rows.HasManyHandle,
                "hasOne": one.HasOneHandle,
                "belongsTo": one.BelongsToHandle,
                "through": through.ThroughHandle,
                "referencesMany": references.ReferencesManyHandle,
                "embedsOne": embeds.EmbedsOneHandle,
                "embedsMany": embeds_list.EmbedsManyHandle,
            }
        )
        handle = _CLASSES[word]
    return handle


_CLASSES: dict[str, type[Handle]] = {}


def data_of(target: Any, data: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """What ``build`` and ``create`` were given, as a mapping by property."""
    given: dict[str, Any] = dict(target.__codec__.given(data)) if data is not None else {}
    return {**given, **target.__codec__.given(dict(values))}
