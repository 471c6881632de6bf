from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import main
import models
import pytest
import questions
from rich.console import Console
from show import Show

from juggler import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Rows = dict[str, list[dict[str, Any]]]


class Listener(Show):
    """Keeps what a question was answered instead of printing it."""

    def __init__(self) -> None:
        super().__init__(Console(file=io.StringIO()))
        self.found: list[list[Any]] = []
        self.said: list[str] = []

    def table(self, rows: Any, *columns: str) -> None:
        super().table(rows, *columns)
        self.found.append(list(rows))

    def values(self, rows: Iterable[Any], *columns: str, caption: str = "") -> None:
        listed = list(rows)
        super().values(listed, *columns, caption=caption)
        if not caption:
            self.found.append(listed)

    def say(self, text: str) -> None:
        self.said.append(text)


def answer(question: Callable[[Show], None]) -> Listener:
    listener = Listener()
    question(listener)
    return listener


def names(found: list[Any]) -> list[str]:
    return [one["name"] for one in found]


def kilometres(a: dict[str, Any], b: dict[str, Any]) -> float:
    """Great-circle distance on a sphere; rows have their coordinates under several names."""
    first, second = (
        (math.radians(p["latitude"] if "latitude" in p else p["lat"]),
         math.radians(p["longitude"] if "longitude" in p else p["lon"]))
        for p in (a, b)
    )  # fmt: skip
    half = (
        math.sin((second[0] - first[0]) / 2) ** 2
        + math.cos(first[0]) * math.cos(second[0]) * math.sin((second[1] - first[1]) / 2) ** 2
    )
    return 2 * 6371 * math.asin(math.sqrt(half))


reads = pytest.mark.usefixtures("world")
writes = pytest.mark.usefixtures("own_world")


@reads
def test_largest_cities(rows: Rows) -> None:
    (found,) = answer(questions.largest_cities).found
    japan = [c for c in rows["City"] if c["countrycode"] == "JP"]
    assert names(found) == names(sorted(japan, key=lambda c: -c["population"])[:10])


@reads
def test_middle_sized_cities(rows: Rows) -> None:
    (found,) = answer(questions.middle_sized_cities).found
    assert set(names(found)) == {
        c["name"]
        for c in rows["City"]
        if c["countrycode"] == "IT"
        and 200_000 <= c["population"] < 500_000
        and c["name"] != "Trieste"
    }


@reads
def test_spas_and_harbours(rows: Rows) -> None:
    (found,) = answer(questions.spas_and_harbours).found
    expected = [
        c["name"]
        for c in rows["City"]
        if c["countrycode"] == "DE"
        and c["population"] >= 30_000
        and (c["name"].startswith("Bad ") or "hafen" in c["name"])
    ]
    assert names(found) == sorted(expected)
    assert found


@reads
def test_alternate_names(rows: Rows) -> None:
    (found,) = answer(questions.other_names).found
    assert names(found) == ["Munich"]
    (found,) = answer(questions.old_names).found
    assert sorted(names(found)) == sorted(
        c["name"]
        for c in rows["City"]
        if any(n.lower().startswith("constantin") for n in c["alternatenames"])
    )


@reads
def test_euro_countries(rows: Rows) -> None:
    (found,) = answer(questions.euro_countries).found
    euro = [c for c in rows["Country"] if c["currencycode"] == "EUR"]
    euro.sort(key=lambda c: (c["continentcode"], -c["population"], c["iso"]))
    assert names(found) == names(euro[:12])


@reads
def test_pages_of_brazil_follow_each_other(rows: Rows) -> None:
    pages = answer(questions.brazilian_airports).found
    brazil = [a for a in rows["Airport"] if a["country"] == "BR" and a["iata"]]
    brazil.sort(key=lambda a: (a["name"], a["icao"]))
    assert [a["icao"] for page in pages for a in page] == [a["icao"] for a in brazil[:15]]


@reads
def test_new_states_have_their_two_fields() -> None:
    (found,) = answer(questions.new_states).found
    assert [state.to_object() for state in found] == [
        {"code": "NH", "name": "New Hampshire"},
        {"code": "NJ", "name": "New Jersey"},
        {"code": "NM", "name": "New Mexico"},
        {"code": "NY", "name": "New York"},
    ]


