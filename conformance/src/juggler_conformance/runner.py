"""Running properties and keeping what came of them."""

from __future__ import annotations

import sys
import time
import traceback
from typing import TYPE_CHECKING, Literal

from attrs import define, field
from hypothesis.errors import Flaky, FlakyStrategyDefinition

from juggler.errors import JugglerError
from juggler_conformance.journal import TITLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from juggler_conformance.registry import Property
    from juggler_conformance.session import Session

#: Frames that are shown of the connector, and of the suite around a failure.
_FRAMES = 3
#: Packages whose frames say nothing about the connector.
_OURS = frozenset({"juggler", "juggler_conformance", "hypothesis", "pluggy", "attr", "attrs"})
_UNSTEADY = (
    "a store that answers otherwise when the same calls are made again: somebody else writes to it"
    " (--prefix NAME keeps two runs apart), or rows of an earlier example are still there"
)
_FOREIGN = "an error of the driver, or a mistake: a connector raises nothing but JugglerErrors"


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
        usually = f"usually means: {self.usually}" if self.usually else ""
        frames = _frames(self.error)
        return "\n".join([self.of.claim, self.said, usually, "", *programs[-1:], frames])

    @property
    def said(self) -> str:
        """The error in its own words; empty without one."""
        return f"{type(self.error).__name__}: {self.error}" if self.error else ""

    @property
    def usually(self) -> str:
        """What such a failure usually means."""
        match self.error:
            case AssertionError() | JugglerError():
                return self.of.usually
            case FlakyStrategyDefinition():
                return _UNSTEADY
            case _:
                return _FOREIGN


def _frames(error: BaseException) -> str:
    """The connector's own last frames, then the last frames of all."""
    frames = list(traceback.walk_tb(error.__traceback__))
    summary = traceback.StackSummary.extract(iter(frames))
    last = range(max(0, len(frames) - _FRAMES), len(frames))
    theirs = [at for at, (frame, _) in enumerate(frames) if _is_theirs(frame.f_globals)]
    chosen = sorted({*theirs[-_FRAMES:], *last})
    return "".join(traceback.StackSummary.from_list([summary[at] for at in chosen]).format())


def _is_theirs(scope: dict[str, object]) -> bool:
    package = str(scope.get("__name__")).partition(".")[0]
    return package not in _OURS and package not in sys.stdlib_module_names


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
