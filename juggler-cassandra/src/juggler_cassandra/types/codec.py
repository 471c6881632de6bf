"""Rows, keys and single values of a model, physical and neutral, by the columns that there are."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from juggler.connector.codec import RowCodec, row_codec
from juggler.errors import DecodeError, InvalidValueError, TooLargeError
from juggler.values.missing import MISSING
from juggler.values.types import TypeKind as K
from juggler_cassandra.types.cql import CqlType, parse
from juggler_cassandra.types.mapping import column_type, fits, hints_of, is_static
from juggler_cassandra.types.values import Pair, pair

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from juggler.connector import Key, Row
    from juggler.spec import FieldSpec, ModelSpec, RelationInfo

MAX_KEY_BYTES: Final = 65_535
#: Types of values that may be empty, or longer than a key.
_SIZED: Final = (str, bytes)
_COLLECTIONS: Final[Mapping[K, Callable[[], Any]]] = {
    K.ARRAY: list, K.SET: frozenset, K.MAP: dict,
}  # fmt: skip


@frozen
class Column:
    """A property's column: its name, CQL type, conversions, and whether it is static."""

    field: FieldSpec
    name: str
    type: CqlType
    pair: Pair
    static: bool


class ModelCodec:
    """Conversions of one model over one table or view.

    Args:
        model: the model.
        relation: the relation as the server has it; None for what the model declares.

    Attributes:
        columns: by property name.
        rows: the codec of whole rows, in the order of ``model.fields``.
        empty_is_null: whether an empty collection is stored as null (a collection is not frozen).
    """

    def __init__(self, model: ModelSpec, relation: RelationInfo | None = None) -> None:
        self.model = model
        types = actual_types(model, relation)
        self.empty_is_null = any(types[f.name].multicell for f in model.fields)
        partition = model.key.partition
        self.columns: Mapping[str, Column] = {
            f.name: _column(
                f, types[f.name], key=f.name in partition, empty_is_null=self.empty_is_null
            )
            for f in model.fields
        }
        self._sole = partition[0] if len(partition) == 1 else None
        self._codecs: dict[tuple[str, ...], RowCodec] = {}

    @cached_property
    def rows(self) -> RowCodec:
        """The codec of whole rows."""
        return self.of(self.model.names)

    def of(self, fields: tuple[str, ...]) -> RowCodec:
        """The codec of rows of some properties; made once."""
        found = self._codecs.get(fields)
        if found is None:
            pairs = [self.columns[name].pair for name in fields]
            found = row_codec(fields, [p.encode for p in pairs], [p.decode for p in pairs])
            empty = self._empty(fields)
            found = self._codecs[fields] = _filling(found, empty) if empty else found
        return found

    def decode(self, fields: tuple[str, ...], row: Row) -> Row:
        """A stored row of some properties in neutral values.

        Raises:
            DecodeError: a value is none of its type; it names the property and the row.
        """
        try:
            return self.of(fields).decode(row)
        except DecodeError as error:
            raise self._located(fields, [row], error) from error

    def decode_all(self, fields: tuple[str, ...], rows: Sequence[Row]) -> list[Row]:
        """As ``decode``, of many rows."""
        try:
            return self.of(fields).decode_all(rows)
        except DecodeError as error:
            raise self._located(fields, rows, error) from error

    def _located(
        self, fields: tuple[str, ...], rows: Sequence[Row], error: DecodeError
    ) -> DecodeError:
        """The error of the first value that cannot be decoded, with its place."""
        for row in rows:
            values = dict(zip(fields, row, strict=True))
            for name in fields:
                found = self._undecodable(name, values[name])
                if found is not None:
                    key = tuple(values.get(part) for part in self.model.key.names)
                    shown = repr(key[0]) if len(key) == 1 else repr(key)
                    return DecodeError(
                        f"{self.model.name}.{name} of {shown}: {found.message}",
                        hint=found.hint,
                        connector="cassandra",
                        model=self.model.name,
                        key=key,
                    )
        return error

    def _undecodable(self, name: str, value: Any) -> DecodeError | None:
        convert = self.columns[name].pair.decode
        try:
            if convert is not None and value is not None:
                convert(value)
        except DecodeError as error:
            return error
        return None

    def _empty(self, fields: tuple[str, ...]) -> dict[int, Callable[[], Any]]:
        """By position, what makes the values of collections that are stored as null when empty."""
        chosen = [self.model.field[name] for name in fields] if self.empty_is_null else ()
        return {
            i: _COLLECTIONS[f.type.kind]
            for i, f in enumerate(chosen)
            if f.type.kind in _COLLECTIONS and not f.nullable
        }

    def encode(self, row: Sequence[Any], unset: Any = None) -> Row:
        """A whole row in physical values; ``unset`` stands for MISSING.

        Raises:
            InvalidValueError: a value that its column cannot hold; ``field`` names it.
        """
        try:
            return self.rows.encode(row)
        except (InvalidValueError, AttributeError, TypeError):
            names = self.model.names
            return tuple(
                unset if value is MISSING else self.encode_value(name, value)
                for name, value in zip(names, row, strict=True)
            )

    def encode_value(self, name: str, value: Any) -> Any:
        """One property's value in physical form."""
        convert = self.columns[name].pair.encode
        if value is None or convert is None:
            return value
        try:
            return convert(value)
        except InvalidValueError as error:
            error.field = ".".join(part for part in (name, error.field) if part)
            error.model = self.model.name
            raise

    def encode_key(self, key: Key) -> Row:
        """A key in physical values, in the order of ``model.key.names``.

        Raises:
            InvalidValueError: a value is no key: null, or empty as a sole partition key.
            TooLargeError: it has more bytes than a key may have.
        """
        names = self.model.key.names
        found = tuple(map(self.encode_value, names, key))
        if not any(value is None or isinstance(value, _SIZED) for value in found):
            return found
        for name, value in zip(names, found, strict=True):
            if value is None or (name == self._sole and value in ("", b"")):
                raise InvalidValueError(
                    f"{self.model.name}.{name} is the key and is {value!r}",
                    code="empty-key",
                    field=name,
                    model=self.model.name,
                    hint="Cassandra takes no empty value as the whole partition key",
                )
        self._check_size(names, found)
        return found

    def _check_size(self, names: tuple[str, ...], values: Row) -> None:
        parts = len(self.model.key.partition)
        sizes = [_size(value) for value in values]
        partition = sizes[0] if parts == 1 else sum(size + 3 for size in sizes[:parts])
        for what, size in (
            ("the partition key", partition),
            *zip(names[parts:], sizes[parts:], strict=True),
        ):
            if size > MAX_KEY_BYTES:
                raise TooLargeError(
                    f"{what} of {self.model.name} has {size:,} bytes",
                    code="key-too-large",
                    model=self.model.name,
                    hint=f"Cassandra takes keys of at most {MAX_KEY_BYTES:,} bytes",
                )


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode())
    return len(value) if isinstance(value, bytes) else 16


