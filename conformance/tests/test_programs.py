"""The programs that failures print: each runs as it is, and imports what it uses."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from juggler_conformance.profiles import profile
from juggler_conformance.registry import properties
from juggler_conformance.runner import run_one
from juggler_conformance.session import Session, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

FEW = evolve(profile("quick"), examples=5, programs=3, seconds=60)


class Retold(Session):
    """Runs the program of every example after it."""

    told = 0

    @contextmanager
    def explained(self) -> Iterator[None]:
        with super().explained():
            yield
        program = self.journal.program()
        exec(program, {"__name__": "told", "print": lambda *_: None})  # noqa: S102 - what is tested
        self.told += 1


@pytest.mark.parametrize(
    "name",
    [
        "create_never_overwrites",
        "writes_by_key",
        "saved_instances",
        "programs_mixed",
        "stale_instances_conflict",
        "embedded_instances_are_stored_with_their_row",
        "queries_are_answered",
        "pages_of_any_size",
        "hooks_run_in_the_order_of_the_matrix",
        "related_rows_are_the_right_ones",
    ],
)
def test_the_program_of_an_example_runs(name: str) -> None:
    session = Retold(Target("memory:"), FEW)
    try:
        (wanted,) = properties(only=(name,))
        result = run_one(session, wanted)
    finally:
        session.close()

    assert result.error is None, result.text
    assert session.told


def test_a_program_imports_what_it_uses_and_goes_on_after_a_refusal() -> None:
    session = Session(Target("memory:"), FEW)
    printed: list[Any] = []
    try:
        journal = session.journal
        journal.lines.append('M = db.define("M", {"id": {"type": "string", "id": True}})')
        journal.call("M.create", {"id": "a"})
        journal.keep("one")
        journal.call("M.create", {"id": "a"})
        journal.refused()
        journal.call("one.aio.delete", _await=True)
        exec(journal.program(), {"print": printed.append})  # noqa: S102 - what is tested
    finally:
        session.close()

    refused, deleted = printed
    assert refused.code == "duplicate-key"
    assert deleted is True
    assert journal.program().splitlines()[1:3] == [
        "import asyncio",
        "from juggler import JugglerError, connect",
    ]
