"""One definition for both colours: a coroutine method that one class drives and another hands out.

A class of methods marked :class:`twin` or :class:`twin_pieces` is mixed with :class:`Blocking` and
with :class:`Awaited`; which of the two says how each method is called.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from juggler.connector.port import drive, drive_iter

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator

P = ParamSpec("P")
T = TypeVar("T")


class Blocking:
    """Its twins block."""


class Awaited:
    """Its twins are awaited."""


class twin(Generic[P, T]):  # noqa: N801 - a decorator
    """A coroutine method in both colours.

    Args:
        function: the method; on a blocking object it finishes without suspending.
    """

    def __init__(self, function: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, instance: Blocking, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, instance: Awaited, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, instance: object, owner: type) -> Callable[..., Any]:
        return _bound(self.function, instance, owner, drive)


class twin_pieces(Generic[P, T]):  # noqa: N801 - a decorator
    """An async generator method in both colours.

    Args:
        function: the method; on a blocking object it never suspends.
    """

    def __init__(self, function: Callable[Concatenate[Any, P], AsyncGenerator[T, None]]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, instance: Blocking, owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, instance: Awaited, owner: type) -> Callable[P, AsyncGenerator[T, None]]: ...
    def __get__(self, instance: object, owner: type) -> Callable[..., Any]:
        return _bound(self.function, instance, owner, drive_iter)


def _bound(
    function: Callable[..., Any], instance: object, owner: type, run: Callable[[Any], Any]
) -> Callable[..., Any]:
    """The method of an instance; ``run`` runs it where the instance is a blocking one."""
    if not isinstance(instance, Blocking):
        bound: Callable[..., Any] = function.__get__(instance, owner)
        return bound

    @wraps(function)
    def blocking(*args: Any, **options: Any) -> Any:
        return run(function(instance, *args, **options))

    return blocking
