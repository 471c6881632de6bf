"""Juggler on CouchDB against IBM's SDK by hand: medians of calls made in turns, in one run."""

from __future__ import annotations

import os
import statistics
import sys
import time
import uuid
from pathlib import Path

from sides import BULK, MANY, Ours, Raw

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from servers import cloudant_url

#: Case → Juggler's time over the SDK's at most.
BUDGETS = {
    "get": 1.1, "get_async": 1.1, "many": 1.1, "find": 1.1, "count": 1.1, "create": 1.1,
    "patch": 1.1, "create_all": 1.1,
}  # fmt: skip
#: Case → requests at most.
REQUESTS = {"many": 1, "create_all": -(-BULK // 500)}


#: Case → calls.
CALLS = {**dict.fromkeys(BUDGETS, 300), "many": 60, "find": 60, "create_all": 12}


def main() -> int:
    """Run every case, print the table, and return how many budgets were missed."""
    database = f"bench{uuid.uuid4().hex}"
    times: dict[tuple[str, str], list[float]] = {}
    with cloudant_url() as url:
        ours = Ours(url, database)
        raw = Raw(ours, database)
        try:
            for case, calls in CALLS.items():
                sides = [("juggler", getattr(ours, case)), ("sdk", getattr(raw, case))]
                for turn in range(-2, calls):  # the first two are not counted
                    sides.reverse()
                    for name, call in sides:
                        start = time.perf_counter()
                        call(max(turn, 0))
                        took = time.perf_counter() - start
                        if turn >= 0:
                            times.setdefault((name, case), []).append(took)
            info = ours.db.ping()
            sent = {case: _requests(ours, case) for case in REQUESTS}
        finally:
            ours.db.execute(f"DELETE /{database}")
            ours.close()
    median = {place: statistics.median(values) * 1e3 for place, values in times.items()}
    return _report(median, sent, f"{info.product} {info.version}")


def _requests(ours: Ours, case: str) -> int:
    from juggler.connector.port import Recorder  # noqa: PLC0415 - for two cases only

    recorder = Recorder()
    ours.db.around(recorder)
    getattr(ours, case)(0)
    return sum(len(call.statements) for call in recorder.calls)


def _report(median: dict[tuple[str, str], float], sent: dict[str, int], server: str) -> int:
    missed = 0
    print(f"{server} on loopback, {os.cpu_count()} processors; ms per call, medians\n")
    print("| case | Juggler | SDK | Juggler / SDK | budget |\n| --- | ---: | ---: | ---: | ---: |")
    for case, budget in BUDGETS.items():
        mine, theirs = median["juggler", case], median["sdk", case]
        good = mine / theirs <= budget
        missed += not good
        print(
            f"| {case} | {mine:.2f} | {theirs:.2f} | {mine / theirs:.2f} "
            f"| ≤ {budget:g}{'' if good else ' **missed**'} |"
        )
    print("\n| requests | sent | budget |\n| --- | ---: | ---: |")
    for case, most in REQUESTS.items():
        good = sent[case] <= most
        missed += not good
        rows = {"many": f"{MANY} keys", "create_all": f"{BULK} rows"}[case]
        print(f"| {case}, {rows} | {sent[case]} | ≤ {most}{'' if good else ' **missed**'} |")
    return missed


if __name__ == "__main__":
    sys.exit(main())
