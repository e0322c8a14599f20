"""The shape of every refusal (RFC 9457), as the document declares it."""

from typing import Any

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem; `code` is stable, the texts are in the caller's language.",
    "required": ["type", "title", "status", "code", "detail", "remedy", "trace_id", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer", "format": "int32", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "pattern": "^[A-Z0-9_]+$"},
        "detail": {"type": "string"},
        "remedy": {"type": "string", "description": "what to do next"},
        "instance": {"type": "string"},
        "trace_id": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
    },
}
FINDING_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["code", "severity", "message"],
    "properties": {
        "pointer": {"type": "string", "description": "RFC 6901 path into the body"},
        "parameter": {"type": "string"},
        "header": {"type": "string"},
        "code": {"type": "string"},
        "severity": {"type": "string", "enum": ["BLOCK", "WARN"]},
        "message": {"type": "string"},
        "remedy": {"type": "string"},
        "params": {"type": "object"},
        "law_ref": {"type": "string"},
    },
}
