"""Several partitions as one ordered sequence."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

from juggler.connector import Page
from juggler_cassandra.io import cursor as cursors
from juggler_cassandra.io.stream import Stream, begin
from juggler_cassandra.planning import Slices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from juggler.connector import Row
    from juggler_cassandra.io.chunk import Item
    from juggler_cassandra.io.cursor import Places
    from juggler_cassandra.io.stream import Job
    from juggler_cassandra.planning import MergeTerm

#: In a cursor: this partition has no more rows.
_ENDED = True


async def merged(job: Job, places: Places, state: Any, want: int) -> Page:
    """At most ``want`` rows of all partitions in the order of ``access.merge``.

    A cursor has one entry per partition: null at its beginning, true at its end, else the key
    values of its last row that was given out.
    """
    merge = _Merge(job, places, state)
    await merge.begin(want)
    while merge.heap and len(merge.items) < want:
        await merge.step(want)
    more = bool(merge.heap)
    items = merge.items
    return Page(
        [item[0] for item in items],
        merge.cursor(len(items) - 1) if more else None,
        [item[1] for item in items] if job.versioned else None,
        job.scanned,
        tuple(job.warnings),
        merge.cursor,
    )


class _Merge:
    def __init__(self, job: Job, places: Places, state: Any) -> None:
        self.job = job
        self.places = places
        parts = [
            (branch, values)
            for branch in job.access.branches
            if isinstance(branch, Slices)
            for values in branch.partitions
        ]
        self.state: list[Any] = [None] * len(parts) if state is None else state
        self.streams: list[Stream | None] = [
            None if at is _ENDED else Stream(job, branch, values, self._last(branch, at))
            for (branch, values), at in zip(parts, self.state, strict=True)
        ]
        #: The rows of each partition that are not given out yet, the next one last.
        self.buffers: list[list[Item]] = [[] for _ in parts]
        self.key = _key_of(job.access.merge)
        self.heap: list[tuple[Any, int]] = []
        self.items: list[Item] = []
        self.origin: list[int] = []

    def _last(self, branch: Slices, at: Any) -> Row | None:
        if at is None:
            return None
        return self.places.physical([c.column for c in branch.clustering], at)

    async def begin(self, want: int) -> None:
        live = [(i, stream) for i, stream in enumerate(self.streams) if stream and not stream.ended]
        chunks = await begin([stream for _, stream in live], want)
        for (i, _), chunk in zip(live, chunks, strict=True):
            self.buffers[i] = chunk.items()[::-1]
            await self._offer(i, want, push=self.heap.append)
        heapify(self.heap)

    async def step(self, want: int) -> None:
        """Give out the first row of all and put the next one of its partition in its place."""
        _, i = heappop(self.heap)
        self.items.append(self.buffers[i].pop())
        self.origin.append(i)
        await self._offer(i, want, push=lambda entry: heappush(self.heap, entry))

    async def _offer(self, i: int, want: int, *, push: Callable[[tuple[Any, int]], None]) -> None:
        stream, buffer = self.streams[i], self.buffers[i]
        while not buffer and stream is not None and not stream.ended:
            left = max(want - len(self.items), 1)
            chunk = await stream.pull(min(left, 1 + left // len(self.streams) * 2))
            buffer[:] = chunk.items()[::-1]
        if buffer:
            push((self.key(buffer[-1][0]), i))

    def cursor(self, index: int) -> bytes:
        """The cursor that goes on after an item."""
        state = list(self.state)
        for item, i in zip(self.items[: index + 1], self.origin, strict=False):
            stream = self.streams[i]
            if stream is not None:
                state[i] = self.places.neutral(stream.place, stream.at(item[2]))
        if index == len(self.items) - 1:
            for i, stream in enumerate(self.streams):
                if stream is not None and stream.ended and not self.buffers[i]:
                    state[i] = _ENDED
        return cursors.dumps(state)


class _Down:
    """A value that sorts the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Down) -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Down) and bool(other.value == self.value)

    def __hash__(self) -> int:
        return hash(self.value)


def _key_of(terms: Sequence[MergeTerm]) -> Callable[[Row], tuple[Any, ...]]:
    places = [(term.position, term.descending) for term in terms]
    return lambda row: tuple([_Down(row[i]) if down else row[i] for i, down in places])
