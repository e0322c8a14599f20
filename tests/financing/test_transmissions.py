"""An eligible file goes to lenders."""

from uuid import uuid4

import pytest

from tests.financing.acts import eligible, get, post, reviewed, transmit, transmitted
from tests.financing.banks import a_bank
from tests.financing.people import a_lender, expect
from tests.town import Town, codes, problem


async def test_a_transmission_gives_each_lender_its_clock(town: Town) -> None:
    bank, sfd = await a_bank(town), await a_bank(town, "SFD")
    file = await transmitted(town, bank, sfd)
    for lender in (bank, sfd):
        assignment = file.assignments[lender.id]
        assert (assignment["status"], assignment["round"]) == ("SENT", 1)
        assert assignment["sent_at"] < assignment["ack_due_at"] < assignment["decision_due_at"]
    read = await get(town, file.owner, file.address)
    assert (read["status"], read["round"]) == ("WITH_LENDERS", 1)


async def test_only_lenders_who_may_take_it_are_asked(town: Town) -> None:
    bank, fund = await a_bank(town), await a_bank(town, "OTHER")
    file = await eligible(town)
    lenders = (await get(town, file.officer, "/v1/lenders?status=LISTED&limit=1"))["items"]
    ids = [bank.id, bank.id, fund.id, lenders[0]["id"], str(uuid4())]
    answer = await post(town, file.officer, f"{file.address}/transmissions", {"lender_ids": ids})
    pointers = {finding["pointer"] for finding in problem(answer)["errors"]}
    assert codes(answer) == {"LENDER_NOT_ELIGIBLE"}
    assert pointers == {f"/lender_ids/{n}" for n in (1, 2, 3, 4)}


async def test_a_file_is_not_sent_before_it_is_eligible(town: Town) -> None:
    file = await reviewed(town)
    answer = await transmit(town, file, await a_bank(town))
    assert problem(answer)["code"] == "ILLEGAL_TRANSITION"


async def test_a_withdrawal_recalls_those_who_were_asked(town: Town) -> None:
    bank = await a_bank(town)
    file = await transmitted(town, bank)
    taken = expect(await post(town, file.owner, f"{file.address}/withdrawals"), 201)
    address = f"/v1/lender/assignments/{file.assignments[bank.id]['id']}"
    assert taken["status"] == "WITHDRAWN"
    assert (await get(town, bank.who, address))["status"] == "RECALLED"
    again = await post(town, file.owner, f"{file.address}/withdrawals")
    assert problem(again)["code"] == "ILLEGAL_TRANSITION"


@pytest.mark.parametrize("place", ["/v1/lender/assignments", "/v1/lender/decisions"])
async def test_a_token_of_no_lender_opens_no_lenders_door(town: Town, place: str) -> None:
    nobody = a_lender(None)
    async with town.client("financing", nobody) as client:
        answer = await client.get(place)
    assert (answer.status_code, problem(answer)["code"]) == (403, "LENDER_REQUIRED")
