from __future__ import annotations

import re
from typing import Any

import pytest
from environment import ROOT

from juggler import GeoPoint, Model, Prop, connect, prop
from juggler.query import Condition

TABLE = re.compile(r"## The operators\n(.*?)\n```", re.DOTALL)
SPAN = re.compile(r"`([^`]+)`")


class User(Model):
    id: Prop[int] = prop(id=True)
    name: Prop[str]
    age: Prop[int | None] = prop(default=None)
    email: Prop[str | None] = prop(default=None)
    tags: Prop[list[str]] = prop(default_factory=list)
    home: Prop[GeoPoint | None] = prop(default=None)
    prefs: Prop[dict[str, Any]] = prop(default_factory=dict)


ROWS: list[dict[str, Any]] = [
    {
        "id": 1,
        "name": "Ann",
        "age": 41,
        "email": "a@x.org",
        "tags": ["admin"],
        "home": (52.5, 13.4),
    },
    {
        "id": 2,
        "name": "anna",
        "age": 17,
        "tags": ["dev"],
        "home": (48.9, 2.3),
        "prefs": {"lang": "fr"},
    },
    {"id": 3, "name": "Bob", "age": 18, "email": "", "tags": ["dev", "x"]},
    {"id": 4, "name": "A", "home": (52.4, 13.1)},
]
NAMES = {
    "User": User,
    "re": re,
    "p": GeoPoint(52.39, 13.06),
    "a": User.age > 18,
    "b": User.name.like("A%"),
}


def lines() -> list[tuple[list[Any], list[Any]]]:
    """Per line of the table: the typed conditions and the dictionaries that can be evaluated."""
    (table,) = TABLE.findall((ROOT / "docs" / "queries.md").read_text(encoding="utf-8"))
    found = []
    for line in table.splitlines():
        cells = re.split(r"(?<!\\)\|", line)[1:-1]
        if len(cells) == 3 and "`" in cells[0]:
            found.append((values(cells[0], Condition), values(cells[1], dict)))
    return found


def values(cell: str, kind: type) -> list[Any]:
    made = []
    for span in SPAN.findall(cell.replace("\\|", "|")):
        try:
            value = eval(span, dict(NAMES))  # noqa: S307 - our own page
        except (SyntaxError, NameError):
            continue  # an operator alone, or an ellipsis
        if isinstance(value, kind):
            made.append(value)
    return made


@pytest.fixture(autouse=True)
def users() -> None:
    db = connect("memory:")
    db.attach(User)
    User.create_all(ROWS)


def test_the_spellings_of_a_line_mean_the_same() -> None:
    assert len(lines()) >= 19  # a line that cannot be read would be left out silently
    for typed, plain in lines():
        assert typed
        assert plain
        answers = {tuple(User.where(condition).order("id").ids()) for condition in typed + plain}
        assert len(answers) == 1, (typed, plain)


def test_each_line_tells_rows_apart() -> None:
    for typed, _ in lines():
        assert 0 < User.where(typed[0]).count() < len(ROWS), typed
