"""What happens when two do it at once: one race for each lock."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis import clock
from services.financing.expiry.service import expire_due
from tests.financing.acts import (
    File,
    accept,
    accepted,
    contracted,
    decide,
    decide_eligibility,
    eligible,
    get,
    offered,
    post,
    reviewed,
    transmit,
    transmitted,
)
from tests.financing.banks import Bank, a_bank, a_contract, a_disbursement, an_offer, terms
from tests.financing.people import a_validator, expect
from tests.town import Town, problem


async def rows(town: Town, sql: str, *args: Any) -> list[Any]:
    return list(await town.apps["financing"].state.reads.fetch(sql, *args))


async def decisions_of(town: Town, assignment: dict[str, Any]) -> int:
    sql = "select count(*) from lender_decision where assignment_id = $1"
    return int((await rows(town, sql, assignment["id"]))[0][0])


async def patiently(attempt: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """Try again while every connection is busy, as 503 with `Retry-After` asks for."""
    answer = await attempt()
    for _ in range(20):
        if answer.status_code != 503:
            break
        await asyncio.sleep(0.5)
        answer = await attempt()
    return answer


def told(answers: list[httpx.Response]) -> Counter[Any]:
    return Counter((a.status_code, None if a.is_success else problem(a)["code"]) for a in answers)


async def a_case(town: Town) -> tuple[File, Bank, dict[str, Any]]:
    bank = await a_bank(town)
    file = await transmitted(town, bank)
    return file, bank, file.assignments[bank.id]


async def test_twenty_decisions_under_one_key_make_one(town: Town) -> None:
    file, bank, assignment = await a_case(town)
    body, key = an_offer(assignment), uuid4().hex
    answers = await asyncio.gather(
        *(patiently(lambda: decide(town, bank, assignment, body, key=key)) for _ in range(20))
    )
    made = [answer for answer in answers if answer.status_code == 201]
    fresh = [answer for answer in made if "idempotency-replayed" not in answer.headers]
    assert len(fresh) == 1
    assert {answer.content for answer in made} == {fresh[0].content}
    assert set(told(answers)) <= {(201, None), (409, "REQUEST_IN_PROGRESS")}
    assert await decisions_of(town, assignment) == 1
    found = await get(town, file.owner, f"/v1/offers?application_id={file.application['id']}")
    assert len(found["items"]) == 1


async def test_twenty_decisions_under_one_reference_make_one(town: Town) -> None:
    _, bank, assignment = await a_case(town)
    body = an_offer(assignment)
    answers = await asyncio.gather(
        *(patiently(lambda: decide(town, bank, assignment, body)) for _ in range(20))
    )
    assert told(answers) == {(201, None): 1, (200, None): 19}
    assert len({answer.content for answer in answers}) == 1
    assert await decisions_of(town, assignment) == 1


async def test_of_ten_different_decisions_one_is_recorded(town: Town) -> None:
    _, bank, assignment = await a_case(town)
    answers = await asyncio.gather(
        *(
            patiently(partial(decide, town, bank, assignment, an_offer(assignment)))
            for _ in range(10)
        )
    )
    assert told(answers) == {(201, None): 1, (412, "PRECONDITION_FAILED"): 9}
    assert await decisions_of(town, assignment) == 1


async def test_of_two_amendments_one_supersedes(town: Town) -> None:
    _, bank, assignment = await a_case(town)
    first = expect(await decide(town, bank, assignment, an_offer(assignment)), 201)
    now = await get(town, bank.who, f"/v1/lender/assignments/{assignment['id']}")
    bodies = [
        an_offer(now, supersedes=first["decision_id"], terms=terms(annual_rate_percent=rate))
        for rate in ("9.00", "9.50")
    ]
    answers = await asyncio.gather(*(decide(town, bank, now, body) for body in bodies))
    assert told(answers) == {(201, None): 1, (412, "PRECONDITION_FAILED"): 1}


async def test_of_two_acceptances_one_holds(town: Town) -> None:
    banks = [await a_bank(town) for _ in range(2)]
    file, found = await offered(town, *banks)
    answers = await asyncio.gather(*(accept(town, file, offer) for offer in found))
    assert sorted(a.status_code for a in answers) in ([201, 409], [201, 412])
    sql = "select status from offer where application_id = $1 order by status"
    states = [row["status"] for row in await rows(town, sql, file.application["id"])]
    assert states == ["ACCEPTED", "LAPSED"]
    sql = "select count(*) from financing where application_id = $1"
    assert (await rows(town, sql, file.application["id"]))[0][0] == 1


@pytest.mark.parametrize("_", range(10))
async def test_an_amendment_and_an_acceptance_leave_one_truth(town: Town, _: int) -> None:
    bank = await a_bank(town)
    file, [offer] = await offered(town, bank)
    [made] = (await get(town, bank.who, "/v1/lender/decisions"))["items"]
    now = await get(town, bank.who, f"/v1/lender/assignments/{made['assignment_id']}")
    better = an_offer(now, supersedes=made["decision_id"])
    amended, taken = await asyncio.gather(
        decide(town, bank, now, better), accept(town, file, offer)
    )
    sql = "select id::text, status from offer where application_id = $1"
    states = {row["id"]: row["status"] for row in await rows(town, sql, file.application["id"])}
    if taken.status_code == 201:
        assert problem(amended)["code"] == "ACCEPTED_TERMS_PROTECTED"
        assert states == {offer["id"]: "ACCEPTED"}
    else:
        assert (taken.status_code, amended.status_code) == (412, 201)
        assert states == {offer["id"]: "SUPERSEDED", amended.json()["offer_id"]: "LIVE"}


@pytest.mark.parametrize("_", range(20))
async def test_a_decision_at_the_deadline_and_the_timer_leave_one_truth(town: Town, _: int) -> None:
    """The decision is signed a moment before the deadline, the timer wakes a moment after."""
    file, bank, assignment = await a_case(town)
    body = an_offer(assignment)
    near = clock.now() + timedelta(milliseconds=40)
    await rows(
        town,
        "update assignment set ack_due_at = $2, decision_due_at = $2 where id = $1",
        assignment["id"],
        near,
    )
    answer, _did = await asyncio.gather(decide(town, bank, assignment, body), _tick(town, times=8))
    await asyncio.sleep(0.05)
    await expire_due(town.apps["financing"])
    [now] = await rows(town, "select status from assignment where id = $1", assignment["id"])
    status = (await get(town, file.owner, file.address))["status"]
    count = await decisions_of(town, assignment)
    if answer.status_code == 201:
        assert (now["status"], status, count) == ("DECIDED", "OFFERED", 1)
    else:
        assert problem(answer)["code"] in ("ASSIGNMENT_EXPIRED", "PRECONDITION_FAILED")
        assert (now["status"], status, count) == ("EXPIRED", "UNPLACED", 0)


async def _tick(town: Town, times: int) -> None:
    for _ in range(times):
        await expire_due(town.apps["financing"])
        await asyncio.sleep(0.01)


async def test_two_tranches_never_exceed_what_was_contracted(town: Town) -> None:
    bank = await a_bank(town)
    _, financing = await contracted(town, bank)
    answers = await asyncio.gather(
        *(
            post(town, bank.who, f"{financing}/disbursements", a_disbursement(2_000_000))
            for _ in range(2)
        )
    )
    assert told(answers) == {(201, None): 1, (409, "DISBURSEMENT_EXCEEDS_APPROVED"): 1}
    assert (await get(town, bank.who, financing))["disbursed_xof"] == 2_000_000


async def test_ten_reports_of_one_tranche_count_once(town: Town) -> None:
    bank = await a_bank(town)
    _, financing = await contracted(town, bank)
    body = a_disbursement(1_000_000)
    answers = await asyncio.gather(
        *(
            patiently(lambda: post(town, bank.who, f"{financing}/disbursements", body))
            for _ in range(10)
        )
    )
    assert told(answers) == {(201, None): 1, (200, None): 9}
    assert (await get(town, bank.who, financing))["disbursed_xof"] == 1_000_000


async def test_of_two_contracts_one_is_signed(town: Town) -> None:
    bank = await a_bank(town)
    _, financing = await accepted(town, bank)
    answers = await asyncio.gather(
        *(post(town, bank.who, f"{financing}/contracts", a_contract()) for _ in range(2))
    )
    assert told(answers) == {(201, None): 1, (409, "ILLEGAL_TRANSITION"): 1}


async def test_of_two_officers_one_decides(town: Town) -> None:
    file = await reviewed(town)
    answers = await asyncio.gather(
        *(decide_eligibility(town, file, a_validator()) for _ in range(5))
    )
    assert told(answers) == {(201, None): 1, (412, "PRECONDITION_FAILED"): 4}


async def test_of_two_transmissions_one_is_made(town: Town) -> None:
    file, bank = await eligible(town), await a_bank(town)
    answers = await asyncio.gather(*(transmit(town, file, bank) for _ in range(4)))
    assert told(answers) == {(201, None): 1, (409, "ILLEGAL_TRANSITION"): 3}


async def test_an_acceptance_and_a_withdrawal_leave_one_truth(town: Town) -> None:
    bank = await a_bank(town)
    file, [offer] = await offered(town, bank)
    taken, withdrawn = await asyncio.gather(
        accept(town, file, offer), post(town, file.owner, f"{file.address}/withdrawals")
    )
    now = (await get(town, file.owner, file.address))["status"]
    codes = {taken.status_code: "ACCEPTED", withdrawn.status_code: "WITHDRAWN"}
    assert codes[201] == now
    assert sorted((taken.status_code, withdrawn.status_code))[0] == 201
