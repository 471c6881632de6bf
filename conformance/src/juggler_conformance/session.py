"""A session: one data source, the models on it, and what was reached so far."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field
from hypothesis import given, seed
from hypothesis import strategies as st

from juggler import connect
from juggler.connector import mask_url
from juggler.model.types_of import named
from juggler.values.types import TypeKind, simple
from juggler_conformance.colours import COLOURS, Colours
from juggler_conformance.definitions import ldl
from juggler_conformance.inside import Inside
from juggler_conformance.journal import Journal
from juggler_conformance.limits import Limits
from juggler_conformance.pace import LEAST, Enough, Pace
from juggler_conformance.reach import Reach
from juggler_conformance.shapes import GENERATED, claimed
from juggler_conformance.strategies.worlds import populate
from juggler_conformance.world import Models, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from juggler import DataSource
    from juggler.connector.capabilities import Capabilities
    from juggler.connector.port import Recorder
    from juggler_conformance.bench import Bench
    from juggler_conformance.colours import Colour
    from juggler_conformance.profiles import Profile
    from juggler_conformance.shapes import Shape

    Draw = Callable[[st.SearchStrategy[Any]], Any]


@define
class Target:
    """What is tested: anything that ``juggler.connect`` takes, and its settings."""

    target: Any
    settings: dict[str, Any] = field(factory=dict)

    def open(self, **options: Any) -> DataSource:
        """A new data source."""
        return connect(self.target, dict(self.settings) or None, **options)

    def source(self, db: DataSource) -> str:
        """The arguments of ``connect`` as Python source; of settings only what ``db`` shows."""
        target = self.target
        name = mask_url(target) if isinstance(target, str) else getattr(target, "__name__", "…")
        told = db.settings
        shown = {str(value) for value in told.values()}
        given = {
            name: value if str(value) in shown and told.get(name) != "***" else "***"
            for name, value in self.settings.items()
        }
        return f"{name!r}, {given!r}" if given else repr(name)


class Session:
    """Everything that a property needs.

    Args:
        target: what is tested.
        profile: how hard to look.
        prefix: put before storage names, so that two runs on one server stay apart.
        options: more for ``connect``.

    Attributes:
        db: the data source.
        caps: what the connector claims.
        limits: the same, for the generators.
        shapes: the models of the catalogue that it claims.
        reach: what the examples reached.
        journal: what the current example did.
        colours: calls operations in the current colour.
        pace: the time of the current property.
    """

    def __init__(self, target: Target, profile: Profile, prefix: str = "", **options: Any) -> None:
        self.target = target
        self.profile = profile
        self.prefix = (
            prefix or f"conf_{os.environ.get('PYTEST_XDIST_WORKER', '')}".rstrip("_") + "_"
        )
        self.colours = Colours()
        self.reach = Reach()
        self.db = target.open(**options)
        self.journal = Journal(target.source(self.db))
        self.inside = Inside(self.db)
        self.db.ping()  # a server may refine what the connector claims
        self.caps: Capabilities = self.inside.capabilities(None)
        self.limits = Limits.of(self.caps)
        self.shapes = claimed(self.caps)
        self.pace = Pace(profile.seconds)
        self._models: dict[str, Any] = {}
        self._related: Models | None = None
        self._property = ""

    # ------------------------------------------------------------ models

    def document(self, shape: Shape) -> dict[str, Any]:
        """The LDL document of a shape in this session."""
        document = ldl(shape, table=f"{self.prefix}{shape.name}".lower())
        options = self.caps.key_limits.get("apart")
        if shape.apart and options:
            document[self.inside.name] = dict(options)
        return document

    def model(self, shape: Shape) -> Any:
        """The model class of a shape; its table is made on first use and emptied."""
        model = self._models.get(shape.name)
        if model is None:
            model = self.db.from_ldl(self.document(shape))
            self.db.autoupdate(shape.name)
            with self.db.options(allow_scan=True):
                model.delete_all(all=True)
            self._models[shape.name] = model
        return model

    def shape(self, name: str) -> Shape | None:
        """The shape of that name, None when the connector does not claim it."""
        return next((shape for shape in self.shapes if shape.name == name), None)

    def simple(self) -> Shape:
        """A shape with one text as its key: every connector has one."""
        for shape in self.shapes:
            if shape.key_names == ("id",) and shape.types["id"].kind is TypeKind.STRING:
                return shape
        message = f"{self.inside.name} claims no model with a text as its key"
        raise AssertionError(message)

    def generated(self) -> Shape:
        """A shape whose key is injected, of the connector's own kind."""
        kind = named(self.inside.info.default_id_type).type
        return evolve(GENERATED, types={"id": kind, "name": simple(TypeKind.STRING)})

    def another(self, **options: Any) -> Session:
        """A session of its own on a second data source of the same kind."""
        return Session(self.target, self.profile, f"{self.prefix}other_", **options)

    # ------------------------------------------------------------ examples

    def begin(self, name: str) -> None:
        """A property begins: its name seeds the generators, and its time begins."""
        self._property = name
        self.pace = Pace(self.profile.seconds)

    def examples(
        self,
        body: Callable[[Draw], None],
        *,
        scale: float = 1.0,
        part: str = "",
        least: int = LEAST,
    ) -> None:
        """Run ``body(draw)`` on many examples; a failure carries the program that shows it.

        Args:
            body: draws what it needs and asserts.
            scale: multiplies the profile's number of examples.
            part: tells several calls of one property apart.
            least: so many are run even when the property's time is over.
        """

        def example(data: Any) -> None:
            self.journal.clear()
            colour = data.draw(st.sampled_from(COLOURS))
            self.colours.begin(colour)
            self.reach.saw("colour", colour)
            with self.explained(), self.db.options(allow_scan=True):
                body(data.draw)
            self.pace.ended(settings.max_examples, least)

        settings = self.profile.settings(scale)
        test = seed(self.profile.seed_of(self._property + part))(given(st.data())(example))
        with suppress(Enough):
            settings(test)()

    def fresh(self, colour: Colour = "sync") -> None:
        """Begin an example that is not drawn."""
        self.journal.clear()
        self.colours.begin(colour)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Give an error the program that leads to it."""
        try:
            yield
        except Exception as error:
            if type(error).__module__.split(".")[0] != "hypothesis":
                self.pace.failed = True
                error.add_note(self.journal.program())
            raise

    def enter(self, shape: Shape, variable: str = "M") -> Bench:
        """An empty table of a shape beside an empty reference model; to be cleared afterwards."""
        from juggler_conformance.bench import Bench  # noqa: PLC0415 - it imports this module

        return Bench(self, shape, variable)

    @contextmanager
    def bench(self, shape: Shape) -> Iterator[Bench]:
        """A bench that is cleared at the end."""
        bench = self.enter(shape)
        try:
            yield bench
        finally:
            bench.clear()

    @property
    def related(self) -> Models:
        """The related models; made on first use."""
        if self._related is None:
            self._related = Models(self)
        return self._related

    @contextmanager
    def world(self, draw: Draw | None, *tables: str) -> Iterator[World]:
        """Related rows of some models, drawn and stored (none without ``draw``); removed after."""
        world = World(self, self.related, tables)
        try:
            if draw is not None:
                populate(draw, world)
            yield world
        finally:
            world.clear()

    @contextmanager
    def recording(self) -> Iterator[Recorder]:
        """Record the requests that reach the store."""
        with self.inside.recording() as recorder:
            try:
                yield recorder
            finally:
                for call in recorder.calls:
                    self.journal.sent(call.statements)

    def close(self) -> None:
        """Close the data source."""
        try:
            self.db.close()
        finally:
            self.colours.close()
