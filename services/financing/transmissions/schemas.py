"""Transmissions on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from chassis.fields import Id
from services.financing.applications.states import Status


class TransmissionWrite(Incoming):
    """The lenders who shall study the application, all in one round."""

    lender_ids: Annotated[list[Id], Field(min_length=1, max_length=20)]


class Sent(BaseModel):
    """One assignment of a transmission."""

    assignment_id: UUID
    lender_id: UUID
    ack_due_at: datetime
    decision_due_at: datetime


class TransmissionRead(BaseModel):
    """A transmission, made."""

    application_id: UUID
    status: Status
    round: int
    assignments: list[Sent]
    version: int
