"""Seeded bugs: conditions that mean something else in the store."""

from __future__ import annotations

import itertools
import re
from typing import Any

from attrs import evolve
from bugs_support import Rewriting, bug

from juggler.connector import full_scan, hookimpl
from juggler.connector.plan import Cost, Statement
from juggler.datasource._schemas import declared_schema
from juggler.query.tree import (
    TRUE,
    And,
    AnyElem,
    Between,
    Cmp,
    In,
    IsNull,
    Like,
    Near,
    Not,
    Or,
    Regex,
    StartsWith,
    all_of,
    conjuncts,
)
from juggler_memory import MemoryConnector

_QUERIES = ("queries_are_answered", "law_1_no_matching_row_is_lost", "law_2_exact_is_exact")
_OPERATORS = ("operators_by_the_table", "operators_mean_what_they_say")


class _Rewriting(Rewriting):
    @hookimpl
    def plan(self, query: Any, schema: Any) -> Any:
        return self.wrong(query, schema)


@bug("law_3_the_residual_is_what_is_left", *_QUERIES)
class ResidualDropped(_Rewriting):
    """The last of several conditions is evaluated by nobody."""

    def condition(self, where):
        parts = conjuncts(where)
        return all_of(*parts[:-1]) if len(parts) > 1 else where


@bug("combinations_by_the_table")
class ThirdBranchDropped(_Rewriting):
    """Of an or with three branches two are evaluated."""

    def change(self, node):
        return Or(node.parts[:2]) if isinstance(node, Or) and len(node.parts) > 2 else None


@bug("law_2_exact_is_exact", "queries_are_answered")
class SupersetClaimedExact(MemoryConnector):
    """Everything is fetched, and it is called the answer."""

    @hookimpl
    def plan(self, query, schema):
        plan = super().plan(evolve(query, where=TRUE), schema)
        return evolve(plan, query=query, guarantee="exact", residual=TRUE)


@bug(*_OPERATORS)
class NegationOfSql(_Rewriting):
    """Three-valued logic: what is not something is not null either."""

    def change(self, node):
        match node:
            case Not(Cmp(path) | In(path) | Like(path) as part):
                return And((Not(part), Not(IsNull(path))))
            case Cmp(path, "ne"):
                return And((node, Not(IsNull(path))))
            case _:
                return None


@bug(*_OPERATORS)
class OpenUpperBound(_Rewriting):
    """Between leaves out its upper end."""

    def change(self, node):
        match node:
            case Between(path, lo, hi):
                return And((Cmp(path, "ge", lo), Cmp(path, "lt", hi)))
            case Cmp(path, "le", value):
                return Cmp(path, "lt", value)
            case _:
                return None


@bug(*_OPERATORS)
class GreaterIsGreaterOrEqual(_Rewriting):
    """``gt`` as ``gte``."""

    def change(self, node):
        return (
            Cmp(node.path, "ge", node.value) if isinstance(node, Cmp) and node.op == "gt" else None
        )


@bug(*_OPERATORS)
class NullIsLow(_Rewriting):
    """Null is less than everything in comparisons, not only in orders."""

    def change(self, node):
        if isinstance(node, Cmp) and node.op in {"lt", "le"} and node.path:
            return Or((node, IsNull(node.path)))
        return None


@bug(*_OPERATORS)
class EqualityIgnoresCase(_Rewriting):
    """A case-insensitive collation."""

    def change(self, node):
        match node:
            case Cmp(path, "eq", str() as text):
                return Like(path, re.sub(r"([%_\\])", r"\\\1", text), ci=True)
            case _:
                return None


@bug(*_OPERATORS)
class LikeIgnoresCase(_Rewriting):
    """``like`` as ``ilike``."""

    def change(self, node):
        match node:
            case Like(path, pattern, False):
                return Like(path, pattern, ci=True)
            case StartsWith(path, prefix):
                return Like(path, re.sub(r"([%_\\])", r"\\\1", prefix) + "%", ci=True)
            case _:
                return None


@bug(*_OPERATORS)
class LikeKnowsNoEscape(_Rewriting):
    """A backslash in a pattern is only a backslash, and the wildcard after it is one."""

    def change(self, node):
        if isinstance(node, Like) and "\\" in node.pattern:
            return Like(node.path, node.pattern.replace("\\%", "%").replace("\\_", "_"), node.ci)
        if isinstance(node, StartsWith):
            return Like(node.path, node.prefix + "%")
        return (
            Like(node.path, node.value) if isinstance(node, Cmp) and _has_wildcard(node) else None
        )


def _has_wildcard(node: Cmp) -> bool:
    return node.op == "eq" and isinstance(node.value, str) and bool(set(node.value) & {"%", "_"})


