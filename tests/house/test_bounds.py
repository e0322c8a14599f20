"""What is declared is bounded, and what callers send is bounded where it is read."""

from collections.abc import Iterator
from typing import Any

import pytest

from chassis.openapi_bounds import inside
from chassis.openapi_refs import reached
from gateway.contract.document import committed, merged
from gateway.contract.tags import TAGS

WHOLE = merged(committed())
SCHEMAS = WHOLE["components"]["schemas"]
METHODS = {"get", "put", "post", "patch", "delete"}
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, item in WHOLE["paths"].items()
    for method, operation in item.items()
    if method in METHODS
]
# A form of OAuth may carry parameters that nobody here knows: RFC 6749 has them ignored.
OURS = [case for case in OPERATIONS if "/oauth2/" not in case[0]]


def sent(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Every schema that a caller fills in."""
    media = operation.get("requestBody", {}).get("content", {}).values()
    top = [*operation.get("parameters", []), *media]
    named = [SCHEMAS[name] for name in reached(top, SCHEMAS)]
    return [part for schema in [*(one["schema"] for one in top), *named] for part in inside(schema)]


def unbounded(part: dict[str, Any]) -> Iterator[str]:
    kind = part.get("type")
    if kind == "string" and not part.keys() & {"maxLength", "enum", "const"}:
        yield "maxLength"
    if kind == "integer" and not {"minimum", "maximum"} <= part.keys() | {
        name.replace("exclusiveM", "m") for name in part
    }:
        yield "minimum, maximum"
    if kind == "array" and "maxItems" not in part:
        yield "maxItems"
    if kind == "object" and part.get("additionalProperties") is not False:
        yield "additionalProperties: false"


@pytest.mark.parametrize(("name", "operation"), OURS, ids=[name for name, _ in OURS])
def test_everything_that_callers_send_is_bounded(name: str, operation: dict[str, Any]) -> None:
    assert [(part, lack) for part in sent(operation) for lack in unbounded(part)] == []


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_answers_stay_open_to_new_fields(name: str, operation: dict[str, Any]) -> None:
    names = reached(operation["responses"], SCHEMAS)
    closed = {
        found
        for found in names
        for part in inside(SCHEMAS[found])
        if part.get("additionalProperties") is False
    }
    assert closed == set()


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_refusals_are_listed_where_they_can_occur(name: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"].keys()
    assert {"400", "429", "500", "default"} <= answers
    if any(operation["security"]):
        assert {"401"} <= answers
    if "{" in name:
        assert "404" in answers
    if "requestBody" in operation and "/oauth2/" not in name:
        assert {"413", "415", "422"} <= answers
    headers = {one["name"] for one in operation.get("parameters", []) if one.get("required")}
    if "If-Match" in headers:
        assert {"412", "428"} <= answers
    if "Idempotency-Key" in headers:
        assert {"409", "422"} <= answers


def test_every_group_of_operations_is_described() -> None:
    used = {tag for _, operation in OPERATIONS for tag in operation.get("tags", [None])}
    assert used == TAGS.keys()


def test_every_operation_is_described_and_says_who_may_call_it() -> None:
    assert [name for name, op in OPERATIONS if not op.get("description")] == []
    assert [name for name, op in OPERATIONS if "security" not in op] == []


def test_a_merge_patch_asks_for_nothing_and_may_take_away_what_is_optional() -> None:
    """RFC 7396: what is absent stays, what is null goes."""
    filing, user, seat = SCHEMAS["FilingPatch"], SCHEMAS["UserPatch"], SCHEMAS["SeatPatch"]
    assert "required" not in filing.keys() | user.keys() | seat.keys()
    assert {"type": "null"} in filing["properties"]["payload"]["anyOf"]
    assert {"type": "null"} in user["properties"]["territory"]["anyOf"]
    assert "anyOf" not in user["properties"]["email"]
