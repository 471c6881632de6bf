"""Faults at the port: before a request is sent, after it was applied, without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define
from hypothesis import strategies as st

from juggler.errors import (
    AuthorizationError,
    DuplicateKeyError,
    JugglerError,
    OutcomeUnknownError,
    RateLimitedError,
    UnavailableError,
)
from juggler.query.tree import TRUE
from juggler_conformance.plain import plain_row
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import rows
from juggler_conformance.strategies.queries import DrawnQuery

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from juggler.connector.port import Call
    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session

_OPERATIONS = ("create", "put", "upsert", "delete", "patch", "find")


@define
class Fault:
    """A layer that fails the first requests to a hook, before or after they are done."""

    error: Callable[[], JugglerError]
    after: bool
    times: int = 1
    hook: str = "write"
    seen: int = 0

    async def __call__(self, call: Call, proceed: Callable[[], Awaitable[Any]]) -> Any:
        """Fail, or pass the request on."""
        if call.hook != self.hook:
            return await proceed()
        self.seen += 1
        if self.seen > self.times:
            return await proceed()
        if self.after:
            await proceed()
        raise self.error()


def _busy() -> JugglerError:
    return UnavailableError("the store is away", outcome="none")


def _slow_down() -> JugglerError:
    return RateLimitedError("not so fast", retry_after=0.001)


def _forbidden() -> JugglerError:
    return AuthorizationError("not for you")


def _lost() -> JugglerError:
    return OutcomeUnknownError("no answer came", retryable=True)


def _perform(bench: Bench, name: str, row: dict[str, Any]) -> Any:
    """One operation on a row that is there, or not (create)."""
    key = bench.table.key_of(row)
    match name:
        case "create":
            return bench.call("create", dict(row))
        case "put":
            return bench.call("replace_or_create", dict(row))
        case "upsert":
            return bench.call("upsert", dict(row))
        case "delete":
            return bench.call("delete_by_id", bench.id_of(key))
        case "patch":
            instance = bench.model.find_by_id(bench.id_of(key))
            values = {n: v for n, v in row.items() if n not in bench.shape.key_names}
            return bench.call("patch", values, owner=instance, said="instance")
        case _:
            return bench.call("find", {})


def _remember(bench: Bench, name: str, row: dict[str, Any]) -> None:
    """The same on the reference model."""
    if name in {"create", "put", "upsert", "patch"}:
        bench.table.put(row)
    elif name == "delete":
        bench.table.delete(bench.table.key_of(row))


def _begin(draw: Draw, bench: Bench, name: str) -> dict[str, Any]:
    row: dict[str, Any] = draw(rows(bench.shape, bench.session.limits))
    bench.touched[bench.table.key_of(row)] = None
    if name in {"delete", "patch"} or (name in {"put", "upsert"} and draw(st.booleans())):
        bench.create({**row, bench.shape.plain_names[0]: None})
    return row


@conforms(
    "concurrency",
    keeps=True,
    usually="an error that says 'try again' is not tried again, or tried twice",
)
def requests_that_were_not_sent(session: Session) -> None:
    """An error before anything was sent is retried where it may be, and leaves nothing behind."""
    shape = session.simple()

    def body(draw: Draw) -> None:
        name = draw(st.sampled_from(_OPERATIONS))
        error = draw(st.sampled_from((_busy, _slow_down, _forbidden)))
        with session.bench(shape) as bench:
            row = _begin(draw, bench, name)
            hook = "fetch" if name == "find" else "write"
            fault = Fault(error, after=False, hook=hook)
            with session.inside.layer(fault):
                try:
                    _perform(bench, name, row)
                except JugglerError as raised:
                    session.reach.refusal(raised)
                    assert error is _forbidden, f"{raised!r} may be tried again, and was not"
                    assert isinstance(raised, AuthorizationError)
                else:
                    assert error is not _forbidden, "an error that is final was swallowed"
                    _remember(bench, name, row)
            assert fault.seen >= (1 if error is _forbidden else 2)
            bench.find(DrawnQuery(TRUE))

    session.examples(body, scale=0.3)


@conforms(
    "concurrency", keeps=True, usually="a write without an answer is taken for done, or done twice"
)
def answers_that_were_lost(session: Session) -> None:
    """A write applied and not answered is resolved, or OutcomeUnknownError; never doubled."""
    shape = session.simple()

    def body(draw: Draw) -> None:
        name = draw(st.sampled_from(_OPERATIONS[:-1]))
        applied = draw(st.booleans())
        with session.bench(shape) as bench:
            row = _begin(draw, bench, name)
            _remark(bench, applied=applied)
            with session.inside.layer(Fault(_lost, after=applied)):
                try:
                    answer = _perform(bench, name, row)
                except OutcomeUnknownError as error:
                    session.reach.refusal(error)
                    assert error.outcome == "unknown"
                    assert name != "create", "a create with a key can be resolved by reading it"
                    _before_or_after(bench, name, row)
                else:
                    session.reach.saw("resolved", name)
                    assert name != "delete" or answer is not False or applied
                    _remember(bench, name, row)
                    bench.check()

    session.examples(body, scale=0.3)


def _before_or_after(bench: Bench, name: str, row: dict[str, Any]) -> None:
    """The row is as it was, or as it should be; a write of several requests may stop between."""
    key = bench.table.key_of(row)
    stored = bench.model.find_by_id(bench.id_of(key))
    before = bench.table.get(key)
    if not (stored is None if before is None else stored and bench.same(plain_row(stored), before)):
        _remember(bench, name, row)
    bench.check()


def _remark(bench: Bench, *, applied: bool) -> None:
    """In the program of this example: it shows the failure only together with the fault."""
    way = "applied, and its answer lost" if applied else "lost on its way"
    bench.session.journal.note(f"the first write of the next call is {way}")


@conforms(
    "concurrency",
    keeps=True,
    usually="an insert is taken for its own although somebody else's row is there",
)
def lost_answers_of_duplicates(session: Session) -> None:
    """A create that got no answer, while another row has the key, is a DuplicateKeyError."""
    shape = session.simple()

    def body(draw: Draw) -> None:
        with session.bench(shape) as bench:
            row = draw(rows(shape, session.limits))
            bench.create({**row, bench.text: "theirs"})
            mine = {**row, bench.text: "mine"}
            with session.inside.layer(Fault(_lost, after=False)):
                try:
                    bench.call("create", mine)
                except DuplicateKeyError as error:
                    session.reach.refusal(error)
                else:
                    message = "a create over somebody else's row succeeded"
                    raise AssertionError(message)
            bench.find(DrawnQuery(TRUE))

    session.examples(body, scale=0.2)
