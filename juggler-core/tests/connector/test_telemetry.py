"""Spans of OpenTelemetry, read back from its own exporter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from juggler import DuplicateKeyError, Model, Prop, connect, prop
from juggler.connector.telemetry import Spans

if TYPE_CHECKING:
    from collections.abc import Iterator


class Note(Model):
    id: Prop[int] = prop(id=True)
    text: Prop[str] = prop(unique=True)


@pytest.fixture
def seen() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with connect("memory:") as db:
        db.attach(Note)
        off = db.around(Spans(provider.get_tracer("tests")))
        yield exporter
        off()
        Note.count()
    assert "count" not in [span.name for span in exporter.get_finished_spans()]


def test_a_request_is_a_client_span(seen: InMemorySpanExporter) -> None:
    Note.create(id=1, text="a")
    (span,) = [one for one in seen.get_finished_spans() if one.name == "write Note"]
    given: Any = span.attributes
    assert span.kind.name == "CLIENT"
    assert span.status.is_ok
    assert given["db.system.name"] == "memory"
    assert given["db.collection.name"] == "Note"
    assert given["db.operation.name"] == "write"


def test_a_failed_request_says_so_without_values(seen: InMemorySpanExporter) -> None:
    Note.create(id=1, text="secret")
    with pytest.raises(DuplicateKeyError):
        Note.create(id=2, text="secret")
    assert all("secret" not in str(dict(s.attributes or {})) for s in seen.get_finished_spans())


def test_an_error_of_the_store_is_an_error_of_the_span() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))

    async def failing(call: Any, proceed: Any) -> None:
        raise RuntimeError("no store")

    with connect("memory:") as db:
        db.attach(Note)
        db.around(failing)
        db.around(Spans(provider.get_tracer("tests")))
        with pytest.raises(RuntimeError, match="no store"):
            Note.find()
    (span,) = exporter.get_finished_spans()
    assert not span.status.is_ok
    assert dict(span.attributes or {})["error.type"] == "RuntimeError"