@bug(*_OPERATORS)
class LikeIsNotAnchored(_Rewriting):
    """``like`` finds its text anywhere."""

    def change(self, node):
        return Like(node.path, f"%{node.pattern}%", node.ci) if isinstance(node, Like) else None


@bug(*_OPERATORS)
class RegexpMatchesAtTheBeginning(_Rewriting):
    """``re.match`` where ``re.search`` is meant."""

    def change(self, node):
        if isinstance(node, Regex) and not node.pattern.startswith("^"):
            return Regex(node.path, f"^(?:{node.pattern})", node.flags)
        return None


@bug(*_OPERATORS)
class RegexpFlagsDropped(_Rewriting):
    """``/a/i`` as ``/a/``."""

    def change(self, node):
        return (
            Regex(node.path, node.pattern, "") if isinstance(node, Regex) and node.flags else None
        )


@bug(*_OPERATORS)
class OnlyTheFirstOfAList(_Rewriting):
    """``inq`` looks for its first value."""

    def change(self, node):
        return In(node.path, node.values[:1]) if isinstance(node, In) else None


@bug(*_OPERATORS)
class ConditionsHitDifferentElements(_Rewriting):
    """An element match is taken apart: each condition may hit another element."""

    def change(self, node):
        match node:
            case AnyElem(path, And(parts)):
                return And(tuple(AnyElem(path, part) for part in parts))
            case _:
                return None


@bug(*_OPERATORS)
class AllElementsInsteadOfAny(_Rewriting):
    """A condition on an array has to hold for every element."""

    def change(self, node):
        match node:
            case AnyElem(path, inner):
                return And((AnyElem(path, inner), Not(AnyElem(path, Not(inner)))))
            case _:
                return None


@bug(*_OPERATORS)
class NearestIgnored(_Rewriting):
    """``minDistance`` is not looked at."""

    def change(self, node):
        return evolve(node, min_distance=None) if isinstance(node, Near) else None


@bug("ties_are_in_key_order", *_QUERIES)
class PartitionOfOneColumn(_Rewriting):
    """The second part of a composite partition is forgotten."""

    def condition(self, where):
        return all_of(
            *(p for p in conjuncts(where) if not (isinstance(p, Cmp | In) and p.path == "area"))
        )


@bug("writes_by_the_table")
class DeleteIsWider(MemoryConnector):
    """A delete by condition goes by the first condition alone."""

    @hookimpl
    def write_where(self, model, plan, change, ctx):
        if change.kind == "delete":
            first = conjuncts(plan.query.where)[:1]
            plan = super().plan(evolve(plan.query, where=all_of(*first)), None or _schema(model))
        return super().write_where(model, plan, change, ctx)


@bug("writes_by_condition")
class UpdateIsWider(MemoryConnector):
    """An update by condition takes null for a match."""

    @hookimpl
    def write_where(self, model, plan, change, ctx):
        if change.kind == "patch" and isinstance(plan.query.where, Cmp):
            wider = Or((plan.query.where, IsNull(plan.query.where.path)))
            plan = super().plan(evolve(plan.query, where=wider), _schema(model))
        return super().write_where(model, plan, change, ctx)


def _schema(model: Any) -> Any:
    return declared_schema([model])


@bug("law_7_pushed_limits", "pages_of_any_size", "queries_are_answered")
class LimitBeforeTheOrder(MemoryConnector):
    """The limit is pushed although the order is left to the core."""

    @hookimpl
    def plan(self, query, schema):
        plan = super().plan(evolve(query, order=()), schema)
        return evolve(plan, query=query, order="none", limit_pushed=query.limit is not None)


@bug("law_6_plans_are_deterministic")
class PlansDiffer(MemoryConnector):
    """A plan's statement has a counter in it."""

    def __init__(self, settings=None):
        super().__init__(settings)
        self._serial = itertools.count()

    @hookimpl
    def plan(self, query, schema):
        plan = super().plan(query, schema)
        return evolve(plan, statements=(Statement(f"statement {next(self._serial)}"),))


@bug("claims_are_reached")
class IndexesAreNeverUsed(MemoryConnector):
    """Indexes are claimed, declared, kept up to date, and no plan uses them."""

    @hookimpl
    def plan(self, query, schema):
        plan = super().plan(query, schema)
        if plan.path in {"empty", "scan"} or plan.opaque is None:
            return plan
        return evolve(plan, path="scan", cost=Cost("scan"))


@bug("scans_need_permission")
class ScansAreHidden(MemoryConnector):
    """The plan that runs is a scan, and explain said something else."""

    def __init__(self, settings=None):
        super().__init__(settings)
        self._serial = itertools.count()

    @hookimpl
    def plan(self, query, schema):
        plan = full_scan(query)
        cheap = next(self._serial) % 2 == 0
        return evolve(super().plan(query, schema), cost=Cost("index") if cheap else plan.cost)
