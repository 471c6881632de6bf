"""What can be done with models: each operation is written once and runs in either colour.

An operation is an ``async def`` function whose first argument is :class:`Operations`; it awaits
nothing but the port and the user's own hooks.  The façades in ``juggler.model`` reach them through
the link of an attached model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.model.results import BulkResult, Count
from juggler.operations import _scope, bulk, delete, explain, read, where, write
from juggler.operations._lifecycle import Life
from juggler.operations.explain import Explanation

if TYPE_CHECKING:
    from juggler.connector.port import Port
    from juggler.operations._source import Source

__all__ = ["BulkResult", "Count", "Explanation", "Operations"]


class Operations:
    """The table of operations of one data source in one colour."""

    __slots__ = ("port", "source")

    def __init__(self, source: Source, port: Port) -> None:
        self.source = source
        self.port = port

    find = read.find
    find_one = read.find_one
    find_by_id = read.find_by_id
    find_by_ids = read.find_by_ids
    exists = read.exists
    exists_key = read.exists_key
    count = read.count
    page = read.page
    explain = explain.explain
    holds = _scope.holds

    async def include(self, model: Any, instances: Any, relations: Any) -> list[Any]:
        """Load relations of instances that are there."""
        from juggler.operations.include import include  # noqa: PLC0415 - loads on first use

        return await include(self, model, instances, relations)

    async def embedded(self, model: Any, instance: Any, hook: str) -> None:
        """Run a hook of an embedded model: its changes go into the row around it."""
        if model.__hooked__:
            life = Life(self, model, "embedded")
            life.ctx.instance = instance
            await life.fire(hook)

    create = write.create
    create_all = bulk.create_all
    upsert = write.upsert
    upsert_with_where = where.upsert_with_where
    find_or_create = where.find_or_create
    replace_or_create = write.replace_or_create
    replace_by_id = write.replace_by_id
    update_all = where.update_all
    delete_all = where.delete_all
    delete_by_id = delete.delete_by_id

    save = write.save
    patch = write.patch
    replace = write.replace
    reload = write.reload
    delete = delete.delete
