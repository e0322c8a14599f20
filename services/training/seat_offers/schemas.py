"""Offers on the wire."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel

from services.training.enrolments.schemas import SeatRead


class Answer(StrEnum):
    """How an offer ended."""

    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


class SeatOfferRead(BaseModel):
    """Seats held for a group until `expires_at`."""

    id: UUID
    training_session_id: UUID
    delegation_id: UUID
    seats: int
    offered_at: datetime
    expires_at: datetime
    answer: Answer | None
    answered_at: datetime | None
    version: int


class SeatOfferAnswered(SeatOfferRead):
    """An offer that was answered, and what became of each learner."""

    enrolments: list[SeatRead]
