"""Hooks: functions of a model that run at stated points of its operations.

One list of hooks, one context.  A hook is a function ``fn(ctx)``, plain or ``async def``; base
classes' hooks run first, then in the order of registration.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from attrs import define, field

from juggler.errors import ConfigurationError, did_you_mean
from juggler.values.missing import MISSING, Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from juggler.model.query import Query

Hook = TypeVar("Hook", bound="Callable[..., Any]")

#: Every hook, in the order in which one operation runs them.
HOOKS: Final = (
    "before_initialize",
    "initialize",
    "access",
    "before_save",
    "before_validate",
    "after_validate",
    "before_create",
    "before_update",
    "persist",
    "loaded",
    "after_create",
    "after_update",
    "after_save",
    "before_delete",
    "after_delete",
)
#: Hooks of making an instance.
_INITIALIZE: Final = frozenset({"before_initialize", "initialize"})
#: LoopBack's and the original's other words.
ALIASES: Final[Mapping[str, str]] = {
    "after_initialize": "initialize",
    "before_destroy": "before_delete",
    "after_destroy": "after_delete",
}


@define
class HookContext:
    """What a hook gets; every field is always there, None where it does not apply.

    Attributes:
        operation: the operation: ``find create create_all upsert save patch replace update_all
            delete delete_all count`` and so on.
        hook: the hook that runs.
        model: the model class.
        instance: the instance that is written or was loaded; what a hook changes in it before the
            store is reached is written, and what it changes after is in the answer.
        data: in ``before_initialize``, before a write by condition and an upsert: the given values;
            in ``persist``: what goes to the store, by property.  Changes count.
        query: in ``access`` and for operations by condition: the query; set it to another one.  In
            ``before_delete`` the rows that would go.
        is_new: whether the row is new; None where nobody knows yet.
        state: a dictionary shared by all hooks of one operation, of all rows of a bulk.
        result: after a write by condition: its count; after a delete: whether it was there.
        done: in ``before_delete``: set it to True when the hook has done what stands for the
            delete; nothing is deleted then, and ``result`` is the answer.
        ops: the operations in the caller's colour: ``await ctx.ops.update_all(ctx.query, {…})``.
    """

    operation: str
    hook: str
    model: Any
    instance: Any = None
    data: dict[str, Any] | None = None
    query: Query[Any] | None = None
    is_new: bool | None = None
    state: dict[str, Any] = field(factory=dict)
    result: Any = None
    done: bool = False
    ops: Any = None


class Hooked:
    """Class methods that register hooks; each is a decorator."""

    __slots__ = ()

    #: This class's own hooks; bases have theirs.
    __own_hooks__: ClassVar[dict[str, list[Callable[..., Any]]]] = {}
    #: Whether there are any, here or in a base: the one test that operations without hooks pay for.
    __hooked__: ClassVar[bool] = False
    #: Whether making an instance runs any of them.
    __initialized__: ClassVar[bool] = False

    @classmethod
    def observe(cls, name: str, fn: Callable[..., Any] | Missing = MISSING) -> Any:
        """Register a hook by name: ``User.observe("before_save", fn)``, or as a decorator.

        Raises:
            ConfigurationError: ``unknown-hook``; ``bad-hook`` for what takes no context.
        """
        known = _word(name)
        if known not in HOOKS:
            raise ConfigurationError(
                f"there is no hook {name!r}",
                code="unknown-hook",
                hint=did_you_mean(known, (*HOOKS, *ALIASES)),
                model=cls.__name__,
            )

        def register(function: Hook) -> Hook:
            _check(cls, known, function)
            own = vars(cls).get("__own_hooks__")
            if own is None:
                own = {}
                cls.__own_hooks__ = own
            own.setdefault(known, []).append(function)
            cls.__hooked__ = True
            if known in _INITIALIZE:
                cls.__initialized__ = True
            mark_outer(cls)
            return function

        return register if fn is MISSING else register(fn)

    @classmethod
    def remove_observer(cls, name: str, fn: Callable[..., Any]) -> bool:
        """Take a hook off this class; False when it was not there."""
        known = _word(name)
        own = vars(cls).get("__own_hooks__", {}).get(known, [])
        if fn not in own:
            return False
        own.remove(fn)
        return True

    @classmethod
    def clear_observers(cls, name: str) -> None:
        """Take all hooks of a name off this class; bases keep theirs."""
        vars(cls).get("__own_hooks__", {}).pop(_word(name), None)

    @classmethod
    def before_save(cls, fn: Hook) -> Hook:
        """Before a row is validated and written."""
        return cls.observe("before_save", fn)  # type: ignore[no-any-return]

    @classmethod
    def after_save(cls, fn: Hook) -> Hook:
        """After a row was written."""
        return cls.observe("after_save", fn)  # type: ignore[no-any-return]

    @classmethod
    def before_validate(cls, fn: Hook) -> Hook:
        """Before the rules are checked."""
        return cls.observe("before_validate", fn)  # type: ignore[no-any-return]

    @classmethod
    def after_validate(cls, fn: Hook) -> Hook:
        """After the rules were checked and hold."""
        return cls.observe("after_validate", fn)  # type: ignore[no-any-return]

    @classmethod
    def before_create(cls, fn: Hook) -> Hook:
        """Before a new row is written."""
        return cls.observe("before_create", fn)  # type: ignore[no-any-return]

    @classmethod
    def after_create(cls, fn: Hook) -> Hook:
        """After a new row was written."""
        return cls.observe("after_create", fn)  # type: ignore[no-any-return]

    @classmethod
    def before_update(cls, fn: Hook) -> Hook:
        """Before a stored row is changed."""
        return cls.observe("before_update", fn)  # type: ignore[no-any-return]

    @classmethod
    def after_update(cls, fn: Hook) -> Hook:
        """After a stored row was changed."""
        return cls.observe("after_update", fn)  # type: ignore[no-any-return]

    @classmethod
    def before_delete(cls, fn: Hook) -> Hook:
        """Before rows are deleted."""
        return cls.observe("before_delete", fn)  # type: ignore[no-any-return]

    @classmethod
    def after_delete(cls, fn: Hook) -> Hook:
        """After rows were deleted."""
        return cls.observe("after_delete", fn)  # type: ignore[no-any-return]

    @classmethod
    def persist(cls, fn: Hook) -> Hook:
        """Just before values go to the store."""
        return cls.observe("persist", fn)  # type: ignore[no-any-return]

    @classmethod
    def on_loaded(cls, fn: Hook) -> Hook:
        """For each instance that was read or written."""
        return cls.observe("loaded", fn)  # type: ignore[no-any-return]

    @classmethod
    def on_access(cls, fn: Hook) -> Hook:
        """Before rows are looked for: may set another query."""
        return cls.observe("access", fn)  # type: ignore[no-any-return]

    @classmethod
    def before_initialize(cls, fn: Hook) -> Hook:
        """Before ``User(...)`` takes its values, ``ctx.data``; it has to be a plain function."""
        return cls.observe("before_initialize", fn)  # type: ignore[no-any-return]

    @classmethod
    def after_initialize(cls, fn: Hook) -> Hook:
        """After an instance was made with ``User(...)``; it has to be a plain function."""
        return cls.observe("initialize", fn)  # type: ignore[no-any-return]


#: The decorators, which no method of a model replaces.
DECORATORS: Final = frozenset(
    name for name, value in vars(Hooked).items() if isinstance(value, classmethod)
) - {"observe", "remove_observer", "clear_observers"}


def refuse_method(model: str, name: str, value: Any) -> None:
    """Refuse a method that is called like a hook, for nobody would call it.

    Raises:
        ConfigurationError: ``bad-hook``.
    """
    word = re.sub(r"(?<=[a-z])[A-Z]", lambda found: f"_{found[0].lower()}", name)
    if word in DECORATORS and (callable(value) or isinstance(value, classmethod | staticmethod)):
        raise ConfigurationError(
            f"{model}.{name} is no method to write: {word} is a decorator for hooks",
            code="bad-hook",
            hint=f"after the class: @{model}.{word}, then def {word}(ctx): …",
            model=model,
        )


def _check(model: Any, name: str, function: Any) -> None:
    if not takes_one(function):
        raise ConfigurationError(
            f"{function!r:.80} is no hook for {name}: it is not called with one argument",
            code="bad-hook",
            hint="def hook(ctx): …, or async def; there is no next() to call",
            model=model.__name__,
        )


def takes_one(function: Any) -> bool:
    """Whether something can be called with one argument, as far as can be told."""
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        return False
    except ValueError:  # functions in C tell nothing of themselves
        return True
    return True


def mark_outer(model: Any) -> None:
    """Let operations know of models that a model with hooks is embedded in."""
    for outer in list(vars(model).get("__outer__", None) or ()):
        if not outer.__validated__:
            outer.__validated__ = True
            mark_outer(outer)


def _word(name: str) -> str:
    """The hook that a word means."""
    if not isinstance(name, str):
        raise ConfigurationError(
            f"{name!r:.60} is no name of a hook",
            code="unknown-hook",
            hint="the name first: User.observe('before_save', function)",
        )
    word = name.strip().replace(" ", "_")
    return ALIASES.get(word, word)


def initialize(instance: Any, values: dict[str, Any]) -> None:
    """Give a new instance its values, between the hooks of its model.

    Raises:
        ConfigurationError: ``async-in-sync`` for a hook that awaits: making an instance does not.
    """
    model = type(instance)
    context = HookContext("initialize", "", model, data=values)
    _fire(context, "before_initialize")
    model.__codec__.init(instance, context.data)
    context.instance, context.data = instance, None
    _fire(context, "initialize")


def _fire(context: HookContext, name: str) -> None:
    context.hook = name
    for function in hooks_of(context.model, name):
        answer = function(context)
        if inspect.isawaitable(answer):
            if inspect.iscoroutine(answer):
                answer.close()
            raise ConfigurationError(
                f"the hook {name} of {context.model.__name__} awaits: an instance is made at once",
                code="async-in-sync",
                hint="write it as a plain function; before_save may await",
                model=context.model.__name__,
            )


def hooks_of(model: Any, name: str) -> list[Callable[..., Any]]:
    """The hooks of a model, base classes first."""
    found: list[Callable[..., Any]] = []
    for cls in reversed(model.__mro__):
        found += vars(cls).get("__own_hooks__", {}).get(name, ())
    return found
