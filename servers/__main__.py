"""`python -m servers cassandra` and `python -m servers couchdb`: a server in one command."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, NoReturn

from . import named, places
from .cassandra import cassandra
from .couchdb import couchdb
from .errors import ServerError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from .cassandra import Cassandra
    from .couchdb import CouchDB

_EPILOG = """\
Without a command the server runs until Ctrl-C. A command after -- is run with the server's URL in
its environment, as JUGGLER_CASSANDRA_URL or JUGGLER_CLOUDANT_URL, and for {url} in its arguments;
the server ends with it. Where that variable is set already, that server is used instead.
    python -m servers cassandra -- pytest juggler-cassandra/tests
"""


def main(arguments: list[str]) -> int:
    """Run one server; returns the exit code."""
    own, command = _split(arguments)
    options = _parser().parse_args(own)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _run(options, command)
    except ServerError as error:
        print(f"servers: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace, command: list[str]) -> int:
    variable = named.VARIABLES[options.server]
    url = os.environ.get(variable)
    if command and url:
        print(f"{variable} is set: using that server, starting none", flush=True)
        return _call(command, {}, url)
    ends = {} if options.keep_data else {named.ENDS: "1"}
    server: Cassandra | CouchDB
    if options.server == "cassandra":
        with _cassandra(options) as server:
            pids = ", ".join(str(node.pid) for node in server.nodes)
            what = f"{server.name}, process {pids}"
            return _serve(what, {variable: server.url, **ends}, server.url, command)
    with _couchdb(options) as server:
        what = f"{server.name}, process {server.pid}"
        return _serve(what, {variable: server.url, **ends}, server.url, command)


def _cassandra(options: argparse.Namespace) -> AbstractContextManager[Cassandra]:
    return cassandra(
        nodes=options.nodes,
        port=options.port,
        data=_kept(options, f"cassandra-{options.nodes}"),
        auth=options.auth,
        views=options.views,
        lasting=options.keep_data or options.nodes > 1,
    )


def _couchdb(options: argparse.Namespace) -> AbstractContextManager[CouchDB]:
    return couchdb(port=options.port, data=_kept(options, "couchdb"), product=options.product)


def _serve(what: str, variables: dict[str, str], url: str, command: list[str]) -> int:
    print(f"{what}\n{next(iter(variables))}={url}", flush=True)
    if command:
        return _call(command, variables, url)
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            signal.pause()
    return 0


def _call(command: list[str], variables: dict[str, str], url: str) -> int:
    words = [word.replace("{url}", url) for word in command]
    try:
        return subprocess.run(words, env={**os.environ, **variables}, check=False).returncode
    except OSError as error:
        raise ServerError(f"{words[0]} cannot be run: {error}") from error


def _kept(options: argparse.Namespace, name: str) -> Path | None:
    return places.HOME / "data" / name if options.keep_data else None


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    if "--" not in arguments:
        return arguments, []
    place = arguments.index("--")
    return arguments[:place], arguments[place + 1 :]


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m servers",
        description="Start a real server on loopback.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    servers = parser.add_subparsers(dest="server", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--port", type=int, help="a free one by default")
    shared.add_argument(
        "--keep-data", action="store_true", help="use and keep the data in .servers/data"
    )
    one = servers.add_parser("cassandra", parents=[shared], help="Apache Cassandra 5, from Maven")
    one.add_argument("--nodes", type=int, default=1, help="on 127.0.0.1, 127.0.0.2, … (default 1)")
    one.add_argument("--auth", action="store_true", help="ask for cassandra, cassandra")
    one.add_argument(
        "--no-views", dest="views", action="store_false", help="forbid materialized views"
    )
    other = servers.add_parser(
        "couchdb", parents=[shared], help="CouchDB if installed, else the PouchDB server from npm"
    )
    other.add_argument("--product", choices=["couchdb", "pouchdb"], help="insist on one")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
