"""Lenders' decisions on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from chassis.answers import Described
from chassis.bodies import Incoming
from chassis.fields import Id, Instant
from services.financing.assignments.states import Status as AssignmentStatus
from services.financing.decisions.models import DecisionType
from services.financing.offers.states import Status as OfferStatus
from services.financing.terms.schemas import Computed, OfferTerms

Ref = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class ReasonCode(StrEnum):
    """Why a lender refuses. FRAUD_SUSPICION is never shown to the cooperative."""

    INSUFFICIENT_CASHFLOW = "INSUFFICIENT_CASHFLOW"
    OVER_INDEBTED = "OVER_INDEBTED"
    BIC_ADVERSE = "BIC_ADVERSE"
    INSUFFICIENT_GUARANTEE = "INSUFFICIENT_GUARANTEE"
    GOVERNANCE = "GOVERNANCE"
    OUT_OF_POLICY_SECTOR = "OUT_OF_POLICY_SECTOR"
    OUT_OF_POLICY_REGION = "OUT_OF_POLICY_REGION"
    OUT_OF_POLICY_AMOUNT = "OUT_OF_POLICY_AMOUNT"
    INCOMPLETE_FILE = "INCOMPLETE_FILE"
    MARKET_RISK = "MARKET_RISK"
    FRAUD_SUSPICION = "FRAUD_SUSPICION"
    OTHER = "OTHER"


class Signatory(Incoming):
    """Somebody at the lender, by the lender's own identifier."""

    id: Name
    role: Name


class DecisionWrite(Incoming):
    """A decision, signed as these very bytes. `dossier_sha256` is that of the assignment: it binds
    what the lender studied. An offer has `terms` and no reasons; a rejection the reverse."""

    lender_decision_ref: Ref
    type: DecisionType
    decided_at: Instant
    committee_ref: Ref | None = None
    prepared_by: Signatory
    approved_by: Signatory
    dossier_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", max_length=64)]
    terms: OfferTerms | None = None
    reason_codes: Annotated[list[ReasonCode], Field(default_factory=list, max_length=12)]
    reason_text: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    supersedes: Id | None = None

    @model_validator(mode="after")
    def _type_agrees(self) -> Self:
        is_reject = self.type is DecisionType.REJECT
        if is_reject == (self.terms is not None) or is_reject != bool(self.reason_codes):
            raise PydanticCustomError("DECISION_SHAPE_INVALID", "Terms or reasons, not both.")
        if self.type is DecisionType.CONDITIONAL_OFFER and not self._has_conditions():
            raise PydanticCustomError("DECISION_SHAPE_INVALID", "A condition must be named.")
        if ReasonCode.OTHER in self.reason_codes and self.reason_text is None:
            raise PydanticCustomError("REASON_TEXT_REQUIRED", "OTHER needs reason_text.")
        return self

    def _has_conditions(self) -> bool:
        return self.terms is not None and bool(self.terms.conditions_precedent)


class SeenStatus(StrEnum):
    """An application as one lender may see it: its own live offer, or still with lenders. What
    other lenders do never shows."""

    WITH_LENDERS = "WITH_LENDERS"
    OFFERED = "OFFERED"


class DecisionAnswer(BaseModel):
    """A decision, recorded. `receipt` is our own JWS over what we received and when."""

    decision_id: UUID
    status: str = "RECORDED"
    assignment_status: AssignmentStatus
    application_status: SeenStatus
    offer_id: UUID | None
    computed: Computed | None
    warnings: list[Described]
    receipt: str


class DecisionRead(BaseModel):
    """One of the lender's decisions, with what became of its offer."""

    decision_id: UUID
    assignment_id: UUID
    application_id: UUID
    lender_decision_ref: str
    type: DecisionType
    decided_at: datetime
    received_at: datetime
    dossier_sha256: str
    terms: dict[str, Any] | None
    computed: Computed | None
    reason_codes: list[ReasonCode]
    reason_text: str | None
    supersedes: UUID | None
    offer_id: UUID | None
    offer_status: OfferStatus | None
    payload_sha256: str
    kid: str
    jwk: dict[str, str]
    receipt: str


class SignatureTest(BaseModel):
    """Which step of the signature failed, if one did."""

    is_valid: bool
    failed_step: str | None
    claim: str | None
