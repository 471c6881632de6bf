"""Which statement writes a row, and the values of its markers."""

from __future__ import annotations

import math
import secrets
from typing import TYPE_CHECKING, Any, Final

from attrs import define
from cassandra.query import UNSET_VALUE

from juggler.connector import Add, Append, Inc, Remove
from juggler.errors import CapabilityError, InvalidValueError
from juggler.values import MISSING, TypeKind
from juggler_cassandra.cql import Assign, If, batch, delete, insert, quoted, table_name, update
from juggler_cassandra.io import errors
from juggler_cassandra.io.deltas import assignment
from juggler_cassandra.io.session import bind
from juggler_cassandra.io.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler.connector import OpContext, WriteOp, WriteResult
    from juggler.spec import ModelSpec
    from juggler_cassandra.io.facts import Facts
    from juggler_cassandra.io.session import Session

_DELTAS: Final = (Add, Append, Inc, Remove)
_VERSION_BITS: Final = 62
#: Seconds that a value may live at most.
_LONGEST: Final = 20 * 365 * 24 * 60 * 60
#: Comparing types is cheaper than comparing values.
_ABSENT: Final = type(MISSING)


@define(eq=False)
class Sent:
    """A statement for one row.

    Attributes:
        index: the row's place in the call.
        op: what is to be done.
        text: the CQL.
        values: of its markers.
        version: the version that it gives the row.
        part: what of the operation it does: ``insert`` and ``update`` of a put, ``look`` for a row
            that is only looked at, ``batch`` for a batch by itself, ``all`` otherwise.
        prepared: the prepared statement; None until there is one.
    """

    index: int
    op: WriteOp
    text: str
    values: tuple[Any, ...]
    version: str | None = None
    part: str = "all"
    prepared: Any = None

    def bound(self) -> Any:
        """The statement with its values."""
        return bind(self.prepared, self.values, errors.writing)


