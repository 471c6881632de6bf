"""Keys that callers may not give: the setting ``forceId`` (LoopBack)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.model.codec.rules import validation_error


def refuse_key(model: Any, data: Any) -> None:
    """Refuse a key that was given for a new row.

    Raises:
        ValidationError: ``absence`` of the key's properties.
    """
    definition, codec = model.__definition__, model.__link__.codec
    values = codec.given(data) if isinstance(data, Mapping) else data
    failed = [
        (name, "absence", "can't be set")
        for name in definition.ids
        if _value(values, name) is not None
        and (isinstance(data, Mapping) or definition.properties[name].default_kind == "none")
    ]
    if failed:
        raise validation_error(definition.name, failed)


def _value(values: Any, name: str) -> Any:
    return values.get(name) if isinstance(values, Mapping) else values[name]
