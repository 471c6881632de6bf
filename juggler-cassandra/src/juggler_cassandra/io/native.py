"""CQL of the user's own: parameters, pages, values as Juggler has them."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from cassandra import ProtocolVersion
from cassandra.query import SimpleStatement

from juggler.connector import NativeResult
from juggler.errors import (
    ConfigurationError,
    InvalidQueryError,
    JugglerError,
    SchemaMissingError,
    did_you_mean,
)
from juggler_cassandra.io import errors
from juggler_cassandra.io.cluster import level
from juggler_cassandra.io.session import bind
from juggler_cassandra.io.wire import tame
from juggler_cassandra.types import neutral_of, pair, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
        _check_parameters(prepared, params)
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


def _check_parameters(prepared: Any, params: Any) -> None:
    """Each parameter has a value: the driver would leave columns without one as they are."""
    names = [column.name for column in prepared.column_metadata or ()]
    given = params or ()
    if isinstance(given, Mapping):
        missing = [name for name in names if name not in given]
        problem = f"there is no value for :{missing[0]}" if missing else ""
    else:
        problem = f"there are {len(given)} values" if len(given) != len(names) else ""
    if problem:
        raise InvalidQueryError(
            f"{problem}; the parameters of the statement are: {', '.join(names) or 'none'}",
            code="parameters",
            hint="one value for each ?, in order; or :name and a mapping",
            connector=errors.NAME,
        )


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
        found = errors.reading(error)
        if isinstance(found, JugglerError):
            found.hint = _better_hint(session, text, found) or found.hint
        raise found from error
    types = [column[3].cql_parameterized_type() for column in prepared.result_metadata or ()]
    tame(prepared)
    return prepared, types


def _better_hint(session: Session, text: str, error: JugglerError) -> str:
    """What is usually meant: a table's name without its quotes, parameters of other libraries."""
    if isinstance(error, SchemaMissingError):
        keyspace = session.driver.cluster.metadata.keyspaces.get(session.keyspace)
        names = [*keyspace.tables, *keyspace.views] if keyspace is not None else []
        for name in names:
            if name != name.lower() and re.search(rf"(?<![\w\"]){name}\b", text, re.IGNORECASE):
                return f'names with capitals have quotes in CQL: "{name}"'
    return "parameters are ? or :name" if error.code == "cql-syntax" and "%" in text else ""


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
