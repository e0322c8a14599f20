"""A small contract, and what is found when something in it changes."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from contract.breaks import breaks

Document = dict[str, Any]
Change = Callable[[Document], object]
TEXT = {"type": "string", "maxLength": 40}
WRITE: Document = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {**TEXT, "minLength": 3},
        "form": {"type": "string", "enum": ["UNION", "SCOOPS"]},
        "shares": {"type": "integer", "format": "int64", "minimum": 1, "maximum": 900},
        "tags": {"type": "array", "maxItems": 10, "items": {**TEXT, "pattern": "^[A-Z]+$"}},
        "note": {"anyOf": [{**TEXT}, {"type": "null"}]},
        "seat": {"$ref": "#/components/schemas/Seat"},
        "is_urgent": {"type": "boolean", "default": False},
    },
}
READ: Document = {
    "type": "object",
    "required": ["id", "status", "kind", "items"],
    "properties": {
        "id": {"type": "string", "format": "uuid", "maxLength": 36},
        "status": {"type": "string", "enum": ["DRAFT", "SUBMITTED"]},
        "kind": {"type": "string", "const": "FILING"},
        "count": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 100},
        "items": {"type": "array", "maxItems": 200, "items": {"$ref": "#/components/schemas/Seat"}},
        "said": {"anyOf": [{"type": "string", "maxLength": 9}, {"type": "integer"}]},
        "labels": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 9}},
        "parent": {"$ref": "#/components/schemas/Filing"},
    },
}
SEAT: Document = {
    "type": "object",
    "required": ["commune"],
    "properties": {"commune": {"type": "string", "maxLength": 8}},
}

FLOW: Document = {"tokenUrl": "/oauth2/token", "scopes": {"filings:write": "draft"}}


def body(schema: str) -> Document:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def contract() -> Document:
    """A contract with one address, one body, one answer."""
    answer = {
        "headers": {"Location": {"$ref": "#/components/headers/Location"}},
        "content": body("Filing"),
    }
    operation = {
        "operationId": "draft_filing",
        "security": [{"oauth2": ["filings:write"]}, {"oauth2": ["filings:correct"]}],
        "parameters": [
            {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 200}},
            {"in": "header", "name": "If-Match", "required": True, "schema": {**TEXT}},
        ],
        "requestBody": {"required": False, "content": body("FilingWrite")},
        "responses": {"201": answer, "404": {"$ref": "#/components/responses/NotFound"}},
    }
    made = {
        "servers": [{"url": "/v1"}],
        "paths": {"/filings": {"post": operation}, "/me": {"get": {"responses": {}}}},
        "components": {
            "schemas": {
                "Filing": READ,
                "FilingWrite": WRITE,
                "Seat": SEAT,
                "Problem": {"type": "object", "required": ["code"], "properties": {"code": TEXT}},
            },
            "headers": {"Location": {"required": True, "schema": {**TEXT}}},
            "responses": {"NotFound": {"content": body("Problem")}},
            "securitySchemes": {"oauth2": {"type": "oauth2", "flows": {"clientCredentials": FLOW}}},
        },
    }
    return deepcopy(made)


def after(change: Change) -> list[str]:
    """What is found when `change` is made to the contract."""
    new = contract()
    change(new)
    return breaks(contract(), new)


def post(document: Document) -> Document:
    found: Document = document["paths"]["/filings"]["post"]
    return found


def schema(document: Document, name: str) -> Document:
    found: Document = document["components"]["schemas"][name]
    return found


def field(document: Document, path: str) -> Document:
    """For example `Filing.items`."""
    name, _, rest = path.partition(".")
    found: Document = schema(document, name)["properties"][rest]
    return found


def to_field(path: str, **changes: Any) -> Change:
    return lambda document: field(document, path).update(changes)


def without(path: str, key: str) -> Change:
    return lambda document: field(document, path).pop(key)
