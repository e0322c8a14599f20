"""Who sees a financing; money paid out and paid back."""

from datetime import timedelta
from typing import Any

import pytest

from chassis import clock
from services.financing.financings.rules import allocate
from tests.financing.acts import File, accepted, contracted, get, post
from tests.financing.banks import Bank, a_bank, a_contract, a_disbursement, day
from tests.financing.people import (
    a_lender,
    an_applicant,
    an_officer,
    expect,
    heartbeat,
    tell_cooperative,
)
from tests.town import Town, codes, problem


async def an_accepted(town: Town, **changes: Any) -> tuple[File, Bank, str]:
    bank = await a_bank(town)
    file, financing = await accepted(town, bank, **changes)
    return file, bank, financing


async def a_contracted(town: Town, **changes: Any) -> tuple[File, Bank, str]:
    bank = await a_bank(town)
    file, financing = await contracted(town, bank, **changes)
    return file, bank, financing


async def test_who_may_see_a_financing(town: Town) -> None:
    file, bank, financing = await an_accepted(town)
    everybody = {
        "owner": file.owner,
        "lender": bank.who,
        "officer": an_officer(territory=["SN-SE"]),
        "far": an_officer(territory=["SN-DK"]),
        "other lender": a_lender(),
        "other cooperative": an_applicant(),
    }
    seen = {}
    for name, who in everybody.items():
        async with town.client("financing", who) as client:
            answer = await client.get(financing)
            listed = (await client.get("/v1/financings?limit=200")).json()["items"]
        is_listed = financing.endswith(tuple(item["id"] for item in listed) or "-")
        seen[name] = (answer.status_code, is_listed)
    yes, no = (200, True), (404, False)
    assert seen == {
        "owner": yes,
        "lender": yes,
        "officer": yes,
        "far": no,
        "other lender": no,
        "other cooperative": no,
    }


@pytest.mark.parametrize("step", ["contracts", "disbursements"])
async def test_a_struck_off_cooperative_gets_no_money(town: Town, step: str) -> None:
    """Struck off between acceptance and disbursement: 409 (AUSCOOP art. 74)."""
    prepare, body = (
        (an_accepted, a_contract()) if step == "contracts" else (a_contracted, a_disbursement())
    )
    file, bank, financing = await prepare(town)
    struck = file.cooperative | {"status": "STRUCK_OFF"}
    await tell_cooperative(town, struck, "struck_off", seq=2)
    answer = await post(town, bank.who, f"{financing}/{step}", body)
    assert (answer.status_code, problem(answer)["code"]) == (409, "COOPERATIVE_NOT_ACTIVE")


@pytest.mark.parametrize("step", ["contracts", "disbursements"])
async def test_a_silent_register_stops_the_money(town: Town, step: str) -> None:
    prepare, body = (
        (an_accepted, a_contract()) if step == "contracts" else (a_contracted, a_disbursement())
    )
    _, bank, financing = await prepare(town)
    await heartbeat(town, seconds_ago=61)
    answer = await post(town, bank.who, f"{financing}/{step}", body)
    await heartbeat(town)
    assert (answer.status_code, problem(answer)["code"]) == (503, "ELIGIBILITY_STALE")


async def test_only_the_chosen_lender_reports(town: Town) -> None:
    _, _, financing = await an_accepted(town)
    other = await a_bank(town)
    for step, body in (("contracts", a_contract()), ("disbursements", a_disbursement())):
        answer = await post(town, other.who, f"{financing}/{step}", body)
        assert answer.status_code == 404


async def test_money_is_not_paid_out_before_the_contract(town: Town) -> None:
    _, bank, financing = await an_accepted(town)
    answer = await post(town, bank.who, f"{financing}/disbursements", a_disbursement())
    body = problem(answer)
    assert (body["code"], body["current_status"]) == ("ILLEGAL_TRANSITION", "ACCEPTED")


async def test_tranches_add_up_to_what_was_contracted_and_never_beyond(town: Town) -> None:
    _, bank, financing = await a_contracted(town)
    address = f"{financing}/disbursements"
    first = expect(await post(town, bank.who, address, a_disbursement(1_000_000)), 201)
    beyond = await post(town, bank.who, address, a_disbursement(2_000_001))
    last = expect(await post(town, bank.who, address, a_disbursement(2_000_000)), 201)
    assert (first["financing_status"], first["left_xof"]) == ("DISBURSING", 2_000_000)
    assert first["schedule"] is None
    assert problem(beyond)["code"] == "DISBURSEMENT_EXCEEDS_APPROVED"
    assert problem(beyond)["left_xof"] == 2_000_000
    assert (last["financing_status"], last["left_xof"]) == ("ACTIVE", 0)
    assert (last["schedule"]["number"], last["schedule"]["reason"]) == (2, "DISBURSEMENT")
    more = await post(town, bank.who, address, a_disbursement(1))
    assert more.status_code == 409


