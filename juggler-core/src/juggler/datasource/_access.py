"""Joining a connector's data access class to a model, in both colours."""

from __future__ import annotations

import inspect
from functools import wraps
from types import MethodType
from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.connector.access import Colour, coloured
from juggler.connector.port import drive, drive_iter
from juggler.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping


@frozen
class Joined:
    """A member of a data access class.

    Attributes:
        of_class: whether it is called on the model, not on an instance.
        sync: the blocking form; its first argument is the model or instance.
        aio: the asynchronous form.
    """

    of_class: bool
    sync: Callable[..., Any]
    aio: Callable[..., Any]


def members_of(access: type | None) -> dict[str, Joined]:
    """The public methods of a data access class, by name."""
    if access is None:
        return {}
    found: dict[str, Joined] = {}
    for cls in reversed(access.__mro__[:-1]):
        for name, static in vars(cls).items():
            function = static.__func__ if isinstance(static, classmethod | staticmethod) else static
            if name.startswith("_") or not inspect.isfunction(function):
                continue
            found[name] = Joined(isinstance(static, classmethod), _sync(function), _aio(function))
    return found


def join(model: Any, members: Mapping[str, Joined], connector: str) -> None:
    """Give a model the members.

    Raises:
        ConfigurationError: ``data-access`` when the model has a property of that name.
    """
    for name in members:
        if any(p.attribute == name for p in model.__definition__.properties.values()):
            raise ConfigurationError(
                f"{model.__name__}.{name} is a property, and connector {connector!r} gives models "
                f"an operation of that name",
                code="data-access",
                hint=f"rename the property; columnName keeps the store's name {name!r}",
                model=model.__name__,
            )
    for name, member in members.items():
        own = inspect.getattr_static(model, name, None)
        setattr(model, name, _OnModel(member.sync, own) if member.of_class else member.sync)


class _OnModel:
    """A member that is called on the model; instances keep the method of theirs of that name."""

    def __init__(self, function: Callable[..., Any], own: Any) -> None:
        self.function = function
        self.own = own if inspect.isfunction(own) else None

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None or self.own is None:
            return MethodType(self.function, owner)
        return MethodType(self.own, instance)


def part(model: Any, members: Mapping[str, Joined]) -> None:
    """Take the members off a model again."""
    for name in members:
        if name in vars(model):
            delattr(model, name)


def _sync(function: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.isasyncgenfunction(function):

        @wraps(function)
        def iterate(*args: Any, **options: Any) -> Any:
            return drive_iter(_steps(function(*args, **options), "sync"))

        return iterate
    if not inspect.iscoroutinefunction(function):
        return function

    @wraps(function)
    def blocking(*args: Any, **options: Any) -> Any:
        with coloured("sync"):
            return drive(function(*args, **options))

    return blocking


def _aio(function: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.isasyncgenfunction(function):

        @wraps(function)
        def iterate(*args: Any, **options: Any) -> Any:
            return _steps(function(*args, **options), "aio")

        return iterate

    @wraps(function)
    async def awaited(*args: Any, **options: Any) -> Any:
        with coloured("aio"):
            result = function(*args, **options)
            return await result if inspect.iscoroutine(result) else result

    return awaited


async def _steps(generator: Any, colour: Colour) -> AsyncGenerator[Any, None]:
    """The items of a generator; each step of it sees the colour."""
    try:
        while True:
            with coloured(colour):
                try:
                    item = await generator.__anext__()
                except StopAsyncIteration:
                    return
            yield item
    finally:
        await generator.aclose()
