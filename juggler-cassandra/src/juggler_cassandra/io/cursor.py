"""Cursors: where a fetch goes on, as neutral values; the core signs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.values import tagged
from juggler_cassandra.types import neutral_of, pair, parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler.connector import Row
    from juggler_cassandra.io.facts import Facts
    from juggler_cassandra.types import Pair


class Places:
    """Values of key columns, physical and as a cursor has them.

    Args:
        facts: the model over its table.
        types: CQL types of columns that the model does not have.
    """

    def __init__(self, facts: Facts, types: Mapping[str, str]) -> None:
        self._pairs: dict[str, Pair] = {c.name: c.pair for c in facts.codec.columns.values()}
        self._types = types

    def neutral(self, names: Sequence[str], values: Row) -> list[Any]:
        """What a cursor holds."""
        return [self._one(name, value, "decode") for name, value in zip(names, values, strict=True)]

    def physical(self, names: Sequence[str], values: Sequence[Any]) -> Row:
        """What statements bind."""
        return tuple(
            self._one(name, value, "encode") for name, value in zip(names, values, strict=True)
        )

    def _one(self, name: str, value: Any, way: str) -> Any:
        convert = getattr(self._pair(name), way)
        return value if convert is None or value is None else convert(value)

    def _pair(self, name: str) -> Pair:
        found = self._pairs.get(name)
        if found is None:
            cql = parse(self._types.get(name, "text"))
            found = self._pairs[name] = pair(neutral_of(cql), cql)
        return found


def dumps(state: Any) -> bytes:
    """A cursor's bytes."""
    return tagged.dumps(state).encode()


def loads(cursor: bytes) -> Any:
    """What :func:`dumps` wrote."""
    return tagged.loads(cursor)
