"""One Hypothesis profile for all tests of the core."""

from __future__ import annotations

from hypothesis import settings

# A loaded machine is no failure: tests hold no timings.
settings.register_profile("core", deadline=None)
settings.load_profile("core")
