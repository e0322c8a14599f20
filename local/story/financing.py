"""Chapter three: the cooperative is financed, by lenders who compete and sign."""

import json
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from local.story.teller import Teller

_AMOUNT = 3_000_000


def finance(teller: Teller, decision: dict[str, Any]) -> None:
    """From what is lacking to the last franc."""
    teller.chapter("3. The cooperative is financed")
    _what_is_lacking(teller, decision["cooperative_id"])
    application = _apply(teller, decision["cooperative_id"])
    assignments = _transmit(teller, application)
    offer = _offer(teller, assignments["bank_a"])
    _reject(teller, assignments, offer)
    _pay_out(teller, _accept(teller, application))


def _day(shift: int) -> str:
    return (date.today() + timedelta(days=shift)).isoformat()  # noqa: DTZ011 - a demo's day


def _what_is_lacking(teller: Teller, id: str) -> None:
    path = f"/v1/financing-products/CAMPAIGN_CREDIT/eligibility?cooperative_id={id}"
    until = time.monotonic() + 10
    answer = teller.get("cooperative", path)
    while not answer["is_eligible"] and time.monotonic() < until:
        time.sleep(0.2)  # the news of the training is on its way
        answer = teller.get("cooperative", path)
    for rule in answer["rules"]:
        word = "fulfilled" if rule["is_fulfilled"] else f"lacking: {rule['remedy']}"
        teller.say(f"{rule['code']}: {word}")
    teller.sure(answer["is_eligible"], "the cooperative is eligible for a campaign credit")
    other = f"/v1/financing-products/INVESTMENT_LOAN/eligibility?cooperative_id={id}"
    lacking = [
        rule for rule in teller.get("cooperative", other)["rules"] if not rule["is_fulfilled"]
    ]
    for rule in lacking:
        teller.say(f"for an investment loan it still lacks {rule['code']}: {rule['remedy']}")


def _apply(teller: Teller, cooperative_id: str) -> Any:
    wish = {
        "cooperative_id": cooperative_id,
        "product_code": "CAMPAIGN_CREDIT",
        "purpose": "Campagne d'anacarde",
        "amount_requested_xof": _AMOUNT,
        "term_months": 10,
        "expected_start_on": _day(10),
        "campaign": {"start_on": _day(10), "harvest_on": _day(200), "end_on": _day(240)},
        "own_contribution_xof": 300_000,
        "ag_resolution": {
            "held_on": _day(0),
            "max_amount_xof": 4_000_000,
            "max_term_months": 12,
            "signatories": ["PRESIDENT", "TREASURER"],
        },
        "consents": {"bic": True, "data_sharing": True, "reassignment": True},
    }
    draft = teller.post("cooperative", "/v1/financing-applications", wish)
    path = f"/v1/financing-applications/{draft['id']}"
    teller.post("cooperative", f"{path}/submissions", {})
    review = teller.post("financing_officer", f"{path}/reviews", {"outcome": "COMPLETE"})
    headers = {"If-Match": f'"{review["version"]}"'}
    teller.post(
        "financing_validator", f"{path}/eligibility-decisions", {"outcome": "ELIGIBLE"},
        headers=headers,
    )  # fmt: skip
    teller.say(f"it applies for {_AMOUNT:,} francs; one officer reviews, another validates")
    return draft


def _transmit(teller: Teller, application: dict[str, Any]) -> dict[str, Any]:
    lenders = {role: teller.of(role, "lender_id") for role in ("bank_a", "bank_b")}
    path = f"/v1/financing-applications/{application['id']}/transmissions"
    sent = teller.post("financing_officer", path, {"lender_ids": list(lenders.values())})
    rows = {row["lender_id"]: row["assignment_id"] for row in sent["assignments"]}
    teller.say("the file goes to two lenders, who read the same dossier")
    return {
        role: teller.get(role, f"/v1/lender/assignments/{rows[id]}") for role, id in lenders.items()
    }


def _decide(
    teller: Teller,
    role: str,
    assignment: dict[str, Any],
    body: dict[str, Any],
    *,
    key: str = "",
    signed_by: str = "",
    tampered: bool = False,
    version: int | None = None,
) -> Any:
    """Send a decision signed over its very bytes; the rest says how it may be false."""
    path = f"/v1/lender/assignments/{assignment['id']}/decisions"
    raw, key = json.dumps(body, ensure_ascii=False).encode(), key or uuid4().hex
    claims = {
        "iat": int(time.time()),
        "htm": "POST",
        "htu": f"{teller.base}{path}",
        "aud": teller.base,
        "idk": key,
    }
    headers = {
        "Idempotency-Key": key,
        "If-Match": f'"{version or assignment["version"]}"',
        "x-jws-signature": teller.signer(signed_by or role).detached(raw, claims),
    }
    sent = raw.replace(b"3000000", b"3900000") if tampered else raw
    return teller.ask(role, "POST", path, content=sent, headers=headers)


