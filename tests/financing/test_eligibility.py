"""What a cooperative lacks: each rule with its source."""

from typing import Any
from uuid import uuid4

import pytest

from services.financing.eligibility.rules import RULES, Basis, Stage
from tests.financing.banks import day
from tests.financing.people import (
    a_completion,
    a_cooperative,
    a_snapshot,
    an_applicant,
    expect,
    tell_certificate,
    tell_cooperative,
    tell_training,
)
from tests.town import Identity, Town, problem


async def eligibility(
    town: Town, who: Identity, cooperative_id: str, product: str = "CAMPAIGN_CREDIT"
) -> dict[str, Any]:
    address = f"/v1/financing-products/{product}/eligibility?cooperative_id={cooperative_id}"
    async with town.client("financing", who) as client:
        return expect(await client.get(address), 200)


def unfulfilled(answer: dict[str, Any]) -> dict[str, Any]:
    return {rule["code"]: rule for rule in answer["rules"] if not rule["is_fulfilled"]}


async def test_an_eligible_cooperative_reads_why(town: Town) -> None:
    owner = an_applicant()
    cooperative = await a_cooperative(town, owner)
    answer = await eligibility(town, owner, cooperative["cooperative_id"])
    assert answer["is_eligible"]
    assert [rule["code"] for rule in answer["rules"]] == [rule.asks for rule in RULES]
    assert all(rule["reason"] and rule["remedy"] is None for rule in answer["rules"])
    assert cooperative["registration_number"] in answer["rules"][0]["reason"]


@pytest.mark.parametrize(
    ("change", "product", "code", "source"),
    [
        (
            {"status": "STRUCK_OFF"},
            "CAMPAIGN_CREDIT",
            "COOPERATIVE_ACTIVE",
            ("LAW", "AUSCOOP art. 74"),
        ),
        (
            {"organs_complete": False},
            "CAMPAIGN_CREDIT",
            "ORGANS_IN_PLACE",
            ("LAW", "AUSCOOP art. 98"),
        ),
        ({"members_count": 4}, "CAMPAIGN_CREDIT", "ENOUGH_MEMBERS", ("PROGRAMME_POLICY", None)),
        (
            {"registered_on": day(-30)},
            "INVESTMENT_LOAN",
            "OLD_ENOUGH",
            ("PROGRAMME_POLICY", None),
        ),
    ],
)
async def test_each_rule_says_what_is_missing_what_to_do_and_whose_rule_it_is(
    town: Town, change: dict[str, Any], product: str, code: str, source: tuple[str, str | None]
) -> None:
    owner = an_applicant()
    recent = {"registered_on": "2025-01-15"} if product == "INVESTMENT_LOAN" else {}
    cooperative = await a_cooperative(town, owner, **(recent | change))
    answer = await eligibility(town, owner, cooperative["cooperative_id"], product)
    missing = unfulfilled(answer)
    assert (answer["is_eligible"], set(missing)) == (False, {code})
    rule = missing[code]
    assert (rule["basis"], rule["law_ref"]) == source
    assert rule["remedy"]
    assert "…" not in rule["reason"]


async def test_training_is_asked_by_the_programme_and_comes_from_the_initiative(town: Town) -> None:
    owner = an_applicant()
    cooperative = a_snapshot(owner)
    await tell_cooperative(town, cooperative)
    before = unfulfilled(await eligibility(town, owner, cooperative["cooperative_id"]))
    await tell_training(town, a_completion(cooperative))
    after = unfulfilled(await eligibility(town, owner, cooperative["cooperative_id"]))
    assert before["TRAINING_ACHIEVED"]["basis"] == "PROGRAMME_POLICY"
    assert "START_COOP" in before["TRAINING_ACHIEVED"]["reason"]
    assert after == {}


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "PARTICIPATED"},
        {"outcome": "NOT_MET"},
        {"tool_code": "THINK_COOP"},
        {"initiative_id": str(uuid4())},
    ],
)
async def test_another_training_does_not_count(town: Town, change: dict[str, Any]) -> None:
    owner = an_applicant()
    cooperative = a_snapshot(owner)
    await tell_cooperative(town, cooperative)
    await tell_training(town, a_completion(cooperative, **change))
    missing = unfulfilled(await eligibility(town, owner, cooperative["cooperative_id"]))
    assert set(missing) == {"TRAINING_ACHIEVED"}


