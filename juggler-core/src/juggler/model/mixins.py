"""Mixins: models and functions by name, which definitions ask for under ``mixins``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from juggler.errors import ConfigurationError, did_you_mean
from juggler.model.making import mix_in
from juggler.model.meta import ModelMeta

if TYPE_CHECKING:
    from collections.abc import Iterator

Function = TypeVar("Function", bound=Callable[..., Any])


class Mixins:
    """The mixins of a builder by name: ``builder.mixins.define("TimeStamp", …)``.

    Attributes:
        lenient: whether names that nobody defined are passed over instead of refused.
    """

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}
        self.lenient = False

    @overload
    def define(self, name: str) -> Callable[[Function], Function]: ...
    @overload
    def define(self, name: str, mixin: Any) -> None: ...
    def define(self, name: str, mixin: Any = None) -> Any:
        """Name a mixin.

        Args:
            name: what definitions write under ``mixins``.
            mixin: a model, whose properties and methods are copied, or a function
                ``fn(model, options)`` that changes the model; without it, this is a decorator.

        Raises:
            ConfigurationError: ``bad-mixin``.
        """
        if mixin is None:
            return lambda function: (self.define(name, function), function)[1]
        if not callable(mixin):
            raise ConfigurationError(
                f"{mixin!r:.60} is no mixin", code="bad-mixin",
                hint=f"mixins.define({name!r}, Timestamps), or a function of model and options",
            )  # fmt: skip
        self._known[name] = mixin
        return None

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def apply(self, model: Any, name: str, options: Any = None) -> None:
        """Apply a mixin to a model.

        Args:
            model: the model's class.
            name: the mixin's name.
            options: a mapping for a function; True or None for none.

        Raises:
            ConfigurationError: ``unknown-mixin`` with a suggestion.
        """
        mixin = self._known.get(name)
        if mixin is None:
            raise ConfigurationError(
                f"{model.__name__} asks for the mixin {name!r}, which is not defined",
                code="unknown-mixin",
                hint=did_you_mean(name, self._known) if self._known
                else f"db.mixins.define({name!r}, …) first",
                model=model.__name__,
            )  # fmt: skip
        if isinstance(mixin, ModelMeta):
            mix_in(model, (mixin,))
        else:
            mixin(model, dict(options) if isinstance(options, Mapping) else {})

    def settle(self, model: Any, *, attaching: bool = False) -> None:
        """Apply what a model's setting ``mixins`` asks for, each of it once.

        The setting is ``{name: True | options | [options, …]}``, or a list of names.  A name that
        the model's builder does not know may be a mixin of the data source that it is attached to.

        Raises:
            ConfigurationError: ``bad-mixin`` for another form; ``unknown-mixin`` when the model is
                attached.
        """
        for name, options in _wanted(model).items():
            done = {n for cls in model.__mro__ for n in vars(cls).get("__mixed__", ())}
            here = self._place(model, name)
            if options is False or name in done or (name not in here and not attaching):
                continue
            if name not in here and here.lenient:
                continue
            for one in options if isinstance(options, list | tuple) else [options]:
                here.apply(model, name, one)
            model.__mixed__ = {*vars(model).get("__mixed__", ()), name}

    def _place(self, model: Any, name: str) -> Mixins:
        builder = getattr(model.__builder__, "mixins", self)
        return builder if name in builder or builder.lenient else self


def _wanted(model: Any) -> Mapping[str, Any]:
    """A model's setting ``mixins`` by name."""
    given = model.__definition__.settings.get("mixins") or {}
    if isinstance(given, list | tuple) and all(isinstance(name, str) for name in given):
        return dict.fromkeys(given, True)
    if isinstance(given, Mapping):
        return given
    raise ConfigurationError(
        f"the mixins of {model.__name__} are {given!r:.60}",
        code="bad-mixin",
        hint='write {"Name": true}, {"Name": {"option": …}} or ["Name"]',
        model=model.__name__,
    )


def mix(model: Any, others: tuple[Any, ...]) -> None:
    """Mix models and named mixins into a model; options of a name may follow it.

    Raises:
        ConfigurationError: ``bad-mixin``, ``unknown-mixin``.
    """
    waiting = list(others)
    while waiting:
        other = waiting.pop(0)
        if not isinstance(other, str):
            mix_in(model, (other,))
            continue
        options = waiting.pop(0) if waiting and isinstance(waiting[0], Mapping) else None
        owner = getattr(model.__link__, "source", None) or model.__builder__
        known = getattr(owner, "mixins", None) or Mixins()
        named = getattr(owner, "models", {}).get(other)
        if other not in known and named is not None:
            mix_in(model, (named,))
        else:
            known.apply(model, other, options)