def actual_types(model: ModelSpec, relation: RelationInfo | None) -> dict[str, CqlType]:
    """The column types by property: the server's where they fit, else what is declared."""
    there = {} if relation is None else {c.name: c.native_type for c in relation.columns}
    found: dict[str, CqlType] = {}
    for field in model.fields:
        declared = column_type(model, field)
        native = there.get(field.storage_name)
        actual = None if native is None else parse(native)
        found[field.name] = actual if actual is not None and fits(field.type, actual) else declared
    return found


def _filling(codec: RowCodec, empty: Mapping[int, Callable[[], Any]]) -> RowCodec:
    """The codec with empty collections in place of their nulls."""

    def filled(row: Row) -> Row:
        values = list(row)
        for i, make in empty.items():
            if values[i] is None:
                values[i] = make()
        return tuple(values)

    return evolve(
        codec,
        decode=lambda row: filled(codec.decode(row)),
        decode_all=lambda rows: [filled(row) for row in codec.decode_all(rows)],
    )


def _column(field: FieldSpec, cql: CqlType, *, key: bool, empty_is_null: bool) -> Column:
    made = pair(field.type, cql, hints_of(field), key=key)
    if empty_is_null and field.type.kind in _COLLECTIONS and made.encode is not None:
        encode = made.encode
        made = evolve(made, encode=lambda value: encode(value) if len(value) else None)
    return Column(field, field.storage_name, cql, made, is_static(field))
