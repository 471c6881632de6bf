"""Which fields of documents can be properties."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_LONGEST: Final = 255
#: The server's own, what stores and filters keep, parts of paths, control characters.
_NO_PROPERTY: Final = re.compile(
    r"(?:[_$].*|.*[.\x00-\x1f\x7f-\x9f\ud800-\udfff].*|\*|and|or|nor|not)?", re.DOTALL
)


@lru_cache(maxsize=10_000)
def is_property(name: str) -> bool:
    """Whether a property can have a field's name; others are kept in the document, and not seen."""
    return len(name) <= _LONGEST and _NO_PROPERTY.fullmatch(name) is None
