"""Pages of a plan: branches one after the other, or partitions merged in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from juggler.connector import Page
from juggler.errors import SchemaDriftError
from juggler.query.tree import FALSE, TRUE
from juggler_cassandra.cql import count as count_cql
from juggler_cassandra.io import cursor as cursors
from juggler_cassandra.io import errors
from juggler_cassandra.io.chunk import Chunk
from juggler_cassandra.io.cursor import Places
from juggler_cassandra.io.get import answers, check_key
from juggler_cassandra.io.merge import merged
from juggler_cassandra.io.ring import Scan, ranges, split
from juggler_cassandra.io.session import time_of
from juggler_cassandra.io.stream import Job, Stream, begin, place_names, points
from juggler_cassandra.planning import Points, Ring, Slices, keyset

if TYPE_CHECKING:
    from juggler.connector import OpContext, Plan
    from juggler_cassandra.io.planned import Planned
    from juggler_cassandra.io.session import Session
    from juggler_cassandra.planning import AnyBranch

#: Partitions whose first rows are read at the same time when they are read one after the other.
_AHEAD: Final = 8
#: The largest LIMIT; nobody reads more at once.
_MOST: Final = 2**31 - 1
#: Token ranges that a whole table is counted in.
_RANGES: Final = 32
#: What comes next is inside of the part of the last row.
_INSIDE: Final = (-1, -1)


async def fetch(
    session: Session, plan: Plan, cursor: bytes | None, want: int, ctx: OpContext
) -> Page:
    """At most ``want`` rows from the cursor on."""
    planned: Planned = plan.opaque
    access = planned.access
    if not access.branches or access.limit == 0:
        return Page(())
    facts = session.facts(plan.query.model)
    if planned.declared and facts.drifted:
        raise drift(plan.query.model.name)
    if any(branch.base is not None for branch in access.branches):
        check_key(facts)
    job = Job(session, plan, access, facts, ctx)
    places = Places(facts, planned.types)
    state = None if cursor is None else cursors.loads(cursor)
    if access.merge:
        return await merged(job, places, state, want)
    return await _Walk(job, places).page(state, want)


def drift(model: str) -> SchemaDriftError:
    """The plan was made of what is declared, and that is not what is there."""
    return SchemaDriftError(
        f"the table of {model} is not what {model} declares",
        hint="see the difference: db.check(), or `juggler plan`",
        connector=errors.NAME,
        model=model,
    )


class _Walk:
    """Branches, and partitions of a branch, one after the other.

    A cursor is ``[branch, part, place]``: part is the partition's number (of points: how many keys
    were asked for), place the key values of the last row, or null at the beginning of a part.  A
    ring has two parts: 0 from its beginning on, 1 with the places of its ranges (``Scan``).
    """

    def __init__(self, job: Job, places: Places) -> None:
        self.job = job
        self.places = places
        self.branches = job.access.branches
        self.chunk = Chunk.empty(versioned=job.versioned)
        #: (branch, part, what it was read by) of each row.
        self.marks: list[tuple[int, int, Stream | Scan | None]] = []

    async def page(self, state: Any, want: int) -> Page:
        at: tuple[int, int] | None = (0, 0)
        last = None
        if state is not None:
            at, last = (state[0], state[1]), state[2]
        while at is not None and at != _INSIDE and len(self.chunk) < want:
            at = await self._step(at, last, want - len(self.chunk))
            last = None
        chunk, full = self.chunk, len(self.chunk) > want
        cursor = None
        if full or at == _INSIDE:
            cursor = self._cursor(min(want, len(chunk)) - 1)
        elif at is not None:
            cursor = cursors.dumps([*at, None])
        return Page(
            chunk.rows[:want] if full else chunk.rows,
            cursor,
            chunk.versions[:want] if full and chunk.versions else chunk.versions,
            self.job.scanned,
            tuple(self.job.warnings),
            self._cursor,
        )

    async def _step(self, at: tuple[int, int], last: Any, want: int) -> tuple[int, int] | None:
        """Read on; the next part, None at the end."""
        number, part = at
        branch = self.branches[number]
        if isinstance(branch, Points):
            chunk, after = await points(self.job, branch, part, want)
            self.chunk.add(chunk)
            self.marks += [(number, place[0] + 1, None) for place in chunk.places]
            return self._next(number, after, len(branch.values))
        if isinstance(branch, Ring):
            return await self._ring(number, part, branch, last, want)
        return await self._slices(number, part, branch, last, want)

    async def _ring(
        self, number: int, part: int, branch: Ring, last: Any, want: int
    ) -> tuple[int, int] | None:
        found: Scan | Stream
        state = None
        if part:
            state = last
        elif last is not None and keyset.in_ranges(branch, self.job.access.limit, want):
            state = await split(self.job, branch, last, self._last(branch, last), want)
        if state is not None:
            found, part = Scan(self.job, branch, self.places, state), 1
        else:
            found = Stream(self.job, branch, None, self._last(branch, last), self._limit(branch))
        self._add(await found.pull(want), number, part, found)
        return self._next(number, 1, 1) if found.ended else _INSIDE

    async def _slices(
        self, number: int, part: int, branch: Slices, last: Any, want: int
    ) -> tuple[int, int] | None:
        parts = branch.partitions[part : part + (1 if last is not None else _AHEAD)]
        streams = [
            Stream(
                self.job,
                branch,
                values,
                self._last(branch, last),
                self._limit(branch) if len(branch.partitions) == 1 else None,
            )
            for values in parts
        ]
        chunks = await begin(streams, want)
        found = 0
        for ahead, (stream, chunk) in enumerate(zip(streams, chunks, strict=True)):
            while not stream.ended and found + len(chunk) < want:
                chunk.add(await stream.pull(want - found - len(chunk)))
            self._add(chunk, number, part + ahead, stream)
            found += len(chunk)
            if not stream.ended:
                return _INSIDE if len(chunk) else (number, part + ahead)
            if found >= want:
                return self._next(number, part + ahead + 1, len(branch.partitions))
        return self._next(number, part + len(parts), len(branch.partitions))

    def _next(self, number: int, part: int, parts: int) -> tuple[int, int] | None:
        if part < parts:
            return number, part
        return (number + 1, 0) if number + 1 < len(self.branches) else None

    def _last(self, branch: Slices | Ring, last: Any) -> Any:
        return None if last is None else self.places.physical(place_names(branch), last)

    def _limit(self, branch: AnyBranch) -> int | None:
        """What LIMIT may say: the rows that are needed, where none of them is left out by us."""
        plain = branch.ghost is None and branch.again is FALSE and branch.only is TRUE
        alone = len(self.branches) == 1 and branch.base is None
        limit = self.job.access.limit
        return limit if plain and alone and limit is not None and limit <= _MOST else None

    def _add(self, chunk: Chunk, number: int, part: int, source: Stream | Scan) -> None:
        self.chunk.add(chunk)
        self.marks += [(number, part, source)] * len(chunk)

    def _cursor(self, index: int) -> bytes:
        """The cursor that goes on after a row."""
        mark = number, part, source = self.marks[index]
        place: list[Any] | None = None
        if isinstance(source, Scan):
            place = source.after(index + 1 - self.marks.index(mark))
        elif source is not None:
            place = self.places.neutral(source.place, source.at(self.chunk.places[index]))
        return cursors.dumps([number, part, place])


# ---------------------------------------------------------------- counting


async def count(session: Session, plan: Plan, ctx: OpContext) -> Any:
    """The number of rows, where the server can say it; ``NotImplemented`` otherwise."""
    planned: Planned = plan.opaque
    access = planned.access
    if not access.branches:
        return 0
    if not access.countable:
        return NotImplemented
    facts = session.facts(plan.query.model)
    if planned.declared and facts.drifted:
        raise drift(plan.query.model.name)
    job = Job(session, plan, access, facts, ctx)
    total = 0
    for branch in access.branches:
        total += await _counted(job, branch)
    return total


async def _counted(job: Job, branch: AnyBranch) -> int:
    if isinstance(branch, Points):
        reads = [keyset.point(branch, values) for values in branch.values]
    elif isinstance(branch, Slices):
        reads = [keyset.start(branch, values) for values in branch.partitions]
    elif branch.index is not None:
        reads = [keyset.ring_start(branch)]
    else:
        reads = [keyset.ring_start(branch, above, upto) for above, upto in ranges(_RANGES)]
    session, ctx = job.session, job.ctx
    statements = []
    for read in reads:
        cql = count_cql(branch, read, keyspace=session.keyspace)
        statements.append((await session.prepare(cql.text, ctx), cql.values))
        if len(statements) == 1:
            ctx.note(cql.text, cql.values)
    seconds = time_of(ctx)
    window = session.window(
        lambda i: session.send(statements[i][0].bind(statements[i][1]), job.consistency, seconds),
        len(statements),
        errors.reading,
        session.settings.concurrency,
    )
    return sum(int(answer.rows[0][0]) for answer in answers(await ctx.wait(window)))
