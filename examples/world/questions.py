"""The questions. Each function is one: its docstring says it in words, its body says it in Juggler.

Half of them are typed expressions, half are LoopBack's dictionaries; both are the same to Juggler.
`show.ask` explains a query, runs it and prints the rows; `show.do` times anything else.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from models import Airport, City, Country, State

from juggler import ConflictError, JugglerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from show import Show

#: A question over all cities or airports that no key and no index can serve. In memory this is
#: nothing special; a server would have to read every row, and refuses until the question says that
#: it may, and how many rows it may read.
EVERYWHERE: dict[str, Any] = {"allow_scan": True, "max_scanned": 100_000}

LARGER = 30_000
MILLION = 1_000_000


# --- asking -----------------------------------------------------------------------------------


def largest_cities(show: Show) -> None:
    """Which are the ten largest cities of Japan?"""
    # A country is a partition of City: a server reads that one and sorts it.
    query = City.where(City.countrycode == "JP").order(City.population.desc()).limit(10)
    show.ask(query, "name", "population", "timezone")


def middle_sized_cities(show: Show) -> None:
    """Which Italian cities have 200,000 to 500,000 people, Trieste aside?"""
    # Several operators on one property: all of them have to hold.
    query = City.where(
        {
            "countrycode": "IT",
            "population": {"gte": 200_000, "lt": 500_000, "neq": 204_338},
        }
    )
    show.ask(query.order("population DESC"), "name", "population")


def spas_and_harbours(show: Show) -> None:
    """Which larger German towns call themselves a spa or a harbour?"""
    # `|` is `or`, `&` is `and`; in a dictionary: {"or": [{"name": {"like": "Bad %"}}, …]}.
    named = City.name.like("Bad %") | City.name.like("%hafen%")
    query = City.where((City.countrycode == "DE") & (City.population >= LARGER) & named)
    show.ask(query.order(City.name), "name", "population")


def other_names(show: Show) -> None:
    """Which city do the Poles call Monachium?"""
    # The alternate names are a list; `contains` asks for one of its elements.
    query = City.where(City.alternatenames.contains("Monachium")).using(**EVERYWHERE)
    show.ask(query, "countrycode", "name", "population")


def old_names(show: Show) -> None:
    """Which cities have an alternate name that begins with Constantin…, in any case?"""
    # On a list an operator asks whether any element fulfils it; `ilike` ignores case.
    query = City.where({"alternatenames": {"ilike": "constantin%"}}).using(**EVERYWHERE)
    show.ask(query.order("countrycode", "name"), "countrycode", "name", "population")


def euro_countries(show: Show) -> None:
    """Who pays in euros, by continent, the largest country of each first?"""
    # Order by several keys. The countries are few: sorting them is no cost worth refusing.
    query = Country.where(Country.currencycode == "EUR")
    query = query.order(Country.continentcode, Country.population.desc()).limit(12)
    show.ask(query, "continentcode", "name", "population", "capital")


def brazilian_airports(show: Show) -> None:
    """Where can one fly to in Brazil? Five airports a page, three pages."""
    # A page comes with the token of the next one. It is signed, so it can be handed to a browser.
    query = Airport.where({"country": "BR", "iata": {"neq": ""}}).order("name")
    show.explain(query)
    token: str | None = None
    for number in range(1, 4):
        rows, token = show.do(f"page {number}", partial(query.page, 5, token))
        show.table(rows, "iata", "name", "city")
        if token is None:
            break
        show.say(f"next page: {token[:24]}… ({len(token)} characters)")


def new_states(show: Show) -> None:
    """Which states of the USA are new? Only code and name."""
    # `fields` leaves the rest in the store. The 51 states are read whole: that is allowed here.
    query = State.where({"name": {"like": "New %"}}).fields("code", "name").using(**EVERYWHERE)
    show.ask(query, "code", "name")


def airports_near_paris(show: Show) -> None:
    """Which French airports with scheduled flights lie within 100 km of Paris?"""
    paris = city(show, "FR", "Paris")
    if paris is None:
        return
    # `near` filters by distance and orders by it, the nearest first.
    near = {"near": paris.location, "maxDistance": 100, "unit": "kilometers"}
    query = Airport.where({"country": "FR", "iata": {"neq": ""}, "location": near})
    rows = show.ask(query, "iata", "name", "city", "location")
    for airport in rows[:3]:
        km = paris.location.distance_to(airport.location, "kilometers")
        show.say(f"{airport.name}: {km:.0f} km")


def airports_near_basel(show: Show) -> None:
    """And which ones within 80 km of Basel, whatever the country?"""
    basel = city(show, "CH", "Basel")
    if basel is None:
        return
    # Basel has three countries within a walk. No index knows distances: every airport is read.
    near = {"near": basel.location, "maxDistance": 80, "unit": "kilometers"}
    query = Airport.where({"location": near, "iata": {"neq": ""}}).using(**EVERYWHERE)
    show.ask(query, "iata", "name", "country")


def city(show: Show, country: str, name: str) -> City | None:
    """Find the city of that name in that country."""
    query = City.where(City.countrycode == country, City.name == name)
    show.explain(query)
    found = show.do(f"find {name}", query.first)
    if found is None:
        show.say(f"{name} is not among the cities that were loaded")
    return found


def big_cities(show: Show) -> None:
    """How many cities have more than a million people, in the world and in three countries?"""
    million = City.population > MILLION
    show.explain(City.where(million))
    counts = [("the world", show.do("count the world", City.where(million).count))]
    for code in ("CN", "IN", "BR"):
        query = City.where(City.countrycode == code, million)
        show.explain(query)
        counts.append((code, show.do(f"count {code}", query.count)))
    show.values(counts, "where", "cities above a million")


def neighbours(show: Show) -> None:
    """Who are Germany's neighbours?"""
    # Reading by key is the cheapest question there is; several keys are one request where possible.
    germany = show.do("find_by_id('DE')", lambda: Country.find_by_id("DE"))
    if germany is None:
        return
    codes = germany.neighbours.split(",")
    rows = show.do(f"find_by_ids of {len(codes)}", lambda: Country.find_by_ids(codes))
    show.table(rows, "iso", "name", "capital", "population")
    # A city's key is the pair of country and number.
    berlin = City.find_by_id(("DE", 2950159))
    show.say(f"by a key of two parts: {berlin.name if berlin else 'not loaded'}")


