"""A bench: a model and its reference, side by side; every call is made on both and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from juggler import Query
from juggler.errors import DuplicateKeyError, JugglerError, NotFoundError
from juggler.query.tree import TRUE, Where
from juggler_conformance.oracle import Table, same_row
from juggler_conformance.oracle.table import Refused
from juggler_conformance.plain import plain_row, row_of_tuple
from juggler_conformance.strategies.queries import DrawnQuery
from juggler_conformance.strategies.spelling import (
    Chooser,
    first,
    literal,
    spelled_row,
    spelled_where,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from juggler.connector.plan import Plan
    from juggler_conformance.session import Session
    from juggler_conformance.shapes import Shape

    Row = Mapping[str, Any]
    Key = tuple[Any, ...]


class Bench:
    """One shape's model in the store (``model``) and in the reference (``table``).

    Methods that write or read do it on both and raise AssertionError when they differ.
    """

    def __init__(self, session: Session, shape: Shape, variable: str = "M") -> None:
        self.session = session
        self.shape = shape
        self.variable = variable
        self.model = session.model(shape)
        self.spec = session.inside.spec(self.model)
        self.caps = session.inside.capabilities(self.spec)
        self.table = Table(
            shape.key_names,
            tuple(shape.types),
            empty_is_null=session.limits.empty_is_null,
            keeps=session.limits.keeps,
        )
        self.touched: dict[Key, None] = {}
        session.journal.model(shape.name, session.document(shape), variable)
        session.journal.lines.append("db.autoupdate()")

    def clear(self) -> None:
        """Remove every row that the example may have made."""
        if self.touched:
            self.session.inside.delete(self.spec, list(self.touched))
        self.touched.clear()

    # ------------------------------------------------------------ calls

    def call(self, name: str, *args: Any, owner: Any = None, said: str = "", **options: Any) -> Any:
        """An operation of the model (or of ``owner``) in the session's colour, written down."""
        colours = self.session.colours
        is_async = colours.next_is_async()
        said = (
            f"{said or self.variable}.aio.{name}" if is_async else f"{said or self.variable}.{name}"
        )
        self.session.journal.call(said, *args, _await=is_async, **options)
        return colours.perform(
            self.model if owner is None else owner, name, args, options, is_async=is_async
        )

    def refused(
        self, kind: type[JugglerError], name: str, *args: Any, **options: Any
    ) -> JugglerError:
        """The typed refusal of a call that has to be refused."""
        try:
            answer = self.call(name, *args, **options)
        except kind as error:
            self.session.reach.refusal(error)
            self.session.journal.refused()
            return error
        message = f"{name} has to raise {kind.__name__}, and returned {answer!r}"
        raise AssertionError(message)

    def id_of(self, key: Key) -> Any:
        """A key as an argument: its value, or a tuple in key order."""
        return key[0] if len(key) == 1 else key

    # ------------------------------------------------------------ writing

    def load(self, rows: Iterable[Row]) -> None:
        """Rows with different keys, in one bulk."""
        batch = list(rows)
        self._touch(batch)
        result = self.call("create_all", [spelled_row(row) for row in batch])
        for row in batch:
            self.table.insert(row)
        assert result.created == len(batch), f"{result.created} of {len(batch)} rows were created"

    def create(self, row: Row, choose: Chooser = first) -> Any:
        """``create``: a new row, or DuplicateKeyError."""
        self._touch([row])
        try:
            expected = self.table.insert(row)
        except Refused:
            return self.refused(DuplicateKeyError, "create", spelled_row(row, choose))
        made = self.call("create", spelled_row(row, choose))
        return self._same(made, expected, "create")

    def put(self, row: Row, choose: Chooser = first) -> Any:
        """``replace_or_create``: the whole row, whatever is there."""
        self._touch([row])
        expected = self.table.put(row)
        return self._same(self.call("replace_or_create", spelled_row(row, choose)), expected, "put")

    def replace(self, row: Row, choose: Chooser = first) -> Any:
        """``replace_by_id``: the whole row, or NotFoundError."""
        self._touch([row])
        key = self.id_of(self.table.key_of(row))
        values = {name: v for name, v in row.items() if name not in self.shape.key_names}
        try:
            expected = self.table.replace(row)
        except Refused:
            return self.refused(NotFoundError, "replace_by_id", key, spelled_row(values, choose))
        made = self.call("replace_by_id", key, spelled_row(values, choose))
        return self._same(made, expected, "replace_by_id")

    def upsert(self, row: Row, choose: Chooser = first) -> Any:
        """``upsert``: the given properties of the row, or a new row."""
        self._touch([row])
        expected = self.table.upsert(row, {})
        return self._same(self.call("upsert", spelled_row(row, choose)), expected, "upsert")

    def patch(self, key: Key, values: Row, choose: Chooser = first) -> Any:
        """``patch`` of the stored instance."""
        instance = self.get(key)
        if instance is None:
            return None
        expected = self.table.patch(key, values)
        said = f"{self.variable}.find_by_id({literal(self.id_of(key))})"
        made = self.call("patch", spelled_row(values, choose), owner=instance, said=said)
        return self._same(made, expected, "patch")

    def delete(self, key: Key) -> None:
        """``delete_by_id``."""
        there = self.table.delete(key)
        answer = self.call("delete_by_id", self.id_of(key))
        known = self.session.caps.affected.get("kind", "exact") == "exact"
        assert answer is there or (answer is None and not known), (
            f"delete_by_id said {answer!r}, the row was {'there' if there else 'not there'}"
        )

    def update_all(self, where: Where, values: Row, choose: Chooser = first) -> None:
        """``update_all`` by a condition."""
        expected = self.table.patch_where(where, values)
        spelled = spelled_where(where, choose)
        answer = self.call("update_all", spelled, spelled_row(values, choose), all=True)
        self._counted(answer, expected, "update_all")

    def delete_all(self, where: Where, choose: Chooser = first) -> None:
        """``delete_all`` by a condition."""
        expected = self.table.delete_where(where)
        spelled = spelled_where(where, choose)
        answer = self.call("delete_all", spelled, all=True)
        self._counted(answer, expected, "delete_all")

    def _counted(self, answer: Any, expected: int, what: str) -> None:
        exact = self.session.caps.affected.get("kind", "exact") == "exact"
        for name in ("matched", "changed"):
            count = getattr(answer, name)
            assert count == expected or (count is None and not exact), (
                f"{what}: {name} is {count!r} instead of {expected}"
            )
        assert answer.conflicts == 0, f"{what}: conflicts without another writer"

    # ------------------------------------------------------------ reading

    def get(self, key: Key) -> Any:
        """``find_by_id``."""
        expected = self.table.get(key)
        found = self.call("find_by_id", self.id_of(key))
        if expected is None:
            assert found is None, (
                f"find_by_id({key!r}) found {plain_row(found)!r}, nothing is there"
            )
            return None
        assert found is not None, f"find_by_id({key!r}) found nothing instead of {expected!r}"
        return self._same(found, expected, "find_by_id")

    def find(self, query: DrawnQuery, choose: Chooser = first, **options: Any) -> list[Any]:
        """``find``: the rows of a query, in its order."""
        filter_ = filter_of(query, choose)
        found = self.call("find", filter_, **options)
        self.compare(query, [plain_row(instance, query.fields) for instance in found])
        return list(found)

    def compare(self, query: DrawnQuery, rows: Sequence[Row]) -> None:
        """Hold the rows of an answer against the reference model's."""
        whole = self.table.find(query.where, query.full_order, fields=query.fields, near=query.near)
        end = None if query.limit is None else query.skip + query.limit
        expected = whole[query.skip : end]
        assert len(rows) == len(expected), (
            f"{len(rows)} rows instead of {len(expected)}:\n"
            f"  got  {list(rows)!r}\n  want {expected!r}"
        )
        if query.full_order:
            for at, (got, want) in enumerate(zip(rows, expected, strict=True)):
                assert self.same(got, want), f"row {at} is {got!r} instead of {want!r}"
            return
        left = list(whole)
        for got in rows:
            at_ = next((i for i, want in enumerate(left) if self.same(got, want)), None)
            assert at_ is not None, f"{got!r} does not belong to the answer, or is there twice"
            left.pop(at_)

    def count(self, where: Where, choose: Chooser = first) -> None:
        """``count``."""
        answer = self.call("count", spelled_where(where, choose))
        assert answer == self.table.count(where), (
            f"count {answer} instead of {self.table.count(where)}"
        )

    def check(self) -> None:
        """The whole store against the whole reference."""
        self.find(DrawnQuery(TRUE))

    # ------------------------------------------------------------ plans

    def explain(self, query: DrawnQuery, **options: Any) -> Any:
        """``explain``."""
        return self.call("explain", filter_of(query), **options)

    def plan(self, query: DrawnQuery) -> Plan:
        """The connector's plan of a query with all fields, without the guard."""
        filter_ = filter_of(evolve(query, fields=None))
        self.session.journal.call("M.explain", filter_)
        return Query.of(self.model, filter_).explain().plan  # type: ignore[no-any-return]

    def fetch(self, plan: Plan, want: int) -> list[dict[str, Any]]:
        """All rows that a plan fetches, ``want`` at a time, before the core touches them."""
        rows = self.session.inside.rows(plan, want)
        return [row_of_tuple(plan.fields, row) for row in rows]

    # ------------------------------------------------------------ helpers

    @property
    def everything(self) -> Where:
        """The condition that every row fulfils."""
        return TRUE

    @property
    def text(self) -> str:
        """A text property that is no key."""
        kinds = {name: str(self.shape.types[name].kind) for name in self.shape.plain_names}
        return next(name for name, kind in kinds.items() if kind == "string")

    def same(self, got: Row, want: Row) -> bool:
        """Whether two rows are the same for this connector."""
        return same_row(got, want, empty_is_null=self.session.limits.empty_is_null)

    def _same(self, instance: Any, expected: Row, what: str) -> Any:
        got = plain_row(instance)
        assert self.same(got, expected), f"{what} gave {got!r} instead of {dict(expected)!r}"
        return instance

    def _touch(self, rows: Iterable[Row]) -> None:
        self.touched.update(dict.fromkeys(self.table.key_of(row) for row in rows))


def shown(plan: Plan) -> str:
    """A plan in two lines, for a message."""
    query = plan.query
    asked = f"where {query.where} order {query.order} limit {query.limit} skip {query.skip}"
    done = f"pushed {plan.pushed} residual {plan.residual} order {plan.order}"
    limit = "limit pushed" if plan.limit_pushed else "limit not pushed"
    return f"{asked}\nplan {plan.path}, {plan.guarantee}: {done}, {limit}"


def filter_of(query: DrawnQuery, choose: Chooser = first) -> dict[str, Any]:
    """A query as a LoopBack filter."""
    data: dict[str, Any] = {}
    if query.where is not TRUE:
        data["where"] = spelled_where(query.where, choose)
    if query.order:
        terms = [f"{path} {way.upper()}" for path, way in query.order]
        bare = [path if way == "asc" else f"{path} DESC" for path, way in query.order]
        data["order"] = choose([terms, ", ".join(bare), bare, ",".join(terms)])
    if query.limit is not None:
        data["limit"] = query.limit
    if query.skip:
        data[choose(["skip", "offset"])] = query.skip
    if query.fields is not None:
        data["fields"] = choose([list(query.fields), dict.fromkeys(query.fields, True)])
    return data
