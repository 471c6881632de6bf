"""CQL of the user's own: parameters, pages, values as Juggler has them."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, Final

from cassandra import ProtocolVersion
from cassandra.query import SimpleStatement

from juggler.connector import NativeResult
from juggler.errors import ConfigurationError, InvalidQueryError, did_you_mean
from juggler_cassandra.io import errors
from juggler_cassandra.io.cluster import level
from juggler_cassandra.io.session import bind
from juggler_cassandra.io.wire import tame
from juggler_cassandra.types import neutral_of, pair, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from juggler.connector import OpContext
    from juggler_cassandra.io.request import Answer
    from juggler_cassandra.io.session import Session

#: A warning about statements without a keyspace, which is said with each of them here.
_USE: Final = "`USE <keyspace>` with prepared statements"
# The driver logs each warning of the server; of this one nobody can do anything.
logging.getLogger("cassandra.protocol").addFilter(lambda record: _USE not in record.getMessage())
_OPTIONS: Final = frozenset({"consistency", "page_size"})
_PAGE: Final = 5000
_READS: Final = re.compile(r"\s*(select|list|describe)\b", flags=re.IGNORECASE)
_PREPARED: Final = re.compile(r"\s*(select|insert|update|delete|begin)\b", flags=re.IGNORECASE)


async def native(
    session: Session, statement: Any, params: Any, opts: Mapping[str, Any], ctx: OpContext
) -> NativeResult:
    """Run a statement in the data source's keyspace.

    Args:
        session: the session.
        statement: CQL; ``?`` and ``:name`` are its parameters.
        params: a sequence, or a mapping by name.
        opts: ``consistency``, ``page_size`` (rows per request; all pages are read).
        ctx: the operation.

    Returns:
        Rows as dictionaries; ``meta`` has ``columns`` and ``warnings``.
    """
    text = _checked(statement, opts)
    reads = _READS.match(text) is not None
    fail = errors.reading if reads else errors.writing
    asked = str(opts.get("consistency") or "default")
    settings = session.settings
    consistency = level(settings.read_level(asked) if reads else settings.write_level(asked))
    size = int(opts.get("page_size") or settings.page_size or _PAGE)
    ctx.note(text, params or ())
    types: list[str] = []
    prepared = None
    if params or _PREPARED.match(text):
        prepared, types = await _prepared(session, text, ctx)
    elif params:
        raise InvalidQueryError("this statement takes no parameters", code="no-parameters")
    rows: list[dict[str, Any]] = []
    warnings: list[str] = []
    names: tuple[str, ...] = ()
    state = None
    while True:
        if prepared is not None:
            bound = bind(prepared, params or (), errors.reading)
        else:
            bound = SimpleStatement(text, keyspace=_keyspace(session))
        request = session.request(bound, consistency, ctx, fail=fail, size=size, state=state)
        answer = await ctx.wait(request)
        names = answer.names
        rows += _rows(answer, types)
        warnings += [one for one in answer.warnings if one not in warnings and _USE not in one]
        state = answer.more
        if state is None:
            return NativeResult(rows, {"columns": names, "warnings": tuple(warnings)})


def _checked(statement: Any, opts: Mapping[str, Any]) -> str:
    if not isinstance(statement, str):
        raise InvalidQueryError(
            f"{type(statement).__name__} is no CQL text",
            code="cql-text",
            hint="db.execute('SELECT … WHERE id = ?', [1])",
            connector=errors.NAME,
        )
    for name in opts:
        if name not in _OPTIONS:
            raise ConfigurationError(
                f"db.execute has no option {name!r}",
                code="unknown-option",
                hint=did_you_mean(str(name), _OPTIONS),
                connector=errors.NAME,
            )
    return statement


def _keyspace(session: Session) -> str | None:
    """The keyspace to say, where it exists and the protocol has a place for it."""
    cluster = session.driver.cluster
    there = session.keyspace in cluster.metadata.keyspaces
    return session.keyspace if there and _has_keyspace(cluster.protocol_version) else None


def _has_keyspace(version: int) -> bool:
    return bool(ProtocolVersion.uses_keyspace_flag(version))


async def _prepared(session: Session, text: str, ctx: OpContext) -> tuple[Any, list[str]]:
    """The prepared statement, and the CQL types of its columns."""
    keyspace = _keyspace(session)
    try:
        prepared = await ctx.wait(ctx.submit(session.driver.prepare, text, None, keyspace))
    except Exception as error:
        raise errors.reading(error) from error
    types = [column[3].cql_parameterized_type() for column in prepared.result_metadata or ()]
    tame(prepared)
    return prepared, types


def _rows(answer: Answer, types: Sequence[str]) -> list[dict[str, Any]]:
    names = answer.names
    decoders = [_decoder(text) for text in types] if len(types) == len(names) else []
    found = []
    for row in answer.rows:
        values = row
        if decoders:
            values = tuple(
                value if decode is None or value is None else decode(value)
                for value, decode in zip(row, decoders, strict=True)
            )
        found.append(dict(zip(names, values, strict=True)))
    return found


def _decoder(text: str) -> Callable[[Any], Any] | None:
    cql = parse(text)
    if cql.user or cql.name.startswith("'"):
        return None
    return pair(neutral_of(cql), cql).decode
