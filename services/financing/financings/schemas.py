"""Financings on the wire."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.bodies import Incoming
from services.financing.decisions.schemas import Signatory
from services.financing.financings.states import Status
from services.financing.rates.schemas import Day, Xof
from services.financing.terms.schemas import Computed, Terms

Ref = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[!-~]+$")]


class ContractWrite(Incoming):
    """The signed contract. `terms` default to what was accepted, and may only be better."""

    contract_ref: Ref
    signed_on: Day
    terms: Terms | None = None
    prepared_by: Signatory
    approved_by: Signatory


class DisbursementWrite(Incoming):
    """Money paid out; `external_ref` is the lender's own, unique for it."""

    external_ref: Ref
    amount_xof: Xof
    disbursed_on: Day


class RepaymentWrite(Incoming):
    """Money paid back; it pays the oldest instalment first: fees, interest, then principal."""

    external_ref: Ref
    amount_xof: Xof
    paid_on: Day


class ScheduleVersion(BaseModel):
    """A version of the repayment schedule and why it was made."""

    number: int
    reason: str
    disbursed_on: date
    computed: Computed
    made_at: datetime

    model_config = ConfigDict(from_attributes=True)


class FinancingSummary(BaseModel):
    """A financing in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    application_id: UUID
    offer_id: UUID
    cooperative_id: UUID
    lender_id: UUID
    product_code: str
    status: Status
    approved_xof: int
    disbursed_xof: int
    due_xof: int
    paid_xof: int
    accepted_at: datetime
    contract_due_at: datetime
    contract_ref: str | None
    signed_on: date | None
    version: int


class FinancingRead(FinancingSummary):
    """A financing with its terms and, from the contract on, its current repayment schedule."""

    terms: dict[str, Any]
    schedule: ScheduleVersion | None
    allowed_actions: list[str]


class DisbursementRead(BaseModel):
    """A disbursement, recorded; the schedule is made anew once everything is drawn."""

    disbursement_id: UUID
    financing_id: UUID
    external_ref: str
    amount_xof: int
    disbursed_on: date
    disbursed_xof: int
    left_xof: int
    financing_status: Status
    schedule: ScheduleVersion | None


class Allocated(BaseModel):
    """What a repayment paid of one instalment."""

    number: int
    fees_xof: int
    interest_xof: int
    principal_xof: int


class RepaymentRead(BaseModel):
    """A repayment, recorded."""

    repayment_id: UUID
    financing_id: UUID
    external_ref: str
    amount_xof: int
    paid_on: date
    allocation: list[Allocated]
    left_xof: int
    financing_status: Status
