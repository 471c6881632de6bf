"""Run a coroutine that never waits for an event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from juggler.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Iterator

T = TypeVar("T")


def drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result; it has to finish without suspending.

    Raises:
        ConfigurationError: ``async-in-sync`` when something in it awaits the event loop (an
            ``async def`` hook or validator met by a blocking call).
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise _suspended(coroutine)


def drive_iter(generator: AsyncGenerator[T, None]) -> Iterator[T]:
    """The items of an async generator, blocking; it is closed when the iteration ends early."""
    try:
        while True:
            step = generator.__anext__()
            try:
                step.send(None)
            except StopIteration as item:
                yield item.value
            except StopAsyncIteration:
                return
            else:
                raise _suspended(step)
    finally:
        drive(generator.aclose())


def _suspended(coroutine: Any) -> ConfigurationError:
    name = _awaiting(coroutine)
    coroutine.close()
    return ConfigurationError(
        f"{name} awaits, and this is a blocking call",
        code="async-in-sync",
        hint=f"use the async form (`await Model.aio.…`), or make {name} a plain function",
    )


def _awaiting(coroutine: Any) -> str:
    """The name of the outermost function that is not Juggler's own."""
    current, name = coroutine, getattr(coroutine, "__qualname__", "a function")
    while (inner := getattr(current, "cr_await", None)) is not None:
        code = getattr(inner, "cr_code", None)
        if code is None:
            break
        name = getattr(inner, "__qualname__", name)
        current = inner
        if f"{__name__.partition('.')[0]}/" not in code.co_filename.replace("\\", "/"):
            break
    return f"{name}()"
