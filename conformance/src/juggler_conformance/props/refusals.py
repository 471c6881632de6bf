"""What nobody can mean: refused before any request, with a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import InvalidQueryError, InvalidValueError, JugglerError
from juggler_conformance.registry import conforms
from juggler_conformance.strategies import rows

if TYPE_CHECKING:
    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Draw, Session
    from juggler_conformance.shapes import Shape


@conforms("core", usually="an unknown word is dropped, and the query or the delete gets wider")
def mistakes_are_refused(session: Session) -> None:
    """Unknown properties, operators, options, directions and shapes are refused, unsent."""

    def body(draw: Draw) -> None:
        for shape in session.shapes:
            with session.bench(shape) as bench:
                bench.create(draw(rows(shape, session.limits)))
                for name, *args in _mistakes(shape):
                    _refused_unsent(bench, InvalidQueryError, name, *args)
                bench.check()

    session.examples(body, scale=0.1)


@conforms("core", usually="a write by condition without one runs on every row")
def everything_has_to_be_said(session: Session) -> None:
    """delete_all and update_all without a condition are refused unless all=True."""

    def body(draw: Draw) -> None:
        for shape in session.shapes:
            with session.bench(shape) as bench:
                bench.create(draw(rows(shape, session.limits)))
                name = shape.plain_names[-1]
                nothing: tuple[tuple[Any, ...], ...] = ((), ({},), ({"and": []},))
                for where in nothing:
                    _refused_unsent(bench, InvalidQueryError, "delete_all", *where)
                empties: tuple[Any, ...] = ({}, {"and": []})
                for empty in empties:
                    _refused_unsent(bench, InvalidQueryError, "update_all", empty, {name: None})
                bench.check()

    session.examples(body, scale=0.1)


@conforms("core", usually="values reach the store as they were given")
def bad_values_are_refused(session: Session) -> None:
    """Values that do not fit their property are refused unsent, in writes and in filters."""

    def body(draw: Draw) -> None:
        for shape in session.shapes:
            with session.bench(shape) as bench:
                row = draw(rows(shape, session.limits))
                bench.create(row)
                key = {name: row[name] for name in shape.key_names}
                for name, value in _bad_values(shape):
                    for call in ("create", "upsert", "replace_or_create"):
                        _refused_unsent(bench, InvalidValueError, call, {**key, name: value})
                    _refused_unsent(bench, JugglerError, "update_all", {}, {name: value})
                    _refused_unsent(bench, InvalidQueryError, "find", {"where": {name: value}})
                _refused_unsent(bench, JugglerError, "update_all", {}, _new_key(shape))
                bench.check()

    session.examples(body, scale=0.1)


def _mistakes(shape: Shape) -> list[tuple[Any, ...]]:
    """Calls that are wrong in one point each."""
    name = shape.plain_names[0]
    key = shape.key_names[0]
    wrong: list[dict[str, Any]] = [
        {key: {"foo": 1}},
        {key: {"$gt": 1}},
        {"$where": "1"},
        {key: {}},
        {key: {"gt": None}},
        {key: {"between": [1]}},
        {key: {"between": [None, None]}},
        {key: {"inq": 5}},
        {key: {"like": 5}},
        {key: {"regexp": "("}},
        {key: {"regexp": "/a/xyz"}},
        {key: {"exists": "maybe"}},
        {key: {"near": "nowhere"}},
        {"and": {}},
        {"or": [None]},
        {"": 1},
    ]
    if not shape.open:
        wrong += [{"nope": 1}, {f"{key}.nope": 1}]
    calls: list[tuple[Any, ...]] = []
    for where in wrong:
        calls += [("find", {"where": where}), ("count", where), ("delete_all", where)]
        calls += [("update_all", where, {name: None})]
    filters: list[dict[str, Any]] = [
        {"wehre": {}},
        {"limit": -1},
        {"limit": "many"},
        {"limit": 1.5},
        {"limit": True},
        {"skip": -1},
        {"skip": 1, "offset": 2},
        {"order": f"{key} SIDEWAYS"},
        {"order": f"{key} DESC please"},
        {"order": 5},
        {"fields": {key: True, name: False}},
        {"fields": 5},
    ]
    if not shape.open:
        filters += [{"order": "nope"}, {"fields": ["nope"]}]
    calls += [("find", filter_) for filter_ in filters]
    return [*calls, ("count", {"where": {key: 1}}), ("delete_all", {"where": {key: 1}})]


_BAD: dict[str, tuple[Any, ...]] = {
    "integer": ("", "abc", 1.5, True, {}, "1e3", float("nan")),
    "number": ("", "abc", True, float("nan"), float("inf"), "0x10", {}),
    "boolean": ("yes", "", 2, "TRUE", {}),
    "datetime": ("", "yesterday", "2020-13-01", {}),
    "dateonly": ("", "2020-1-1", 5, "2020-13-01"),
    "string": ({}, [], b"x"),
    "uuid": ("", "123", 5),
    "buffer": ("!", 5),
    "decimal": ("", "abc", True, "NaN", float("inf")),
    "geopoint": ("", "91,0", (0, 181), {"lat": 1}, 5),
    "array": ("abc", 5),
}


def _bad_values(shape: Shape) -> list[tuple[str, Any]]:
    # In a filter a list or an object means more than a value; arrays take their elements.
    return [
        (name, value)
        for name in shape.plain_names
        if shape.types[name].kind != "array"
        for value in _BAD.get(str(shape.types[name].kind), ())
        if not isinstance(value, dict | list)
    ]


def _new_key(shape: Shape) -> dict[str, Any]:
    return {shape.key_names[0]: 77 if shape.types[shape.key_names[0]].kind == "integer" else "zz"}


def _refused_unsent(bench: Bench, kind: type[JugglerError], name: str, *args: Any) -> None:
    with bench.session.recording() as recorder:
        error = bench.refused(kind, name, *args)
    assert not recorder.hooks, f"{name}{args!r} was refused only after {recorder.hooks}"
    assert error.code, f"{error!r} has no code"
    bench.session.reach.saw("mistake", error.code)
