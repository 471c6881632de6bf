"""How long a property may take: an example that would begin too late is left out, and told."""

from __future__ import annotations

import time

from attrs import define, field

#: Examples that are run whatever the time: fewer would prove nothing.
LEAST = 5


class Enough(BaseException):
    """The time is over.  Hypothesis lets it through, as an interrupt from the keyboard."""


@define
class Pace:
    """The time of one property.

    Attributes:
        seconds: how much there is.
        examples: examples that were run.
        cut: whether any were left out.
        failed: whether one failed: from then on time does not count, the failure is made small.
    """

    seconds: float
    examples: int = 0
    cut: bool = False
    failed: bool = False
    _begun: float = field(factory=time.monotonic)

    def ended(self, planned: int, least: int = LEAST) -> None:
        """One more example is over, of so many that were planned.

        Raises:
            Enough: there is no time for another one.  (Not before an example: Hypothesis takes one
                without draws for an inconsistent one.)
        """
        self.examples += 1
        if self.is_over and least <= self.examples < planned:
            self.cut = True
            raise Enough

    @property
    def is_over(self) -> bool:
        """Whether the time is over, and nothing failed."""
        return not self.failed and time.monotonic() - self._begun > self.seconds
