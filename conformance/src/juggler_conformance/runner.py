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
    from collections.abc import Callable, Iterable, Iterator

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
_FAILED = (
    "the connector's own code or its driver fails, see where below; a value that the store cannot"
    " hold is refused for you where its kind is left out of the claim `types`"
)


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
        frames = place_of(self.error)
        return "\n".join([self.of.claim, self.said, usually, "", *programs[-1:], frames])

    @property
    def said(self) -> str:
        """The error in its own words; empty without one."""
        return f"{type(self.error).__name__}: {self.error}" if self.error else ""

    @property
    def usually(self) -> str:
        """What such a failure usually means."""
        match self.error:
            case JugglerError() if _came_of_their_code(self.error):
                return f"{_FAILED}. Otherwise: {self.of.usually}" if self.of.usually else _FAILED
            case AssertionError() | JugglerError():
                return self.of.usually
            case FlakyStrategyDefinition():
                return _UNSTEADY
            case _:
                return _FOREIGN


def place_of(error: BaseException) -> str:
    """Where it came from: the connector's own last frames, or the last ones where none is its."""
    frames = [pair for one in _chain(error) for pair in traceback.walk_tb(one.__traceback__)]
    theirs = [pair for pair in frames if _is_theirs(pair[0].f_globals)]
    chosen = iter((theirs or frames)[-_FRAMES:])
    return "".join(traceback.StackSummary.extract(chosen).format())


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what caused it: a base class may have wrapped the connector's own."""
    while error is not None:
        yield error
        error = error.__cause__


def _came_of_their_code(error: JugglerError) -> bool:
    """Whether an error that is no JugglerError, raised in the connector, is behind it."""
    foreign = (one for one in _chain(error) if not isinstance(one, JugglerError))
    return any(
        _is_theirs(frame.f_globals)
        for one in foreign
        for frame, _ in traceback.walk_tb(one.__traceback__)
    )


def _is_theirs(scope: dict[str, object]) -> bool:
    package = str(scope.get("__name__")).partition(".")[0]
    if package.startswith("hypothesis_temporary_module"):
        return False  # a wrapper that says it stands in our own files
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
