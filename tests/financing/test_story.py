"""From what is lacking to the last franc: one story, told in order, over HTTP and real events."""

import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import rfc8785
from joserfc import jws
from joserfc.jwk import ECKey

from chassis.canonical import sha256
from chassis.ids import new_id
from services.financing.decisions.chain import broken_decision, link_decisions
from tests.financing.acts import File, a_wish, decide, get, post
from tests.financing.banks import (
    Bank,
    a_bank,
    a_contract,
    a_disbursement,
    a_rejection,
    an_offer,
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


@dataclass
class Story:
    """What the persons of the story hold in hand."""

    town: Town
    bank_a: Bank
    bank_b: Bank
    cooperative: dict[str, Any]
    file: File
    offer: dict[str, Any] = field(default_factory=dict)
    decision: dict[str, Any] = field(default_factory=dict)
    financing: str = ""

    @property
    def for_a(self) -> dict[str, Any]:
        return self.file.assignments[self.bank_a.id]

    @property
    def for_b(self) -> dict[str, Any]:
        return self.file.assignments[self.bank_b.id]


async def push(town: Town, producer: str, kind: str, subject: str, data: dict[str, Any]) -> None:
    """Deliver an event as the peer's deliverer does: over HTTP, signed with the peer's own key."""
    event = {
        "id": str(new_id()),
        "type": f"sn.mboolo.{kind}.v1",
        "subject": subject,
        "time": "2026-11-24T12:00:00.000Z",
        "resourceversion": 1,
        "data": data,
    }
    body = json.dumps({"events": [event], "heartbeat": None}).encode()
    claims = {"iat": int(time.time()), "htm": "POST", "aud": "financing", "iss": producer}
    signature = town.apps[producer].state.signer.detached(body, claims)
    async with town.client("financing") as client:
        headers = {"x-jws-signature": signature}
        answer = await client.post("/internal/v1/events", content=body, headers=headers)
    assert expect(answer, 200)["failed"] == {}


async def the_cooperative_asks_what_it_lacks(s: Story) -> None:
    owner, id = s.file.owner, s.cooperative["cooperative_id"]
    subject = f"cooperative/{id}"
    await push(s.town, "registry", "registry.cooperative.registered", subject, s.cooperative)
    asked = f"/v1/financing-products/CAMPAIGN_CREDIT/eligibility?cooperative_id={id}"
    before = await get(s.town, owner, asked)
    lacking = [rule for rule in before["rules"] if not rule["is_fulfilled"]]
    assert [rule["code"] for rule in lacking] == ["TRAINING_ACHIEVED"]
    assert lacking[0]["remedy"]

    wish = a_wish(s.cooperative)
    draft = await post(s.town, owner, "/v1/financing-applications", wish)
    s.file.application = expect(draft, 201)
    early = await post(s.town, owner, f"{s.file.address}/submissions")
    assert codes(early) == {"TRAINING_REQUIRED"}

    await tell_training(s.town, a_completion(s.cooperative))
    await heartbeat(s.town)
    assert (await get(s.town, owner, asked))["is_eligible"]


async def it_applies_and_two_officers_review_and_decide(s: Story) -> None:
    file = s.file
    filed = expect(await post(s.town, file.owner, f"{file.address}/submissions"), 201)
    review = await post(s.town, file.officer, f"{file.address}/reviews", {"outcome": "COMPLETE"})
    version = f'"{expect(review, 201)["version"]}"'
    address, verdict = f"{file.address}/eligibility-decisions", {"outcome": "ELIGIBLE"}
    alone = a_validator(sub=file.officer.sub)
    refused = await post(s.town, alone, address, verdict, If_Match=version)
    assert (refused.status_code, problem(refused)["code"]) == (403, "FOUR_EYES")
    made = await post(s.town, file.validator, address, verdict, If_Match=version)
    file.application = expect(made, 201)
    assert (filed["status"], file.application["status"]) == ("SUBMITTED", "ELIGIBLE")


async def it_goes_to_two_lenders_who_read_the_same_file(s: Story) -> None:
    wish = {"lender_ids": [s.bank_a.id, s.bank_b.id]}
    sent = await post(s.town, s.file.officer, f"{s.file.address}/transmissions", wish)
    assigned = expect(sent, 201)["assignments"]
    for row, bank in zip(assigned, (s.bank_a, s.bank_b), strict=True):
        place = f"/v1/lender/assignments/{row['assignment_id']}"
        s.file.assignments[bank.id] = await get(s.town, bank.who, place)
    assert s.for_a["dossier"] == s.for_b["dossier"]
    whole = hashlib.sha256(rfc8785.dumps(s.for_a["dossier"])).hexdigest()
    assert whole == s.for_a["dossier_sha256"] == s.file.application["dossier_sha256"]


async def bank_a_offers_and_a_replay_answers_the_same(s: Story) -> None:
    s.offer, key = an_offer(s.for_a), uuid4().hex
    first = await decide(s.town, s.bank_a, s.for_a, s.offer, key=key)
    again = await decide(s.town, s.bank_a, s.for_a, s.offer, key=key)
    s.decision = expect(first, 201)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]


