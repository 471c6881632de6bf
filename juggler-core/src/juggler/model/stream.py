"""Streams: instances one by one, in bounded memory, to be taken up again after a crash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from juggler.connector.port import drive_iter, options
from juggler.model.link import link_of

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
        self._page: str | None = resume

    def __iter__(self) -> Iterator[M_co]:
        steps = drive_iter(
            link_of(self.query.model).sync.stream(self.query, self.page_size, self.token)
        )
        call = self.query._call
        try:
            while True:
                with options(
                    **call
                ):  # not around the yield: it is the caller's code that runs there
                    found = next(steps, None)
                if found is None:
                    break
                instance, after = found
                self._reached(after)
                yield instance
        finally:
            steps.close()  # type: ignore[attr-defined]
        self._end()

    async def __aiter__(self) -> AsyncIterator[M_co]:
        steps = link_of(self.query.model).aio.stream(self.query, self.page_size, self.token)
        try:
            async for instance, after in steps:
                self._reached(after)
                yield instance
        finally:
            await steps.aclose()
        self._end()

    def _reached(self, after: Any) -> None:
        """An instance of the page that ends at ``after``: the page before it is done."""
        if after != self._page:
            self.token, self._page = self._page, after

    def _end(self) -> None:
        self.token, self.finished = None, True
