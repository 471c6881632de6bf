"""Transactions: a snapshot to read and write, applied as a whole if nobody else was there first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from juggler.errors import ConflictError, DuplicateKeyError, WriteError
from juggler_memory.binding import Binding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from juggler.connector import Key, Version
    from juggler.spec import ModelSpec
    from juggler_memory.store import Effect, Store
    from juggler_memory.table import Table


class Transaction:
    """One transaction of a store, under snapshot isolation.

    It reads what was committed when it began and what it wrote itself.  The first one to commit a
    row wins: a later transaction that wrote the same row is a ConflictError.  Whoever calls holds
    the store's lock.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._snapshot = {name: table.clone() for name, table in store.tables.items()}
        #: The versions at the beginning; nobody changes these dictionaries any more.
        self._versions = {name: table.versions for name, table in self._snapshot.items()}
        self._bindings: dict[int, Binding] = {}
        #: The last state of each row written.
        self._effects: dict[tuple[str, Key], Effect] = {}
        self._over = ""

    # ------------------------------------------------------------ as a store for the writer

    #: Effects are always kept: they are what is committed.
    keeps_effects = True

    def next_version(self) -> Version:
        """A version that no row ever had."""
        return self.store.next_version()

    def save(self, effects: Iterable[Effect]) -> None:
        """Keep the effects of a call until the commit."""
        for effect in effects:
            table, key = effect[0], effect[1]
            self._effects[table.name, key] = effect
            live = self.store.tables[table.name]
            live.next_id = max(live.next_id, table.next_id)  # numbers that were taken stay taken

    # ------------------------------------------------------------ reading and writing

    def binding(self, bound: Binding, *, to_write: bool = False) -> Binding:
        """A model over this transaction's view of its table.

        Args:
            bound: the model over the table itself.
            to_write: whether rows will be written: unique indexes and the id counter are needed.

        Raises:
            WriteError: the transaction is over.
        """
        self._check()
        live = bound.table
        table = self._snapshot.get(live.name)
        if table is None or table.columns is not live.columns:
            table = self._snapshot[live.name] = self._late(live, table)
        if to_write:
            table.guard()
            table.next_id = max(table.next_id, live.next_id)
        return self._cached(bound.model, table)

    def _late(self, live: Table, table: Table | None) -> Table:
        """The view of a table that came, or took another shape, after the beginning."""
        if table is not None and (table.rows or self._effects):
            raise ConflictError(
                f"{live.name} took another shape while the transaction ran",
                code="transaction-conflict",
                hint="run the transaction again",
                model=live.definition.model,
                retryable=True,
            )
        self._versions[live.name] = {}
        return live.clone(empty=True)

    def _cached(self, model: ModelSpec, table: Table) -> Binding:
        binding = self._bindings.get(id(model))
        if binding is None or binding.table is not table:
            binding = self._bindings[id(model)] = Binding(model, table)
        return binding

    # ------------------------------------------------------------ the end

    def commit(self, now: float) -> None:
        """Apply everything, as one line of the file.

        Raises:
            ConflictError: a row was changed by somebody else meanwhile; nothing is applied.
            DuplicateKeyError: a unique value was taken meanwhile; nothing is applied.
        """
        self._check()
        self._over = "rolled back"
        tables = self.store.tables
        try:
            for name in {name for name, _ in self._effects}:
                if name in tables:
                    tables[name].purge(now)
            for name, key in self._effects:
                self._unchanged(tables.get(name), name, key, self._versions[name].get(key))
        finally:
            self._give_back()
        self._apply(
            [
                (tables[name], key, *effect[2:])
                for (name, key), effect in self._effects.items()
                if effect[2] is not None or key in tables[name].rows
            ]
        )
        self._over = "committed"

    def rollback(self) -> None:
        """Forget everything; a transaction that is over stays as it is."""
        self._over = self._over or "rolled back"
        self._effects.clear()
        self._give_back()

    def _give_back(self) -> None:
        for view in self._snapshot.values():
            view.give_back()

    def _unchanged(self, live: Table | None, name: str, key: Key, version: Version | None) -> None:
        view = self._snapshot[name]
        if live is None or live.columns is not view.columns or live.versions.get(key) != version:
            raise ConflictError(
                f"{name} {key[0] if len(key) == 1 else key!r} was changed by somebody else while "
                "the transaction ran",
                code="transaction-conflict",
                expected=version,
                current=None if live is None else live.versions.get(key),
                hint="run the transaction again",
                model=view.definition.model,
                key=key,
                retryable=True,
            )

    def _apply(self, effects: list[Effect]) -> None:
        """Rows that go first, so that the unique values of theirs are free; undone if it fails."""
        effects.sort(key=lambda effect: effect[2] is not None)
        before: list[Effect] = []
        try:
            for effect in effects:
                table, key = effect[0], effect[1]
                state = table.rows.get(key), table.versions.get(key), table.expires.get(key)
                before.append((table, key, *state))
                _set(effect)
            self.store.save(effects)
        except BaseException:
            for effect in reversed(before):
                _set(effect, check=False)
            raise

    def _check(self) -> None:
        if self._over:
            raise WriteError(
                f"the transaction is over: it was {self._over}",
                code="transaction-over",
                hint="begin another one",
            )


def _set(effect: Effect, *, check: bool = True) -> None:
    table, key, row, version, expires = effect
    if row is None or version is None:
        if key in table.rows:
            table.drop(key)
        return
    clash = table.clash(key, row) if check else None
    if clash is not None:
        index, other = clash
        raise DuplicateKeyError(
            f"another {table.definition.model} took this value of "
            f"{', '.join(index.definition.paths)} while the transaction ran",
            code="duplicate-value",
            model=table.definition.model,
            key=key,
            hint=f"its key is {other[0] if len(other) == 1 else other!r}",
        )
    table.store(key, row, version, expires)
