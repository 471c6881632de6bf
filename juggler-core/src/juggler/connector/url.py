"""Data source URLs: ``cassandra://user:pw@h1,h2:9042/shop?consistency=quorum`` as settings.

Forms::

    memory:                                  a connector without a server
    memory:?emulate=cassandra&guard=true     with settings
    cassandra://h1,h2:9042/shop              hosts, port, database
    cloudant:https://user:pw@host:6984/db    the store's own URL behind the connector's name

Everything is percent-decoded; a ``#`` has to be written ``%23``.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, unquote_plus

from juggler.connector._described import describe, folded
from juggler.connector.settings import Settings, split_host
from juggler.errors import ConfigurationError

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+._-]+):(.*)", re.DOTALL)
_INNER = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def is_url(text: str) -> bool:
    """Whether the text is a URL: a scheme of two letters or more, and a colon."""
    return _URL.fullmatch(text) is not None


def parse_url(text: str) -> tuple[str, dict[str, Any]]:
    """The scheme and the settings of a data source URL.

    Args:
        text: the URL; its scheme is a connector's name.

    Returns:
        (scheme, settings): ``host port username password database`` as far as the URL has them, the
        query's parameters (a repeated one is a list), and ``url`` when the store's own URL stands
        behind the connector's name, then without user and password.

    Raises:
        ConfigurationError: ``invalid-url``; its text shows no part that may be secret.
    """
    match = _URL.fullmatch(text)
    if match is None:
        raise _invalid("it has no scheme", "write connector://host:port/database, or memory:")
    scheme, rest = match[1], match[2]
    if "#" in rest:
        raise _invalid("it has a '#'", "percent-encode it: %23")
    if _INNER.match(rest):
        return scheme, own_url(rest)
    body, _, query = rest.partition("?")
    found: dict[str, Any] = {}
    if body.startswith("//"):
        authority, _, path = body[2:].partition("/")
        found |= _authority(authority)
    else:
        path = body.lstrip("/")
    if path:
        found["database"] = unquote(path)
    return scheme, _with_query(found, query)


def rooted(cls: type[Settings], text: str, parts: dict[str, Any]) -> dict[str, Any]:
    """The parts of a URL; a path from the root keeps its slash where the database is a file."""
    body = text.partition(":")[2]
    absolute = body.startswith("///") or (body.startswith("/") and not body.startswith("//"))
    database = parts.get("database", "")
    if getattr(cls, "database_is_file", False) and absolute and not database.startswith("/"):
        return {**parts, "database": f"/{database}"}
    return parts


def own_url(text: str) -> dict[str, Any]:
    """The settings in a store's own URL, such as ``https://user:pw@host:6984/prefix/db``.

    The last part of the path is the database; ``url`` keeps the rest, without user and password.
    """
    scheme, _, rest = text.partition("://")
    body, _, query = rest.partition("?")
    authority, _, path = body.partition("/")
    found = _authority(authority)
    prefix, _, database = path.rpartition("/")
    if database:
        found["database"] = unquote(database)
    hosts = authority.rpartition("@")[2]
    found["url"] = f"{scheme}://{hosts}" + (f"/{prefix}" if prefix else "")
    return _with_query(found, query)


def expanded(cls: type[Settings], name: str, data: dict[Any, Any]) -> dict[Any, Any]:
    """Settings with their ``url`` taken apart; what is given beside it wins.

    Args:
        cls: the settings class, for the names.
        name: the connector's name; a URL with this scheme is a data source URL, any other one the
            store's own.
        data: the settings as given.
    """
    url = data.get("url")
    if not isinstance(url, str) or not is_url(url):
        return data
    scheme, _, _ = url.partition(":")
    if folded(scheme) == folded(name):
        parts = rooted(cls, url, parse_url(url)[1])
    elif _INNER.match(url):
        if "#" in url:
            raise _invalid("it has a '#'", "percent-encode it: %23")
        parts = own_url(url)
    else:
        return data
    return overlaid(cls, parts, {key: value for key, value in data.items() if key != "url"})


def overlaid(cls: type[Settings], base: dict[Any, Any], over: dict[Any, Any]) -> dict[Any, Any]:
    """``base`` with ``over`` on top, a setting being the same under any of its names."""
    names = describe(cls).names

    def canonical(key: Any) -> Any:
        return names.get(folded(key), key) if isinstance(key, str) else key

    taken = {canonical(key) for key in over}
    return {key: value for key, value in base.items() if canonical(key) not in taken} | over


def _authority(text: str) -> dict[str, Any]:
    user, at, hosts = text.rpartition("@")
    found: dict[str, Any] = {}
    if at:
        name, colon, password = user.partition(":")
        if name:
            found["username"] = unquote(name)
        if colon:
            found["password"] = unquote(password)
    if not hosts:
        return found
    parts = [split_host(part) for part in hosts.split(",")]
    if any(
        not name or (":" in name and not part.startswith("[")) or "@" in name
        for (name, _), part in zip(parts, hosts.split(","), strict=True)
    ):
        raise _invalid(
            "its host or port is not understood",
            "write host:port; percent-encode special characters of user and password (/ is %2F)",
        )
    ports = [port for _, port in parts]
    if len(parts) == 1 or not any(port is not None for port in ports[:-1]):
        found["host"] = ",".join(unquote(_bracketed(name)) for name, _ in parts)
        if ports[-1] is not None:
            found["port"] = ports[-1]
    else:
        found["host"] = unquote(hosts)
    return found


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _with_query(found: dict[str, Any], query: str) -> dict[str, Any]:
    for part in filter(None, query.split("&")):
        raw_name, given, raw = part.partition("=")
        name, value = unquote_plus(raw_name), unquote_plus(raw) if given else "true"
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _invalid(cause: str, hint: str) -> ConfigurationError:
    return ConfigurationError(f"this is no data source URL: {cause}", code="invalid-url", hint=hint)
