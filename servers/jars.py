"""Cassandra's program: its Maven artifact and what that depends on, fetched once by jgo."""

from __future__ import annotations

import dataclasses
import importlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from . import places
from .errors import ServerError

if TYPE_CHECKING:
    from pathlib import Path

_SCOPES = ("compile", "runtime")
_DOWNLOADS_AT_ONCE = 8
_TIMEOUT_SECONDS = 60


def cassandra_jars(version: str) -> list[Path]:
    """Return the jars of one Cassandra version, from `.servers/` or fetched into it.

    Raises:
        ServerError: jgo is not installed, or the artifacts cannot be fetched.
    """
    listing = places.HOME / f"cassandra-{version}.jars"
    with places.installing():
        jars = _listed(listing)
        if jars is None:
            print(f"fetching Cassandra {version} and its libraries, once ...", flush=True)
            jars = _fetch(version)
            lines = [str(jar.relative_to(places.HOME)) for jar in jars]
            listing.write_text("\n".join(lines), encoding="utf-8")
        return jars


def _listed(listing: Path) -> list[Path] | None:
    """Return the jars of an earlier run, if all of them are still there."""
    if not listing.exists():
        return None
    jars = [places.HOME / line for line in listing.read_text(encoding="utf-8").splitlines()]
    return jars if all(jar.exists() for jar in jars) else None


def _fetch(version: str) -> list[Path]:
    try:
        maven = importlib.import_module("jgo.maven")
        parse = importlib.import_module("jgo.parse")
    except ImportError as error:
        raise ServerError("Cassandra is fetched by jgo: pip install 'jgo>=3.2'") from error
    wanted = parse.Coordinate.parse(f"org.apache.cassandra:cassandra-all:{version}")
    context = maven.MavenContext(repo_cache=places.HOME / "maven", timeout=_TIMEOUT_SECONDS)
    try:
        root = context.create_dependency(dataclasses.replace(wanted, scope="compile"))
        inputs, others = context.resolver.resolve([root])
        artifacts = [each.artifact for each in [*inputs, *others] if each.scope in _SCOPES]
        with ThreadPoolExecutor(_DOWNLOADS_AT_ONCE) as pool:
            return list(pool.map(lambda artifact: artifact.resolve(), artifacts))
    except Exception as error:  # jgo passes on whatever its HTTP library and parsers raise
        raise ServerError(
            f"Cassandra {version} cannot be fetched from Maven: {error}. "
            "Or name a running server: JUGGLER_CASSANDRA_URL=cassandra://HOST:PORT"
        ) from error
