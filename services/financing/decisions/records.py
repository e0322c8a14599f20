"""The rows and answers that a decision leaves behind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis import clock
from chassis.canonical import fingerprint, sha256
from chassis.ids import new_id
from services.financing.applications.models import Application
from services.financing.applications.schemas import Refusal
from services.financing.assignments.models import Assignment
from services.financing.assignments.states import Status
from services.financing.decisions.models import LenderDecision
from services.financing.decisions.schemas import DecisionAnswer, DecisionWrite, SeenStatus
from services.financing.decisions.signatures import Signed
from services.financing.offers.models import Offer
from services.financing.terms.schemas import Computed, OfferTerms

_HIDDEN = "FRAUD_SUSPICION"  # a suspicion is for the lender and the law, not for the suspect


@dataclass(frozen=True)
class Received:
    """A decision as it came in: what it says, and the bytes and signature that say it."""

    said: DecisionWrite
    signed: Signed


def decision_of(
    assignment: Assignment, received: Received, now: datetime, reckoning: Computed | None
) -> LenderDecision:
    """The row of a decision, but for the receipt and the answer that are made from it."""
    said, signed = received.said, received.signed
    as_json = said.model_dump(mode="json")
    plain = ("lender_decision_ref", "reason_text", "committee_ref", "dossier_sha256")
    json = ("terms", "reason_codes", "prepared_by", "approved_by")
    return LenderDecision(
        **{name: as_json[name] for name in (*plain, *json)},
        id=new_id(),
        assignment_id=assignment.id,
        application_id=assignment.application_id,
        lender_id=assignment.lender_id,
        type=said.type,
        computed=reckoning.model_dump(mode="json") if reckoning else None,
        supersedes_id=said.supersedes,
        decided_at=said.decided_at,
        received_at=now,
        payload=signed.raw,
        payload_sha256=sha256(signed.raw),
        fingerprint=fingerprint(signed.raw),
        jws=signed.jws,
        kid=signed.kid,
        jwk=signed.jwk,
        receipt="",
        answer=b"",
    )


def receipt_of(decision: LenderDecision, issuer: str) -> dict[str, Any]:
    """What we attest: that these bytes of this lender, signed with this key of its own, reached us
    at this instant."""
    return {
        "iss": issuer,
        "iat": int(decision.received_at.timestamp()),
        "decision_id": str(decision.id),
        "assignment_id": str(decision.assignment_id),
        "lender_id": str(decision.lender_id),
        "lender_decision_ref": decision.lender_decision_ref,
        "payload_sha256": decision.payload_sha256,
        "kid": decision.kid,
        "jwk": {name: decision.jwk[name] for name in ("kty", "crv", "x", "y")},
        "received_at": clock.wire(decision.received_at),
    }


def offer_of(
    application: Application,
    decision: LenderDecision,
    terms: OfferTerms | None,
    reckoning: Computed | None,
) -> Offer | None:
    """The offer that a decision makes; None for a rejection."""
    if terms is None or reckoning is None:
        return None
    return Offer(
        id=new_id(),
        decision_id=decision.id,
        assignment_id=decision.assignment_id,
        application_id=application.id,
        organisation_id=application.organisation_id,
        lender_id=decision.lender_id,
        amount_xof=terms.principal_xof,
        terms=terms.model_dump(mode="json"),
        computed=reckoning.model_dump(mode="json"),
        valid_until=terms.valid_until,
        made_at=decision.received_at,
    )


def answer_of(
    decision: LenderDecision, offer: Offer | None, warnings: list[dict[str, Any]]
) -> DecisionAnswer:
    """What the lender is told: nothing of what other lenders did."""
    seen = SeenStatus.WITH_LENDERS if offer is None else SeenStatus.OFFERED
    return DecisionAnswer(
        decision_id=decision.id,
        assignment_status=Status.DECIDED,
        application_status=seen,
        offer_id=offer.id if offer else None,
        computed=Computed.model_validate(decision.computed) if decision.computed else None,
        warnings=warnings,
        receipt=decision.receipt,
    )


def refusal_of(decision: LenderDecision) -> Refusal:
    """The reasons of a rejection; a suspicion of fraud is shown as OTHER, without its text."""
    is_hidden = _HIDDEN in decision.reason_codes
    shown = {"OTHER" if code == _HIDDEN else code for code in decision.reason_codes}
    return Refusal(
        lender_id=decision.lender_id,
        reason_codes=sorted(shown),
        reason_text=None if is_hidden else decision.reason_text,
        received_at=decision.received_at,
    )
