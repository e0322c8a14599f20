"""One operation of the document: its parameters, its body, its answers, who may call it."""

from typing import Any

from chassis.idempotency import KEY_PATTERN
from chassis.openapi_answers import Answer, Facts, expected, headers_of, refusal
from chassis.openapi_bounds import finish_answer, finish_body, finish_form
from chassis.versions import VERSION_PATTERN

Operation = dict[str, Any]
Responses = dict[str, Answer]
_FORM = "application/x-www-form-urlencoded"
_KEY = {"type": "string", "minLength": 1, "maxLength": 130, "pattern": KEY_PATTERN}
_VERSION = {"type": "string", "maxLength": 22, "pattern": VERSION_PATTERN}
_HEADERS = {"Idempotency-Key": _KEY, "If-Match": _VERSION}


def finish(operation: Operation, facts: Facts, shared: Responses) -> None:
    """Complete what FastAPI wrote; answers that operations have in common go to `shared`."""
    operation["security"] = _security(facts.scopes)
    for parameter in operation.get("parameters", []):
        _finish_parameter(parameter, facts)
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        (finish_form if kind == _FORM else finish_body)(media.get("schema"))
    operation["responses"] = _responses(operation["responses"], facts, shared)


def _security(scopes: tuple[str, ...] | None) -> list[dict[str, list[str]]]:
    if scopes is None:
        return [{}]
    return [{"oauth2": [scope]} for scope in scopes] or [{"oauth2": []}]


def _finish_parameter(parameter: dict[str, Any], facts: Facts) -> None:
    name = parameter["name"]
    if name in facts.needs:
        # absent, it is refused by our own code with a better answer than FastAPI's: say so
        parameter["required"] = True
    if name in _HEADERS:
        parameter["schema"] = dict(_HEADERS[name])
    parameter["schema"] = finish_body(_without_null(parameter["schema"]))


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    # a parameter is absent, never null
    rest = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if len(rest) != 1:
        return schema
    kept = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    return {**kept, **rest[0]}


def _responses(said: Responses, facts: Facts, shared: Responses) -> Responses:
    codes = expected(facts)
    finished: Responses = {}
    for status, answer in said.items():
        found = answer.pop("x-codes", None)
        if found is not None:
            codes[status] = [*codes.get(status, []), *found]
        elif not _is_frameworks_own(answer):
            finished[status] = _told(answer, facts, status)
    for status, names in codes.items():
        if status not in finished:
            finished[status] = _shared(status, names, shared)
    return dict(sorted(finished.items()))


def _is_frameworks_own(answer: Answer) -> bool:
    # FastAPI announces its own refusals, which nobody ever gets here
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).endswith("/HTTPValidationError")


def _told(answer: Answer, facts: Facts, status: str) -> Answer:
    for media in answer.get("content", {}).values():
        finish_answer(media.get("schema"))
    return {**answer, "headers": {**headers_of(facts, status), **answer.get("headers", {})}}


def _shared(status: str, codes: list[str], shared: Responses) -> Answer:
    name, answer = refusal(status, codes)
    if name is None:
        return answer
    shared[name] = answer
    return {"$ref": f"#/components/responses/{name}"}
