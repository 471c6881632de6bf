"""The memory budgets, as ratios of medians of interleaved rounds in one run."""

from __future__ import annotations

import gc
import statistics
import time
from typing import Any

from alchemy import Alchemy
from ours import Ours
from peer import VERSION, Peer

#: Case → how many times faster than the peer it has to be; None where there is no budget.
AGAINST_PEER: dict[str, float | None] = {
    "create": 2, "create_all": 5, "find_by_id": None, "filter": 20, "filter_two": 20, "count": 20,
    "order": 20, "include": 10, "patch": 2, "validate": 2, "instantiate": None,
}  # fmt: skip
#: Case → microseconds of processor time per operation at most.
ABSOLUTE = {"find_by_id": 8.0, "decode": 0.4, "overhead": 5.0}
#: An unindexed filter against a comprehension by hand that decodes the same rows.
AGAINST_HAND = 1.5

Times = dict[tuple[str, str], list[float]]


def main(rounds: int = 5) -> int:
    """Run every case, print the table, and return how many budgets were missed."""
    ours, alchemy, peer = Ours(), Alchemy(), Peer()
    times: Times = {}
    cpu: Times = {}
    try:
        for _ in range(rounds):
            for case in [*AGAINST_PEER, "decode", "hand", "overhead", "find_by_id_of_few"]:
                _time(times, cpu, "juggler", case, ours)
                _time(times, cpu, "sqlalchemy", case, alchemy)
                if case in AGAINST_PEER:
                    times.setdefault(("peer", case), []).append(peer.run(case))
    finally:
        peer.close()
    return _report(_medians(times), _medians(cpu), peer.version)


def _medians(times: Times) -> dict[tuple[str, str], float]:
    return {place: statistics.median(values) * 1e6 for place, values in times.items()}


def _time(times: Times, cpu: Times, name: str, case: str, subject: Any) -> None:
    make = getattr(subject, case, None)
    if make is None:
        return
    count, run = make()
    gc.collect()
    gc.freeze()  # a case pays for its own garbage, not for what the others keep
    start, used = time.perf_counter(), time.process_time()
    run()
    spent = time.process_time() - used  # what other work on the machine takes is not in it
    times.setdefault((name, case), []).append((time.perf_counter() - start) / count)
    cpu.setdefault((name, case), []).append(spent / count)
    gc.unfreeze()


def _report(
    median: dict[tuple[str, str], float], cpu: dict[tuple[str, str], float], node: str
) -> int:
    missed = 0
    print(
        f"peer: loopback-datasource-juggler {VERSION} on Node {node}; µs per operation, medians\n"
    )
    print("| case | Juggler | peer | peer / Juggler | budget | SQLAlchemy | SQLAlchemy / Juggler |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for case, budget in AGAINST_PEER.items():
        mine, theirs = median["juggler", case], median["peer", case]
        other = median.get(("sqlalchemy", case))
        good = budget is None or theirs / mine >= budget
        missed += not good
        wanted = "" if budget is None else f"≥ {budget:g}{'' if good else ' **missed**'}"
        more = ("", "") if other is None else (f"{other:,.1f}", f"{other / mine:.1f}")
        print(
            f"| {case} | {mine:,.2f} | {theirs:,.1f} | {theirs / mine:.1f} | {wanted} "
            f"| {more[0]} | {more[1]} |"
        )
    print("\n| case | µs of processor time | budget |\n| --- | ---: | ---: |")
    for case, limit in ABSOLUTE.items():
        mine = cpu["juggler", case]
        missed += mine > limit
        print(f"| {case} | {mine:.2f} | ≤ {limit:g}{' **missed**' if mine > limit else ''} |")
    ratio = cpu["juggler", "filter"] / cpu["juggler", "hand"]
    missed += ratio > AGAINST_HAND
    print(
        f"| filter / comprehension by hand | {ratio:.2f} | ≤ {AGAINST_HAND}"
        f"{' **missed**' if ratio > AGAINST_HAND else ''} |"
    )
    growth = cpu["juggler", "find_by_id"] / cpu["juggler", "find_by_id_of_few"]
    print(f"| find_by_id, 20,000 rows / 200 rows | {growth:.2f} | constant |")
    print(f"\n{missed} budgets missed")
    return missed
