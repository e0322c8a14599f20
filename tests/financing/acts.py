"""What people and lenders do in the tests of financing, step by step."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from tests.financing.banks import Bank, a_contract, an_offer, day, terms
from tests.financing.people import (
    a_cooperative,
    a_validator,
    an_applicant,
    an_officer,
    expect,
)
from tests.town import Identity, Town


def a_wish(cooperative: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An application for a campaign credit that breaks no rule."""
    return {
        "cooperative_id": cooperative["cooperative_id"],
        "product_code": "CAMPAIGN_CREDIT",
        "purpose": "Campagne d'anacarde 2027",
        "amount_requested_xof": 3_000_000,
        "term_months": 10,
        "sector_code": "A01",
        "expected_start_on": day(10),
        "campaign": {"start_on": day(10), "harvest_on": day(200), "end_on": day(240)},
        "own_contribution_xof": 300_000,
        "ag_resolution": {
            "held_on": day(-30),
            "max_amount_xof": 4_000_000,
            "max_term_months": 12,
            "signatories": ["PRESIDENT", "TREASURER"],
        },
        "consents": {"bic": True, "data_sharing": True, "reassignment": True},
    } | changes


async def post(
    town: Town, who: Identity, address: str, body: Any = None, **headers: str
) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with town.client("financing", who) as client:
        return await client.post(address, json={} if body is None else body, headers=given)


async def get(town: Town, who: Identity, address: str) -> dict[str, Any]:
    async with town.client("financing", who) as client:
        return expect(await client.get(address), 200)


@dataclass
class File:
    """An application on its way, and those who have it in hand."""

    owner: Identity
    cooperative: dict[str, Any]
    application: dict[str, Any]
    officer: Identity = field(default_factory=an_officer)
    validator: Identity = field(default_factory=a_validator)
    assignments: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"/v1/financing-applications/{self.application['id']}"


async def patch(
    town: Town, who: Identity, file: File, changes: dict[str, Any], version: int | None = None
) -> httpx.Response:
    version = version or file.application["version"]
    async with town.client("financing", who) as client:
        headers = {"If-Match": f'"{version}"'}
        return await client.patch(file.address, json=changes, headers=headers)


async def drafted(town: Town, **changes: Any) -> File:
    owner = an_applicant()
    cooperative = await a_cooperative(town, owner)
    wish = a_wish(cooperative, **changes)
    answer = await post(town, owner, "/v1/financing-applications", wish)
    return File(owner, cooperative, expect(answer, 201))


async def submitted(town: Town, **changes: Any) -> File:
    file = await drafted(town, **changes)
    answer = await post(town, file.owner, f"{file.address}/submissions")
    file.application = expect(answer, 201)
    return file


async def reviewed(town: Town, **changes: Any) -> File:
    file = await submitted(town, **changes)
    answer = await post(town, file.officer, f"{file.address}/reviews", {"outcome": "COMPLETE"})
    file.application = expect(answer, 201)
    return file


async def decide_eligibility(
    town: Town, file: File, who: Identity | None = None, **said: Any
) -> httpx.Response:
    """A second officer decides on the version that is known here."""
    return await post(
        town,
        who or file.validator,
        f"{file.address}/eligibility-decisions",
        {"outcome": "ELIGIBLE"} | said,
        If_Match=f'"{file.application["version"]}"',
    )


async def eligible(town: Town, **changes: Any) -> File:
    file = await reviewed(town, **changes)
    file.application = expect(await decide_eligibility(town, file), 201)
    return file


async def transmit(town: Town, file: File, *lenders: Bank) -> httpx.Response:
    ids = [lender.id for lender in lenders]
    return await post(town, file.officer, f"{file.address}/transmissions", {"lender_ids": ids})


async def transmitted(town: Town, *lenders: Bank, **changes: Any) -> File:
    """A file with lenders; `assignments` by lender, as each of them reads it."""
    file = await eligible(town, **changes)
    sent = expect(await transmit(town, file, *lenders), 201)["assignments"]
    by_lender = {row["lender_id"]: row["assignment_id"] for row in sent}
    for lender in lenders:
        address = f"/v1/lender/assignments/{by_lender[lender.id]}"
        file.assignments[lender.id] = await get(town, lender.who, address)
    return file


async def decide(
    town: Town,
    bank: Bank,
    assignment: dict[str, Any],
    body: dict[str, Any],
    *,
    key: str | None = None,
    claims: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    sent: bytes | None = None,
) -> httpx.Response:
    """Send a signed decision. `claims` forge the signature, `sent` replaces the bytes after it was
    made, `headers` replace or (empty) remove headers."""
    address = f"/v1/lender/assignments/{assignment['id']}/decisions"
    raw = json.dumps(body, ensure_ascii=False).encode()
    key = key or uuid4().hex
    usual = {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "If-Match": f'"{assignment["version"]}"',
        "x-jws-signature": bank.signed(address, raw, key, **(claims or {})),
    }
    given = {k: v for k, v in (usual | (headers or {})).items() if v or k == "Idempotency-Key"}
    async with town.client("financing", bank.who) as client:
        return await client.post(address, content=sent or raw, headers=given)


async def offered(town: Town, *lenders: Bank, **changes: Any) -> tuple[File, list[dict[str, Any]]]:
    """A file on which every lender offered, and the offers as the cooperative reads them."""
    file = await transmitted(town, *lenders)
    for lender in lenders:
        assignment = file.assignments[lender.id]
        body = an_offer(assignment, terms=terms(**changes))
        expect(await decide(town, lender, assignment, body), 201)
    address = f"/v1/offers?application_id={file.application['id']}"
    found: list[dict[str, Any]] = (await get(town, file.owner, address))["items"]
    return file, found


async def accept(
    town: Town, file: File, offer: dict[str, Any], body: Any = None, **headers: str
) -> httpx.Response:
    usual = {"If_Match": f'"{offer["version"]}"'}
    address = f"/v1/offers/{offer['id']}/acceptances"
    return await post(town, file.owner, address, body, **(usual | headers))


async def accepted(town: Town, bank: Bank, **changes: Any) -> tuple[File, str]:
    """A file with an accepted offer, and the address of its financing."""
    file, [offer] = await offered(town, bank, **changes)
    acceptance = expect(await accept(town, file, offer), 201)
    return file, f"/v1/financings/{acceptance['financing_id']}"


async def contracted(town: Town, bank: Bank, **changes: Any) -> tuple[File, str]:
    file, financing = await accepted(town, bank, **changes)
    expect(await post(town, bank.who, f"{financing}/contracts", a_contract()), 201)
    return file, financing
