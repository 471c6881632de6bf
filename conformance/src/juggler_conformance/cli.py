"""``juggler-conformance run`` and ``juggler-conformance corpus``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.errors import JugglerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler_conformance.profiles import Profile
    from juggler_conformance.runner import Result
    from juggler_conformance.session import Session


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code is 0 when everything holds, 1 when not, 2 for a wrong call."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.act(options))
    except JugglerError as error:
        print(f"juggler-conformance: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of a pipe has left: what is in the buffer is for nobody
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="juggler-conformance", description="Prove that a connector keeps Juggler's contract."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run the properties against a data source")
    run.add_argument("target", nargs="?", metavar="CONNECTOR_OR_URL")
    run.add_argument("--on", metavar="CONNECTOR_OR_URL", help="the same as the argument")
    run.add_argument("--profile", default="ci", help="quick, ci (default) or deep")
    run.add_argument("--tier", action="append", default=[], help="only this tier; may be repeated")
    run.add_argument("--only", action="append", default=[], metavar="PROPERTY")
    run.add_argument("--seed", type=int, help="where the generators start")
    run.add_argument("--seconds", type=float, help="time for the examples of one property")
    run.add_argument("--report", type=Path, metavar="FOLDER", help="write the report there")
    run.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting")
    run.add_argument("--prefix", default="", help="put before storage names")
    run.add_argument("--stop", "-x", action="store_true", help="stop at the first failure")
    run.add_argument("--list", action="store_true", help="name the properties and stop")
    run.set_defaults(act=_run)
    corpus = commands.add_parser("corpus", help="run a corpus of queries against a data source")
    corpus.add_argument("file", nargs="?", type=Path, help=".jsonl or .jsonl.gz; ours by default")
    corpus.add_argument("--on", default="memory:", metavar="CONNECTOR_OR_URL")
    corpus.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting"
    )
    corpus.add_argument("--only", type=int, action="append", default=[], metavar="CASE")
    corpus.add_argument("--limit", type=int, help="stop after so many cases")
    corpus.add_argument("--prefix", default="", help="put before storage names")
    corpus.set_defaults(act=_corpus)
    return parser


def _settings(pairs: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def _run(options: argparse.Namespace) -> int:
    from juggler_conformance import report  # noqa: PLC0415 - Hypothesis loads for this command only
    from juggler_conformance.profiles import profile  # noqa: PLC0415 - as above
    from juggler_conformance.registry import properties  # noqa: PLC0415 - as above
    from juggler_conformance.runner import run_all  # noqa: PLC0415 - as above

    wanted = properties(tiers=tuple(options.tier), only=tuple(options.only))
    if options.list:
        for one in wanted:
            print(f"{one.tier:12} {one.name:40} {one.claim}")
        return 0
    if not wanted:
        print("juggler-conformance: no such property or tier; --list names them", file=sys.stderr)
        return 2
    chosen = profile(options.profile)
    if options.seed is not None:
        chosen = evolve(chosen, seed=options.seed)
    if options.seconds is not None:
        chosen = evolve(chosen, seconds=options.seconds)
    session = _opened(options, chosen)
    if session is None:
        return 2
    try:
        results = run_all(session, wanted, told=_tell, stop=options.stop)
        told = report.as_dict(session, results)
    finally:
        session.close()
    if options.report is not None:
        report.write(told, options.report)
    failed = [result for result in results if result.status == "failed"]
    first: dict[str, str] = {}
    for result in failed:
        print(f"\n{'=' * 72}\nFAILED {result.of.name}")
        same = first.setdefault(result.said, result.of.name)
        print(result.text if same == result.of.name else f"{result.said}\nas {same}, see there")
    for tier, counts in told["tiers"].items():
        print(f"{tier:12} {counts['passed']} passed, {counts['failed']} failed")
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed", flush=True)
    return int(bool(failed))


def _opened(options: argparse.Namespace, chosen: Profile) -> Session | None:
    """The session; None where the connector fails at once, which is told."""
    from juggler_conformance.runner import place_of  # noqa: PLC0415 - as below
    from juggler_conformance.session import Session, Target  # noqa: PLC0415 - loads Hypothesis

    target = Target(options.target or options.on or "memory:", _settings(options.set))
    try:
        return Session(target, chosen, options.prefix)
    except JugglerError:
        raise
    except Exception as error:  # noqa: BLE001 - a stranger's code: anything may happen
        told = f"the connector cannot be opened: {type(error).__name__}: {error}"
        print(f"juggler-conformance: {told}\n{place_of(error)}", end="", file=sys.stderr)
        return None


def _tell(result: Result) -> None:
    mark = "ok  " if result.status == "passed" else "FAIL"
    drawn = f"{result.examples:6} examples" if result.examples else ""
    cut = ", then the time was over" if result.cut else ""
    line = f"{mark} {result.of.tier:12} {result.of.name:42} {result.seconds:6.1f} s {drawn}{cut}"
    print(line.rstrip(), flush=True)


def _corpus(options: argparse.Namespace) -> int:
    from juggler_conformance.corpus import packaged, read_cases, run_corpus  # noqa: PLC0415 - as above

    cases = read_cases(options.file or packaged())
    if options.only:
        cases = (case for case in cases if case.number in options.only)
    summary = run_corpus(
        cases,
        options.on,
        settings=_settings(options.set),
        limit=options.limit,
        prefix=options.prefix,
        told=lambda outcome: print(outcome.text, flush=True),
    )
    print(summary)
    return int(summary.failed > 0 or summary.total == 0)


if __name__ == "__main__":
    sys.exit(main())