@pytest.mark.parametrize(
    ("question", "city", "country", "within"),
    [
        (questions.airports_near_paris, "Paris", "FR", 100),
        (questions.airports_near_basel, "Basel", "CH", 80),
    ],
)
@reads
def test_airports_near_a_city(
    rows: Rows, question: Callable[[Show], None], city: str, country: str, within: int
) -> None:
    (found,) = answer(question).found
    centre = next(c for c in rows["City"] if (c["name"], c["countrycode"]) == (city, country))
    near = [
        a
        for a in rows["Airport"]
        if a["iata"]
        and kilometres(centre, a) <= within
        and (city != "Paris" or a["country"] == "FR")
    ]
    near.sort(key=lambda a: (kilometres(centre, a), a["icao"]))
    assert [a.icao for a in found] == [a["icao"] for a in near]


@reads
def test_big_cities(rows: Rows) -> None:
    (found,) = answer(questions.big_cities).found
    big = [c["countrycode"] for c in rows["City"] if c["population"] > 1_000_000]
    assert dict(found) == {
        "the world": len(big),
        **{code: big.count(code) for code in ("CN", "IN", "BR")},
    }


@reads
def test_neighbours() -> None:
    listener = answer(questions.neighbours)
    assert [c.iso for c in listener.found[0]] == [
        "CH",
        "PL",
        "NL",
        "DK",
        "BE",
        "CZ",
        "LU",
        "FR",
        "AT",
    ]
    assert listener.said == ["by a key of two parts: Berlin"]


@writes
def test_one_row_changes_and_a_conflict_is_seen() -> None:
    listener = answer(questions.bulgaria)
    stored = models.Country.find_by_id("BG")
    assert (stored.currencycode, stored.phone) == ("EUR", "00359")
    assert "refused" in listener.said[1]
    assert "changed: {}" in answer(questions.bulgaria).said  # a second run has nothing to change


@writes
def test_many_rows_change_and_only_those(rows: Rows) -> None:
    others = models.Airport.count({"tz": "Asia/Oral", "country": {"neq": "KZ"}}, allow_scan=True)
    answer(questions.kazakhstan)
    zones = {a.tz for a in models.Airport.find({"where": {"country": "KZ"}})}
    assert zones == {"Asia/Almaty"}
    assert others == models.Airport.count({"tz": "Asia/Oral"}, allow_scan=True)
    assert answer(questions.kazakhstan).said == ["0 airports matched, 0 changed"]


@writes
def test_puerto_rico_comes_and_goes() -> None:
    assert answer(questions.puerto_rico).said == ["Puerto Rico: created"]
    assert models.State.count() == 51


@writes
def test_deletes_hit_what_they_say_and_refusals_nothing(rows: Rows) -> None:
    kept = len(rows["Airport"]) - sum(a["country"] == "AQ" for a in rows["Airport"])
    said = answer(questions.antarctica).said
    assert models.Airport.count() == kept
    assert models.City.count() == len(rows["City"])
    codes = [text.partition("[")[2].partition("]")[0] for text in said[1:]]
    assert codes == ["needs-all", "unknown-property", "unknown-operator", "not-an-integer"]


@pytest.mark.parametrize("url", ["memory:", "memory:?emulate=cassandra"])
def test_the_program_asks_every_question_and_shows_plans_and_times(url: str) -> None:
    output = io.StringIO()
    code = main.main(["--limit", "300", "--on", url], Console(file=output, width=100))
    text = output.getvalue()
    assert code == 0
    for question in questions.ALL:
        assert question.__doc__ in " ".join(text.split())
    assert "create 300 City" in text
    assert "explain" in text
    assert " ms" in text
    assert "steps, " in text


def test_a_second_run_keeps_the_rows_and_reset_loads_them_again(tmp_path: Any) -> None:
    url = f"memory:?file={tmp_path / 'world.jsonl'}"
    for extra, told in (([], "create 51 State"), ([], "--reset"), (["--reset"], "delete City")):
        output = io.StringIO()
        assert main.main(["--limit", "200", "--on", url, *extra], Console(file=output)) == 0
        assert told in output.getvalue()
    with connect(url) as db:
        db.attach(*models.ALL)
        assert models.City.count() == 200


def test_a_store_that_keeps_nothing_is_not_asked() -> None:
    output = io.StringIO()
    assert main.main(["--on", "transient:", "--limit", "1"], Console(file=output)) == 2
    assert "keeps no rows" in output.getvalue()


def test_an_error_is_said_in_two_lines() -> None:
    output = io.StringIO()
    assert main.main(["--on", "memry:"], Console(file=output, width=200)) == 2
    assert "did you mean 'memory'?" in output.getvalue()
    assert "Traceback" not in output.getvalue()
