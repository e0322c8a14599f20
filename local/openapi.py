"""`make openapi`: write the contract that is committed, docs/api and docs/events."""

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

from fastapi import FastAPI

from chassis import openapi
from chassis.events import Event
from chassis.openapi_bounds import finish_answer

ROOT = Path(__file__).resolve().parents[1]
SERVICES = ("registry", "training", "financing")
PRODUCERS = (*SERVICES, "gateway")


def service_document(name: str) -> dict[str, Any]:
    """The OpenAPI document of one service, from its routes alone."""
    package = f"services.{name}"
    settings = importlib.import_module(f"{package}.settings")
    kind = getattr(settings, f"{name.capitalize()}Settings")
    service = importlib.import_module(f"{package}.app").define(kind.model_construct())
    app = FastAPI(
        title=service.title,
        version="1.0.0",
        openapi_url=None,
        generate_unique_id_function=openapi.operation_id,
    )
    for router in service.routers:
        app.include_router(router)
    return openapi.document(app)


def events_of(name: str) -> ModuleType:
    """The module in which a process names what it says."""
    package = "gateway" if name == "gateway" else f"services.{name}"
    return importlib.import_module(f"{package}.events")


def event_kinds(name: str) -> dict[str, type[Event]]:
    """Every event that a service may publish, by its CloudEvents type."""
    module = events_of(name)
    found = (value for value in vars(module).values() if isinstance(value, type))
    return {
        kind.type(): kind
        for kind in found
        if issubclass(kind, Event) and kind.__module__ == module.__name__ and hasattr(kind, "kind")
    }


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document of the public stream and of the facts between services."""
    messages: dict[str, Any] = {}
    channels: dict[str, Any] = {}
    for name in PRODUCERS:
        refs = {}
        for type_, kind in sorted(event_kinds(name).items()):
            messages[type_] = _message(kind, name)
            refs[type_] = {"$ref": f"#/components/messages/{type_}"}
        channels[name] = {"address": f"/{name}", "messages": refs}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Mboolo events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0, at least once, in order for each subject; "
            "`resourceversion` counts within the subject.",
        },
        "channels": channels,
        "components": {"messages": messages},
    }


def _message(kind: type[Event], name: str) -> dict[str, Any]:
    return {
        "name": kind.type(),
        "summary": (kind.__doc__ or "").strip().splitlines()[0],
        "description": _who_sees(kind, name),
        "tags": [{"name": "public" if kind.is_public else "between services"}],
        "payload": {
            "type": "object",
            "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
            "properties": {
                "specversion": {"const": "1.0"},
                "id": {"type": "string", "format": "uuid"},
                "source": {"const": f"/{name}"},
                "type": {"const": kind.type()},
                "subject": {"type": "string", "pattern": f"^{kind.about}/"},
                "time": {"type": "string", "format": "date-time"},
                "resourceversion": {"type": "integer", "minimum": 1},
                "data": finish_answer(kind.model_json_schema(ref_template="#/$defs/{model}")),
            },
        },
    }


def _who_sees(kind: type[Event], name: str) -> str:
    if not kind.is_public:
        return "Between services only."
    module = events_of(name)
    withheld = sorted(getattr(module, "WITHHELD", frozenset()) & kind.model_fields.keys())
    return (
        f"Whole between services; the public stream leaves out {', '.join(withheld) or 'nothing'}."
    )


def documents() -> dict[Path, dict[str, Any]]:
    """Every committed document of the contract, by its path."""
    gateway = importlib.import_module("gateway.contract.document")
    made = {ROOT / f"docs/api/{name}.json": service_document(name) for name in SERVICES}
    made[ROOT / "docs/api/gateway.json"] = gateway.own_document()
    made[ROOT / "docs/events/asyncapi.json"] = asyncapi()
    return made


def text(document: dict[str, Any]) -> str:
    """A document as it is committed: sorted, so that a diff shows what changed."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    for path, document in documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(document), encoding="utf-8")
