"""Who called: the first frame that is not Juggler's own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


def caller_module() -> str:
    """Name of the application's module that asked for what runs now."""
    frame = sys._getframe(1)  # noqa: SLF001 - the only way to it
    while frame.f_back is not None and _is_own(frame):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", "__main__"))


def stack_level() -> int:
    """``stacklevel`` with which ``warnings.warn`` names the application's line."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the only way to it
    level = 1
    while frame is not None and _is_own(frame):
        frame = frame.f_back
        level += 1
    return level


def _is_own(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] == "juggler"