async def test_the_schedule_is_made_anew_for_the_real_day(town: Town) -> None:
    """Interest for the days that the money was out, not for those that were planned."""
    file, bank, financing = await a_contracted(town, first_due_on=day(255))
    with clock.shifted(timedelta(days=30)):
        await heartbeat(town)
        paid = await post(
            town, bank.who, f"{financing}/disbursements", a_disbursement(disbursed_on=day())
        )
    assert expect(paid, 201)["financing_status"] == "ACTIVE"
    now = await get(town, file.owner, financing)
    [row] = now["schedule"]["computed"]["installments"]
    assert (row["due_on"], row["days"]) == (day(255), 225)
    assert row["interest_xof"] == 184_932
    assert now["due_xof"] == 3_184_932


async def test_a_report_is_recovered_by_its_reference_under_another_key(town: Town) -> None:
    _, bank, financing = await a_contracted(town)
    address, body = f"{financing}/disbursements", a_disbursement(1_000_000)
    first = await post(town, bank.who, address, body)
    again = await post(town, bank.who, address, body)
    other = await post(town, bank.who, address, body | {"amount_xof": 1_000_001})
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert (other.status_code, problem(other)["code"]) == (409, "DISBURSEMENT_REF_CONFLICT")


@pytest.mark.parametrize(("shift", "code"), [(1, "DATE_IN_FUTURE"), (-1, "DATE_TOO_EARLY")])
async def test_money_is_paid_out_after_the_contract_and_not_tomorrow(
    town: Town, shift: int, code: str
) -> None:
    _, bank, financing = await a_contracted(town)
    body = a_disbursement(disbursed_on=day(shift))
    answer = await post(town, bank.who, f"{financing}/disbursements", body)
    assert codes(answer) == {code}


async def test_repayments_pay_fees_then_interest_then_principal_and_the_last_franc_closes(
    town: Town,
) -> None:
    _, bank, financing = await a_contracted(town)
    early = await post(town, bank.who, f"{financing}/repayments", a_repayment(1))
    assert problem(early)["code"] == "ILLEGAL_TRANSITION"
    expect(await post(town, bank.who, f"{financing}/disbursements", a_disbursement()), 201)
    first_body = a_repayment(201_370 + 1_000_000)
    first = await post(town, bank.who, f"{financing}/repayments", first_body)
    part = {"number": 1, "fees_xof": 0, "interest_xof": 201_370, "principal_xof": 1_000_000}
    assert expect(first, 201)["allocation"] == [part]
    again = await post(town, bank.who, f"{financing}/repayments", first_body)
    assert (again.status_code, again.content) == (200, first.content)
    too_much = await post(town, bank.who, f"{financing}/repayments", a_repayment(2_000_001))
    assert codes(too_much) == {"OVERPAYMENT"}
    last = expect(
        await post(town, bank.who, f"{financing}/repayments", a_repayment(2_000_000)), 201
    )
    assert (last["financing_status"], last["left_xof"]) == ("CLOSED", 0)


def a_repayment(amount_xof: int, **changes: Any) -> dict[str, Any]:
    body = a_disbursement(amount_xof)
    return {
        "external_ref": body["external_ref"],
        "amount_xof": amount_xof,
        "paid_on": day(),
    } | changes


ROWS = [{"number": n, "fees_xof": 10, "interest_xof": 20, "principal_xof": 70} for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("before", "amount", "paid"),
    [
        (0, 5, [(1, 5, 0, 0)]),
        (5, 30, [(1, 5, 20, 5)]),
        (0, 100, [(1, 10, 20, 70)]),
        (90, 40, [(1, 0, 0, 10), (2, 10, 20, 0)]),
        (100, 200, [(2, 10, 20, 70), (3, 10, 20, 70)]),
    ],
)
def test_a_payment_pays_the_oldest_instalment_first(
    before: int, amount: int, paid: list[tuple[int, ...]]
) -> None:
    found = allocate(ROWS, before, amount)
    assert [tuple(part.values()) for part in found] == paid
    assert sum(sum(part[1:]) for part in paid) == amount
