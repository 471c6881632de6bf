"""Running programs side by side: in threads, or as tasks whose turns Hypothesis draws."""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from juggler.connector.port import Call
    from juggler_conformance.session import Draw, Session

_SWITCH = 1e-5
#: Seconds to wait for requests under way before others get their turn all the same.
_PATIENCE = 0.02
#: Turns of the loop before the first real pause: enough for stores in this process.
_QUICK = 10
_TURNS = st.lists(st.integers(0, 5), min_size=1, max_size=24)


def run_threads(programs: Sequence[Callable[[], None]]) -> None:
    """Run programs in threads that begin together and change turns often."""
    start = threading.Barrier(len(programs))
    errors: list[BaseException] = []

    def run(program: Callable[[], None]) -> None:
        start.wait()
        try:
            program()
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            errors.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH)
    try:
        threads = [threading.Thread(target=run, args=(program,)) for program in programs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    if errors:
        raise errors[0]


def run_tasks(
    session: Session, programs: Sequence[Callable[[], Awaitable[Any]]], draw: Draw
) -> list[Any]:
    """Run programs as tasks; before and after each request the next turn is a drawn one.

    All turns are drawn first, and go round: how many are needed depends on the store's pace.
    """
    turns = _Turns(draw(_TURNS))
    with session.inside.layer(turns):
        result: list[Any] = session.colours.run(turns.run(programs))
    return result


class _Turns:
    """A layer in which requests wait for their turn."""

    def __init__(self, turns: Sequence[int]) -> None:
        self.turns = itertools.cycle(turns)
        self.waiting: list[asyncio.Future[None]] = []
        self.over = False

    async def __call__(self, call: Call, proceed: Callable[[], Awaitable[Any]]) -> Any:
        del call
        await self._turn()
        try:
            return await proceed()
        finally:
            if not self.over:
                await self._turn()

    async def _turn(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        await turn

    async def run(self, programs: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
        tasks = [asyncio.ensure_future(program()) for program in programs]
        try:
            while not all(task.done() for task in tasks):
                await self._settle(tasks)
                if self.waiting:
                    self.waiting.pop(next(self.turns) % len(self.waiting)).set_result(None)
        finally:
            self.over = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return [task.result() for task in tasks]

    async def _settle(self, tasks: Sequence[asyncio.Future[Any]]) -> None:
        """Wait until every task waits for its turn or is done; drivers may need real time."""
        late = time.monotonic() + _PATIENCE
        for tried in itertools.count():
            left = sum(not task.done() for task in tasks)
            if len(self.waiting) >= left or (self.waiting and time.monotonic() > late):
                return
            await asyncio.sleep(0 if tried < _QUICK else 0.0005)
