"""The models: two typed classes, two dictionaries. Both kinds can do the same things.

A store in memory needs nothing but the types. The rest is for stores behind a server, where a
question has to be served by a key or an index: each `key=` and `index=` below says which question
of `questions.py` it is for.
"""

from __future__ import annotations

from juggler import GeoPoint, Key, Model, ModelBuilder, Prop, prop

# --- typed classes: editors and type checkers know every property -----------------------------


class Country(Model, table_name="world_country"):
    """A country or territory, under its two-letter ISO code."""

    iso: Prop[str] = prop(id=True, length=2)
    iso3: Prop[str]
    isonumeric: Prop[int]
    fips: Prop[str]
    geonameid: Prop[int]
    name: Prop[str]
    capital: Prop[str] = prop(default="")
    continentcode: Prop[str] = prop(length=2, index=True)  # "the countries of Africa"
    areakm2: Prop[int] = prop(ge=0)
    population: Prop[int] = prop(ge=0)
    tld: Prop[str] = prop(default="")
    currencycode: Prop[str] = prop(default="", index=True)  # "who pays in euros?"
    currencyname: Prop[str] = prop(default="")
    phone: Prop[str] = prop(default="")
    postalcoderegex: Prop[str] = prop(default="")
    languages: Prop[str] = prop(default="")
    neighbours: Prop[str] = prop(default="")


# Nearly every question about cities names a country. So a country is the partition: its cities lie
# together, and the number of GeoNames tells them apart. A city's key is the pair of both.
class City(
    Model,
    table_name="world_city",
    key=Key(partition=("countrycode",), clustering=("geonameid",)),
):
    """A city of more than 15,000 people."""

    countrycode: Prop[str] = prop(length=2)
    geonameid: Prop[int]
    name: Prop[str]
    alternatenames: Prop[list[str]]
    latitude: Prop[float]
    longitude: Prop[float]
    location: Prop[GeoPoint]  # both numbers as one point: distances are asked of points
    population: Prop[int] = prop(ge=0, index=True)  # "all cities above ten million"
    timezone: Prop[str]
    admin1code: Prop[str]


# --- dictionaries: LoopBack's definition language, as it stands in a JSON file ----------------

STATE = {
    "name": "State",
    "properties": {
        "code": {"type": "string", "id": True, "length": 2},
        "name": {"type": "string", "required": True},
        "fips": "string",
        "geonameid": "number",
    },
    # One connector takes this, the others overlook it: in CouchDB all documents of a database
    # share their ids, and CA is California as well as Canada.
    "options": {"tableName": "world_state", "strict": True, "cloudant": {"ids": "prefixed"}},
}

AIRPORT = {
    "name": "Airport",
    "properties": {
        "icao": {"type": "string", "id": True},
        "iata": {"type": "string", "index": True},  # "where is LHR?"
        "name": {"type": "string", "required": True},
        "city": "string",
        "subd": "string",
        "country": {"type": "string", "length": 2, "index": True},  # "the airports of Brazil"
        "elevation": {"type": "number", "doc": "feet above the sea"},
        "lat": "number",
        "lon": "number",
        "location": "GeoPoint",
        "tz": "string",
        "lid": "string",
    },
    "options": {"tableName": "world_airport", "strict": True, "cloudant": {"ids": "prefixed"}},
}

builder = ModelBuilder()
State = builder.from_ldl(STATE)
Airport = builder.from_ldl(AIRPORT)

#: In the order in which they are loaded.
ALL = (Country, State, City, Airport)
