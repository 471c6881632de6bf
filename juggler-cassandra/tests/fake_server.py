"""A table that answers the reads of a plan as Cassandra 5 would, and refuses what it would refuse.

It knows physical values only.  The rules are those that were observed on a server; the server's own
tests run the same reads there.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from juggler.query.evaluate import Layout, predicate
from juggler.query.tree import FALSE, TRUE
from juggler_cassandra.planning import keyset
from juggler_cassandra.planning.access import Points, Restriction, Ring, Slices
from juggler_cassandra.planning.native_order import order_key
from juggler_cassandra.planning.relations import known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from juggler.connector import Plan
    from juggler.spec import ModelSpec, StoreSchema
    from juggler_cassandra.cql import Read
    from juggler_cassandra.planning.access import AnyBranch
    from juggler_cassandra.planning.relations import Index, Relation

PhysicalRow = dict[str, Any]


class Refused(AssertionError):
    """The server would not run this statement."""


class FakeServer:
    """Tables and views of one model's rows."""

    def __init__(
        self, model: ModelSpec, schema: StoreSchema, rows: Iterable[tuple[Any, ...]]
    ) -> None:
        self.known = known(model, schema)
        self.codec = self.known.codec
        self.model = model
        names = [column.name for column in self.codec.columns.values()]
        self.rows = [dict(zip(names, self.codec.encode(row), strict=True)) for row in rows]
        self.relations = {r.name: r for r in (self.known.base, *self.known.views)}

    # ------------------------------------------------------------ one statement

    def select(self, branch: AnyBranch, read: Read, limit: int | None = None) -> list[PhysicalRow]:
        relation = self.relations[branch.relation]
        self._check(relation, branch, read)
        found = [row for row in self.rows if self._in(relation, row)]
        found = [row for row in found if all(_holds(r, row) for r in read.restrictions)]
        token = read.tokens.above if read.tokens else None
        if token is not None:
            above = token if isinstance(token, int) else _token(token)
            found = [row for row in found if _token([row[k] for k in relation.keys]) > above]
        found.sort(key=lambda row: _place(relation, row, read.order))
        return found if limit is None else found[:limit]

    def _in(self, relation: Relation, row: PhysicalRow) -> bool:
        return all(row[name] is not None for name in relation.key)

    def _check(self, relation: Relation, branch: AnyBranch, read: Read) -> None:
        seen: dict[str, list[str]] = {}
        for r in read.restrictions:
            if r.value is None or (r.operator == "IN" and (None in r.value or not r.value)):
                raise Refused(f"null in {r}")
            seen.setdefault(r.column, []).append(r.operator)
        for column, operators in seen.items():
            lows = [o for o in operators if o in {">", ">="}]
            highs = [o for o in operators if o in {"<", "<="}]
            equal = [o for o in operators if o in {"=", "IN"}]
            if len(lows) > 1 or len(highs) > 1 or len(equal) > 1 or (equal and (lows or highs)):
                raise Refused(f"{column} is restricted by {operators}")
            if column not in relation.columns:
                raise Refused(f"{relation.name} has no column {column}")
        for column in relation.keys:
            if len(relation.keys) == 1 and any(
                r.value in ("", b"") for r in read.restrictions if r.column == column
            ):
                raise Refused("Key may not be empty")
        unserved, served = _unserved(relation, read)
        gaps = _is_gapped(relation, read)
        if (unserved or gaps) and not (branch.filtering or read.filtering):
            raise Refused(f"needs ALLOW FILTERING for {unserved}: {read}")
        if read.order:
            self._check_order(relation, read, served)
        for column in branch.columns:
            if column not in relation.columns:
                raise Refused(f"{relation.name} has no column {column}")

    def _check_order(self, relation: Relation, read: Read, served: list[str]) -> None:
        ways = [(c.column, c.descending) for c in relation.clustering]
        back = [(name, not down) for name, down in ways]
        if list(read.order) not in (ways[: len(read.order)], back[: len(read.order)]):
            raise Refused(f"ORDER BY {read.order}")
        fixed = {r.column for r in read.restrictions if r.operator == "="}
        if not set(relation.keys) <= fixed:
            raise Refused("ORDER BY without a whole partition")
        restricted = {r.column for r in read.restrictions}
        extra = restricted - set(relation.keys) - {r.column for r in _prefix(relation, read)}
        near = {i.column for i in relation.indexes} & restricted
        if served or (extra and near):
            raise Refused(f"ORDER BY with an index on {near or served}")

    # ------------------------------------------------------------ a whole plan

    def run(self, plan: Plan, page: int | None = None) -> list[tuple[Any, ...]]:
        """All rows of a plan, as neutral tuples of its fields, read in pages of ``page`` rows."""
        access = plan.opaque
        streams = [s for branch in access.branches for s in self._streams(branch, page)]
        shown = [self._neutral(plan, branch, rows) for branch, rows in streams]
        if not access.merge:
            found = [row for rows in shown for row in rows]
        else:
            found = _merged(shown, access.merge)
        return found if access.limit is None else found[: access.limit]

    def _streams(
        self, branch: AnyBranch, page: int | None
    ) -> Iterator[tuple[AnyBranch, list[PhysicalRow]]]:
        if isinstance(branch, Points):
            for values in branch.values:
                yield branch, self.select(branch, keyset.point(branch, values))
        elif isinstance(branch, Slices):
            for partition in branch.partitions:
                yield branch, self._slice(branch, partition, page)
        else:
            yield branch, self._ring(branch, page)

    def _slice(
        self, branch: Slices, partition: Sequence[Any], page: int | None
    ) -> list[PhysicalRow]:
        found = self.select(branch, keyset.start(branch, partition), page)
        while page is not None and found and len(found) % page == 0:
            last = [found[-1][c.column] for c in branch.clustering]
            more = self._continued(branch, keyset.after(branch, partition, last), page)
            if not more:
                break
            found += more
        return found

    def _ring(self, branch: Ring, page: int | None) -> list[PhysicalRow]:
        found = self.select(branch, keyset.ring_start(branch), page)
        while page is not None and found and len(found) % page == 0:
            partition = [found[-1][name] for name in branch.keys]
            last = [found[-1][c.column] for c in branch.clustering]
            more = self._continued(branch, keyset.ring_after(branch, partition, last), page)
            if not more:
                break
            found += more
        return found

    def _continued(self, branch: AnyBranch, reads: Iterable[Read], page: int) -> list[PhysicalRow]:
        found: list[PhysicalRow] = []
        for read in reads:
            found += self.select(branch, read, page - len(found))
            if len(found) >= page:
                break
        return found

    def _neutral(
        self, plan: Plan, branch: AnyBranch, rows: Sequence[PhysicalRow]
    ) -> list[tuple[Any, ...]]:
        columns = [self.codec.columns[name].name for name in plan.fields]
        if branch.base is None:
            assert branch.columns[: len(columns)] == tuple(columns)
            assert branch.extra == len(branch.columns) - len(columns)
        decode = self.codec.of(plan.fields).decode
        out = [decode(tuple(row[name] for name in columns)) for row in rows]
        layout = Layout(self.model, plan.fields)
        if branch.only is not TRUE:
            out = [row for row in out if predicate(layout, branch.only)(row)]
        if branch.again is not FALSE:
            again = predicate(layout, branch.again)
            out = [row for row in out if not again(row)]
        return out


