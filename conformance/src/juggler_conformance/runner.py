"""Running properties and keeping what came of them."""

from __future__ import annotations

import time
import traceback
from typing import TYPE_CHECKING, Literal

from attrs import define, field
from hypothesis.errors import Flaky

from juggler_conformance.journal import TITLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from juggler_conformance.registry import Property
    from juggler_conformance.session import Session


@define
class Result:
    """What came of one property.

    Attributes:
        of: the property.
        status: ``passed`` or ``failed``.
        seconds: how long it took.
        examples: how many examples were drawn.
        cut: whether some were left out because the time was over.
        error: the failure, None without one.
    """

    of: Property
    status: Literal["passed", "failed"]
    seconds: float
    examples: int = 0
    cut: bool = False
    error: BaseException | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """The failure for a reader: what it says, the program, what it usually means."""
        if self.error is None:
            return ""
        programs = [n for n in getattr(self.error, "__notes__", ()) if n.startswith(TITLE)]
        usually = f"usually means: {self.of.usually}" if self.of.usually else ""
        where = "".join(traceback.format_tb(self.error.__traceback__, limit=-3))
        said = f"{type(self.error).__name__}: {self.error}"
        return "\n".join([self.of.claim, said, usually, "", *programs[-1:], where])


def run_one(session: Session, wanted: Property) -> Result:
    """Check one property; its failure is in the result."""
    begun = time.perf_counter()
    cause: BaseException | None = None
    session.begin(wanted.name)
    try:
        wanted.check(session)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the result
        cause = _cause(error)
    return Result(
        wanted,
        "passed" if cause is None else "failed",
        time.perf_counter() - begun,
        session.pace.examples,
        session.pace.cut,
        cause,
    )


def _cause(error: Exception) -> BaseException:
    """The failure itself where it did not come again: threads and servers are not repeatable."""
    if not isinstance(error, Flaky) or not isinstance(error, BaseExceptionGroup):
        return error
    cause: BaseException = error.exceptions[0]
    cause.add_note("It did not fail again when the same example was repeated.")
    return cause


def run_all(
    session: Session,
    wanted: Iterable[Property],
    *,
    told: Callable[[Result], object] | None = None,
    stop: bool = False,
) -> list[Result]:
    """Check properties in turn; ``told`` is called after each, ``stop`` ends at a failure."""
    results = []
    for one in wanted:
        results.append(run_one(session, one))
        if told is not None:
            told(results[-1])
        if stop and results[-1].status == "failed":
            break
    return results
