"""The cost guard: a plan that would scan is refused unless the caller allows it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from juggler.errors import CostGuardError
from juggler.query.tree import TRUE
from juggler.values.callers import stack_level

if TYPE_CHECKING:
    from juggler.connector.plan import Plan
    from juggler.operations._source import Source


def verdict(source: Source, plan: Plan) -> str:
    """Why the plan is refused; empty when it may run.

    A query without any condition or order reads everything, as it says, and is no scan to refuse.
    """
    query = plan.query
    options = query.options
    if (
        plan.cost.cls == "scan"
        and not options.allow_scan
        and (query.where is not TRUE or query.order)
    ):
        return "it would read every row of the store (full scan)"
    limit = source.policy.max_partitions
    if limit is not None and plan.cost.partitions > limit:
        return f"it would read {plan.cost.partitions} partitions, more than max_partitions={limit}"
    return ""


def check(source: Source, plan: Plan) -> None:
    """Raise a :class:`CostGuardError` for a plan that is not allowed."""
    reason = verdict(source, plan)
    if not reason:
        if (
            plan.cost.cls == "scan"
            and source.policy.scan == "warn"
            and plan.query.where is not TRUE
        ):
            warnings.warn(
                f"full scan of {plan.relation}: {plan.query.where}", stacklevel=stack_level()
            )
        return
    ways = [*plan.suggestions, "allow_scan=True in the call accepts the cost"]
    if "partitions" in reason:
        ways[-1] = "raise max_partitions in the settings, or ask for fewer partitions"
    raise CostGuardError(
        f"query on {plan.query.model.name!r} refused: {reason}",
        plan=plan,
        suggestions=plan.suggestions,
        hint="; or ".join(ways),
        connector=source.name,
        model=plan.query.model.name,
    )


def too_many(source: Source, plan: Plan, what: str, limit: int) -> CostGuardError:
    """The error for work beyond a bound: ``max_scanned`` or ``max_sort``."""
    doing = "scan" if what == "max_scanned" else "sort in memory"
    return CostGuardError(
        f"query on {plan.query.model.name!r} would {doing} more than {limit:,} rows",
        code=f"cost-guard-{what.replace('_', '-')}",
        plan=plan,
        suggestions=plan.suggestions,
        hint="; or ".join([*plan.suggestions, f"{what}=… in the call raises the bound"]),
        connector=source.name,
        model=plan.query.model.name,
    )
