"""Models and data sources side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler.errors import DuplicateKeyError
from juggler_conformance.definitions import ldl
from juggler_conformance.plain import plain_row
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import rows

if TYPE_CHECKING:
    from juggler_conformance.session import Draw, Session


@conforms(
    "core",
    keeps=True,
    usually="a table, an index or a setting shared between models or data sources",
)
def models_and_sources_stay_apart(session: Session) -> None:
    """Two models of one form on each of two data sources: what is written to one is in no other."""
    shape = session.shapes[0]
    other = session.another()
    places: list[tuple[Any, Any]] = []
    try:
        for source, tag in ((session, "one"), (other, "two")):
            for copy in ("A", "B"):
                name = f"{shape.name}{copy}"
                table = f"{session.prefix}{name}_{tag}".lower()
                model = source.db.from_ldl(ldl(shape, name=name, table=table))
                source.db.autoupdate(name)
                places.append((source, model))
        _write_and_compare(session, shape, places)
    finally:
        other.close()


def _refused(source: Session, put: tuple[Any, ...]) -> None:
    """Models that share keys, as their store says, refuse each other's."""
    try:
        source.colours.call(*put)
    except DuplicateKeyError as error:
        source.reach.refusal(error)
    else:
        message = "a row of another model was overwritten"
        raise AssertionError(message)


def _write_and_compare(session: Session, shape: Any, places: list[tuple[Any, Any]]) -> None:
    def body(draw: Draw) -> None:
        written: list[dict[Any, dict[str, Any]]] = [{} for _ in places]
        try:
            # Inside the try: an example may be given up in the middle of a draw.
            for _ in range(draw(st.integers(1, 6))):
                _put(
                    session, draw(st.integers(0, len(places) - 1)), places, written, draw(new_rows)
                )
            _compare(shape, places, written)
        finally:
            for (source, model), expected in zip(places, written, strict=True):
                source.inside.delete(source.inside.spec(model), list(expected))

    new_rows = rows(shape, session.limits)
    session.examples(body, scale=0.3)


def _put(
    session: Session,
    at: int,
    places: list[tuple[Any, Any]],
    written: list[dict[Any, dict[str, Any]]],
    row: dict[str, Any],
) -> None:
    source, model = places[at]
    key = tuple(row[name] for name in source.inside.spec(model).key.names)
    put = (model, "replace_or_create", dict(row))
    taken = any(key in others for i, others in enumerate(written) if i != at)
    if taken and session.caps.key_limits.get("shared"):
        _refused(source, put)
        return
    written[at][key] = row
    source.colours.call(*put)


def _compare(
    shape: Any, places: list[tuple[Any, Any]], written: list[dict[Any, dict[str, Any]]]
) -> None:
    for (_, model), expected in zip(places, written, strict=True):
        found = {
            tuple(plain_row(instance)[name] for name in shape.key_names)
            for instance in model.find()
        }
        assert found == set(expected), f"{model.__name__}: {found!r} instead of {set(expected)!r}"
        assert model.count() == len(expected)
