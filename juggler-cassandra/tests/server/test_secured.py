"""A server that asks for names and passwords and speaks TLS: one of its own, so apart."""

from __future__ import annotations

import subprocess
from functools import partial
from typing import TYPE_CHECKING

import pytest

import servers
from juggler import (
    AuthenticationError,
    AuthorizationError,
    ConfigurationError,
    DeadlineError,
    UnavailableError,
    connect,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]
ROWS = {"id": {"type": "string", "id": True}, "name": "string"}


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, and a store of it and its key for the server."""
    key, pem, store = tmp_path / "key.pem", tmp_path / "cert.pem", tmp_path / "store.p12"
    request = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
    export = ("openssl", "pkcs12", "-export", "-passout", "pass:cassandra", "-name", "node")
    run = partial(subprocess.run, check=True, capture_output=True)
    run([*request, *names, "-keyout", str(key), "-out", str(pem)])
    run([*export, "-inkey", str(key), "-in", str(pem), "-out", str(store)])
    return pem, store


def test_encryption_names_passwords_and_rights(certificate: tuple[Path, Path]) -> None:
    """A server of its own that asks for a name and a password, and offers TLS."""
    pem, store = certificate
    encryption = {
        "enabled": True, "optional": True, "keystore": str(store),
        "keystore_password": "cassandra", "store_type": "PKCS12",
    }  # fmt: skip
    with servers.cassandra(auth=True, config={"client_encryption_options": encryption}) as server:
        _rights(server)
        _encryption(server, pem)


def _encryption(server: servers.Cassandra, pem: Path) -> None:
    options = {"tls": True, "tls_options": {"ca_certs": str(pem)}, "connect_timeout": 60}
    with connect(server.url, options) as db:
        assert db.ping().product == "Cassandra"
        clients = db.execute("SELECT ssl_enabled FROM system_views.clients")
        assert any(row["ssl_enabled"] for row in clients)
    with (
        connect(server.url, {"tls": True, "connect_timeout": 5}) as db,
        pytest.raises((UnavailableError, ConfigurationError, DeadlineError)),
    ):
        db.ping()  # nobody whom this machine trusts has signed it


def _rights(server: servers.Cassandra) -> None:
    host, patience = f"{server.hosts[0]}:{server.port}", {"connect_timeout": 60}
    with (
        connect(f"cassandra://cassandra:wrong@{host}/secret", patience) as db,
        pytest.raises(AuthenticationError) as refused,
    ):
        db.ping()
    assert "wrong" not in str(refused.value)
    with connect(f"{server.url}/secret", {"create_keyspace": True, **patience}) as db:
        db.define("Levels", ROWS)
        db.autoupdate()
        db.execute("CREATE ROLE guest WITH PASSWORD = 'guest' AND LOGIN = true")
        assert "cassandra:cassandra" not in repr(db)
    with connect(f"cassandra://guest:guest@{host}/secret", patience) as db:
        Levels = db.define("Levels", ROWS)
        with pytest.raises(AuthorizationError):
            Levels.find_by_id("1")
        with pytest.raises(AuthorizationError):
            Levels.create(id="1")
