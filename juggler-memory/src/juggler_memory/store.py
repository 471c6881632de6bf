"""All tables of a connector, their lock, their versions and the file behind them."""

from __future__ import annotations

import os
import threading
import weakref
from itertools import count
from typing import TYPE_CHECKING, Any

from juggler.errors import DecodeError
from juggler_memory.definition import from_json, to_json
from juggler_memory.storage.values import pack, unpack
from juggler_memory.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from juggler.connector import Key, Row, Version
    from juggler_memory.storage import Journal

#: Rows per line of a compacted file.
_ROWS = 200


class Store:
    """The tables of one connector object.

    Whoever writes, or reads more than one key, holds ``lock``; reading one key needs none.

    Args:
        journal: the file, None for data that live as long as the process.
    """

    def __init__(self, journal: Journal | None = None) -> None:
        self.lock = threading.RLock()
        self.tables: dict[str, Table] = {}
        self.journal = journal
        self.versions = count(1)
        #: Called when tables changed their structure.
        self.forget_bindings: Callable[[], None] = _nothing
        self._opened = journal is None
        _stores.add(self)

    # ------------------------------------------------------------ life cycle

    def open(self) -> None:
        """Read the file, once."""
        with self.lock:
            if not self._opened and self.journal is not None:
                loader = _Loader(self)
                self.journal.open(loader.apply)
                self.versions = count(loader.version + 1)
                self._opened = True

    def close(self) -> None:
        """Give the file back; what it holds is read again when the store is opened again."""
        with self.lock:
            if self.journal is not None and self._opened:
                self.journal.close()
                self.tables.clear()
                self._opened = False

    @property
    def keeps_effects(self) -> bool:
        """Whether somebody wants to know what a write did."""
        return self.journal is not None

    def next_version(self) -> Version:
        """A version that no row ever had."""
        return str(next(self.versions))

    # ------------------------------------------------------------ to the file

    def save(self, effects: Iterable[Effect]) -> None:
        """Make the effects of one call durable, in one line; compact the file when it is time.

        Raises:
            BackendError: the file cannot be written; nothing of it is in there.
        """
        journal = self.journal
        if journal is None:
            return
        written = [_effect_record(*effect) for effect in effects]
        if not written:
            return
        for name in {effect[0].name for effect in effects}:
            self.save_definition(self.tables[name])
        journal.append({"write": written})
        if journal.size > journal.compact_at:
            journal.compact(self.records())

    def save_definition(self, table: Table, *, emptied: bool = False) -> None:
        """Write a table's definition if the file does not know it."""
        if self.journal is not None and (emptied or not table.saved):
            self.journal.append(_table_record(table, emptied=emptied))
            table.saved = True

    def rewrite(self) -> None:
        """Write everything anew: a schema change touched rows.

        Raises:
            BackendError: the file cannot be written; it is as before.
        """
        if self.journal is not None:
            self.journal.compact(self.records(), required=True)
            for table in self.tables.values():
                table.saved = True

    def records(self) -> Iterator[dict[str, Any]]:
        """Everything there is, as records of a file."""
        for table in self.tables.values():
            yield _table_record(table)
            table.sort()
            batch: list[dict[str, Any]] = []
            for key, row in table.rows.items():
                effect = (table, key, row, table.versions[key], table.expires.get(key))
                batch.append(_effect_record(*effect))
                if len(batch) == _ROWS:
                    yield {"write": batch}
                    batch = []
            if batch:
                yield {"write": batch}


def _nothing() -> None:
    """Nobody keeps bindings."""


#: What a write did to a key: the new row, version and expiry, or None for a row that went.
Effect = tuple[Table, "Key", "Row | None", "Version | None", "float | None"]


def _effect_record(
    table: Table, key: Key, row: Row | None, version: Version | None, expires: float | None
) -> dict[str, Any]:
    if row is None:
        return {"delete": table.name, "key": [pack(part) for part in key]}
    values = {
        name: pack(value)
        for name, value in zip(table.columns, row, strict=True)
        if value is not None
    }
    record = {"put": table.name, "row": values, "version": version}
    return record if expires is None else {**record, "expires": expires}


def _table_record(table: Table, *, emptied: bool = False) -> dict[str, Any]:
    record = {
        "table": to_json(table.definition),
        "planned": table.planned,
        "next_id": table.next_id,
    }
    return {**record, "empty": True} if emptied else record


class _Loader:
    """Applies the records of a file."""

    def __init__(self, store: Store) -> None:
        self.tables = store.tables
        self.version = 0

    def apply(self, record: dict[str, Any]) -> None:
        try:
            if "table" in record:
                self._table(record)
            else:
                for effect in record["write"]:
                    self._effect(effect)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DecodeError(
                "a line of the file is whole, but not of this format",
                code="damaged-file",
                native=repr(error),
            ) from error

    def _table(self, record: dict[str, Any]) -> None:
        definition = from_json(record["table"])
        table = self.tables.get(definition.name)
        if table is None or record.get("empty"):
            table = self.tables[definition.name] = Table(definition)
        else:
            table.redefine(definition)
        table.planned = record["planned"]
        table.next_id = max(table.next_id, record["next_id"])
        table.saved = True

    def _effect(self, effect: dict[str, Any]) -> None:
        if "delete" in effect:
            table = self.tables[effect["delete"]]
            table.drop(tuple(unpack(part) for part in effect["key"]))
            return
        table = self.tables[effect["put"]]
        values = effect["row"]
        unknown = [name for name in values if name not in table.columns]
        if unknown:
            table.widen(unknown)
        row = tuple([unpack(values.get(name)) for name in table.columns])
        key = tuple([row[at] for at in table.key_positions])
        self.version = max(self.version, int(effect["version"]))
        table.count_id(key)
        table.store(key, row, effect["version"], effect.get("expires"))


# ---------------------------------------------------------------- forks

_stores: weakref.WeakSet[Store] = weakref.WeakSet()
_forking = threading.local()


def _before_fork() -> None:
    """Let writes finish, so that a child has whole tables."""
    _forking.stores = sorted(_stores, key=id)
    for store in _forking.stores:
        store.lock.acquire()


def _after_fork_in_parent() -> None:
    for store in _forking.stores:
        store.lock.release()
    _forking.stores = []


def _after_fork_in_child() -> None:
    for store in _forking.stores:
        store.lock = threading.RLock()
    _forking.stores = []


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
