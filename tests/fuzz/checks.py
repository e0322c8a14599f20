"""What Schemathesis cannot know: whose objects are whose, and how a refusal of ours looks."""

from typing import Any

import schemathesis
from jsonschema import Draft202012Validator
from schemathesis import Case

from tests.fuzz.bend import Bender

# Codes that speak of the shape of what was sent: the contract must not have allowed it.
_OF_SHAPE = {
    "FIELD_INVALID",
    "FIELD_MISSING",
    "FIELD_UNKNOWN",
    "IDEMPOTENCY_KEY_INVALID",
    "IDEMPOTENCY_KEY_MISSING",
    "JSON_INVALID",
    "PARAMETER_UNKNOWN",
    "PRECONDITION_REQUIRED",
    "UNSUPPORTED_MEDIA_TYPE",
}
_REGISTRATION = "#/components/schemas/RegistrationPatch"
_TRIMMED_AWAY = "string_too_short"


def install(bender: Bender, kinds: dict[str, int]) -> None:
    """Add our checks to those of Schemathesis; `kinds` are the codes of the catalogue."""

    @schemathesis.check
    def a_stranger_sees_nothing(_: Any, response: Any, case: Case[Any]) -> None:
        bent = bender.bent.get(case.id)
        if bent is not None and bent.is_foreign:
            hide(response, bent.role)

    @schemathesis.check
    def shape_is_accepted(_: Any, response: Any, case: Case[Any]) -> None:
        if case.meta is not None and case.meta.generation.mode.is_positive:
            accept(response, case)

    @schemathesis.check
    def refusals_are_problems(_: Any, response: Any, case: Case[Any]) -> None:
        if response.status_code >= 400 and case.operation.path.startswith("/v1/"):
            name(response, kinds)


def hide(response: Any, role: str | None) -> None:
    """Whatever somebody of another organisation asks about our objects: there is none."""
    if response.status_code in (404, 405):
        return
    # what cannot be read is refused before the object is looked for: a cursor, a media type
    is_unread = response.status_code == 400 and response.json()["code"] == "MALFORMED_REQUEST"
    if not is_unread:
        raise AssertionError(f"{role} got {response.status_code} for what is not theirs")


def accept(response: Any, case: Case[Any]) -> None:
    """What the contract allows is never refused for its shape."""
    if response.status_code not in (400, 415, 422, 428):
        return
    said = response.json()
    # texts are trimmed before they are measured, which a schema cannot say
    errors = [
        one
        for one in said.get("errors", [])
        if not (_is_trimmed(one) or _is_of_another_type(one, case))
    ]
    codes = {said.get("code"), *(finding["code"] for finding in errors)}
    if case.method == "PATCH":
        codes.discard("FIELD_MISSING")  # of what a merge patch would make, not of the patch
    if _has_dry_run(case):
        codes.discard("IDEMPOTENCY_KEY_MISSING")  # needed unless `validate_only` is true
    found = sorted(codes & _OF_SHAPE)
    if found:
        raise AssertionError(f"the contract allows what was refused as {', '.join(found)}")


def _has_dry_run(case: Case[Any]) -> bool:
    named = {one.get("name") for one in case.operation.definition.raw.get("parameters", [])}
    return "validate_only" in named


def _is_of_another_type(finding: dict[str, Any], case: Case[Any]) -> bool:
    """A patch does not say of which type its filing is, so that no schema of the patch can (ADR
    0035). Every filing that is changed here is a registration: whatever the document allows in the
    patch of one must be accepted."""
    if case.operation.label != "PATCH /v1/filings/{id}" or not isinstance(case.body, dict):
        return False
    document = case.operation.schema.raw_schema
    shape = {"$ref": _REGISTRATION, "components": document["components"]}
    is_one = Draft202012Validator(shape).is_valid(case.body.get("payload") or {})
    return not is_one and str(finding.get("pointer", "")).startswith("/payload")


def _is_trimmed(finding: dict[str, Any]) -> bool:
    return bool(finding.get("params", {}).get("expected") == _TRIMMED_AWAY)


def name(response: Any, kinds: dict[str, int]) -> None:
    """A refusal is a problem (RFC 9457) with a code of the catalogue under its own status."""
    kind = response.headers.get("content-type", [""])[0]
    if kind != "application/problem+json":
        raise AssertionError(f"a refusal of type {kind}")
    said = response.json()
    if not kinds.get(said["code"]) == response.status_code == said["status"]:
        raise AssertionError(f"{said['code']} as {response.status_code}")
