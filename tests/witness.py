"""Every answer that a test gets is held against the contract: what is declared is true.

The status must be listed for the operation, the media type must be the declared one, the body and
the declared headers must be what their schemas say.
"""

import re
from functools import cache
from typing import Any

import httpx
import jsonschema_rs

from gateway.contract.document import own_document
from local.openapi import SERVICES, service_document

Document = dict[str, Any]
_PARAMETER = re.compile(r"\{[a-z_]+\}")


class Witness:
    """Knows one document and complains of answers that it does not promise."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._base = document["servers"][0]["url"]
        self._known: dict[str, Any] = {}
        paths = sorted(document["paths"].items(), key=lambda pair: "{" in pair[0])
        self._paths = [(self._shape(path, item), path, item) for path, item in paths]

    def _shape(self, path: str, item: Document) -> re.Pattern[str]:
        base = item.get("servers", [{"url": self._base}])[0]["url"].rstrip("/")
        steps = _PARAMETER.split(base + path)
        return re.compile("[^/]+".join(map(re.escape, steps)))

    async def look(self, request: httpx.Request, answer: httpx.Response) -> None:
        """Complain if this answer to this request is none that the contract promises."""
        for shape, path, item in self._paths:
            if shape.fullmatch(request.url.path) and request.method.lower() in item:
                await answer.aread()
                at = f"{request.method} {path} {answer.status_code}"
                complaints = self._complaints(item[request.method.lower()], answer, at)
                assert not complaints, "\n".join([*complaints, answer.text[:2_000]])
                return

    def _complaints(self, operation: Document, answer: httpx.Response, at: str) -> list[str]:
        listed = operation["responses"].get(str(answer.status_code))
        if listed is None:
            return [f"{at}: this status is not in the contract"]
        promised = self._resolved(listed)
        return [*self._of_body(promised, answer, at), *self._of_headers(promised, answer, at)]

    def _of_body(self, promised: Document, answer: httpx.Response, at: str) -> list[str]:
        content = promised.get("content", {})
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if not content and not answer.content:
            return []
        if kind not in content:
            return [f"{at}: {kind or 'nothing'} instead of {', '.join(content) or 'nothing'}"]
        if not kind.endswith("json"):
            return []
        return self._wrong(content[kind]["schema"], answer.json(), at)

    def _of_headers(self, promised: Document, answer: httpx.Response, at: str) -> list[str]:
        found = []
        for name, said in promised.get("headers", {}).items():
            header = self._resolved(said)
            value = answer.headers.get(name)
            if value is not None:
                is_number = header["schema"].get("type") == "integer"
                read = int(value) if is_number else value
                found += self._wrong(header["schema"], read, f"{at} {name}")
        return found

    def _wrong(self, schema: Document, value: Any, at: str) -> list[str]:
        key = str(schema)
        if key not in self._known:
            whole = {**schema, "components": self._document["components"]}
            self._known[key] = jsonschema_rs.validator_for(whole, validate_formats=True)
        validator = self._known[key]
        if validator.is_valid(value):
            return []
        return [
            f"{at} /{'/'.join(map(str, error.instance_path))}: {error.message[:200]}"
            for error in validator.iter_errors(value)
        ]

    def _resolved(self, content: Document) -> Document:
        if "$ref" not in content:
            return content
        section, name = content["$ref"].split("/")[2:]
        found: Document = self._document["components"][section][name]
        return found


@cache
def witness_of(name: str) -> Witness | None:
    """Who knows the contract of a process of the town; nobody knows that of a stranger."""
    if name == "gateway":
        return Witness(own_document())
    return Witness(service_document(name)) if name in SERVICES else None
