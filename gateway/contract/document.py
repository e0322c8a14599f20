"""The public contract: what the four processes promise, in one document."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from chassis import openapi
from gateway.contract.merge import Document, merge
from gateway.roles import SCOPES
from gateway.routers import ROUTERS
from gateway.settings import SERVICES

VERSION = "1.0.0"
COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "api"
_SUMMARY = """
Registry, training and financing of Senegal's *Coopératives Productives Solidaires*.

* Every refusal is a problem (RFC 9457) with a stable `code`; all codes are at `/v1/problems`.
* Texts are in French by default and in English with `Accept-Language: en`.
* Writes need an `Idempotency-Key`; changes of something that exists need `If-Match`.
* Money is in whole francs CFA (`*_xof`), rates are decimal strings in percent.
* New fields and new values of enumerations may appear in v1: ignore what you do not know.
"""


def own_document() -> Document:
    """The gateway's own document; what stands outside /v1 says so by its own `servers`."""
    app = FastAPI(
        title="Mboolo gateway",
        version=VERSION,
        openapi_url=None,
        generate_unique_id_function=openapi.operation_id,
    )
    for router in ROUTERS:
        app.include_router(router)
    made = openapi.document(app)
    for route in openapi.routes(app):
        if route.include_in_schema and not route.path_format.startswith("/v1/"):
            made["paths"][route.path_format]["servers"] = [{"url": "/"}]
    made["components"]["securitySchemes"] = {"oauth2": _oauth2()}
    return made


def committed(folder: Path = COMMITTED) -> dict[str, Document]:
    """The documents that the services committed; a missing one is missing."""
    files = {name: folder / f"{name}.json" for name in SERVICES}
    return {
        name: json.loads(file.read_text(encoding="utf-8"))
        for name, file in files.items()
        if file.exists()
    }


def merged(services: Mapping[str, Document]) -> Document:
    """The whole contract, in a stable order."""
    together = merge({**services, "gateway": own_document()})
    together["components"]["securitySchemes"] = {"oauth2": _oauth2()}
    used = {
        tag
        for item in together["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
        for tag in operation.get("tags", [])
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mboolo",
            "version": VERSION,
            "summary": "The national platform of Coopératives Productives Solidaires",
            "description": _SUMMARY.strip(),
        },
        "servers": [{"url": openapi.PREFIX}],
        "tags": [{"name": tag} for tag in sorted(used)],
        **together,
    }


@cache
def merged_text() -> bytes:
    """The contract as it is sent; the files it is made of do not change while a process lives."""
    return json.dumps(merged(committed()), ensure_ascii=False).encode()


def _oauth2() -> dict[str, Any]:
    flow = {
        "tokenUrl": "/oauth2/token",
        "refreshUrl": "/oauth2/token",
        "scopes": dict(sorted(SCOPES.items())),
    }
    return {
        "type": "oauth2",
        "description": "Bearer tokens, ES256, five minutes, used as RFC 8725 advises.",
        "flows": {"clientCredentials": flow},
    }
