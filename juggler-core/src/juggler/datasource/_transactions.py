"""Transactions: operations in a block that take effect together, or not at all.

The active transaction is a context variable, so that hooks and nested calls join it and threads and
tasks each have their own.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from juggler.connector.port import drive
from juggler.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from juggler.connector.port import Port
    from juggler.datasource.source import DataSource

#: Transactions that the current thread or task is in, by data source.
_active: ContextVar[Mapping[int, Transaction]] = ContextVar(
    "juggler_transactions", default=MappingProxyType({})
)


def handle_of(source: DataSource) -> Any:
    """The connector's handle of the active transaction of a data source, None outside of one."""
    active = _active.get()
    found = active.get(id(source)) if active else None
    return None if found is None else found.handle


class Transaction:
    """``with db.transaction() as tx:`` commits at the end and rolls back when an error leaves it.

    A block inside another one of the same data source joins it: the outer one decides.

    Attributes:
        handle: the connector's own.
        active: whether operations still join it.
    """

    def __init__(self, source: DataSource) -> None:
        self.source = source
        self.handle: Any = None
        self.active = False
        self._outer: Transaction | None = None
        self._token: Token[Mapping[int, Transaction]] | None = None

    def __enter__(self) -> Self:
        drive(self._begin(self.source.port))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        drive(self._end(self.source.port, failed=kind is not None))

    async def __aenter__(self) -> Self:
        await self._begin(self.source.async_operations.port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end(self.source.async_operations.port, failed=kind is not None)

    def commit(self) -> None:
        """Make it effective now (blocking); the block then ends without doing anything.

        Raises:
            ConflictError: another transaction changed the same rows; nothing was applied.
        """
        drive(self._finish(self.source.port, "commit"))

    def rollback(self) -> None:
        """Undo it now (blocking); the block then ends without doing anything."""
        drive(self._finish(self.source.port, "rollback"))

    @property
    def aio(self) -> AioTransaction:
        """The asynchronous twins: ``await tx.aio.commit()`` and ``rollback()``."""
        return AioTransaction(self)

    async def _begin(self, port: Port) -> None:
        if self.active:
            raise ConfigurationError(
                "this transaction has begun already",
                code="transaction-begun",
                hint="make another one: with db.transaction(): …",
            )
        self.source.capabilities_of(None).require(
            "transactions",
            connector=self.source.name,
            what="transactions",
            alternatives=("save(if_unchanged=True) guards a single row",),
        )
        active = _active.get()
        self._outer = active.get(id(self.source))
        if self._outer is None:
            self.handle = await port.call("transact", "begin", None)
            self._token = _active.set(MappingProxyType({**active, id(self.source): self}))
        else:
            self.handle = self._outer.handle
        self.active = True

    async def _end(self, port: Port, *, failed: bool) -> None:
        try:
            if self.active and self._outer is None:
                await self._finish(port, "rollback" if failed else "commit")
            self.active = False
        finally:
            if self._token is not None:
                _active.reset(self._token)
                self._token = None

    async def _finish(self, port: Port, action: str) -> None:
        if self._outer is not None:
            await self._outer._finish(port, action)  # noqa: SLF001 - the block that this one joined
            self.active = False
            return
        if not self.active:
            raise ConfigurationError(
                "this transaction is over",
                code="transaction-over",
                hint="begin another one: with db.transaction(): …",
            )
        self.active = False
        try:
            await port.call("transact", action, self.handle)
        except BaseException:
            if action == "commit":
                await port.call("transact", "rollback", self.handle)
            raise


class AioTransaction:
    """``tx.aio``: what blocks on the transaction is awaited here."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def commit(self) -> None:
        """Make it effective now.

        Raises:
            ConflictError: another transaction changed the same rows; nothing was applied.
        """
        await self._finish("commit")

    async def rollback(self) -> None:
        """Undo it now."""
        await self._finish("rollback")

    async def _finish(self, action: str) -> None:
        own = self._transaction
        await own._finish(own.source.async_operations.port, action)  # noqa: SLF001 - its twin
