"""The public contract: what the four processes promise, in one document."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fastapi import FastAPI

from chassis import openapi
from gateway.contract.merge import Document, merge
from gateway.contract.tags import TAGS
from gateway.errors import QuotaExceeded, RateLimited
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

_INFO = {
    "title": "Mboolo",
    "version": VERSION,
    "summary": "The national platform of Coopératives Productives Solidaires",
    "description": _SUMMARY.strip(),
    "contact": {
        "name": "Ministère de la Microfinance et de l'Économie sociale et solidaire (MMESS)"
    },
    "license": {"name": "All rights reserved", "identifier": "LicenseRef-all-rights-reserved"},
    "x-audience": "external-public",
}
_TOO_MANY = f"{RateLimited.code} · {QuotaExceeded.code}"
_SERVER = {
    "url": openapi.PREFIX,
    "description": "The host that served this document, be it local, staging or production.",
    "x-internal": False,
}


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
    # the gateway alone counts, so that only here it is known what it says
    together["components"]["responses"]["TooManyRequests"]["description"] = _TOO_MANY
    used = {tag for operation in _operations(together) for tag in operation.get("tags", [])}
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "servers": [_SERVER],
        "tags": [_tag(name) for name in sorted(used)],
        **together,
    }


def _operations(document: Document) -> list[Document]:
    items = document["paths"].values()
    return [found for item in items for found in item.values() if isinstance(found, dict)]


def _tag(name: str) -> Document:
    # a group without a description is found by a test, not by whoever asks for the contract
    return {"name": name, "description": TAGS[name]} if name in TAGS else {"name": name}


def _oauth2() -> Document:
    return openapi.oauth2(dict(sorted(SCOPES.items())))


@cache
def merged_text() -> bytes:
    """The contract as it is sent; the files it is made of do not change while a process lives."""
    return json.dumps(merged(committed()), ensure_ascii=False).encode()
