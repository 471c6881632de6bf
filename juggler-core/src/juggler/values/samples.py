"""A value of each type, for plans of queries whose values are not known yet."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from juggler.values.types import TypeKind

if TYPE_CHECKING:
    from juggler.values.types import TypeSpec

_SAMPLES: Final[dict[TypeKind, Any]] = {
    TypeKind.INTEGER: 0,
    TypeKind.NUMBER: 0,
    TypeKind.FLOAT: 0.0,
    TypeKind.DECIMAL: Decimal(0),
    TypeKind.BOOLEAN: False,
    TypeKind.UUID: UUID(int=0),
    TypeKind.TIMEUUID: UUID("00000000-0000-1000-8000-000000000000"),
    TypeKind.DATETIME: dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
    TypeKind.DATE: dt.date(1970, 1, 1),
    TypeKind.TIME: dt.time(),
    TypeKind.BUFFER: b"?",
}


def sample(spec: TypeSpec) -> Any:
    """A value of a scalar type; a question mark for texts and all others."""
    return _SAMPLES.get(spec.kind, "?")
