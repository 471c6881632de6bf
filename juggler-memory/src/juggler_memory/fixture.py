"""The pytest fixture ``juggler_db``: stores for the tests of an application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from juggler import DataSource


@pytest.fixture
def juggler_db() -> Iterator[Callable[..., DataSource]]:
    """Makes data sources in memory for one test and closes them at its end.

    ``juggler_db(User, Post)`` attaches the models; ``juggler_db(User, emulate="cassandra")`` plans,
    refuses and counts as Cassandra would.  Any setting of the memory connector can be given, and
    ``clock``, a function that gives the seconds since the epoch.  Models go back at the end to the
    data source that they had before.
    """
    from juggler import connect  # noqa: PLC0415 - pytest starts fast for those who do not use it

    opened: list[DataSource] = []
    before: list[tuple[Any, Any]] = []

    def make(*models: Any, clock: Callable[[], float] | None = None, **settings: Any) -> DataSource:
        db = connect("memory", settings, **({"clock": clock} if clock else {}))
        opened.append(db)
        for model in models:
            link = getattr(model, "__link__", None)
            before.append((model, getattr(link, "source", None)))
            db.attach(model)
        return db

    yield make
    for model, source in reversed(before):
        if source is not None:
            source.attach(model)
    for db in opened:
        db.close()