class Statements:
    """The statements that write a model.

    Args:
        session: where they go.
        facts: the model over its table.
    """

    def __init__(self, session: Session, facts: Facts) -> None:
        self.session = session
        self.facts = facts
        self.model = facts.model
        self.table = facts.model.storage_name
        self.shape = shape = Shape.of(facts, session.settings)
        self.version = shape.version
        self.keys = shape.keys
        self.parts = shape.parts

    @classmethod
    def of(cls, session: Session, facts: Facts) -> Statements:
        """Those of a model over its table, made once."""
        return facts.once(cls, lambda: cls(session, facts))

    async def prepare(self, todo: Sequence[Sent], ctx: OpContext) -> None:
        """Prepare what is not prepared yet."""
        for one in todo:
            if one.prepared is None:
                one.prepared = await self.session.prepare(one.text, ctx, writes=True)

    # ------------------------------------------------------------ safe

    def safe(self, index: int, op: WriteOp) -> Sent:
        """The light-weight transaction that an operation begins with."""
        key = self._key(op)
        match op.kind:
            case "insert":
                return self._insert(index, op, absent=True)
            case "put" if op.if_version is None:
                return self._insert(index, op, absent=True, part="insert")
            case "put" | "replace":
                return self._replace(index, op, self._condition(op))
            case "patch":
                return self._patch(index, op, self._condition(op))
            case _:
                text = delete(
                    self.table,
                    self.keys,
                    condition=self._condition(op),
                    keyspace=self.session.keyspace,
                )
                return self._sent(index, op, text, (*key, *self._expected(op)))

    def follow(self, one: Sent, result: WriteResult) -> Sent | None:
        """What comes after a put's first half: an update of the row that is there, or a new try."""
        if one.part == "insert" and result.status == "failed" and result.existed:
            return self._replace(one.index, one.op, If(), part="update")
        if one.part == "update" and result.status == "missing":
            return self._insert(one.index, one.op, absent=True, part="insert")
        return None

    # ------------------------------------------------------------ blind

    def blind(self, index: int, op: WriteOp) -> Sent:
        """The plain write of an operation."""
        key = self._key(op)
        if op.if_version is not None:
            raise CapabilityError(
                f"{self.model.name} writes blindly and keeps no versions",
                feature="versions",
                alternatives=("writes='safe' with versioned=True",),
                connector=errors.NAME,
                model=self.model.name,
            )
        match op.kind:
            case "insert":
                self._no_counters(op)
                self._generated(op)
                return self._insert(index, op, absent=False)
            case "put" | "replace":
                return self._insert(index, op, absent=False, nulls=True)
            case "patch":
                return self._patch(index, op, None)
            case _:
                text = delete(
                    self.table,
                    self.keys,
                    timestamp=op.timestamp is not None,
                    keyspace=self.session.keyspace,
                )
                return self._sent(index, op, text, (*self._stamp(op, ttl=False), *key))

    def _generated(self, op: WriteOp) -> None:
        """A plain INSERT would write over a row of that key: only a made key is new for sure."""
        if any(self.model.field[name].generated for name in self.model.key.names):
            return
        raise CapabilityError(
            f"{self.model.name} writes blindly and cannot tell whether a row is there already",
            feature="insert_if_absent",
            alternatives=(
                f"{self.model.name}.replace_or_create(…) or upsert(…) write whatever is there",
                f"{self.model.name}.create_all(rows, replace=True), of many rows",
                "writes='safe'",
            ),
            connector=errors.NAME,
            model=self.model.name,
            key=op.key,
        )

    # ------------------------------------------------------------ one kind each

    def _insert(
        self, index: int, op: WriteOp, *, absent: bool, nulls: bool = False, part: str = "all"
    ) -> Sent:
        self._no_counters(op)
        values = self.shape.row(self._encoded(op, null=None if nulls else UNSET_VALUE))
        version = None
        if self.version is not None:
            number = secrets.randbits(_VERSION_BITS)
            values, version = (*values, number), str(number)
        text = insert(
            self.table,
            self.shape.columns,
            absent=absent,
            ttl=op.ttl is not None,
            timestamp=op.timestamp is not None,
            keyspace=self.session.keyspace,
        )
        return self._sent(index, op, text, values + self._stamp(op), version, part)

    def _replace(self, index: int, op: WriteOp, condition: If, part: str = "all") -> Sent:
        self._no_counters(op)
        row = self._encoded(op, null=None)
        names, rest = self.shape.names, self.shape.rest
        values = [row[i] for i in rest]
        return self._update(index, op, [Assign(names[i]) for i in rest], values, condition, part)

    def _patch(self, index: int, op: WriteOp, condition: If | None) -> Sent:
        changes: Mapping[str, Any] = op.values or {}  # type: ignore[assignment]
        assigns: list[Assign] = []
        values: list[Any] = []
        for name, change in changes.items():
            if change is MISSING:
                continue
            column = self.facts.codec.columns.get(name)
            if column is None:
                raise _no_path(self.model.name, name)
            if isinstance(change, _DELTAS):
                assign, physical = assignment(self.facts.codec, column, change)
            else:
                self._no_counter(column.field.type.kind, name)
                assign = Assign(column.name)
                physical = (self.facts.codec.encode_value(name, change),)
            assigns.append(assign)
            values += physical
        if op.create and condition is None and not self.shape.counters:
            return self._created(index, op, assigns, values)
        return self._update(index, op, assigns, values, condition, "all")

    def _created(self, index: int, op: WriteOp, assigns: list[Assign], values: list[Any]) -> Sent:
        """A blind patch of a row that may be new: with the marker that makes it a row."""
        key = self._key(op)
        ttl, stamp = _ttl(op) is not None, op.timestamp is not None
        plain = all(assign.how == "set" for assign in assigns)
        columns = (*self.keys, *(assign.column for assign in assigns if plain))
        text = insert(self.table, columns, ttl=ttl, timestamp=stamp, keyspace=self.session.keyspace)
        if plain:
            return self._sent(index, op, text, (*key, *values, *self._stamp(op)))
        change = update(
            self.table,
            tuple(assigns),
            self.keys,
            ttl=ttl,
            timestamp=stamp,
            keyspace=self.session.keyspace,
        )
        bound = (*key, *self._stamp(op), *self._stamp(op), *values, *key)
        return self._sent(index, op, batch((text, change)), bound, part="batch")

    def _update(  # noqa: PLR0917 - of this class alone
        self,
        index: int,
        op: WriteOp,
        assigns: list[Assign],
        values: list[Any],
        condition: If | None,
        part: str,
    ) -> Sent:
        key = self._key(op)
        version = None
        if self.version is not None:
            version = secrets.randbits(_VERSION_BITS)
            assigns = [*assigns, Assign(self.version)]
            values = [*values, version]
        if not assigns:
            return self._look(index, op, condition, part)
        place = self.keys
        if all(assign.column in self.shape.static for assign in assigns):
            place, key = self.parts, key[: len(self.parts)]
        text = update(
            self.table,
            tuple(assigns),
            place,
            condition=condition,
            ttl=_ttl(op) is not None,
            timestamp=op.timestamp is not None and condition is None,
            keyspace=self.session.keyspace,
        )
        expected = self._expected(op) if condition is not None else ()
        bound = (*self._stamp(op), *values, *key, *expected)
        return self._sent(index, op, text, bound, None if version is None else str(version), part)

    def _look(self, index: int, op: WriteOp, condition: If | None, part: str) -> Sent:
        """A row of key columns alone: nothing to set, but it has to be there."""
        if self.shape.counters:
            raise _counted(self.model, "writing nothing")
        if condition is None:
            text = insert(self.table, self.keys, keyspace=self.session.keyspace)
            return self._sent(index, op, text, self._key(op), part=part)
        where = " AND ".join(f"{quoted(name)} = ?" for name in self.keys)
        table = table_name(self.table, self.session.keyspace)
        text = f"SELECT {quoted(self.keys[0])} FROM {table} WHERE {where}"  # noqa: S608 - quoted
        return self._sent(index, op, text, self._key(op), part="look")

    # ------------------------------------------------------------ values

    def _sent(  # noqa: PLR0917 - as above
        self,
        index: int,
        op: WriteOp,
        text: str,
        values: tuple[Any, ...],
        version: str | None = None,
        part: str = "all",
    ) -> Sent:
        return Sent(index, op, text, values, version, part, self.session.known(text))

    def _key(self, op: WriteOp) -> tuple[Any, ...]:
        if op.key is None:
            raise InvalidValueError(
                f"{self.model.name} has no value for its key",
                code="key-required",
                model=self.model.name,
                hint="Cassandra makes no keys: give it, or declare a uuid with generated=True",
            )
        return self.facts.codec.encode_key(op.key)

    def _encoded(self, op: WriteOp, null: Any) -> tuple[Any, ...]:
        """A whole row in physical values; ``null`` stands for None, UNSET for MISSING."""
        values: Any = op.values
        if _ABSENT in map(type, values):
            row = self.facts.codec.encode(values, UNSET_VALUE)
        else:
            row = self.facts.codec.encode(values)
        if null is not None:
            row = tuple([null if value is None else value for value in row])
        return row

    def _condition(self, op: WriteOp) -> If:
        return If() if op.if_version is None or self.version is None else If(self.version)

    def _expected(self, op: WriteOp) -> tuple[Any, ...]:
        if op.if_version is None or self.version is None:
            return ()
        try:
            return (int(op.if_version),)
        except ValueError:
            return (-1,)  # no row has it

    def _stamp(self, op: WriteOp, *, ttl: bool = True) -> tuple[Any, ...]:
        if op.ttl is None and op.timestamp is None:
            return ()
        seconds = _ttl(op) if ttl else None
        return tuple(value for value in (seconds, op.timestamp) if value is not None)

    # ------------------------------------------------------------ counters

    def _no_counters(self, op: WriteOp) -> None:
        if self.shape.counters:
            raise _counted(self.model, op.kind)

    def _no_counter(self, kind: TypeKind, name: str) -> None:
        if kind is TypeKind.COUNTER:
            raise _counted(self.model, f"setting {name}")


