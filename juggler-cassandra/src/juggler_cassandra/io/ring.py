"""A whole table in ranges of tokens, several of them read at the same time."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Final

from cassandra.metadata import Murmur3Token

from juggler_cassandra.cql import select
from juggler_cassandra.io import errors
from juggler_cassandra.io.chunk import Chunk
from juggler_cassandra.io.session import bind
from juggler_cassandra.io.stream import Stream, place_names, together
from juggler_cassandra.planning import keyset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import Row
    from juggler_cassandra.io.cursor import Places
    from juggler_cassandra.io.stream import Job
    from juggler_cassandra.planning import Ring

#: Ranges at most that the rest of a table is read in, once it has more rows than a page.
_RANGES: Final = 8
#: The place of a range that has no more rows.
_ENDED: Final = True
#: Whose tokens are 64-bit numbers, as :func:`ranges` has them.
_PARTITIONER: Final = "Murmur3Partitioner"


class Scan:
    """The rest of a ring, in ranges of tokens.

    Args:
        job: the fetch.
        branch: the ring.
        places: to read and make places of rows.
        state: a place per range: null at its beginning, true at its end, else the key values of the
            last of its rows that was given out.
    """

    def __init__(self, job: Job, branch: Ring, places: Places, state: Sequence[Any]) -> None:
        self._places = places
        self._state = state
        names = place_names(branch)
        self._streams = [
            Stream(
                job, branch, None, None if at is None else places.physical(names, at), tokens=tokens
            )
            if at is not _ENDED
            else None
            for at, tokens in zip(state, ranges(len(state)), strict=True)
        ]
        self._chunk = Chunk.empty(versioned=job.versioned)
        #: The range of each row.
        self._origin: list[int] = []

    @property
    def ended(self) -> bool:
        """Whether no range has more rows."""
        return not self._live()

    def _live(self) -> list[int]:
        return [
            i for i, stream in enumerate(self._streams) if stream is not None and not stream.ended
        ]

    async def pull(self, want: int) -> Chunk:
        """The next rows, at most ``want``; none only at the end of all ranges.

        They are what each range gives at once: fewer where one of them ends.
        """
        while not len(self._chunk) and (live := self._live()):
            turn = live[: max(want // keyset.SHARE, 1)]
            share, more = divmod(want, len(turn))
            sizes = [share + (at < more) for at in range(len(turn))]
            streams = [stream for i in turn if (stream := self._streams[i]) is not None]
            for i, chunk in zip(turn, await together(streams, sizes), strict=True):
                self._chunk.add(chunk)
                self._origin += [i] * len(chunk)
        return self._chunk

    def after(self, count: int) -> list[Any]:
        """The state that goes on after the first ``count`` rows."""
        state = list(self._state)
        last = dict(zip(self._origin[:count], self._chunk.places, strict=False))
        later = set(self._origin[count:])
        for i, stream in enumerate(self._streams):
            if stream is None or (stream.ended and i not in later):
                state[i] = _ENDED
            elif i in last:
                state[i] = self._places.neutral(stream.place, stream.at(last[i]))
        return state


async def split(
    job: Job, branch: Ring, place: Sequence[Any], last: Row, want: int
) -> list[Any] | None:
    """The state of a :class:`Scan` of what comes after a row.

    Args:
        job: the fetch.
        branch: the ring.
        place: the row's place as a cursor has it.
        last: the same, physical.
        want: rows of a page; each range gives a part of each.

    Returns:
        None where the settings want one request at a time, or the tokens are not known.
    """
    count = min(_RANGES, job.session.settings.concurrency, want // keyset.SHARE)
    token = None if count == 1 else await _token(job, branch, last[: len(branch.keys)])
    if token is None:
        return None
    here = range_of(token, count)
    return [*[_ENDED] * here, list(place), *[None] * (count - here - 1)]


async def _token(job: Job, branch: Ring, partition: Row) -> int | None:
    """The token of a partition, as the driver finds the nodes that have it."""
    session = job.session
    if not (session.driver.cluster.metadata.partitioner or "").endswith(_PARTITIONER):
        return None
    cql = select(branch, keyset.whole(branch, partition), keyspace=session.keyspace)
    prepared = await session.prepare(cql.text, job.ctx)
    key = bind(prepared, cql.values, errors.reading).routing_key
    return None if key is None else int(Murmur3Token.from_key(key).value)


def range_of(token: int, count: int) -> int:
    """Which of so many :func:`ranges` has a token."""
    return bisect_left([upto for _, upto in ranges(count) if upto is not None], token)


def ranges(count: int) -> list[tuple[int | None, int | None]]:
    """Ranges of tokens, (above, upto), that together are the ring."""
    low, size = -(2**63), 2**64
    bounds = [low + size * i // count for i in range(1, count)]
    return list(zip([None, *bounds], [*bounds, None], strict=True))
