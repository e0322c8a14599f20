"""Delegations on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from chassis.bodies import Incoming
from chassis.fields import Id
from services.training.enrolments.models import Delegation, Enrolment
from services.training.enrolments.schemas import Mode, SeatRead, Sex
from services.training.fields import Ref
from services.training.groups.models import GroupKind

Name = Annotated[str, Field(min_length=1, max_length=200)]


class MemberWrite(Incoming):
    """A learner. Neither a telephone nor a birth year is needed to learn."""

    id: Ref | None = None
    family_name: Name
    given_names: Name
    sex: Sex
    birth_year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    phone: Annotated[str, Field(max_length=32)] | None = None


class DelegationWrite(Incoming):
    """A group that enrols: an initiative or a cooperative, never both."""

    training_session_id: Id
    initiative_id: Id | None = None
    cooperative_id: Id | None = None
    mode: Mode = Mode.ALL_OR_NOTHING
    members: Annotated[list[MemberWrite], Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _is_one_group(self) -> "DelegationWrite":
        if (self.initiative_id is None) == (self.cooperative_id is None):
            raise PydanticCustomError("ONE_GROUP_REQUIRED", "initiative_id or cooperative_id")
        return self

    @property
    def group(self) -> tuple[GroupKind, UUID]:
        """Which group it is."""
        kind = GroupKind.INITIATIVE if self.initiative_id else GroupKind.COOPERATIVE
        return kind, next(id for id in (self.initiative_id, self.cooperative_id) if id)


class WithdrawalWrite(Incoming):
    """Why, if anybody wishes to say."""

    reason: Annotated[str, Field(max_length=1000)] | None = None


def version_of(row: Delegation, members: Sequence[Enrolment]) -> int:
    """Grows with every change of the delegation or of a place of its members."""
    return row.version + sum(member.version for member in members)


class DelegationRead(BaseModel):
    """A group in a session and the places of its members; no name is shown here.

    `skip_reason` says why it still waits while others were offered places.
    """

    id: UUID
    training_session_id: UUID
    initiative_id: UUID | None
    cooperative_id: UUID | None
    organisation_id: str
    mode: Mode
    members_count: int
    seats_held: int
    waitlisted_count: int
    skip_reason: str | None
    enrolments: list[SeatRead]
    created_at: datetime
    version: int

    @classmethod
    def of(cls, row: Delegation, members: Sequence[Enrolment]) -> "DelegationRead":
        """The delegation with its members, in their order."""
        seats = [SeatRead.model_validate(member) for member in members]
        return cls(
            **row.model_dump(include=set(cls.model_fields) - {"version"}),
            version=version_of(row, members),
            members_count=len(seats),
            seats_held=sum(seat.holds_seat for seat in seats),
            waitlisted_count=sum(seat.status == "WAITLISTED" for seat in seats),
            enrolments=seats,
        )
