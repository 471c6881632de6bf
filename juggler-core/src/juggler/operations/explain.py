"""What a query will do and cost: the plan, the guard's verdict, and what it did if analysed."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.model.scopes import scoped
from juggler.operations import _guard
from juggler.operations._execute import Counters, run
from juggler.operations._prepare import prepare
from juggler.operations._related import plain, settled, sketched
from juggler.query.tree import TRUE
from juggler.query.unparse import where_to_dict
from juggler.values.jsonable import to_jsonable

if TYPE_CHECKING:
    from juggler.connector.plan import Plan, Statement
    from juggler.model.query import Query
    from juggler.operations import Operations


@frozen(repr=False)
class Explanation:
    """A plan to read: ``print()`` it, take ``to_dict()``, or show it in a notebook."""

    plan: Plan
    connector: str
    refused: str
    counters: Counters | None = None
    steps: tuple[tuple[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON-able data."""
        plan, query = self.plan, self.plan.query
        data: dict[str, Any] = {
            "connector": self.connector,
            "model": query.model.name,
            "relation": plan.relation,
            "path": plan.path,
            "cost": {
                "class": plan.cost.cls,
                "requests": plan.cost.requests,
                "rows": plan.cost.est_rows,
                "partitions": plan.cost.partitions,
                "needs": sorted(plan.cost.needs),
            },
            "pushed": to_jsonable(where_to_dict(plan.pushed)),
            "residual": to_jsonable(where_to_dict(plan.residual)),
            "guarantee": plan.guarantee,
            "order": {"requested": [list(term) for term in query.order], "by": _order(plan)},
            "limit": {"value": query.limit, "skip": query.skip, "pushed": plan.limit_pushed},
            "fields": list(plan.fields),
            "statements": [
                {"text": s.text, "params": to_jsonable(s.params), **to_jsonable(dict(s.facts))}
                for s in plan.statements
            ],
            "rejected": [list(pair) for pair in plan.rejected],
            "suggestions": list(plan.suggestions),
            "warnings": list(plan.warnings),
            "refused": self.refused or None,
        }
        if self.steps:
            data["related"] = [
                {"relation": name, "plan": step.to_dict()} for name, step in self.steps
            ]
        if self.counters is not None:
            data["did"] = {
                "requests": self.counters.requests,
                "scanned": self.counters.scanned,
                "returned": self.counters.returned,
                "warnings": self.counters.warnings,
            }
        return data

    def lines(self) -> list[tuple[str, str]]:
        """Label and text of each line of the report."""
        data = self.to_dict()
        plan = self.plan
        out = [("plan", f"{self.connector} · {plan.relation}"), ("path", _path(plan))]
        if plan.pushed is not TRUE:
            out.append(("in the store", f"{data['pushed']}"))
        if plan.residual is not TRUE:
            out.append(("in Python", f"{data['residual']}"))
        if plan.query.order:
            terms = ", ".join(f"{path} {direction}" for path, direction in plan.query.order)
            out.append(("order", f"{terms} ({_order(plan)})"))
        if plan.query.limit is not None or plan.query.skip:
            where = "in the store" if plan.limit_pushed else "in Python"
            out.append(("limit", f"{plan.query.limit} skip {plan.query.skip} ({where})"))
        out += [("statement", _statement(s)) for s in plan.statements]
        out += [("rejected", f"{path}: {why}") for path, why in plan.rejected]
        for name, step in self.steps:
            out += [("related", f"{name}; samples stand for keys"), *step.lines()]
        out += [("warning", text) for text in plan.warnings]
        if self.refused:
            out.append(("refused", f"{self.refused}; allow_scan=True accepts it"))
        out += [("fix", text) for text in plan.suggestions]
        if self.counters is not None:
            c = self.counters
            read = f"{_count(c.requests, 'request')}, {_count(c.scanned, 'row')} read"
            out.append(("did", f"{read}, {c.returned} returned"))
        return out

    def __str__(self) -> str:
        return "\n".join(f"{label:>13}  {text}" for label, text in self.lines())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:right'>{html.escape(label)}</th>"
            f"<td style='text-align:left'><code>{html.escape(text)}</code></td></tr>"
            for label, text in self.lines()
        )
        return f"<table>{rows}</table>"


def _path(plan: Plan) -> str:
    cost = plan.cost
    rows = "" if cost.est_rows is None else f", about {_count(cost.est_rows, 'row')}"
    return f"{plan.path} ({_count(cost.requests, 'request')}{rows})"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _order(plan: Plan) -> str:
    by = {"satisfied": "by the store", "ties": "by the store, ties in Python", "none": "in Python"}
    return by[plan.order] if plan.query.order else "none asked"


def _statement(statement: Statement) -> str:
    """Text, parameters, and what else the connector says of it."""
    params = str(to_jsonable(statement.params)) if statement.params else ""
    facts = ", ".join(
        f"{name} {value}" for name, value in to_jsonable(dict(statement.facts)).items()
    )
    return "  ".join(part for part in (statement.text, params, facts and f"({facts})") if part)


async def explain(self: Operations, query: Query[Any], analyze: bool = False) -> Explanation:
    """The plan of a query; no I/O unless ``analyze``, which runs it and counts."""
    steps: list[tuple[str, Any]] = []
    query = scoped(query)
    if not plain(query):
        sketch, steps = await sketched(self, query)
        query = (await settled(self, query))[0] if analyze else sketch
    prepared = prepare(self.source, query)
    plan = self.source.plan_query(prepared.spec, self.source.schema_of(prepared.spec.model))
    refused = _guard.verdict(self.source, plan)
    counters = None
    if analyze and not refused:
        counters = Counters()
        await run(self.port, self.source, plan, counters)
    return Explanation(plan, self.source.name, refused, counters, tuple(steps))
