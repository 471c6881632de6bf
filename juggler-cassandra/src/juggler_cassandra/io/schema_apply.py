"""One step of a schema plan, until every node knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cassandra.query import SimpleStatement

from juggler.connector import StepResult
from juggler.errors import UnavailableError
from juggler_cassandra.io import errors
from juggler_cassandra.io.cluster import level
from juggler_cassandra.io.session import time_of

if TYPE_CHECKING:
    from juggler.connector import OpContext, SchemaStep
    from juggler_cassandra.io.session import Session


async def apply(session: Session, step: SchemaStep, ctx: OpContext) -> StepResult:
    """Run the step's statements; indexes and views are built when the core says it waits.

    Raises:
        UnavailableError: the nodes do not agree on the schema in time; the step is applied.
    """
    warnings: list[str] = []
    for text in step.native:
        ctx.note(text)
        request = session.request(
            SimpleStatement(text), level("ONE"), ctx, fail=errors.schema_change
        )
        answer = await ctx.wait(request)
        warnings += answer.warnings
        if not getattr(answer.future, "is_schema_agreed", True):
            await _agreement(session, ctx)
    session.forget_statements()
    return StepResult(step, {"warnings": tuple(warnings)} if warnings else {})


async def _agreement(session: Session, ctx: OpContext) -> None:
    control: Any = session.driver.cluster.control_connection
    agreed = await ctx.wait(
        ctx.submit(lambda: control.wait_for_schema_agreement(wait_time=time_of(ctx)))
    )
    if not agreed:
        raise UnavailableError(
            "the nodes do not agree on the schema yet; the step itself is applied",
            code="schema-agreement",
            hint="are all nodes up? db.apply() goes on where it stopped",
            connector=errors.NAME,
            retryable=False,
            outcome="applied",
        )
