"""`./dev test`: runs the stages, two at a time, and ends with `N passed, N failed`."""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import os
import re
import shlex
import subprocess
import sys
import time

import stages
from environment import ROOT

AT_ONCE = 2
SHOWN = 200  # lines of a failed stage; the command that it prints shows the rest
WORD = r"\d+ (?:passed|failed|errors?|skipped|deselected|xfailed|xpassed|warnings?)"
SUMMARY = re.compile(rf"^(?:\S+: |=+ )?({WORD}(?:, {WORD})*)(?: in .*)?$", re.MULTILINE)
COUNT = re.compile(r"(\d+) (passed|failed|errors?|xpassed)\b")


@dataclasses.dataclass
class Result:
    """How a stage ended."""

    stage: stages.Stage
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    output: str = ""

    def command(self) -> str:
        """What to type to see it again, whole."""
        return " && ".join(f"./dev run {shlex.join(command)}" for command in self.stage.commands)

    def count(self, exit_code: int, output: str) -> None:
        """Add one command's outcome."""
        self.output += output
        passed, failed = counts(output) if self.stage.tests else (0, 0)
        if self.stage.tests and exit_code == stages.NOTHING_COLLECTED and not failed:
            exit_code = 0
        self.passed += passed
        # A command that broke without saying what failed has failed all the same.
        self.failed += failed or int(exit_code != 0)


def counts(output: str) -> tuple[int, int]:
    """Read (passed, failed) from the last closing line of a test runner's output."""
    found = SUMMARY.findall(output)
    numbers = {"passed": 0, "failed": 0}
    for number, word in COUNT.findall(found[-1] if found else ""):
        numbers["passed" if word == "passed" else "failed"] += int(number)
    return numbers["passed"], numbers["failed"]


def outcome(command: stages.Command) -> tuple[int, str]:
    """Run one command to its end: its exit code and all it printed."""
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            check=False,
            text=True,
            errors="replace",
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        return 127, f"{command[0]}: {error}\n"
    return done.returncode, done.stdout


def run(stage: stages.Stage) -> Result:
    """Run a stage's commands to the end of the first that fails."""
    result = Result(stage)
    started = time.monotonic()
    for command in stage.commands:
        result.count(*outcome(command))
        if result.failed:
            break
    if not stage.tests and not result.failed:
        result.passed = 1
    result.seconds = time.monotonic() - started
    return result


def report(result: Result) -> None:
    """Print one line for a stage, and all it said if it failed."""
    mark = "FAIL" if result.failed else "ok"
    tests = f"  {result.passed} passed, {result.failed} failed" if result.stage.tests else ""
    print(f"{mark:4} {result.stage.name:28} {result.seconds:6.1f} s{tests}", flush=True)
    if result.failed:
        lines = result.output.splitlines()
        if len(lines) > SHOWN:
            print(f"     | … {len(lines) - SHOWN} lines more: {result.command()}")
        print("\n".join(f"     | {line}" for line in lines[-SHOWN:]), flush=True)


def main() -> int:
    """Run what the command line asks for; the exit code is 1 when anything failed."""
    parser = argparse.ArgumentParser(prog="./dev test", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out servers, dist and docs")
    parser.add_argument("--list", action="store_true", help="name the stages and stop")
    parser.add_argument("only", nargs="*", metavar="STAGE", help="run these stages alone")
    options = parser.parse_args()

    chosen = stages.quick() if options.quick else stages.full()
    if options.only:
        chosen = [stage for stage in stages.full() if stage.name in options.only]
        unknown = set(options.only) - {stage.name for stage in chosen}
        if unknown:
            parser.error(f"no such stage: {', '.join(sorted(unknown))}; --list names them")
    if options.list:
        print("\n".join(stage.name for stage in chosen))
        return 0

    started = time.monotonic()
    for stage in chosen:
        if not stage.ready:
            print(f"none {stage.name:28} nothing there: {stage.needs}", flush=True)
    results = []
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        running = [pool.submit(run, stage) for stage in chosen if stage.ready]
        for future in concurrent.futures.as_completed(running):
            results.append(future.result())
            report(results[-1])

    passed = sum(result.passed for result in results)
    failed = sum(result.failed for result in results)
    for result in results:
        if result.failed:
            print(f"failed: {result.stage.name}")
    print(f"in {time.monotonic() - started:.0f} s\n{passed} passed, {failed} failed", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
