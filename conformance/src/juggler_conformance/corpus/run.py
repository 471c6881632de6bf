"""Running cases: fill a table, ask, compare."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, field, frozen

from juggler import connect
from juggler.connector import mask_url
from juggler.errors import (
    CapabilityError,
    ConfigurationError,
    JugglerError,
    UnsupportedModelError,
)
from juggler_conformance.corpus.compare import difference
from juggler_conformance.corpus.program import program
from juggler_conformance.corpus.tables import OwnTables, SharedTables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from juggler import DataSource
    from juggler_conformance.corpus.cases import Case

Status = Literal["answered", "refused", "failed"]
_NO_BOUND = 1 << 40


@frozen
class Outcome:
    """What came of a case; ``text`` is the program that shows a failure."""

    case: Case
    status: Status
    text: str = ""


@define
class Summary:
    """How many cases were answered, refused by a claim of the connector, or failed."""

    answered: int = 0
    refused: int = 0
    failed: int = 0
    reasons: dict[str, int] = field(factory=dict)

    @property
    def total(self) -> int:
        """All cases."""
        return self.answered + self.refused + self.failed

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        setattr(self, outcome.status, getattr(self, outcome.status) + 1)
        if outcome.status == "refused":
            self.reasons[outcome.text] = self.reasons.get(outcome.text, 0) + 1

    def __str__(self) -> str:
        lines = [f"refused {count:5}  {why}" for why, count in sorted(self.reasons.items())]
        counts = f"{self.answered} answered, {self.refused} refused by claim, {self.failed} failed"
        return "\n".join([*lines, f"{self.total} cases: {counts}"])


def run_corpus(
    cases: Iterable[Case],
    target: Any,
    *,
    settings: dict[str, Any] | None = None,
    limit: int | None = None,
    prefix: str = "",
    told: Callable[[Outcome], object] | None = None,
) -> Summary:
    """Run cases against a data source, with scans allowed and without bounds.

    Args:
        cases: the cases.
        target: what ``juggler.connect`` takes.
        settings: its settings.
        limit: stop after so many cases.
        prefix: put before storage names.
        told: called with each failure.

    Raises:
        ConfigurationError: ``corpus-keeps-nothing`` when the connector says that it stores no rows.
    """
    summary = Summary()
    with connect(target, settings or None) as db:
        if db.capabilities_of(None).persistence.get("stored") is False:
            raise ConfigurationError(
                f"connector {db.name!r} keeps no rows: there is nothing to ask",
                code="corpus-keeps-nothing",
                hint="the suite's properties apply to it: juggler-conformance run",
            )
        given = list(islice(cases, limit))
        shared = not db.capabilities_of(None).open_models
        tables = SharedTables(db, prefix, given) if shared else OwnTables(db, prefix)
        with db.options(allow_scan=True, max_scanned=_NO_BOUND, max_sort=_NO_BOUND):
            for case in given:
                outcome = _run(db, tables, case, mask_url(str(target)))
                summary.add(outcome)
                if outcome.status == "failed" and told is not None:
                    told(outcome)
    return summary


def _run(db: DataSource, tables: OwnTables, case: Case, url: str) -> Outcome:
    answer: Any = None
    try:
        model = tables.open(case)
        try:
            tables.fill(model, case)
            answer = _answer(model, case)
            why = _judge(db, model, case, answer)
        finally:
            tables.done(model)
    except (CapabilityError, UnsupportedModelError) as error:
        return Outcome(case, "refused", f"{type(error).__name__}: {error.message}")
    except JugglerError as error:
        why = f"{type(error).__name__}: {error}"
    return (
        Outcome(case, "failed", program(case, url, answer, why))
        if why
        else Outcome(case, "answered")
    )


def _answer(model: Any, case: Case) -> Any:
    """What the data source says, in the form of ``expected``."""
    where = case.filter.get("where") or {}
    match case.op:
        case "find":
            return [instance.to_object() for instance in model.find(dict(case.filter))]
        case "count":
            return model.count(where)
        case "updateAll":
            # all=True: a condition may turn out to hold for every row.
            count = model.update_all(where, dict(case.filter["data"]), all=True)
        case _:
            count = model.delete_all(where, all=True)
    rows = sorted((i.to_object() for i in model.find()), key=lambda row: row["id"])
    return {"count": count.changed, "rows": rows}


def _judge(db: DataSource, model: Any, case: Case, answer: Any) -> str:
    """Why the answer is wrong; empty when it is right."""
    expected, types = case.expected, case.types
    if case.op == "count":
        return "" if answer == expected else f"counted {answer} instead of {expected}"
    if case.op != "find":
        if answer["count"] is not None and answer["count"] != expected["count"]:
            return f"{answer['count']} rows were changed instead of {expected['count']}"
        return difference(answer["rows"], expected["rows"], types, ordered=True)
    ordered = bool(case.filter.get("order")) or in_key_order(db)
    why = difference(answer, expected, types, ordered=ordered)
    if why and not ordered and {"limit", "skip", "offset"} & set(case.filter):
        return _some_of(model, case, answer)
    return why


def in_key_order(db: DataSource) -> bool:
    """Whether rows come in key order where no order is asked for."""
    return bool(db.capabilities_of(None).order.get("default") == "key")


def _some_of(model: Any, case: Case, answer: list[Any]) -> str:
    """Without an order any rows of the answer will do, as long as there are enough."""
    if len(answer) != len(case.expected):
        return f"{len(answer)} rows instead of {len(case.expected)}"
    whole = {name: part for name, part in case.filter.items() if name in {"where", "fields"}}
    left = [repr(sorted(i.to_object().items())) for i in model.find(whole)]
    for row in answer:
        text = repr(sorted(row.items()))
        if text not in left:
            return f"{row!r} does not belong to the answer, or is there twice"
        left.remove(text)
    return ""