# --- changing ---------------------------------------------------------------------------------


def bulgaria(show: Show) -> None:
    """Bulgaria pays in euros since January 2026: change one row."""
    query = Country.where(Country.iso == "BG")
    show.explain(query)  # a condition on the whole key is a read by key
    country = query.one()  # exactly one: none, and several, are errors
    country.currencycode, country.currencyname = "EUR", "Euro"
    show.say(f"changed: {country.changes}")
    show.do("save", country.save)  # sends the changed properties only

    # Somebody who read the row before that and saves it now would undo it unknowingly.
    mine, theirs = query.one(), query.one()
    theirs.patch({"phone": "00359"})
    mine.phone = "+359"
    try:
        mine.save()
        show.say("the store keeps no versions: the last one who saves wins")
    except ConflictError as conflict:
        show.say(f"refused: {conflict.message}")


def kazakhstan(show: Show) -> None:
    """Kazakhstan has one time zone since March 2024: change many rows."""
    query = Airport.where({"country": "KZ", "tz": {"neq": "Asia/Almaty"}})
    show.explain(query)
    count = show.do("update_all", lambda: query.update_all({"tz": "Asia/Almaty"}))
    show.say(f"{count.matched} airports matched, {count.changed} changed")


def puerto_rico(show: Show) -> None:
    """The list of states has no Puerto Rico: add it, unless somebody did."""
    state, created = show.do(
        "find_or_create",
        lambda: State.find_or_create(
            {"where": {"code": "PR"}},
            {"code": "PR", "name": "Puerto Rico", "fips": "72", "geonameid": 4566966},
        ),
    )
    show.say(f"{state['name']}: {'created' if created else 'was there'}")
    show.do("upsert", lambda: State.upsert({"code": "PR", "name": "Commonwealth of Puerto Rico"}))
    show.do("delete", lambda: State.delete_by_id("PR"))


def antarctica(show: Show) -> None:
    """Forget the airports of Antarctica, and nothing else."""
    query = Airport.where({"country": "AQ"})
    show.explain(query)
    count = show.do("delete_all", query.delete_all)
    show.say(f"{count.changed} deleted, {query.count()} left")
    # What is not understood in full is refused before anything is sent.
    refused(show, "City.delete_all({})", lambda: City.delete_all({}))
    refused(show, "a property that is not there", lambda: City.count({"cuntrycode": "FR"}))
    refused(show, "an operator that is not there", lambda: City.count({"name": {"lyke": "P%"}}))
    refused(show, "a text where a number belongs", lambda: City.count({"population": "many"}))


def refused(show: Show, what: str, call: Callable[[], object]) -> None:
    """Print the refusal of a call that has to be refused."""
    try:
        call()
    except JugglerError as error:
        show.say(f"{what} → [{error.code}] {error.message}\n    {error.hint}")


#: In the order in which they are asked.
ALL = (
    largest_cities,
    middle_sized_cities,
    spas_and_harbours,
    other_names,
    old_names,
    euro_countries,
    brazilian_airports,
    new_states,
    airports_near_paris,
    airports_near_basel,
    big_cities,
    neighbours,
    bulgaria,
    kazakhstan,
    puerto_rico,
    antarctica,
)