async def forgeries_and_stale_versions_are_refused(s: Story) -> None:
    body = a_rejection(s.for_b)
    raw = json.dumps(body, ensure_ascii=False).encode().replace(b"OUT", b"0UT")
    tampered = await decide(s.town, s.bank_b, s.for_b, body, sent=raw)
    borrowed = Bank(s.bank_b.id, s.bank_b.who, s.bank_a.signer)
    foreign = await decide(s.town, borrowed, s.for_b, body)
    stale = await decide(s.town, s.bank_b, s.for_b | {"version": 7}, body)
    told = [(a.status_code, problem(a)["code"]) for a in (tampered, foreign, stale)]
    assert told == [
        (400, "SIGNATURE_INVALID"),
        (400, "SIGNATURE_INVALID_CLAIM"),
        (412, "PRECONDITION_FAILED"),
    ]


async def bank_b_refuses_and_learns_nothing_of_bank_a(s: Story) -> None:
    said = expect(await decide(s.town, s.bank_b, s.for_b, a_rejection(s.for_b)), 201)
    assert said["application_status"] == "WITH_LENDERS"
    assert (said["offer_id"], said["computed"]) == (None, None)
    hidden = {
        f"/v1/lender/assignments/{s.for_a['id']}": 404,
        f"/v1/lender/decisions/{s.decision['decision_id']}": 404,
        f"/v1/offers/{s.decision['offer_id']}": 403,
        "/v1/offers": 403,
        s.file.address: 403,
    }
    async with s.town.client("financing", s.bank_b.who) as client:
        seen = {place: (await client.get(place)).status_code for place in hidden}
    own = (await get(s.town, s.bank_b.who, "/v1/lender/decisions"))["items"]
    assert seen == hidden
    assert [row["decision_id"] for row in own] == [said["decision_id"]]


async def the_receipt_is_our_word_about_the_very_bytes(s: Story) -> None:
    token = s.decision["receipt"]
    kid = jws.extract_compact(token.encode()).protected["kid"]
    async with s.town.client("financing") as anyone:
        public = expect(await anyone.get(f"/v1/signing-keys/{kid}"), 200)
    receipt = jws.deserialize_compact(token, ECKey.import_key(public))
    claims = json.loads(receipt.payload)
    assert claims["payload_sha256"] == sha256(json.dumps(s.offer, ensure_ascii=False).encode())
    assert claims["decision_id"] == s.decision["decision_id"]
    assert (kid[:4], receipt.protected["typ"]) == ("fin-", "decision-receipt+jwt")


async def the_cooperative_compares_and_accepts(s: Story) -> None:
    owner, id = s.file.owner, s.file.application["id"]
    [seen] = (await get(s.town, owner, f"/v1/offers?application_id={id}"))["items"]
    assert seen["computed"] == s.decision["computed"]
    assert seen["computed"]["teg_proportional_percent"] == "11.3360"
    assert seen["computed"]["ceiling"]["verdict"] == "WITHIN"
    body = {"signatories": ["PRESIDENT", "TREASURER"]}
    address, version = f"/v1/offers/{seen['id']}/acceptances", f'"{seen["version"]}"'
    accepted = expect(await post(s.town, owner, address, body, If_Match=version), 201)
    s.financing = f"/v1/financings/{accepted['financing_id']}"


async def report(s: Story, step: str, body: dict[str, Any]) -> httpx.Response:
    return await post(s.town, s.bank_a.who, f"{s.financing}/{step}", body)


async def the_bank_contracts_and_pays_and_the_schedule_is_exact(s: Story) -> None:
    signed = expect(await report(s, "contracts", a_contract()), 201)
    paid = expect(await report(s, "disbursements", a_disbursement()), 201)
    assert (signed["schedule"]["number"], paid["financing_status"]) == (1, "ACTIVE")
    final = await get(s.town, s.file.owner, s.financing)
    [row] = final["schedule"]["computed"]["installments"]
    assert (row["principal_xof"], row["interest_xof"], row["total_xof"]) == (
        3_000_000,
        201_370,
        3_201_370,
    )
    assert row["days"] == terms()["repay_every"]
    assert (await get(s.town, s.file.owner, s.file.address))["status"] == "CONTRACTED"


async def every_decision_is_chained(s: Story) -> None:
    await link_decisions(s.town.apps["financing"])
    async with s.town.apps["financing"].state.reads.connection() as connection:
        assert await broken_decision(connection) is None


async def test_a_cooperative_finds_its_campaign_credit(town: Town) -> None:
    owner = an_applicant()
    cooperative = a_snapshot(owner)
    file = File(owner, cooperative, {}, an_officer(), a_validator())
    story = Story(town, await a_bank(town), await a_bank(town), cooperative, file)
    await the_cooperative_asks_what_it_lacks(story)
    await it_applies_and_two_officers_review_and_decide(story)
    await it_goes_to_two_lenders_who_read_the_same_file(story)
    await bank_a_offers_and_a_replay_answers_the_same(story)
    await forgeries_and_stale_versions_are_refused(story)
    await bank_b_refuses_and_learns_nothing_of_bank_a(story)
    await the_receipt_is_our_word_about_the_very_bytes(story)
    await the_cooperative_compares_and_accepts(story)
    await the_bank_contracts_and_pays_and_the_schedule_is_exact(story)
    await every_decision_is_chained(story)
