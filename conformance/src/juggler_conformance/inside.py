"""Below the user's API: plans, requests and the call log of a data source."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from juggler.connector.port import Recorder, drive
from juggler.connector.writes import WriteOp, WriteOptions
from juggler_conformance.plain import row_of_tuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from juggler import DataSource
    from juggler.connector.capabilities import Capabilities
    from juggler.connector.info import ConnectorInfo
    from juggler.connector.plan import Plan
    from juggler.connector.port import Layer, Port
    from juggler.connector.results import Key, Page, Row
    from juggler.query.spec import QuerySpec
    from juggler.spec import ModelSpec


class Inside:
    """The port and the pure hooks of a data source."""

    def __init__(self, db: DataSource) -> None:
        self.db: Any = db

    @property
    def port(self) -> Port:
        """The blocking port."""
        return self.db.port  # type: ignore[no-any-return]

    @property
    def name(self) -> str:
        """The connector's name."""
        return str(self.db.name)

    @property
    def info(self) -> ConnectorInfo:
        """The connector's card."""
        return self.db.host.info  # type: ignore[no-any-return]

    def spec(self, model: Any) -> ModelSpec:
        """An attached model as the connector sees it."""
        return model.__link__.spec  # type: ignore[no-any-return]

    def capabilities(self, spec: ModelSpec | None) -> Capabilities:
        """What the connector claims."""
        return self.db.capabilities_of(spec)  # type: ignore[no-any-return]

    def has(self, hook: str) -> bool:
        """Whether the connector implements a hook."""
        return self.port.has(hook)

    # ------------------------------------------------------------ plans and pages

    def plan(self, query: QuerySpec) -> Plan:
        """The connector's plan of a bound query, without the guard."""
        return self.db.plan_query(query, self.db.schema_of(query.model))  # type: ignore[no-any-return]

    def page(self, plan: Plan, cursor: bytes | None, want: int) -> Page:
        """One page of a plan, as the connector gives it."""
        answer: Page = drive(self.port.call("fetch", plan, cursor, want))
        return answer

    def rows(self, plan: Plan, want: int) -> list[Row]:
        """All rows of a plan, ``want`` at a time; a cursor that goes nowhere is an error."""
        rows: list[Row] = []
        cursor: bytes | None = None
        seen: set[bytes] = set()
        while True:
            page = self.page(plan, cursor, want)
            assert len(page.rows) <= want, f"{len(page.rows)} rows in a page, {want} were asked for"
            rows.extend(page.rows)
            cursor = page.cursor
            if cursor is None:
                return rows
            assert cursor not in seen, "the cursor of a page leads back to an earlier one"
            seen.add(cursor)

    def get(self, spec: ModelSpec, keys: Sequence[Key]) -> list[dict[str, Any] | None]:
        """Rows by key, as the connector gives them."""
        found = drive(self.port.call("get", spec, tuple(keys), spec.names))
        return [None if row is None else row_of_tuple(spec.names, row) for row in found.rows]

    # ------------------------------------------------------------ writes

    def delete(self, spec: ModelSpec, keys: Sequence[Key]) -> None:
        """Delete rows by key in one request, whether they are there or not."""
        if keys:
            ops = [WriteOp("delete", key) for key in keys]
            drive(self.port.call("write", spec, ops, WriteOptions(mode=_mode(spec))))

    # ------------------------------------------------------------ layers

    @contextmanager
    def layer(self, layer: Layer) -> Iterator[None]:
        """Put something around every request."""
        shared = self.port.shared
        shared.layers = (*shared.layers, layer)
        try:
            yield
        finally:
            shared.layers = tuple(other for other in shared.layers if other is not layer)

    @contextmanager
    def recording(self) -> Iterator[Recorder]:
        """Record every request."""
        recorder = Recorder()
        with self.layer(recorder):
            yield recorder


def _mode(spec: ModelSpec) -> Any:
    return spec.options.get("writes") or "safe"
