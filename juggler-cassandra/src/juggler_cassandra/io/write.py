"""Writes: every one a light-weight transaction (safe), or none of them (blind)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from juggler.connector import WhereResult, WriteResult
from juggler.errors import CapabilityError, DeadlineError, JugglerError, OutcomeUnknownError
from juggler_cassandra.capabilities import writes_blind
from juggler_cassandra.cql import delete_slice
from juggler_cassandra.io import errors
from juggler_cassandra.io.batches import send_blind
from juggler_cassandra.io.cluster import level
from juggler_cassandra.io.get import check_key
from juggler_cassandra.io.resolve import resolve
from juggler_cassandra.io.session import write_time
from juggler_cassandra.io.statements import Sent, Statements
from juggler_cassandra.io.verdicts import failed, verdict
from juggler_cassandra.planning import Slices, keyset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import Change, OpContext, Plan, WriteOp, WriteOptions
    from juggler.spec import ModelSpec
    from juggler_cassandra.io.facts import Facts
    from juggler_cassandra.io.planned import Planned
    from juggler_cassandra.io.session import Session

#: How often a row is tried again that was refused before anything was applied.
_TRIES: Final = 4
_PAUSE: Final = 0.05
#: How often a put is tried that finds its row coming and going.
_ROUNDS: Final = 3


async def write(
    session: Session,
    model: ModelSpec,
    ops: Sequence[WriteOp],
    opts: WriteOptions,
    ctx: OpContext,
) -> list[WriteResult]:
    """Write each row; an error of one row is in its result.

    Raises:
        JugglerError: of the only row; or of all of them, when nothing was applied for sure.
    """
    facts = writable(session, model)
    statements = Statements.of(session, facts)
    blind = opts.mode == "blind" or statements.shape.blind
    make = statements.blind if blind else statements.safe
    todo: list[Sent] = []
    results: dict[int, WriteResult] = {}
    for index, op in enumerate(ops):
        try:
            todo.append(make(index, op))
        except JugglerError as error:
            if len(ops) == 1:
                raise
            results[index] = WriteResult(index, op.key, "failed", error=error)
    await statements.prepare(todo, ctx)
    job = _Job(session, facts, statements, ctx, session.settings.write_level(opts.consistency))
    if todo:
        results |= await (job.blind(todo) if blind else job.safe(todo))
    return _judged([results[index] for index in range(len(ops))])


def writable(session: Session, model: ModelSpec) -> Facts:
    """The facts of a model that can be written.

    Raises:
        CapabilityError: it is over a view.
        SchemaDriftError: its key is not the table's.
    """
    facts = session.facts(model)
    if facts.is_view:
        base = (facts.info.base if facts.info is not None else None) or (
            model.view.of if model.view is not None else "its base"
        )
        raise CapabilityError(
            f"{model.name} is a view of {base}: its rows can only be read",
            feature="write",
            alternatives=(f"write to {base}; the view follows by itself",),
            connector=errors.NAME,
            model=model.name,
            code="read-only",
        )
    check_key(facts)
    return facts


class _Job:
    def __init__(
        self, session: Session, facts: Facts, statements: Statements, ctx: OpContext, name: str
    ) -> None:
        self.session = session
        self.facts = facts
        self.statements = statements
        self.ctx = ctx
        self.consistency = level(name)

    async def safe(self, todo: list[Sent]) -> dict[int, WriteResult]:
        """Light-weight transactions, one per row; a put goes on until it is done."""
        done: dict[int, WriteResult] = {}
        for _ in range(2 * _ROUNDS):
            outcomes = await self._resolved(todo)
            again: list[Sent] = []
            for one, outcome in zip(todo, outcomes, strict=True):
                result = (
                    outcome
                    if isinstance(outcome, WriteResult)
                    else verdict(self.facts, one, outcome)
                )
                follow = self.statements.follow(one, result)
                if follow is not None:
                    again.append(follow)
                else:
                    done[one.index] = result
            if not again:
                return done
            try:
                await self.statements.prepare(again, self.ctx)
            except JugglerError as error:  # the others are done, which must be told
                return done | {one.index: failed(one.index, one.op, error) for one in again}
            todo = again
        for one in todo:
            done[one.index] = WriteResult(one.index, one.op.key, "conflict", existed=None)
        return done

    async def blind(self, todo: list[Sent]) -> dict[int, WriteResult]:
        """Plain writes; rows of one partition in batches."""
        if len(todo) > 1 and all(one.op.timestamp is None for one in todo):
            return await send_blind(self.session, self.facts, todo, self.ctx, self.consistency)
        outcomes = await self._outcomes(todo)
        pairs = zip(todo, outcomes, strict=True)
        return {one.index: verdict(self.facts, one, outcome) for one, outcome in pairs}

    async def _resolved(self, todo: list[Sent]) -> list[Any]:
        """What came of each; where no answer came, what a serial read says."""
        try:
            outcomes = await self._outcomes(todo)
        except OutcomeUnknownError as error:
            found = await resolve(self.session, self.facts, todo[0], error, self.ctx)
            if isinstance(found, JugglerError):
                raise found from error.__cause__
            return [found]
        for at, outcome in enumerate(outcomes):
            if isinstance(outcome, OutcomeUnknownError):
                outcomes[at] = await resolve(self.session, self.facts, todo[at], outcome, self.ctx)
        return outcomes

    async def _outcomes(self, todo: list[Sent]) -> list[Any]:
        """What came of each; rows refused before anything was applied are tried again."""
        if len(todo) == 1:
            return [await self._single(todo[0])]
        outcomes: list[Any] = [None] * len(todo)
        left = list(range(len(todo)))
        for attempt in range(_TRIES):
            found = await self.ctx.wait(self._window([todo[i] for i in left]))
            for i, outcome in zip(left, found, strict=True):
                outcomes[i] = outcome
            left = [i for i in left if _again(outcomes[i])]
            if not left or attempt == _TRIES - 1 or not await self._paused(_PAUSE * 2**attempt):
                break
        return outcomes

    async def _paused(self, seconds: float) -> bool:
        """Whether there was time for it; what is known so far has to be told otherwise."""
        try:
            await self.ctx.sleep(seconds)
        except DeadlineError:
            return False
        return True

    async def _single(self, one: Sent) -> Any:
        """One row: its error is raised, so that the port may send it again."""
        self.ctx.note(one.text, one.values)
        request = self.session.request(
            one.bound(), self.consistency, self.ctx, fail=errors.writing, seconds=write_time
        )
        return await self.ctx.wait(request)

    def _window(self, todo: list[Sent]) -> Any:
        self.ctx.note(f"{todo[0].text} x {len(todo)}", [one.values for one in todo[:3]])
        send, consistency = self.session.send, self.consistency
        return self.session.window(
            lambda i: send(todo[i].bound(), consistency, write_time(self.ctx)),
            len(todo),
            errors.writing,
            self.session.settings.write_concurrency,
        )


def _again(outcome: Any) -> bool:
    return isinstance(outcome, JugglerError) and outcome.retryable and outcome.outcome == "none"


def _judged(results: list[WriteResult]) -> list[WriteResult]:
    """The results; when nothing at all was applied for the same kind of reason, that is raised."""
    first = results[0].error if results else None
    if (
        first is not None
        and first.retryable
        and all(
            one.status == "failed" and one.error is not None and one.error.outcome == "none"
            and type(one.error) is type(first)
            for one in results
        )
    ):  # fmt: skip
        raise first
    return results


# ---------------------------------------------------------------- by condition


async def write_where(
    session: Session, model: ModelSpec, plan: Plan, change: Change, ctx: OpContext
) -> Any:
    """One DELETE per partition, where that is what the plan says; ``NotImplemented`` otherwise.

    A range delete is no light-weight transaction and tells no count, so it serves models that write
    blindly.
    """
    planned: Planned = plan.opaque
    access = planned.access
    if not (change.kind == "delete" and access.deletable and writes_blind(model, session.settings)):
        return NotImplemented
    facts = writable(session, model)
    if planned.declared and facts.drifted:
        return NotImplemented
    (branch,) = access.branches
    if not isinstance(branch, Slices):
        return NotImplemented
    reads = [keyset.start(branch, values) for values in branch.partitions]
    sent = []
    for read in reads:
        shape = tuple((r.column, r.operator) for r in read.restrictions)
        text = delete_slice(branch.relation, shape, keyspace=session.keyspace)
        values = [list(r.value) if r.operator == "IN" else r.value for r in read.restrictions]
        sent.append((await session.prepare(text, ctx, writes=True), values))
        ctx.note(text, values)
    consistency = level(session.settings.write_level(plan.query.options.consistency))
    window = session.window(
        lambda i: session.send(sent[i][0].bind(sent[i][1]), consistency, write_time(ctx)),
        len(sent),
        errors.writing,
        session.settings.write_concurrency,
    )
    outcomes = await ctx.wait(window)
    failed = [one for one in outcomes if isinstance(one, BaseException)]
    if failed and len(failed) == len(outcomes) == 1:
        raise failed[0]
    if failed:
        raise OutcomeUnknownError(
            f"{len(failed)} of {len(outcomes)} partitions may not be deleted: {failed[0]}",
            hint="deleting again does no harm",
            connector=errors.NAME,
            model=model.name,
        ) from failed[0]
    return WhereResult(None, None)
