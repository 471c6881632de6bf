"""``TestRedis = conformance("redis", settings={...})``: the suite as named pytest functions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from juggler_conformance.profiles import profile as profile_of
from juggler_conformance.registry import Property, properties
from juggler_conformance.runner import Result, run_one
from juggler_conformance.session import Session, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Profile of a run that names none.
PROFILE_VARIABLE = "JUGGLER_CONFORMANCE_PROFILE"


class Suite:
    """The session that the test functions of one class share; opened by the first of them.

    Attributes:
        results: what came of the properties so far; the pytest plugin reports them.
    """

    def __init__(self, target: Target, profile: str | None, prefix: str) -> None:
        self.target = target
        self.profile = profile
        self.prefix = prefix
        self.results: list[Result] = []
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The open session."""
        if self._session is None:
            name = self.profile or os.environ.get(PROFILE_VARIABLE, "ci")
            self._session = Session(self.target, profile_of(name), self.prefix)
        return self._session

    @property
    def opened(self) -> bool:
        """Whether any test ran."""
        return self._session is not None

    def check(self, wanted: Property) -> None:
        """Check a property; its failure is raised with what it usually means."""
        result = run_one(self.session, wanted)
        self.results.append(result)
        if result.error is not None:
            if result.usually:
                result.error.add_note(f"usually means: {result.usually}")
            raise result.error

    def close(self) -> None:
        """Close the session; the next test would open it again."""
        session, self._session = self._session, None
        if session is not None:
            session.close()


def conformance(
    target: Any,
    settings: Mapping[str, Any] | None = None,
    *,
    tiers: tuple[str, ...] = (),
    profile: str | None = None,
    prefix: str = "",
) -> type:
    """A class of tests that prove a connector: one named function for each property.

    Args:
        target: what ``juggler.connect`` takes: a connector's name, a URL, a class, an instance.
        settings: its settings.
        tiers: only these tiers; all by default.
        profile: ``quick``, ``ci`` or ``deep``; by default the environment's
            ``JUGGLER_CONFORMANCE_PROFILE``, else ``ci``.
        prefix: put before storage names.

    Returns:
        A class to bind to a name that begins with ``Test``.
    """
    suite = Suite(Target(target, dict(settings or {})), profile, prefix)
    tests: dict[str, Any] = {
        f"test_{wanted.name}": _test(wanted) for wanted in properties(tiers=tiers)
    }
    shown = (
        target if isinstance(target, str) else getattr(target, "__name__", type(target).__name__)
    )
    return type(
        "Conformance",
        (),
        {
            "__doc__": f"The conformance suite on {shown}.",
            "__module__": "juggler_conformance",
            "__test__": True,
            "suite": suite,
            "teardown_class": classmethod(lambda _: suite.close()),
            **tests,
        },
    )


def _test(wanted: Property) -> Callable[[Any], None]:
    def test(self: Any) -> None:
        self.suite.check(wanted)

    test.__name__ = test.__qualname__ = f"test_{wanted.name}"
    test.__doc__ = wanted.claim
    return test
