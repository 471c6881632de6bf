"""One branch's rows, or one partition's of it: read in chunks, continued after a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from juggler.query.evaluate import Layout, predicate
from juggler.query.tree import FALSE, TRUE
from juggler_cassandra.cql import select
from juggler_cassandra.io import errors
from juggler_cassandra.io.chunk import Chunk
from juggler_cassandra.io.cluster import level
from juggler_cassandra.io.get import Reader, answers
from juggler_cassandra.io.session import bind, time_of
from juggler_cassandra.planning import Points, Ring, Slices, keyset

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from juggler.connector import OpContext, Plan, Row
    from juggler_cassandra.cql import Read
    from juggler_cassandra.io.facts import Facts
    from juggler_cassandra.io.request import Answer
    from juggler_cassandra.io.session import Session
    from juggler_cassandra.planning import Access, AnyBranch

#: The smallest number of rows asked of a partition when several are read at once.
_LEAST: Final = 32


class Job:
    """What all streams of one fetch share.

    Args:
        session: where to read.
        plan: the plan.
        access: how it is fetched.
        facts: the model over its table.
        ctx: the operation.
    """

    def __init__(
        self, session: Session, plan: Plan, access: Access, facts: Facts, ctx: OpContext
    ) -> None:
        self.session = session
        self.plan = plan
        self.access = access
        self.facts = facts
        self.ctx = ctx
        self.scanned = 0
        self.warnings: list[str] = []
        self.consistency = level(access.consistency)
        self.versioned = access.version is not None
        self.reader = Reader(session, facts, ctx, access.consistency)

    def took(self, answer: Answer) -> None:
        """Count an answer's rows and keep its warnings."""
        self.scanned += len(answer.rows)
        for text in answer.warnings:
            if text not in self.warnings:
                self.warnings.append(text)

    def filter_of(self, branch: AnyBranch) -> Callable[[Row], bool] | None:
        """Which rows of a branch are given out; None for all."""
        if branch.again is FALSE and branch.only is TRUE:
            return None
        layout = Layout(self.plan.query.model, self.plan.fields)
        only, again = predicate(layout, branch.only), predicate(layout, branch.again)
        return lambda row: only(row) and not again(row)


class Stream:
    """The rows of a ring or of one partition, in the store's order.

    Args:
        job: the fetch.
        branch: slices or a ring.
        partition: values of the partition columns of one slice; None for a ring.
        last: the values of ``place`` of the row after which to go on; None to begin.
        limit: rows that are enough, bound in the first statement.
        tokens: of a ring, the range (above, upto) that is read; None for no bound.
    """

    def __init__(
        self,
        job: Job,
        branch: Slices | Ring,
        partition: Row | None,
        last: Row | None = None,
        limit: int | None = None,
        *,
        tokens: tuple[int | None, int | None] = (None, None),
    ) -> None:
        self.job = job
        self.branch = branch
        self.limit = limit if last is None else None
        #: The columns whose values say where a row stands.
        self.place = place_names(branch)
        self._places = tuple(branch.columns.index(name) for name in self.place)
        self._ghost = None if branch.ghost is None else branch.columns.index(branch.ghost)
        self._keep = job.filter_of(branch)
        self._reads: list[Read] = list(_reads(branch, partition, last, tokens))
        #: The driver's paging state inside of a statement's rows.
        self.paging: Any = None

    @property
    def ended(self) -> bool:
        """Whether there are no more rows."""
        return not self._reads

    def at(self, row: Row) -> Row:
        """The values of ``place`` of a row as it was read."""
        return tuple([row[i] for i in self._places])

    async def pull(self, want: int) -> Chunk:
        """The next rows: about ``want`` of them, fewer only at the end."""
        chunk = Chunk.empty(versioned=self.job.versioned)
        while self._reads and len(chunk) < want:
            statement = await self.statement()
            size = max(want - len(chunk), 1)
            request = self.job.session.request(
                statement, self.job.consistency, self.job.ctx, size=size, state=self.paging
            )
            chunk.add(await self.take(await self.job.ctx.wait(request)))
        return chunk

    async def statement(self) -> Any:
        """The next statement to send, bound."""
        job = self.job
        cql = select(self.branch, self._reads[0], limit=self.limit, keyspace=job.session.keyspace)
        prepared = await job.session.prepare(cql.text, job.ctx)
        job.ctx.note(cql.text, cql.values)
        return bind(prepared, cql.values, errors.reading)

    async def take(self, answer: Answer) -> Chunk:
        """The rows of an answer to it, and where to go on."""
        self.job.took(answer)
        self.paging = answer.more
        if self.paging is None:
            self._reads.pop(0)
        rows: list[Row] = answer.rows
        if self._ghost is not None:
            rows = [row for row in rows if row[self._ghost] is not None]
        if not rows:
            return Chunk.empty(versioned=self.job.versioned)
        chunk = self._decoded(rows) if self.branch.base is None else await self._looked_up(rows)
        return chunk.kept(self._keep)

    def _decoded(self, rows: list[Row]) -> Chunk:
        job = self.job
        size = len(job.plan.fields)
        versions = [_version(row[-1]) for row in rows] if job.versioned else None
        plain = [row[:size] for row in rows] if self.branch.extra else rows
        return Chunk(job.facts.codec.decode_all(job.plan.fields, plain), versions, rows)

    async def _looked_up(self, rows: list[Row]) -> Chunk:
        job = self.job
        size = len(rows[0]) - self.branch.extra
        found = await job.reader.rows([row[:size] for row in rows], job.plan.fields)
        there = [(*one, row) for one, row in zip(found, rows, strict=True) if one is not None]
        return Chunk(
            [row for row, _, _ in there],
            [version for _, version, _ in there] if job.versioned else None,
            [place for _, _, place in there],
        )


