"""The suite bites: every seeded bug is killed, and the healthy connector lives."""

from __future__ import annotations

import bugs_claims
import bugs_models
import bugs_planning
import bugs_reading
import bugs_writing
import pytest
from attrs import evolve
from bugs_support import BUGS, Bug

from juggler.connector import ConnectorInfo
from juggler.errors import JugglerError
from juggler_conformance.profiles import Profile, profile
from juggler_conformance.registry import properties
from juggler_conformance.runner import Result, run_all
from juggler_conformance.session import Session, Target
from juggler_memory import MemoryConnector, MemorySettings

MODULES = (bugs_claims, bugs_models, bugs_planning, bugs_reading, bugs_writing)
#: Failures are looked for until one is found, and not made small: a run of a bug is short, and the
#: chance that it lives with another seed is far below one in a thousand.
KILLING = evolve(profile("quick"), shrink=False, examples=150, programs=60, seconds=3600)
HEALTHY = evolve(profile("quick"), examples=25)


def run(
    connector: type[MemoryConnector], names: tuple[str, ...], chosen: Profile = KILLING
) -> list[Result]:
    """The properties of these names in turn, until one fails."""
    found = {one.name: one for one in properties(only=names)}
    card = ConnectorInfo(
        "memory", connector, MemorySettings, io="instant", default_id_type="integer"
    )
    session = Session(Target(card), chosen)
    try:
        return run_all(session, [found[name] for name in names], stop=True)
    finally:
        session.close()


def test_there_are_enough_bugs():
    tiers = {one.name: one.tier for one in properties()}
    of_models = {"hooks", "relations", "include"}
    models = [bug for bug in BUGS.values() if tiers[bug.kills[0]] in of_models]
    assert len(BUGS) - len(models) >= 25
    assert len(models) >= 15


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_the_suite_kills(bug: Bug):
    with bug.inside():
        results = run(bug.connector, bug.kills)

    killed = results[-1].error
    assert killed, f"{bug.name} lives: {[result.of.name for result in results]}"
    assert isinstance(killed, AssertionError | JugglerError), f"{bug.name} fell over: {killed!r}"


@pytest.mark.parametrize("name", sorted({name for bug in BUGS.values() for name in bug.kills}))
def test_the_healthy_connector_lives(name: str):
    (result,) = run(MemoryConnector, (name,), HEALTHY)

    assert result.error is None, result.text
