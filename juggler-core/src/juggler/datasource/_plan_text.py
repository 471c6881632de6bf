"""A schema plan for readers: text and notebook view."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from juggler.connector.schema import SchemaStep
    from juggler.datasource.schema import SchemaPlan

_SIGNS = {"create": "+", "add": "+", "drop": "-", "remove": "-"}


def plan_text(plan: SchemaPlan) -> str:
    """One line per step, its native statements below."""
    lines = [_title(plan)]
    width = max((len(f"{step.kind} {step.target}") for step in plan.steps), default=0)
    for step in plan.steps:
        what = f"{step.kind} {step.target}".ljust(width)
        lines.append(f"  {_sign(step)} {what}  {step.safety:<11} {step.reason}".rstrip())
        lines += [f"      {statement}" for statement in step.native]
    return "\n".join(lines)


def plan_html(plan: SchemaPlan) -> str:
    """A table."""
    rows = "".join(
        f"<tr><td>{_sign(step)}</td><td>{escape(step.kind)}</td><td>{escape(step.target)}</td>"
        f"<td>{step.safety}</td><td>{escape(step.reason)}</td>"
        f"<td><pre>{escape(chr(10).join(step.native))}</pre></td></tr>"
        for step in plan.steps
    )
    return (
        f"<table><caption>{escape(_title(plan))}</caption><thead><tr><th></th><th>step</th>"
        f"<th>target</th><th>safety</th><th>reason</th><th>statements</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _title(plan: SchemaPlan) -> str:
    count = len(plan.pending)
    state = "nothing to do" if not count else f"{count} step{'s' if count > 1 else ''}"
    return f"Schema plan  {plan.connector} · {plan.mode} · {', '.join(plan.models)} · {state}"


def _sign(step: SchemaStep) -> str:
    if step.safety == "info":
        return "·"
    return _SIGNS.get(step.kind.partition("-")[0], "~")
