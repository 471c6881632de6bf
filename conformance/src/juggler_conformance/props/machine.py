"""Programs: any operations in any order, in each colour and in both mixed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hypothesis import seed
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from juggler.errors import ConflictError, NotFoundError
from juggler_conformance.pace import Enough
from juggler_conformance.plain import plain_row
from juggler_conformance.props._draws import a_row
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import keys, patches, queries, rows
from juggler_conformance.strategies.conditions import conditions

if TYPE_CHECKING:
    from juggler_conformance.colours import Colour
    from juggler_conformance.session import Session


@conforms("core", usually="state kept between calls: caches, versions, indexes not updated")
def programs(session: Session) -> None:
    """Any program of blocking calls leaves the store as the reference model says."""
    _run(session, "sync")


@conforms("core", usually="as programs; a result that is awaited where none is, or never")
def programs_async(session: Session) -> None:
    """Any program of awaited calls leaves the store as the reference model says."""
    _run(session, "aio")


@conforms("core", usually="the two colours do not share what they have to share")
def programs_mixed(session: Session) -> None:
    """Any program in which both colours take turns leaves the store as the reference model says."""
    _run(session, "mixed")


def _run(session: Session, colour: Colour) -> None:
    def machine() -> RuleBasedStateMachine:
        session.journal.clear()
        session.colours.begin(colour)
        session.reach.saw("colour", colour)
        return Programs(session)

    seeded: Any = seed(session.profile.seed_of(colour))(machine)
    with suppress(Enough), session.db.options(allow_scan=True):
        run_state_machine_as_test(seeded, settings=session.profile.machine())


class Programs(RuleBasedStateMachine):
    """Operations on one shape; ``held`` are instances that were read earlier."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.held: list[tuple[Any, int]] = []

    @initialize(data=st.data())
    def begin(self, data: Any) -> None:
        """Choose the shape of this program."""
        shape = data.draw(st.sampled_from(self.session.shapes))
        self.session.reach.saw("shape", shape.name)
        self.bench = self.session.enter(shape)

    def teardown(self) -> None:
        """Empty the table."""
        if hasattr(self, "bench"):
            self.bench.clear()
        self.session.pace.ended(self.session.profile.programs)

    @rule(data=st.data(), kind=st.sampled_from(("create", "put", "replace", "upsert")))
    def write(self, data: Any, kind: str) -> None:
        """Write a row by its key."""
        with self.session.explained():
            made = getattr(self.bench, kind)(a_row(data.draw, self.bench))
            if not isinstance(made, Exception):
                self._hold(made)

    @rule(data=st.data())
    def patch(self, data: Any) -> None:
        """Patch a stored row."""
        with self.session.explained():
            key = self._key(data)
            self.bench.patch(key, data.draw(patches(self.bench.shape, self.session.limits)))

    @rule(data=st.data())
    def delete(self, data: Any) -> None:
        """Delete by key."""
        with self.session.explained():
            self.bench.delete(self._key(data))

    @rule(data=st.data())
    def bulk(self, data: Any) -> None:
        """Create rows that are not there, in one bulk."""
        with self.session.explained():
            batch = data.draw(st.lists(rows(self.bench.shape, self.session.limits), max_size=4))
            fresh = {self.bench.table.key_of(row): row for row in batch}
            self.bench.load(row for key, row in fresh.items() if key not in self.bench.table.rows)

    @rule(data=st.data())
    def save_held(self, data: Any) -> None:
        """Change an instance that was read earlier: written, in conflict, or gone."""
        if not self.held:
            return
        with self.session.explained():
            at = data.draw(st.integers(0, len(self.held) - 1))
            instance, written = self.held[at]
            key = self.bench.table.key_of(plain_row(instance))
            values = data.draw(patches(self.bench.shape, self.session.limits))
            self._save(instance, key, values, written)
            self.held.pop(at)

    def _save(self, instance: Any, key: Any, values: dict[str, Any], written: int) -> None:
        bench = self.bench
        stored = bench.table.rows.get(key)
        stale = bench.table.changes.get(key) != written
        try:
            bench.call("patch", values, owner=instance, said="held")
        except NotFoundError as error:
            assert stored is None, f"{error!r}, and the row is there"
            self.session.reach.refusal(error)
        except ConflictError as error:
            assert stale, f"{error!r}, and nobody changed the row since"
            self.session.reach.refusal(error)
        else:
            assert stored is not None, "patch() of a row that is gone went through"
            if bench.caps.versions and stale:
                same = bench.same(plain_row(instance), {**stored, **values})
                assert same, "a stale instance overwrote a newer row without a ConflictError"
            bench.table.patch(key, values)

    @rule(data=st.data())
    def by_condition(self, data: Any) -> None:
        """Change or delete all rows of a condition."""
        with self.session.explained():
            bench, session = self.bench, self.session
            where = data.draw(
                conditions(
                    bench.shape,
                    list(bench.table.rows.values()),
                    session.limits,
                    geo=bool(session.caps.geo),
                    nested=bool(session.caps.nested_paths),
                )
            )
            if data.draw(st.booleans()):
                bench.update_all(where, data.draw(patches(bench.shape, session.limits)))
            else:
                bench.delete_all(where)

    @rule(data=st.data())
    def find(self, data: Any) -> None:
        """Ask a query and count the same condition."""
        with self.session.explained():
            stored = list(self.bench.table.rows.values())
            query = data.draw(
                queries(self.bench.shape, stored, self.session.limits, self.session.caps)
            )
            found = self.bench.find(query)
            self.bench.count(query.where)
            if found and query.fields is None:
                self._hold(found[0])

    @rule(data=st.data())
    def get(self, data: Any) -> None:
        """Read by key."""
        with self.session.explained():
            found = self.bench.get(self._key(data))
            if found is not None:
                self._hold(found)

    @rule()
    def check(self) -> None:
        """Everything is as the reference says."""
        with self.session.explained():
            self.bench.check()

    def _hold(self, instance: Any) -> None:
        key = self.bench.table.key_of(plain_row(instance))
        self.held.append((instance, self.bench.table.changes.get(key, 0)))

    def _key(self, data: Any) -> Any:
        stored = list(self.bench.table.rows)
        fresh = keys(self.bench.shape, self.session.limits)
        return data.draw(st.sampled_from(stored) | fresh if stored else fresh)
