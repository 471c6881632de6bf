"""The definition of a model out of an example of its data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from juggler.errors import ConfigurationError
from juggler.model.types_of import MAX_DEPTH, too_deep
from juggler.values.geo import GeoPoint

_SCALARS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "number"),
    (float, "number"),
    (str, "string"),
    (Decimal, "decimal"),
    (dt.datetime, "date"),
    (dt.date, "dateonly"),
    (dt.time, "time"),
    (dt.timedelta, "duration"),
    (bytes, "buffer"),
    (UUID, "uuid"),
    (GeoPoint, "geopoint"),
)


def introspect(data: Any) -> dict[str, Any]:
    """The properties that an object of example data speaks for.

    Scalars become their types; a list has the type of its first element that is not null; an object
    becomes a nested model; null becomes ``any``; an empty list or object becomes ``array`` or
    ``object``.

    Raises:
        ConfigurationError: ``bad-example`` when the data is no object.
    """
    if not isinstance(data, Mapping):
        raise ConfigurationError(
            f"{data!r:.60} is no example of a model's data", code="bad-example",
            hint="an object such as {'name': 'Ann', 'age': 41}",
        )  # fmt: skip
    return {str(name): _form(value, str(name), 0) for name, value in data.items()}


def _form(value: Any, where: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise too_deep(where)
    for cls, name in _SCALARS:
        if isinstance(value, cls):
            return name
    if isinstance(value, Mapping):
        if not value:
            return "object"
        return {"type": {str(k): _form(v, f"{where}.{k}", depth + 1) for k, v in value.items()}}
    if isinstance(value, list | tuple):
        first = next((item for item in value if item is not None), None)
        return "array" if first is None else [_form(first, where, depth + 1)]
    return "any"
