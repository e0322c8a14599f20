"""The document says which payload belongs to which type of filing, and says what the house does."""

from functools import cache
from typing import Any

import jsonschema_rs
import pytest

from chassis.bodies import check
from chassis.errors import ValidationFailed
from local.openapi import service_document
from services.registry.fields import FilingType
from services.registry.filings.schemas import FilingWrite
from services.registry.formalities import FORMALITIES
from tests.makers import a_filing
from tests.registry.people import a_filer, drafted, expect
from tests.town import Town, problem


@cache
def _declared(name: str = "FilingWrite") -> Any:
    components = service_document("registry")["components"]
    schema = {"$ref": f"#/components/schemas/{name}", "components": components}
    return jsonschema_rs.validator_for(schema, validate_formats=True)


def _read(body: Any) -> bool:
    try:
        wish = check(FilingWrite, body)
        check(FORMALITIES[wish.type].payload, wish.payload, ("payload",))
    except ValidationFailed:
        return False
    return True


def _full(type: FilingType) -> dict[str, Any]:
    # every field of the type; none of them has to be said in a draft
    return dict.fromkeys(FORMALITIES[type].payload.model_fields)


@pytest.mark.parametrize("type", FilingType)
def test_a_payload_belongs_to_the_types_that_declare_its_fields(type: FilingType) -> None:
    for other in FilingType:
        body = {"type": type.value, "payload": _full(other)}
        fits = _full(other).keys() <= _full(type).keys()
        assert (_declared().is_valid(body), _read(body)) == (fits, fits), other


@pytest.mark.parametrize("type", FilingType)
def test_a_leaf_of_another_kind_is_seen_by_both(type: FilingType) -> None:
    for name in _full(type):
        body = {"type": type.value, "payload": {name: {"odd": 1}}}
        assert (_declared().is_valid(body), _read(body)) == (False, False), name


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": None},
        {"type": "MERGER"},
        {"type": "registration"},
        {"type": ["REGISTRATION"], "payload": {}},
        {"payload": {"name": "Jappoo"}},
        {"type": "REGISTRATION", "payload": None},
        {"type": "REGISTRATION", "payload": []},
        {"type": "REGISTRATION", "form": "SCOOPS"},
    ],
)
def test_a_body_without_a_known_type_is_none(body: dict[str, Any]) -> None:
    assert (_declared().is_valid(body), _read(body)) == (False, False)


@pytest.mark.parametrize("body", [{}, {"effective_on": None, "organisation_id": "coop-1"}])
def test_a_draft_may_say_nothing_yet(body: dict[str, Any]) -> None:
    whole = {"type": "CHANGE_OF_NAME", **body}
    assert (_declared().is_valid(whole), _read(whole)) == (True, True)


async def a_filing_read(town: Town) -> dict[str, Any]:
    filer = a_filer()
    filing = await drafted(town, filer)
    async with town.client("registry", filer) as client:
        return expect(await client.get(f"/v1/filings/{filing['id']}"), 200)


async def test_what_is_read_has_the_payload_of_its_type(town: Town) -> None:
    read = await a_filing_read(town)
    as_read = _declared("FilingRead")
    assert as_read.is_valid(read)
    for name, wrong in (("legal_form", "GUILD"), ("members", {}), ("seat", "SN-SE")):
        assert not as_read.is_valid({**read, "payload": {**read["payload"], name: wrong}}), name
    # of another type the same payload would be something else
    odd = {"seat": {"commune_code": 7}}
    assert not as_read.is_valid({**read, "type": "CHANGE_OF_SEAT", "payload": odd})
    assert as_read.is_valid({**read, "type": "CHANGE_OF_NAME", "payload": odd})


async def test_a_personal_field_may_be_covered_and_a_later_version_may_say_more(
    town: Town,
) -> None:
    read, as_read = await a_filing_read(town), _declared("FilingRead")
    for cover in ({"is_masked": True}, {"is_erased": True}):
        members = [{**one, "nin": cover, "birth_year": cover} for one in read["payload"]["members"]]
        assert as_read.is_valid({**read, "payload": {**read["payload"], "members": members}})
        assert not as_read.is_valid({**read, "payload": {**read["payload"], "name": cover}})
    assert as_read.is_valid({**read, "payload": {**read["payload"], "motto": "Mboolo"}})


async def test_what_another_type_declares_is_refused_at_its_place(town: Town) -> None:
    async with town.client("registry", a_filer()) as client:
        wrong = {"type": "CHANGE_OF_NAME", "payload": {"seat": {"commune_code": "SN-DK-01"}}}
        found = problem(await client.post("/v1/filings", json=wrong))
        unknown = problem(await client.post("/v1/filings", json={**wrong, "type": "MERGER"}))
    said = [(one["pointer"], one["code"]) for one in found["errors"]]
    assert (found["code"], said) == ("VALIDATION_FAILED", [("/payload/seat", "FIELD_UNKNOWN")])
    said = [(one["pointer"], one["code"]) for one in unknown["errors"]]
    assert (unknown["code"], said) == ("VALIDATION_FAILED", [("/type", "FIELD_INVALID")])


async def test_a_patch_with_what_another_type_declares_is_refused_at_its_place(town: Town) -> None:
    filer = a_filer()
    async with town.client("registry", filer) as client:
        wish = a_filing()
        made = expect(await client.post("/v1/filings", json=wish), 201)
        path, held = f"/v1/filings/{made['id']}", {"If-Match": '"1"'}
        for foreign, at in (
            ({"exits": [{"member_id": "x", "reason": "DEATH"}]}, "/payload/exits"),
            ({"accounts": {"turnover_xof": 1}}, "/payload/accounts"),
            ({"organisation_id": "org-1"}, "/payload/organisation_id"),
            ({"corrects_filing_id": None}, "/payload/corrects_filing_id"),
        ):
            answer = await client.patch(path, json={"payload": foreign}, headers=held)
            said = [(one["pointer"], one["code"]) for one in problem(answer)["errors"]]
            assert (answer.status_code, said) == (422, [(at, "FIELD_UNKNOWN")])
        assert expect(await client.get(path), 200)["version"] == 1
