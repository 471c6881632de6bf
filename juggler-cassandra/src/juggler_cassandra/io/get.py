"""Rows by key: one request per key, many at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from juggler.connector import Rows
from juggler.errors import JugglerError, SchemaDriftError
from juggler_cassandra.cql import quoted, table_name
from juggler_cassandra.declared import version_column
from juggler_cassandra.io import errors
from juggler_cassandra.io.cluster import level
from juggler_cassandra.io.session import bind, time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from juggler.connector import Key, OpContext, Row, Version
    from juggler_cassandra.io.facts import Facts
    from juggler_cassandra.io.request import Answer
    from juggler_cassandra.io.session import Session


@frozen
class Reader:
    """Where and how rows are read by key.

    Attributes:
        session: the session.
        facts: the model over its table.
        ctx: the operation.
        consistency: the driver's name of the level.
    """

    session: Session
    facts: Facts
    ctx: OpContext
    consistency: str

    async def get(self, keys: Sequence[Key], fields: tuple[str, ...]) -> Rows:
        """The rows of keys, in their order."""
        check_key(self.facts)
        found = await self.rows([_place(self.facts, key) for key in keys], fields)
        versioned = version_column(self.facts.model) is not None
        return Rows(
            [None if one is None else one[0] for one in found],
            [None if one is None else one[1] for one in found] if versioned else None,
        )

    async def rows(
        self, places: Sequence[Row | None], fields: tuple[str, ...]
    ) -> list[tuple[Row, Version | None] | None]:
        """The rows of physical keys, with versions; None for a key that is not there."""
        wanted = [place for place in places if place is not None]
        if not wanted:
            return [None] * len(places)
        session, facts = self.session, self.facts
        place_of = (session.keyspace, fields)
        text = facts.once(place_of, lambda: _select(session, facts, fields))
        answers = await self._answers(text, wanted)
        codec = self.facts.codec
        versioned = version_column(self.facts.model) is not None
        size = len(fields)
        found: list[tuple[Row, Version | None] | None] = []
        for place in places:
            rows = next(answers).rows if place is not None else ()
            if not rows:
                found.append(None)
                continue
            row = rows[0]
            version = None if not versioned or row[-1] is None else str(row[-1])
            plain = row[:size] if len(row) > size else row
            found.append((codec.decode(fields, plain), version))
        return found

    async def _answers(self, text: str, places: Sequence[Row]) -> Iterator[Answer]:
        session, ctx, consistency = self.session, self.ctx, level(self.consistency)
        prepared = await session.prepare(text, ctx)
        if len(places) == 1:
            ctx.note(text, places[0])
            bound = bind(prepared, places[0], errors.reading)
            return iter((await ctx.wait(session.request(bound, consistency, ctx)),))
        ctx.note(f"{text} x {len(places)}", places)
        seconds = time_of(ctx)
        window = session.window(
            lambda i: session.send(prepared.bind(places[i]), consistency, seconds),
            len(places),
            errors.reading,
            session.settings.concurrency,
        )
        return iter(answers(await ctx.wait(window)))


def answers(outcomes: Sequence[Any]) -> list[Answer]:
    """The answers of many reads; the first error is raised."""
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return list(outcomes)


def _select(session: Session, facts: Facts, fields: tuple[str, ...]) -> str:
    columns = [facts.codec.columns[name].name for name in fields]
    version = version_column(facts.model)
    if version is not None:
        columns.append(version)
    if not columns:
        columns = [facts.codec.columns[facts.model.key.names[0]].name]
    names = ", ".join(map(quoted, columns))
    key = " AND ".join(
        f"{quoted(facts.codec.columns[name].name)} = ?" for name in facts.model.key.names
    )
    table = table_name(facts.model.storage_name, session.keyspace)
    return f"SELECT {names} FROM {table} WHERE {key}"  # noqa: S608 - quoted names, markers


def _place(facts: Facts, key: Key) -> Row | None:
    """The key's columns; None for a key that no row can have."""
    try:
        return facts.codec.encode_key(key)
    except JugglerError:
        return None


def check_key(facts: Facts) -> None:
    """Refuse to look a row up by a key that is not the table's.

    Raises:
        SchemaDriftError: naming the true key.
    """
    if facts.key_fits or facts.info is None or facts.info.key is None:
        return
    key = facts.info.key
    shown = ", ".join(key.names)
    raise SchemaDriftError(
        f"the key of {facts.info.kind} {facts.info.name} is ({shown}), not what "
        f"{facts.model.name} declares",
        code="other-key",
        hint=f"declare that key, or find by a filter: {facts.model.name}.find(…)",
        connector=errors.NAME,
        model=facts.model.name,
    )
