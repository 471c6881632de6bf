"""The runner counts what was run, and never takes a broken command for a passed one."""

from __future__ import annotations

import sys

import check
import pytest
import stages


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("....\n4 passed in 0.12s\n", (4, 0)),
        ("=== 2 failed, 10 passed, 1 warning in 3.21s ===\n", (10, 2)),
        ("=== short test summary info ===\nERROR a\n1 passed, 2 errors in 0.1s\n", (1, 2)),
        ("case 3 passed\n17 passed, 0 failed\n", (17, 0)),
        ("conformance: 17 passed, 1 failed\n", (17, 1)),
        ("5 passed\nsecond run\n7 passed, 1 failed, 2 deselected in 1.0s\n", (7, 1)),
        ("no tests ran in 0.01s\n", (0, 0)),
        ("Traceback (most recent call last):\n", (0, 0)),
        ("", (0, 0)),
    ],
)
def test_counts_are_read_from_the_closing_line(output: str, expected: tuple[int, int]) -> None:
    assert check.counts(output) == expected


def stage(*codes: str, tests: bool = False) -> stages.Stage:
    commands = tuple((sys.executable, "-c", code) for code in codes)
    return stages.Stage("made up", commands, tests=tests)


@pytest.mark.parametrize(
    ("made_up", "expected"),
    [
        (stage("pass"), (1, 0)),
        (stage("pass", "pass"), (1, 0)),
        (stage("pass", "raise SystemExit(3)"), (0, 1)),
        (stage("print('3 passed in 1s')", tests=True), (3, 0)),
        (stage("print('3 passed, 2 failed in 1s'); exit(1)", tests=True), (3, 2)),
        (stage("print('no tests ran in 0.1s'); exit(5)", tests=True), (0, 0)),
        (stage("print('3 passed in 1s'); exit(1)", tests=True), (3, 1)),
        (stage("exit(3)", tests=True), (0, 1)),
        (stage("print('2 passed')", "print('5 passed')", tests=True), (7, 0)),
        (stages.Stage("no such program", (("juggler-no-such-program",),)), (0, 1)),
    ],
)
def test_a_stage_is_what_its_commands_say(made_up: stages.Stage, expected: tuple[int, int]) -> None:
    result = check.run(made_up)
    assert (result.passed, result.failed) == expected


def test_every_stage_has_a_name_of_its_own() -> None:
    names = [stage.name for stage in stages.full()]
    assert len(names) == len(set(names))


def test_quick_is_a_part_of_full() -> None:
    assert {stage.name for stage in stages.quick()} < {stage.name for stage in stages.full()}