def _version(value: Any) -> str | None:
    return None if value is None else str(value)


def place_names(branch: Slices | Ring) -> tuple[str, ...]:
    """The columns whose values say where a row of the branch stands."""
    clustering = tuple(c.column for c in branch.clustering)
    return clustering if isinstance(branch, Slices) else (*branch.keys, *clustering)


def _reads(
    branch: Slices | Ring,
    partition: Row | None,
    last: Row | None,
    tokens: tuple[int | None, int | None],
) -> tuple[Read, ...]:
    if isinstance(branch, Ring):
        if last is None:
            return (keyset.ring_start(branch, *tokens),)
        parts = len(branch.keys)
        return keyset.ring_after(branch, last[:parts], last[parts:], tokens[1])
    if last is None:
        return (keyset.start(branch, partition or ()),)
    return keyset.after(branch, partition or (), last)


async def points(job: Job, branch: Points, start: int, want: int) -> tuple[Chunk, int]:
    """The rows of whole keys from a place in their list on; and the place after the last one."""
    values = branch.values[start : start + want]
    if not values:
        return Chunk.empty(versioned=job.versioned), start
    if branch.base is not None or len(values) == 1:
        return await _looked(job, branch, values, start), start + len(values)
    text = select(branch, keyset.point(branch, values[0]), keyspace=job.session.keyspace).text
    prepared = await job.session.prepare(text, job.ctx)
    job.ctx.note(f"{text} x {len(values)}", values)
    seconds = time_of(job.ctx)
    session, consistency = job.session, job.consistency
    window = session.window(
        lambda i: session.send(
            prepared.bind(select(branch, keyset.point(branch, values[i])).values),
            consistency,
            seconds,
        ),
        len(values),
        errors.reading,
        session.settings.concurrency,
    )
    chunk = Chunk.empty(versioned=job.versioned)
    for at, answer in enumerate(answers(await job.ctx.wait(window)), start):
        chunk.add(await _point(job, branch, answer, at))
    return chunk, start + len(values)


async def _looked(job: Job, branch: Points, values: Sequence[Row], start: int) -> Chunk:
    chunk = Chunk.empty(versioned=job.versioned)
    for at, value in enumerate(values, start):
        cql = select(branch, keyset.point(branch, value), keyspace=job.session.keyspace)
        prepared = await job.session.prepare(cql.text, job.ctx)
        job.ctx.note(cql.text, cql.values)
        bound = bind(prepared, cql.values, errors.reading)
        answer = await job.ctx.wait(job.session.request(bound, job.consistency, job.ctx))
        chunk.add(await _point(job, branch, answer, at))
    return chunk


async def _point(job: Job, branch: Points, answer: Answer, at: int) -> Chunk:
    job.took(answer)
    if not answer.rows:
        return Chunk.empty(versioned=job.versioned)
    row = answer.rows[0]
    if branch.base is not None:
        size = len(row) - branch.extra
        (one,) = await job.reader.rows([row[:size]], job.plan.fields)
        if one is None:
            return Chunk.empty(versioned=job.versioned)
        found, version = one
    else:
        version = _version(row[-1]) if job.versioned else None
        found = job.facts.codec.decode(job.plan.fields, row[: len(job.plan.fields)])
    chunk = Chunk([found], [version] if job.versioned else None, [(at,)])
    return chunk.kept(job.filter_of(branch))


async def begin(streams: Sequence[Stream], want: int) -> list[Chunk]:
    """The first rows of several streams, read at the same time."""
    if not streams:
        return []
    if len(streams) == 1:
        return [await streams[0].pull(want)]
    size = max(-(-want // len(streams)) + 1, min(want, _LEAST))
    return await together(streams, [size] * len(streams))


async def together(streams: Sequence[Stream], sizes: Sequence[int]) -> list[Chunk]:
    """One answer of each stream, of at most so many rows, read at the same time."""
    job = streams[0].job
    statements = [await stream.statement() for stream in streams]
    seconds = time_of(job.ctx)
    session, consistency = job.session, job.consistency
    window = session.window(
        lambda i: session.send(
            statements[i], consistency, seconds, size=sizes[i], state=streams[i].paging
        ),
        len(streams),
        errors.reading,
        session.settings.concurrency,
    )
    chunks = []
    for stream, answer in zip(streams, answers(await job.ctx.wait(window)), strict=True):
        chunks.append(await stream.take(answer))
    return chunks
