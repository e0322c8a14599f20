"""From what is lacking to the last franc, as the domain tells it."""

import hashlib
import json
import time
from typing import Any
from uuid import uuid4

import rfc8785
from joserfc import jws
from joserfc.jwk import ECKey

from chassis.canonical import sha256
from chassis.ids import new_id
from services.financing.decisions.chain import broken_decision, link_decisions
from tests.financing.acts import (
    File,
    a_bank,
    a_contract,
    a_disbursement,
    a_rejection,
    a_wish,
    an_offer,
    decide,
    get,
    post,
    terms,
)
from tests.financing.people import (
    a_completion,
    a_snapshot,
    a_validator,
    an_applicant,
    an_officer,
    expect,
    heartbeat,
    tell_training,
)
from tests.town import Town, codes, problem


async def push(town: Town, producer: str, *events: dict[str, Any]) -> None:
    """Deliver events as the peer's deliverer does: over HTTP, signed with the peer's own key."""
    body = json.dumps({"events": list(events), "heartbeat": None}).encode()
    claims = {"htm": "POST", "aud": "financing", "iss": producer}
    signer = town.apps[producer].state.signer
    signature = signer.detached(body, {"iat": int(time.time()), **claims})
    async with town.client("financing") as client:
        answer = await client.post(
            "/internal/v1/events", content=body, headers={"x-jws-signature": signature}
        )
    assert expect(answer, 200)["failed"] == {}


def an_event(kind: str, subject: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "type": f"sn.mboolo.{kind}.v1",
        "subject": subject,
        "time": "2026-11-24T12:00:00.000Z",
        "resourceversion": 1,
        "data": data,
    }


