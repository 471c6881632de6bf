"""A table: rows by key, the writes of the contract and the queries over them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from attrs import define, field

from juggler_conformance.oracle.conditions import matches
from juggler_conformance.oracle.ordering import sorted_rows
from juggler_conformance.oracle.values import settle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler.query.tree import Near, Where

    Row = dict[str, Any]
    Key = tuple[Any, ...]


class Refused(Exception):  # noqa: N818 - an answer, not a failure of the model
    """The write is refused: ``duplicate`` or ``missing``."""


@define
class Table:
    """What a store holds of one model.

    Attributes:
        key: names of the key's properties.
        names: names of the declared properties.
        empty_is_null: whether empty collections are null.
        keeps: whether rows stay; a transient store takes them and forgets them.
        rows: the rows by key.
        changes: when each row was last written, so that tests know whether somebody else did.
        clock: number of writes so far.
    """

    key: tuple[str, ...]
    names: tuple[str, ...]
    empty_is_null: bool = False
    keeps: bool = True
    rows: dict[Key, Row] = field(factory=dict)
    changes: dict[Key, int] = field(factory=dict)
    clock: int = 0

    def key_of(self, row: Mapping[str, Any]) -> Key:
        """The key of a row."""
        return tuple(row[name] for name in self.key)

    # ------------------------------------------------------------ writing

    def insert(self, row: Mapping[str, Any]) -> Row:
        """A new row; refused when its key is there."""
        if self.key_of(row) in self.rows:
            raise Refused("duplicate")
        return self.put(row)

    def put(self, row: Mapping[str, Any]) -> Row:
        """The whole row, whatever is there; properties not given are null."""
        whole = {**dict.fromkeys(self.names), **row}
        return self._store(whole)

    def replace(self, row: Mapping[str, Any]) -> Row:
        """The whole row, which must be there."""
        if self.key_of(row) not in self.rows:
            raise Refused("missing")
        return self.put(row)

    def patch(self, key: Key, values: Mapping[str, Any]) -> Row:
        """Only these properties of a row, which must be there."""
        if key not in self.rows:
            raise Refused("missing")
        return self._store({**self.rows[key], **values})

    def upsert(self, row: Mapping[str, Any], defaults: Mapping[str, Any]) -> Row:
        """Patch the row that is there, or insert it with the defaults."""
        key = self.key_of(row)
        return self.patch(key, row) if key in self.rows else self.put({**defaults, **row})

    def delete(self, key: Key) -> bool:
        """Whether the row was there."""
        self.changes.pop(key, None)
        return self.rows.pop(key, None) is not None

    def patch_where(self, where: Where, values: Mapping[str, Any]) -> int:
        """Patch every matching row; their number."""
        found = [key for key, row in self.rows.items() if matches(where, row)]
        for key in found:
            self.patch(key, values)
        return len(found)

    def delete_where(self, where: Where) -> int:
        """Delete every matching row; their number."""
        found = [key for key, row in self.rows.items() if matches(where, row)]
        for key in found:
            self.delete(key)
        return len(found)

    def _store(self, row: Row) -> Row:
        kept = {
            name: settle(copy.deepcopy(value), empty_is_null=self.empty_is_null)
            for name, value in row.items()
        }
        if self.keeps:
            key = self.key_of(kept)
            self.rows[key] = kept
            self.clock += 1
            self.changes[key] = self.clock
        return copy.deepcopy(kept)

    # ------------------------------------------------------------ reading

    def get(self, key: Key) -> Row | None:
        """The row of a key, or None."""
        return copy.deepcopy(self.rows.get(key))

    def find(
        self,
        where: Where,
        order: Sequence[tuple[str, str]] = (),
        *,
        limit: int | None = None,
        skip: int = 0,
        fields: Sequence[str] | None = None,
        near: Near | None = None,
    ) -> list[Row]:
        """The answer to a query, in order; without order by ascending key."""
        found = [row for row in self.rows.values() if matches(where, row)]
        ordered = sorted_rows(found, order, self.key, near)
        end = None if limit is None else skip + limit
        return [
            copy.deepcopy({n: v for n, v in row.items() if fields is None or n in fields})
            for row in ordered[skip:end]
        ]

    def count(self, where: Where) -> int:
        """How many rows match."""
        return sum(matches(where, row) for row in self.rows.values())
