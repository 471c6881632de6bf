"""Spans of OpenTelemetry around every request: ``db.around(Spans())``.

Needs the extra: ``pip install juggler-core[otel]``.  Names and attributes are those of the semantic
conventions for database clients; bound values are not recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from opentelemetry.trace import Tracer

    from juggler.connector.port import Call


class Spans:
    """A layer that makes one client span of each request to the store.

    Args:
        tracer: whose spans they are; None for the global provider's tracer of this library.

    Raises:
        ConfigurationError: ``needs-extra``: OpenTelemetry's API is not installed.
    """

    def __init__(self, tracer: Tracer | None = None) -> None:
        try:
            from opentelemetry import trace  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise ConfigurationError(
                "spans need OpenTelemetry's API, which is not installed",
                code="needs-extra",
                hint="pip install juggler-core[otel]",
            ) from error
        self._tracer = tracer or trace.get_tracer("juggler")
        self._kind = trace.SpanKind.CLIENT
        self._failed = trace.StatusCode.ERROR

    async def __call__(self, call: Call, proceed: Callable[[], Awaitable[Any]]) -> Any:
        """Make the span, current while the request runs, and end it with its outcome."""
        attributes: dict[str, Any] = {
            "db.system.name": call.connector,
            "db.operation.name": call.hook,
            "juggler.trace_id": call.trace_id,
        }
        if call.model:
            attributes["db.collection.name"] = call.model
        if call.attempt:
            attributes["juggler.attempt"] = call.attempt
        name = f"{call.hook} {call.model}" if call.model else call.hook
        with self._tracer.start_as_current_span(
            name, kind=self._kind, attributes=attributes, set_status_on_exception=False
        ) as span:
            try:
                return await proceed()
            except BaseException as error:
                span.set_attribute("error.type", getattr(error, "code", type(error).__name__))
                span.set_status(self._failed, type(error).__name__)
                raise
            finally:
                texts = [statement for statement, _ in call.statements]
                if texts:
                    span.set_attribute("db.query.text", "; ".join(texts))
