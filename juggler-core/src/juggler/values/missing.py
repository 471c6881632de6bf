"""The value that is not there: different from None, which is null."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal


class _Missing(Enum):
    MISSING = "MISSING"

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


#: Not given.  In write input it means: do not touch.
MISSING: Final = _Missing.MISSING
Missing = Literal[_Missing.MISSING]
