"""Embedded instances that are managed like rows: they are stored with the row that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler.errors import DuplicateKeyError, NotFoundError
from juggler.values.types import TypeKind
from juggler_conformance.plain import plain_value
from juggler_conformance.registry import conforms
from juggler_conformance.shapes import kinds_of
from juggler_conformance.strategies.spelling import literal

if TYPE_CHECKING:
    from juggler_conformance.session import Draw, Session

_NEEDED = {TypeKind.ARRAY, TypeKind.EMBEDDED}
_KEY = {"type": "string", "id": True}
_PART = {"id": _KEY, "sort": "string", "size": "integer"}
_IDS = ("a", "b", "c")
#: The same model in the program of a failure.
_PROGRAM = f"""\
db.define("ConfPart", {_PART!r})
M = db.define("ConfCrate", {{"id": {_KEY!r}, "lid": "ConfPart", "held": ["ConfPart"]}})
M.embeds_one("top", {{"model": "ConfPart", "property": "lid"}})
M.embeds_many("parts", {{"model": "ConfPart", "property": "held"}})
db.autoupdate()""".splitlines()


def _crate(session: Session) -> Any:
    """A model with one embedded instance and with a list of them."""
    model = session.db.get_model("ConfCrate")
    if model is None:
        session.db.define("ConfPart", dict(_PART))
        properties = {"id": _KEY, "lid": "ConfPart", "held": ["ConfPart"]}
        settings = {"tableName": f"{session.prefix}confcrate", "strict": True}
        model = session.db.define("ConfCrate", properties, settings)
        model.embeds_one("top", {"model": "ConfPart", "property": "lid"})
        model.embeds_many("parts", {"model": "ConfPart", "property": "held"})
        session.db.autoupdate("ConfCrate")
    return model


def _call(session: Session, crate: Any, name: str, action: str, *args: Any) -> Any:
    is_async = session.colours.next_is_async()
    way = f"crate.{name}{'.aio' if is_async else ''}{'.' if action else ''}{action}"
    session.journal.call(way, *args, _await=is_async)
    handle = getattr(crate, name)
    return session.colours.perform(handle, action or "__call__", args, {}, is_async=is_async)


@conforms("relations", keeps=True, usually="a change inside of a list that is not seen as a change")
def embedded_instances_are_stored_with_their_row(session: Session) -> None:
    """Creating, changing and deleting embedded instances changes the stored row, and it alone."""
    if not kinds_of(session.caps) >= _NEEDED:
        return
    model = _crate(session)
    spec = session.inside.spec(model)

    def body(draw: Draw) -> None:
        others = [_part("a", 7)]
        rows = [{"id": "k1", "held": []}, {"id": "k2", "held": others}]
        session.journal.lines += [*_PROGRAM, f"M.create_all({rows!r})"]
        try:
            model.create_all(rows)
            held: list[dict[str, Any]] = []
            top: dict[str, Any] | None = None
            for size in range(draw(st.integers(1, 5))):
                crate = model.find_by_id("k1")
                session.journal.lines.append('crate = M.find_by_id("k1")')
                if draw(st.integers(0, 3)):
                    _one_of_many(draw, session, crate, held, size)
                else:
                    top = _one(draw, session, crate, top, size)
                _holds(model, "k1", top, held)
                _holds(model, "k2", None, others)
        finally:
            session.inside.delete(spec, [("k1",), ("k2",)])

    session.examples(body)


def _part(key: str, size: int) -> dict[str, Any]:
    return {"id": key, "sort": "new", "size": size}


def _one_of_many(
    draw: Draw, session: Session, crate: Any, held: list[dict[str, Any]], size: int
) -> None:
    """One operation on the list, and the same on ``held``."""
    key = draw(st.sampled_from(_IDS))
    at = next((i for i, part in enumerate(held) if part["id"] == key), None)
    match draw(st.sampled_from(("create", "create", "update", "delete", "delete_all"))):
        case "create":
            try:
                _call(session, crate, "parts", "create", _part(key, size))
            except DuplicateKeyError as error:
                assert at is not None, f"{error!r}, and there is none"
                session.reach.refusal(error)
                session.journal.refused()
                return
            assert at is None, f"there are two embedded instances {key!r}"
            held.append(_part(key, size))
        case "update":
            try:
                _call(session, crate, "parts", "update_by_id", key, {"size": size})
            except NotFoundError as error:
                assert at is None, f"{error!r}, and it is there"
                session.reach.refusal(error)
                session.journal.refused()
                return
            assert at is not None, f"an embedded instance {key!r} was updated that is not there"
            held[at] = {**held[at], "size": size}
        case "delete":
            gone = _call(session, crate, "parts", "delete_by_id", key)
            assert bool(gone) is (at is not None), f"delete_by_id({key!r}) said {gone!r}"
            held[:] = [part for part in held if part["id"] != key]
        case _:
            where = {"size": {"gt": size - 2}}
            gone = _call(session, crate, "parts", "delete_all", where)
            left = [part for part in held if not part["size"] > size - 2]
            assert gone == len(held) - len(left), f"delete_all({literal(where)}) said {gone!r}"
            held[:] = left


def _one(draw: Draw, session: Session, crate: Any, top: Any, size: int) -> Any:
    """One operation on the single one; what it is then."""
    if draw(st.booleans()):
        gone = _call(session, crate, "top", "delete")
        assert bool(gone) is (top is not None), f"delete() said {gone!r}"
        return None
    if top is not None:
        _call(session, crate, "top", "update", {"size": size})
        return {**top, "size": size}
    _call(session, crate, "top", "create", _part("t", size))
    return _part("t", size)


def _holds(model: Any, key: str, top: Any, held: list[dict[str, Any]]) -> None:
    stored = model.find_by_id(key)
    assert plain_value(stored["lid"]) == top, f"{stored!r} instead of {top!r}"
    got = [plain_value(part) for part in stored["held"] or []]
    assert got == held, f"{got!r} instead of {held!r}"
