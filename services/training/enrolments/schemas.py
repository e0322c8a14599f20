"""Enrolments on the wire."""

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.training.enrolments.states import EnrolmentStatus


class Mode(StrEnum):
    """Whether a group takes all its places or none, or as many as there are."""

    ALL_OR_NOTHING = "ALL_OR_NOTHING"
    BEST_EFFORT = "BEST_EFFORT"


class Sex(StrEnum):
    """As declared; never derived from a number."""

    F = "F"
    M = "M"
    NOT_STATED = "NOT_STATED"


class Masked(BaseModel):
    """A personal field that is recorded but not shown to this caller."""

    is_masked: Literal[True] = True


class EnrolmentRead(BaseModel):
    """One learner in one session, for those who organise it and for the group itself."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    training_session_id: UUID
    delegation_id: UUID
    member_id: str | None
    family_name: str
    given_names: str
    sex: Sex
    birth_year: int | None
    phone: Masked | None
    status: EnrolmentStatus
    holds_seat: bool
    allowed_actions: list[str]
    version: int


class SeatRead(BaseModel):
    """One learner without any personal field: what answers to writes may say."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    member_id: str | None
    status: EnrolmentStatus
    holds_seat: bool
    version: int
