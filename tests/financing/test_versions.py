"""`If-Match` is honoured wherever it is sent, even where an act does not demand it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.financing.acts import (
    accepted,
    contracted,
    drafted,
    eligible,
    post,
    submitted,
    transmitted,
)
from tests.financing.banks import a_bank, a_contract, a_disbursement
from tests.town import Identity, Town, problem

Act = tuple[Identity, str, Any]


async def submission(town: Town) -> Act:
    file = await drafted(town)
    return file.owner, f"{file.address}/submissions", {}


async def review(town: Town) -> Act:
    file = await submitted(town)
    return file.officer, f"{file.address}/reviews", {"outcome": "COMPLETE"}


async def withdrawal(town: Town) -> Act:
    file = await submitted(town)
    return file.owner, f"{file.address}/withdrawals", {}


async def transmission(town: Town) -> Act:
    file, bank = await eligible(town), await a_bank(town)
    return file.officer, f"{file.address}/transmissions", {"lender_ids": [bank.id]}


async def acknowledgement(town: Town) -> Act:
    bank = await a_bank(town)
    file = await transmitted(town, bank)
    id = file.assignments[bank.id]["id"]
    return bank.who, f"/v1/lender/assignments/{id}/acknowledgements", {}


async def contract(town: Town) -> Act:
    bank = await a_bank(town)
    _, financing = await accepted(town, bank)
    return bank.who, f"{financing}/contracts", a_contract()


async def disbursement(town: Town) -> Act:
    bank = await a_bank(town)
    _, financing = await contracted(town, bank)
    return bank.who, f"{financing}/disbursements", a_disbursement()


@pytest.mark.parametrize(
    "prepare",
    [submission, review, withdrawal, transmission, acknowledgement, contract, disbursement],
)
async def test_an_act_on_another_version_than_was_read_is_refused(
    town: Town, prepare: Callable[[Town], Awaitable[Act]]
) -> None:
    who, address, body = await prepare(town)
    stale = await post(town, who, address, body, If_Match='"99"')
    free = await post(town, who, address, body)
    assert (stale.status_code, problem(stale)["code"]) == (412, "PRECONDITION_FAILED")
    assert free.status_code == 201
