"""Rows copied from memory into a database and back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from juggler import GeoPoint, connect
from juggler.errors import SchemaMissingError

if TYPE_CHECKING:
    from pathlib import Path

THING = {
    "id": {"type": "integer", "id": True, "generated": True},
    "amount": {"type": "decimal"},
    "at": "date",
    "raw": "buffer",
    "place": "geopoint",
    "tags": ["string"],
    "any": "object",
    "size": "number",
}
ROWS: list[dict[str, Any]] = [
    {},
    {"amount": "12.340", "at": "2024-05-01T12:00:00.123Z", "raw": b"\x00\xff", "tags": []},
    {"place": GeoPoint(lat=1.5, lng=-3), "tags": ["b", "a"], "any": {"x": {"y": [1, None, 2.5]}}},
    {"size": 1e300, "at": dt.datetime(1900, 1, 1, tzinfo=dt.UTC), "any": {}},
]


def test_there_and_back(tmp_path: Path) -> None:
    source, back = connect("memory:"), connect("memory:")
    thing = source.define("Thing", THING, {"strict": True, "forceId": True})
    thing.create_all(ROWS * 5)
    with connect(f"sqlite:{tmp_path / 'a.db'}") as target:
        with pytest.raises(SchemaMissingError, match="juggler copy --create"):
            source.copy_to(target)
        assert source.copy_to(target, create=True, batch=7)[0].written == 20
        assert source.copy_to(target)[0].present == 20
        target.define("Thing", THING, {"strict": True})
        assert target.copy_to(back)[0].written == 20
    copied = back.define("Thing", THING, {"strict": True}).find(order="id")
    assert [c.to_object() for c in copied] == [one.to_object() for one in thing.find(order="id")]


def test_a_property_without_a_column_is_no_silent_loss(tmp_path: Path) -> None:
    source = connect("memory:")
    source.define("Pet", {"id": {"type": "string", "id": True}})
    source.models["Pet"].create_all([{"id": "a"}, {"id": "b", "colour": "red"}])
    with connect(f"sqlite:{tmp_path / 'a.db'}") as target:
        (done,) = source.copy_to(target, create=True)
    assert (done.written, [(p.key, p.code) for p in done.failed]) == (
        1,
        [("b", "unknown-property")],
    )
