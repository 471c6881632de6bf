"""The two sides of the comparison: Juggler, and IBM's SDK used by hand for the same requests."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from ibm_cloud_sdk_core.authenticators import BasicAuthenticator, NoAuthAuthenticator
from ibmcloudant.cloudant_v1 import CloudantV1

from juggler import connect

ROWS = 2000
MANY = 200
BULK = 1000
FIELD = "loopback__model__name"


def record(number: int, name: str | None = None) -> dict[str, Any]:
    """A row of seven values."""
    return {
        "id": name or f"p{number:06}", "name": f"name {number}", "category": f"c{number % 20:02}",
        "age": number, "ok": number % 2 == 0, "score": number / 7, "note": "some more text " * 4,
    }  # fmt: skip


class Ours:
    """Juggler: each case is one call."""

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

    def get(self, turn: int) -> Any:
        """A row by key."""
        return self.model.find_by_id(f"p{turn:06}")

    def get_async(self, turn: int) -> Any:
        """The same awaited."""
        return self.loop.run_until_complete(self.model.aio.find_by_id(f"p{turn:06}"))

    def many(self, turn: int) -> Any:
        """Two hundred keys."""
        return self.model.find_by_ids([f"p{turn + i:06}" for i in range(MANY)])

    def find(self, turn: int) -> Any:
        """A hundred rows by an index, in its order."""
        where = {"age": {"between": [turn, turn + 99]}}
        return self.model.find({"where": where, "order": "age"})

    def count(self, turn: int) -> Any:
        """A count by an index."""
        return self.model.count({"age": {"between": [turn, turn + 1400]}})

    def create(self, turn: int) -> Any:
        """One row."""
        return self.model.create(record(ROWS + turn, uuid.uuid4().hex))

    def create_all(self, turn: int) -> Any:
        """A thousand rows."""
        rows = [record(ROWS + turn + i, uuid.uuid4().hex) for i in range(BULK)]
        return self.model.create_all(rows)

    def patch(self, turn: int) -> Any:
        """A row read, changed and written."""
        return self.model.upsert({"id": f"p{turn:06}", "score": turn})

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

    def get(self, turn: int) -> Any:
        """As ours."""
        return self.service.get_document(db=self.database, doc_id=f"p{turn:06}").get_result()

    def get_async(self, turn: int) -> Any:
        """The SDK in an executor."""

        async def run() -> Any:
            return await asyncio.get_running_loop().run_in_executor(None, self.get, turn)

        return self.loop.run_until_complete(run())

    def many(self, turn: int) -> Any:
        """One request for all keys."""
        keys = [f"p{turn + i:06}" for i in range(MANY)]
        return self.service.post_all_docs(
            db=self.database, keys=keys, include_docs=True
        ).get_result()

    def _view(self, **options: Any) -> Any:
        return self.service.post_view(
            db=self.database, ddoc=self.age["ddoc"].removeprefix("_design/"), view=self.age["name"],
            **options,
        ).get_result()  # fmt: skip

    def find(self, turn: int) -> Any:
        """The index read as a view."""
        return self._view(
            start_key=["Pet", turn], end_key=["Pet", turn + 99, {}], reduce=False,
            include_docs=True, limit=1001,
        )  # fmt: skip

    def count(self, turn: int) -> Any:
        """The view reduced."""
        return self._view(start_key=["Pet", turn], end_key=["Pet", turn + 1400, {}], reduce=True)

    def _bulk(self, rows: list[dict[str, Any]]) -> Any:
        docs = [
            {"_id": row["id"], FIELD: "Pet", **{n: v for n, v in row.items() if n != "id"}}
            for row in rows
        ]
        return self.service.post_bulk_docs(db=self.database, bulk_docs={"docs": docs}).get_result()

    def create(self, turn: int) -> Any:
        """One row."""
        return self._bulk([record(ROWS + turn, uuid.uuid4().hex)])

    def create_all(self, turn: int) -> Any:
        """500 rows a request."""
        rows = [record(ROWS + turn + i, uuid.uuid4().hex) for i in range(BULK)]
        return [self._bulk(rows[i : i + 500]) for i in range(0, BULK, 500)]

    def patch(self, turn: int) -> Any:
        """The document read, changed and written."""
        doc = {**self.get(turn), "score": turn}
        return self.service.post_bulk_docs(db=self.database, bulk_docs={"docs": [doc]}).get_result()
