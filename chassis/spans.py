"""Spans for an OpenTelemetry collector. Loaded by `chassis.telemetry` alone, where one is named.

What FastAPI puts into a span holds addresses and whatever else callers write; what leaves this
process is a short list of words of ours.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis import trace as ours
from chassis.settings import Settings

_SAID = frozenset((
    "error.type", "http.request.method", "http.response.status_code", "http.route",
    "messaging.destination.name", "messaging.operation.name", "url.scheme",
))  # fmt: skip


class Discreet(SpanExporter):
    """Hands on copies of spans that say no address, no header, no words of an exception."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send them."""
        return self._exporter.export([_discreet(span) for span in spans])

    def shutdown(self) -> None:
        """Send no more."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what waits."""
        return self._exporter.force_flush(timeout_millis)


def _discreet(span: ReadableSpan) -> ReadableSpan:
    attributes = span.attributes or {}
    return ReadableSpan(
        name=span.name,
        context=_bare(span.context),
        parent=_bare(span.parent),
        resource=span.resource,
        attributes={name: value for name, value in attributes.items() if name in _SAID},
        links=[Link(bare) for link in span.links if (bare := _bare(link.context))],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _bare(context: SpanContext | None) -> SpanContext | None:
    # without `tracestate`, which callers write
    if context is None:
        return None
    known = (context.trace_id, context.span_id, context.is_remote, context.trace_flags)
    return SpanContext(*known)


class _Deaf(TraceContextTextMapPropagator):
    # where strangers call, what a request says of its trace is nobody's parent
    def extract(self, carrier: Any, context: Context | None = None, getter: Any = None) -> Context:
        return context if context is not None else Context()


def provider_of(settings: Settings, name: str) -> TracerProvider:
    """Every process keeps the same traces: which, the trace id says, and no caller's flag."""
    exporter = OTLPSpanExporter(endpoint=f"{str(settings.otlp_endpoint).rstrip('/')}/v1/traces")
    provider = TracerProvider(
        sampler=TraceIdRatioBased(settings.otlp_share),
        resource=Resource.create({"service.name": name}),
    )
    provider.add_span_processor(BatchSpanProcessor(Discreet(exporter)))
    return provider


def install(provider: TracerProvider, *, is_public: bool) -> None:
    """Let spans and our own traces be of one id."""
    propagate.set_global_textmap(_Deaf() if is_public else TraceContextTextMapPropagator())
    tracer = provider.get_tracer("mboolo")

    @contextmanager
    def hearing(type: str, producer: str) -> Iterator[None]:
        told = {"messaging.operation.name": type, "messaging.destination.name": producer}
        with tracer.start_as_current_span(
            "hear", _parent(), SpanKind.CONSUMER, told, record_exception=False
        ):
            yield

    ours.spans = ours.Spans(_current, _link, hearing)


def _parent() -> Context:
    # the span in which the event was said, and not that of the push which brought it
    found = ours.under_way()
    span = NonRecordingSpan(_context(found)) if found and found.span else INVALID_SPAN
    return trace.set_span_in_context(span)


def _current() -> tuple[str, str] | None:
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"{context.trace_id:032x}", f"{context.span_id:016x}"


def _link(other: ours.Trace) -> None:
    trace.get_current_span().add_link(_context(other))


def _context(found: ours.Trace) -> SpanContext:
    return SpanContext(int(found.id, 16), int(found.span, 16), is_remote=True)
