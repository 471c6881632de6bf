"""Several programs at once on few keys: what they saw must fit the declared consistency."""

from __future__ import annotations

import itertools
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler.errors import DuplicateKeyError
from juggler_conformance.linear import Event, linearizable, plausible
from juggler_conformance.registry import conforms
from juggler_conformance.schedule import run_tasks, run_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session

    #: What a program does: (kind, key, value).
    Step = tuple[str, str, str]

_KEYS = ("k1", "k2")


@conforms("concurrency", keeps=True, usually="an insert that looks first and writes then")
def one_of_many_creates_wins(session: Session) -> None:
    """Of several creates of one key at once exactly one succeeds; the others are duplicates."""
    shape = session.simple()

    def body(draw: Draw) -> None:
        with session.bench(shape) as bench:
            count = draw(st.integers(2, 4))
            rows = [_row(bench, "k1", f"v{i}") for i in range(count)]
            bench.touched[("k1",)] = None
            outcomes: list[str] = []
            session.journal.note(f"at once: {', '.join(f'M.create({row!r})' for row in rows)}")
            if draw(st.booleans()):
                run_threads([_creator(bench, row, outcomes) for row in rows])
            else:
                run_tasks(session, [partial(_create, bench, row, outcomes) for row in rows], draw)
            winners = [outcome for outcome in outcomes if outcome]
            assert len(winners) == 1, f"{len(winners)} of {count} creates succeeded"
            assert bench.model.find_by_id("k1")[bench.text] == winners[0]

    session.examples(body, scale=0.4)


def _creator(bench: Bench, row: dict[str, Any], outcomes: list[str]) -> Callable[[], None]:
    def create() -> None:
        try:
            outcomes.append(bench.model.create(dict(row))[bench.text])
        except DuplicateKeyError:
            outcomes.append("")

    return create


async def _create(bench: Bench, row: dict[str, Any], outcomes: list[str]) -> None:
    try:
        outcomes.append((await bench.model.aio.create(dict(row)))[bench.text])
    except DuplicateKeyError:
        outcomes.append("")


@conforms(
    "concurrency",
    keeps=True,
    usually="reads that are served from a copy, writes that overtake each other",
)
def histories_fit_the_consistency(session: Session) -> None:
    """What concurrent programs read and were told is linearizable where 'strong' is claimed."""
    shape = session.simple()
    strong = "strong" in session.caps.consistency.get("levels", ())

    def body(draw: Draw) -> None:
        with session.bench(shape) as bench:
            programs = _programs(draw)
            bench.touched.update(dict.fromkeys((key,) for key in _KEYS))
            history = History(bench, strong=strong)
            for steps in programs:
                told = ", ".join(f"{kind} {key} {value}" for kind, key, value in steps)
                session.journal.note(f"at once with the others: {told}")
            if draw(st.booleans()):
                run_threads([partial(history.run, steps) for steps in programs])
            else:
                run_tasks(session, [partial(history.arun, steps) for steps in programs], draw)
            for key in _KEYS:
                events = history.events[key]
                fits = linearizable(events) if strong else plausible(events)
                assert fits, f"no order explains what was seen of {key}: {events!r}"

    session.examples(body, scale=0.7)


def _programs(draw: Draw) -> list[list[Step]]:
    step = st.tuples(
        st.sampled_from(("put", "create", "get", "get", "delete")), st.sampled_from(_KEYS)
    )
    lists: list[list[tuple[str, str]]] = draw(
        st.lists(st.lists(step, min_size=1, max_size=4), min_size=2, max_size=3)
    )
    serial = itertools.count()
    return [[(kind, key, f"v{next(serial)}") for kind, key in steps] for steps in lists]


class History:
    """Records what programs do and see, by key."""

    def __init__(self, bench: Bench, *, strong: bool) -> None:
        self.bench = bench
        self.options = {"consistency": "strong"} if strong else {}
        self.events: dict[str, list[Event]] = {key: [] for key in _KEYS}
        self._clock = itertools.count()

    def run(self, steps: list[Step]) -> None:
        """One program, blocking."""
        model = self.bench.model
        with self.bench.session.db.options(**self.options):
            for kind, key, value in steps:
                began = next(self._clock)
                answer = _outcome(_call(model, self.bench, kind, key, value))
                self._saw(kind, key, value, answer, began)

    async def arun(self, steps: list[Step]) -> None:
        """One program, as a task."""
        model = self.bench.model.aio
        with self.bench.session.db.options(**self.options):
            for kind, key, value in steps:
                began = next(self._clock)
                try:
                    answer = await _call(model, self.bench, kind, key, value)()
                except DuplicateKeyError:
                    answer = False
                self._saw(kind, key, value, answer, began)

    def _saw(self, kind: Any, key: str, value: str, answer: Any, began: int) -> None:
        done: bool | None = None
        seen: Any = value
        if kind == "get":
            seen = None if answer is None else answer[self.bench.text]
        elif kind == "create":
            done = answer is not False
        elif kind == "delete":
            done = answer
        self.events[key].append(Event(kind, seen, done, began, next(self._clock)))


def _outcome(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except DuplicateKeyError:
        return False


def _call(model: Any, bench: Bench, kind: str, key: str, value: str) -> Callable[[], Any]:
    row = _row(bench, key, value)
    match kind:
        case "put":
            return lambda: model.replace_or_create(row)
        case "create":
            return lambda: model.create(row)
        case "get":
            return lambda: model.find_by_id(key)
        case _:
            return lambda: model.delete_by_id(key)


def _row(bench: Bench, key: str, value: str) -> dict[str, Any]:
    return {bench.shape.key_names[0]: key, bench.text: value}
