"""Copying rows from one data source to another, page by page.

Rows go as they are stored: no hook runs and no default scope narrows, on either side.  What the
target's model declares is checked, and a row that is there already is never changed unasked.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import Factory, define, frozen

from juggler.connector.writes import WriteOp
from juggler.errors import InvalidValueError, JugglerError, TooLargeError
from juggler.model.query import Query
from juggler.operations import _paging, _send
from juggler.operations._execute import plan_for
from juggler.operations._prepare import prepare
from juggler.operations._related import plain, settled
from juggler.query.tree import TRUE
from juggler.spec import EXTRA
from juggler.values.equality import absent, means_same
from juggler.values.missing import MISSING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from juggler.connector.capabilities import Capabilities
    from juggler.connector.results import Key, Row
    from juggler.operations import Operations
    from juggler.operations._source import Source
    from juggler.query.spec import QuerySpec

#: Said of a row before anything is sent.
_REFUSED = (InvalidValueError, TooLargeError)
_WRITTEN = frozenset({"created", "replaced", "applied", "unchanged"})


@frozen
class CopyProblem:
    """A row that was not copied.

    Attributes:
        key: its key; the value alone where the key is one property.
        code: of the error; ``differs`` where another row has that key in the target.
        reason: one line.
    """

    key: Any
    code: str
    reason: str


@frozen
class CopyResult:
    """What copying did with the rows of one model.

    Attributes:
        model: the model's name.
        read: rows read from the source.
        written: rows written to the target, those that were replaced included.
        present: rows that the target had already, equal to the source's.
        different: rows that the target has under the same key with other values, left as they are.
        failed: rows that the target refused, or that its model does not let pass.
        left_out: why the model has no rows of its own to copy; empty where it has.
    """

    model: str
    read: int = 0
    written: int = 0
    present: int = 0
    different: tuple[CopyProblem, ...] = ()
    failed: tuple[CopyProblem, ...] = ()
    left_out: str = ""

    @property
    def ok(self) -> bool:
        """Whether the target has every row that was read."""
        return not self.different and not self.failed


async def read_pages(
    self: Operations, query: Query[Any], size: int
) -> AsyncGenerator[tuple[tuple[str, ...], Sequence[Row]], None]:
    """Pages of stored rows with the names of their values, in the store's own order."""
    spec, token = await bound(self, query), None
    while True:
        answer = await _paging.page(self.port, self.source, spec, size, token)
        yield answer.fields, answer.rows
        token = answer.token
        if token is None:
            return


def everything(model: Any, where: Any) -> Query[Any]:
    """The query of a copy: it may read every row."""
    return Query.of(
        model, where, where_only=True, allow_scan=True, max_scanned=sys.maxsize, unscoped=True
    )


def check_query(source: Source, query: Query[Any]) -> None:
    """Refuse a condition that is not understood, as far as that is known without reading."""
    if plain(query):
        prepare(source, query)


async def bound(self: Operations, query: Query[Any]) -> QuerySpec:
    """The query as the connector sees it, conditions on relations settled."""
    if not plain(query):
        query, _ = await settled(self, query, paged=True)
    return prepare(self.source, query).spec


async def total(self: Operations, query: Query[Any]) -> int | None:
    """How many rows a query has, None where the store would have to read them to know."""
    spec = query.model.__link__.spec
    if self.source.capabilities_of(spec).count.get("kind") != "exact-fast":
        return None
    plan = plan_for(self.source, await bound(self, query))
    if plan.residual is not TRUE or not self.port.has("count"):
        return None
    answer = await self.port.call("count", plan)
    return None if answer is NotImplemented else int(answer)


