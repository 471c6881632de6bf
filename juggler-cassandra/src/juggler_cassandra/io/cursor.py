"""Cursors: where a fetch goes on, as neutral values; the core signs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.values import tagged
from juggler_cassandra.types import neutral_of, pair, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from juggler.connector import Row
    from juggler_cassandra.io.facts import Facts
    from juggler_cassandra.types import Pair


class Places:
    """Values of key columns, physical and as a cursor has them.

    Args:
        facts: the model over its table.
        types: CQL types of columns that the model does not have.
    """

    def __init__(self, facts: Facts, types: dict[str, str]) -> None:
        self._pairs: dict[str, Pair] = {c.name: c.pair for c in facts.codec.columns.values()}
        for name, text in types.items():
            if name not in self._pairs:
                cql = parse(text)
                self._pairs[name] = pair(neutral_of(cql), cql)

    def neutral(self, names: Sequence[str], values: Row) -> list[Any]:
        """What a cursor holds."""
        return [self._one(name, value, "decode") for name, value in zip(names, values, strict=True)]

    def physical(self, names: Sequence[str], values: Sequence[Any]) -> Row:
        """What statements bind."""
        return tuple(
            self._one(name, value, "encode") for name, value in zip(names, values, strict=True)
        )

    def _one(self, name: str, value: Any, way: str) -> Any:
        found = self._pairs.get(name)
        convert = None if found is None else getattr(found, way)
        return value if convert is None or value is None else convert(value)


def dumps(state: Any) -> bytes:
    """A cursor's bytes."""
    return tagged.dumps(state).encode()


def loads(cursor: bytes) -> Any:
    """What :func:`dumps` wrote."""
    return tagged.loads(cursor)
