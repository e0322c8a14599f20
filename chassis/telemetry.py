"""OpenTelemetry by FastAPI's own telemetry: off, and nothing of it loaded, unless a collector is
named. `chassis/spans.py` is what is loaded then."""

from typing import Any

from fastapi.telemetry import TelemetryConfig

from chassis.settings import Settings

OFF: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


def telemetry_of(settings: Settings, name: str, *, is_public: bool) -> TelemetryConfig:
    """What the application of process `name` is given. Where strangers call (`is_public`) each span
    begins a trace of ours, as `chassis.edge` does, and the caller's is linked."""
    if settings.otlp_endpoint is None:
        return OFF
    from chassis import spans  # noqa: PLC0415 - the SDK is for those who asked for it

    provider = spans.provider_of(settings, name)
    spans.install(provider, is_public=is_public)
    return {
        "tracer_provider": provider,
        "tracing": True,
        "metrics": False,  # `/metrics` has them
        "logs": False,  # they would carry the words of exceptions, which may quote what was sent
        "operation_spans": False,
        "auto_configure": False,
        "exclude": _is_quiet,
    }


def _is_quiet(scope: Any) -> bool:
    # whoever only looks whether we are alive
    return scope["type"] != "http" or str(scope["path"]).startswith(("/health/", "/metrics"))
