"""`juggler plugins` and `juggler ping`: what is installed, what answers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import attrs
import click

from juggler.cli._output import print_json, print_pairs, print_table
from juggler.cli._state import State, output_options, pass_state, source_option

if TYPE_CHECKING:
    from juggler.connector.registry import Installed
    from juggler.datasource import DataSource


@click.command()
@output_options
@pass_state
def plugins(state: State) -> None:
    """List the connectors and plugins that are installed."""
    from juggler.connector.registry import installed  # noqa: PLC0415 - imports the plugins

    cards = [_card(one) for one in sorted(installed(), key=lambda one: (one.group, one.name))]
    if state.json:
        print_json(cards)
        return
    columns = ("name", "kind", "version", "contract", "distribution", "io", "summary")
    print_table(
        columns,
        [
            [
                card[name] if name != "summary" else card["error"] or card["summary"]
                for name in columns
            ]
            for card in cards
        ],
    )


def _card(one: Installed) -> dict[str, Any]:
    info = one.info
    return {
        "name": one.name,
        "kind": one.group.removeprefix("juggler.").removesuffix("s"),
        "version": info.version if info else one.version,
        "contract": ".".join(map(str, info.contract)) if info else None,
        "distribution": one.distribution,
        "io": info.io if info else None,
        "aliases": list(info.aliases) if info else [],
        "summary": info.summary if info else "",
        "error": str(one.error) if one.error else None,
    }


def _given(db: DataSource) -> dict[str, Any]:
    """The settings that are not as everybody has them; secrets are masked."""
    defaults = {a.name: a.default for a in attrs.fields(type(db.policy))}
    return {
        name: value
        for name, value in db.settings.items()
        if value != defaults.get(name) and value not in (None, "", (), {})
    }


@click.command()
@source_option
@output_options
@pass_state
def ping(state: State) -> None:
    """Connect to a data source and ask what it is.

    For instance `juggler ping --on cassandra://node1,node2/shop`.
    """
    with state.source(models=False) as db:
        started = time.perf_counter()
        server = db.ping()
        took = time.perf_counter() - started
        answer = {
            "data source": db.name,
            "connector": db.connector_name,
            "product": server.product,
            "version": server.version,
            "milliseconds": round(took * 1000, 1),
            "settings": _given(db),
        }
    if state.json:
        print_json(answer)
    else:
        print_pairs(answer)
