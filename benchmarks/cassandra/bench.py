"""The Cassandra budgets: ratios to the driver and to cqlengine, of one run.

Medians of interleaved rounds.  All three send the same statements at the same consistency to the
same server, and begin with the same Python values.
"""

from __future__ import annotations

import gc
import statistics
import time
from typing import Any

from places import server

#: Case → (rounds, operations a round, most that Juggler may take as a multiple of the driver's
#: time).  Short rounds, one side after the other, so that whatever else the machine does meets all
#: of them alike.
CASES: dict[str, tuple[int, int, float | None]] = {
    "get": (60, 10, 1.15),
    "get_async": (30, 30, None),
    "put": (60, 10, 1.15),
    "create": (40, 10, 1.15),
    "patch": (40, 10, None),
    "bulk": (10, 500, 1 / 0.95),
    "scan": (10, 0, 1 / 0.75),
}
#: How many times faster than cqlengine it has to be.
AGAINST_ENGINE = 2.0
_WARM = 30


def main() -> int:
    """Run every case, print the table, and return how many budgets were missed."""
    times: dict[tuple[str, str], list[float]] = {}
    with server() as url:
        # These import drivers, which memory's benchmark does not need.
        from alone import report  # noqa: PLC0415
        from cqlengine_side import Engine  # noqa: PLC0415
        from driver_side import Driver  # noqa: PLC0415
        from juggler_side import Juggler  # noqa: PLC0415

        ours = Juggler(url)
        sides = {"juggler": ours, "driver": Driver(url), "cqlengine": Engine(url)}
        try:
            for name, side in sides.items():
                for case in CASES:
                    _time({}, name, case, side, _WARM)
            for case, (rounds, count, _) in CASES.items():
                order = list(sides.items())
                for _ in range(rounds):
                    order.append(order.pop(0))
                    for name, side in order:
                        _time(times, name, case, side, count)
            report(ours)
        finally:
            for side in (*list(sides.values())[1:], ours):
                side.close()
    return _report({place: statistics.median(found) * 1e6 for place, found in times.items()})


def _time(
    times: dict[tuple[str, str], list[float]], name: str, case: str, side: Any, n: int
) -> None:
    make = getattr(side, case, None)
    if make is None:
        return
    count, run = make(n)
    gc.collect()
    start = time.perf_counter()
    run()
    times.setdefault((name, case), []).append((time.perf_counter() - start) / count)


def _report(median: dict[tuple[str, str], float]) -> int:
    missed = 0
    print("\nµs per operation (bulk and scan: per row), medians\n")
    print(
        "| case | Juggler | driver | Juggler / driver | budget | cqlengine | cqlengine / Juggler |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for case, (_, _, most) in CASES.items():
        mine, raw = median["juggler", case], median["driver", case]
        engine = median.get(("cqlengine", case))
        bad = most is not None and mine / raw > most
        missed += bad
        wanted = "" if most is None else f"≤ {most:.2f}{' **missed**' if bad else ''}"
        times_faster = "" if engine is None else f"{engine / mine:.2f}"
        other = "" if engine is None else f"{engine:,.1f}"
        print(
            f"| {case} | {mine:,.1f} | {raw:,.1f} | {mine / raw:.2f} | {wanted} "
            f"| {other} | {times_faster} |"
        )
    ratios = [
        median["cqlengine", case] / median["juggler", case]
        for case in CASES
        if ("cqlengine", case) in median
    ]
    mean = statistics.geometric_mean(ratios)
    bad = mean < AGAINST_ENGINE
    print(
        f"\nagainst cqlengine {mean:.2f} times as fast (geometric mean, ≥ {AGAINST_ENGINE:g})"
        f"{' **missed**' if bad else ''}"
    )
    missed += bad
    print(f"{missed} budgets missed")
    return missed


if __name__ == "__main__":
    raise SystemExit(main())
