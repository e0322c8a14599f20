"""Submissions: every rule with its source, all breaches at once."""

from typing import Any

import asyncpg
import pytest

from tests.financing.acts import a_wish, drafted, post, submitted
from tests.financing.banks import day
from tests.financing.people import (
    expect,
    tell_cooperative,
)
from tests.town import Town, codes, problem


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"amount_requested_xof": 50_000}, "AMOUNT_OUT_OF_PRODUCT", "/amount_requested_xof"),
        ({"term_months": 2}, "TERM_OUT_OF_PRODUCT", "/term_months"),
        ({"grace_months": 1}, "GRACE_OUT_OF_PRODUCT", "/grace_months"),
        ({"campaign": None}, "CAMPAIGN_REQUIRED", "/campaign"),
        (
            {
                "campaign": {
                    "start_on": "2027-01-01",
                    "harvest_on": "2027-07-01",
                    "end_on": "2027-06-30",
                }
            },
            "CAMPAIGN_DATES_INVALID",
            "/campaign",
        ),
        ({"ag_resolution": None}, "AG_RESOLUTION_MISSING", "/ag_resolution"),
        ({"consents": {"data_sharing": True}}, "CONSENT_MISSING", "/consents/bic"),
        ({"consents": {"bic": True}}, "CONSENT_MISSING", "/consents/data_sharing"),
    ],
)
async def test_each_rule_of_a_submission_names_its_breach(
    town: Town, changes: dict[str, Any], code: str, pointer: str
) -> None:
    file = await drafted(town, **changes)
    answer = await post(town, file.owner, f"{file.address}/submissions")
    assert answer.status_code == 422
    [finding] = problem(answer)["errors"]
    assert (finding["code"], finding["pointer"]) == (code, pointer)


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        # two days: the day of this list may end before its tests run
        ({"held_on": day(2)}, "AG_RESOLUTION_EXPIRED", "/ag_resolution/held_on"),
        ({"held_on": day(-400)}, "AG_RESOLUTION_EXPIRED", "/ag_resolution/held_on"),
        (
            {"max_amount_xof": 2_999_999},
            "AG_RESOLUTION_INSUFFICIENT",
            "/ag_resolution/max_amount_xof",
        ),
        ({"max_term_months": 9}, "AG_RESOLUTION_INSUFFICIENT", "/ag_resolution/max_term_months"),
        (
            {"signatories": ["PRESIDENT", "PRESIDENT"]},
            "SIGNATORIES_INSUFFICIENT",
            "/ag_resolution/signatories",
        ),
    ],
)
async def test_the_assembly_must_have_allowed_it(
    town: Town, change: dict[str, Any], code: str, pointer: str
) -> None:
    resolution = a_wish({"cooperative_id": ""})["ag_resolution"] | change
    file = await drafted(town, ag_resolution=resolution)
    answer = await post(town, file.owner, f"{file.address}/submissions")
    [finding] = problem(answer)["errors"]
    assert (finding["code"], finding["pointer"]) == (code, pointer)


async def test_every_breach_is_told_at_once_and_the_law_is_cited(town: Town) -> None:
    file = await drafted(town, amount_requested_xof=50_000, ag_resolution=None, consents={})
    struck = file.cooperative | {"status": "STRUCK_OFF", "members_count": 3}
    await tell_cooperative(town, struck, "struck_off", seq=2)
    answer = await post(town, file.owner, f"{file.address}/submissions")
    assert codes(answer) == {
        "COOPERATIVE_NOT_ACTIVE",
        "MEMBERS_BELOW_PRODUCT_MINIMUM",
        "AMOUNT_OUT_OF_PRODUCT",
        "AG_RESOLUTION_MISSING",
        "CONSENT_MISSING",
    }
    laws = {finding.get("law_ref") for finding in problem(answer)["errors"]}
    assert {"AUSCOOP art. 74", "loi 2014-02 du 6 janvier 2014"} <= laws


async def test_one_open_application_for_a_product_and_a_purpose(town: Town) -> None:
    file = await submitted(town)
    wish = a_wish(file.cooperative, purpose="  campagne   d'ANACARDE 2027 ")
    second = expect(await post(town, file.owner, "/v1/financing-applications", wish), 201)
    address = f"/v1/financing-applications/{second['id']}"
    twice = await post(town, file.owner, f"{address}/submissions")
    assert (twice.status_code, problem(twice)["code"]) == (409, "DUPLICATE_APPLICATION")
    expect(await post(town, file.owner, f"{file.address}/withdrawals"), 201)
    expect(await post(town, file.owner, f"{address}/submissions"), 201)


async def test_no_act_can_be_rewritten(town: Town) -> None:
    file = await submitted(town)
    async with town.apps["financing"].state.reads.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                "update application_act set by_sub = 'x' where application_id = $1",
                file.application["id"],
            )
