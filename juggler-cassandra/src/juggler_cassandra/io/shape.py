"""What the statements that write a model have in common; made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler_cassandra.capabilities import has_counters, writes_blind
from juggler_cassandra.declared import version_column

if TYPE_CHECKING:
    from collections.abc import Callable

    from juggler_cassandra.io.facts import Facts
    from juggler_cassandra.settings import CassandraSettings


@frozen
class Shape:
    """What the statements of a model have in common.

    Attributes:
        names: the columns of a whole row.
        keys: the key's columns.
        parts: those of its partition.
        rest: positions of a whole row's values that are not in the key.
        row: takes of a whole row's values those that an INSERT has: without the version's, which
            is ours.
        columns: those of an INSERT, the version's last.
        static: static columns.
        version: the version's column.
        counters: whether the table is one of counters.
        blind: whether no write is a light-weight transaction.
    """

    names: tuple[str, ...]
    keys: tuple[str, ...]
    parts: tuple[str, ...]
    rest: tuple[int, ...]
    row: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    columns: tuple[str, ...]
    static: frozenset[str]
    version: str | None
    counters: bool
    blind: bool

    @classmethod
    def of(cls, facts: Facts, settings: CassandraSettings) -> Shape:
        """The shape of a model over its table."""
        model, columns = facts.model, facts.codec.columns
        version = version_column(model)
        names = tuple(columns[name].name for name in model.names)
        keys = tuple(columns[name].name for name in model.key.names)
        row = tuple(i for i, column in enumerate(names) if column != version)
        return cls(
            names,
            keys,
            keys[: len(model.key.partition)],
            tuple(i for i in row if names[i] not in keys),
            _taking(row, len(names)),
            tuple(names[i] for i in row) + (() if version is None else (version,)),
            frozenset(column.name for column in columns.values() if column.static),
            version,
            has_counters(model),
            writes_blind(model, settings),
        )


def _taking(row: tuple[int, ...], size: int) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Takes the values at positions of a row."""
    return tuple if len(row) == size else lambda values: tuple([values[i] for i in row])
