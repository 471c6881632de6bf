"""What the common options said, and the data source they name."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from juggler.datasource import DataSource

F = TypeVar("F", bound="Callable[..., Any]")


@attrs.define
class State:
    """The options that every command shares.

    Attributes:
        on: the data source as typed, None for the project's.
        models: where models are, as typed; empty for the project's.
        json: whether to print JSON.
        debug: whether errors show their traceback.
    """

    on: str | None = None
    models: tuple[str, ...] = ()
    json: bool = False
    debug: bool = False

    @contextmanager
    def source(self, *, models: bool = True) -> Iterator[DataSource]:
        """The data source, with the models attached; closed at the end."""
        from juggler.cli import _project  # noqa: PLC0415 - loads the data source layer

        db = _project.connect(self.on)
        try:
            if models:
                _project.attach(db, self.models)
            yield db
        finally:
            db.close()


pass_state = click.make_pass_decorator(State, ensure=True)


def _into(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """Keep an option's value in the state instead of passing it to the command."""

    def keep(context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
        if value not in (None, False, ()):
            setattr(context.ensure_object(State), name, value)
        return value

    return keep


def output_options(command: F) -> F:
    """Add ``--json`` and ``--debug``."""
    command = click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_into("json"),
        help="Print JSON for programs.",
    )(command)
    return click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=_into("debug"),
        is_eager=True,
        help="Show where an error comes from.",
    )(command)


def source_option(command: F) -> F:
    """Add ``--on``."""
    return click.option(
        "--on",
        metavar="URL|FILE#NAME",
        expose_value=False,
        callback=_into("on"),
        help="The data source: a URL, a name, or juggler.toml#name. Default: juggler.toml here.",
    )(command)


def models_option(command: F) -> F:
    """Add ``--models``."""
    return click.option(
        "--models",
        metavar="WHERE",
        multiple=True,
        expose_value=False,
        callback=_into("models"),
        help="package.module, package.module:Model, or a JSON file or folder of LDL documents; "
        "may be repeated. Default: `models` in juggler.toml.",
    )(command)
