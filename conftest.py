"""One Hypothesis profile for every test: a loaded machine is no failure."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("juggler", deadline=None)
settings.load_profile("juggler")
