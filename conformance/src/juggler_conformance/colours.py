"""One way to call an operation in either colour, or in both by turns."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable, Mapping, Sequence

Colour = Literal["sync", "aio", "mixed"]
COLOURS: tuple[Colour, ...] = ("sync", "aio", "mixed")


class Colours:
    """Calls operations of models and instances; ``mixed`` takes the colours by turns.

    There is one event loop for the whole session, as in an application.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self.colour: Colour = "sync"
        self._turn = False

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop, made on first use."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        return self._loop

    def begin(self, colour: Colour) -> None:
        """Use this colour from now on."""
        self.colour = colour
        self._turn = False

    def next_is_async(self) -> bool:
        """Whether the next call will be an ``await``; by turns when mixed."""
        if self.colour == "mixed":
            self._turn = not self._turn
            return self._turn
        return self.colour == "aio"

    def perform(
        self,
        owner: Any,
        name: str,
        args: Sequence[Any],
        options: Mapping[str, Any],
        *,
        is_async: bool,
    ) -> Any:
        """``owner.name(...)`` or ``await owner.aio.name(...)``; iterators come as lists."""
        result = getattr(owner.aio if is_async else owner, name)(*args, **options)
        if hasattr(result, "__aiter__") and is_async:
            return self.run(_collect(result))
        if hasattr(result, "__await__") and is_async:
            return self.run(result)
        return list(result) if hasattr(result, "__next__") else result

    def call(self, owner: Any, name: str, *args: Any, **options: Any) -> Any:
        """The operation in the current colour."""
        return self.perform(owner, name, args, options, is_async=self.next_is_async())

    def run(self, awaitable: Awaitable[Any]) -> Any:
        """The result of an awaitable, on the session's loop."""
        return self.loop.run_until_complete(_awaited(awaitable))

    def close(self) -> None:
        """Close the loop."""
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


async def _collect(items: AsyncIterable[Any]) -> list[Any]:
    return [item async for item in items]
