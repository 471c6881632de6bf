"""The revisions of a document that replication left beside the current one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.errors import ConflictError
from juggler.spec import EXTRA
from juggler_cloudant.beyond.beside import Beside
from juggler_cloudant.beyond.colours import Awaited, Blocking, twin

if TYPE_CHECKING:
    from collections.abc import Sequence


@frozen
class Conflict:
    """A revision that lost against the current one: its version and its row as a mapping.

    Undeclared properties of an open model are among the row's values.
    """

    version: str
    values: dict[str, Any]


class _Conflicts(Beside):
    @twin
    async def list(self) -> list[Conflict]:
        """All of them; none where the document has no conflict."""
        return [Conflict(str(doc["_rev"]), self._values(doc)) for doc in (await self._docs())[1]]

    @twin
    async def resolve(self, keep: str | None = None) -> None:
        """End the conflict.

        Args:
            keep: version whose row is to stay; None keeps the current one.

        Raises:
            ConflictError: the document changed meanwhile, or has no such version; nothing is lost.
        """
        current, losers = await self._docs()
        docs = [{"_id": d["_id"], "_rev": d["_rev"], "_deleted": True} for d in losers]
        if keep is not None and keep != current["_rev"]:
            chosen = next((doc for doc in losers if doc["_rev"] == keep), None)
            if chosen is None:
                raise ConflictError(
                    f"there is no revision {keep!r} in conflict", connector="cloudant"
                )
            docs.insert(0, {**chosen, "_rev": current["_rev"]})
        if not docs:
            return
        # The winner first: when it moved, the others stay.
        for doc in docs:
            (answer,) = await self._ask_all([doc])
            if answer.get("error"):
                raise ConflictError(
                    f"the document changed meanwhile: {answer.get('reason')}",
                    hint="list the conflicts again",
                    connector="cloudant",
                )
            if not doc.get("_deleted"):
                self._wrote(answer["rev"])

    async def _ask_all(self, docs: Sequence[Any]) -> Sequence[Any]:
        found = await self.port.call(
            "native", f"POST {self.database}/_bulk_docs", {"docs": docs}, {}
        )
        rows: Sequence[Any] = found.rows
        return rows

    async def _docs(self) -> tuple[Any, Sequence[Any]]:
        current = await self._ask(f"GET {self.path}?conflicts=true")
        losers = [
            await self._ask(f"GET {self.path}?rev={revision}&attachments=true")
            for revision in current.get("_conflicts") or ()
        ]
        return current, losers

    def _values(self, doc: Any) -> dict[str, Any]:
        values = dict(zip(self.documents.model.names, self.documents.row(doc), strict=True))
        return values | (values.pop(EXTRA, None) or {})


class AsyncConflicts(_Conflicts, Awaited):
    """The revisions in conflict with an instance's document, awaited."""


class Conflicts(_Conflicts, Blocking):
    """The revisions in conflict with an instance's document; ``.aio`` has the same, awaited.

    Args:
        instance: a row of an attached model that is stored.
    """

    def __init__(self, instance: Any) -> None:
        super().__init__(instance)
        self.aio = AsyncConflicts(instance)
