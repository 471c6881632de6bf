"""The two sides of the comparison: Juggler, and IBM's SDK used by hand for the same requests."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

from ibm_cloud_sdk_core.authenticators import BasicAuthenticator, NoAuthAuthenticator
from ibmcloudant.cloudant_v1 import CloudantV1

from juggler import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    Case = tuple[int, Callable[[], Any]]

ROWS = 2000
MANY = 200
CALLS = 100
BULK = 1000
FIELD = "loopback__model__name"


def record(number: int, name: str | None = None) -> dict[str, Any]:
    """A row of seven values."""
    return {
        "id": name or f"p{number:06}", "name": f"name {number}", "category": f"c{number % 20:02}",
        "age": number, "ok": number % 2 == 0, "score": number / 7, "note": "some more text " * 4,
    }  # fmt: skip


class Ours:
    """Juggler."""

    def __init__(self, url: str, database: str) -> None:
        self.db = connect(f"{url}/{database}")
        self.model: Any = self.db.define(
            "Pet",
            {
                "id": {"type": "string", "id": True}, "name": "string",
                "category": {"type": "string", "index": True},
                "age": {"type": "integer", "index": True}, "ok": "boolean", "score": "number",
                "note": "string",
            },
            {"strict": True},
        )  # fmt: skip
        self.db.autoupdate("Pet")
        self.model.create_all([record(i) for i in range(ROWS)])
        self.loop = asyncio.new_event_loop()

    def get(self) -> Case:
        """Rows by key, one at a time."""
        return CALLS, lambda: [self.model.find_by_id(f"p{i:06}") for i in range(CALLS)]

    def get_async(self) -> Case:
        """The same awaited."""

        async def run() -> None:
            for i in range(CALLS):
                await self.model.aio.find_by_id(f"p{i:06}")

        return CALLS, lambda: self.loop.run_until_complete(run())

    def many(self) -> Case:
        """Two hundred keys."""
        keys = [f"p{i:06}" for i in range(MANY)]
        return 1, lambda: self.model.find_by_ids(keys)

    def create(self) -> Case:
        """Rows one at a time."""
        rows = [record(ROWS + i, uuid.uuid4().hex) for i in range(CALLS)]
        return CALLS, lambda: [self.model.create(row) for row in rows]

    def create_all(self) -> Case:
        """A thousand rows."""
        rows = [record(ROWS + i, uuid.uuid4().hex) for i in range(BULK)]
        return 1, lambda: self.model.create_all(rows)

    def patch(self) -> Case:
        """Rows read, changed and written."""

        def run() -> None:
            for i in range(CALLS):
                self.model.update_all({"id": f"p{i:06}"}, {"score": i})

        return CALLS, run

    def find(self) -> Case:
        """A hundred rows by an index, in its order."""
        asked = {"where": {"age": {"between": [100, 199]}}, "order": "age"}
        return CALLS // 10, lambda: [self.model.find(asked) for _ in range(CALLS // 10)]

    def count(self) -> Case:
        """A count by an index."""
        where = {"age": {"between": [100, 1500]}}
        return CALLS, lambda: [self.model.count(where) for _ in range(CALLS)]

    def close(self) -> None:
        """Close."""
        self.db.close()
        self.loop.close()


class Raw:
    """The SDK: the same requests from the same values, answers as plain dictionaries."""

    def __init__(self, ours: Ours, database: str) -> None:
        settings = ours.db.connector.settings
        login = (
            BasicAuthenticator(settings.username, settings.password)
            if settings.username
            else NoAuthAuthenticator()
        )
        self.service = CloudantV1(authenticator=login)
        self.service.set_service_url(settings.service_url)
        self.database = database
        self.loop = ours.loop
        indexes = ours.db.execute(f"GET /{database}/_index").rows[0]["indexes"]
        self.age = next(one for one in indexes if one["name"] == "age_index")

    def _get(self, key: str) -> Any:
        return self.service.get_document(db=self.database, doc_id=key).get_result()

    def get(self) -> Case:
        """As ours."""
        return CALLS, lambda: [self._get(f"p{i:06}") for i in range(CALLS)]

    def get_async(self) -> Case:
        """The SDK in an executor."""

        async def run() -> None:
            loop = asyncio.get_running_loop()
            for i in range(CALLS):
                await loop.run_in_executor(None, self._get, f"p{i:06}")

        return CALLS, lambda: self.loop.run_until_complete(run())

    def many(self) -> Case:
        """One request for all keys."""
        keys = [f"p{i:06}" for i in range(MANY)]
        return 1, lambda: self.service.post_all_docs(
            db=self.database, keys=keys, include_docs=True
        ).get_result()

    def _document(self, row: dict[str, Any]) -> dict[str, Any]:
        row = dict(row)
        return {"_id": row.pop("id"), FIELD: "Pet", **row}

    def _bulk(self, rows: list[dict[str, Any]]) -> Any:
        docs = {"docs": [self._document(row) for row in rows]}
        return self.service.post_bulk_docs(db=self.database, bulk_docs=docs).get_result()

    def create(self) -> Case:
        """One request a row."""
        rows = [record(ROWS + i, uuid.uuid4().hex) for i in range(CALLS)]
        return CALLS, lambda: [self._bulk([row]) for row in rows]

    def create_all(self) -> Case:
        """500 rows a request."""
        rows = [record(ROWS + i, uuid.uuid4().hex) for i in range(BULK)]
        return 1, lambda: [self._bulk(rows[i : i + 500]) for i in range(0, BULK, 500)]

    def patch(self) -> Case:
        """Find, read the current document, write it."""

        def run() -> None:
            for i in range(CALLS):
                self._get(f"p{i:06}")
                doc = self._get(f"p{i:06}")
                doc["score"] = i
                self.service.post_bulk_docs(db=self.database, bulk_docs={"docs": [doc]})

        return CALLS, run

    def _view(self, **options: Any) -> Any:
        return self.service.post_view(
            db=self.database, ddoc=self.age["ddoc"].removeprefix("_design/"), view=self.age["name"],
            **options,
        ).get_result()  # fmt: skip

    def find(self, calls: int = CALLS // 10) -> Case:
        """The index read as a view."""
        asked = {"start_key": ["Pet", 100], "end_key": ["Pet", 199, {}], "reduce": False,
                 "include_docs": True, "limit": 1001}  # fmt: skip
        return calls, lambda: [self._view(**asked) for _ in range(calls)]

    def count(self, calls: int = CALLS) -> Case:
        """The view reduced."""
        asked = {"start_key": ["Pet", 100], "end_key": ["Pet", 1500, {}], "reduce": True}
        return calls, lambda: [self._view(**asked) for _ in range(calls)]