# ---------------------------------------------------------------- CQL's rules


def _holds(r: Restriction, row: PhysicalRow) -> bool:
    value = row[r.column]
    if value is None:
        return False
    match r.operator:
        case "CONTAINS":
            inside = value.items() if hasattr(value, "items") else value
            return r.value in ([v for _, v in inside] if hasattr(value, "items") else inside)
        case "CONTAINS KEY":
            return r.value in [k for k, _ in value.items()]
        case "ENTRY":
            return tuple(r.value) in [tuple(pair) for pair in value.items()]
        case "LIKE":
            return str(value).startswith(r.value[:-1])
        case "IN":
            return any(_key(value) == _key(one) for one in r.value)
        case operator:
            one, two = _key(value), _key(r.value)
            return {
                "=": one == two, "<": one < two, "<=": one <= two, ">": one > two, ">=": one >= two
            }[operator]  # fmt: skip


def _key(value: Any) -> Any:
    from juggler_cassandra.types import scalar  # noqa: PLC0415 - short

    kinds = {float: "double", "UUID": "uuid"}
    name = kinds.get(type(value), kinds.get(type(value).__name__, "text"))
    return order_key(scalar(name))(value)


def _token(values: Sequence[Any]) -> int:
    digest = hashlib.sha256(repr(list(values)).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


class _Down:
    """A value in descending order."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Down) -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Down) and bool(self.value == other.value)

    __hash__ = None  # type: ignore[assignment]


def _place(relation: Relation, row: PhysicalRow, order: tuple[tuple[str, bool], ...]) -> Any:
    partition = [row[name] for name in relation.keys]
    first = relation.clustering[0] if relation.clustering else None
    back = bool(order) and first is not None and order[0][1] is not first.descending
    found: list[Any] = [_token(partition), repr(partition)]
    for c in relation.clustering:
        key = order_key(c.type)(row[c.column])
        found.append(_Down(key) if c.descending is not back else key)
    return found


def _prefix(relation: Relation, read: Read) -> list[Restriction]:
    """The restrictions that clustering takes without filtering."""
    by_column: dict[str, list[Restriction]] = {}
    for r in read.restrictions:
        by_column.setdefault(r.column, []).append(r)
    found: list[Restriction] = []
    for c in relation.clustering:
        own = by_column.get(c.column, [])
        if not own or any(r.operator not in {"=", "IN", "<", "<=", ">", ">="} for r in own):
            break
        found += own
        if any(r.operator not in {"=", "IN"} for r in own):
            break
    return found


def _is_gapped(relation: Relation, read: Read) -> bool:
    """Whether clustering columns are restricted, and one of them behind a range or a free one."""
    prefix = {r.column for r in _prefix(relation, read)}
    restricted = {r.column for r in read.restrictions}
    return (
        bool(prefix)
        and any(c.column in restricted - prefix for c in relation.clustering)
        and set(relation.keys) <= restricted
    )


def _unserved(relation: Relation, read: Read) -> tuple[list[Restriction], list[str]]:
    """Restrictions that need filtering, and the indexes that are used."""
    equal = {r.column for r in read.restrictions if r.operator == "="}
    rest = list(read.restrictions)
    if set(relation.keys) <= equal:
        rest = [r for r in rest if r.column not in relation.keys]
        prefix = _prefix(relation, read)
        rest = [r for r in rest if r not in prefix]
    used: list[Index] = []
    left = []
    for r in rest:
        index = next((i for i in relation.indexes if i.column == r.column and _serves(i, r)), None)
        if index is None:
            left.append(r)
        else:
            used.append(index)
    sai = [i for i in used if i.kind == "sai"]
    others = [i for i in used if i.kind != "sai"]
    if len({i.name for i in others}) > (0 if sai else 1):
        left += [r for r in rest if any(i.column == r.column for i in others)][1:]
    return left, [i.name for i in used]


_SAI_NO_RANGE = ("text", "uuid", "boolean")


def _serves(index: Index, r: Restriction) -> bool:
    match r.operator:
        case "CONTAINS":
            return index.target == "values"
        case "CONTAINS KEY":
            return index.target == "keys"
        case "ENTRY":
            return index.target == "entries"
        case "LIKE":
            return index.kind == "sasi"
        case "=":
            return not index.target
        case "IN":
            return False
        case _:
            return (
                not index.target and index.kind != "legacy" and not isinstance(r.value, str | bool)
            )


def _merged(streams: list[list[tuple[Any, ...]]], terms: Any) -> list[tuple[Any, ...]]:
    """Rows of ordered streams in one order; fails where a stream is not in it."""

    def place(row: tuple[Any, ...]) -> Any:
        return [_Down(row[t.position]) if t.descending else row[t.position] for t in terms]

    for rows in streams:
        assert rows == sorted(rows, key=place), "a stream is not in the order of the merge"
    found = [row for rows in streams for row in rows]
    return sorted(found, key=place)
