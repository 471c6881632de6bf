"""How many requests an operation sends: no hidden ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.query.tree import TRUE
from juggler_conformance.props._draws import any_shape, some_rows
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import rows
from juggler_conformance.strategies.conditions import conditions
from juggler_conformance.strategies.queries import DrawnQuery
from juggler_conformance.strategies.spelling import spelled_where

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session


@conforms(
    "core",
    keeps=True,
    usually="a read before each write, a count before each page, a request for each row",
)
def no_hidden_requests(session: Session) -> None:
    """Each operation by key is one request; a query is as many as it has pages."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            loaded = some_rows(draw, bench, max_size=6)
            row = draw(rows(shape, session.limits))
            key = bench.id_of(bench.table.key_of(row))
            ids = [bench.id_of(bench.table.key_of(r)) for r in loaded] or [key]
            _sends(bench, ["get"], lambda: bench.call("find_by_id", key))
            _sends(bench, ["get"], lambda: bench.call("find_by_ids", ids))
            _sends(bench, ["fetch"], lambda: bench.call("find", {}))
            _sends(bench, _counting(bench), lambda: bench.call("count", {}))
            _sends(bench, ["write"], lambda: bench.put(row))
            _sends(bench, ["write"], lambda: bench.delete(bench.table.key_of(row)))
            _sends(bench, ["write"], lambda: bench.create(row))
            if len(loaded) > 1:
                again = [dict(bench.table.rows[bench.table.key_of(r)]) for r in loaded]
                for r in again:
                    bench.delete(bench.table.key_of(r))
                _sends(bench, ["write"], lambda: bench.load(again))

    session.examples(body, scale=0.3)


def _counting(bench: Bench) -> list[str]:
    """A store that counts by reading may answer that it would rather be read."""
    if not bench.session.inside.has("count"):
        return ["fetch"]
    return ["count"] if bench.caps.count.get("kind") == "exact-fast" else ["count", "fetch"]


def _sends(bench: Bench, hooks: list[str], act: Callable[[], Any]) -> None:
    with bench.session.recording() as recorder:
        act()
    sent = list(dict.fromkeys(recorder.hooks)) if hooks[-1] == "fetch" else recorder.hooks
    if hooks == ["count", "fetch"] and sent == ["count"]:
        return
    assert sent == hooks, f"{recorder.hooks} was sent instead of {hooks}"


@conforms("core", usually="a condition that is always false is sent all the same")
def nothing_needs_no_request(session: Session) -> None:
    """What cannot have an answer is answered without a request, and so is limit 0."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            loaded = some_rows(draw, bench, max_size=3)
            where = spelled_where(
                draw(conditions(shape, loaded, session.limits, nested=False, geo=False))
            )
            for filter_ in ({"where": {"and": [where, {"or": []}]}}, {"where": where, "limit": 0}):
                with session.recording() as recorder:
                    assert list(bench.call("find", filter_)) == []
                assert not recorder.hooks, f"{recorder.hooks} was sent"
            with session.recording() as recorder:
                assert bench.call("count", {"or": []}) == 0
                bench.call("delete_all", {"or": []})
                assert list(bench.call("find_by_ids", [])) == []
            assert not recorder.hooks, f"{recorder.hooks} was sent"
            bench.find(DrawnQuery(TRUE))

    session.examples(body, scale=0.5)


@conforms("core", usually="plan() reads from the store to decide")
def explain_sends_nothing(session: Session) -> None:
    """explain() plans without a request; analyze=True runs the query and counts."""

    def body(draw: Draw) -> None:
        shape = any_shape(draw, session)
        with session.bench(shape) as bench:
            loaded = some_rows(draw, bench, max_size=3)
            where = draw(
                conditions(
                    shape,
                    loaded,
                    session.limits,
                    geo=bool(session.caps.geo),
                    nested=bool(session.caps.nested_paths),
                )
            )
            with session.recording() as recorder:
                told = bench.call("explain", {"where": spelled_where(where)})
                assert told.to_dict()["model"] == bench.spec.name
                assert str(told)
            assert not recorder.hooks, f"explain() sent {recorder.hooks}"

    session.examples(body, scale=0.5)
