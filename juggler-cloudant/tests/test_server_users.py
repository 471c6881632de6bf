"""On a real CouchDB, as a user who may not do everything."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from server_support import database, http, pet

from juggler import connect
from juggler.errors import AuthorizationError, BulkError, MigrationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler import DataSource

pytestmark = pytest.mark.server
READ_ONLY = (
    "function(n, o, user) { if (user.roles.indexOf('_admin') < 0) throw({forbidden: 'no'}) }"
)


@pytest.fixture
def reader(db: DataSource) -> Iterator[DataSource]:
    """The data source of somebody who may read one database."""
    pet(db).create({"id": "a", "name": "x", "age": 1})
    name = f"u{uuid.uuid4().hex}"
    user = {"name": name, "password": "pw", "roles": [name], "type": "user"}
    http(db, "PUT", f"/_users/org.couchdb.user:{name}", user)
    roles = {"admins": {"roles": ["_admin"]}, "members": {"roles": [name]}}
    http(db, "PUT", f"{database(db)}/_security", roles)
    http(db, "PUT", f"{database(db)}/_design/guard", {"validate_doc_update": READ_ONLY})
    place = db.connector.settings.service_url.partition("://")[2]
    with connect(f"cloudant://{name}:pw@{place}{database(db)}") as made:
        yield made


def test_what_a_reader_may_not(reader: DataSource) -> None:
    properties: Any = {
        "id": {"type": "string", "id": True}, "name": {"type": "string", "index": True},
        "category": {"type": "string", "index": True}, "age": {"type": "number", "index": True},
    }  # fmt: skip
    model = reader.define("Pet", properties, {"strict": True})
    assert [row["id"] for row in model.find({"where": {"age": 1}})] == ["a"]
    assert not reader.is_actual("Pet")
    for write in (
        lambda: model.create({"id": "b"}),
        lambda: model.find_by_id("a").patch({"age": 2}),
        lambda: model.delete_by_id("a"),
        lambda: model.delete_all(all=True),
    ):
        with pytest.raises(AuthorizationError):
            write()
    with pytest.raises(BulkError, match="authorization"):
        model.create_all([{"id": "b"}, {"id": "c"}])
    for change in (reader.autoupdate, lambda: reader.automigrate(allow_data_loss=True)):
        with pytest.raises(MigrationError) as caught:
            change()
        assert isinstance(caught.value.__cause__, AuthorizationError)
    assert model.count() == 1
