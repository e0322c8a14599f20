"""What a decision does, what may replace it, and what nobody else learns of it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from chassis import clock
from tests.financing.acts import File, accept, decide, get, transmitted
from tests.financing.banks import Bank, a_bank, a_rejection, an_offer, terms
from tests.financing.people import expect
from tests.town import Town, problem


async def a_case(town: Town, count: int = 1) -> tuple[File, list[tuple[Bank, dict[str, Any]]]]:
    banks = [await a_bank(town) for _ in range(count)]
    file = await transmitted(town, *banks)
    return file, [(bank, file.assignments[bank.id]) for bank in banks]


async def again(town: Town, bank: Bank, assignment: dict[str, Any]) -> dict[str, Any]:
    """The assignment as the lender reads it now."""
    return await get(town, bank.who, f"/v1/lender/assignments/{assignment['id']}")


async def status_of(town: Town, file: File) -> str:
    return str((await get(town, file.owner, file.address))["status"])


async def test_an_offer_reaches_the_cooperative_and_closes_the_assignment(town: Town) -> None:
    file, [(bank, assignment)] = await a_case(town)
    answer = await decide(town, bank, assignment, an_offer(assignment))
    made = expect(answer, 201)
    now = await again(town, bank, assignment)
    assert (made["assignment_status"], made["application_status"]) == ("DECIDED", "OFFERED")
    assert now["status"] == "DECIDED"
    assert answer.headers["etag"] == f'"{now["version"]}"'
    assert answer.headers["location"] == f"/v1/lender/decisions/{made['decision_id']}"
    assert await status_of(town, file) == "OFFERED"


async def test_a_second_decision_is_refused_with_the_first_named(town: Town) -> None:
    _, [(bank, assignment)] = await a_case(town)
    made = expect(await decide(town, bank, assignment, an_offer(assignment)), 201)
    assignment = await again(town, bank, assignment)
    second = await decide(town, bank, assignment, an_offer(assignment))
    body = problem(second)
    assert (second.status_code, body["code"]) == (409, "ASSIGNMENT_ALREADY_DECIDED")
    assert (body["decision_id"], body["allowed_actions"]) == (made["decision_id"], ["AMEND"])


async def test_a_lost_answer_is_recovered_by_reference_under_another_key(town: Town) -> None:
    _, [(bank, assignment)] = await a_case(town)
    body = an_offer(assignment)
    first = await decide(town, bank, assignment, body)
    stale_and_other_key = await decide(town, bank, assignment | {"version": 99}, body)
    without_version = await decide(town, bank, assignment, body, headers={"If-Match": ""})
    for answer in (stale_and_other_key, without_version):
        assert (answer.status_code, answer.content) == (200, first.content)
        assert answer.headers["idempotency-replayed"] == "true"
        assert answer.headers["location"] == first.headers["location"]


async def test_one_reference_names_one_decision_for_ever(town: Town) -> None:
    _, [(bank, assignment)] = await a_case(town)
    body = an_offer(assignment)
    expect(await decide(town, bank, assignment, body), 201)
    other = await decide(town, bank, assignment | {"version": 99}, body | {"committee_ref": "CC-9"})
    elsewhere = await transmitted(town, bank)
    target = elsewhere.assignments[bank.id]
    moved = await decide(town, bank, target, body | {"dossier_sha256": target["dossier_sha256"]})
    for answer in (other, moved):
        assert (answer.status_code, problem(answer)["code"]) == (409, "DECISION_REF_CONFLICT")


async def test_two_lenders_may_use_the_same_reference(town: Town) -> None:
    _, cases = await a_case(town, 2)
    ref = uuid4().hex
    for bank, assignment in cases:
        body = an_offer(assignment, lender_decision_ref=ref)
        expect(await decide(town, bank, assignment, body), 201)


async def test_a_live_offer_is_superseded_by_a_better_one(town: Town) -> None:
    file, [(bank, assignment)] = await a_case(town)
    first = expect(await decide(town, bank, assignment, an_offer(assignment)), 201)
    assignment = await again(town, bank, assignment)
    better = an_offer(
        assignment, supersedes=first["decision_id"], terms=terms(annual_rate_percent="9.00")
    )
    second = expect(await decide(town, bank, assignment, better), 201)
    offers = await get(town, file.owner, f"/v1/offers?application_id={file.application['id']}")
    status = {offer["id"]: offer["status"] for offer in offers["items"]}
    assert status == {first["offer_id"]: "SUPERSEDED", second["offer_id"]: "LIVE"}
    third = an_offer(await again(town, bank, assignment), supersedes=first["decision_id"])
    stale = await decide(town, bank, await again(town, bank, assignment), third)
    assert (stale.status_code, problem(stale)["code"]) == (409, "SUPERSEDE_CONFLICT")


async def test_a_first_decision_supersedes_nothing(town: Town) -> None:
    _, [(bank, assignment)] = await a_case(town)
    body = an_offer(assignment, supersedes=str(uuid4()))
    answer = await decide(town, bank, assignment, body)
    assert problem(answer)["code"] == "SUPERSEDE_CONFLICT"


async def test_a_revoked_offer_leaves_the_application_without_one(town: Town) -> None:
    file, [(bank, assignment), (other, theirs)] = await a_case(town, 2)
    first = expect(await decide(town, bank, assignment, an_offer(assignment)), 201)
    assignment = await again(town, bank, assignment)
    revocation = a_rejection(assignment, supersedes=first["decision_id"])
    expect(await decide(town, bank, assignment, revocation), 201)
    assert await status_of(town, file) == "WITH_LENDERS"
    expect(await decide(town, other, theirs, a_rejection(theirs)), 201)
    assert await status_of(town, file) == "UNPLACED"
    offer = await get(town, file.owner, f"/v1/offers/{first['offer_id']}")
    assert offer["status"] == "REVOKED"


async def test_a_rejection_may_become_an_offer_until_the_deadline(town: Town) -> None:
    file, [(bank, assignment), _] = await a_case(town, 2)
    first = expect(await decide(town, bank, assignment, a_rejection(assignment)), 201)
    assignment = await again(town, bank, assignment)
    with clock.shifted(timedelta(days=20)):
        body = an_offer(assignment, supersedes=first["decision_id"])
        late = await decide(town, bank, assignment, body)
    body = an_offer(assignment, supersedes=first["decision_id"])
    expect(await decide(town, bank, assignment, body), 201)
    assert problem(late)["code"] == "ASSIGNMENT_EXPIRED"
    assert await status_of(town, file) == "OFFERED"


async def test_what_was_accepted_is_protected(town: Town) -> None:
    file, [(bank, assignment), (other, theirs)] = await a_case(town, 2)
    made = expect(await decide(town, bank, assignment, an_offer(assignment)), 201)
    lost = expect(await decide(town, other, theirs, an_offer(theirs)), 201)
    offer = await get(town, file.owner, f"/v1/offers/{made['offer_id']}")
    expect(await accept(town, file, offer), 201)
    assignment, theirs = await again(town, bank, assignment), await again(town, other, theirs)
    body = an_offer(assignment, supersedes=made["decision_id"])
    worse = await decide(town, bank, assignment, body)
    body = an_offer(theirs, supersedes=lost["decision_id"])
    late = await decide(town, other, theirs, body)
    assert problem(worse)["code"] == "ACCEPTED_TERMS_PROTECTED"
    assert problem(late)["code"] == "ASSIGNMENT_RECALLED"


async def test_what_a_lender_learns_does_not_depend_on_the_others(town: Town) -> None:
    """The same rejection, with and without an offer beside it, is answered alike."""
    answers, seen = [], []
    for with_offer in (False, True):
        _, [(bank, assignment), (other, theirs)] = await a_case(town, 2)
        if with_offer:
            expect(await decide(town, other, theirs, an_offer(theirs)), 201)
        body = expect(await decide(town, bank, assignment, a_rejection(assignment)), 201)
        answers.append({k: v for k, v in body.items() if k not in ("decision_id", "receipt")})
        now = await again(town, bank, assignment)
        seen.append({k: now[k] for k in ("status", "version", "round", "allowed_actions")})
    assert answers[0] == answers[1]
    assert seen[0] == seen[1]


async def test_lenders_and_strangers_see_only_what_is_theirs(town: Town) -> None:
    file, [(bank, assignment), (other, theirs)] = await a_case(town, 2)
    made = expect(await decide(town, bank, assignment, an_offer(assignment)), 201)
    for place in (
        f"/v1/lender/assignments/{assignment['id']}",
        f"/v1/lender/decisions/{made['decision_id']}",
    ):
        async with town.client("financing", other.who) as client:
            assert (await client.get(place)).status_code == 404
    page = await get(town, other.who, "/v1/lender/assignments")
    assert [item["id"] for item in page["items"]] == [theirs["id"]]
    elsewhere, _ = await a_case(town)
    async with town.client("financing", elsewhere.owner) as client:
        assert (await client.get(f"/v1/offers/{made['offer_id']}")).status_code == 404
        assert (await client.get("/v1/offers")).json()["items"] == []
    events = await town.apps["financing"].state.reads.fetch(
        "select data from event_log where aggregate = $1",
        f"application/{file.application['id']}",
    )
    told = " ".join(str(row["data"]) for row in events)
    assert bank.id not in told
    assert "3000000" not in told


async def test_a_dossier_names_no_person_and_no_other_lender(town: Town) -> None:
    file, [(_, assignment), (other, _)] = await a_case(town, 2)
    told = str(assignment)
    assert file.owner.sub not in told
    assert file.officer.sub not in told
    assert other.id not in told


@pytest.mark.parametrize("sql", ["update {} set kid = 'x'", "delete from {}", "truncate {}"])
async def test_no_decision_can_be_changed(town: Town, sql: str) -> None:
    _, [(bank, assignment)] = await a_case(town)
    expect(await decide(town, bank, assignment, a_rejection(assignment)), 201)
    async with town.apps["financing"].state.reads.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(sql.format("lender_decision"))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            {"reason_codes": ["GOVERNANCE"], "reason_text": "Comptes à tenir."},
            (["GOVERNANCE"], "Comptes à tenir."),
        ),
        (
            {"reason_codes": ["FRAUD_SUSPICION"], "reason_text": "Faux documents."},
            (["OTHER"], None),
        ),
    ],
)
async def test_the_cooperative_reads_why_a_lender_refused_but_for_suspicions(
    town: Town, said: dict[str, Any], shown: tuple[list[str], str | None]
) -> None:
    file, [(bank, assignment)] = await a_case(town)
    expect(await decide(town, bank, assignment, a_rejection(assignment, **said)), 201)
    [refusal] = (await get(town, file.owner, file.address))["refusals"]
    assert (refusal["lender_id"], refusal["reason_codes"]) == (bank.id, shown[0])
    assert refusal["reason_text"] == shown[1]


async def test_a_replaced_rejection_is_no_longer_shown(town: Town) -> None:
    file, [(bank, assignment), _] = await a_case(town, 2)
    first = expect(await decide(town, bank, assignment, a_rejection(assignment)), 201)
    body = an_offer(assignment, supersedes=first["decision_id"])
    expect(await decide(town, bank, await again(town, bank, assignment), body), 201)
    assert (await get(town, file.owner, file.address))["refusals"] == []