async def test_a_cooperative_finds_its_campaign_credit(town: Town) -> None:
    owner, officer, validator = an_applicant(), an_officer(), a_validator()
    bank_a, bank_b = await a_bank(town), await a_bank(town)
    cooperative = a_snapshot(owner)
    completion = a_completion(cooperative)
    id = cooperative["cooperative_id"]

    # the register knows it; what it lacks is the training, and it reads what to do
    subject = f"cooperative/{id}"
    registered = an_event("registry.cooperative.registered", subject, cooperative)
    await push(town, "registry", registered)
    asked = f"/v1/financing-products/CAMPAIGN_CREDIT/eligibility?cooperative_id={id}"
    before = await get(town, owner, asked)
    lacking = [rule for rule in before["rules"] if not rule["is_fulfilled"]]
    assert [rule["code"] for rule in lacking] == ["TRAINING_ACHIEVED"]
    assert lacking[0]["remedy"]

    # an application before the training is refused with the same reason
    wish = a_wish(cooperative)
    draft = expect(await post(town, owner, "/v1/financing-applications", wish), 201)
    file = File(owner, cooperative, draft, officer, validator)
    early = await post(town, owner, f"{file.address}/submissions")
    assert codes(early) == {"TRAINING_REQUIRED"}

    # the group it once was has completed Start.Coop
    await tell_training(town, completion)
    await heartbeat(town)
    assert (await get(town, owner, asked))["is_eligible"]

    # it applies; two officers, never one, review and decide
    filed = expect(await post(town, owner, f"{file.address}/submissions"), 201)
    assert filed["status"] == "SUBMITTED"
    review = await post(town, officer, f"{file.address}/reviews", {"outcome": "COMPLETE"})
    version = f'"{expect(review, 201)["version"]}"'
    both = an_officer()
    both.scope, both.sub = "financing:review financing:validate", officer.sub
    verdict = {"outcome": "ELIGIBLE"}
    address = f"{file.address}/eligibility-decisions"
    alone = await post(town, both, address, verdict, If_Match=version)
    assert (alone.status_code, problem(alone)["code"]) == (403, "FOUR_EYES")
    expect(await post(town, validator, address, verdict, If_Match=version), 201)

    # it goes to two lenders, who each read the same dossier, without any person
    ids = {"lender_ids": [bank_a.id, bank_b.id]}
    sent = expect(await post(town, officer, f"{file.address}/transmissions", ids), 201)
    for row, bank in zip(sent["assignments"], (bank_a, bank_b), strict=True):
        place = f"/v1/lender/assignments/{row['assignment_id']}"
        file.assignments[bank.id] = await get(town, bank.who, place)
    for_a, for_b = file.assignments[bank_a.id], file.assignments[bank_b.id]
    assert for_a["dossier"] == for_b["dossier"]
    whole = hashlib.sha256(rfc8785.dumps(for_a["dossier"])).hexdigest()
    assert whole == for_a["dossier_sha256"] == filed["dossier_sha256"]

    # bank A offers; replay, tampering, another's key and a stale version are told apart
    offer, key = an_offer(for_a), uuid4().hex
    first = await decide(town, bank_a, for_a, offer, key=key)
    again = await decide(town, bank_a, for_a, offer, key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    rejection = a_rejection(for_b)
    raw = json.dumps(rejection, ensure_ascii=False).encode()
    tampered = await decide(town, bank_b, for_b, rejection, sent=raw.replace(b"OUT", b"0UT"))
    assert problem(tampered)["code"] == "SIGNATURE_INVALID"
    bank_b.signer, own = bank_a.signer, bank_b.signer
    foreign = await decide(town, bank_b, for_b, rejection)
    assert problem(foreign)["code"] == "SIGNATURE_INVALID_CLAIM"
    bank_b.signer = own
    stale = await decide(town, bank_b, for_b | {"version": 7}, rejection)
    assert (stale.status_code, problem(stale)["code"]) == (412, "PRECONDITION_FAILED")

    # bank B refuses, and learns nothing of bank A
    said = expect(await decide(town, bank_b, for_b, rejection), 201)
    assert said["application_status"] == "WITH_LENDERS"
    assert (said["offer_id"], said["computed"]) == (None, None)
    decision = expect(first, 201)
    async with town.client("financing", bank_b.who) as client:
        for place in (
            f"/v1/lender/assignments/{for_a['id']}",
            f"/v1/lender/decisions/{decision['decision_id']}",
        ):
            assert (await client.get(place)).status_code == 404
        for place in (f"/v1/offers/{decision['offer_id']}", file.address, "/v1/offers"):
            assert (await client.get(place)).status_code == 403
        own_decisions = (await client.get("/v1/lender/decisions")).json()["items"]
    assert [row["decision_id"] for row in own_decisions] == [said["decision_id"]]

    # the receipt is our word about the very bytes of bank A
    async with town.client("financing") as anyone:
        kid = jws.extract_compact(decision["receipt"].encode()).protected["kid"]
        public = expect(await anyone.get(f"/v1/signing-keys/{kid}"), 200)
    receipt = jws.deserialize_compact(decision["receipt"], ECKey.import_key(public))
    claims = json.loads(receipt.payload)
    assert claims["payload_sha256"] == sha256(json.dumps(offer, ensure_ascii=False).encode())
    assert claims["decision_id"] == decision["decision_id"]
    assert (public["kid"][:4], receipt.protected["typ"]) == ("fin-", "decision-receipt+jwt")

    # the cooperative compares and accepts
    [seen] = (await get(town, owner, f"/v1/offers?application_id={draft['id']}"))["items"]
    assert seen["computed"] == decision["computed"]
    assert seen["computed"]["teg_proportional_percent"] == "11.3360"
    assert seen["computed"]["ceiling"]["verdict"] == "WITHIN"
    accepting = await post(
        town,
        owner,
        f"/v1/offers/{seen['id']}/acceptances",
        {"signatories": ["PRESIDENT", "TREASURER"]},
        If_Match=f'"{seen["version"]}"',
    )
    acceptance = expect(accepting, 201)
    financing = f"/v1/financings/{acceptance['financing_id']}"

    # the bank contracts and reports the disbursement; the schedule is exact to the franc
    signed = expect(await post(town, bank_a.who, f"{financing}/contracts", a_contract()), 201)
    assert signed["schedule"]["number"] == 1
    paid = await post(town, bank_a.who, f"{financing}/disbursements", a_disbursement())
    assert expect(paid, 201)["financing_status"] == "ACTIVE"
    final = await get(town, owner, financing)
    [row] = final["schedule"]["computed"]["installments"]
    assert (row["principal_xof"], row["interest_xof"], row["fees_xof"]) == (3_000_000, 201_370, 0)
    assert row["days"] == terms()["repay_every"]
    assert (await get(town, owner, file.address))["status"] == "CONTRACTED"

    # and every decision is chained
    await link_decisions(town.apps["financing"])
    async with town.apps["financing"].state.reads.connection() as connection:
        assert await broken_decision(connection) is None
