"""How hard to look: quick for a first answer, ci for every change, deep for a night."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from attrs import frozen
from hypothesis import HealthCheck, Phase
from hypothesis import settings as Settings  # noqa: N812 - a class whose name is small

from juggler.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Examples may be slow and large, and many may be thrown away: that is up to the connector.
_UNCHECKED = (
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
)
_ALL_PHASES = (Phase.explicit, Phase.generate, Phase.target, Phase.shrink)


@frozen
class Profile:
    """A profile.

    Attributes:
        name: its name.
        examples: examples of an ordinary property.
        programs: programs of a stateful machine.
        steps: steps of a program at most.
        hostile: hostile inputs in all.
        seconds: time for the examples of one property; those that did not begin by then are left
            out, and the report says so.
        seed: where the generators start; the same seed gives the same examples.
        shrink: whether a failure is made as small as possible before it is shown.
    """

    name: str
    examples: int
    programs: int
    steps: int
    hostile: int
    seconds: float
    seed: int = 1
    shrink: bool = True

    def settings(self, scale: float = 1.0) -> Settings:
        """Hypothesis settings of a property; ``scale`` multiplies its number of examples."""
        return self._settings(max(5, int(self.examples * scale)))

    def machine(self, scale: float = 1.0) -> Settings:
        """Hypothesis settings of a stateful machine."""
        return Settings(
            self._settings(max(3, int(self.programs * scale))), stateful_step_count=self.steps
        )

    def _settings(self, examples: int) -> Settings:
        return Settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=False,  # the seed is given: it stands in the report
            print_blob=False,
            report_multiple_bugs=False,
            suppress_health_check=_UNCHECKED,
            phases=_ALL_PHASES if self.shrink else (Phase.explicit, Phase.generate),
        )

    def seed_of(self, name: str) -> int:
        """The seed of one property: another one for each, the same in every run."""
        return zlib.crc32(f"{self.seed}:{name}".encode())


PROFILES: Mapping[str, Profile] = {
    "quick": Profile("quick", examples=30, programs=15, steps=15, hostile=500, seconds=4),
    "ci": Profile("ci", examples=100, programs=40, steps=25, hostile=10_000, seconds=6),
    "deep": Profile("deep", examples=1500, programs=400, steps=50, hostile=50_000, seconds=3600),
}


def profile(name: str) -> Profile:
    """The profile of that name.

    Raises:
        ConfigurationError: there is none, with the nearest name.
    """
    found = PROFILES.get(name)
    if found is None:
        hint = did_you_mean(name, PROFILES)
        raise ConfigurationError(f"there is no profile {name!r}", code="unknown-profile", hint=hint)
    return found
