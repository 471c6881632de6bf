"""What Juggler itself costs: calls whose requests are answered at once, without the driver.

Processor time of the calling thread, the least of several rounds, which hardly depends on what
else the machine does.
"""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

from places import row

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler_side import Juggler

_ROUNDS, _CALLS = 9, 500


class _Answered:
    """A future of the driver that is there already."""

    _paging_state = _col_names = _warnings = None

    def __init__(self, rows: list[Any]) -> None:
        self.current_rows = rows

    def result(self) -> _Answered:
        return self


def report(ours: Juggler) -> None:
    """Print a table: a point operation by each way of writing, and a read."""
    session = ours.db.connector.session
    send = session.send
    key = ours.keys[0]
    values = [row(number) for number in range(_CALLS)]
    held = [ours.safe.create(row(number)) for number in range(_CALLS)]
    stored = _rows(session, lambda: ours.read.find_by_id(key))
    cases: dict[str, tuple[list[Any], Callable[[int], Any]]] = {
        "get": (stored, lambda _: ours.read.find_by_id(key)),
        "put": ([], lambda number: ours.blind.replace_or_create(values[number])),
        "create": ([(True,)], lambda number: ours.safe.create(values[number])),
        "patch": ([(True,)], lambda number: held[number].patch({"age": 7})),
    }
    print("\nµs of the calling thread that are Juggler's own, the driver left out\n")
    print(f"| {' | '.join(cases)} |")
    print(f"| {' | '.join('---:' for _ in cases)} |")
    try:
        took = []
        for rows, call in cases.values():
            session.send = lambda *_, _rows=rows, **__: _Answered(_rows)
            took.append(min(_time(call) for _ in range(_ROUNDS)))
    finally:
        session.send = send
    print(f"| {' | '.join(f'{seconds * 1e6:.1f}' for seconds in took)} |")


def _rows(session: Any, call: Callable[[], Any]) -> list[Any]:
    """The rows that answer a call."""
    send = session.send
    futures: list[Any] = []
    session.send = lambda *args, **more: futures.append(send(*args, **more)) or futures[-1]
    try:
        call()
    finally:
        session.send = send
    return list(futures[-1].result().current_rows)


def _time(call: Callable[[int], Any]) -> float:
    gc.collect()
    start = time.thread_time()
    for number in range(_CALLS):
        call(number)
    return (time.thread_time() - start) / _CALLS