@define
class Copier:
    """Writes the rows of one model, and keeps the account.

    Attributes:
        operations: those of the target.
        link: the model as the target sees it.
        claims: what the target can do with it.
        replace: whether a row that differs is replaced.
    """

    operations: Operations
    link: Any
    claims: Capabilities
    replace: bool = False
    read: int = 0
    written: int = 0
    present: int = 0
    different: list[CopyProblem] = Factory(list)
    failed: list[CopyProblem] = Factory(list)

    def result(self) -> CopyResult:
        """The account."""
        return CopyResult(
            self.link.spec.name,
            self.read,
            self.written,
            self.present,
            tuple(self.different),
            tuple(self.failed),
        )

    async def take(self, names: tuple[str, ...], rows: Sequence[Row]) -> None:
        """Copy some rows; whatever happened to them before, the target has them afterwards."""
        self.read += len(rows)
        wanted = self._encoded(names, rows)
        ops = []
        for key, stored in (await self._stored(tuple(wanted))).items():
            row, given = wanted[key]
            differs = () if stored is None else self._differences(given, stored)
            if stored is None:
                ops.append(WriteOp("insert" if self.claims.insert_if_absent else "put", key, row))
            elif not differs:
                self.present += 1
            elif self.replace:
                ops.append(WriteOp("put" if self.claims.put else "replace", key, row))
            else:
                self._differing(key, f"the target's row has another {', '.join(differs)}")
        await self._write(ops)

    async def _stored(self, keys: tuple[Key, ...]) -> dict[Key, Row | None]:
        """The target's rows by key; a key that it cannot have is in ``failed``."""
        if not keys:
            return {}
        spec = self.link.spec
        try:
            found = await self.operations.port.call("get", spec, keys, spec.names)
        except _REFUSED as error:
            if len(keys) == 1:
                self._failing(keys[0], error)
                return {}
            half = len(keys) // 2
            return {**await self._stored(keys[:half]), **await self._stored(keys[half:])}
        return dict(zip(keys, found.rows, strict=True))

    async def _write(self, ops: Sequence[WriteOp]) -> None:
        """Send the rows; a store that refuses all for the sake of one is sent the others."""
        if not ops:
            return
        try:
            answers = await _send.many(self.operations, self.link, ops)
        except _REFUSED as error:
            if len(ops) == 1:
                self._failing(ops[0].key, error)
                return
            half = len(ops) // 2
            await self._write(ops[:half])
            await self._write(ops[half:])
            return
        for op, answer in zip(ops, answers, strict=True):
            if answer.status in _WRITTEN:
                self.written += 1
            else:
                failure = await _send.failure(self.operations, self.link, op, answer)
                self._failing(op.key, failure)

    def _encoded(self, names: tuple[str, ...], rows: Sequence[Row]) -> dict[Key, tuple[Row, Row]]:
        """Rows as the target's model has them by key, and what the source says of each.

        What the source does not say is MISSING there: a default may be another one each time.
        Bad rows are in ``failed``.
        """
        codec, spec = self.link.codec, self.link.spec
        own = frozenset(spec.names) - frozenset(names) - {EXTRA}
        ready: dict[Key, tuple[Row, Row]] = {}
        for row in rows:
            values = _values(names, row)
            try:
                encoded = codec.encode_map(values)
                if codec.has_rules:
                    codec.validate(encoded)
                key = codec.coerce_key(codec.key_of(encoded))
            except JugglerError as error:
                self._failing(tuple(values.get(name) for name in spec.key.names), error)
                continue
            unsaid = own - values.keys()
            pairs = zip(spec.names, encoded, strict=True)
            said = tuple(MISSING if n in unsaid else v for n, v in pairs) if unsaid else encoded
            if key not in ready:
                ready[key] = (encoded, said)
            elif self._differences(said, ready[key][1]):
                self._differing(key, "another row of the source has the same key in the target")
            else:
                self.present += 1
        return ready

    def _differences(self, row: Row, stored: Row) -> tuple[str, ...]:
        """Names of the properties that a stored row has otherwise, for all the store can keep."""
        null = self.claims.empty_collection.get("kind") == "null"
        coarse = self.claims.datetime_precision.get("kind") == "ms"
        pairs = zip(self.link.spec.names, row, stored, strict=True)
        return tuple(
            "undeclared property" if name == EXTRA else name
            for name, one, other in pairs
            if one is not MISSING
            and not means_same(one, other)
            and not ((null or name == EXTRA) and _nothing(one, other))
            and not (coarse and _same_millisecond(one, other))
        )

    def _differing(self, key: Any, reason: str) -> None:
        self.different.append(CopyProblem(_shown(key), "differs", reason))

    def _failing(self, key: Any, error: JugglerError) -> None:
        self.failed.append(CopyProblem(_shown(key), error.code, error.message))


def _values(names: tuple[str, ...], row: Row) -> dict[str, Any]:
    values = {n: v for n, v in zip(names, row, strict=True) if v is not MISSING}
    extra: Mapping[str, Any] | None = values.pop(EXTRA, None)
    return {**extra, **values} if extra else values


def _shown(key: Any) -> Any:
    return key[0] if isinstance(key, tuple) and len(key) == 1 else key


def _same_millisecond(one: Any, other: Any) -> bool:
    if not isinstance(one, datetime) or not isinstance(other, datetime):
        return False
    first, second = (v.replace(microsecond=v.microsecond // 1000) for v in (one, other))
    return first == second


def _nothing(one: Any, other: Any) -> bool:
    """Whether both are null or an empty collection, which some stores do not tell apart."""
    return all(absent(v) or (isinstance(v, list | tuple | dict) and not v) for v in (one, other))
