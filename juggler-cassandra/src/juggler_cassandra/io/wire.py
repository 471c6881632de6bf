"""How results are decoded: times as the integers that they are.

The driver makes a datetime of every timestamp; one outside of the years 1 to 9999 fails, and the
driver then closes the connection under every other request.  As integers they are decoded by us,
and an undecodable one is an error of its row alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from cassandra import cqltypes
from cassandra.protocol import ProtocolHandler, ResultMessage

_PLAIN: Final = {cqltypes.DateType: cqltypes.LongType, cqltypes.TimeType: cqltypes.LongType}
_COLLECTIONS: Final = (cqltypes.ListType, cqltypes.SetType, cqltypes.MapType, cqltypes.TupleType)


class _Result(ProtocolHandler.message_types_by_opcode[ResultMessage.opcode]):  # type: ignore[misc]
    type_codes = {  # noqa: RUF012 - the driver's own class attribute
        code: _PLAIN.get(kind, kind) for code, kind in ResultMessage.type_codes.items()
    }


class _Handler(ProtocolHandler):  # type: ignore[misc]
    message_types_by_opcode = {  # noqa: RUF012 - as above
        **ProtocolHandler.message_types_by_opcode,
        ResultMessage.opcode: _Result,
    }


_UserType: Any = cqltypes.UserType

#: For sessions that are ours.
HANDLER: Final = _Handler


def tame(prepared: Any) -> None:
    """Let the rows of a prepared statement be decoded so, whatever its session's handler is."""
    columns = prepared.result_metadata
    if columns:
        prepared.result_metadata = [(*column[:3], _tamed(column[3])) for column in columns]


@lru_cache(maxsize=512)
def _tamed(kind: Any) -> Any:
    """The type with times as integers, inside of collections and user-defined types too."""
    plain = _PLAIN.get(kind)
    if plain is not None:
        return plain
    inner = tuple(getattr(kind, "subtypes", None) or ())
    if not inner:
        return kind
    changed = tuple(map(_tamed, inner))
    if changed == inner:
        return kind
    if issubclass(kind, _UserType):
        made = kind.make_udt_class(kind.keyspace, kind.typename, kind.fieldnames, changed)
        made.mapped_class = kind.mapped_class
        return made
    base = next((one for one in _COLLECTIONS if issubclass(kind, one)), None)
    if base is not None:
        return base.apply_parameters(changed)
    if issubclass(kind, cqltypes.FrozenType):
        return cqltypes.FrozenType.apply_parameters(changed)
    return kind
