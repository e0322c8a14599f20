"""Drafts: begun, changed, seen by whom."""

from typing import Any
from uuid import uuid4

import pytest

from tests.financing.acts import a_wish, drafted, get, patch, post, submitted
from tests.financing.banks import day
from tests.financing.people import (
    a_cooperative,
    an_applicant,
    an_officer,
    expect,
)
from tests.town import Town, problem


async def test_a_draft_is_found_again_and_changed_field_by_field(town: Town) -> None:
    file = await drafted(town)
    assert file.application["status"] == "DRAFT"
    assert len(file.application["reference"]) == 14
    changes = {
        "purpose": "Campagne de sésame",
        "campaign": {"end_on": day(260)},
        "sector_code": None,
    }
    changed = await patch(town, file.owner, file, changes)
    read = await get(town, file.owner, file.address)
    assert changed.headers["etag"] == '"2"'
    assert read["campaign"] == file.application["campaign"] | {"end_on": day(260)}
    assert (read["purpose"], read["sector_code"]) == ("Campagne de sésame", None)
    assert read["consents"] == file.application["consents"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"amount_requested_xof": 0}, "/amount_requested_xof"),
        ({"campaign": {"harvest_on": "soon"}}, "/campaign/harvest_on"),
        ({"purpose": None}, "/purpose"),
        ({"status": "ELIGIBLE"}, "/status"),
    ],
)
async def test_a_draft_refuses_what_it_cannot_hold(
    town: Town, changes: dict[str, Any], pointer: str
) -> None:
    file = await drafted(town)
    answer = await patch(town, file.owner, file, changes)
    assert answer.status_code == 422
    assert {finding["pointer"] for finding in problem(answer)["errors"]} == {pointer}


async def test_an_edit_needs_the_version_that_was_read(town: Town) -> None:
    file = await drafted(town)
    async with town.client("financing", file.owner) as client:
        without = await client.patch(file.address, json={"term_months": 8})
    stale = await patch(town, file.owner, file, {"term_months": 8}, version=9)
    assert (without.status_code, stale.status_code) == (428, 412)


async def test_a_submitted_file_is_closed_to_its_applicant(town: Town) -> None:
    file = await submitted(town)
    edited = await patch(town, file.owner, file, {"term_months": 8})
    again = await post(town, file.owner, f"{file.address}/submissions")
    for answer in (edited, again):
        body = problem(answer)
        assert (answer.status_code, body["code"]) == (409, "ILLEGAL_TRANSITION")
        assert body["current_status"] == "SUBMITTED"
        assert "WITHDRAW" in body["allowed_actions"]


async def test_an_external_reference_serves_once_in_an_organisation(town: Town) -> None:
    ref = uuid4().hex
    file = await drafted(town, external_ref=ref)
    wish = a_wish(file.cooperative, external_ref=ref)
    twice = await post(town, file.owner, "/v1/financing-applications", wish)
    assert (twice.status_code, problem(twice)["code"]) == (409, "EXTERNAL_REF_USED")
    await drafted(town, external_ref=ref)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"product_code": "GOLD"}, 422, "PRODUCT_UNKNOWN"),
        ({"cooperative_id": str(uuid4())}, 409, "NOT_YET_KNOWN"),
        ({"amount_requested_xof": 3_000_000.5}, 422, "FIELD_INVALID"),
        ({"amount_requested_xof": "3 000 000"}, 422, "FIELD_INVALID"),
        ({"amount_requested_xof": True}, 422, "FIELD_INVALID"),
        ({"amount_requested_xof": 9_007_199_254_740_992}, 422, "FIELD_INVALID"),
    ],
)
async def test_a_draft_names_a_known_cooperative_and_product_and_whole_francs(
    town: Town, change: dict[str, Any], status: int, code: str
) -> None:
    owner = an_applicant()
    cooperative = await a_cooperative(town, owner)
    answer = await post(town, owner, "/v1/financing-applications", a_wish(cooperative, **change))
    body = problem(answer)
    found = {body["code"], *(finding["code"] for finding in body["errors"])}
    assert answer.status_code == status
    assert code in found


async def test_nobody_applies_for_the_cooperative_of_others(town: Town) -> None:
    cooperative = await a_cooperative(town, an_applicant())
    answer = await post(town, an_applicant(), "/v1/financing-applications", a_wish(cooperative))
    assert answer.status_code == 404


async def test_who_may_see_an_application(town: Town) -> None:
    draft, filed = await drafted(town), await submitted(town)
    far = an_officer(territory=["SN-DK"])
    near = an_officer(territory=["SN-SE"])
    seen = {}
    for name, who in (
        ("owner", filed.owner),
        ("near", near),
        ("far", far),
        ("other", an_applicant()),
    ):
        async with town.client("financing", who) as client:
            seen[name] = (await client.get(filed.address)).status_code
    async with town.client("financing", near) as client:
        assert (await client.get(draft.address)).status_code == 404
        page = (await client.get("/v1/financing-applications?limit=200&status=SUBMITTED")).json()
    assert seen == {"owner": 200, "near": 200, "far": 404, "other": 404}
    assert {item["status"] for item in page["items"]} == {"SUBMITTED"}


async def test_lists_show_ones_own_and_go_on_to_the_end(town: Town) -> None:
    file = await drafted(town)
    wish = a_wish(file.cooperative, purpose="Un autre objet")
    other = expect(await post(town, file.owner, "/v1/financing-applications", wish), 201)
    first = await get(town, file.owner, "/v1/financing-applications?limit=1")
    rest = await get(town, file.owner, first["next"].removeprefix("http://gateway"))
    ids = [item["id"] for item in (*first["items"], *rest["items"])]
    assert ids == [file.application["id"], other["id"]]
    assert rest["next"] is None


async def test_the_same_key_answers_the_same_and_another_body_is_refused(town: Town) -> None:
    owner = an_applicant()
    cooperative = await a_cooperative(town, owner)
    key, wish = uuid4().hex, a_wish(cooperative)
    address = "/v1/financing-applications"
    first = await post(town, owner, address, wish, Idempotency_Key=key)
    again = await post(town, owner, address, wish, Idempotency_Key=key)
    other = await post(town, owner, address, wish | {"term_months": 9}, Idempotency_Key=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert problem(other)["code"] == "IDEMPOTENCY_KEY_REUSED"