def _said(assignment: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {
        "lender_decision_ref": f"CC-{uuid4().hex[:12]}",
        "decided_at": _wire(datetime.now(UTC)),
        "prepared_by": {"id": "u-118", "role": "analyst"},
        "approved_by": {"id": "u-020", "role": "head_of_credit"},
        "dossier_sha256": assignment["dossier_sha256"],
        **rest,
    }


def _wire(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _terms() -> dict[str, Any]:
    return {
        "principal_xof": _AMOUNT,
        "annual_rate_percent": "10.00",
        "number_of_installments": 1,
        "repay_every": 245,
        "repay_unit": "DAYS",
        "disbursed_on": _day(0),
        "interest_method": "DECLINING",
        "amortization": "BULLET",
        "day_count": "ACT_365",
        "fees": [{"code": "FILE_FEE", "amount_xof": 25_000, "at": "DISBURSEMENT"}],
        "valid_until": _wire(datetime.now(UTC) + timedelta(days=20)),
    }


def _offer(teller: Teller, assignment: dict[str, Any]) -> Any:
    body, key = _said(assignment, type="OFFER", terms=_terms()), uuid4().hex
    tampered = _decide(teller, "bank_a", assignment, body, tampered=True)
    teller.refused(tampered, 400, "SIGNATURE_INVALID")
    foreign = _decide(teller, "bank_a", assignment, body, signed_by="bank_b")
    teller.refused(foreign, 400, "SIGNATURE_INVALID_CLAIM")
    stale = _decide(teller, "bank_a", assignment, body, version=assignment["version"] + 41)
    teller.expect(stale, 412)
    teller.say("a tampered body, another bank's key and a stale If-Match are refused")
    first = _decide(teller, "bank_a", assignment, body, key=key)
    decision = teller.expect(first, 201)
    again = _decide(teller, "bank_a", assignment, body, key=key)
    is_same = again.content == first.content and "idempotency-replayed" in again.headers
    teller.sure(is_same, "a replay answers identically")
    computed = decision["computed"]
    teller.say(
        f"bank A offers: TEG {computed['teg_proportional_percent']} % proportional,"
        f" {computed['teg_effective_percent']} % effective; a replay answers identically"
    )
    return decision


def _reject(teller: Teller, assignments: dict[str, Any], offer: dict[str, Any]) -> None:
    mine, other = assignments["bank_b"], assignments["bank_a"]
    body = _said(mine, type="REJECT", reason_codes=["OUT_OF_POLICY_SECTOR"])
    teller.expect(_decide(teller, "bank_b", mine, body), 201)
    for path in (
        f"/v1/lender/assignments/{other['id']}",
        f"/v1/lender/decisions/{offer['decision_id']}",
    ):
        teller.refused(teller.ask("bank_b", "GET", path), 404, "NOT_FOUND")
    listed = json.dumps(teller.get("bank_b", "/v1/lender/assignments?limit=200"))
    teller.sure(other["id"] not in listed, "bank B sees nothing of bank A")
    teller.say("bank B rejects, with a reason, and sees nothing of bank A's offer")


def _accept(teller: Teller, application: dict[str, Any]) -> str:
    path = f"/v1/offers?application_id={application['id']}"
    [offer] = teller.get("cooperative", path)["items"]
    headers = {"If-Match": f'"{offer["version"]}"'}
    accepted = teller.post(
        "cooperative",
        f"/v1/offers/{offer['id']}/acceptances",
        {"signatories": ["PRESIDENT", "TREASURER"]},
        headers=headers,
    )
    teller.say("the cooperative accepts")
    return str(accepted["financing_id"])


def _pay_out(teller: Teller, financing_id: str) -> None:
    path = f"/v1/financings/{financing_id}"
    contract = {
        "contract_ref": f"CTR-{uuid4().hex[:12]}",
        "signed_on": _day(0),
        "prepared_by": {"id": "u-118", "role": "analyst"},
        "approved_by": {"id": "u-020", "role": "head_of_credit"},
    }
    teller.post("bank_a", f"{path}/contracts", contract)
    paid = {
        "external_ref": f"VIR-{uuid4().hex[:12]}",
        "amount_xof": _AMOUNT,
        "disbursed_on": _day(0),
    }
    teller.post("bank_a", f"{path}/disbursements", paid)
    [row] = teller.get("cooperative", path)["schedule"]["computed"]["installments"]
    # 3,000,000 × 10 % × 245 / 365 = 201,369.86
    teller.sure(row["interest_xof"] == 201_370, "interest is exact to the franc")
    teller.say(
        f"contracted and disbursed; one instalment on {row['due_on']}:"
        f" {row['principal_xof']:,} + {row['interest_xof']:,} = {row['total_xof']:,} francs"
    )
