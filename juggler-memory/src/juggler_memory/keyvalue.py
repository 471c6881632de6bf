"""The key-value connector: values under keys, with a time to live, in memory or in a file.

Models that are attached get LoopBack's operations for it (get, set, expire, ttl, keys,
iterate_keys, delete) beside the built-in ones, of which ``delete_all(all=True)`` deletes all keys.
Times are seconds.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler.connector import (
    ConnectorInfo,
    NativeResult,
    WriteOp,
    WriteOptions,
    full,
    hookimpl,
    operations_of,
)
from juggler.errors import ConfigurationError, InvalidQueryError, InvalidValueError, NotFoundError
from juggler.query import QuerySpec
from juggler.spec import EXTRA
from juggler.values import ANY, coercer
from juggler_memory.capabilities import capabilities
from juggler_memory.connector import MemoryConnector
from juggler_memory.globbing import glob_matcher
from juggler_memory.settings import MemorySettings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from juggler.connector import Key, OpContext
    from juggler.spec import ModelSpec

#: The property that holds the value, declared or not.
VALUE = "value"
#: Keys read in one go.
_PAGE = 1_000


class KeyValue:
    """The operations that models of a key-value store get.

    Keys are non-empty texts (or values of the key's declared type); values are what type ``any``
    holds, or the declared type of the property ``value``.
    """

    @classmethod
    async def get(cls, key: Any) -> Any:
        """The value of a key, None when it is not there."""
        ops, spec, wanted = _of(cls, key)
        found = await ops.port.call("get", spec, (wanted,), spec.names)
        row = found.rows[0]
        return None if row is None else _value_of(spec, row)

    @classmethod
    async def set(cls, key: Any, value: Any, ttl: float | dt.timedelta | None = None) -> None:
        """Put a value under a key, whatever is there.

        Args:
            key: the key.
            value: the value; it is copied.
            ttl: seconds to live; without it the value stays, also if the one before had an end.
        """
        ops, spec, wanted = _of(cls, key)
        op = WriteOp("put", wanted, _row(spec, wanted, value), ttl=_seconds(ttl))
        await _write(ops, spec, op)

    @classmethod
    async def expire(cls, key: Any, ttl: float | dt.timedelta) -> None:
        """Let a key live ``ttl`` seconds from now.

        Raises:
            NotFoundError: it is not there.
        """
        ops, spec, wanted = _of(cls, key)
        await _write(ops, spec, WriteOp("patch", wanted, {}, ttl=_seconds(ttl)))

    @classmethod
    async def ttl(cls, key: Any) -> float | None:
        """The seconds that a key still lives, None for one without an end.

        Raises:
            NotFoundError: it is not there.
        """
        ops, spec, wanted = _of(cls, key)
        found = await ops.port.call("native", "ttl", (spec, wanted), {})
        if not found.rows:
            raise _unknown(spec, wanted)
        left: float | None = found.rows[0]
        return left

    @classmethod
    async def keys(cls, match: str | None = None) -> list[Any]:
        """All keys in order, or those that fit a pattern with ``*``, ``?`` and ``[…]``."""
        return [key async for key in _keys(cls, match)]

    @classmethod
    async def iterate_keys(cls, match: str | None = None) -> AsyncGenerator[Any, None]:
        """The keys one by one; ones that come or go meanwhile may be among them or not."""
        async for key in _keys(cls, match):
            yield key

    @classmethod
    async def delete(cls, key: Any) -> bool:
        """Delete a key: whether it was there."""
        ops, spec, wanted = _of(cls, key)
        (result,) = await ops.port.call("write", spec, [WriteOp("delete", wanted)], WriteOptions())
        return bool(result.status == "deleted")


class KeyValueConnector(MemoryConnector):
    """Memory, with the question how long a key lives."""

    def __init__(self, settings: MemorySettings | None = None) -> None:
        super().__init__(settings)
        base = capabilities(file=self.settings.file is not None)
        self._claims = evolve(base, native_query=full(language="ttl"))

    @hookimpl
    def native(
        self, statement: Any, params: Any, opts: Mapping[str, Any], ctx: OpContext
    ) -> NativeResult:
        """``ttl`` with (model spec, key): one row with the seconds left, or none."""
        del opts
        if statement != "ttl" or not isinstance(params, tuple):
            raise InvalidQueryError(
                f"the key-value store does not know {statement!r:.40}",
                code="native-statement",
                hint="it has get, set, expire, ttl, keys, iterate_keys, delete, delete_all",
            )
        spec, key = params
        return NativeResult(self._left(spec, key, ctx.now()))

    def _left(self, spec: ModelSpec, key: Key, now: float) -> list[float | None]:
        with self.store.lock:
            table = self.binding(spec).table
            table.purge(now)
            if key not in table.rows:
                return []
            end = table.expires.get(key)
            return [None if end is None else end - now]


# ---------------------------------------------------------------- rows of keys and values


def _of(model: Any, key: Any) -> tuple[Any, ModelSpec, Key]:
    spec = _spec(model)
    wanted: Key = model.__link__.codec.coerce_key(key)
    if wanted == ("",):
        raise InvalidValueError(
            "a key is empty", code="empty-key", field=spec.key.names[0], hint="give a text"
        )
    return operations_of(model), spec, wanted


def _spec(model: Any) -> ModelSpec:
    spec: ModelSpec = model.__link__.spec
    if len(spec.key.names) != 1 or (VALUE not in spec.position and not spec.open):
        raise ConfigurationError(
            f"{spec.name} is no model for keys and values",
            code="no-key-value-model",
            hint=f"it needs a key of one property and a property {VALUE!r}; "
            f'db.define("{spec.name}") has both',
            model=spec.name,
        )
    return spec


def _row(spec: ModelSpec, key: Key, value: Any) -> tuple[Any, ...]:
    row: list[Any] = [None] * len(spec.fields)
    row[spec.key_positions[0]] = key[0]
    if VALUE in spec.position:
        at = spec.position[VALUE]
        row[at] = coercer(spec.fields[at].type)(value)
    else:
        row[spec.position[EXTRA]] = {VALUE: coercer(ANY)(value)}
    return tuple(row)


def _value_of(spec: ModelSpec, row: tuple[Any, ...]) -> Any:
    """The value of a row, copied."""
    if VALUE in spec.position:
        at = spec.position[VALUE]
        return coercer(spec.fields[at].type)(row[at])
    return coercer(ANY)((row[spec.position[EXTRA]] or {}).get(VALUE))


async def _keys(model: Any, match: str | None) -> AsyncGenerator[Any, None]:
    ops = operations_of(model)
    spec = _spec(model)
    fits = _fits(match)
    plan = ops.source.plan_query(QuerySpec(spec), ops.source.schema_of(spec))
    (at,) = spec.key_positions
    cursor = None
    while True:
        page = await ops.port.call("fetch", plan, cursor, _PAGE)
        for row in page.rows:
            if fits(str(row[at])):
                yield row[at]
        cursor = page.cursor
        if cursor is None:
            return


async def _write(ops: Any, spec: ModelSpec, op: WriteOp) -> None:
    (result,) = await ops.port.call("write", spec, [op], WriteOptions())
    if result.status == "missing":
        raise _unknown(spec, op.key)
    if result.error is not None:
        raise result.error


def _unknown(spec: ModelSpec, key: Key | None) -> NotFoundError:
    return NotFoundError(
        f"{spec.name} has no key {(key or ('',))[0]!r}",
        model=spec.name,
        key=key,
        hint=f"{spec.name}.set(key, value, ttl=seconds) makes it",
    )


def _seconds(ttl: float | dt.timedelta | None) -> float | None:
    if ttl is None:
        return None
    seconds: Any = ttl.total_seconds() if isinstance(ttl, dt.timedelta) else ttl
    if type(seconds) not in {int, float} or not 0 < seconds < math.inf:
        raise InvalidValueError(
            f"a time to live of {ttl!r:.40}",
            code="bad-ttl",
            field="ttl",
            hint="it is in seconds, above 0 (LoopBack's milliseconds / 1000)",
        )
    return float(seconds)


def _fits(match: str | None) -> Callable[[str], bool]:
    return glob_matcher(match) if match is not None else lambda _: True


class Plugin:
    """The card of the key-value connector."""

    @hookimpl
    def juggler_connector_info(self) -> ConnectorInfo:
        """Name, settings, factory and the operations that models get."""
        return ConnectorInfo(
            "keyvalue",
            KeyValueConnector,
            MemorySettings,
            aliases=("kv-memory", "key-value"),
            io="instant",
            types=("kv", "nosql", "memory"),
            default_id_type="string",
            data_access=KeyValue,
            install="pip install juggler-memory",
            summary="values under keys with a time to live, in memory or in a file",
        )


plugin = Plugin()