@pytest.mark.parametrize(
    ("told", "is_trained"),
    [
        (("issued",), True),
        (("issued", "suspended"), False),
        (("issued", "suspended", "reinstated"), True),
        (("issued", "revoked"), False),
    ],
)
async def test_a_training_holds_as_long_as_its_certificate(
    town: Town, told: tuple[str, ...], is_trained: bool
) -> None:
    owner = an_applicant()
    cooperative = a_snapshot(owner)
    completion = a_completion(cooperative)
    await tell_cooperative(town, cooperative)
    await tell_training(town, completion)
    await tell_certificate(town, completion, *told)
    missing = unfulfilled(await eligibility(town, owner, cooperative["cooperative_id"]))
    assert ("TRAINING_ACHIEVED" not in missing) == is_trained


async def test_a_replaced_certificate_keeps_the_training(town: Town) -> None:
    owner = an_applicant()
    cooperative = a_snapshot(owner)
    completion = a_completion(cooperative)
    await tell_cooperative(town, cooperative)
    await tell_training(town, completion)
    await tell_certificate(town, completion, "issued", "revoked")
    await tell_certificate(town, completion, "issued")
    assert (await eligibility(town, owner, cooperative["cooperative_id"]))["is_eligible"]


async def test_what_the_registry_tells_later_replaces_what_it_told(town: Town) -> None:
    owner = an_applicant()
    cooperative = await a_cooperative(town, owner)
    changed = cooperative | {"members_count": 4, "surprise": "a field of tomorrow"}
    await tell_cooperative(town, changed, "changed", seq=2)
    missing = unfulfilled(await eligibility(town, owner, cooperative["cooperative_id"]))
    assert set(missing) == {"ENOUGH_MEMBERS"}
    await tell_cooperative(town, changed | {"status": "STRUCK_OFF"}, "struck_off", seq=3)
    missing = unfulfilled(await eligibility(town, owner, cooperative["cooperative_id"]))
    assert set(missing) == {"ENOUGH_MEMBERS", "COOPERATIVE_ACTIVE"}


async def test_an_unknown_cooperative_may_still_be_on_its_way(town: Town) -> None:
    address = f"/v1/financing-products/CAMPAIGN_CREDIT/eligibility?cooperative_id={uuid4()}"
    async with town.client("financing", an_applicant()) as client:
        answer = await client.get(address)
    assert (answer.status_code, problem(answer)["code"]) == (409, "NOT_YET_KNOWN")
    assert answer.headers["retry-after"] == "1"


async def test_the_eligibility_of_others_looks_absent(town: Town) -> None:
    cooperative = await a_cooperative(town, an_applicant())
    id = cooperative["cooperative_id"]
    async with town.client("financing", an_applicant()) as client:
        foreign = await client.get(
            f"/v1/financing-products/CAMPAIGN_CREDIT/eligibility?cooperative_id={id}"
        )
        unknown = await client.get(f"/v1/financing-products/GOLD/eligibility?cooperative_id={id}")
    assert (foreign.status_code, unknown.status_code) == (404, 404)


async def test_reasons_come_in_the_callers_language(town: Town) -> None:
    owner = an_applicant()
    cooperative = await a_cooperative(town, owner, members_count=4)
    address = "/v1/financing-products/CAMPAIGN_CREDIT/eligibility"
    query = {"cooperative_id": cooperative["cooperative_id"]}
    async with town.client("financing", owner) as client:
        french = await client.get(address, params=query)
        english = await client.get(address, params=query, headers={"Accept-Language": "en"})
    assert "4 membres" in unfulfilled(french.json())["ENOUGH_MEMBERS"]["reason"]
    assert "4 members" in unfulfilled(english.json())["ENOUGH_MEMBERS"]["reason"]
    assert english.headers["content-language"] == "en"


def test_the_register_is_asked_at_every_stage_and_every_law_is_cited() -> None:
    at = {stage: {rule.asks for rule in RULES if stage in rule.stages} for stage in Stage}
    assert at[Stage.SUBMISSION] == {rule.asks for rule in RULES}
    assert at[Stage.ACCEPTANCE] == {"COOPERATIVE_ACTIVE", "ORGANS_IN_PLACE", "TRAINING_ACHIEVED"}
    assert at[Stage.CONTRACT] == {"COOPERATIVE_ACTIVE", "TRAINING_ACHIEVED"}
    assert at[Stage.DISBURSEMENT] == {"COOPERATIVE_ACTIVE", "TRAINING_ACHIEVED"}
    assert [r.asks for r in RULES if (r.basis is Basis.LAW) != (r.law_ref is not None)] == []
