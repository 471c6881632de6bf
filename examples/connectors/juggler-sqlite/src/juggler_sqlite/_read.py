"""Reading pages of a plan and rows by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector import Page, Rows
from juggler.values import tagged
from juggler_sqlite._rows import column, quoted, rows_of
from juggler_sqlite._where import Sql, encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from juggler.connector import Key, Plan
    from juggler.spec import ModelSpec
    from juggler_sqlite._plan import Select

    Run = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]

_KEYS_A_STATEMENT = 500


def fetch(plan: Plan, cursor: bytes | None, want: int, run: Run) -> Page:
    """At most ``want`` rows after the cursor, which holds the order columns of the last row."""
    if plan.path == "empty":
        return Page(())
    select: Select = plan.opaque
    model = plan.query.model
    rest = want
    if plan.limit_pushed:
        rest = min(want, plan.query.skip + (plan.query.limit or 0))
    later = None if cursor is None else after(select.order, tagged.loads(cursor))
    rows = run(*select.sql(later, rest + 1))
    more, rows = len(rows) > rest, rows[:rest]
    names = [f.storage_name for f in model.fields]
    at = [names.index(name) for name, _ in select.order]

    def mark(i: int) -> bytes:
        return tagged.dumps([rows[i][p] for p in at]).encode()

    return Page(
        rows_of(model, model.names).decode_all(rows),
        mark(len(rows) - 1) if more and rows else None,
        scanned=len(rows),
        cursor_after=mark,
    )


def after(order: Sequence[tuple[str, str]], last: Sequence[Any]) -> Sql:
    """The condition for rows strictly after the last one; null sorts lowest."""
    branches: list[str] = []
    params: list[Any] = []
    equal = "1"
    equal_params: list[Any] = []
    for (name, way), value in zip(order, last, strict=True):
        place = quoted(name)
        if way == "asc":
            step = f"{place} IS NOT NULL" if value is None else f"{place} > ?"
        else:
            step = "0" if value is None else f"({place} < ? OR {place} IS NULL)"
        branches.append(f"({equal} AND {step})")
        params += [*equal_params, *([value] if "?" in step else [])]
        equal += f" AND {place} IS ?"
        equal_params = [*equal_params, value]
    return Sql(" OR ".join(branches), tuple(params))


def get(model: ModelSpec, keys: Sequence[Key], fields: tuple[str, ...], run: Run) -> Rows:
    """Rows by key, some hundred keys a statement."""
    names = model.key.names
    wanted = (*names, *fields)
    columns = ", ".join(column(model.field[name]) for name in wanted)
    select = f"SELECT {columns} FROM {quoted(model.storage_name)}"
    place = "(" + " AND ".join(f"{column(model.field[n])} IS ?" for n in names) + ")"
    found: dict[Any, Any] = {}
    for start in range(0, len(keys), _KEYS_A_STATEMENT):
        some = [physical_key(model, key) for key in keys[start : start + _KEYS_A_STATEMENT]]
        where = " OR ".join([place] * len(some))
        for row in run(f"{select} WHERE {where}", [value for key in some for value in key]):
            found[row[: len(names)]] = row[len(names) :]
    decode = rows_of(model, fields).decode
    out = []
    for key in keys:
        stored = found.get(physical_key(model, key))
        out.append(None if stored is None else decode(stored))
    return Rows(out)


def physical_key(model: ModelSpec, key: Key) -> tuple[Any, ...]:
    """The key's columns; a value that no column can hold is None, which finds nothing."""
    return tuple(
        encoded(model.field[name].type.kind, value)
        for name, value in zip(model.key.names, key, strict=True)
    )
