"""A model over a table: row positions, and conversions where the two have different columns."""

from __future__ import annotations

from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from juggler.query.evaluate import Layout
from juggler.values import TypeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from juggler.connector import Key, Row
    from juggler.errors import JugglerError
    from juggler.spec import ModelSpec
    from juggler_memory.table import Table

_COUNTED = (TypeKind.INTEGER, TypeKind.NUMBER)


class Binding:
    """How a model sees its table.

    Most models have exactly their table's columns in the same order: ``same`` is then True and rows
    go in and out as they are.  Where several models share a collection, or the definition changed,
    rows are converted, and columns that the model does not know keep their values.

    Attributes:
        model: the model.
        table: its table, which has at least the model's columns.
        columns: the table's columns when this was made; others make it out of date.
        same: whether rows are the same on both sides.
        problem: why the table cannot be used, None if it can.
        write_problem: why it cannot be written, None if it can.
    """

    def __init__(
        self,
        model: ModelSpec,
        table: Table,
        problem: JugglerError | None = None,
        write_problem: JugglerError | None = None,
    ) -> None:
        self.model = model
        self.table = table
        self.columns = table.columns
        self.problem = problem
        self.write_problem = problem or write_problem
        #: Changes table rows before they are stored, as another connector would (emulation).
        self.settle: Callable[[Row], Row] | None = None
        names = {f.storage_name: f.name for f in model.fields}
        #: Property names in the order of the table's rows; columns of others have none.
        self.fields = tuple(names.get(column, f"\0{column}") for column in table.columns)
        self.same = self.fields == model.names
        self.positions = tuple(table.columns.index(f.storage_name) for f in model.fields)
        self.key_positions = table.key_positions
        self.key_of = key_function(table.key_positions)
        #: The model's key in a table row: another one than the table's where it is a view.
        self.model_key_of = key_function([self.positions[at] for at in model.key_positions])
        #: Position and kind of a key of one property in the model's rows; no kind for several.
        self.id_position = model.key_positions[0]
        single = len(model.key_positions) == 1
        self.id_kind = model.fields[self.id_position].type.kind if single else None
        #: Whether new rows are stored as they come, under keys that the store counts.
        self.counted = self.same and self.id_kind in _COUNTED

    @cached_property
    def layout(self) -> Layout:
        """Positions of the model's properties in the table's rows."""
        return Layout(self.model, self.fields)

    @cached_property
    def out(self) -> Callable[[Row], Row]:
        """A table row as the model's row."""
        return tuple if self.same else tuple_getter(self.positions)

    def projection(self, fields: Sequence[str]) -> Callable[[Row], Row]:
        """A table row as a tuple of some properties."""
        place = {name: at for at, name in enumerate(self.fields)}
        return tuple_getter([place[name] for name in fields])

    def into(self, row: Sequence[Any], old: Row | None) -> Row:
        """The model's row as a table row; columns that it does not know stay as they were."""
        if self.same:
            return tuple(row)
        full: list[Any] = [None] * len(self.columns) if old is None else list(old)
        for position, value in zip(self.positions, row, strict=True):
            full[position] = value
        return tuple(full)


def key_function(positions: Sequence[int]) -> Callable[[Row], Key]:
    """The function from a row to its key."""
    if len(positions) == 1:
        (at,) = positions
        return lambda row: (row[at],)
    return itemgetter(*positions)


def tuple_getter(positions: Sequence[int]) -> Callable[[Row], Row]:
    """The function from a row to a tuple of some of its values."""
    if not positions:
        return lambda _: ()
    return key_function(positions)
