"""Hooks and rules: the same for every connector, in both colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler.errors import JugglerError, ValidationError
from juggler.model.hooks import HOOKS
from juggler.operations._lifecycle import MATRIX
from juggler_conformance.plain import plain_row
from juggler_conformance.props._hooked import (
    BROKEN,
    READS,
    WRITES,
    applied,
    begin,
    everything,
    hooked,
    perform,
)
from juggler_conformance.registry import conforms

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler_conformance.session import Draw, Session

#: Operations that concern any number of rows.
_WIDE = ("find", "find_one", "page", "count", "exists", "update_all", "delete_all")
#: Hooks that run before the store is reached; what they change is written.
_BEFORE = (
    "before_save", "before_validate", "after_validate", "before_create", "before_update", "persist",
)  # fmt: skip


def _written(operation: str) -> tuple[str, ...]:
    """Hooks of an operation that may change what is written."""
    return tuple(name for name in MATRIX[operation] if name in _BEFORE)


@conforms("hooks", keeps=True, usually="a way to the store that goes around the life cycle")
def hooks_run_in_the_order_of_the_matrix(session: Session) -> None:
    """Each operation runs the hooks that the matrix says, in order, once for each row."""

    def body(draw: Draw) -> None:
        operation = draw(st.sampled_from((*READS, *WRITES)))
        with hooked(session) as bench:
            held = begin(bench, operation)
            seen: list[str] = []
            states: set[int] = set()

            def told(ctx: Any) -> None:
                seen.append(ctx.hook)
                states.add(id(ctx.state))
                assert ctx.operation in {operation, "find"}, f"{operation} told {ctx.operation}"

            for name in HOOKS[2:]:  # making an instance is no operation
                bench.model.observe(name, told)
            perform(bench, operation, held)
            _in_order(operation, seen)
            assert len(states) <= 1, f"{operation}: hooks do not share their state"
            for name in HOOKS:
                bench.model.clear_observers(name)
            applied(bench, operation)
            bench.check()

    session.examples(body, scale=1.2)


def _in_order(operation: str, seen: list[str]) -> None:
    expected = [name.split(" | ") for name in MATRIX[operation]]
    if operation == "exists":  # some connectors count, others look for one row
        seen = [name for name in seen if name != "loaded"]
    times = 2 if operation == "create_all" else 1
    assert len(seen) == len(expected) * times, f"{operation} ran {seen!r} instead of {expected!r}"
    if times == 1:
        fits = all(name in names for name, names in zip(seen, expected, strict=True))
        assert fits, f"{operation} ran {seen!r} instead of {expected!r}"
        return
    before = [name for name in seen if name in _BEFORE]
    assert seen[: len(before)] == before, f"{operation}: hooks before the store run after it"
    for names in expected:
        assert seen.count(names[0]) == times, f"{operation} ran {names[0]} {seen!r}"


@conforms("hooks", keeps=True, usually="the row that is sent was made before the hook ran")
def changes_of_hooks_are_stored_and_returned(session: Session) -> None:
    """What a hook changes before the store is reached is written, and in what is returned."""

    def body(draw: Draw) -> None:
        operation = draw(st.sampled_from([name for name in WRITES if _written(name)]))
        hook = draw(st.sampled_from(_written(operation)))
        if operation in {"upsert", "update_all"} and hook in {"before_validate", "after_validate"}:
            return
        with hooked(session) as bench:
            held = begin(bench, operation)

            def change(ctx: Any) -> None:
                target = ctx.instance if ctx.data is None else ctx.data
                target["name"] = "hooked"

            bench.model.observe(hook, _colour(change, draw, session))
            bench.session.journal.note(f"{hook} sets the name to 'hooked'")
            answer = perform(bench, operation, held)
            bench.model.clear_observers(hook)
            applied(bench, operation, "hooked")
            bench.check()
            if hasattr(answer, "__definition__"):
                got = plain_row(answer)
                assert got["name"] == "hooked", f"{operation} with {hook} returned {got!r}"

    session.examples(body, scale=1.2)


def _colour(hook: Callable[[Any], None], draw: Draw, session: Session) -> Any:
    """The hook, as a coroutine function now and then where everything is awaited."""
    if session.colours.colour != "aio" or draw(st.booleans()):
        return hook

    async def later(ctx: Any) -> None:
        hook(ctx)

    return later


@conforms("hooks", keeps=True, usually="something was sent before the hook had its say")
def a_failing_hook_leaves_nothing_behind(session: Session) -> None:
    """An error of a hook before the store is reached ends it: nothing is sent, nothing changes."""

    def body(draw: Draw) -> None:
        operation = draw(st.sampled_from(WRITES))
        before = [n for n in MATRIX[operation] if n in {*_BEFORE, "access", "before_delete"}]
        hook = draw(st.sampled_from(before))
        with hooked(session) as bench:
            held = begin(bench, operation)

            def fail(ctx: Any) -> None:
                raise StoppedError(ctx.hook)

            bench.model.observe(hook, _colour(fail, draw, session))
            bench.session.journal.note(f"{hook} fails")
            before_it = plain_row(held)
            with session.recording() as recorder:
                try:
                    perform(bench, operation, held)
                except (StoppedError, ExceptionGroup):
                    pass
                else:
                    message = f"{operation} went on after {hook} failed"
                    raise AssertionError(message)
            written = [name for name in recorder.hooks if name.startswith("write")]
            assert not written, f"{operation}: {hook} failed, and {written} were sent"
            bench.model.clear_observers(hook)
            assert plain_row(held) == before_it, f"{operation}: {hook} changed the instance"
            bench.check()

    session.examples(body, scale=1.2)


class StoppedError(Exception):
    """A hook says no."""


@conforms("hooks", keeps=True, usually="a read that does not ask the access hooks")
def access_hooks_narrow_every_question(session: Session) -> None:
    """A query that an access hook sets is the one that runs, in reads, counts and bulk writes."""

    def body(draw: Draw) -> None:
        operation = draw(st.sampled_from(_WIDE))
        with hooked(session) as bench:

            def only_one(ctx: Any) -> None:
                ctx.query = ctx.query.where({"id": "k1"})

            bench.model.observe("access", _colour(only_one, draw, session))
            bench.session.journal.note("access narrows every query to k1")
            answer = everything(bench, operation)
            bench.model.clear_observers("access")
            if operation in {"update_all", "delete_all"}:
                applied(bench, operation)
                assert answer.changed in {1, None}, f"{operation} changed {answer.changed} rows"
            elif operation in {"find", "page"}:
                rows = answer if operation == "find" else answer[0]
                assert [one["id"] for one in rows] == ["k1"], f"{operation} gave {rows!r}"
            elif operation == "count":
                assert answer == 1, f"count gave {answer}"
            bench.check()

    session.examples(body, scale=0.6)


@conforms("hooks", keeps=True, usually="instances that are made without their hooks")
def loaded_hooks_change_what_is_shown(session: Session) -> None:
    """What a loaded hook changes is in the answer, of reads and of writes, and never stored."""

    def body(draw: Draw) -> None:
        known = [n for n in (*READS, *WRITES) if "loaded" in MATRIX[n]]
        operation = draw(st.sampled_from([n for n in known if n not in {"exists", "create_all"}]))
        with hooked(session) as bench:
            held = begin(bench, operation)

            def show(ctx: Any) -> None:
                ctx.instance["hits"] = 99

            bench.model.observe("loaded", _colour(show, draw, session))
            bench.session.journal.note("loaded shows 99 hits")
            answer = perform(bench, operation, held)
            bench.model.clear_observers("loaded")
            if isinstance(answer, tuple):
                answer = answer[0]
            shown = answer if isinstance(answer, list) else [answer]
            assert [one["hits"] for one in shown] == [99], f"{operation} showed {shown!r}"
            applied(bench, operation)
            bench.check()

    session.examples(body, scale=0.8)


@conforms("hooks", keeps=True, usually="rules that one of the ways to write does not ask")
def rules_hold_for_every_write(session: Session) -> None:
    """A row that breaks a rule is a ValidationError for each write of rows, and nothing is sent."""

    def body(draw: Draw) -> None:
        operation = draw(st.sampled_from([n for n in WRITES if "before_validate" in MATRIX[n]]))
        with hooked(session) as bench:
            held = begin(bench, operation, BROKEN)
            with session.recording() as recorder:
                try:
                    perform(bench, operation, held, BROKEN)
                except JugglerError as error:
                    session.reach.refusal(error)
                    inner = getattr(error, "exceptions", (error,))
                    assert all(isinstance(one, ValidationError) for one in inner), repr(error)
                else:
                    message = f"{operation} wrote a row that breaks a rule"
                    raise AssertionError(message)
            assert "write" not in recorder.hooks, f"{operation}: refused after {recorder.hooks}"
            bench.check()

    session.examples(body, scale=0.6)
