"""What tests on a server share."""

from __future__ import annotations

import json
import urllib.request
from base64 import b64encode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from juggler import DataSource


def http(db: DataSource, method: str, path: str, body: Any = None) -> Any:
    """The server itself, without the connector."""
    settings = db.connector.settings
    request = urllib.request.Request(  # noqa: S310 - the server under test
        settings.service_url + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    if settings.username:
        login = f"{settings.username}:{settings.password}".encode()
        request.add_header("Authorization", "Basic " + b64encode(login).decode())
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
        return json.load(answer)


def database(db: DataSource) -> str:
    return f"/{db.connector.settings.database}"


def pet(db: DataSource, **settings: Any) -> Any:
    properties = {
        "id": {"type": "string", "id": True},
        "name": {"type": "string"},
        "category": {"type": "string", "index": True},
        "age": {"type": "number", "index": True},
    }
    model = db.define("Pet", properties, {"strict": True, **settings})
    db.autoupdate("Pet")
    return model


def many(count: int) -> list[dict[str, Any]]:
    return [{"id": f"p{i:05}", "name": f"n{i}", "category": "cat", "age": i} for i in range(count)]
