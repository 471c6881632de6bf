"""Where the cases' models live: each in a table of its own, or a few wide tables for all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from juggler.errors import SchemaMissingError
from juggler_conformance.corpus.program import definition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from juggler import DataSource
    from juggler_conformance.corpus.cases import Case


class OwnTables:
    """Each case has its own model and table: for stores where making one costs nothing."""

    def __init__(self, db: DataSource, prefix: str) -> None:
        self.db = db
        self.prefix = prefix

    def open(self, case: Case) -> Any:
        """The empty model of a case."""
        document = definition(case)
        document["tableName"] = f"{self.prefix}{document['name']}".lower()
        return self.db.from_ldl(document)

    def fill(self, model: Any, case: Case) -> None:
        """Write the rows of a case; a missing table is made."""
        rows = [dict(row) for row in case.rows]
        try:
            model.create_all(rows)
        except SchemaMissingError:
            self.db.autoupdate(model)
            model.create_all(rows)

    def done(self, model: Any) -> None:
        """Forget the model and its rows."""
        model.delete_all(all=True)
        self.db.detach(model)


class SharedTables(OwnTables):
    """One wide table for each type of id, with a column for each property and type that occurs."""

    def __init__(self, db: DataSource, prefix: str, cases: Iterable[Case]) -> None:
        super().__init__(db, prefix)
        self.columns: dict[tuple[str, str], str] = {}
        wide: dict[str, dict[str, Any]] = {}
        for case in cases:
            table = self._table(case)
            properties = wide.setdefault(table, {"id": definition(case)["properties"]["id"]})
            for name, prop in definition(case)["properties"].items():
                if name != "id":
                    properties[self._column(name, prop)] = prop
        for table, properties in wide.items():
            model = db.from_ldl(
                {
                    "name": f"Wide_{table}",
                    "tableName": table,
                    "strict": True,
                    "properties": properties,
                }
            )
            db.autoupdate(model)
            model.delete_all(all=True)

    def _table(self, case: Case) -> str:
        return f"{self.prefix}cases_{case.id_type}".lower()

    def _column(self, name: str, prop: Any) -> str:
        key = (name, json.dumps(prop, sort_keys=True))
        return self.columns.setdefault(key, f"c{len(self.columns)}_{name}".lower())

    def open(self, case: Case) -> Any:
        """The model of a case, over columns of the wide table."""
        document = definition(case)
        document |= {"tableName": self._table(case), "managed": False}
        document["properties"] = {
            name: prop if name == "id" else {**prop, "columnName": self._column(name, prop)}
            for name, prop in document["properties"].items()
        }
        return self.db.from_ldl(document)
