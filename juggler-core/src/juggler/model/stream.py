"""Streams: instances one by one, in bounded memory, to be taken up again after a crash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from juggler.model.query import Query

M_co = TypeVar("M_co", covariant=True)


class Stream(Generic[M_co]):
    """Iterate it with ``for`` or ``async for``.

    ``token`` resumes after the last page of which every instance was handed out, so that after a
    crash some rows may come again and none is left out; None before that, and at the end.
    """

    def __init__(self, query: Query[M_co], page_size: int, resume: str | None) -> None:
        self.query = query
        self.page_size = page_size
        self.token = resume
        self.finished = False

    def __iter__(self) -> Iterator[M_co]:
        following, more = self.token, True
        while more:
            found, after = self.query.page(self.page_size, following)
            self.token, following, more = following, after, after is not None
            yield from found
        self._end()

    async def __aiter__(self) -> AsyncIterator[M_co]:
        following, more = self.token, True
        while more:
            found, after = await self.query.aio.page(self.page_size, following)
            self.token, following, more = following, after, after is not None
            for instance in found:
                yield instance
        self._end()

    def _end(self) -> None:
        self.token, self.finished = None, True
