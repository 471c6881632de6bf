"""`./dev demo` starts a server where its data source is one without a host."""

from __future__ import annotations

import dev
import pytest


@pytest.mark.parametrize(
    "words", [("--on", "cassandra:"), ("--on=cassandra:",), ("--on", "cassandra")]
)
def test_a_connector_without_a_host_has_a_server_started(words: tuple[str, ...]) -> None:
    groups, command = dev.demo([*words, "--limit", "5"])
    assert "servers" in groups
    assert command[:3] == ["-m", "servers", "cassandra"]
    assert command[-4:] == ["--on", "{url}/world?create_keyspace=true", "--limit", "5"]


def test_the_server_of_cloudant_is_couchdb() -> None:
    _, command = dev.demo(["--reset", "--on", "cloudant:"])
    assert command[:3] == ["-m", "servers", "couchdb"]
    assert command[-3:] == ["--reset", "--on", "{url}/world"]


@pytest.mark.parametrize(
    "words",
    [(), ("--on", "memory:"), ("--on", "cassandra://node1/world"), ("--limit", "5"), ("--on",)],
)
def test_everything_else_is_run_as_it_is(words: tuple[str, ...]) -> None:
    groups, command = dev.demo(list(words))
    assert "servers" not in groups
    assert command[1:] == list(words)
