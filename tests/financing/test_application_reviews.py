"""Reviews, eligibility decisions, appeals: four eyes at every step."""

from datetime import timedelta
from typing import Any

import pytest

from chassis import clock
from tests.financing.acts import File, decide_eligibility, get, patch, post, reviewed, submitted
from tests.financing.people import (
    a_validator,
    an_officer,
    expect,
)
from tests.town import Identity, Town, codes, problem


async def test_a_file_comes_back_is_corrected_and_submitted_again(town: Town) -> None:
    file = await submitted(town)
    remark = {"pointer": "/purpose", "message": "Précisez la culture."}
    said = {"outcome": "CHANGES_REQUESTED", "remarks": [remark]}
    file.application = expect(await post(town, file.officer, f"{file.address}/reviews", said), 201)
    assert file.application["corrections_due_at"]
    changes = {"purpose": "Campagne d'anacarde, 12 ha"}
    corrected = expect(await patch(town, file.owner, file, changes), 200)
    again = expect(await post(town, file.owner, f"{file.address}/submissions"), 201)
    assert (corrected["status"], again["status"]) == ("CHANGES_REQUESTED", "SUBMITTED")
    assert again["corrections_due_at"] is None
    history = (await get(town, file.owner, file.address))["history"]
    assert [act["kind"] for act in history] == ["SUBMISSION", "REVIEW", "SUBMISSION"]
    assert history[1]["said"]["remarks"] == [remark]
    hashes = {history[0]["said"]["sha256"], history[2]["said"]["sha256"]}
    assert again["dossier_sha256"] in hashes
    assert len(hashes) == 2


async def test_asking_for_changes_says_which(town: Town) -> None:
    file = await submitted(town)
    said = {"outcome": "CHANGES_REQUESTED"}
    answer = await post(town, file.officer, f"{file.address}/reviews", said)
    assert codes(answer) == {"REMARKS_REQUIRED"}


async def test_who_submitted_may_neither_review_nor_decide(town: Town) -> None:
    file = await submitted(town)
    both = Identity(
        scope="financing:review financing:validate", territory=["SN"], sub=file.owner.sub
    )
    review = await post(town, both, f"{file.address}/reviews", {"outcome": "COMPLETE"})
    file = await reviewed(town)
    both.sub = file.owner.sub
    decision = await decide_eligibility(town, file, both)
    assert {problem(answer)["code"] for answer in (review, decision)} == {"FOUR_EYES"}
    assert {answer.status_code for answer in (review, decision)} == {403}


async def test_who_reviewed_may_not_decide_even_after_another_review(town: Town) -> None:
    file = await submitted(town)
    said = {"outcome": "CHANGES_REQUESTED", "remarks": [{"message": "Une pièce manque."}]}
    first = an_officer()
    expect(await post(town, first, f"{file.address}/reviews", said), 201)
    expect(await post(town, file.owner, f"{file.address}/submissions"), 201)
    review = await post(town, file.officer, f"{file.address}/reviews", {"outcome": "COMPLETE"})
    file.application = expect(review, 201)
    answer = await decide_eligibility(town, file, a_validator(sub=first.sub))
    assert problem(answer)["code"] == "FOUR_EYES"


async def test_the_version_comes_before_the_state_and_the_state_before_four_eyes(
    town: Town,
) -> None:
    file = await submitted(town)
    early = await decide_eligibility(town, file, a_validator(sub=file.owner.sub))
    assert problem(early)["code"] == "ILLEGAL_TRANSITION"
    file.application["version"] = 7
    stale = await decide_eligibility(town, file, a_validator(sub=file.owner.sub))
    assert problem(stale)["code"] == "PRECONDITION_FAILED"
    address = f"{file.address}/eligibility-decisions"
    without = await post(town, file.validator, address, {"outcome": "ELIGIBLE"})
    assert without.status_code == 428


@pytest.mark.parametrize(
    "said", [{"outcome": "NOT_ELIGIBLE"}, {"outcome": "ELIGIBLE", "reasons": ["Pourquoi pas ?"]}]
)
async def test_reasons_go_with_refusals_and_only_with_them(town: Town, said: Any) -> None:
    file = await reviewed(town)
    answer = await decide_eligibility(town, file, **said)
    assert codes(answer) == {"REASONS_REQUIRED"}


async def refused(town: Town) -> File:
    file = await reviewed(town)
    said: dict[str, Any] = {"outcome": "NOT_ELIGIBLE", "reasons": ["Plan de campagne incomplet."]}
    file.application = expect(await decide_eligibility(town, file, **said), 201)
    return file


async def test_an_appeal_is_decided_by_somebody_else_and_made_once(town: Town) -> None:
    file = await refused(town)
    body = {"reason": "Le plan était joint."}
    file.application = expect(await post(town, file.owner, f"{file.address}/appeals", body), 201)
    assert file.application["status"] == "UNDER_REVIEW"
    same = await decide_eligibility(town, file)
    assert problem(same)["code"] == "FOUR_EYES"
    said = {"outcome": "NOT_ELIGIBLE", "reasons": ["Hors zone."]}
    file.application = expect(await decide_eligibility(town, file, a_validator(), **said), 201)
    again = await post(town, file.owner, f"{file.address}/appeals", body)
    assert (again.status_code, problem(again)["code"]) == (409, "APPEAL_EXPIRED")


async def test_an_appeal_comes_within_thirty_days(town: Town) -> None:
    file = await refused(town)
    with clock.shifted(timedelta(days=30, minutes=1)):
        late = await post(town, file.owner, f"{file.address}/appeals", {"reason": "Enfin."})
    assert problem(late)["code"] == "APPEAL_EXPIRED"