def _ttl(op: WriteOp) -> int | None:
    """Whole seconds, none of them lost; 0 is for ever, whatever the table's default is.

    Raises:
        InvalidValueError: Cassandra has no such time.
    """
    if op.ttl is None:
        return None
    if not 0 <= op.ttl <= _LONGEST:
        raise InvalidValueError(
            f"a time to live of {op.ttl:g} seconds",
            code="bad-ttl",
            field="ttl",
            hint=f"from 1 to {_LONGEST:,} seconds, which are 20 years; 0 is for ever",
            connector=errors.NAME,
        )
    return math.ceil(op.ttl)


def _counted(spec: ModelSpec, what: str) -> CapabilityError:
    model = spec.name
    name = next(f.name for f in spec.fields if f.type.kind is TypeKind.COUNTER)
    return CapabilityError(
        f"{what} is impossible: the counters of {model} are only added to",
        feature="counters",
        alternatives=(
            f"{model}.upsert({{…, {name!r}: Inc(1)}}), from juggler.connector import Inc",
        ),
        connector=errors.NAME,
        model=model,
    )


def _no_path(model: str, name: str) -> CapabilityError:
    return CapabilityError(
        f"{name!r} of {model} is inside of a value that Cassandra stores as one",
        feature="nested_patch",
        alternatives=("patch the property as a whole",),
        connector=errors.NAME,
        model=model,
    )
