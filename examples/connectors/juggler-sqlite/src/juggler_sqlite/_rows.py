"""How neutral values stand in SQLite columns."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from juggler.connector import RowCodec, codec
from juggler.values import tagged
from juggler.values.geo import GeoPoint
from juggler.values.types import TypeKind as K

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.spec import FieldSpec, ModelSpec

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_US = timedelta(microseconds=1)


def _plain(value: Decimal) -> str:
    if not value:
        return "0"
    text = format(value, "f")  # exact, where normalize() rounds to the context's precision
    return text.rstrip("0").rstrip(".") if "." in text else text


_JSON = (tagged.dumps, tagged.loads)

#: Type kind → (neutral to SQLite, SQLite to neutral).
TABLE: dict[K, tuple[Any, Any]] = {
    K.BOOLEAN: (int, bool),
    K.DATETIME: (lambda v: (v - _EPOCH) // _MS, lambda v: _EPOCH + v * _MS),
    K.DATE: (date.isoformat, date.fromisoformat),
    K.TIME: (lambda v: v.isoformat(timespec="microseconds"), time.fromisoformat),
    K.DURATION: (lambda v: v // _US, lambda v: v * _US),
    K.DECIMAL: (_plain, Decimal),
    K.UUID: (str, UUID),
    K.TIMEUUID: (str, UUID),
    K.GEO: (lambda v: tagged.dumps([v.lat, v.lng]), lambda v: GeoPoint(*tagged.loads(v))),
    K.ANY: _JSON,
    K.OBJECT: _JSON,
    K.EMBEDDED: _JSON,
    K.ARRAY: _JSON,
    K.SET: _JSON,
    K.MAP: _JSON,
    K.TUPLE: _JSON,
    K.VECTOR: _JSON,
}

#: Column types; ``NUMERIC``-free, so that no affinity changes a value: a number column has none.
COLUMN: dict[K, str] = {
    K.STRING: "TEXT",
    K.TEXT: "TEXT",
    K.INET: "TEXT",
    K.UUID: "TEXT",
    K.TIMEUUID: "TEXT",
    K.DATE: "DATE_TEXT",
    K.TIME: "TIME_TEXT",
    K.DECIMAL: "DECIMAL_TEXT",
    K.INTEGER: "INTEGER",
    K.COUNTER: "INTEGER",
    K.BOOLEAN: "BOOLEAN_INT",
    K.DATETIME: "DATETIME_INT",
    K.DURATION: "DURATION_INT",
    K.NUMBER: "ANY_BLOB",
    K.FLOAT: "REAL",
    K.BUFFER: "BLOB",
    K.GEO: "JSON_TEXT",
    K.ANY: "JSON_TEXT",
    K.OBJECT: "JSON_TEXT",
    K.EMBEDDED: "JSON_TEXT",
    K.ARRAY: "JSON_TEXT",
    K.SET: "JSON_TEXT",
    K.MAP: "JSON_TEXT",
    K.TUPLE: "JSON_TEXT",
    K.VECTOR: "JSON_TEXT",
}

#: Kinds whose columns compare and sort in SQLite exactly as Juggler does.
COMPARABLE = frozenset(
    {
        K.STRING,
        K.TEXT,
        K.INET,
        K.UUID,
        K.TIMEUUID,
        K.DATE,
        K.TIME,
        K.INTEGER,
        K.BOOLEAN,
        K.DATETIME,
        K.DURATION,
        K.NUMBER,
        K.FLOAT,
        K.BUFFER,
    }
)
#: Kinds for which equal values are equal columns.
EQUATABLE = COMPARABLE | {K.DECIMAL}

_codecs: dict[tuple[str, tuple[str, ...]], RowCodec] = {}


def rows_of(model: ModelSpec, fields: Sequence[str]) -> RowCodec:
    """The codec for some fields of a model, made once."""
    place = (model.fingerprint, tuple(fields))
    found = _codecs.get(place)
    if found is None:
        found = _codecs[place] = codec(model, TABLE, fields=fields)
    return found


def quoted(name: str) -> str:
    """An identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def column(field: FieldSpec) -> str:
    """A field's column, quoted."""
    return quoted(field.storage_name)
