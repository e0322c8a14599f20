"""Sessions as callers see them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.training.history.schemas import TransitionRead
from services.training.sessions.states import SessionStatus


class SlotRead(BaseModel):
    """A stretch of teaching."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    module_codes: list[str]


class RecordedLateRead(BaseModel):
    """Why the session was entered after it was held."""

    reason: str


class TrainingSessionRead(BaseModel):
    """A session. `allowed_actions` are those of its life, whoever may take them."""

    id: UUID
    programme_version_id: UUID
    programme_code: str
    language: str
    commune_code: str
    venue_name: str | None
    lead_trainer_sub: str
    co_trainer_subs: list[str]
    capacity: int
    min_participants: int
    reserved_women: int
    reserved_youth: int
    waitlist_max: int
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    recorded_late: RecordedLateRead | None
    status: SessionStatus
    starts_at: datetime | None
    ends_at: datetime | None
    slots: list[SlotRead]
    allowed_actions: list[str]
    created_at: datetime
    version: int


class Availability(BaseModel):
    """Why a seat is free or not: a free one may be kept for women or young people."""

    capacity: int
    held: int
    free: int
    women_still_reserved: int
    youth_still_reserved: int
    waitlisted: int


class TrainingSessionDetail(TrainingSessionRead):
    """A session with its seats; those who run it also see its whole history."""

    availability: Availability
    history: list[TransitionRead]
