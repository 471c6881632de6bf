"""The suite bites: every seeded bug is killed, and the healthy connector lives."""

from __future__ import annotations

import bugs_claims
import bugs_planning
import bugs_reading
import bugs_writing
import pytest
from attrs import evolve
from bugs_support import BUGS, Bug

from juggler.connector import ConnectorInfo
from juggler_conformance.profiles import profile
from juggler_conformance.registry import properties
from juggler_conformance.runner import Result, run_all
from juggler_conformance.session import Session, Target
from juggler_memory import MemoryConnector, MemorySettings

MODULES = (bugs_claims, bugs_planning, bugs_reading, bugs_writing)
#: Failures are only looked for, not made small.
PROFILE = evolve(profile("quick"), shrink=False, examples=50)


def run(connector: type[MemoryConnector], names: tuple[str, ...]) -> list[Result]:
    found = {one.name: one for one in properties(only=names)}
    card = ConnectorInfo(
        "memory", connector, MemorySettings, io="instant", default_id_type="integer"
    )
    session = Session(Target(card), PROFILE)
    try:
        return run_all(session, [found[name] for name in names], stop=True)
    finally:
        session.close()


def test_there_are_enough_bugs():
    assert len(BUGS) >= 25


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_the_suite_kills(bug: Bug):
    with bug.inside():
        results = run(bug.connector, bug.kills)

    failed = [result for result in results if result.status == "failed"]
    assert failed, f"{bug.name} lives: {[result.of.name for result in results]}"


@pytest.mark.parametrize("name", sorted({name for bug in BUGS.values() for name in bug.kills}))
def test_the_healthy_connector_lives(name: str):
    (result,) = run(MemoryConnector, (name,))

    assert result.error is None, result.text
