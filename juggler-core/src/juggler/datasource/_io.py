"""What a data source does besides operations of models, written once for both colours."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from juggler.connector.port import options as call_options
from juggler.connector.results import NativeResult, ServerInfo
from juggler.errors import SchemaDriftError

if TYPE_CHECKING:
    from juggler.connector.port import Port
    from juggler.datasource.source import DataSource


async def ping(source: DataSource, port: Port) -> ServerInfo:
    """Product and version of the server; the connector's own when it does not say."""
    if port.has("ping"):
        info: ServerInfo = await port.call("ping")
        return info
    await source.connection.ensure(port)
    return ServerInfo(source.name, source.host.info.version)


async def execute(
    source: DataSource, port: Port, statement: Any, params: Any, given: dict[str, Any]
) -> NativeResult:
    """Run a native statement."""
    source.capabilities_of(None).require(
        "native_query", connector=source.name, what="native statements"
    )
    seconds = given.pop("timeout", None)
    with nullcontext() if seconds is None else call_options(timeout=seconds):
        result: NativeResult = await port.call("native", statement, params, given)
    return result


async def check_schema(source: DataSource, port: Port) -> None:
    """Refuse to go on with a store that is not as the models declare."""
    from juggler.datasource import schema  # noqa: PLC0415 - only when it is asked for

    found = await schema.plan(source, port, None, "check")
    if found.pending:
        wanted = ", ".join(f"{step.kind} {step.target}" for step in found.pending)
        raise SchemaDriftError(
            f"the store is not as the models declare: {wanted}",
            hint="juggler plan shows it, juggler apply does it",
            connector=source.name,
        )
